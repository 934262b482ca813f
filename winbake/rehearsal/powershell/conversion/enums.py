"""Enum values from text and numbers."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.conversion.failures import invalid_cast, with_cause
from winbake.rehearsal.powershell.conversion.text import to_text
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, NetType


def enum_from_text(text: str, net_type: NetType) -> EnumValue:
    """Names without case, unique prefixes of names, numbers, or several of them with commas between."""
    total = 0
    for part in text.split(","):
        name = part.strip()
        number = _number(name)
        total |= number if number is not None else _by_name(text, name, net_type)
    if not is_defined(net_type, total):
        raise _undefined("UndefinedStringToEnum", text, net_type)
    return EnumValue(net_type, total)


def enum_from_number(number: int, net_type: NetType, value: Any) -> EnumValue:
    if not is_defined(net_type, number):
        raise _undefined("UndefinedIntegerToEnum", value, net_type)
    return EnumValue(net_type, number)


def null_to_enum(net_type: NetType) -> Exception:
    names = ", ".join(net_type.enum_values)
    return invalid_cast(
        "nullToEnumInvalidCast",
        f'Cannot convert null to type "{net_type.key}" due to enumeration values that are not valid. Specify one of '
        f'the following enumeration values and try again. The possible enumeration values are "{names}".',
    )


def is_defined(net_type: NetType, number: int) -> bool:
    values = net_type.enum_values.values()
    if number in values:
        return True
    if not net_type.is_flags:
        return False
    mask = 0
    for one in values:
        mask |= one
    return number != 0 and number & ~mask == 0


def _number(text: str) -> int | None:
    try:
        return int(text) if text and text[-1].isascii() and text.lstrip("+-").isdigit() else None
    except ValueError:
        return None


def _by_name(text: str, name: str, net_type: NetType) -> int:
    names = list(net_type.enum_values)
    for one in names:
        if one == name:
            return net_type.enum_values[one]
    wanted = name.lower()
    for one in names:
        if one.lower() == wanted:
            return net_type.enum_values[one]
    matching = [one for one in names if one.lower().startswith(wanted)]
    if len(matching) == 1:
        return net_type.enum_values[matching[0]]
    if matching:
        reason = (
            f"The identifier name {name} cannot be processed because it is either too similar or identical to the "
            f"following enumerator names: {', '.join(matching)}. Use a more specific identifier name."
        )
    else:
        reason = (
            f"Unable to match the identifier name {name} to a valid enumerator name. Specify one of the following "
            f"enumerator names and try again:\r\n{', '.join(names)}"
        )
    cause = NetError("System.Management.Automation.PSArgumentException", reason)
    raise with_cause("SubstringDisambiguationEnumParseThrewAnException", text, net_type, cause)


def _undefined(error_id: str, value: Any, net_type: NetType) -> Exception:
    names = ",".join(net_type.enum_values)
    return invalid_cast(
        error_id,
        f'Cannot convert value "{to_text(value)}" to type "{net_type.key}" due to enumeration values that are not '
        "valid. Specify one of the following enumeration values and try again. The possible enumeration values are "
        f'"{names}".',
    )
