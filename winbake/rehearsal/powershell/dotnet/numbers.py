"""The number types and Boolean: Parse, TryParse, ToString, CompareTo, limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.compare_to import order
from winbake.rehearsal.powershell.dotnet.number_parsing import (
    FLOAT,
    HEX,
    INTEGER,
    NUMBER,
    THOUSANDS,
    parse_decimal,
    parse_double,
    parse_integer,
    to_single,
)
from winbake.rehearsal.powershell.dotnet.registry import method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, bad_format
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting.culture import culture_of
from winbake.rehearsal.powershell.types import EnumValue, enum_value, type_of
from winbake.rehearsal.powershell.values import (
    INTEGER_RANGES,
    INTEGER_TYPES,
    BigInteger,
    Byte,
    Char,
    Int16,
    Int64,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

BOOLEAN, DOUBLE, SINGLE, DECIMAL = "System.Boolean", "System.Double", "System.Single", "System.Decimal"
TYPE_CODES: dict[type, int] = {
    bool: 3,
    Char: 4,
    SByte: 5,
    Byte: 6,
    Int16: 7,
    UInt16: 8,
    int: 9,
    UInt32: 10,
    Int64: 11,
    UInt64: 12,
    Single: 13,
    float: 14,
    Decimal: 15,
    str: 18,
}
"""System.TypeCode."""

Reader = Callable[[str, int, Any], Any]


def parse_boolean(text: str | None) -> bool:
    """Raises FormatException (or ArgumentNullException)."""
    if text is None:
        raise argument_null("value")
    word = text.strip(" \t\n\v\f\r\0\x85\xa0").lower()
    if word not in ("true", "false"):
        raise bad_format("String was not recognized as a valid Boolean.")
    return word == "true"


def _split(arguments: tuple[Any, ...], default: int) -> tuple[int, Any]:
    """The NumberStyles and the culture among the arguments behind the text."""
    style = next((item.value for item in arguments if isinstance(item, EnumValue)), default)
    provider = next((item for item in arguments if item is not None and not isinstance(item, EnumValue)), None)
    return style, culture_of(provider)


def _register_parsing(type_name: str, default_style: int, zero: Any, read: Reader) -> None:
    @static(type_name, "Parse")
    def parse(text: str | None, *arguments: Any) -> Any:
        if text is None:
            raise argument_null("String")
        return read(text, *_split(arguments, default_style))

    @static(type_name, "TryParse")
    def try_parse(text: str | None, *arguments: Any) -> bool:
        *given, result = arguments
        style, culture = _split(tuple(given), default_style)
        if style & HEX and style & ~(HEX | 3):
            raise argument("The number style AllowHexSpecifier is not supported with these styles.", "style")
        try:
            result.value = read(text or "", style, culture)
        except NetError:
            result.value = zero
            return False
        return True


def _integer_reader(kind: type[int]) -> Reader:
    return lambda text, style, culture: parse_integer(text, kind, style, culture)


for _name, _kind in INTEGER_TYPES.items():
    _register_parsing(_name, INTEGER, _kind(0), _integer_reader(_kind))
_register_parsing(DOUBLE, FLOAT | THOUSANDS, 0.0, lambda t, s, c: parse_double(t, float, s, c))
_register_parsing(SINGLE, FLOAT | THOUSANDS, Single(0), lambda t, s, c: parse_double(t, Single, s, c))
_register_parsing(DECIMAL, NUMBER, Decimal(0), parse_decimal)
_register_parsing("System.Numerics.BigInteger", INTEGER, BigInteger(0), _integer_reader(BigInteger))


@static(BOOLEAN, "Parse")
def boolean_parse(text: str | None) -> bool:
    return parse_boolean(text)


@static(BOOLEAN, "TryParse")
def boolean_try_parse(text: str | None, result: Any) -> bool:
    try:
        result.value = parse_boolean(text)
    except NetError:
        result.value = False
        return False
    return True


@static_getter(BOOLEAN, "TrueString")
def true_string() -> str:
    return "True"


@static_getter(BOOLEAN, "FalseString")
def false_string() -> str:
    return "False"


# ---- what all of them have -------------------------------------------------------------------------------


def _register_common(type_name: str) -> None:
    short = type_name.rpartition(".")[2]

    @method(type_name, "ToString")
    def to_string(value: Any, *arguments: Any) -> str:
        from winbake.rehearsal.powershell.formatting import format_value

        text = next((item for item in arguments if isinstance(item, str)), None)
        provider = next((item for item in arguments if item is not None and not isinstance(item, str)), None)
        return format_value(value, text, provider)

    @method(type_name, "CompareTo")
    def compare_to(value: Any, other: Any) -> int:
        if other is None:
            return 1
        if type(other) is not type(value) and type(value) is not BigInteger:
            raise argument(f"Object must be of type {short}.")
        if value != value or other != other:  # NaN sorts before everything and equals itself
            return int(value == value) - int(other == other)
        if isinstance(value, Byte | SByte | Int16 | UInt16):
            return int(value) - int(other)
        return order(value, other)

    @method(type_name, "Equals")
    def equals(value: Any, other: Any) -> bool:
        same_kind = type(other) is type(value) or (type(value) is BigInteger and isinstance(other, int))
        return bool(same_kind and (value == other or (value != value and other != other)))

    @method(type_name, "GetHashCode")
    def get_hash_code(value: Any) -> int:
        if isinstance(value, int):
            low = int(value) & 0xFFFFFFFF
            high = (int(value) >> 32) & 0xFFFFFFFF if isinstance(value, Int64 | UInt64) else 0
            mixed = low ^ high
            return mixed - 2**32 if mixed >= 2**31 else mixed
        return hash(value) % 2**31

    @method(type_name, "GetTypeCode")
    def get_type_code(value: Any) -> EnumValue:
        return enum_value("System.TypeCode", TYPE_CODES[type(value)])


for _name in (*INTEGER_TYPES, BOOLEAN, DOUBLE, SINGLE, DECIMAL, "System.Numerics.BigInteger"):
    _register_common(_name)


def _constant(type_name: str, name: str, value: Any) -> None:
    static_getter(type_name, name)(lambda: value)


for _name, _kind in INTEGER_TYPES.items():
    _low, _high = INTEGER_RANGES[_kind]
    _constant(_name, "MinValue", _kind(_low))
    _constant(_name, "MaxValue", _kind(_high))

_MAX_DOUBLE = 1.7976931348623157e308
_MAX_SINGLE = to_single(3.4028234663852886e38)
for _name, _make, _largest, _smallest in (
    (DOUBLE, float, _MAX_DOUBLE, 5e-324),
    (SINGLE, Single, _MAX_SINGLE, to_single(1.401298e-45)),
):
    _constant(_name, "MaxValue", _make(_largest))
    _constant(_name, "MinValue", _make(-_largest))
    _constant(_name, "Epsilon", _make(_smallest))
    _constant(_name, "NaN", _make(math.nan))
    _constant(_name, "PositiveInfinity", _make(math.inf))
    _constant(_name, "NegativeInfinity", _make(-math.inf))


def _register_tests(type_name: str) -> None:
    static(type_name, "IsNaN")(lambda value: math.isnan(value))
    static(type_name, "IsInfinity")(lambda value: math.isinf(value))
    static(type_name, "IsPositiveInfinity")(lambda value: value == math.inf)
    static(type_name, "IsNegativeInfinity")(lambda value: value == -math.inf)


_register_tests(DOUBLE)
_register_tests(SINGLE)


def type_name_of(value: Any) -> str:
    """The short .NET name for texts such as `Invalid cast from 'Char' to 'Double'.`"""
    return type_of(value).name
