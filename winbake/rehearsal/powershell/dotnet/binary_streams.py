"""System.IO.BinaryReader and BinaryWriter."""

from __future__ import annotations

import struct
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of, char_array, text_of
from winbake.rehearsal.powershell.dotnet.encodings import UTF8_NO_BOM, Encoding
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method
from winbake.rehearsal.powershell.dotnet.streams import NetStream, stream_read, stream_seek
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import (
    Byte,
    Char,
    Int16,
    Int64,
    NetObject,
    PSArray,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

READER, WRITER = "System.IO.BinaryReader", "System.IO.BinaryWriter"
_LAYOUTS: dict[str, tuple[str, type]] = {
    "Boolean": ("?", bool),
    "Byte": ("<B", Byte),
    "SByte": ("<b", SByte),
    "Int16": ("<h", Int16),
    "UInt16": ("<H", UInt16),
    "Int32": ("<i", int),
    "UInt32": ("<I", UInt32),
    "Int64": ("<q", Int64),
    "UInt64": ("<Q", UInt64),
    "Single": ("<f", Single),
    "Double": ("<d", float),
}


class _Binary(NetObject):
    def __init__(self, stream: NetStream, encoding: Encoding, leave_open: bool) -> None:
        self.stream = stream
        self.encoding = encoding
        self.leave_open = leave_open

    def close(self) -> None:
        if not self.leave_open and not self.stream.closed:
            self.stream.close()


class BinaryReader(_Binary):
    net_type_name = READER

    def exactly(self, count: int) -> bytes:
        """Raises EndOfStreamException when the stream has fewer bytes."""
        data = b""
        while len(data) < count and (more := self.stream.read(count - len(data))):
            data += more
        if len(data) < count:
            raise NetError("System.IO.EndOfStreamException", "Unable to read beyond the end of the stream.")
        return data

    def character(self) -> str:
        """One character in the encoding, "" at the end."""
        decoder = self.encoding.incremental_decoder()
        while byte := self.stream.read(1):
            if text := decoder.decode(byte):
                return text
        return ""


class BinaryWriter(_Binary):
    net_type_name = WRITER


def _register_constructor(type_name: str, kind: type[_Binary], readable: bool) -> None:
    @constructor(type_name)
    def make(stream: NetStream | None, encoding: Encoding = UTF8_NO_BOM, leave_open: bool = False) -> _Binary:
        if stream is None:
            raise argument_null("input" if readable else "output")
        if not (stream.can_read if readable else stream.can_write):
            raise argument("Stream was not readable." if readable else "Stream was not writable.")
        return kind(stream, encoding, leave_open)

    method(type_name, "Close")(lambda value: value.close())
    method(type_name, "Dispose")(lambda value: value.close())
    getter(type_name, "BaseStream")(lambda value: value.stream)


_register_constructor(READER, BinaryReader, readable=True)
_register_constructor(WRITER, BinaryWriter, readable=False)


def _register_number(name: str, layout: str, kind: type) -> None:
    @method(READER, f"Read{name}")
    def read(value: BinaryReader) -> Any:
        return kind(struct.unpack(layout, value.exactly(struct.calcsize(layout)))[0])

    @method(WRITER, "Write", name)
    def write(value: BinaryWriter, number: Any) -> None:
        value.stream.write(struct.pack(layout, number))


for _name, (_layout, _kind) in _LAYOUTS.items():
    _register_number(_name, _layout, _kind)


@method(READER, "ReadBytes")
def read_bytes(value: BinaryReader, count: int) -> PSArray:
    data = b""
    while len(data) < count and (more := value.stream.read(count - len(data))):
        data += more
    return byte_array(data)


@method(READER, "Read", "Byte[], Int32, Int32")
def read_into(value: BinaryReader, buffer: PSArray, index: int, count: int) -> int:
    return stream_read(value.stream, buffer, index, count)


@method(READER, "ReadChar")
def read_char(value: BinaryReader) -> Char:
    text = value.character()
    if not text:
        raise NetError("System.IO.EndOfStreamException", "Unable to read beyond the end of the stream.")
    return Char(text)


@method(READER, "ReadChars")
def read_chars(value: BinaryReader, count: int) -> PSArray:
    characters = ""
    while len(characters) < count and (one := value.character()):
        characters += one
    return char_array(characters)


@method(READER, "ReadString")
def read_string(value: BinaryReader) -> str:
    length, shift = 0, 0
    while True:
        byte = value.exactly(1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value.encoding.decode(value.exactly(length))
        if shift >= 35:
            raise NetError("System.FormatException", "Too many bytes in what should have been a 7 bit encoded Int32.")


@method(READER, "PeekChar")
def peek_char(value: BinaryReader) -> int:
    if not value.stream.can_seek:
        return -1
    start = value.stream.position
    text = value.character()
    value.stream.position = start
    return ord(text) if text else -1


@method(WRITER, "Write", "Byte[]")
@method(WRITER, "Write", "Byte[], Int32, Int32")
def write_bytes(value: BinaryWriter, data: PSArray | None, index: int = 0, count: int | None = None) -> None:
    if data is None:
        raise argument_null("buffer")
    end = len(data) if count is None else index + count
    value.stream.write(bytes_of(data)[index:end])


@method(WRITER, "Write", "Char")
def write_char(value: BinaryWriter, character: str) -> None:
    value.stream.write(value.encoding.encode(str(character)))


@method(WRITER, "Write", "Char[]")
def write_chars(value: BinaryWriter, characters: PSArray) -> None:
    value.stream.write(value.encoding.encode(text_of(characters)))


@method(WRITER, "Write", "String")
def write_string(value: BinaryWriter, text: str | None) -> None:
    if text is None:
        raise argument_null("value")
    data = value.encoding.encode(text)
    length, prefix = len(data), b""
    while length >= 0x80:
        prefix += bytes([length & 0x7F | 0x80])
        length >>= 7
    value.stream.write(prefix + bytes([length]) + data)


@method(WRITER, "Flush")
def flush(value: BinaryWriter) -> None:
    value.stream.flush()


@method(WRITER, "Seek")
def seek(value: BinaryWriter, offset: int, origin: EnumValue) -> Int64:
    return stream_seek(value.stream, offset, origin)
