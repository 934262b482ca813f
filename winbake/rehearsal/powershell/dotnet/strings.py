"""System.String: its members as .NET Framework 4.8 has them (its overloads are the table's: no Contains(x, y))."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.conversion.collation import compare_text
from winbake.rehearsal.powershell.dotnet.byte_arrays import char_array, string_array, text_of
from winbake.rehearsal.powershell.dotnet.collections import Enumerator
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.string_split import split_at
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.memory import check_text
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import Char, PSArray

STRING = "System.String"
_SPACES = range(0x2000, 0x200B)
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, _SPACES))
"""Char.IsWhiteSpace."""
_OUT_OF_COLLECTION = "Index was out of range. Must be non-negative and less than the size of the collection."
_COUNT_RANGE = "Count must be positive and count must refer to a location within the string/array/collection."
ORDINAL, ORDINAL_IGNORE_CASE = 4, 5


def lower(text: str) -> str:
    """Simple case mapping, one character for one."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def upper(text: str) -> str:
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def object_text(value: Any) -> str:
    """What String.Concat, Join and Format make of an object."""
    from winbake.rehearsal.powershell.formatting import format_value

    return format_value(value, None)


def compare(left: str | None, right: str | None, comparison: int = 0) -> int:
    """String.Compare under a StringComparison; null sorts first."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if comparison >= ORDINAL:
        if comparison == ORDINAL_IGNORE_CASE:
            left, right = upper(left), upper(right)
        return compare_ordinal(left, right)
    return compare_text(left, right, ignore_case=bool(comparison & 1))


def compare_ordinal(left: str | None, right: str | None) -> int:
    """String.CompareOrdinal: the difference of the first characters that differ, else of the lengths."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    for one, other in zip(left, right, strict=False):
        if one != other:
            return ord(one) - ord(other)
    return len(left) - len(right)


# ---- making ----------------------------------------------------------------------------------------------


@constructor(STRING)
def new_string(source: Any, *rest: int) -> str:
    if isinstance(source, Char):
        if rest[0] < 0:
            raise out_of_range("count", "'count' must be non-negative.")
        check_text(rest[0])
        return str(source) * rest[0]
    text = text_of(source or ())
    return text[rest[0] : rest[0] + rest[1]] if rest else text


@static_getter(STRING, "Empty")
def empty() -> str:
    return ""


# ---- parts -----------------------------------------------------------------------------------------------


@getter(STRING, "Length")
def length(value: str) -> int:
    return len(value)


