"""System.IO.FileStream, what File and FileInfo open, and readers and writers made from a path.

A stream holds its file's bytes; what was written goes to the file at Flush and Close. While it is open the file is
locked as FileShare says; the locks of a process that ends are released.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet import io_items, io_paths
from winbake.rehearsal.powershell.dotnet.encodings import UTF8, UTF8_NO_BOM, Encoding
from winbake.rehearsal.powershell.dotnet.io_failures import from_failure, io_error
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static
from winbake.rehearsal.powershell.dotnet.streams import MemoryStream, NetStream
from winbake.rehearsal.powershell.dotnet.text_readers import STREAM_READER, StreamReader
from winbake.rehearsal.powershell.dotnet.text_writers import STREAM_WRITER, StreamWriter
from winbake.rehearsal.powershell.dotnet.throwing import argument, not_supported, out_of_range
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.files import Lock

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

FILE_STREAM = "System.IO.FileStream"
CREATE_NEW, CREATE, OPEN, OPEN_OR_CREATE, TRUNCATE, APPEND = 1, 2, 3, 4, 5, 6
"""System.IO.FileMode."""
READ, WRITE, READ_WRITE = 1, 2, 3
"""System.IO.FileAccess, and with DELETE System.IO.FileShare."""
DELETE = 4

_HELD: WeakKeyDictionary[Any, list[FileStream]] = WeakKeyDictionary()
_HELD_LOCK = threading.Lock()


class FileLock(Lock):
    """A lock that also knows what its handle does, which later openers must share."""

    access: int = 0


class FileStream(NetStream):
    net_type_name = FILE_STREAM

    def __init__(
        self, session: Session, path: str, mode: int = OPEN, access: int = READ_WRITE, share: int = READ
    ) -> None:
        """`path` is full. Raises NetError as FileStream's constructor does."""
        super().__init__()
        self.session = session
        self.path = path
        self.access = access
        self.share = share
        self.dirty = False
        self.held: Lock | None = None
        self._position = 0
        files = session.host.files
        try:
            self._check_mode(mode)
            self._check_sharing()
            if access & WRITE and (not files.exists(path) or mode in (CREATE, TRUNCATE)):
                files.write(path, b"")
            elif access & WRITE and files.entry(path).read_only:
                raise Win32Failure(5, path)
            self.data = bytearray(files.read(path))
        except Win32Failure as failure:
            raise from_failure(failure, path) from failure
        self.start = len(self.data) if mode == APPEND else 0
        self._position = self.start
        self._hold()

    def _check_mode(self, mode: int) -> None:
        files = self.session.host.files
        if files.is_directory(self.path):
            raise Win32Failure(5, self.path)
        there = files.is_file(self.path)
        if mode == CREATE_NEW and there:
            raise Win32Failure(80, self.path)
        if mode in (OPEN, TRUNCATE) and not there:
            parent = io_paths.directory_name(self.path)
            raise Win32Failure(2 if parent is None or files.is_directory(parent) else 3, self.path)

    def _check_sharing(self) -> None:
        """Raises Win32Failure 32 when another handle does not allow this access, or does what this one forbids."""
        low = self.path.lower()
        for held in list(self.session.host.files.lock_table):
            if held.path.lower() != low:
                continue
            refused = (self.access & READ and not held.share_read) or (self.access & WRITE and not held.share_write)
            if held.image:
                refused = bool(self.access & WRITE)
            elif isinstance(held, FileLock) and held.access & ~self.share & READ_WRITE:
                refused = True
            if refused:
                raise Win32Failure(32, self.path)

    def _hold(self) -> None:
        files = self.session.host.files
        entry = files.entry(self.path)
        made = FileLock(
            entry.full_path if entry is not None else self.path,
            bool(self.share & READ),
            bool(self.share & WRITE),
            bool(self.share & DELETE),
            False,
        )
        made.access = self.access
        with files.mutex:
            files.lock_table.append(made)
        self.held = made
        _keep(self)
        if self.session.process.ended.is_set():  # while it was writing: a process that has ended has no handles
            self.release()

    def release(self) -> None:
        if self.held is not None:
            self.session.host.files.unlock(self.held)
            self.held = None

    # ---- NetStream

    @property
    def can_read(self) -> bool:  # type: ignore[override]
        return bool(self.access & READ)

    @property
    def can_write(self) -> bool:  # type: ignore[override]
        return bool(self.access & WRITE)

    can_seek = True

    def check_open(self) -> None:
        if self.closed:
            from winbake.rehearsal.powershell.dotnet.throwing import disposed

            raise disposed(None, "Cannot access a closed file.")

    def read(self, count: int) -> bytes:
        self.check_open()
        if not self.access & READ:
            raise not_supported("Stream does not support reading.")
        chunk = bytes(self.data[self._position : self._position + count])
        self._position += len(chunk)
        return chunk

    def write(self, data: bytes) -> None:
        self.check_open()
        if not self.access & WRITE:
            raise not_supported("Stream does not support writing.")
        if self._position > len(self.data):
            self.data.extend(bytes(self._position - len(self.data)))
        self.data[self._position : self._position + len(data)] = data
        self._position += len(data)
        self.dirty = True

    def flush(self) -> None:
        self.check_open()
        if not self.dirty:
            return
        self.session.process.check()
        self.release()
        try:
            self.session.host.files.write(self.path, bytes(self.data))
        except Win32Failure as failure:
            raise from_failure(failure, self.path) from failure
        finally:
            self._hold()
        self.dirty = False

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
        finally:
            self.release()
            self.closed = True

    @property
    def length(self) -> int:
        self.check_open()
        return len(self.data)

    def set_length(self, length: int) -> None:
        if not self.access & WRITE:
            raise not_supported("Stream does not support writing.")
        if length > len(self.data):
            self.data.extend(bytes(length - len(self.data)))
        del self.data[length:]
        self._position = min(self._position, length)
        self.dirty = True

    @property
    def position(self) -> int:
        self.check_open()
        return self._position

    @position.setter
    def position(self, position: int) -> None:
        self.check_open()
        if position < 0:
            raise out_of_range("value", "Non-negative number required.")
        self._position = position


