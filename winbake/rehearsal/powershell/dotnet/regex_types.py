"""[regex] and its matches, groups and captures as .NET objects, over powershell/regex.py."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import regex as rx
from winbake.rehearsal.powershell.dotnet.byte_arrays import string_array
from winbake.rehearsal.powershell.dotnet.datetime import TICKS_PER_MILLISECOND, TimeSpan
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, out_of_range
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import PSArray

_NAMESPACE = "System.Text.RegularExpressions."
REGEX, MATCH, GROUP, CAPTURE = (_NAMESPACE + name for name in ("Regex", "Match", "Group", "Capture"))


def _compiled(pattern: str | None, options: EnumValue | None = None, timeout: Any = None) -> rx.NetRegex:
    if pattern is None:
        raise argument_null("pattern")
    return rx.compile_pattern(pattern, options.value if options is not None else 0)


def _checked(text: str | None, start: int = 0) -> str:
    if text is None:
        raise argument_null("input")
    if not 0 <= start <= len(text):
        raise out_of_range("startat", "Start index cannot be less than 0 or greater than input length.")
    return text


def _answer(evaluator: Any) -> Any:
    """A replacement text, or a function that asks the MatchEvaluator delegate."""
    if isinstance(evaluator, str):
        return evaluator
    if evaluator is None:
        raise argument_null("evaluator")

    def call(found: rx.NetMatch) -> str:
        from winbake.rehearsal.powershell.formatting import net_to_string

        return net_to_string(evaluator(found))

    return call


# ---- System.Text.RegularExpressions.Regex -----------------------------------------------------------------


@constructor(REGEX)
def new_regex(pattern: str | None, options: EnumValue | None = None, timeout: Any = None) -> rx.NetRegex:
    return _compiled(pattern, options)


@static(REGEX, "IsMatch")
def static_is_match(text: str | None, pattern: str | None, *options: Any) -> bool:
    return _compiled(pattern, *options).is_match(_checked(text))


@static(REGEX, "Match")
def static_match(text: str | None, pattern: str | None, *options: Any) -> rx.NetMatch:
    return _compiled(pattern, *options).match(_checked(text))


@static(REGEX, "Matches")
def static_matches(text: str | None, pattern: str | None, *options: Any) -> rx.MatchCollection:
    return rx.MatchCollection(_compiled(pattern, *options).matches(_checked(text)))


@static(REGEX, "Replace")
def static_replace(text: str | None, pattern: str | None, replacement: Any, *options: Any) -> str:
    return _compiled(pattern, *options).replace(_checked(text), _answer(replacement))


@static(REGEX, "Split")
def static_split(text: str | None, pattern: str | None, *options: Any) -> PSArray:
    return string_array(_compiled(pattern, *options).split(_checked(text)))


@static(REGEX, "Escape")
def static_escape(text: str | None) -> str:
    if text is None:
        raise argument_null("str")
    return rx.escape(text)


@static(REGEX, "Unescape")
def static_unescape(text: str | None) -> str:
    if text is None:
        raise argument_null("str")
    return rx.unescape(text)


@static_getter(REGEX, "InfiniteMatchTimeout")
def infinite_timeout() -> TimeSpan:
    return TimeSpan(-TICKS_PER_MILLISECOND)


@getter(REGEX, "MatchTimeout")
def match_timeout(value: rx.NetRegex) -> TimeSpan:
    return infinite_timeout()


@getter(REGEX, "Options")
def options(value: rx.NetRegex) -> EnumValue:
    return enum_value(_NAMESPACE + "RegexOptions", value.options)


@getter(REGEX, "RightToLeft")
def right_to_left(value: rx.NetRegex) -> bool:
    return False


@method(REGEX, "ToString")
def regex_to_string(value: rx.NetRegex) -> str:
    return value.pattern


@method(REGEX, "IsMatch")
def is_match(value: rx.NetRegex, text: str | None, start: int = 0) -> bool:
    return value.is_match(_checked(text, start), start)


@method(REGEX, "Match")
def match(value: rx.NetRegex, text: str | None, start: int = 0, length: int | None = None) -> rx.NetMatch:
    checked = _checked(text, start)
    if length is None:
        return value.match(checked, start)
    if length < 0 or start + length > len(checked):
        raise out_of_range("length", "Length cannot be less than 0 or exceed input length.")
    return value.match(checked, start, offset=start, limit=start + length)


@method(REGEX, "Matches")
def matches(value: rx.NetRegex, text: str | None, start: int = 0) -> rx.MatchCollection:
    return rx.MatchCollection(value.matches(_checked(text, start), start))


@method(REGEX, "Replace")
def replace(value: rx.NetRegex, text: str | None, replacement: Any, count: int = -1, start: int = 0) -> str:
    if count < -1:
        raise out_of_range("count", "Count cannot be less than -1.")
    return value.replace(_checked(text, start), _answer(replacement), count, start)


@method(REGEX, "Split")
def split(value: rx.NetRegex, text: str | None, count: int = 0, start: int = 0) -> PSArray:
    if count < 0:
        raise out_of_range("count", "Count cannot be less than -1.")
    return string_array(value.split(_checked(text, start), count, start))


@method(REGEX, "GetGroupNames")
def get_group_names(value: rx.NetRegex) -> PSArray:
    return string_array(value.group_names)


@method(REGEX, "GetGroupNumbers")
def get_group_numbers(value: rx.NetRegex) -> PSArray:
    return PSArray(value.groups.numbers, "System.Int32")


@method(REGEX, "GroupNameFromNumber")
def group_name_from_number(value: rx.NetRegex, number: int) -> str:
    return value.groups.name_of(number)


@method(REGEX, "GroupNumberFromName")
def group_number_from_name(value: rx.NetRegex, name: str | None) -> int:
    if name is None:
        raise argument_null("name")
    if name.isdigit():
        return int(name) if int(name) in value.groups.numbers else -1
    return value.groups.number_of.get(name, -1)


# ---- captures, groups, matches ----------------------------------------------------------------------------


@getter(CAPTURE, "Value")
@method(CAPTURE, "ToString")
def capture_value(value: rx.NetCapture) -> str:
    return value.value


@getter(CAPTURE, "Index")
def capture_index(value: rx.NetCapture) -> int:
    return value.index


@getter(CAPTURE, "Length")
def capture_length(value: rx.NetCapture) -> int:
    return value.length


@getter(GROUP, "Success")
def group_success(value: rx.NetGroup) -> bool:
    return value.success


@getter(GROUP, "Name")
def group_name(value: rx.NetGroup) -> str:
    return value.name


@getter(GROUP, "Captures")
def group_captures(value: rx.NetGroup) -> rx.CaptureCollection:
    return value.captures


@getter(MATCH, "Groups")
def match_groups(value: rx.NetMatch) -> rx.GroupCollection:
    return value.groups


@static_getter(MATCH, "Empty")
def match_empty() -> rx.NetMatch:
    return rx.NetMatch(rx.compile_pattern(""), "", None)


@method(MATCH, "NextMatch")
def match_next(value: rx.NetMatch) -> rx.NetMatch:
    return value.next_match()


@method(MATCH, "Result")
def match_result(value: rx.NetMatch, replacement: str | None) -> str:
    if replacement is None:
        raise argument_null("replacement")
    return value.result(replacement)


@getter(_NAMESPACE + "GroupCollection", "Item")
def group_item(value: rx.GroupCollection, key: int | str) -> rx.NetGroup:
    return value.find(key)


@getter(_NAMESPACE + "MatchCollection", "Item")
@getter(_NAMESPACE + "CaptureCollection", "Item")
def collection_item(value: Any, index: int) -> Any:
    if not 0 <= index < len(value):
        raise out_of_range("i")
    return value.items[index]


def _register_collection(name: str) -> None:
    full_name = _NAMESPACE + name
    getter(full_name, "Count")(len)
    getter(full_name, "IsReadOnly")(lambda value: True)
    getter(full_name, "IsSynchronized")(lambda value: False)
    getter(full_name, "SyncRoot")(lambda value: value)

    @method(full_name, "GetEnumerator")
    def get_enumerator(value: Any) -> Any:
        from winbake.rehearsal.powershell.dotnet.collections import Enumerator

        return Enumerator(value.items)

    @method(full_name, "CopyTo")
    def copy_to(value: Any, target: PSArray, index: int) -> None:
        target.items[index : index + len(value)] = value.items


for _name in ("GroupCollection", "MatchCollection", "CaptureCollection"):
    _register_collection(_name)
