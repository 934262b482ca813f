"""`.ToString()`, `.ToString(format)` and String.Format for every kind of value."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.datetime import DateTime, DateTimeOffset, TimeSpan
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid
from winbake.rehearsal.powershell.dotnet.registry import METHODS
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, bad_format
from winbake.rehearsal.powershell.errors import NetException
from winbake.rehearsal.powershell.formatting.culture import culture_of
from winbake.rehearsal.powershell.formatting.dates import format_date, format_date_offset
from winbake.rehearsal.powershell.formatting.numbers import format_number
from winbake.rehearsal.powershell.formatting.timespans import format_timespan
from winbake.rehearsal.powershell.values import PSObject, is_custom, unwrap

_BAD_INDEX = "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."
_FORMATTABLE = (int, float, Decimal, DateTime, DateTimeOffset, TimeSpan, Guid)
_BAD_ENUM_FORMAT = 'Format String can be only "G", "g", "X", "x", "F", "f", "D" or "d".'


def format_value(value: Any, format_text: str | None, culture: Any = None) -> str:
    """`value.ToString(format_text, culture)`; a type without formats (string, Version …) ignores the format.

    `culture` is a Culture, any IFormatProvider value, or None for the current culture. Raises NetError
    (System.FormatException) for a format the type does not know.
    """
    if type(value) is PSObject and not isinstance(value.base, _FORMATTABLE):
        from winbake.rehearsal.powershell.convert import to_text

        return to_text(value)  # PSObject is IFormattable itself, with PowerShell's own text
    value = unwrap(value)
    if isinstance(value, bool | str) or value is None:
        return net_to_string(value)
    chosen = culture_of(culture)
    if isinstance(value, int | float | Decimal):
        return format_number(value, format_text, chosen)
    if isinstance(value, DateTime):
        return format_date(value, format_text, chosen)
    if isinstance(value, DateTimeOffset):
        return format_date_offset(value, format_text, chosen)
    if isinstance(value, TimeSpan):
        return format_timespan(value, format_text)
    if isinstance(value, Guid):
        return value.text(format_text or "D")

    from winbake.rehearsal.powershell.types import EnumValue

    if isinstance(value, EnumValue):
        return format_enum(value, format_text or "G")
    return net_to_string(value)


def format_enum(value: Any, format_text: str) -> str:
    """Enum.ToString(format): G and F names, D the number, X its hexadecimal digits at full width."""
    match format_text.lower():
        case "g" | "f" | "":
            return str(value.name)
        case "d":
            return str(value.value)
        case "x":
            return f"{value.value & 0xFFFFFFFF:08X}"
    raise bad_format(_BAD_ENUM_FORMAT)


def net_to_string(value: Any, culture: Any = None) -> str:
    """`value.ToString()`; null gives the empty text, as String.Format and string concatenation take it."""
    value = unwrap(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | Decimal | DateTime | DateTimeOffset | TimeSpan):
        return format_value(value, None, culture)

    from winbake.rehearsal.powershell.types import EnumValue, NetType, type_of

    if isinstance(value, EnumValue):
        return str(value.name)
    if isinstance(value, NetType):
        return value.key
    if is_custom(value):
        return ""
    net_type = type_of(value)
    if net_type.script_class is not None:
        from winbake.rehearsal.powershell.members import invoke_method

        return str(invoke_method(None, value, "ToString", []))
    for ancestor in net_type.ancestors():
        registered = METHODS.get((ancestor.table_name, "tostring"))
        if registered is not None and ancestor.key != "System.Object":
            return str(_parameterless(registered)(value))
    if isinstance(value, NetException):
        return exception_text(value)
    return net_type.key


def exception_text(value: NetException) -> str:
    """Exception.ToString() without a stack trace: `Type: message ---> inner …`."""
    text = value.type_name + (f": {value.message}" if value.message else "")
    if value.inner is not None:
        text += f" ---> {exception_text(value.inner)}\r\n   --- End of inner exception stack trace ---"
    return text


def composite(format_text: str | None, arguments: Sequence[Any], culture: Any = None) -> str:
    """String.Format. Raises NetError: ArgumentNullException, or FormatException for a bad format or index."""
    if format_text is None:
        raise argument_null("format")
    out: list[str] = []
    position = 0
    while position < len(format_text):
        character = format_text[position]
        position += 1
        if character in "{}" and format_text[position : position + 1] == character:
            position += 1
        elif character == "}":
            raise bad_format()
        elif character == "{":
            text, position = _item(format_text, position, arguments, culture)
            out.append(text)
            continue
        out.append(character)
    return "".join(out)


def _item(text: str, position: int, arguments: Sequence[Any], culture: Any) -> tuple[str, int]:
    """One `{index[,width][:format]}` from behind its brace; the position behind the closing one."""
    index, position = _number(text, position)
    if index >= len(arguments):
        raise bad_format(_BAD_INDEX)
    position = _skip_spaces(text, position)
    width, left = 0, False
    if text[position : position + 1] == ",":
        position = _skip_spaces(text, position + 1)
        left = text[position : position + 1] == "-"
        width, position = _number(text, position + left)
    position = _skip_spaces(text, position)
    item_format = None
    if text[position : position + 1] == ":":
        item_format, position = _item_format(text, position + 1)
    if text[position : position + 1] != "}":
        raise bad_format()
    shown = format_value(arguments[index], item_format, culture)
    return (shown.ljust(width) if left else shown.rjust(width)), position + 1


def _number(text: str, position: int) -> tuple[int, int]:
    start = position
    while position < len(text) and text[position] in "0123456789" and position - start < 7:
        position += 1
    if position == start or position == len(text):
        raise bad_format()
    return int(text[start:position]), position


def _skip_spaces(text: str, position: int) -> int:
    while text[position : position + 1] == " ":
        position += 1
    return position


def _item_format(text: str, position: int) -> tuple[str, int]:
    out = ""
    while True:
        if position >= len(text):
            raise bad_format()
        character = text[position]
        if character in "{}":
            if text[position + 1 : position + 2] != character:
                if character == "}":
                    return out, position
                raise bad_format()
            position += 1
        out += character
        position += 1


def _parameterless(registered: dict[str | None, Callable[..., Any]]) -> Callable[[Any], Any]:
    function = registered.get("") or registered.get(None) or next(iter(registered.values()))
    if "session" in inspect.signature(function).parameters:
        return lambda value: function(value, session=None)
    return function