def _keep(stream: FileStream) -> None:
    """Remembers the stream, and with the first of a process waits for that process's end."""
    process = stream.session.process
    with _HELD_LOCK:
        known = _HELD.get(process)
        if known is not None:
            if not any(one is stream for one in known):
                known.append(stream)
            return
        _HELD[process] = kept = [stream]

    def release() -> None:
        process.ended.wait()
        for one in list(kept):
            one.release()

    threading.Thread(target=release, name=f"handles of {process.image_name}", daemon=True).start()


def memory_stream(data: bytes) -> MemoryStream:
    """A stream of an answer that came whole."""
    return MemoryStream(data, writable=False)


def open_file(session: Session, path: Any, mode: int, access: int | None = None, share: int = READ) -> FileStream:
    full = io_paths.full_path(path, session)
    if access is None:
        access = WRITE if mode == APPEND else READ_WRITE
    if mode == APPEND and access & READ:
        raise argument("Append access can be requested only in write-only mode.", "access")
    if not access & WRITE and mode in (CREATE_NEW, CREATE, TRUNCATE):
        names = {CREATE_NEW: "CreateNew", CREATE: "Create", TRUNCATE: "Truncate"}
        raise argument(f"Combining FileMode: {names[mode]} with FileAccess: Read is invalid.", "access")
    return FileStream(session, full, mode, access, share)


# ---- constructors and members ------------------------------------------------------------------------------------


@constructor(FILE_STREAM, "String, FileMode")
@constructor(FILE_STREAM, "String, FileMode, FileAccess")
@constructor(FILE_STREAM, "String, FileMode, FileAccess, FileShare")
@constructor(FILE_STREAM, "String, FileMode, FileAccess, FileShare, Int32")
@constructor(FILE_STREAM, "String, FileMode, FileAccess, FileShare, Int32, Boolean")
@constructor(FILE_STREAM, "String, FileMode, FileAccess, FileShare, Int32, FileOptions")
def _new_file_stream(
    path: Any,
    mode: EnumValue,
    access: EnumValue | None = None,
    share: EnumValue | None = None,
    *rest: Any,
    session: Session,
) -> FileStream:
    return _open(path, mode, access, share, session=session)


@static("System.IO.File", "Open")
def _open(
    path: Any, mode: EnumValue, access: EnumValue | None = None, share: EnumValue | None = None, *, session: Session
) -> FileStream:
    default_share = READ if share is None else share.value
    return open_file(session, path, mode.value, None if access is None else access.value, default_share)


@static("System.IO.File", "OpenRead")
def _open_read(path: Any, *, session: Session) -> FileStream:
    return open_file(session, path, OPEN, READ, READ)


@static("System.IO.File", "OpenWrite")
def _open_write(path: Any, *, session: Session) -> FileStream:
    return open_file(session, path, OPEN_OR_CREATE, WRITE, 0)


@static("System.IO.File", "Create")
def _create(path: Any, *rest: Any, session: Session) -> FileStream:
    return open_file(session, path, CREATE, READ_WRITE, 0)


