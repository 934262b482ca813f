"""System.Text.StringBuilder."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import text_of
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import Char, NetObject, PSArray

BUILDER = "System.Text.StringBuilder"


class StringBuilder(NetObject):
    """Text that grows in place. `text` is what is in it."""

    net_type_name = BUILDER

    def __init__(self, text: str = "", capacity: int = 16) -> None:
        self._parts = [text] if text else []
        self._capacity = capacity

    @property
    def text(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @text.setter
    def text(self, text: str) -> None:
        self._parts = [text]

    def append(self, text: str) -> StringBuilder:
        self._parts.append(text)
        return self

    @property
    def capacity(self) -> int:
        return max(self._capacity, len(self.text))

    @capacity.setter
    def capacity(self, capacity: int) -> None:
        self._capacity = capacity

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return True


@constructor(BUILDER)
def new_builder(*arguments: Any) -> StringBuilder:
    if arguments and isinstance(arguments[0], int):
        if arguments[0] < 0:
            raise out_of_range("capacity", "'capacity' must be greater than zero.")
        return StringBuilder(capacity=arguments[0] or 16)
    text = (arguments[0] if arguments else None) or ""
    if len(arguments) == 4:
        text = text[arguments[1] : arguments[1] + arguments[2]]
    return StringBuilder(text, max(16, len(text), arguments[-1] if len(arguments) > 1 else 0))


@method(BUILDER, "Append")
def append(value: StringBuilder, item: Any, *rest: int) -> StringBuilder:
    return value.append(_repeated(item, rest))


def _repeated(item: Any, rest: tuple[int, ...]) -> str:
    """The text of `Append(item)`, `Append(char, count)`, `Append(text or chars, start, count)`."""
    from winbake.rehearsal.powershell.formatting import net_to_string

    if isinstance(item, PSArray) and item.element_type == "System.Char":
        item = text_of(item)
    if not rest:
        return net_to_string(item)
    if len(rest) == 1:
        if rest[0] < 0:
            raise out_of_range("repeatCount", "Count cannot be less than zero.")
        return str(item) * rest[0]
    start, count = rest
    text = item or ""
    if start < 0 or count < 0 or start + count > len(text):
        raise out_of_range("startIndex" if start < 0 else "count" if count < 0 else "startIndex")
    return str(text[start : start + count])


@method(BUILDER, "AppendLine")
def append_line(value: StringBuilder, text: str | None = "") -> StringBuilder:
    return value.append((text or "") + "\r\n")


@method(BUILDER, "AppendFormat", "String, Object")
@method(BUILDER, "AppendFormat", "String, Object, Object")
@method(BUILDER, "AppendFormat", "String, Object, Object, Object")
def append_format(value: StringBuilder, text: str | None, *arguments: Any) -> StringBuilder:
    from winbake.rehearsal.powershell.formatting import composite

    return value.append(composite(text, arguments))


@method(BUILDER, "AppendFormat", "String, Object[]")
def append_format_array(value: StringBuilder, text: str | None, arguments: PSArray | None) -> StringBuilder:
    if arguments is None:
        raise argument_null("format" if text is None else "args")
    return append_format(value, text, *arguments)


@method(BUILDER, "AppendFormat", "IFormatProvider, String, Object")
@method(BUILDER, "AppendFormat", "IFormatProvider, String, Object, Object")
@method(BUILDER, "AppendFormat", "IFormatProvider, String, Object, Object, Object")
def append_format_culture(value: StringBuilder, provider: Any, text: str | None, *arguments: Any) -> StringBuilder:
    from winbake.rehearsal.powershell.formatting import composite

    return value.append(composite(text, arguments, provider))


@method(BUILDER, "AppendFormat", "IFormatProvider, String, Object[]")
def append_format_culture_array(
    value: StringBuilder, provider: Any, text: str | None, arguments: PSArray | None
) -> StringBuilder:
    return append_format_culture(value, provider, text, *(arguments or ()))


@method(BUILDER, "Insert")
def insert(value: StringBuilder, index: int, item: Any, *rest: int) -> StringBuilder:
    if not 0 <= index <= len(value):
        raise out_of_range(
            "index", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    text = value.text
    value.text = text[:index] + _repeated(item, rest) + text[index:]
    return value


@method(BUILDER, "Remove")
def remove(value: StringBuilder, start: int, length: int) -> StringBuilder:
    if length < 0:
        raise out_of_range("length", "Length cannot be less than zero.")
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if start + length > len(value):
        raise out_of_range(
            "index", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    value.text = value.text[:start] + value.text[start + length :]
    return value


@method(BUILDER, "Replace")
def replace(value: StringBuilder, old: str | None, new: str | None, *span: int) -> StringBuilder:
    if old is None:
        raise argument_null("oldValue")
    if old == "":
        raise argument("Empty name is not legal.", "oldValue")
    start, count = span or (0, len(value))
    if start < 0 or count < 0 or start + count > len(value):
        raise out_of_range(
            "startIndex" if not 0 <= start <= len(value) else "count",
            "Index was out of range. Must be non-negative and less than the size of the collection.",
        )
    text = value.text
    value.text = text[:start] + text[start : start + count].replace(old, new or "") + text[start + count :]
    return value


@method(BUILDER, "Clear")
def clear(value: StringBuilder) -> StringBuilder:
    value.text = ""
    return value


@method(BUILDER, "ToString")
def to_string(value: StringBuilder, start: int = 0, length: int | None = None) -> str:
    text = value.text
    if length is None:
        return text
    if start < 0 or length < 0 or start + length > len(text):
        raise out_of_range(
            "startIndex" if not 0 <= start <= len(text) else "length",
            "Index and length must refer to a location within the string.",
        )
    return text[start : start + length]


@method(BUILDER, "CopyTo")
def copy_to(value: StringBuilder, source: int, target: PSArray, index: int, count: int) -> None:
    target.items[index : index + count] = [Char(c) for c in value.text[source : source + count]]


@method(BUILDER, "EnsureCapacity")
def ensure_capacity(value: StringBuilder, capacity: int) -> int:
    value.capacity = max(value.capacity, capacity)
    return value.capacity


@method(BUILDER, "Equals")
def equals(value: StringBuilder, other: Any) -> bool:
    return isinstance(other, StringBuilder) and value.text == other.text


@getter(BUILDER, "Length")
def length(value: StringBuilder) -> int:
    return len(value)


@setter(BUILDER, "Length")
def set_length(value: StringBuilder, length: int) -> None:
    if length < 0:
        raise out_of_range("value", "Length cannot be less than zero.")
    value.text = value.text[:length].ljust(length, "\0")


@getter(BUILDER, "Capacity")
def capacity(value: StringBuilder) -> int:
    return value.capacity


@setter(BUILDER, "Capacity")
def set_capacity(value: StringBuilder, capacity: int) -> None:
    if capacity < len(value):
        raise out_of_range("value", "capacity was less than the current size.")
    value.capacity = capacity


@getter(BUILDER, "MaxCapacity")
def max_capacity(value: StringBuilder) -> int:
    return 2**31 - 1


@getter(BUILDER, "Chars")
def chars(value: StringBuilder, index: int) -> Char:
    if not 0 <= index < len(value):
        raise NetError("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    return Char(value.text[index])


@setter(BUILDER, "Chars")
def set_chars(value: StringBuilder, index: int, character: str) -> None:
    if not 0 <= index < len(value):
        raise out_of_range(
            "index", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    value.text = value.text[:index] + character + value.text[index + 1 :]
