"""The values Guid and Version with their members. (Uri is re-exported here; it stands in uri.py.)"""

from __future__ import annotations

import re
import uuid
from functools import total_ordering
from typing import Any

from winbake.rehearsal.powershell.dotnet.compare_to import order
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, bad_format, out_of_range
from winbake.rehearsal.powershell.dotnet.uri import Uri
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import Byte, Int16, NetObject, PSArray

__all__ = ["Guid", "Uri", "Version"]

GUID, VERSION = "System.Guid", "System.Version"

_GUID_TEXT = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
_GUID_FORMS = {
    "n": re.compile(r"[0-9a-f]{32}", re.I),
    "d": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I),
    "b": re.compile(r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", re.I),
    "p": re.compile(r"\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)", re.I),
    "x": re.compile(
        r"\{0x([0-9a-f]{1,8}),0x([0-9a-f]{1,4}),0x([0-9a-f]{1,4}),\{" + ",".join([r"0x([0-9a-f]{1,2})"] * 8) + r"\}\}",
        re.I,
    ),
}


@total_ordering
class Guid(NetObject):
    """System.Guid."""

    net_type_name = GUID

    def __init__(self, value: uuid.UUID | None = None) -> None:
        self.value = value or uuid.UUID(int=0)

    @classmethod
    def new(cls) -> Guid:
        return cls(uuid.uuid4())

    @classmethod
    def parse(cls, text: str, form: str | None = None) -> Guid:
        """From any of the forms N D B P X, or only from `form`. Raises FormatException."""
        stripped = text.strip()
        for letter in form.lower() if form else "dnbpx":
            candidate = re.sub(r"\s", "", stripped) if letter == "x" else stripped
            found = _GUID_FORMS[letter].fullmatch(candidate)
            if found and letter == "x":
                a, b, c, *rest = (int(digits, 16) for digits in found.groups())
                return cls(
                    uuid.UUID(bytes=a.to_bytes(4, "big") + b.to_bytes(2, "big") + c.to_bytes(2, "big") + bytes(rest))
                )
            if found:
                return cls(uuid.UUID(re.sub(r"[-{}()]", "", candidate)))
        has_guid_shape = "-" in stripped or len(stripped) == 32
        raise bad_format(_GUID_TEXT if has_guid_shape or form else "Unrecognized Guid format.")

    def text(self, form: str = "D") -> str:
        dashed = str(self.value)
        match form.lower():
            case "" | "d":
                return dashed
            case "n":
                return self.value.hex
            case "b":
                return "{" + dashed + "}"
            case "p":
                return "(" + dashed + ")"
            case "x":
                head = (
                    f"{{0x{self.value.time_low:08x},0x{self.value.time_mid:04x},0x{self.value.time_hi_version:04x},{{"
                )
                return head + ",".join(f"0x{byte:02x}" for byte in self.value.bytes[8:]) + "}}"
        raise bad_format('Format String can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".')

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guid) and self.value == other.value

    def __lt__(self, other: Guid) -> bool:
        if not isinstance(other, Guid):
            return NotImplemented
        return self.value.int < other.value.int

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return self.text()


@total_ordering
class Version(NetObject):
    """System.Version: two to four parts; a part not given is -1 (and sorts before 0)."""

    net_type_name = VERSION

    def __init__(self, major: int = 0, minor: int = 0, build: int = -1, revision: int = -1) -> None:
        self.parts = (int(major), int(minor), int(build), int(revision))

    @classmethod
    def parse(cls, text: str, parameter: str = "version") -> Version:
        """Raises ArgumentException (number of parts), FormatException, ArgumentOutOfRangeException (negative)
        or OverflowException."""
        pieces = text.split(".")
        if not 2 <= len(pieces) <= 4:
            raise argument("Version string portion was too short or too long.", parameter)
        return cls(*(cls._part(piece, parameter) for piece in pieces))

    @staticmethod
    def _part(text: str, parameter: str) -> int:
        if not re.fullmatch(r"[\s]*[+-]?[0-9]+[\s\0]*", text):
            raise bad_format()
        number = int(text.strip("\0 \t\n\v\f\r"))
        if number > 2**31 - 1 or number < -(2**31):
            raise NetError("System.OverflowException", "Value was either too large or too small for an Int32.")
        if number < 0:
            raise out_of_range(parameter, "Version's parameters must be greater than or equal to zero.")
        return number

    @property
    def major(self) -> int:
        return self.parts[0]

    @property
    def minor(self) -> int:
        return self.parts[1]

    @property
    def build(self) -> int:
        return self.parts[2]

    @property
    def revision(self) -> int:
        return self.parts[3]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.parts == other.parts

    def __lt__(self, other: Version) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.parts if part >= 0)

    def __repr__(self) -> str:
        return f"Version({self})"


# ---- System.Guid -----------------------------------------------------------------------------------------


