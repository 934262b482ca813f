"""System.IO.Stream and MemoryStream.

NetStream is the base for every stream of the rehearsal: a subclass plays `read`, `write` and what else it can;
the .NET members (Read into a Byte[], CopyTo, Seek …) are registered once, on System.IO.Stream.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed, not_supported, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray

STREAM, MEMORY = "System.IO.Stream", "System.IO.MemoryStream"
_CHUNK = 81920


class NetStream(NetObject):
    """A stream of bytes. `read` gives b"" only at the end; it may give fewer bytes than asked for."""

    net_type_name = STREAM
    can_read = False
    can_write = False
    can_seek = False

    def __init__(self) -> None:
        self.closed = False

    def read(self, count: int) -> bytes:
        raise not_supported("Stream does not support reading.")

    def write(self, data: bytes) -> None:
        raise not_supported("Stream does not support writing.")

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    @property
    def length(self) -> int:
        raise not_supported()

    def set_length(self, length: int) -> None:
        raise not_supported()

    @property
    def position(self) -> int:
        raise not_supported()

    @position.setter
    def position(self, position: int) -> None:
        raise not_supported()

    def check_open(self) -> None:
        """Raises ObjectDisposedException after close."""
        if self.closed:
            raise disposed(None, "Cannot access a closed Stream.")

    def read_all(self) -> bytes:
        """From the position to the end."""
        out = bytearray()
        while chunk := self.read(_CHUNK):
            out += chunk
        return bytes(out)


class MemoryStream(NetStream):
    """Bytes in memory. One made over a Byte[] cannot grow and writes through to that array."""

    net_type_name = MEMORY
    can_seek = True

    def __init__(self, data: bytes = b"", array: PSArray | None = None, writable: bool = True) -> None:
        super().__init__()
        self.data = bytearray(data)
        self.array = array
        self.array_offset = 0
        self.writable = writable
        self._position = 0
        self._capacity = len(data)

    @property
    def can_read(self) -> bool:  # type: ignore[override]
        return not self.closed

    @property
    def can_write(self) -> bool:  # type: ignore[override]
        return self.writable and not self.closed

    def read(self, count: int) -> bytes:
        self.check_open()
        chunk = bytes(self.data[self._position : self._position + count])
        self._position += len(chunk)
        return chunk

    def write(self, data: bytes) -> None:
        self.check_open()
        if not self.writable:
            raise not_supported("Stream does not support writing.")
        end = self._position + len(data)
        if end > len(self.data):
            self._grow(end)
        self.data[self._position : end] = data
        if self.array is not None:
            start = self.array_offset + self._position
            self.array.items[start : start + len(data)] = byte_array(data).items
        self._position = end

    def _grow(self, length: int) -> None:
        if self.array is not None:
            raise not_supported("Memory stream is not expandable.")
        self.data.extend(bytes(length - len(self.data)))
        if length > self._capacity:
            self._capacity = max(length, 256, self._capacity * 2)

    @property
    def length(self) -> int:
        self.check_open()
        return len(self.data)

    def set_length(self, length: int) -> None:
        if length > len(self.data):
            self._grow(length)
        del self.data[length:]
        self._position = min(self._position, length)

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

    @property
    def capacity(self) -> int:
        return max(self._capacity, len(self.data))

    @capacity.setter
    def capacity(self, capacity: int) -> None:
        if capacity < len(self.data):
            raise out_of_range("value", "capacity was less than the current size.")
        self._capacity = capacity


class _NullStream(NetStream):
    can_read = can_write = can_seek = True

    def read(self, count: int) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        pass


# ---- System.IO.Stream -------------------------------------------------------------------------------------


def _check_span(buffer: PSArray | None, offset: int, count: int) -> PSArray:
    if buffer is None:
        raise argument_null("buffer", "Buffer cannot be null.")
    if offset < 0 or count < 0:
        raise out_of_range("offset" if offset < 0 else "count", "Non-negative number required.")
    if offset + count > len(buffer):
        raise argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from "
            "index to the end of the source collection."
        )
    return buffer


@static_getter(STREAM, "Null")
def null_stream() -> NetStream:
    return _NullStream()


@method(STREAM, "Read")
def stream_read(value: NetStream, buffer: PSArray | None, offset: int, count: int) -> int:
    target = _check_span(buffer, offset, count)
    data = value.read(count)
    target.items[offset : offset + len(data)] = byte_array(data).items
    return len(data)


@method(STREAM, "ReadByte")
def stream_read_byte(value: NetStream) -> int:
    data = value.read(1)
    return data[0] if data else -1


@method(STREAM, "Write")
def stream_write(value: NetStream, buffer: PSArray | None, offset: int, count: int) -> None:
    source = _check_span(buffer, offset, count)
    value.write(bytes(source.items[offset : offset + count]))


@method(STREAM, "WriteByte")
def stream_write_byte(value: NetStream, byte: int) -> None:
    value.write(bytes([byte]))


@method(STREAM, "CopyTo")
def stream_copy_to(value: NetStream, destination: NetStream | None, buffer_size: int = _CHUNK) -> None:
    if destination is None:
        raise argument_null("destination")
    while chunk := value.read(buffer_size):
        destination.write(chunk)


@method(STREAM, "Seek")
def stream_seek(value: NetStream, offset: int, origin: EnumValue) -> Int64:
    value.check_open()
    if not value.can_seek:
        raise not_supported("Stream does not support seeking.")
    base = {0: 0, 1: value.position, 2: value.length}[origin.value]
    if base + offset < 0:
        raise NetError(
            "System.IO.IOException", "An attempt was made to move the position before the beginning of the stream."
        )
    value.position = base + int(offset)
    return Int64(value.position)


@method(STREAM, "SetLength")
def stream_set_length(value: NetStream, length: int) -> None:
    value.check_open()
    value.set_length(int(length))


@method(STREAM, "Flush")
def stream_flush(value: NetStream) -> None:
    value.flush()


@method(STREAM, "Close")
@method(STREAM, "Dispose")
def stream_close(value: NetStream) -> None:
    if not value.closed:
        value.close()


@getter(STREAM, "CanRead")
def stream_can_read(value: NetStream) -> bool:
    return value.can_read and not value.closed


@getter(STREAM, "CanWrite")
def stream_can_write(value: NetStream) -> bool:
    return value.can_write and not value.closed


@getter(STREAM, "CanSeek")
def stream_can_seek(value: NetStream) -> bool:
    return value.can_seek and not value.closed


@getter(STREAM, "CanTimeout")
def stream_can_timeout(value: NetStream) -> bool:
    return False


@getter(STREAM, "Length")
def stream_length(value: NetStream) -> Int64:
    return Int64(value.length)


@getter(STREAM, "Position")
def stream_position(value: NetStream) -> Int64:
    return Int64(value.position)


@setter(STREAM, "Position")
def set_stream_position(value: NetStream, position: int) -> None:
    value.position = int(position)


# ---- System.IO.MemoryStream -------------------------------------------------------------------------------


@constructor(MEMORY)
def new_memory_stream(*arguments: Any) -> MemoryStream:
    if not arguments or isinstance(arguments[0], int):
        stream = MemoryStream()
        stream.capacity = int(arguments[0]) if arguments else 0
        return stream
    array, *rest = arguments
    if array is None:
        raise argument_null("buffer", "Buffer cannot be null.")
    flags = [item for item in rest if isinstance(item, bool)]
    span = [int(item) for item in rest if not isinstance(item, bool)]
    offset, count = span or (0, len(array))
    _check_span(array, offset, count)
    stream = MemoryStream(bytes_of(array)[offset : offset + count], array, flags[0] if flags else True)
    stream.array_offset = offset
    return stream


@method(MEMORY, "ToArray")
def memory_to_array(value: MemoryStream) -> PSArray:
    return byte_array(value.data)


@method(MEMORY, "GetBuffer")
def memory_get_buffer(value: MemoryStream) -> PSArray:
    if value.array is not None:
        raise NetError("System.UnauthorizedAccessException", "MemoryStream's internal buffer cannot be accessed.")
    return byte_array(bytes(value.data).ljust(value.capacity, b"\0"))


@method(MEMORY, "WriteTo")
def memory_write_to(value: MemoryStream, stream: NetStream | None) -> None:
    if stream is None:
        raise argument_null("stream", "Stream cannot be null.")
    stream.write(bytes(value.data))


@getter(MEMORY, "Capacity")
def memory_capacity(value: MemoryStream) -> int:
    value.check_open()
    return value.capacity


@setter(MEMORY, "Capacity")
def set_memory_capacity(value: MemoryStream, capacity: int) -> None:
    value.capacity = capacity
