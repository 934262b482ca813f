"""Comparers: how Sort, BinarySearch, sorted collections and keyed ones compare their items."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from winbake.rehearsal.powershell.conversion.collation import compare_text, equal_text, sort_key
from winbake.rehearsal.powershell.dotnet.collections import KeyMaker, exact_key, ignoring_case
from winbake.rehearsal.powershell.dotnet.registry import constructor, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, invalid_operation
from winbake.rehearsal.powershell.engine_values import Delegate
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.types import NetType, get_type, type_of
from winbake.rehearsal.powershell.values import NetObject, unwrap

Comparison = Callable[[Any, Any], int]

_STRING_COMPARER = "System.StringComparer"


class StringComparer(NetObject):
    net_type_name = _STRING_COMPARER

    def __init__(self, ordinal: bool, ignore_case: bool) -> None:
        self.ordinal = ordinal
        self.ignore_case = ignore_case

    def key(self, value: Any) -> Any:
        value = unwrap(value)
        if not isinstance(value, str):
            return exact_key(value)
        if self.ordinal:
            return str, value.upper() if self.ignore_case else value
        return str, sort_key(str(value), self.ignore_case)

    def compare(self, one: Any, other: Any) -> int:
        if one is None or other is None:
            return (one is not None) - (other is not None)
        if not self.ordinal:
            return compare_text(one, other, self.ignore_case)
        left, right = (one.upper(), other.upper()) if self.ignore_case else (one, other)
        left, right = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
        return int(left > right) - int(left < right)

    def equals(self, one: Any, other: Any) -> bool:
        if self.ordinal:
            return self.compare(one, other) == 0
        return one is other or (one is not None and other is not None and equal_text(one, other, self.ignore_case))


class DefaultComparer(NetObject):
    """Comparer.Default and Comparer<T>.Default; `ignore_case` makes it the CaseInsensitiveComparer."""

    def __init__(self, net_type: NetType, ignore_case: bool = False) -> None:
        self.net_type = net_type
        self.ignore_case = ignore_case

    def compare(self, one: Any, other: Any) -> int:
        if self.ignore_case and isinstance(one, str) and isinstance(other, str):
            return compare_text(one, other, True)
        return natural(one, other)


def natural(one: Any, other: Any) -> int:
    """Comparer.Default: IComparable of the left one, same types only. Raises ArgumentException."""
    one, other = unwrap(one), unwrap(other)
    if one is None or other is None:
        return (one is not None) - (other is not None)
    if isinstance(one, str) and isinstance(other, str):
        return compare_text(one, other, False)
    given = type_of(one)
    if not get_type("System.IComparable").assignable_from(given):
        raise argument("At least one object must implement IComparable.")
    if type_of(other) is not given and given.script_class is None:
        raise argument(f"Object must be of type {given.name}.")
    from winbake.rehearsal.powershell.conversion.comparison import compare

    return compare(one, other, ignore_case=False)


def comparison_of(comparer: Any, session: Any = None) -> Comparison:
    """What an IComparer or Comparison<T> argument does; None is the natural order."""
    comparer = unwrap(comparer)
    if comparer is None:
        return natural
    if isinstance(comparer, Delegate):
        return lambda one, other: int(comparer(one, other))
    if isinstance(comparer, StringComparer | DefaultComparer):
        return comparer.compare
    from winbake.rehearsal.powershell.members import invoke_method

    return lambda one, other: int(invoke_method(session, comparer, "Compare", [one, other]))


def sorted_items(items: list[Any], comparer: Any = None, session: Any = None) -> list[Any]:
    """Array.Sort's order. Errors of the comparison come as InvalidOperationException, as .NET wraps them."""
    comparison = comparison_of(comparer, session)
    try:
        return sorted(items, key=cmp_to_key(comparison))
    except NetError as error:
        failed = invalid_operation("Failed to compare two elements in the array.")
        failed.exception.inner = error.exception
        raise failed from None
    except ScriptError as error:
        failed = invalid_operation("Failed to compare two elements in the array.")
        failed.exception.inner = error.record.exception
        raise failed from None


def order_key(comparer: Any = None, session: Any = None) -> Callable[[Any], Any]:
    """A Python sort key for sorted collections."""
    return cmp_to_key(comparison_of(comparer, session))


def equality_key(comparer: Any) -> KeyMaker:
    """The keys that an IEqualityComparer argument makes of values; None is Object.Equals."""
    comparer = unwrap(comparer)
    if comparer is None:
        return exact_key
    if isinstance(comparer, StringComparer):
        if comparer.ordinal:
            return ignoring_case if comparer.ignore_case else exact_key
        return comparer.key
    if isinstance(comparer, DefaultComparer):
        return ignoring_case if comparer.ignore_case else exact_key
    from winbake.rehearsal.powershell.errors import NotModelled

    raise NotModelled(f"an equality comparer of type {type_of(comparer).key}")


for _name, _ordinal, _ignore in (
    ("Ordinal", True, False),
    ("OrdinalIgnoreCase", True, True),
    ("InvariantCulture", False, False),
    ("InvariantCultureIgnoreCase", False, True),
    ("CurrentCulture", False, False),
    ("CurrentCultureIgnoreCase", False, True),
):

    def _make(ordinal: bool = _ordinal, ignore_case: bool = _ignore) -> Callable[[], StringComparer]:
        one = StringComparer(ordinal, ignore_case)
        return lambda: one

    static_getter(_STRING_COMPARER, _name)(_make())


@method(_STRING_COMPARER, "Compare")
@method("System.Collections.Comparer", "Compare")
@method("System.Collections.CaseInsensitiveComparer", "Compare")
@method("System.Collections.Generic.Comparer`1", "Compare")
def compare_method(comparer: Any, one: Any, other: Any) -> int:
    return int(comparer.compare(one, other))


@method(_STRING_COMPARER, "Equals")
def comparer_equals(comparer: StringComparer, one: Any, other: Any) -> bool:
    return comparer.equals(one, other)


@method(_STRING_COMPARER, "GetHashCode")
def comparer_hash(comparer: StringComparer, value: Any) -> int:
    return (hash(comparer.key(value)) + 2**31) % 2**32 - 2**31


@static("System.StringComparer", "Create")
def create_comparer(culture: Any, ignore_case: bool) -> StringComparer:
    return StringComparer(False, ignore_case)


@static_getter("System.Collections.Comparer", "Default")
@static_getter("System.Collections.Comparer", "DefaultInvariant")
def default_comparer() -> DefaultComparer:
    return DefaultComparer(get_type("System.Collections.Comparer"))


@static_getter("System.Collections.CaseInsensitiveComparer", "Default")
@static_getter("System.Collections.CaseInsensitiveComparer", "DefaultInvariant")
@constructor("System.Collections.CaseInsensitiveComparer", "")
def insensitive_comparer() -> DefaultComparer:
    return DefaultComparer(get_type("System.Collections.CaseInsensitiveComparer"), True)


@static_getter("System.Collections.Generic.Comparer`1", "Default")
@static_getter("System.Collections.Generic.EqualityComparer`1", "Default")
def generic_comparer(*, net_type: NetType) -> DefaultComparer:
    return DefaultComparer(net_type)
