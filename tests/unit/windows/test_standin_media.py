"""Tools that are fetched by hand, single files, and the sample images: what their stand-ins are on a host."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest
from windows_bench import Bench

from winbake.rehearsal.standins import Mirror, StandInError, build_artifact, load_standins, media_file
from winbake.rehearsal.standins.model import StandIn
from winbake.rehearsal.windows import images

# catalog.yaml: status `manual`, no Windows url was found.
BY_HAND = {"ginkgo-cadx", "loni-inspector", "mango", "mriconvert", "synedra-view-personal", "vinci"}
UNKNOWN_INSTALLERS = ["loni-inspector", "mango", "synedra-view-personal"]


def standin(name: str) -> StandIn:
    return next(one for one in load_standins() if one.id == name)


def test_what_has_no_url_is_written_into_a_media_folder(tmp_path: Path) -> None:
    mirror = Mirror()
    by_hand = {one.id for one in mirror.standins if one.media}
    assert by_hand == {*BY_HAND, "cygwin-packages"}
    written = mirror.write_media(tmp_path / "media")
    assert {path.name for path in (tmp_path / "media").iterdir()} == {path.name for path in written}
    assert len(written) == len(by_hand)
    for one in mirror.standins:
        if one.media:
            name, data = media_file(one)
            assert (tmp_path / "media" / name).read_bytes() == data
            assert one.id == "cygwin-packages" or not one.urls_of(one.newest)
    with pytest.raises(ValueError, match="dcmtk is downloaded"):
        media_file(standin("dcmtk"))


@pytest.mark.parametrize("tool", UNKNOWN_INSTALLERS)
@pytest.mark.parametrize("switches", ["", "/S", "/s", "/quiet", "/qn", "/VERYSILENT /SUPPRESSMSGBOXES", "--silent", "-q"])
def test_an_installer_that_nobody_knows_shows_a_window_whatever_it_is_told(
    bench: Bench, tool: str, switches: str
) -> None:
    bench.host.files.write(r"C:\dl\setup.exe", media_file(standin(tool))[1])
    before = [entry.key for entry in bench.host.packages]
    assert bench.hangs(rf"C:\dl\setup.exe {switches}") == f"{standin(tool).name} Setup"
    assert [entry.key for entry in bench.host.packages] == before


def test_a_silent_switch_cannot_be_named_and_unknown_at_once(tmp_path: Path) -> None:
    text = (
        "standin: 1\nid: x\nname: X\nsources: [made for a test]\nkind: exe\nsize: 1\n"
        "media: [x.exe]\nversions: [{version: '1'}]\n"
    )
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(StandInError, match="silent_unknown"):
        load_standins([tmp_path])
    (tmp_path / "x.yaml").write_text(text + "silent: [/S]\nsilent_unknown: true\n")
    with pytest.raises(StandInError, match="silent_unknown"):
        load_standins([tmp_path])
    (tmp_path / "x.yaml").write_text(text + "silent_unknown: true\n")
    assert "x" in {one.id for one in load_standins([tmp_path])}


@pytest.mark.parametrize(
    ("tool", "url"),
    [
        ("orthanc-dicomweb", "https://orthanc.uclouvain.be/downloads/windows-64/orthanc-dicomweb/OrthancDicomWeb-1.24.dll"),
        (
            "orthanc-webviewer",
            "https://orthanc.uclouvain.be/downloads/windows-64/orthanc-webviewer/OrthancWebViewer-2.10.dll",
        ),
    ],
)
def test_a_plugin_is_one_dll_and_no_archive(bench: Bench, tool: str, url: str) -> None:
    answer = bench.host.network.fetch(url)
    image = images.read_image(answer.body)
    assert answer.status == 200 and image is not None and image.original_name == url.rpartition("/")[2]
    assert image.signer == ""
    assert bench.mirror.artifacts()[url].tool == tool


def test_kind_file_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "standin: 1\nid: x\nname: X\nsources: [made for a test]\nkind: file\nsize: 1\nversions: [{version: '1'}]\n"
        "archive: {files: [{path: a.dll, text: a}, {path: b.dll, text: b}]}\n"
    )
    with pytest.raises(StandInError, match="exactly one file"):
        load_standins([tmp_path])


# Sample images.


def elements(data: bytes) -> dict[tuple[int, int], bytes]:
    """The elements of an explicit little-endian data set, read as PS3.5 section 7.1.2 says."""
    found: dict[tuple[int, int], bytes] = {}
    at = 0
    while at < len(data):
        group, number, kind = struct.unpack_from("<HH2s", data, at)
        if kind in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
            (length,) = struct.unpack_from("<I", data, at + 8)
            at += 12
        else:
            (length,) = struct.unpack_from("<H", data, at + 6)
            at += 8
        assert (group, number) not in found and length % 2 == 0
        found[group, number] = data[at : at + length]
        at += length
    assert at == len(data)
    return found


def test_the_dicom_samples_are_dicom_files() -> None:
    with zipfile.ZipFile(io.BytesIO(build_artifact(standin("sample-dicom"), "1.0"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.endswith(".dcm")}
    assert len(files) == 6
    seen = set()
    for name, data in files.items():
        assert data[:128] == b"\0" * 128 and data[128:132] == b"DICM"
        every = elements(data[132:])
        assert list(every) == sorted(every), "elements stand in the order of their tags"
        (group_length,) = struct.unpack("<I", every[2, 0])
        rest = data[132 + 12 + group_length :]
        assert struct.unpack_from("<H", rest)[0] == 8, "the file meta group is as long as it says"
        assert every[2, 2] == every[8, 0x16] and every[2, 3] == every[8, 0x18]
        assert every[2, 0x10].rstrip(b"\0") == b"1.2.840.10008.1.2.1"
        assert every[8, 0x60].decode() == name.split("/")[1]
        rows, columns = (struct.unpack("<H", every[0x28, tag])[0] for tag in (0x10, 0x11))
        assert len(every[0x7FE0, 0x10]) == rows * columns * 2
        seen.add(every[8, 0x18])
    assert len(seen) == 6, "no two images have one SOP instance UID"


def test_the_nifti_samples_are_nifti_files() -> None:
    with zipfile.ZipFile(io.BytesIO(build_artifact(standin("sample-nifti"), "1.0"))) as archive:
        volumes = [gzip.decompress(archive.read("sample-nifti/T1.nii.gz")), archive.read("sample-nifti/T2.nii")]
    for data in volumes:
        assert struct.unpack_from("<i", data)[0] == 348 and data[344:348] == b"n+1\0"
        dim = struct.unpack_from("<8h", data, 40)
        datatype, bits = struct.unpack_from("<2h", data, 70)
        (offset,) = struct.unpack_from("<f", data, 108)
        assert (dim[:4], datatype, bits, offset) == ((3, 8, 8, 8), 4, 16, 352)
        assert len(data) == 352 + 8 * 8 * 8 * 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('each: ["1", "2", "3"], dicom: {modality: CT', "dicom: {modality: CT", "needs `each`"),
        ("modality: CT", "modality: PT", "modality"),
        ("text: \"Sample", "nifti: x, text: \"Sample", "one of"),
    ],
)
def test_what_is_wrong_in_a_sample_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = Path(standin("sample-dicom").origin or "").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "x.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StandInError) as wrong:
        load_standins([tmp_path])
    assert says in str(wrong.value)


def test_what_the_rehearsal_made_up_is_marked_as_such() -> None:
    for one in load_standins():
        for version in one.versions:
            for url in one.urls_of(version):
                assert ("data.example" not in url) or version.rehearsal_only, url
