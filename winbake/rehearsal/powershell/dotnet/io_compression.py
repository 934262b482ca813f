"""System.IO.Compression: ZipFile, ZipArchive, ZipArchiveEntry over real zip bytes (.NET Framework 4.8)."""

from __future__ import annotations

import datetime as python_datetime
import io
import zipfile
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import host_clock, io_files, io_items, io_paths
from winbake.rehearsal.powershell.dotnet.datetime import DateTimeOffset
from winbake.rehearsal.powershell.dotnet.io_failures import windows_io
from winbake.rehearsal.powershell.dotnet.io_streams import CREATE, OPEN, READ, READ_WRITE, FileStream, open_file
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.streams import MemoryStream, NetStream
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, disposed, not_supported
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray
from winbake.rehearsal.windows import archives

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

ARCHIVE = "System.IO.Compression.ZipArchive"
ENTRY = "System.IO.Compression.ZipArchiveEntry"
ZIP_FILE = "System.IO.Compression.ZipFile"
EXTENSIONS = "System.IO.Compression.ZipFileExtensions"
READ_MODE, CREATE_MODE, UPDATE_MODE = 0, 1, 2
_CORRUPT = "End of Central Directory record could not be found."
_OUTSIDE = "Extracting Zip entry would have resulted in a file outside the specified destination directory."


