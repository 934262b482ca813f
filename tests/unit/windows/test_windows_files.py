"""The file system: case, names, locks, the full disk, streams."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.files import DIRECTORY, READ_ONLY
from winbake.rehearsal.windows.host import WindowsHost


def code_of(action: object, *arguments: object, **named: object) -> int:
    with pytest.raises(Win32Failure) as refused:
        action(*arguments, **named)  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    ("path", "directory", "full"),
    [
        ("a", r"C:\x", r"C:\x\a"),
        (r"..\a", r"C:\x\y", r"C:\x\a"),
        (r"..\..\..\a", r"C:\x", r"C:\a"),
        ("c:/A/./b/", r"D:\x", r"C:\A\b"),
        (r"\a", r"C:\x\y", r"C:\a"),
        ("C:a", r"C:\x", r"C:\x\a"),
        (r"C:\a. \b...", r"C:\x", r"C:\a\b"),
        ("C:", r"C:\x", r"C:\x"),
        (r"C:\\a\\\b", r"C:\x", r"C:\a\b"),
    ],
)
def test_full_paths(path: str, directory: str, full: str) -> None:
    assert paths.absolute(path, directory) == full


def test_names_keep_their_case_and_compare_without(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\Tools\DcmTk")
    host.files.write(r"c:\tools\dcmtk\Read.Me", b"1")
    host.files.write(r"C:\TOOLS\DCMTK\READ.ME", b"22")
    entry = host.files.entry(r"C:/tools/dcmtk/read.me")
    assert entry is not None
    assert (entry.full_path, entry.size, entry.is_directory) == (r"C:\Tools\DcmTk\Read.Me", 2, False)
    assert [one.name for one in host.files.list(r"C:\tools")] == ["DcmTk"]


def test_missing_things(host: WindowsHost) -> None:
    assert code_of(host.files.read, r"C:\none.txt") == 2
    assert code_of(host.files.read, r"C:\none\x.txt") == 3
    assert code_of(host.files.write, r"C:\none\x.txt", b"") == 3
    assert code_of(host.files.list, r"C:\none") == 3
    assert code_of(host.files.read, r"C:\Windows") == 5
    assert code_of(host.files.write, r"Q:\x", b"") == 3
    assert host.files.entry(r"Q:\x") is None


@pytest.mark.parametrize("name", ["a<b", "a>b", 'a"b', "a|b", "a?b", "a*b", "a\x01b"])
def test_illegal_names(host: WindowsHost, name: str) -> None:
    assert code_of(host.files.write, "C:\\" + name, b"") == 123
    assert host.files.entry("C:\\" + name) is None


def test_path_limits(host: WindowsHost) -> None:
    folder = "C:\\" + "d" * 200
    host.files.make_directory(folder)
    host.files.write(folder + "\\" + "f" * 54, b"")  # 258 characters and the zero
    assert code_of(host.files.write, folder + "\\" + "f" * 56, b"") == 206
    assert code_of(host.files.make_directory, folder + "\\" + "e" * 48) == 206
    host.files.write("\\\\?\\" + folder + "\\" + "f" * 100, b"long")
    assert host.files.read("\\\\?\\" + folder + "\\" + "f" * 100) == b"long"


def test_read_only_and_protected_files(host: WindowsHost) -> None:
    host.files.write(r"C:\a.txt", b"x")
    host.files.set_attributes(r"C:\a.txt", READ_ONLY)
    assert code_of(host.files.write, r"C:\a.txt", b"y") == 5
    assert code_of(host.files.delete, r"C:\a.txt") == 5
    assert code_of(host.files.delete, r"C:\Windows\System32\svchost.exe") == 5
    host.files.set_attributes(r"C:\Users", DIRECTORY)
    assert host.files.is_directory(r"C:\Users")


def test_a_running_program_can_be_renamed_but_not_written_or_deleted(host: WindowsHost) -> None:
    path = r"C:\Program Files\Amazon\SSM\amazon-ssm-agent.exe"
    assert code_of(host.files.delete, path) == 5
    assert code_of(host.files.write, path, b"x") == 32
    host.files.move(path, path + ".old")
    assert code_of(host.files.delete, path + ".old") == 5
    host.services.stop("AmazonSSMAgent")
    assert host.services.wait_for("AmazonSSMAgent", 1, 60)
    host.files.delete(path + ".old")


def test_an_open_file_is_shared_as_its_holder_says(host: WindowsHost) -> None:
    host.files.write(r"C:\log.txt", b"x")
    held = host.files.lock(r"C:\log.txt", share_read=True)
    assert host.files.read(r"C:\log.txt") == b"x"
    assert code_of(host.files.write, r"C:\log.txt", b"y") == 32
    assert code_of(host.files.delete, r"C:\log.txt") == 32
    host.files.unlock(held)
    held = host.files.lock(r"C:\log.txt")
    assert code_of(host.files.read, r"C:\log.txt") == 32
    host.files.unlock(held)
    host.files.delete(r"C:\log.txt")


def test_folders(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\a\b\c")
    assert code_of(host.files.delete, r"C:\a") == 145
    host.files.write(r"C:\f", b"")
    assert code_of(host.files.make_directory, r"C:\f") == 183
    host.files.delete(r"C:\a", recursive=True)
    assert not host.files.exists(r"C:\a")


def test_moving_and_copying(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\from\sub")
    host.files.write(r"C:\from\sub\a.txt", b"x")
    long_ago = datetime(2020, 1, 2, tzinfo=UTC)
    host.files.set_times(r"C:\from\sub\a.txt", modified=long_ago)
    host.files.move(r"C:\from", r"C:\to")
    assert host.files.read(r"C:\to\sub\a.txt") == b"x"
    host.files.write(r"C:\b.txt", b"y")
    assert code_of(host.files.move, r"C:\b.txt", r"C:\to\sub\a.txt") == 183
    assert code_of(host.files.copy, r"C:\b.txt", r"C:\to\sub\a.txt", replace=False) == 80
    host.files.copy(r"C:\to\sub\a.txt", r"C:\c.txt")
    copied = host.files.entry(r"C:\c.txt")
    assert copied is not None and copied.modified == long_ago
    assert code_of(host.files.move, r"C:\to", r"C:\to\sub\deeper") == 32
    host.files.move(r"C:\b.txt", r"C:\B.TXT")
    renamed = host.files.entry(r"C:\b.txt")
    assert renamed is not None and renamed.name == "B.TXT"


def test_a_full_disk(host: WindowsHost) -> None:
    free = host.files.free_bytes()
    host.files.write(r"C:\big", b"", allocate=free - 8192)
    host.files.write(r"C:\one", b"x" * 4096)
    assert host.files.free_bytes() == 4096
    assert code_of(host.files.write, r"C:\two", b"x" * 4097) == 112
    assert not host.files.exists(r"C:\two")
    host.files.delete(r"C:\big")
    host.files.write(r"C:\two", b"x" * 4097)


def test_streams(host: WindowsHost) -> None:
    host.files.write(r"C:\a.zip", b"PK")
    host.files.write(r"C:\a.zip:Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n")
    assert host.files.read(r"C:\a.zip") == b"PK"
    assert host.files.streams(r"C:\a.zip") == ("zone.identifier",)
    host.files.delete(r"C:\a.zip:Zone.Identifier")
    assert code_of(host.files.read, r"C:\a.zip:Zone.Identifier") == 2
    assert host.files.exists(r"C:\a.zip")


def test_twenty_copies_of_a_content_are_kept_once(host: WindowsHost) -> None:
    host.files.write(r"C:\a", b"same")
    first = host.files.blobs.put(b"same")
    host.files.copy(r"C:\a", r"C:\b")
    assert host.files.blobs.put(b"same") == first
    assert host.files.read(r"C:\b") is host.files.read(r"C:\a")
