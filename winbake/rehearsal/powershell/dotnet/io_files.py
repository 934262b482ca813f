"""System.IO.File and System.IO.Directory over the host's file system.

The functions without a leading underscore are the operations themselves; FileInfo, DirectoryInfo and the cmdlets
use them too. Whole files are read and written; streams on files stand in io_streams.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import io_items, io_paths
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.io_failures import io_error, windows_io
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.providers.encodings import decode_file, encode_text, split_lines
from winbake.rehearsal.powershell.values import PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.types import EnumValue

FILE = "System.IO.File"
DIRECTORY = "System.IO.Directory"


# ---- operations -------------------------------------------------------------------------------------------


def read_bytes(session: Session, path: str) -> bytes:
    """Raises NetError as File.Open does: a directory is "Access … denied"."""
    with windows_io(path):
        if session.host.files.is_directory(path):
            raise io_error(5, path)
        return bytes(session.host.files.read(path))


def write_bytes(session: Session, path: str, data: bytes, append: bool = False) -> None:
    with windows_io(path):
        if session.host.files.is_directory(path):
            raise io_error(5, path)
        session.host.files.write(path, data, append=append)


def delete_file(session: Session, path: str) -> None:
    """Silent when there is no such file in an existing directory."""
    files = session.host.files
    with windows_io(path):
        entry = files.entry(path)
        if entry is None:
            parent = io_paths.directory_name(path)
            if parent is not None and not files.is_directory(parent):
                raise io_error(3, path)
            return
        if entry.is_directory or int(entry.attributes) & io_items.READ_ONLY:
            raise io_error(5, path)
        files.delete(path)


def copy_file(session: Session, source: str, target: str, overwrite: bool) -> None:
    files = session.host.files
    if files.is_directory(source):
        raise io_error(5, source)
    if not files.exists(source):
        parent = io_paths.directory_name(source)
        raise io_error(2 if parent and files.is_directory(parent) else 3, source)
    if files.is_directory(target):
        raise NetError(
            "System.IO.IOException", f"The target file '{target}' is a directory, not a file.", HResult=-2146233088
        )
    if files.exists(target) and not overwrite:
        raise io_error(80, target)
    with windows_io(target):
        if files.exists(target) and int(files.entry(target).attributes) & io_items.READ_ONLY:
            raise io_error(5, target)
        files.copy(source, target)


def move_file(session: Session, source: str, target: str) -> None:
    files = session.host.files
    if not files.is_file(source):
        raise io_error(2, source)
    if files.exists(target) and source.lower() != target.lower():
        raise io_error(183)
    parent = io_paths.directory_name(target)
    if parent is not None and not files.is_directory(parent):
        raise io_error(3)
    with windows_io(source):
        files.move(source, target)


def make_directory(session: Session, path: str) -> None:
    """With its parents; silent when it is there. A file in the way is an IOException."""
    files = session.host.files
    with windows_io(path):
        if files.is_file(path):
            raise io_error(183, path)
        if not files.is_directory(path):
            files.make_directory(path)


def delete_directory(session: Session, path: str, recursive: bool) -> None:
    files = session.host.files
    with windows_io(path):
        if files.is_file(path):
            raise NetError("System.IO.IOException", "The directory name is invalid.\r\n", HResult=-2147024629)
        if not files.exists(path):
            raise io_error(3, path)
        files.delete(path, recursive=recursive)


def move_directory(session: Session, source: str, target: str) -> None:
    files = session.host.files
    if source.rstrip("\\").lower() == target.rstrip("\\").lower():
        raise NetError("System.IO.IOException", "Source and destination path must be different.")
    if source[:2].lower() != target[:2].lower():
        message = "Source and destination path must have identical roots. Move will not work across volumes."
        raise NetError("System.IO.IOException", message)
    if not files.exists(source):
        raise io_error(3, source)
    if files.exists(target):
        raise NetError(
            "System.IO.IOException", "Cannot create a file when that file already exists.\r\n", HResult=-2147024713
        )
    with windows_io(source):
        files.move(source, target)


def _full(path: Any, session: Session) -> str:
    if path is None:
        raise argument_null("path")
    return io_paths.full_path(path, session)


# ---- System.IO.File ---------------------------------------------------------------------------------------


@static(FILE, "Exists")
def _file_exists(path: Any, *, session: Session) -> bool:
    found = _quiet_full(path, session)
    return found is not None and not found.endswith("\\") and bool(session.host.files.is_file(found))


def _quiet_full(path: Any, session: Session) -> str | None:
    """Exists() answers False instead of throwing for a path that cannot be one."""
    if path is None or not path.strip():
        return None
    try:
        return io_paths.full_path(path, session)
    except NetError:
        return None


@static(FILE, "ReadAllText")
def _read_all_text(path: Any, encoding: Any = None, *, session: Session) -> str:
    return decode_file(read_bytes(session, _full(path, session)), encoding)


@static(FILE, "ReadAllLines")
@static(FILE, "ReadLines")
def _read_all_lines(path: Any, encoding: Any = None, *, session: Session) -> PSArray:
    text = decode_file(read_bytes(session, _full(path, session)), encoding)
    return PSArray(split_lines(text), "System.String")


@static(FILE, "ReadAllBytes")
def _read_all_bytes(path: Any, *, session: Session) -> PSArray:
    return byte_array(read_bytes(session, _full(path, session)))


@static(FILE, "WriteAllText")
def _write_all_text(path: Any, contents: str | None, encoding: Any = None, *, session: Session) -> None:
    write_bytes(session, _full(path, session), encode_text(contents or "", encoding, preamble=True))


@static(FILE, "WriteAllLines")
def _write_all_lines(path: Any, contents: Any, encoding: Any = None, *, session: Session) -> None:
    if contents is None:
        raise argument_null("contents")
    text = "".join(f"{'' if line is None else line}\r\n" for line in session.enumerate(contents))
    write_bytes(session, _full(path, session), encode_text(text, encoding, preamble=True))


@static(FILE, "WriteAllBytes")
def _write_all_bytes(path: Any, data: PSArray | None, *, session: Session) -> None:
    if data is None:
        raise argument_null("bytes")
    write_bytes(session, _full(path, session), bytes_of(data))


def _append(session: Session, path: str, text: str, encoding: Any) -> None:
    is_new = not session.host.files.is_file(path) or session.host.files.entry(path).size == 0
    write_bytes(session, path, encode_text(text, encoding, preamble=is_new), append=True)


@static(FILE, "AppendAllText")
def _append_all_text(path: Any, contents: str | None, encoding: Any = None, *, session: Session) -> None:
    _append(session, _full(path, session), contents or "", encoding)


@static(FILE, "AppendAllLines")
def _append_all_lines(path: Any, contents: Any, encoding: Any = None, *, session: Session) -> None:
    if contents is None:
        raise argument_null("contents")
    text = "".join(f"{'' if line is None else line}\r\n" for line in session.enumerate(contents))
    _append(session, _full(path, session), text, encoding)


@static(FILE, "Delete")
def _file_delete(path: Any, *, session: Session) -> None:
    delete_file(session, _full(path, session))


@static(FILE, "Copy")
def _file_copy(source: Any, target: Any, overwrite: bool = False, *, session: Session) -> None:
    if source is None or target is None:
        raise argument_null("sourceFileName" if source is None else "destFileName", "File name cannot be null.")
    copy_file(session, _full(source, session), _full(target, session), overwrite)


@static(FILE, "Move")
def _file_move(source: Any, target: Any, *, session: Session) -> None:
    if source is None or target is None:
        raise argument_null("sourceFileName" if source is None else "destFileName", "File name cannot be null.")
    move_file(session, _full(source, session), _full(target, session))


@static(FILE, "Replace")
def _file_replace(source: Any, target: Any, backup: Any, ignore: bool = False, *, session: Session) -> None:
    source, target = _full(source, session), _full(target, session)
    files = session.host.files
    if not files.is_file(source) or not files.is_file(target):
        raise io_error(2)
    if backup:
        saved = _full(backup, session)
        with windows_io(saved):
            if files.exists(saved):
                files.delete(saved)
            files.copy(target, saved)
    with windows_io(target):
        files.delete(target)
        files.move(source, target)


@static(FILE, "GetAttributes")
def _get_attributes(path: Any, *, session: Session) -> EnumValue:
    full = _full(path, session)
    if not session.host.files.exists(full):
        parent = io_paths.directory_name(full)
        raise io_error(2 if parent and session.host.files.is_directory(parent) else 3, full)
    return io_items.file_attributes(io_items.info_of(session.host, full).attributes)


@static(FILE, "SetAttributes")
def _set_attributes(path: Any, bits: EnumValue, *, session: Session) -> None:
    full = _full(path, session)
    with windows_io(full):
        session.host.files.set_attributes(full, bits.value)


def _time_statics() -> None:
    for member, field in (("CreationTime", "created"), ("LastWriteTime", "modified"), ("LastAccessTime", "accessed")):
        for type_name in (FILE, DIRECTORY):
            _time_static(type_name, member, field)


def _time_static(type_name: str, member: str, field: str) -> None:
    @static(type_name, "Get" + member)
    def read(path: Any, *, session: Session) -> DateTime:
        return io_items.local_time(io_items.FileInfo(session.host, _full(path, session)).time(field))

    @static(type_name, "Get" + member + "Utc")
    def read_utc(path: Any, *, session: Session) -> DateTime:
        return io_items.utc_time(io_items.FileInfo(session.host, _full(path, session)).time(field))

    @static(type_name, "Set" + member)
    @static(type_name, "Set" + member + "Utc")
    def write(path: Any, moment: DateTime, *, session: Session) -> None:
        full = _full(path, session)
        with windows_io(full):
            session.host.files.set_times(full, **{field: moment.to_utc_datetime()})


_time_statics()


# ---- System.IO.Directory ----------------------------------------------------------------------------------


@static(DIRECTORY, "Exists")
def _directory_exists(path: Any, *, session: Session) -> bool:
    found = _quiet_full(path, session)
    return found is not None and bool(session.host.files.is_directory(found))


@static(DIRECTORY, "CreateDirectory")
def _create_directory(path: Any, security: Any = None, *, session: Session) -> io_items.DirectoryInfo:
    full = _full(path, session)
    make_directory(session, full)
    return io_items.DirectoryInfo(session.host, full.rstrip("\\") if len(full) > 3 else full, path)


@static(DIRECTORY, "Delete")
def _directory_delete(path: Any, recursive: bool = False, *, session: Session) -> None:
    full = _full(path, session)
    delete_directory(session, full.rstrip("\\") if len(full) > 3 else full, recursive)


@static(DIRECTORY, "Move")
def _directory_move(source: Any, target: Any, *, session: Session) -> None:
    move_directory(session, _full(source, session), _full(target, session))


def _paths(session: Session, path: Any, want: str, pattern: str, option: Any) -> PSArray:
    """The found paths begin with the text that was given, as in the Framework."""
    full = _full(path, session)
    given = path.replace("/", "\\")
    below = full.rstrip("\\")
    pattern = io_items.checked_pattern(pattern).replace("/", "\\")
    folder = full
    if "\\" in pattern:
        sub, _, pattern = pattern.rpartition("\\")
        folder = io_paths.combine(full, sub)
    with windows_io(folder):
        found = [p for p, _ in io_items.walk(session.host, folder, pattern, io_items.is_recursive(option), want)]
    return PSArray((io_paths.combine(given, p[len(below) :].lstrip("\\")) for p in found), "System.String")


@static(DIRECTORY, "GetFiles")
@static(DIRECTORY, "EnumerateFiles")
def _get_files(path: Any, pattern: str = "*", option: Any = None, *, session: Session) -> PSArray:
    return _paths(session, path, "files", pattern, option)


@static(DIRECTORY, "GetDirectories")
@static(DIRECTORY, "EnumerateDirectories")
def _get_directories(path: Any, pattern: str = "*", option: Any = None, *, session: Session) -> PSArray:
    return _paths(session, path, "directories", pattern, option)


@static(DIRECTORY, "GetFileSystemEntries")
@static(DIRECTORY, "EnumerateFileSystemEntries")
def _get_entries(path: Any, pattern: str = "*", option: Any = None, *, session: Session) -> PSArray:
    return _paths(session, path, "all", pattern, option)


@static(DIRECTORY, "GetCurrentDirectory")
def _get_current_directory(*, session: Session) -> str:
    return str(session.process.directory)


def change_directory(session: Session, path: Any) -> None:
    """Sets the process's directory, which PowerShell's location does not follow. Raises NetError."""
    full = _full(path, session)
    if not session.host.files.is_directory(full):
        raise io_error(3, full)
    session.process.directory = full.rstrip("\\") if len(full) > 3 else full


@static(DIRECTORY, "SetCurrentDirectory")
def _set_current_directory(path: Any, *, session: Session) -> None:
    change_directory(session, path)


@static(DIRECTORY, "GetParent")
def _get_parent(path: Any, *, session: Session) -> io_items.DirectoryInfo | None:
    parent = io_paths.directory_name(_full(path, session))
    return io_items.DirectoryInfo(session.host, parent, parent) if parent is not None else None


@static(DIRECTORY, "GetDirectoryRoot")
def _get_directory_root(path: Any, *, session: Session) -> str:
    full = _full(path, session)
    return full[: io_paths.root_length(full)]


@static(DIRECTORY, "GetLogicalDrives")
def _get_logical_drives(*, session: Session) -> PSArray:
    return PSArray((f"{letter}:\\" for letter in io_items.drive_letters(session.host)), "System.String")
