"""System.IO.FileInfo, DirectoryInfo and DriveInfo: snapshots of the host's files, refreshed on demand.

As in the Framework, size, times and attributes are read at first use and then kept until Refresh().
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import io_paths
from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, DateTime
from winbake.rehearsal.powershell.dotnet.datetime import UTC as UTC_KIND
from winbake.rehearsal.powershell.dotnet.io_failures import io_error, windows_io
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

INFO = "System.IO.FileSystemInfo"
FILE = "System.IO.FileInfo"
DIRECTORY = "System.IO.DirectoryInfo"
DRIVE = "System.IO.DriveInfo"

READ_ONLY, HIDDEN, SYSTEM, DIRECTORY_BIT, ARCHIVE, NORMAL, REPARSE = 0x1, 0x2, 0x4, 0x10, 0x20, 0x80, 0x400


def file_attributes(bits: int) -> EnumValue:
    return enum_value(get_type("System.IO.FileAttributes"), bits)


def local_time(moment: datetime) -> DateTime:
    """A host time (aware, UTC) as the local DateTime that .NET gives; hosts live in UTC."""
    return DateTime.from_datetime(moment.astimezone(UTC).replace(tzinfo=None), LOCAL)


def utc_time(moment: datetime) -> DateTime:
    return DateTime.from_datetime(moment.astimezone(UTC).replace(tzinfo=None), UTC_KIND)


_NO_TIME = datetime(1601, 1, 1, tzinfo=UTC)


class FileSystemInfo(NetObject):
    net_type_name = INFO
    is_directory = False

    def __init__(self, host: WindowsHost, full_path: str, display: str | None = None) -> None:
        self.host = host
        self.full_path = full_path
        self.display = full_path if display is None else display
        self._loaded = False
        self._snapshot: dict[str, Any] | None = None

    def refresh(self) -> None:
        entry = self.host.files.entry(self.full_path)
        self._loaded = True
        self._snapshot = None
        if entry is not None:
            self._snapshot = {
                "is_directory": entry.is_directory,
                "size": entry.size,
                "created": entry.created,
                "modified": entry.modified,
                "accessed": entry.accessed,
                "attributes": int(entry.attributes),
            }

    @property
    def snapshot(self) -> dict[str, Any] | None:
        if not self._loaded:
            self.refresh()
        return self._snapshot

    def forget(self) -> None:
        self._loaded = False

    @property
    def exists(self) -> bool:
        found = self.snapshot
        return found is not None and found["is_directory"] == self.is_directory

    @property
    def attributes(self) -> int:
        """Attribute bits; -1 when there is no such item (as the Framework says it)."""
        found = self.snapshot
        if found is None:
            return -1
        bits: int = found["attributes"]
        if found["is_directory"]:
            return (bits | DIRECTORY_BIT) & ~NORMAL
        return bits or NORMAL

    def time(self, which: str) -> datetime:
        found = self.snapshot
        moment: datetime = found[which] if found else _NO_TIME
        return moment

    @property
    def name(self) -> str:
        trimmed = self.full_path.rstrip("\\")
        return trimmed.rpartition("\\")[2] if "\\" in trimmed else self.full_path


class FileInfo(FileSystemInfo):
    net_type_name = FILE


class DirectoryInfo(FileSystemInfo):
    net_type_name = DIRECTORY
    is_directory = True


def info_of(host: WindowsHost, path: str, display: str | None = None) -> FileSystemInfo:
    """FileInfo or DirectoryInfo of an existing path."""
    kind = DirectoryInfo if host.files.is_directory(path) else FileInfo
    made = kind(host, path, display)
    made.refresh()
    return made


# ---- listing -----------------------------------------------------------------------------------------------


def dos_match(pattern: str, name: str) -> bool:
    """FindFirstFile's matching: `*.*` takes all, and a three-letter extension also matches the file's 8.3 name
    (`*.htm` finds index.html), as on a system volume that keeps short names."""
    if pattern in ("*", "*.*", ""):
        return True
    expression = re.compile(fnmatch.translate(_escape(pattern)), re.I)
    if expression.match(name):
        return True
    if expression.match(name + ".") and pattern.endswith("."):
        return "." not in name
    stem, dot, extension = name.rpartition(".")
    wanted = pattern.rpartition(".")[2]
    if dot and len(extension) > 3 and len(wanted) == 3 and "*" not in wanted:
        return expression.match(f"{stem}.{extension[:3]}") is not None
    return False


def _escape(pattern: str) -> str:
    return pattern.replace("[", "[[]")


def walk(
    host: WindowsHost, folder: str, pattern: str, recursive: bool, want: str = "all"
) -> Iterator[tuple[str, bool]]:
    """(full path, is directory) below `folder` in the Framework's order; `want`: "files", "directories", "all".

    Raises Win32Failure 3 for a folder that is not there.
    """
    entries = sorted(host.files.list(folder), key=lambda e: e.name.upper())
    for entry in entries:
        if (want == "files" and entry.is_directory) or (want == "directories" and not entry.is_directory):
            continue
        if dos_match(pattern, entry.name):
            yield entry.full_path, entry.is_directory
    if recursive:
        for entry in entries:
            if entry.is_directory and not int(entry.attributes) & REPARSE:
                yield from walk(host, entry.full_path, pattern, True, want)


def checked_pattern(pattern: str | None) -> str:
    if pattern is None:
        raise argument_null("searchPattern")
    io_paths.check(pattern)
    if ".." in pattern and (pattern.endswith("..") or "..\\" in pattern):
        raise argument(
            'Search pattern cannot contain ".." to move up directories and can be contained only internally in '
            'file/directory names, as in "a..b".'
        )
    return pattern.rstrip(" ")


def is_recursive(option: Any) -> bool:
    return option is not None and option.value == 1


def _list(info: DirectoryInfo, want: str, pattern: str = "*", option: Any = None) -> list[FileSystemInfo]:
    folder = info.full_path
    pattern = checked_pattern(pattern).replace("/", "\\")
    if "\\" in pattern:
        below, _, pattern = pattern.rpartition("\\")
        folder = io_paths.combine(folder, below)
    with windows_io(folder):
        found = list(walk(info.host, folder, pattern, is_recursive(option), want))
    result: list[FileSystemInfo] = []
    for path, is_directory in found:
        kind = DirectoryInfo if is_directory else FileInfo
        made = kind(info.host, path, path.rpartition("\\")[2])
        made.refresh()
        result.append(made)
    return result


# ---- what both have ------------------------------------------------------------------------------------------


@constructor(FILE)
def _new_file(path: str | None, *, session: Session) -> FileInfo:
    return FileInfo(session.host, io_paths.full_path(path, session, "fileName"), path)


@constructor(DIRECTORY)
def _new_directory(path: str | None, *, session: Session) -> DirectoryInfo:
    full = io_paths.full_path(path, session)
    return DirectoryInfo(session.host, full if len(full) <= 3 else full.rstrip("\\"), path)


@method(FILE, "ToString")
@method(DIRECTORY, "ToString")
@method(INFO, "ToString")
def _to_string(value: FileSystemInfo) -> str:
    return value.display


@getter(INFO, "FullName")
@getter(FILE, "FullName")
@getter(DIRECTORY, "FullName")
def _full_name(value: FileSystemInfo) -> str:
    return value.full_path


@getter(INFO, "Name")
@getter(FILE, "Name")
@getter(DIRECTORY, "Name")
def _name(value: FileSystemInfo) -> str:
    return value.name


@getter(INFO, "Extension")
def _extension(value: FileSystemInfo) -> str:
    return io_paths.extension(value.full_path)


@getter(INFO, "Exists")
@getter(FILE, "Exists")
@getter(DIRECTORY, "Exists")
def _exists(value: FileSystemInfo) -> bool:
    return value.exists


@method(INFO, "Refresh")
def _refresh(value: FileSystemInfo) -> None:
    value.refresh()


@getter(INFO, "Attributes")
def _attributes(value: FileSystemInfo) -> EnumValue:
    return file_attributes(value.attributes)


@setter(INFO, "Attributes")
def _set_attributes(value: FileSystemInfo, bits: EnumValue) -> None:
    with windows_io(value.full_path):
        value.host.files.set_attributes(value.full_path, bits.value)
    value.forget()


def _time_members() -> None:
    for member, field, argument_name in (
        ("CreationTime", "created", "created"),
        ("LastWriteTime", "modified", "modified"),
        ("LastAccessTime", "accessed", "accessed"),
    ):
        _time_member(member, field, argument_name)


def _time_member(member: str, field: str, argument_name: str) -> None:
    @getter(INFO, member)
    def read(value: FileSystemInfo) -> DateTime:
        return local_time(value.time(field))

    @getter(INFO, member + "Utc")
    def read_utc(value: FileSystemInfo) -> DateTime:
        return utc_time(value.time(field))

    @setter(INFO, member)
    @setter(INFO, member + "Utc")
    def write(value: FileSystemInfo, moment: DateTime) -> None:
        with windows_io(value.full_path):
            value.host.files.set_times(value.full_path, **{argument_name: moment.to_utc_datetime()})
        value.forget()


_time_members()


# ---- FileInfo ------------------------------------------------------------------------------------------------


@getter(FILE, "Length")
def _length(value: FileInfo) -> Int64:
    found = value.snapshot
    if found is None or found["is_directory"]:
        raise io_error(2, value.full_path)
    return Int64(found["size"])


@getter(FILE, "DirectoryName")
def _directory_name(value: FileInfo) -> str | None:
    return io_paths.directory_name(value.full_path)


@getter(FILE, "Directory")
def _directory(value: FileInfo) -> DirectoryInfo | None:
    parent = io_paths.directory_name(value.full_path)
    return DirectoryInfo(value.host, parent) if parent is not None else None


@getter(FILE, "IsReadOnly")
def _is_read_only(value: FileInfo) -> bool:
    return bool(value.attributes & READ_ONLY)


@setter(FILE, "IsReadOnly")
def _set_read_only(value: FileInfo, wanted: bool) -> None:
    bits = value.attributes
    with windows_io(value.full_path):
        value.host.files.set_attributes(value.full_path, bits | READ_ONLY if wanted else bits & ~READ_ONLY)
    value.forget()


@method(FILE, "Delete")
@method(INFO, "Delete")
def _delete_file(value: FileSystemInfo, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import delete_file

    delete_file(session, value.full_path)
    value.forget()


@method(FILE, "CopyTo")
def _copy_to(value: FileInfo, target: str, overwrite: bool = False, *, session: Session) -> FileInfo:
    from winbake.rehearsal.powershell.dotnet.io_files import copy_file

    full = io_paths.full_path(target, session, "destFileName")
    copy_file(session, value.full_path, full, overwrite)
    return FileInfo(value.host, full, target)


@method(FILE, "MoveTo")
def _move_to(value: FileInfo, target: str, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import move_file

    full = io_paths.full_path(target, session, "destFileName")
    move_file(session, value.full_path, full)
    value.full_path, value.display = full, target
    value.forget()


# ---- DirectoryInfo ------------------------------------------------------------------------------------------


@getter(DIRECTORY, "Parent")
def _parent(value: DirectoryInfo) -> DirectoryInfo | None:
    parent = io_paths.directory_name(value.full_path.rstrip("\\") if len(value.full_path) > 3 else value.full_path)
    if parent is None:
        return None
    return DirectoryInfo(value.host, parent, parent.rstrip("\\").rpartition("\\")[2] or parent)


@getter(DIRECTORY, "Root")
def _root(value: DirectoryInfo) -> DirectoryInfo:
    return DirectoryInfo(value.host, value.full_path[: io_paths.root_length(value.full_path)])


@method(DIRECTORY, "Create")
def _create(value: DirectoryInfo, security: Any = None, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import make_directory

    make_directory(session, value.full_path)
    value.forget()


@method(DIRECTORY, "CreateSubdirectory")
def _create_subdirectory(value: DirectoryInfo, name: str, security: Any = None, *, session: Session) -> DirectoryInfo:
    from winbake.rehearsal.powershell.dotnet.io_files import make_directory

    full = io_paths.full_path(io_paths.combine(value.full_path, name), session)
    make_directory(session, full)
    return DirectoryInfo(value.host, full)


@method(DIRECTORY, "Delete")
def _delete_directory(value: DirectoryInfo, recursive: bool = False, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import delete_directory

    delete_directory(session, value.full_path, recursive)
    value.forget()


@method(DIRECTORY, "MoveTo")
def _move_directory(value: DirectoryInfo, target: str, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import move_directory

    full = io_paths.full_path(target, session, "destDirName")
    move_directory(session, value.full_path, full)
    value.full_path, value.display = full, target
    value.forget()


@method(DIRECTORY, "GetFiles")
@method(DIRECTORY, "EnumerateFiles")
def _get_files(value: DirectoryInfo, pattern: str = "*", option: Any = None) -> PSArray:
    return PSArray(_list(value, "files", pattern, option), FILE)


@method(DIRECTORY, "GetDirectories")
@method(DIRECTORY, "EnumerateDirectories")
def _get_directories(value: DirectoryInfo, pattern: str = "*", option: Any = None) -> PSArray:
    return PSArray(_list(value, "directories", pattern, option), DIRECTORY)


@method(DIRECTORY, "GetFileSystemInfos")
@method(DIRECTORY, "EnumerateFileSystemInfos")
def _get_infos(value: DirectoryInfo, pattern: str = "*", option: Any = None) -> PSArray:
    return PSArray(_list(value, "all", pattern, option), INFO)


# ---- DriveInfo ----------------------------------------------------------------------------------------------


class DriveInfo(NetObject):
    net_type_name = DRIVE

    def __init__(self, host: WindowsHost, letter: str) -> None:
        self.host = host
        self.letter = letter


@constructor(DRIVE)
def _new_drive(name: str, *, session: Session) -> DriveInfo:
    if name is None:
        raise argument_null("driveName")
    match = re.fullmatch(r"([A-Za-z])(:[\\/]?.*)?", name)
    if not match:
        raise argument('Object must be a root directory ("C:\\") or a drive letter ("C").')
    return DriveInfo(session.host, match.group(1).upper())


@static(DRIVE, "GetDrives")
def _get_drives(*, session: Session) -> PSArray:
    return PSArray((DriveInfo(session.host, d) for d in drive_letters(session.host)), DRIVE)


def drive_letters(host: WindowsHost) -> list[str]:
    """Letters of the host's fixed drives."""
    return [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if host.files.is_directory(f"{c}:\\")]


