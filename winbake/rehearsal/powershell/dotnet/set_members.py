"""Members of HashSet<T> and SortedSet<T>."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import HashSet, exact_key
from winbake.rehearsal.powershell.dotnet.member_sharing import items_of, on_types
from winbake.rehearsal.powershell.dotnet.ordering import equality_key, order_key
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter
from winbake.rehearsal.powershell.types import NetType

_C = "System.Collections."
_G = "System.Collections.Generic."


_HASH_SET, _SORTED_SET = f"{_G}HashSet`1", f"{_G}SortedSet`1"
_SETS = (_HASH_SET, _SORTED_SET)


@constructor(_HASH_SET, "")
def new_set(*, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0])


@constructor(_HASH_SET, "IEqualityComparer[T]")
def new_set_with(comparer: Any, *, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0], (), equality_key(comparer))


@constructor(_HASH_SET, "IEnumerable[T]")
def new_set_of(source: Any, *, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0], items_of(source))


@constructor(_HASH_SET, "IEnumerable[T], IEqualityComparer[T]")
def new_set_of_with(source: Any, comparer: Any, *, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0], items_of(source), equality_key(comparer))


@constructor(_SORTED_SET, "")
def new_sorted_set(*, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0], (), exact_key, order_key())


@constructor(_SORTED_SET, "IComparer[T]")
def new_sorted_set_with(comparer: Any, *, net_type: NetType, session: Any = None) -> HashSet:
    key = order_key(comparer, session)
    return HashSet(net_type.arguments[0], (), equality_key(comparer), key)


@constructor(_SORTED_SET, "IEnumerable[T]")
def new_sorted_set_of(source: Any, *, net_type: NetType) -> HashSet:
    return HashSet(net_type.arguments[0], items_of(source), exact_key, order_key())


@on_types(_SETS, "Add")
def set_add(value: HashSet, item: Any) -> bool:
    return value.add(item)


@on_types(_SETS, "Remove")
def set_remove(value: HashSet, item: Any) -> bool:
    return value.remove(item)


@on_types(_SETS, "Contains")
def set_contains(value: HashSet, item: Any) -> bool:
    return value.contains(item)


@on_types(_SETS, "Clear")
def set_clear(value: HashSet) -> None:
    value.clear()


@on_types(_SETS, "UnionWith")
def union_with(value: HashSet, other: Any) -> None:
    for item in items_of(other, "other"):
        value.add(item)


@on_types(_SETS, "ExceptWith")
def except_with(value: HashSet, other: Any) -> None:
    for item in items_of(other, "other"):
        value.remove(item)


@on_types(_SETS, "IntersectWith")
def intersect_with(value: HashSet, other: Any) -> None:
    kept = _keys(value, other)
    for item in value.values():
        if value.key(item) not in kept:
            value.remove(item)


@on_types(_SETS, "SymmetricExceptWith")
def symmetric_except_with(value: HashSet, other: Any) -> None:
    for item in HashSet(value.element_type, items_of(other, "other"), value.key).values():
        if not value.remove(item):
            value.add(item)


def _keys(value: HashSet, other: Any) -> set[Any]:
    return {value.key(item) for item in items_of(other, "other")}


def _own_keys(value: HashSet) -> set[Any]:
    return {value.key(item) for item in value.values()}


@on_types(_SETS, "SetEquals")
def set_equals(value: HashSet, other: Any) -> bool:
    return _own_keys(value) == _keys(value, other)


@on_types(_SETS, "Overlaps")
def overlaps(value: HashSet, other: Any) -> bool:
    return bool(_own_keys(value) & _keys(value, other))


@on_types(_SETS, "IsSubsetOf")
def is_subset(value: HashSet, other: Any) -> bool:
    return _own_keys(value) <= _keys(value, other)


@on_types(_SETS, "IsSupersetOf")
def is_superset(value: HashSet, other: Any) -> bool:
    return _own_keys(value) >= _keys(value, other)


@on_types(_SETS, "IsProperSubsetOf")
def is_proper_subset(value: HashSet, other: Any) -> bool:
    return _own_keys(value) < _keys(value, other)


@on_types(_SETS, "IsProperSupersetOf")
def is_proper_superset(value: HashSet, other: Any) -> bool:
    return _own_keys(value) > _keys(value, other)


@on_types(_SETS, "RemoveWhere")
def remove_where(value: HashSet, match: Any) -> int:
    gone = [item for item in value.values() if match(item)]
    for item in gone:
        value.remove(item)
    return len(gone)


@getter(_SORTED_SET, "Min")
def set_minimum(value: HashSet) -> Any:
    return next(iter(value), None)


@getter(_SORTED_SET, "Max")
def set_maximum(value: HashSet) -> Any:
    return next(reversed(value.values()), None)
