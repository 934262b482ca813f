"""System.BitConverter (little-endian, as every Windows)."""

from __future__ import annotations

import struct
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, out_of_range
from winbake.rehearsal.powershell.values import Char, Int16, Int64, PSArray, Single, UInt16, UInt32, UInt64

BITS = "System.BitConverter"
_LAYOUTS: dict[str, tuple[str, type]] = {
    "Boolean": ("?", bool),
    "Int16": ("<h", Int16),
    "UInt16": ("<H", UInt16),
    "Int32": ("<i", int),
    "UInt32": ("<I", UInt32),
    "Int64": ("<q", Int64),
    "UInt64": ("<Q", UInt64),
    "Single": ("<f", Single),
    "Double": ("<d", float),
}
_TOO_SHORT = (
    "Destination array is not long enough to copy all the items in the collection. Check array index and length."
)


@static_getter(BITS, "IsLittleEndian")
def is_little_endian() -> bool:
    return True


def _checked(data: PSArray | None, start: int, size: int) -> bytes:
    if data is None:
        raise argument_null("value")
    if not 0 <= start < len(data):
        raise out_of_range(
            "startIndex", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    if start + size > len(data):
        raise argument(_TOO_SHORT)
    return bytes_of(data)[start : start + size]


def _register(name: str, layout: str, kind: type) -> None:
    @static(BITS, "GetBytes", name)
    def get_bytes(value: Any) -> PSArray:
        return byte_array(struct.pack(layout, value))

    @static(BITS, f"To{name}")
    def read(data: PSArray | None, start: int) -> Any:
        return kind(struct.unpack(layout, _checked(data, start, struct.calcsize(layout)))[0])


for _name, (_layout, _kind) in _LAYOUTS.items():
    _register(_name, _layout, _kind)


@static(BITS, "GetBytes", "Char")
def get_char_bytes(value: str) -> PSArray:
    return byte_array(ord(value).to_bytes(2, "little"))


@static(BITS, "ToChar")
def to_char(data: PSArray | None, start: int) -> Char:
    return Char(chr(int.from_bytes(_checked(data, start, 2), "little")))


@static(BITS, "ToString")
def to_string(data: PSArray | None, start: int = 0, length: int | None = None) -> str:
    if data is None:
        raise argument_null("value")
    if start < 0 or (start >= len(data) and start > 0):
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    count = len(data) - start if length is None else length
    if count < 0:
        raise out_of_range("length", "Value must be positive.")
    if start + count > len(data):
        raise argument(_TOO_SHORT)
    return "-".join(f"{byte:02X}" for byte in bytes_of(data)[start : start + count])


@static(BITS, "DoubleToInt64Bits")
def double_to_bits(value: float) -> Int64:
    return Int64(struct.unpack("<q", struct.pack("<d", value))[0])


@static(BITS, "Int64BitsToDouble")
def bits_to_double(value: int) -> float:
    return float(struct.unpack("<d", struct.pack("<q", value))[0])