@static("System.IO.File", "OpenText")
def _open_text(path: Any, *, session: Session) -> StreamReader:
    return StreamReader(open_file(session, path, OPEN, READ, READ))


@static("System.IO.File", "CreateText")
def _create_text(path: Any, *, session: Session) -> StreamWriter:
    return StreamWriter(open_file(session, path, CREATE, WRITE, READ))


@static("System.IO.File", "AppendText")
def _append_text(path: Any, *, session: Session) -> StreamWriter:
    return StreamWriter(open_file(session, path, APPEND, WRITE, READ))


@getter(FILE_STREAM, "Name")
def _name(value: FileStream) -> str:
    return value.path


@getter(FILE_STREAM, "IsAsync")
def _is_async(value: FileStream) -> bool:
    return False


@method(FILE_STREAM, "Flush")
def _flush(value: FileStream, to_disk: bool = False) -> None:
    value.flush()


# FileInfo's.


@method(io_items.FILE, "Open")
def _info_open(
    value: io_items.FileInfo, mode: EnumValue, access: Any = None, share: Any = None, *, session: Session
) -> FileStream:
    share_bits = 0 if share is None else share.value
    return open_file(session, value.full_path, mode.value, None if access is None else access.value, share_bits)


@method(io_items.FILE, "OpenRead")
def _info_open_read(value: io_items.FileInfo, *, session: Session) -> FileStream:
    return _open_read(value.full_path, session=session)


@method(io_items.FILE, "OpenWrite")
def _info_open_write(value: io_items.FileInfo, *, session: Session) -> FileStream:
    return _open_write(value.full_path, session=session)


@method(io_items.FILE, "Create")
def _info_create(value: io_items.FileInfo, *, session: Session) -> FileStream:
    return _create(value.full_path, session=session)


@method(io_items.FILE, "OpenText")
def _info_open_text(value: io_items.FileInfo, *, session: Session) -> StreamReader:
    return _open_text(value.full_path, session=session)


@method(io_items.FILE, "CreateText")
def _info_create_text(value: io_items.FileInfo, *, session: Session) -> StreamWriter:
    return _create_text(value.full_path, session=session)


@method(io_items.FILE, "AppendText")
def _info_append_text(value: io_items.FileInfo, *, session: Session) -> StreamWriter:
    return _append_text(value.full_path, session=session)


# ---- readers and writers on paths ---------------------------------------------------------------------------------


@constructor(STREAM_READER, "String")
@constructor(STREAM_READER, "String, Boolean")
@constructor(STREAM_READER, "String, Encoding")
@constructor(STREAM_READER, "String, Encoding, Boolean")
@constructor(STREAM_READER, "String, Encoding, Boolean, Int32")
def _reader_on_path(path: Any, *options: Any, session: Session) -> StreamReader:
    encoding = next((one for one in options if isinstance(one, Encoding)), UTF8)
    detect = next((one for one in options if isinstance(one, bool)), True)
    return StreamReader(open_file(session, path, OPEN, READ, READ), encoding, detect)


@constructor(STREAM_WRITER, "String")
@constructor(STREAM_WRITER, "String, Boolean")
@constructor(STREAM_WRITER, "String, Boolean, Encoding")
@constructor(STREAM_WRITER, "String, Boolean, Encoding, Int32")
def _writer_on_path(path: Any, append: bool = False, *options: Any, session: Session) -> StreamWriter:
    encoding = next((one for one in options if isinstance(one, Encoding)), UTF8_NO_BOM)
    return StreamWriter(open_file(session, path, APPEND if append else CREATE, WRITE, READ), encoding)


# ---- standard streams of a child ------------------------------------------------------------------------------------


class PipeStream(NetStream):
    """The reading or the writing end of a child's redirected stream."""

    def __init__(self, session: Session, pipe: Any, reading: bool) -> None:
        super().__init__()
        self.session = session
        self.pipe = pipe
        self.reading = reading

    @property
    def can_read(self) -> bool:  # type: ignore[override]
        return self.reading

    @property
    def can_write(self) -> bool:  # type: ignore[override]
        return not self.reading

    def read(self, count: int) -> bytes:
        """Waits for data; ends with this process."""
        found: bytes = self.pipe.read(count, self.session.process.killed)
        return found

    def write(self, data: bytes) -> None:
        try:
            self.pipe.write(data)
        except Win32Failure as failure:
            raise io_error(failure.code) from failure

    def close(self) -> None:
        if not self.closed and not self.reading:
            self.pipe.close()
        self.closed = True
