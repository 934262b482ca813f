"""System.Convert, and DBNull."""

from __future__ import annotations

import base64
import binascii
import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of, char_array, text_of
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.decimals import decimal_from_float
from winbake.rehearsal.powershell.dotnet.number_parsing import (
    FLOAT,
    INTEGER,
    NUMBER,
    THOUSANDS,
    TOO_LARGE,
    parse_decimal,
    parse_double,
    parse_integer,
    to_single,
)
from winbake.rehearsal.powershell.dotnet.numbers import TYPE_CODES, parse_boolean, type_name_of
from winbake.rehearsal.powershell.dotnet.registry import static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import (
    argument,
    argument_null,
    bad_format,
    invalid_cast,
    out_of_range,
    overflow,
)
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting.culture import culture_of
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, get_type, is_instance, type_of
from winbake.rehearsal.powershell.values import (
    INTEGER_RANGES,
    INTEGER_TYPES,
    Char,
    NetObject,
    PSArray,
    Single,
    unwrap,
)

CONVERT = "System.Convert"
_TYPE_BY_CODE = {
    3: "System.Boolean",
    4: "System.Char",
    5: "System.SByte",
    6: "System.Byte",
    7: "System.Int16",
    8: "System.UInt16",
    9: "System.Int32",
    10: "System.UInt32",
    11: "System.Int64",
    12: "System.UInt64",
    13: "System.Single",
    14: "System.Double",
    15: "System.Decimal",
    16: "System.DateTime",
    18: "System.String",
}
_BASE64_ERROR = (
    "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, "
    "or an illegal character among the padding characters. "
)


class DBNull(NetObject):
    """System.DBNull; its one value is DBNULL."""

    net_type_name = "System.DBNull"

    def __str__(self) -> str:
        return ""


DBNULL = DBNull()


# ---- conversions ------------------------------------------------------------------------------------------


def integer_in_range(number: int, kind: type) -> Any:
    """The number as that integer type. Raises OverflowException."""
    low, high = INTEGER_RANGES[kind]
    if not low <= number <= high:
        raise overflow(TOO_LARGE[kind])
    return kind(number)


def _invalid(value: Any, target: str) -> NetError:
    return invalid_cast(f"Invalid cast from '{type_name_of(value)}' to '{target}'.")


def to_integer(value: Any, kind: type[int], target: str, provider: Any = None) -> int:
    """Convert.ToInt32 and its like: rounds half to even, reads text in the culture, null is 0."""
    if value is None:
        return kind(0)
    if isinstance(value, bool):
        return kind(value)
    if isinstance(value, Char):
        return kind(integer_in_range(ord(value), kind))
    if isinstance(value, str):
        return parse_integer(value, kind, INTEGER, culture_of(provider))
    if isinstance(value, EnumValue):
        return kind(integer_in_range(value.value, kind))
    if isinstance(value, int):
        return kind(integer_in_range(int(value), kind))
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            raise overflow(TOO_LARGE[kind])
        return kind(integer_in_range(round(value), kind))
    if isinstance(value, Decimal):
        whole = value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN, context=Context(prec=60))
        return kind(integer_in_range(int(whole), kind))
    raise _invalid(value, target) if isinstance(value, DateTime) else _not_convertible(value)


def _not_convertible(value: Any) -> NetError:
    return invalid_cast(f"Unable to cast object of type '{type_of(value).full_name}' to type 'System.IConvertible'.")


def to_boolean(value: Any) -> bool:
    if value is None:
        return False
    if isinstance(value, Char | DateTime):
        raise _invalid(value, "Boolean")
    if isinstance(value, str):
        return parse_boolean(value)
    if isinstance(value, EnumValue):
        return value.value != 0
    if isinstance(value, int | float | Decimal):
        return bool(value)
    raise _not_convertible(value)


def to_char(value: Any) -> Char:
    if value is None:
        return Char("\0")
    if isinstance(value, Char):
        return value
    if isinstance(value, str):
        if len(value) != 1:
            raise bad_format("String must be exactly one character long.")
        return Char(value)
    if isinstance(value, bool | float | Decimal | DateTime):
        raise _invalid(value, "Char")
    if isinstance(value, int):
        if not 0 <= value <= 0xFFFF:
            raise overflow("Value was either too large or too small for a character.")
        return Char(chr(value))
    raise _not_convertible(value)