@getter(STRING, "Chars")
def chars(value: str, index: int) -> Char:
    if not 0 <= index < len(value):
        raise NetError("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    return Char(value[index])


@method(STRING, "Substring")
def substring(value: str, start: int, length: int | None = None) -> str:
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if start > len(value):
        raise out_of_range("startIndex", "startIndex cannot be larger than length of string.")
    if length is None:
        return value[start:]
    if length < 0:
        raise out_of_range("length", "Length cannot be less than zero.")
    if start + length > len(value):
        raise out_of_range("length", "Index and length must refer to a location within the string.")
    return value[start : start + length]


@method(STRING, "Remove")
def remove(value: str, start: int, count: int | None = None) -> str:
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if count is None:
        if start >= len(value):
            raise out_of_range("startIndex", "startIndex must be less than length of string.")
        return value[:start]
    if count < 0:
        raise out_of_range("count", "Count cannot be less than zero.")
    if start + count > len(value):
        raise out_of_range("count", "Index and count must refer to a location within the string.")
    return value[:start] + value[start + count :]


@method(STRING, "Insert")
def insert(value: str, start: int, text: str | None) -> str:
    if text is None:
        raise argument_null("value")
    if not 0 <= start <= len(value):
        raise out_of_range("startIndex")
    return value[:start] + text + value[start:]


@method(STRING, "ToCharArray")
def to_char_array(value: str, start: int = 0, length: int | None = None) -> PSArray:
    if length is None:
        return char_array(value)
    if not 0 <= start <= len(value):
        raise out_of_range("startIndex", _OUT_OF_COLLECTION)
    if length < 0 or start + length > len(value):
        raise out_of_range("length", _OUT_OF_COLLECTION)
    return char_array(value[start : start + length])


@method(STRING, "GetEnumerator")
def get_enumerator(value: str) -> Enumerator:
    return Enumerator(char_array(value).items, "System.CharEnumerator")


@method(STRING, "CopyTo")
def copy_to(value: str, source: int, target: PSArray, index: int, count: int) -> None:
    if source < 0 or index < 0 or count < 0 or source + count > len(value) or index + count > len(target):
        raise out_of_range("sourceIndex")
    target.items[index : index + count] = [Char(c) for c in value[source : source + count]]


# ---- changing --------------------------------------------------------------------------------------------


@method(STRING, "ToLower")
@method(STRING, "ToLowerInvariant")
def to_lower(value: str, culture: Any = None) -> str:
    return lower(value)


@method(STRING, "ToUpper")
@method(STRING, "ToUpperInvariant")
def to_upper(value: str, culture: Any = None) -> str:
    return upper(value)


@method(STRING, "Replace")
def replace(value: str, old: str | None, new: str | None) -> str:
    if old is None:
        raise argument_null("oldValue")
    if old == "":
        raise argument("String cannot be of zero length.", "oldValue")
    return value.replace(old, new or "")


@method(STRING, "PadLeft")
def pad_left(value: str, width: int, character: str = " ") -> str:
    return str(value).rjust(_width(width), character)


@method(STRING, "PadRight")
def pad_right(value: str, width: int, character: str = " ") -> str:
    return str(value).ljust(_width(width), character)


def _width(width: int) -> int:
    if width < 0:
        raise out_of_range("totalWidth", "Non-negative number required.")
    check_text(width)
    return width


def _trimmed(characters: Any) -> str:
    return text_of(characters) if characters else WHITE_SPACE


@method(STRING, "Trim")
def trim(value: str, characters: Any = None) -> str:
    return value.strip(_trimmed(characters))


@method(STRING, "TrimStart")
def trim_start(value: str, characters: Any = None) -> str:
    return value.lstrip(_trimmed(characters))


@method(STRING, "TrimEnd")
def trim_end(value: str, characters: Any = None) -> str:
    return value.rstrip(_trimmed(characters))


@method(STRING, "Normalize")
def normalize(value: str, form: EnumValue | None = None) -> str:
    return unicodedata.normalize(_form(form), value)


@method(STRING, "IsNormalized")
def is_normalized(value: str, form: EnumValue | None = None) -> bool:
    return unicodedata.is_normalized(_form(form), value)


def _form(form: EnumValue | None) -> Any:
    return {1: "NFC", 2: "NFD", 5: "NFKC", 6: "NFKD"}[form.value if form else 1]


@method(STRING, "Split")
def split(value: str, separators: PSArray | None = None, *rest: Any) -> PSArray:
    numbers = [item for item in rest if isinstance(item, int)]
    options = next((item.value for item in rest if isinstance(item, EnumValue)), 0)
    if numbers and numbers[0] < 0:
        raise out_of_range("count", "Count cannot be less than zero.")
    wanted = [str(item) for item in separators or () if item]
    if not wanted:
        wanted = list(WHITE_SPACE)
    return string_array(split_at(value, wanted, numbers[0] if numbers else None, omit_empty=options == 1))


# ---- searching -------------------------------------------------------------------------------------------


@method(STRING, "Contains")
def contains(value: str, text: str | None) -> bool:
    if text is None:
        raise argument_null("value")
    return text in value


def _folded(rest: tuple[Any, ...]) -> Callable[[str], str]:
    """How the comparison among the last arguments (StringComparison, or ignoreCase and culture) maps text."""
    for item in rest:
        if isinstance(item, EnumValue):
            return upper if item.value & 1 else str
        if isinstance(item, bool):
            return upper if item else str
    return str


@method(STRING, "StartsWith")
def starts_with(value: str, text: str | None, *rest: Any) -> bool:
    if text is None:
        raise argument_null("value")
    fold = _folded(rest)
    return fold(value).startswith(fold(text))


@method(STRING, "EndsWith")
def ends_with(value: str, text: str | None, *rest: Any) -> bool:
    if text is None:
        raise argument_null("value")
    fold = _folded(rest)
    return fold(value).endswith(fold(text))


def _numbers(rest: tuple[Any, ...]) -> list[int]:
    return [item for item in rest if isinstance(item, int) and not isinstance(item, bool)]


def _forward_span(value: str, rest: tuple[Any, ...]) -> tuple[int, int]:
    numbers = _numbers(rest)
    start = numbers[0] if numbers else 0
    if not 0 <= start <= len(value):
        raise out_of_range("startIndex", _OUT_OF_COLLECTION)
    count = numbers[1] if len(numbers) > 1 else len(value) - start
    if count < 0 or start + count > len(value):
        raise out_of_range("count", _COUNT_RANGE)
    return start, start + count


@method(STRING, "IndexOf")
def index_of(value: str, wanted: str | None, *rest: Any) -> int:
    if wanted is None:
        raise argument_null("value")
    start, end = _forward_span(value, rest)
    fold = _folded(rest)
    return fold(value).find(fold(wanted), start, end)


@method(STRING, "IndexOfAny")
def index_of_any(value: str, wanted: PSArray | None, *rest: Any) -> int:
    if wanted is None:
        raise argument_null("anyOf")
    start, end = _forward_span(value, rest)
    found = [position for position in (value.find(str(c), start, end) for c in wanted) if position >= 0]
    return min(found, default=-1)


def _backward_span(value: str, rest: tuple[Any, ...]) -> tuple[int, int]:
    """`LastIndexOf(x, start, count)` looks from `start` backwards over `count` characters."""
    numbers = _numbers(rest)
    last = numbers[0] if numbers else len(value) - 1
    if value and not -1 <= last <= len(value):
        raise out_of_range("startIndex", _OUT_OF_COLLECTION)
    last = min(last, len(value) - 1)
    count = numbers[1] if len(numbers) > 1 else last + 1
    if count < 0 or last - count + 1 < 0:
        raise out_of_range("count", _COUNT_RANGE)
    return last - count + 1, last + 1


@method(STRING, "LastIndexOf")
def last_index_of(value: str, wanted: str | None, *rest: Any) -> int:
    if wanted is None:
        raise argument_null("value")
    start, end = _backward_span(value, rest)
    fold = _folded(rest)
    if wanted == "":
        return max(end - 1, 0)
    return fold(value).rfind(fold(wanted), start, end)


@method(STRING, "LastIndexOfAny")
def last_index_of_any(value: str, wanted: PSArray | None, *rest: Any) -> int:
    if wanted is None:
        raise argument_null("anyOf")
    start, end = _backward_span(value, rest)
    return max((value.rfind(str(c), start, end) for c in wanted), default=-1)


# ---- comparing -------------------------------------------------------------------------------------------


@method(STRING, "Equals")
def equals(value: str, other: Any, comparison: EnumValue | None = None) -> bool:
    if type(other) is not str:
        return False
    return compare(value, other, comparison.value if comparison else ORDINAL) == 0


@static(STRING, "Equals")
def static_equals(left: str | None, right: str | None, comparison: EnumValue | None = None) -> bool:
    return compare(left, right, comparison.value if comparison else ORDINAL) == 0


@method(STRING, "CompareTo")
def compare_to(value: str, other: Any) -> int:
    if other is not None and type(other) is not str:
        raise argument("Object must be of type String.")
    return compare(value, other)


@static(STRING, "Compare")
def static_compare(left: str | None, *rest: Any) -> int:
    """Compare(a, b, …) or Compare(a, indexA, b, indexB, length, …); then ignoreCase, culture or a comparison."""
    if isinstance(rest[0], int):
        start, right, right_start, count, *options = rest
        left = None if left is None else left[start : start + count]
        right = None if right is None else right[right_start : right_start + count]
    else:
        right, *options = rest
    if options and isinstance(options[0], EnumValue):
        return compare(left, right, options[0].value)
    if len(options) == 2 and isinstance(options[1], EnumValue):
        compare_options = options[1].value  # CompareOptions
        if compare_options in (0x40000000, 0x10000000):
            return compare(left, right, ORDINAL if compare_options == 0x40000000 else ORDINAL_IGNORE_CASE)
        return compare(left, right, compare_options & 1)
    return compare(left, right, 1 if options and options[0] is True else 0)


@static(STRING, "CompareOrdinal")
def static_compare_ordinal(left: str | None, *rest: Any) -> int:
    if len(rest) == 1:
        return compare_ordinal(left, rest[0])
    start, right, right_start, count = rest
    return compare_ordinal((left or "")[start : start + count], (right or "")[right_start : right_start + count])


@method(STRING, "GetHashCode")
def get_hash_code(value: str) -> int:
    """The 64-bit runtime's (not randomised) algorithm."""
    first = second = 5381
    text = value.split("\0", 1)[0]
    for index in range(0, len(text), 2):
        first = ((first << 5) + first) & 0xFFFFFFFF ^ ord(text[index])
        if index + 1 < len(text):
            second = ((second << 5) + second) & 0xFFFFFFFF ^ ord(text[index + 1])
    result = (first + second * 1566083941) & 0xFFFFFFFF
    return result - 2**32 if result >= 2**31 else result


# ---- static makers ---------------------------------------------------------------------------------------


@static(STRING, "IsNullOrEmpty")
def is_null_or_empty(value: str | None) -> bool:
    return not value


@static(STRING, "IsNullOrWhiteSpace")
def is_null_or_white_space(value: str | None) -> bool:
    return not value or not value.strip(WHITE_SPACE)


@static(STRING, "Concat")
def concat(*values: Any) -> str:
    return "".join(map(object_text, values))


@static(STRING, "Concat", "IEnumerable[String]")
@static(STRING, "Concat", "Object[]")
@static(STRING, "Concat", "String[]")
@static(STRING, "Concat", "IEnumerable[T]")
def concat_array(values: Any) -> str:
    if values is None:
        raise argument_null("args")
    return concat(*values)


@static(STRING, "Join")
def join(separator: str | None, values: Any, *span: int) -> str:
    if values is None:
        raise argument_null("value")
    items = list(values)
    if span:
        start, count = span
        if start < 0 or count < 0 or start + count > len(items):
            raise out_of_range("startIndex" if start < 0 else "count")
        items = items[start : start + count]
    return (separator or "").join(map(object_text, items))


@static(STRING, "Join", "String, Object[]")
def join_objects(separator: str | None, values: PSArray | None) -> str:
    """A quirk of the Framework: if the first object is null, nothing is joined at all."""
    if values is None:
        raise argument_null("values")
    if not values.items or values.items[0] is None:
        return ""
    return join(separator, values)


@static(STRING, "Format", "String, Object")
@static(STRING, "Format", "String, Object, Object")
@static(STRING, "Format", "String, Object, Object, Object")
def format_string(text: str | None, *arguments: Any) -> str:
    from winbake.rehearsal.powershell.formatting import composite

    return composite(text, arguments)


@static(STRING, "Format", "String, Object[]")
def format_string_array(text: str | None, arguments: PSArray | None) -> str:
    if text is None or arguments is None:
        raise argument_null("format" if text is None else "args")
    return format_string(text, *arguments)


@static(STRING, "Format", "IFormatProvider, String, Object")
@static(STRING, "Format", "IFormatProvider, String, Object, Object")
@static(STRING, "Format", "IFormatProvider, String, Object, Object, Object")
def format_string_culture(provider: Any, text: str | None, *arguments: Any) -> str:
    from winbake.rehearsal.powershell.formatting import composite

    return composite(text, arguments, provider)


@static(STRING, "Format", "IFormatProvider, String, Object[]")
def format_string_culture_array(provider: Any, text: str | None, arguments: PSArray | None) -> str:
    if text is None or arguments is None:
        raise argument_null("format" if text is None else "args")
    return format_string_culture(provider, text, *arguments)


@static(STRING, "Copy")
@static(STRING, "Intern")
@static(STRING, "IsInterned")
def same_text(value: str | None) -> str:
    if value is None:
        raise argument_null("str")
    return value


@method(STRING, "GetTypeCode")
def get_type_code(value: str) -> EnumValue:
    return enum_value("System.TypeCode", "String")


@method(STRING, "ToString")
@method(STRING, "Clone")
def to_string(value: str, provider: Any = None) -> str:
    return str(value)
