"""LanguagePrimitives and WildcardPattern: the engine's conversion, comparison and wildcards as .NET members."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.conversion.failures import INVALID_CAST
from winbake.rehearsal.powershell.dotnet.collections import Enumerator
from winbake.rehearsal.powershell.dotnet.registry import constructor, method, static
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.types import EnumValue, NetType
from winbake.rehearsal.powershell.values import NetObject, PSArray
from winbake.rehearsal.powershell.wildcard import Wildcard, escape, has_wildcards, unescape

_SMA = "System.Management.Automation."
PRIMITIVES = f"{_SMA}LanguagePrimitives"
PATTERN = f"{_SMA}WildcardPattern"
_IGNORE_CASE = 2


@static(PRIMITIVES, "ConvertTo")
def convert_to(value: Any, net_type: NetType, provider: Any = None, *, session: Any = None) -> Any:
    try:
        return convert.convert(value, net_type, session)
    except ScriptError as error:
        exception = error.record.exception
        cause = exception.inner.inner if exception.inner is not None else None
        raise NetError(INVALID_CAST, exception.message, cause) from None


@static(PRIMITIVES, "TryConvertTo", "Object, Type, Object")
def try_convert_to(value: Any, net_type: NetType, result: Any, *, session: Any = None) -> bool:
    ok, converted = convert.try_convert(value, net_type, session)
    result.value = converted
    return ok


@static(PRIMITIVES, "IsTrue")
def is_true(value: Any) -> bool:
    return convert.to_bool(value)


@static(PRIMITIVES, "IsObjectEnumerable")
def is_enumerable(value: Any) -> bool:
    return convert.enumerate_items(value) is not None


@static(PRIMITIVES, "GetEnumerable")
def get_enumerable(value: Any) -> PSArray | None:
    items = convert.enumerate_items(value)
    return None if items is None else PSArray(items)


@static(PRIMITIVES, "GetEnumerator")
def get_enumerator(value: Any) -> Enumerator | None:
    items = convert.enumerate_items(value)
    return None if items is None else Enumerator(list(items))


@static(PRIMITIVES, "Equals")
def equals(one: Any, other: Any, ignore_case: bool = False, provider: Any = None, *, session: Any = None) -> bool:
    return convert.equals(one, other, ignore_case, session)


@static(PRIMITIVES, "Compare")
def compare(one: Any, other: Any, ignore_case: bool = False, provider: Any = None, *, session: Any = None) -> int:
    try:
        return convert.compare(one, other, ignore_case, session)
    except ScriptError as error:
        raise NetError("System.ArgumentException", error.record.exception.message) from None


@static(PRIMITIVES, "ConvertTypeNameToPSTypeName")
def ps_type_name(name: str) -> str:
    return f"[{name}]"


class WildcardPattern(NetObject):
    net_type_name = PATTERN

    def __init__(self, pattern: str, options: int = 0) -> None:
        self.pattern = pattern
        self.wildcard = Wildcard(pattern, bool(options & _IGNORE_CASE))


@constructor(PATTERN)
@static(PATTERN, "Get")
def new_pattern(pattern: str, options: EnumValue | None = None) -> WildcardPattern:
    return WildcardPattern(pattern, options.value if options is not None else 0)


@method(PATTERN, "IsMatch")
def is_match(value: WildcardPattern, text: str | None) -> bool:
    return text is not None and value.wildcard.matches(text)


@static(PATTERN, "ContainsWildcardCharacters")
def contains_wildcards(pattern: str | None) -> bool:
    return has_wildcards(pattern or "")


@static(PATTERN, "Escape")
def escape_pattern(pattern: str | None) -> str:
    if pattern is None:
        raise argument_null("pattern")
    return escape(pattern)


@static(PATTERN, "Unescape")
def unescape_pattern(pattern: str | None) -> str:
    if pattern is None:
        raise argument_null("pattern")
    return unescape(pattern)