class ZipArchive(NetObject):
    net_type_name = ARCHIVE

    def __init__(self, stream: NetStream, mode: int = READ_MODE, leave_open: bool = False) -> None:
        """Raises NetError InvalidDataException for what is no zip."""
        self.stream = stream
        self.mode = mode
        self.leave_open = leave_open
        self.closed = False
        self.entries: list[ZipArchiveEntry] = []
        self.unpack_seconds: dict[str, float] = {}
        if mode != CREATE_MODE:
            stream.position = 0
            data = stream.read_all()
            if data or mode == READ_MODE:
                self._read(data)

    def _read(self, data: bytes) -> None:
        try:
            found = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile as bad:
            raise NetError("System.IO.InvalidDataException", _CORRUPT) from bad
        self.unpack_seconds = archives.unpack_seconds(found, len(data))
        for info in found.infolist():
            entry = ZipArchiveEntry(self, info.orig_filename, info.date_time)
            entry.source, entry.info = found, info
            entry.attributes = info.external_attr
            self.entries.append(entry)

    def check(self) -> None:
        if self.closed:
            raise disposed("System.IO.Compression.ZipArchive")

    def save(self) -> None:
        """Writes the archive into its stream (Create and Update)."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in self.entries:
                info = zipfile.ZipInfo(entry.full_name, entry.date)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = entry.attributes
                info.create_system = 0
                target.writestr(info, entry.data())
        self.stream.position = 0
        self.stream.set_length(0)
        self.stream.write(buffer.getvalue())

    def close(self) -> None:
        if self.closed:
            return
        if self.mode != READ_MODE:
            self.save()
        self.closed = True
        if not self.leave_open:
            self.stream.close()


class ZipArchiveEntry(NetObject):
    net_type_name = ENTRY

    def __init__(self, archive: ZipArchive, name: str, date: tuple[int, int, int, int, int, int]) -> None:
        self.archive = archive
        self.full_name = name
        self.date = date
        self.source: zipfile.ZipFile | None = None
        self.info: zipfile.ZipInfo | None = None
        self.content: MemoryStream | None = None
        self.attributes = 0

    def data(self) -> bytes:
        """Raises NetError InvalidDataException for damaged data."""
        if self.content is not None:
            return bytes(self.content.data)
        if self.source is None or self.info is None:
            return b""
        try:
            return self.source.read(self.info)
        except (zipfile.BadZipFile, EOFError, ValueError) as bad:
            message = "Found invalid data while decoding."
            raise NetError("System.IO.InvalidDataException", message) from bad

    @property
    def unpack_seconds(self) -> float:
        """Host time that writing it takes; an entry made here is in memory already."""
        if self.info is None or self.content is not None:
            return 0.0
        return self.archive.unpack_seconds.get(self.info.filename, 0.0)

    @property
    def is_folder(self) -> bool:
        return self.full_name.endswith(("/", "\\"))


def _now_parts(session: Session) -> tuple[int, int, int, int, int, int]:
    moment = session.host.clock.now()
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


# ---- operations ----------------------------------------------------------------------------------------------------


def extract_all(session: Session, archive: ZipArchive, folder: str) -> None:
    """ExtractToDirectory: the first file that is there already ends it (IOException)."""
    io_files.make_directory(session, folder)
    base = folder.rstrip("\\") + "\\"
    for entry in archive.entries:
        target = io_paths.full_path(io_paths.combine(base, entry.full_name.replace("/", "\\")), session)
        if not target.lower().startswith(base.lower()):
            raise NetError("System.IO.IOException", _OUTSIDE)
        if entry.is_folder:
            if entry.data():
                message = "Zip entry name ends in directory separator character but contains data."
                raise NetError("System.IO.IOException", message)
            io_files.make_directory(session, target)
            continue
        parent = io_paths.directory_name(target)
        if parent is not None:
            io_files.make_directory(session, parent)
        extract_entry(session, entry, target, False)


def extract_entry(session: Session, entry: ZipArchiveEntry, path: str, overwrite: bool) -> None:
    if session.host.files.exists(path) and not overwrite:
        raise NetError("System.IO.IOException", f"The file '{path}' already exists.", HResult=-2147024816)
    content = entry.data()
    host_clock.sleep(session, entry.unpack_seconds)
    io_files.write_bytes(session, path, content)
    with windows_io(path):
        session.host.files.set_times(path, modified=_moment(entry.date))


def _moment(date: tuple[int, int, int, int, int, int]) -> python_datetime.datetime:
    return python_datetime.datetime(*date, tzinfo=python_datetime.UTC)


def add_file(session: Session, archive: ZipArchive, path: str, name: str) -> ZipArchiveEntry:
    if archive.mode == READ_MODE:
        raise not_supported("Cannot create entries on an archive opened in read mode.")
    data = io_files.read_bytes(session, path)
    modified = session.host.files.entry(path).modified
    moment = max(modified, python_datetime.datetime(1980, 1, 1, tzinfo=python_datetime.UTC))
    entry = ZipArchiveEntry(
        archive, name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    )
    entry.content = MemoryStream(data)
    archive.entries.append(entry)
    return entry


def folder_entry(session: Session, archive: ZipArchive, name: str) -> ZipArchiveEntry:
    """An entry without data; `name` ends in a separator."""
    return ZipArchiveEntry(archive, name, _now_parts(session))


def open_archive(session: Session, path: str, mode: int) -> ZipArchive:
    if mode == READ_MODE:
        stream: FileStream = open_file(session, path, OPEN, READ, READ)
    else:
        exists = session.host.files.is_file(path)
        if mode == CREATE_MODE and exists:
            raise NetError("System.IO.IOException", f"The file '{path}' already exists.", HResult=-2147024816)
        stream = open_file(session, path, OPEN if exists else CREATE, READ_WRITE, 0)
    try:
        return ZipArchive(stream, mode)
    except NetError:
        stream.close()
        raise


# ---- ZipFile --------------------------------------------------------------------------------------------------------


def _full(session: Session, path: Any, parameter: str) -> str:
    if path is None:
        raise argument_null(parameter)
    return io_paths.full_path(path, session)


@static(ZIP_FILE, "ExtractToDirectory")
def _extract_to_directory(source: Any, folder: Any, encoding: Any = None, *, session: Session) -> None:
    path = _full(session, source, "sourceArchiveFileName")
    archive = open_archive(session, path, READ_MODE)
    try:
        extract_all(session, archive, _full(session, folder, "destinationDirectoryName"))
    finally:
        archive.close()


@static(ZIP_FILE, "CreateFromDirectory")
def _create_from_directory(
    source: Any, target: Any, level: Any = None, include_base: bool = False, encoding: Any = None, *, session: Session
) -> None:
    folder = _full(session, source, "sourceDirectoryName").rstrip("\\")
    path = _full(session, target, "destinationArchiveFileName")
    with windows_io(folder):
        found = list(io_items.walk(session.host, folder, "*", True))
    archive = open_archive(session, path, CREATE_MODE)
    base = (io_paths.directory_name(folder) or folder) if include_base else folder
    try:
        for item, is_directory in found:
            name = item[len(base) :].lstrip("\\").replace("\\", "/")
            if not is_directory:
                add_file(session, archive, item, name)
            elif not session.host.files.list(item):
                archive.entries.append(folder_entry(session, archive, name + "/"))
        if include_base and not found:
            archive.entries.append(folder_entry(session, archive, io_paths.file_name(folder) + "/"))
    finally:
        archive.close()


@static(ZIP_FILE, "OpenRead")
def _open_read(path: Any, *, session: Session) -> ZipArchive:
    return open_archive(session, _full(session, path, "archiveFileName"), READ_MODE)


@static(ZIP_FILE, "Open")
def _open(path: Any, mode: EnumValue, encoding: Any = None, *, session: Session) -> ZipArchive:
    return open_archive(session, _full(session, path, "archiveFileName"), mode.value)


@static(EXTENSIONS, "ExtractToDirectory")
def _extension_extract(archive: ZipArchive, folder: Any, *, session: Session) -> None:
    archive.check()
    extract_all(session, archive, _full(session, folder, "destinationDirectoryName"))


@static(EXTENSIONS, "ExtractToFile")
def _extension_extract_file(entry: ZipArchiveEntry, path: Any, overwrite: bool = False, *, session: Session) -> None:
    extract_entry(session, entry, _full(session, path, "destinationFileName"), overwrite)


@static(EXTENSIONS, "CreateEntryFromFile")
def _extension_create(
    archive: ZipArchive, path: Any, name: str, level: Any = None, *, session: Session
) -> ZipArchiveEntry:
    return add_file(session, archive, _full(session, path, "sourceFileName"), name)


# ---- ZipArchive and its entries ----------------------------------------------------------------------------------


@constructor(ARCHIVE)
def _new(
    stream: NetStream | None, mode: EnumValue | None = None, leave_open: bool = False, encoding: Any = None
) -> ZipArchive:
    if stream is None:
        raise argument_null("stream")
    return ZipArchive(stream, READ_MODE if mode is None else mode.value, leave_open)


@getter(ARCHIVE, "Entries")
def _entries(archive: ZipArchive) -> PSArray:
    archive.check()
    if archive.mode == CREATE_MODE:
        raise not_supported("Cannot access entries in Create mode.")
    return PSArray(archive.entries, ENTRY)


@getter(ARCHIVE, "Mode")
def _mode(archive: ZipArchive) -> EnumValue:
    return enum_value(get_type("System.IO.Compression.ZipArchiveMode"), archive.mode)


@method(ARCHIVE, "GetEntry")
def _get_entry(archive: ZipArchive, name: str | None) -> ZipArchiveEntry | None:
    if name is None:
        raise argument_null("entryName")
    archive.check()
    return next((entry for entry in archive.entries if entry.full_name == name), None)


@method(ARCHIVE, "CreateEntry")
def _create_entry(archive: ZipArchive, name: str, level: Any = None, *, session: Session) -> ZipArchiveEntry:
    archive.check()
    if archive.mode == READ_MODE:
        raise not_supported("Cannot create entries on an archive opened in read mode.")
    entry = ZipArchiveEntry(archive, name, _now_parts(session))
    archive.entries.append(entry)
    return entry


@method(ARCHIVE, "Dispose")
def _dispose(archive: ZipArchive) -> None:
    archive.close()


@getter(ENTRY, "FullName")
@method(ENTRY, "ToString")
def _full_name(entry: ZipArchiveEntry) -> str:
    return entry.full_name


@getter(ENTRY, "Name")
def _name(entry: ZipArchiveEntry) -> str:
    return io_paths.file_name(entry.full_name)


@getter(ENTRY, "Archive")
def _archive(entry: ZipArchiveEntry) -> ZipArchive:
    return entry.archive


@getter(ENTRY, "Length")
def _length(entry: ZipArchiveEntry) -> Int64:
    return Int64(entry.info.file_size if entry.info is not None and entry.content is None else len(entry.data()))


@getter(ENTRY, "CompressedLength")
def _compressed_length(entry: ZipArchiveEntry) -> Int64:
    return Int64(entry.info.compress_size if entry.info is not None else 0)


@getter(ENTRY, "ExternalAttributes")
def _external_attributes(entry: ZipArchiveEntry) -> int:
    return entry.attributes - 2**32 if entry.attributes >= 2**31 else entry.attributes


@getter(ENTRY, "LastWriteTime")
def _last_write_time(entry: ZipArchiveEntry) -> DateTimeOffset:
    return DateTimeOffset.from_datetime(_moment(entry.date))


@setter(ENTRY, "LastWriteTime")
def _set_last_write_time(entry: ZipArchiveEntry, value: Any) -> None:
    moment = value.to_datetime() if hasattr(value, "to_datetime") else value
    entry.date = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


@method(ENTRY, "Open")
def _open_entry(entry: ZipArchiveEntry) -> MemoryStream:
    entry.archive.check()
    if entry.archive.mode == READ_MODE:
        return MemoryStream(entry.data(), writable=False)
    if entry.content is None:
        entry.content = MemoryStream(entry.data())
    return _EntryStream(entry.content)


class _EntryStream(MemoryStream):
    """Writes through to the entry; closing it keeps what was written."""

    def __init__(self, content: MemoryStream) -> None:
        super().__init__(bytes(content.data))
        self.content = content

    def write(self, data: bytes) -> None:
        super().write(data)
        self.content.data[:] = self.data

    def set_length(self, length: int) -> None:
        super().set_length(length)
        self.content.data[:] = self.data


@method(ENTRY, "Delete")
def _delete(entry: ZipArchiveEntry) -> None:
    if entry.archive.mode != UPDATE_MODE:
        raise not_supported("Cannot modify entry in Read or Create mode.")
    entry.archive.entries.remove(entry)