def to_double(value: Any, provider: Any = None, kind: type[float] = float) -> float:
    if value is None:
        return kind(0)
    if isinstance(value, Char | DateTime):
        raise _invalid(value, "Double" if kind is float else "Single")
    if isinstance(value, str):
        return parse_double(value, kind, FLOAT | THOUSANDS, culture_of(provider))
    if isinstance(value, EnumValue):
        value = value.value
    if isinstance(value, int | float | Decimal):
        return Single(to_single(float(value))) if kind is Single else float(value)
    raise _not_convertible(value)


def to_decimal(value: Any, provider: Any = None) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, Char | DateTime):
        raise _invalid(value, "Decimal")
    if isinstance(value, str):
        return parse_decimal(value, NUMBER, culture_of(provider))
    if isinstance(value, EnumValue):
        value = value.value
    if isinstance(value, float):
        return decimal_from_float(value)
    if isinstance(value, int | Decimal):
        return value if isinstance(value, Decimal) else Decimal(int(value))
    raise _not_convertible(value)


def to_date_time(value: Any, provider: Any = None) -> DateTime:
    from winbake.rehearsal.powershell.dotnet.date_parsing import parse_date

    if value is None:
        return DateTime()
    if isinstance(value, DateTime):
        return value
    if isinstance(value, str) and not isinstance(value, Char):
        return parse_date(value, culture_of(provider))
    if isinstance(value, int | float | Decimal | Char):
        raise _invalid(value, "DateTime")
    raise _not_convertible(value)


def to_string(value: Any, provider: Any = None) -> str:
    from winbake.rehearsal.powershell.formatting import format_value

    return "" if value is None else format_value(value, None, provider)


def change_type(value: Any, target: NetType, provider: Any = None) -> Any:
    """Convert.ChangeType. Raises NetError: InvalidCastException, FormatException or OverflowException."""
    value = unwrap(value)
    if value is None:
        if target.is_value_type:
            raise invalid_cast("Null object cannot be converted to a value type.")
        return None
    if type(value) not in TYPE_CODES and not isinstance(value, DateTime | EnumValue):
        if type_of(value) is target:
            return value
        raise invalid_cast("Object must implement IConvertible.")
    if target.key in INTEGER_TYPES:
        return to_integer(value, INTEGER_TYPES[target.key], target.name, provider)
    match target.key:
        case "System.Boolean":
            return to_boolean(value)
        case "System.Char":
            return to_char(value)
        case "System.Double":
            return to_double(value, provider)
        case "System.Single":
            return to_double(value, provider, Single)
        case "System.Decimal":
            return to_decimal(value, provider)
        case "System.DateTime":
            return to_date_time(value, provider)
        case "System.String":
            return to_string(value, provider)
        case "System.Object":
            return value
    if is_instance(value, target) and type_of(value) is target:
        return value
    raise invalid_cast(f"Invalid cast from '{type_of(value).full_name}' to '{target.full_name}'.")


def _register_integer(name: str, kind: type[int]) -> None:
    @static(CONVERT, f"To{name}")
    def convert(value: Any, provider: Any = None) -> int:
        return to_integer(value, kind, name, provider)

    @static(CONVERT, f"To{name}", "String, Int32")
    def convert_base(text: str | None, base: int) -> int:
        return read_in_base(text, base, kind)


for _full_name, _kind in INTEGER_TYPES.items():
    _register_integer(_full_name.rpartition(".")[2], _kind)


@static(CONVERT, "ToBoolean")
def convert_to_boolean(value: Any, provider: Any = None) -> bool:
    return to_boolean(value)


@static(CONVERT, "ToChar")
def convert_to_char(value: Any, provider: Any = None) -> Char:
    return to_char(value)


@static(CONVERT, "ToDouble")
def convert_to_double(value: Any, provider: Any = None) -> float:
    return to_double(value, provider)


@static(CONVERT, "ToSingle")
def convert_to_single(value: Any, provider: Any = None) -> float:
    return to_double(value, provider, Single)


@static(CONVERT, "ToDecimal")
def convert_to_decimal(value: Any, provider: Any = None) -> Decimal:
    return to_decimal(value, provider)


@static(CONVERT, "ToDateTime")
def convert_to_date_time(value: Any, provider: Any = None) -> DateTime:
    return to_date_time(value, provider)


@static(CONVERT, "ToString")
def convert_to_string(value: Any, provider: Any = None) -> str:
    return to_string(value, provider)


@static(CONVERT, "ChangeType")
def convert_change_type(value: Any, target: Any, provider: Any = None) -> Any:
    if target is None:
        raise argument_null("conversionType")
    if isinstance(target, EnumValue):
        if target.value not in _TYPE_BY_CODE:
            return value
        target = get_type(_TYPE_BY_CODE[target.value])
    return change_type(value, target, provider)


