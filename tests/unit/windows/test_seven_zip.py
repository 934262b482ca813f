"""7-Zip as a program on the host: what it unpacks, how long it takes, what it answers when it cannot."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from windows_bench import Bench

from winbake.rehearsal.windows import archives

SEVEN = r'"C:\Program Files\7-Zip\7z.exe"'
POSTMAN = "https://dl.pstmn.io/download/12.24.6/Postman%20v12.24.6%20(x64).exe"


@pytest.fixture
def seven(bench: Bench) -> Bench:
    """A host with 7-Zip and a small zip, C:\\dl\\a.zip."""
    assert bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /qn").exit_code == 0
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in [("top.txt", "top"), ("lib/a.txt", "a"), ("lib/deep/b.txt", "b"), ("notes.md", "notes")]:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 4, 5, 6, 8)), text)
    bench.host.files.write(r"C:\dl\a.zip", written.getvalue())
    return bench


def unpacked(bench: Bench, folder: str) -> set[str]:
    return {entry.full_path[len(folder) + 1 :] for entry in bench.host.files.walk(folder) if not entry.is_directory}


def test_x_keeps_the_folders_and_e_does_not(seven: Bench) -> None:
    done = seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\x -y")
    assert done.exit_code == 0
    text = done.stdout.getvalue().decode()
    assert text.startswith("\r\n7-Zip 26.02 (x64)") and "Everything is Ok" in text
    assert unpacked(seven, r"C:\x") == {"top.txt", r"lib\a.txt", r"lib\deep\b.txt", "notes.md"}
    entry = seven.host.files.entry(r"C:\x\lib\a.txt")
    assert entry is not None and entry.modified == datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC)
    assert seven.run(rf"{SEVEN} e C:\dl\a.zip -oC:\e -y").exit_code == 0
    assert unpacked(seven, r"C:\e") == {"top.txt", "a.txt", "b.txt", "notes.md"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("lib", {r"lib\a.txt", r"lib\deep\b.txt"}),
        (r"LIB\*.txt", {r"lib\a.txt"}),
        ("*.txt", {"top.txt"}),
        ("*.txt -r", {"top.txt", r"lib\a.txt", r"lib\deep\b.txt"}),
        ("none", set()),
    ],
)
def test_names_choose_what_is_unpacked(seven: Bench, names: str, found: set[str]) -> None:
    seven.host.files.make_directory(r"C:\n")
    assert seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\n -y {names}").exit_code == 0
    assert unpacked(seven, r"C:\n") == found


def test_files_that_are_there_are_replaced_kept_or_stood_beside(seven: Bench) -> None:
    def text() -> bytes:
        return seven.host.files.read(r"C:\o\top.txt")

    seven.host.files.make_directory(r"C:\o")
    seven.host.files.write(r"C:\o\top.txt", b"mine")
    assert seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\o -aos").exit_code == 0 and text() == b"mine"
    assert seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\o -aou").exit_code == 0 and text() == b"mine"
    assert seven.host.files.read(r"C:\o\top_1.txt") == b"top"
    assert seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\o -aoa").exit_code == 0 and text() == b"top"
    asked = seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\o")
    assert asked.exit_code != 0 and b"question" in asked.stderr.getvalue()


def test_l_lists_and_writes_nothing(seven: Bench) -> None:
    seven.host.files.make_directory(r"C:\l")
    done = seven.run(rf"{SEVEN} l C:\dl\a.zip -oC:\l")
    text = done.stdout.getvalue().decode()
    assert done.exit_code == 0 and r"lib\deep\b.txt" in text and "4 files" in text
    assert unpacked(seven, r"C:\l") == set()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (r"x C:\dl\none.zip -y", 2, b"cannot find the file"),
        (r"x C:\dl\page.zip -y", 2, b"Cannot open the file as archive"),
        (r"x C:\dl\cut.zip -y", 2, b"Unexpected end of archive"),
        (r"x C:\dl\bad.zip -oC:\bad -y", 2, b"CRC Failed : top.txt"),
        (r"x C:\dl\tail.zip -oC:\tail -y", 1, b"after the end of the payload"),
        (r"x C:\dl\a.zip -oC:\q -y -zz", 7, b"Unknown switch"),
        (r"x C:\dl\a.zip -o -y", 7, b"Too short switch"),
        (r"q C:\dl\a.zip", 7, b"Unsupported command"),
        ("x -y", 7, b"Cannot find archive name"),
    ],
)
def test_exit_codes(seven: Bench, arguments: str, code: int, says: bytes) -> None:
    files = seven.host.files
    good = files.read(r"C:\dl\a.zip")
    files.write(r"C:\dl\page.zip", b"<html>not here</html>")
    files.write(r"C:\dl\cut.zip", good[:60])
    files.write(r"C:\dl\bad.zip", good.replace(b"top", b"tip", 2).replace(b"tip.txt", b"top.txt"))
    files.write(r"C:\dl\tail.zip", good + b"more")
    done = seven.run(f"{SEVEN} {arguments}")
    assert done.exit_code == code
    assert says in done.stdout.getvalue() + done.stderr.getvalue()


def test_a_file_in_use_is_an_error_and_the_rest_is_unpacked(seven: Bench) -> None:
    files = seven.host.files
    files.make_directory(r"C:\u")
    files.write(r"C:\u\top.txt", b"mine")
    held = files.lock(r"C:\u\top.txt")
    done = seven.run(rf"{SEVEN} x C:\dl\a.zip -oC:\u -y")
    files.unlock(held)
    assert done.exit_code == 2 and b"being used by another process" in done.stderr.getvalue()
    assert files.read(r"C:\u\lib\a.txt") == b"a"


def test_postman_is_taken_out_of_its_installer_for_the_whole_machine(seven: Bench) -> None:
    files = seven.host.files
    files.write(r"C:\dl\postman.exe", seven.host.network.fetch(POSTMAN).body)
    assert seven.run(rf"{SEVEN} x C:\dl\postman.exe -oC:\p -y").exit_code == 0
    package = r"C:\p\Postman-12.24.6-full.nupkg"
    assert files.is_file(package)
    assert seven.run(rf"{SEVEN} x {package} -oC:\q -y lib\net45").exit_code == 0
    assert files.is_file(r"C:\q\lib\net45\Postman.exe") and not files.exists(r"C:\q\Postman.nuspec")
    assert seven.hangs(r"C:\q\lib\net45\Postman.exe") == "Postman"
    assert not [entry for entry in seven.host.packages if entry.user]


def test_what_the_model_cannot_open_is_refused_by_name(seven: Bench) -> None:
    for tool, version in (("7zip", "26.02"), ("radiant", "2026.1")):
        done = seven.run(f"{SEVEN} x {seven.fetch(tool, version)} -oC:\\no -y")
        assert done.exit_code not in (0, 1, 2, 7) and b"does not model" in done.stderr.getvalue()


def test_unpacking_takes_the_time_that_the_real_archive_would(seven: Bench) -> None:
    package = seven.fetch("dcm4che3", "5.34.2")  # 115 MB
    started = seven.host.clock.now()
    assert seven.run(rf"{SEVEN} x {package} -oC:\z -y").exit_code == 0
    assert (seven.host.clock.now() - started).total_seconds() >= 115 / 30


def test_each_file_takes_its_share_of_the_time(bench: Bench) -> None:
    data = bench.host.network.fetch(next(url for url in bench.mirror.urls() if "dcmtk-3.7.0-win64" in url)).body
    with archives.open_zip(data) as archive:
        seconds = archives.unpack_seconds(archive, len(data))
        shares = {info.filename: info.compress_size for info in archive.infolist()}
    assert sum(seconds.values()) == pytest.approx(22_000_000 / archives.UNPACK_BYTES_PER_SECOND)
    slow, fast = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    assert seconds[slow] > seconds[fast]


def test_dotnet_takes_as_long_to_unpack_as_7_zip(bench: Bench) -> None:
    package = bench.fetch("sample-dicom", "1.0")  # 150 MB
    script = (
        "Add-Type -AssemblyName System.IO.Compression.FileSystem; "
        rf"[IO.Compression.ZipFile]::ExtractToDirectory('{package}', 'C:\d')"
    )
    started = bench.host.clock.now()
    assert bench.run(f'powershell -NoProfile -Command "{script}"').exit_code == 0
    assert (bench.host.clock.now() - started).total_seconds() >= 150 / 30
    assert bench.host.files.is_file(r"C:\d\sample-dicom\CT\IM1.dcm")


def test_an_archive_that_is_no_stand_in_is_as_large_as_it_is(seven: Bench) -> None:
    data = seven.host.files.read(r"C:\dl\a.zip")
    with archives.open_zip(data) as archive:
        assert archives.real_size(archive, len(data)) == len(data)