def _ready(value: DriveInfo) -> bool:
    return bool(value.host.files.is_directory(f"{value.letter}:\\"))


@getter(DRIVE, "Name")
@method(DRIVE, "ToString")
def _drive_name(value: DriveInfo) -> str:
    return f"{value.letter}:\\"


@getter(DRIVE, "IsReady")
def _is_ready(value: DriveInfo) -> bool:
    return _ready(value)


@getter(DRIVE, "RootDirectory")
def _root_directory(value: DriveInfo) -> DirectoryInfo:
    return DirectoryInfo(value.host, f"{value.letter}:\\")


@getter(DRIVE, "DriveType")
def _drive_type(value: DriveInfo) -> EnumValue:
    return enum_value(get_type("System.IO.DriveType"), 3 if _ready(value) else 1)


@getter(DRIVE, "DriveFormat")
def _drive_format(value: DriveInfo) -> str:
    _require(value)
    return "NTFS"


@getter(DRIVE, "VolumeLabel")
def _volume_label(value: DriveInfo) -> str:
    _require(value)
    return ""


@getter(DRIVE, "AvailableFreeSpace")
@getter(DRIVE, "TotalFreeSpace")
def _free(value: DriveInfo) -> Int64:
    _require(value)
    return Int64(value.host.files.free_bytes(f"{value.letter}:"))


@getter(DRIVE, "TotalSize")
def _total(value: DriveInfo) -> Int64:
    _require(value)
    return Int64(capacity(value.host, value.letter))


def capacity(host: WindowsHost, letter: str) -> int:
    """Size of a volume in bytes."""
    found = host.files.capacity
    return int(found(f"{letter}:") if callable(found) else found)


def _require(value: DriveInfo) -> None:
    if not _ready(value):
        raise io_error(15, f"{value.letter}:\\")