@constructor(GUID)
def new_guid(*parts: Any) -> Guid:
    if len(parts) == 1 and isinstance(parts[0], str):
        return Guid.parse(parts[0])
    if len(parts) == 1:
        data = bytes(parts[0])
        if len(data) != 16:
            raise argument("Byte array for GUID must be exactly 16 bytes long.", "b")
        return Guid(uuid.UUID(bytes_le=data))
    head = [int(part) for part in parts[:3]]
    tail = bytes(parts[3]) if len(parts) == 4 else bytes(int(part) for part in parts[3:])
    if len(tail) != 8:
        raise argument("Byte array for GUID must be exactly 8 bytes long.", "d")
    numbers = (head[0] & 0xFFFFFFFF).to_bytes(4, "big") + b"".join((n & 0xFFFF).to_bytes(2, "big") for n in head[1:])
    return Guid(uuid.UUID(bytes=numbers + tail))


@static(GUID, "NewGuid")
def guid_new() -> Guid:
    return Guid.new()


@static_getter(GUID, "Empty")
def guid_empty() -> Guid:
    return Guid()


@static(GUID, "Parse")
def guid_parse(text: str | None) -> Guid:
    if text is None:
        raise argument_null("input")
    return Guid.parse(text)


@static(GUID, "ParseExact")
def guid_parse_exact(text: str | None, form: str | None) -> Guid:
    if text is None or form is None:
        raise argument_null("input" if text is None else "format")
    if len(form) != 1 or form.lower() not in _GUID_FORMS:
        raise bad_format('Format String can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".')
    return Guid.parse(text, form)


@static(GUID, "TryParse")
def guid_try_parse(text: str | None, result: Any) -> bool:
    return _try(result, Guid(), lambda: guid_parse(text))


@static(GUID, "TryParseExact")
def guid_try_parse_exact(text: str | None, form: str | None, result: Any) -> bool:
    return _try(result, Guid(), lambda: guid_parse_exact(text, form))


@method(GUID, "ToString")
def guid_to_string(value: Guid, form: str | None = None, provider: Any = None) -> str:
    return value.text(form or "D")


@method(GUID, "ToByteArray")
def guid_to_bytes(value: Guid) -> PSArray:
    return PSArray((Byte(byte) for byte in value.value.bytes_le), "System.Byte")


@method(GUID, "CompareTo")
def guid_compare(value: Guid, other: Any) -> int:
    return _order(value, other, "Object must be of type GUID.")


# ---- System.Version --------------------------------------------------------------------------------------


@constructor(VERSION)
def new_version(*parts: Any) -> Version:
    if len(parts) == 1:
        return version_parse(parts[0], parameter="version")
    for name, part in zip(("major", "minor", "build", "revision"), parts, strict=False):
        if part < 0:
            raise out_of_range(name, "Version's parameters must be greater than or equal to zero.")
    return Version(*parts)


@static(VERSION, "Parse")
def version_parse(text: str | None, parameter: str = "input") -> Version:
    if text is None:
        raise argument_null(parameter)
    return Version.parse(text, parameter)


@static(VERSION, "TryParse")
def version_try_parse(text: str | None, result: Any) -> bool:
    return _try(result, None, lambda: version_parse(text))


@method(VERSION, "ToString")
def version_to_string(value: Version, field_count: int | None = None) -> str:
    if field_count is None:
        return str(value)
    given = sum(part >= 0 for part in value.parts)
    if not 0 <= field_count <= given:
        raise argument(f"Argument must be between 0 and {given}.", "fieldCount")
    return ".".join(str(part) for part in value.parts[:field_count])


@method(VERSION, "CompareTo")
def version_compare(value: Version, other: Any) -> int:
    return _order(value, other, "Object must be of type Version.", "version")


@method(VERSION, "Clone")
def version_clone(value: Version) -> Version:
    return Version(*value.parts)


def _version_part(name: str, index: int) -> None:
    @getter(VERSION, name)
    def part(value: Version) -> int:
        return value.parts[index]


for _index, _name in enumerate(("Major", "Minor", "Build", "Revision")):
    _version_part(_name, _index)


@getter(VERSION, "MajorRevision")
def version_major_revision(value: Version) -> Int16:
    return Int16(value.revision >> 16)


@getter(VERSION, "MinorRevision")
def version_minor_revision(value: Version) -> Int16:
    low = value.revision & 0xFFFF
    return Int16(low - 0x10000 if low > 0x7FFF else low)


def _try(result: Any, failed: Any, parse: Any) -> bool:
    try:
        result.value = parse()
    except NetError:
        result.value = failed
        return False
    return True


def _order(value: Any, other: Any, message: str, parameter: str | None = None) -> int:
    if other is None:
        return 1
    if type(other) is not type(value):
        raise argument(message, parameter)
    return order(value, other)
