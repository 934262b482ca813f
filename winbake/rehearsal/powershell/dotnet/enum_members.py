"""Members of System.Enum."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import method, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, get_type
from winbake.rehearsal.powershell.values import PSArray

ENUM = "System.Enum"


def _check(net_type: NetType | None) -> NetType:
    if net_type is None:
        raise argument_null("enumType")
    if not net_type.is_enum:
        raise argument("Type provided must be an Enum.", "enumType")
    return net_type


def _in_order(net_type: NetType) -> list[tuple[str, int]]:
    """By value as an unsigned number, which is how GetNames and GetValues sort."""
    return sorted(net_type.enum_values.items(), key=lambda item: item[1] & 0xFFFFFFFFFFFFFFFF)


@static(ENUM, "GetNames")
def get_names(net_type: NetType) -> PSArray:
    return PSArray([name for name, _ in _in_order(_check(net_type))], "System.String")


@method("System.Type", "GetEnumNames")
def type_enum_names(net_type: NetType) -> PSArray:
    return get_names(net_type)


@static(ENUM, "GetValues")
def get_values(net_type: NetType) -> PSArray:
    return PSArray([EnumValue(net_type, number) for _, number in _in_order(_check(net_type))], net_type.key)


@method("System.Type", "GetEnumValues")
def type_enum_values(net_type: NetType) -> PSArray:
    return get_values(net_type)


@static(ENUM, "GetName")
@method("System.Type", "GetEnumName")
def get_name(net_type: NetType, value: Any) -> str | None:
    number = value.value if isinstance(value, EnumValue) else int(value)
    return next((name for name, one in _check(net_type).enum_values.items() if one == number), None)


@static(ENUM, "GetUnderlyingType")
@method("System.Type", "GetEnumUnderlyingType")
def get_underlying_type(net_type: NetType) -> NetType:
    _check(net_type)
    return get_type("System.Int32")


@static(ENUM, "IsDefined")
@method("System.Type", "IsEnumDefined")
def is_defined(net_type: NetType, value: Any) -> bool:
    values = _check(net_type).enum_values
    if isinstance(value, str):
        return value in values
    return (value.value if isinstance(value, EnumValue) else int(value)) in values.values()


@static(ENUM, "ToObject")
def to_object(net_type: NetType, value: Any) -> EnumValue:
    return EnumValue(_check(net_type), value.value if isinstance(value, EnumValue) else int(value))


def parse_name(net_type: NetType, text: str | None, ignore_case: bool) -> EnumValue:
    """Enum.Parse: whole names or a number, several with commas. ArgumentException."""
    if text is None:
        raise argument_null("value")
    if not text.strip():
        raise argument("Must specify valid information for parsing in the string.")
    stripped = text.strip()
    if stripped.lstrip("+-").isdigit():
        return EnumValue(net_type, int(stripped))
    total = 0
    for part in stripped.split(","):
        total |= _by_name(net_type, part.strip(), ignore_case)
    return EnumValue(net_type, total)


def _by_name(net_type: NetType, name: str, ignore_case: bool) -> int:
    for one, number in net_type.enum_values.items():
        if one == name or (ignore_case and one.lower() == name.lower()):
            return number
    raise argument(f"Requested value '{name}' was not found.")


@static(ENUM, "Parse", "Type, String")
def parse(net_type: NetType, text: str) -> EnumValue:
    return parse_name(_check(net_type), text, False)


@static(ENUM, "Parse", "Type, String, Boolean")
def parse_ignoring(net_type: NetType, text: str, ignore_case: bool) -> EnumValue:
    return parse_name(_check(net_type), text, ignore_case)


def _try(text: str, ignore_case: bool, result: Any) -> bool:
    """The enum's type comes from the value in the [ref]."""
    value = result.value
    if not isinstance(value, EnumValue):
        raise argument("Type provided must be an Enum.", "enumType")
    try:
        result.value = parse_name(value.net_type, text, ignore_case)
    except NetError:
        result.value = EnumValue(value.net_type, 0)
        return False
    return True


@static(ENUM, "TryParse", "String, TEnum")
def try_parse(text: str, result: Any) -> bool:
    return _try(text, False, result)


@static(ENUM, "TryParse", "String, Boolean, TEnum")
def try_parse_ignoring(text: str, ignore_case: bool, result: Any) -> bool:
    return _try(text, ignore_case, result)


@static(ENUM, "Format")
def format_value(net_type: NetType, value: Any, text: str) -> str:
    from winbake.rehearsal.powershell import formatting

    return formatting.format_value(to_object(net_type, value), text)


@method(ENUM, "ToString")
def to_text(value: EnumValue, text: Any = None, provider: Any = None) -> str:
    if not isinstance(text, str) or not text:
        return value.name
    from winbake.rehearsal.powershell import formatting

    return formatting.format_value(value, text)


@method(ENUM, "HasFlag")
def has_flag(value: EnumValue, flag: EnumValue) -> bool:
    if flag.net_type is not value.net_type:
        raise argument(
            f"The argument type, '{flag.net_type.key}', is not the same as the enum type '{value.net_type.key}'."
        )
    return value.value & flag.value == flag.value


@method(ENUM, "CompareTo")
def compare_to(value: EnumValue, other: Any) -> int:
    if other is None:
        return 1
    if not isinstance(other, EnumValue) or other.net_type is not value.net_type:
        raise argument("Object must be the same type as the enum.")
    return (value.value > other.value) - (value.value < other.value)


@method(ENUM, "Equals")
def equals(value: EnumValue, other: Any) -> bool:
    return bool(value == other)


@method(ENUM, "GetHashCode")
def hash_code(value: EnumValue) -> int:
    return value.value


@method(ENUM, "GetTypeCode")
def type_code(value: EnumValue) -> EnumValue:
    return enum_value("System.TypeCode", "Int32")
