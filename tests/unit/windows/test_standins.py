"""The stand-in format, the files made from it, and the mirror."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
import requests
from windows_bench import Bench

from winbake.rehearsal.standins import Mirror, StandInError, build_artifact, load_standins
from winbake.rehearsal.windows import faults, images
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.network import NetworkFailure

DCMTK = "https://dicom.offis.de/download/dcmtk/dcmtk370/bin/dcmtk-3.7.0-win64-dynamic.zip"
GOOD = """
standin: 1
id: viewer
name: Viewer
sources: ["made for a test"]
kind: nsis
urls: ["https://example.org/viewer-{version}.exe"]
size: 1000000
directory: 'C:\\Program Files\\Viewer'
versions: [{version: "1.0"}, {version: "1.1"}]
seconds: {install: 2, uninstall: 20}
install:
  files: [{path: viewer.exe, executable: {version: "{version}"}}]
uninstall: {key: Viewer, view: 32, display_name: "Viewer {version}"}
"""


def standin(name: str, version: str) -> bytes:
    return build_artifact(next(one for one in load_standins() if one.id == name), version)


def test_every_stand_in_builds_the_same_file_each_time() -> None:
    for one in load_standins():
        for version in one.versions:
            data = build_artifact(one, version.version)
            assert data == build_artifact(one, version.version)
            magic = {"msi": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "zip": b"PK\x03\x04", "jar": b"PK\x03\x04"}
            if one.kind == "file" and one.archive.files[0].nifti:
                magic["file"] = b"\x1f\x8b"
            assert data.startswith(magic.get(one.kind, b"MZ")), one.id
            assert one.sources


def test_a_zip_is_a_real_zip_with_its_folder_on_top() -> None:
    with zipfile.ZipFile(io.BytesIO(standin("dcmtk", "3.7.0"))) as archive:
        assert archive.testzip() is None
        assert {name.partition("/")[0] for name in archive.namelist()} == {"dcmtk-3.7.0-win64-dynamic"}
        image = images.read_image(archive.read("dcmtk-3.7.0-win64-dynamic/bin/dcmdump.exe"))
    assert image is not None and "dcmdump v3.7.0 " in image.behaviour[0].stdout


def test_versions_that_do_not_exist_are_marked() -> None:
    made_up = {one.id: [v.version for v in one.versions if v.rehearsal_only] for one in load_standins()}
    assert made_up["dcmtk"] == ["3.7.1"]
    assert made_up["firefox-esr"] == ["153.4.0"]
    assert made_up["orthanc"] == []


def write(folder: Path, text: str, name: str = "viewer.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: nsis", "kind: nzis", "kind"),
        ("sources: [", "source: [", "source"),
        ("{version}.exe", "{release}.exe", "{release}"),
        ('"1.1"}]', '"1.0"}]', "stands twice"),
        ("id: viewer", "id: My Viewer", "lower-case"),
        ("size: 1000000", "size: 0", "size"),
        ("kind: nsis", "kind: msi", "product_code"),
        ("standin: 1", "standin: 2", "standin"),
        ("name: Viewer", "name: [", "viewer.yaml"),
    ],
)
def test_what_is_wrong_in_a_stand_in_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(StandInError, match=r"viewer\.yaml") as wrong:
        load_standins([write(tmp_path, GOOD.replace(old, new, 1))])
    assert says in str(wrong.value)


def test_one_url_cannot_be_two_files(tmp_path: Path) -> None:
    with pytest.raises(StandInError, match="is served for"):
        load_standins([write(tmp_path, GOOD.replace("https://example.org/viewer-{version}.exe", DCMTK), "x.yaml")])


def test_a_stand_in_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("id: viewer", "id: dcmtk"))
    found = [one for one in load_standins([tmp_path]) if one.id == "dcmtk"]
    assert len(found) == 1 and found[0].name == "Viewer"


def test_nsis(host: WindowsHost, tmp_path: Path) -> None:
    with Mirror(load_standins([write(tmp_path, GOOD)])) as mirror:
        bench = Bench(host, mirror)
        setup = bench.fetch("viewer", "1.0")
        assert bench.hangs(setup) == "Viewer Setup"
        assert bench.hangs(f"{setup} /s") == "Viewer Setup"
        assert bench.run(rf"{setup} /S /D=C:\My Viewer").exit_code == 0
        assert host.files.is_file(r"C:\My Viewer\viewer.exe")
        entry = next(entry for entry in host.packages if entry.key == "Viewer")
        assert (entry.view, entry.display_version) == (32, "1.0")
        # It returns at once and goes on in a copy of itself.
        assert bench.run(r'"C:\My Viewer\uninst.exe" /S').exit_code == 0
        assert host.files.is_file(r"C:\My Viewer\viewer.exe")
        for _ in range(100):
            if not host.files.exists(r"C:\My Viewer"):
                break
            host.clock.sleep(1)
        assert not host.files.exists(r"C:\My Viewer")
        assert not [entry for entry in host.packages if entry.key == "Viewer"]
        assert bench.run(f"{setup} /S").exit_code == 0
        folder = r"C:\Program Files\Viewer"
        assert bench.run(rf'"{folder}\uninst.exe" /S _?={folder}').exit_code == 0
        assert [one.name for one in host.files.list(folder)] == ["uninst.exe"]


# The mirror.


def get(mirror: Mirror, url: str, **fields: str) -> requests.Response:
    name, _, path = url.partition("://")[2].partition("/")
    return requests.get(f"http://127.0.0.1:{mirror.port}/{path}", headers={"Host": name, **fields}, timeout=10)


def test_the_mirror_serves_by_host_and_path(mirror: Mirror) -> None:
    digest, size = mirror.urls()[DCMTK]
    answer = get(mirror, DCMTK)
    assert (answer.status_code, len(answer.content)) == (200, size)
    assert hashlib.sha256(answer.content).hexdigest() == digest
    assert answer.headers["Content-Length"] == str(size)
    assert get(mirror, DCMTK.replace("dcmtk370", "dcmtk999")).status_code == 404
    evergreen = "https://github.com/rordenlab/dcm2niix/releases/latest/download/dcm2niix_win.zip"
    assert evergreen in mirror.urls()


def test_ranges(mirror: Mirror) -> None:
    whole = get(mirror, DCMTK).content
    part = get(mirror, DCMTK, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert get(mirror, DCMTK, Range="bytes=100-").content == whole[100:]
    assert get(mirror, DCMTK, Range="bytes=-5").content == whole[-5:]
    assert get(mirror, DCMTK, Range=f"bytes={len(whole)}-").status_code == 416


def test_a_host_downloads_from_it(bench: Bench) -> None:
    before = bench.host.clock.now()
    answer = bench.host.network.fetch(DCMTK)
    assert hashlib.sha256(answer.body).hexdigest() == bench.mirror.urls()[DCMTK][0]
    # 22 MB at 60 MB a second of host time, although the stand-in itself is small.
    assert (bench.host.clock.now() - before).total_seconds() >= 0.3


def test_names_that_do_not_resolve(bench: Bench) -> None:
    with pytest.raises(NetworkFailure) as failed:
        bench.host.network.fetch("https://nowhere.invalid/x")
    assert failed.value.kind == "NameResolutionFailure"
    bench.host.network.mirror_port = None
    with pytest.raises(NetworkFailure) as failed:
        bench.host.network.fetch(DCMTK)
    assert failed.value.kind == "NameResolutionFailure"
    with pytest.raises(NetworkFailure) as failed:
        bench.host.network.fetch("http://127.0.0.1:8042/")
    assert failed.value.kind == "ConnectFailure"


def test_faults_of_the_mirror(bench: Bench) -> None:
    good = bench.host.network.fetch(DCMTK)
    add, fetch = bench.mirror.faults.add, bench.host.network.fetch
    add("html_instead_of_zip", tool="dcmtk", times=1)
    page = fetch(DCMTK)
    assert page.status == 200 and page.body.startswith(b"<!doctype html>")
    add("truncated_download", tool="dcmtk", times=1)
    cut = fetch(DCMTK)
    assert cut.truncated and cut.body == good.body[: len(good.body) // 2]
    add("wrong_hash", tool="dcmtk", times=1)
    wrong = fetch(DCMTK)
    assert len(wrong.body) == len(good.body) and wrong.body != good.body
    add("not_found", tool="dcmtk", times=1)
    assert fetch(DCMTK).status == 404
    add("server_error", tool="dcmtk", times=2)
    assert [fetch(DCMTK).status for _ in range(3)] == [503, 503, 200]
    add("no_network", tool="dcmtk", times=1)
    with pytest.raises(NetworkFailure):
        fetch(DCMTK)
    assert fetch(DCMTK).body == good.body


def test_faults_are_known_by_name() -> None:
    assert faults.parse("installer_exit:tool=orthanc,code=1603") == (
        "installer_exit",
        {"tool": "orthanc", "code": 1603},
    )
    assert faults.parse("html_instead_of_zip:dcmtk") == ("html_instead_of_zip", {"tool": "dcmtk"})
    with pytest.raises(faults.UnknownFault, match="installer_exit"):
        faults.parse("instaler_exit")
    with pytest.raises(faults.UnknownFault):
        faults.Faults().add("no_such_fault")


def test_the_documents_example_works(host: WindowsHost, tmp_path: Path) -> None:
    document = Path(__file__).parents[3] / "docs" / "standins.md"
    example = document.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    with Mirror(load_standins([write(tmp_path, example)])) as mirror:
        bench = Bench(host, mirror)
        setup = bench.fetch("aachen-viewer", "3.2.0")
        assert bench.run(f"{setup} /S").exit_code == 0
        assert host.services.must("AachenReceiver").status == 4
        assert 11112 in host.network.listening()
        viewer = r'"C:\Program Files (x86)\Aachen Viewer\viewer.exe"'
        assert bench.run(f"{viewer} --version").stdout.getvalue() == b"Aachen Viewer 3.2.0\r\n"
        assert host.registry.read(r"HKLM\SOFTWARE\Aachen Viewer", "Version", view=32) == "3.2.0"
        assert host.files.is_file(r"C:\Users\Public\Desktop\Aachen Viewer.lnk")
        old = WindowsHost("OLD", "2019", 500)
        old.files.write(r"C:\setup.exe", host.files.read(setup))
        assert Bench(old, mirror).run(r"C:\setup.exe /S").exit_code == 2
        old.power.stop_now()


def test_every_fault_named_in_the_document_exists() -> None:
    text = (Path(__file__).parents[3] / "docs" / "standins.md").read_text(encoding="utf-8").partition("## Faults")[2]
    for name in faults.FAULTS:
        assert f"`{name}`" in text, name
