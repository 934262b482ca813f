"""System.Char."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import method, static, static_getter
from winbake.rehearsal.powershell.dotnet.strings import WHITE_SPACE, lower, upper
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, bad_format, out_of_range
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import Char

CHAR = "System.Char"
_CATEGORIES = [
    *("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"),
    *("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"),
]
"""System.Globalization.UnicodeCategory, by its numbers."""


def _category(character: str) -> str:
    return unicodedata.category(character)


def _at(text: str | None, index: int | None) -> str:
    """The character meant by `(char)` or by `(text, index)`."""
    if text is None:
        raise argument_null("s")
    if index is None:
        return str(text)
    if not 0 <= index < len(text):
        raise out_of_range("index")
    return text[index]


def _predicate(name: str, test: Callable[[str], bool]) -> None:
    @static(CHAR, name)
    def is_kind(text: str | None, index: int | None = None) -> bool:
        return test(_at(text, index))


for _name, _test in {
    "IsControl": lambda c: _category(c) == "Cc",
    "IsDigit": lambda c: _category(c) == "Nd",
    "IsLetter": lambda c: _category(c)[0] == "L",
    "IsLetterOrDigit": lambda c: _category(c)[0] == "L" or _category(c) == "Nd",
    "IsLower": lambda c: _category(c) == "Ll",
    "IsUpper": lambda c: _category(c) == "Lu",
    "IsNumber": lambda c: _category(c)[0] == "N",
    "IsPunctuation": lambda c: _category(c)[0] == "P",
    "IsSeparator": lambda c: _category(c)[0] == "Z",
    "IsSymbol": lambda c: _category(c)[0] == "S",
    "IsWhiteSpace": lambda c: c in WHITE_SPACE,
    "IsSurrogate": lambda c: "\ud800" <= c <= "\udfff",
    "IsHighSurrogate": lambda c: "\ud800" <= c <= "\udbff",
    "IsLowSurrogate": lambda c: "\udc00" <= c <= "\udfff",
}.items():
    _predicate(_name, _test)


@static(CHAR, "ToLower")
@static(CHAR, "ToLowerInvariant")
def char_to_lower(character: str, culture: Any = None) -> Char:
    return Char(lower(character))


@static(CHAR, "ToUpper")
@static(CHAR, "ToUpperInvariant")
def char_to_upper(character: str, culture: Any = None) -> Char:
    return Char(upper(character))


@static(CHAR, "ToString")
@method(CHAR, "ToString")
def char_to_string(character: str, provider: Any = None) -> str:
    return str(character)


@static(CHAR, "Parse")
def char_parse(text: str | None) -> Char:
    if text is None:
        raise argument_null("s")
    if len(text) != 1:
        raise bad_format("String must be exactly one character long.")
    return Char(text)


@static(CHAR, "TryParse")
def char_try_parse(text: str | None, result: Any) -> bool:
    fits = text is not None and len(text) == 1
    result.value = Char(text) if fits else Char("\0")
    return fits


@static(CHAR, "GetNumericValue")
def char_numeric_value(text: str | None, index: int | None = None) -> float:
    return unicodedata.numeric(_at(text, index), -1.0)


@static(CHAR, "GetUnicodeCategory")
def char_category(text: str | None, index: int | None = None) -> EnumValue:
    return enum_value("System.Globalization.UnicodeCategory", _CATEGORIES.index(_category(_at(text, index))))


@static(CHAR, "ConvertFromUtf32")
def from_utf32(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise out_of_range(
            "utf32",
            "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate "
            "codepoint values (0x00d800 ~ 0x00dfff).",
        )
    return chr(code)


@static(CHAR, "ConvertToUtf32", "String, Int32")
def to_utf32(text: str | None, index: int) -> int:
    return ord(_at(text, index))


@method(CHAR, "CompareTo")
def char_compare(value: str, other: Any) -> int:
    if other is None:
        return 1
    if not isinstance(other, Char):
        raise argument("Object must be of type Char.")
    return ord(value) - ord(other)


@method(CHAR, "Equals")
def char_equals(value: str, other: Any) -> bool:
    return type(other) is Char and str(value) == str(other)


@method(CHAR, "GetHashCode")
def char_hash(value: str) -> int:
    return ord(value) | ord(value) << 16


@static_getter(CHAR, "MaxValue")
def char_max() -> Char:
    return Char("\uffff")


@static_getter(CHAR, "MinValue")
def char_min() -> Char:
    return Char("\0")