@static(CONVERT, "GetTypeCode")
def convert_get_type_code(value: Any) -> EnumValue:
    if value is None:
        return enum_value("System.TypeCode", 0)
    return enum_value("System.TypeCode", 16 if isinstance(value, DateTime) else TYPE_CODES.get(type(value), 1))


@static(CONVERT, "IsDBNull")
def is_db_null(value: Any) -> bool:
    return value is DBNULL


@static_getter(CONVERT, "DBNull")
@static_getter("System.DBNull", "Value")
def db_null() -> DBNull:
    return DBNULL


# ---- number bases -----------------------------------------------------------------------------------------


def _check_base(base: int) -> None:
    if base not in (2, 8, 10, 16):
        raise argument("Invalid Base.")


def read_in_base(text: str | None, base: int, kind: type[int]) -> int:
    """Convert.ToInt32(text, base): in bases other than 10 the digits are the bits of the type."""
    _check_base(base)
    if text is None:
        return kind(0)
    if text == "":
        raise out_of_range(
            "startIndex", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    low, high = INTEGER_RANGES[kind]
    negative = text.startswith("-")
    if negative and base != 10:
        raise argument("String cannot contain a minus sign if the base is not 10.")
    if negative and low == 0:
        raise overflow("The string was being parsed as an unsigned number and could not have a negative sign.")
    digits = text[1:] if text[0] in "+-" else text
    if base == 16 and digits[:2].lower() == "0x":
        digits = digits[2:]
    allowed = "0123456789abcdef"[:base]
    count = len(digits) - len(digits.lstrip(allowed + allowed.upper()))
    if count == 0:
        raise bad_format("Could not find any recognizable digits.")
    if count < len(digits):
        raise bad_format("Additional non-parsable characters are at the end of the string.")
    number = int(digits, base) * (-1 if negative else 1)
    if base != 10 and high < number <= high - low:
        number -= high - low + 1
    if not low <= number <= high:
        raise overflow(TOO_LARGE[kind])
    return kind(number)


def _register_base(signature: str) -> None:
    @static(CONVERT, "ToString", f"{signature}, Int32")
    def convert_to_base(value: int, base: int) -> str:
        _check_base(base)
        if base == 10:
            return str(int(value))
        low, high = INTEGER_RANGES[type(value)]
        bits = int(value) if value >= 0 else int(value) + high - low + 1
        return format(bits, {2: "b", 8: "o", 16: "x"}[base])


for _signature in ("Byte", "Int16", "Int32", "Int64"):
    _register_base(_signature)


# ---- Base64 -----------------------------------------------------------------------------------------------


@static(CONVERT, "ToBase64String")
def to_base64(data: PSArray | None, *rest: Any) -> str:
    if data is None:
        raise argument_null("inArray")
    numbers = [item for item in rest if isinstance(item, int)]
    raw = bytes_of(data)
    if numbers:
        offset, length = numbers
        if length < 0:
            raise out_of_range(
                "length", "Index was out of range. Must be non-negative and less than the size of the collection."
            )
        if offset < 0:
            raise out_of_range("offset", "Value must be positive.")
        if offset + length > len(raw):
            raise out_of_range("offset", "Offset and length must refer to a position in the string.")
        raw = raw[offset : offset + length]
    text = base64.b64encode(raw).decode("ascii")
    if any(isinstance(item, EnumValue) and item.value == 1 for item in rest):
        return "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    return text


@static(CONVERT, "FromBase64String")
def from_base64(text: str | None) -> PSArray:
    if text is None:
        raise argument_null("s")
    compact = re.sub(r"[ \t\r\n]", "", text)
    if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", compact):
        raise bad_format(_BASE64_ERROR)
    if len(compact) % 4:
        raise bad_format("Invalid length for a Base-64 char array or string.")
    try:
        return byte_array(base64.b64decode(compact))
    except binascii.Error as error:
        raise bad_format(_BASE64_ERROR) from error


@static(CONVERT, "FromBase64CharArray")
def from_base64_chars(characters: PSArray, offset: int, length: int) -> PSArray:
    return from_base64(text_of(characters.items[offset : offset + length]))


@static(CONVERT, "ToBase64CharArray")
def to_base64_chars(
    data: PSArray, offset: int, length: int, target: PSArray, target_offset: int, options: Any = None
) -> int:
    encoded = char_array(to_base64(data, offset, length, options))
    target.items[target_offset : target_offset + len(encoded)] = encoded.items
    return len(encoded)
