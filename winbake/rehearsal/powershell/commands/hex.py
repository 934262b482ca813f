"""Format-Hex: sixteen bytes a ByteCollection."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.dotnet import io_files
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array
from winbake.rehearsal.powershell.dotnet.io_items import FileInfo
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError
from winbake.rehearsal.powershell.providers import core

WIDTH = 16
_BYTES = "System.Byte"
_INTEGER_SIZES = {v.Int64: 8, v.UInt64: 8, v.UInt32: 4, v.Int16: 2, v.UInt16: 2, v.SByte: 1}
_ENCODINGS = {
    "ascii": "ascii",
    "utf8": "utf-8",
    "utf7": "utf-7",
    "unicode": "utf-16-le",
    "bigendianunicode": "utf-16-be",
    "utf32": "utf-32-le",
}


@result("Microsoft.PowerShell.Commands.ByteCollection", "Offset", "Bytes", "Path")
class ByteCollection(CommandResult):
    def __str__(self) -> str:
        """Lines of offset, bytes in hexadecimal and the characters they may be."""
        data = bytes(self["Bytes"])
        lines = []
        for start in range(0, len(data), WIDTH):
            row = data[start : start + WIDTH]
            shown = "".join(chr(b) if 32 <= b < 127 or b >= 160 else "." for b in row)
            hexadecimal = " ".join(f"{b:02X}" for b in row)
            lines.append(f"{self['Offset'] + start:08X}   {hexadecimal:<{WIDTH * 3 - 1}}  {shown}")
        return "\r\n".join(lines)


@cmdlet("Format-Hex", "Format-Hex")
class FormatHex(Cmdlet):
    def begin(self) -> None:
        self._pending = bytearray()
        self._offset = 0

    def process(self) -> None:
        if self.parameter_set == "ByInputObject":
            self._take(v.unwrap(self.get("InputObject")))
            return
        literal = self.parameter_set == "LiteralPath"
        for path in self.get("LiteralPath" if literal else "Path"):
            self._file(str(path), literal)

    def _take(self, value: Any) -> None:
        if isinstance(value, FileInfo):
            self._file(value.full_path, True)
        elif isinstance(value, v.PSArray) and value.element_type == _BYTES:
            self._emit_bytes(bytes(value), None, 0)
        elif isinstance(value, str) and not isinstance(value, v.Char):
            encoding = _ENCODINGS[(self.get("Encoding") or "Ascii").lower()]
            self._emit_bytes(value.encode(encoding, "replace"), None, 0)
        elif isinstance(value, v.Byte):
            self._pending.append(value)
        elif type(value) in _INTEGER_SIZES:
            self._pending += int(value).to_bytes(_INTEGER_SIZES[type(value)], "little", signed=True)
        elif type(value) is int:
            self._pending += value.to_bytes(
                4 if self.switch("Raw") else _size(value), "little", signed=not 0 <= value < 256
            )
        else:
            message = f"Cannot convert input of type {convert.to_text(value, self.session)} to hexadecimal."
            kind = "Microsoft.PowerShell.Commands.WriteErrorException"
            self.error("FormatHexFailureTypeNotSupported", message, "ParserError", kind)
        while len(self._pending) >= WIDTH:
            self._emit_bytes(bytes(self._pending[:WIDTH]), " ", self._offset)
            self._offset += WIDTH
            del self._pending[:WIDTH]

    def _file(self, path: str, literal: bool) -> None:
        for found in core.resolve_each(self, [path], literal):
            try:
                data = io_files.read_bytes(self.session, found.path)
            except NetError as failure:
                record = ErrorRecord(failure.exception, "FormatHexFileAccessError", "ReadError", found.path)
                self.write_error(record)
                continue
            for start in range(0, len(data), WIDTH):
                self._emit_bytes(data[start : start + WIDTH], found.path, start)

    def _emit_bytes(self, data: bytes, path: str | None, offset: int) -> None:
        self.emit(ByteCollection(offset=v.UInt32(offset), bytes=byte_array(data), path=path))

    def end(self) -> None:
        if self._pending:
            self._emit_bytes(bytes(self._pending), " ", self._offset)


def _size(value: int) -> int:
    """The bytes that the smallest of Byte, Int16 and Int32 has for the number."""
    if 0 <= value < 256:
        return 1
    return 2 if -(2**15) <= value < 2**15 else 4
