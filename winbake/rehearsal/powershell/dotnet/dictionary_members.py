"""Members of Hashtable, OrderedDictionary, Dictionary<K,V> and the sorted ones, and their entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from winbake.rehearsal.powershell.conversion.comparison import net_equals
from winbake.rehearsal.powershell.dotnet.collections import (
    Dictionary,
    DictionaryEntry,
    DictionaryEnumerator,
    DictionaryView,
    GenericDictionary,
    Hashtable,
    OrderedDictionary,
    SortedList,
    SynchronizedHashtable,
    exact_key,
)
from winbake.rehearsal.powershell.dotnet.ordering import StringComparer, equality_key, order_key
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, out_of_range
from winbake.rehearsal.powershell.types import NetType
from winbake.rehearsal.powershell.values import PSArray

_C = "System.Collections."
_G = "System.Collections.Generic."
HASHTABLE, ORDERED = f"{_C}Hashtable", f"{_C}Specialized.OrderedDictionary"
GENERIC, SORTED, SORTED_LIST = f"{_G}Dictionary`2", f"{_G}SortedDictionary`2", f"{_G}SortedList`2"
PLAIN_SORTED = f"{_C}SortedList"
ALL = (HASHTABLE, ORDERED, GENERIC, SORTED, SORTED_LIST, PLAIN_SORTED, f"{_C}IDictionary", f"{_G}IDictionary`2")
_GENERICS = (GENERIC, SORTED, SORTED_LIST)

_SHORT = "Destination array is not long enough to copy all the items in the collection. Check array index and length."

Function = Callable[..., Any]


def _on(
    types: Iterable[str], name: str, register: Callable[[str, str], Any] = method
) -> Callable[[Function], Function]:
    def all_of_them(function: Function) -> Function:
        for type_name in types:
            register(type_name, name)(function)
        return function

    return all_of_them


# ---- constructors ---------------------------------------------------------------------------------------


@constructor(HASHTABLE, "")
@constructor(HASHTABLE, "Int32")
@constructor(HASHTABLE, "Int32, Single")
def new_hashtable(capacity: int = 0, load_factor: float = 1.0) -> Hashtable:
    return Hashtable()


@constructor(HASHTABLE, "IDictionary")
def new_hashtable_of(source: Dictionary) -> Hashtable:
    return Hashtable(_pairs(source, "d"))


@constructor(HASHTABLE, "IEqualityComparer")
def new_hashtable_with(comparer: Any) -> Hashtable:
    return Hashtable((), key=equality_key(comparer))


@constructor(HASHTABLE, "Int32, IEqualityComparer")
def new_hashtable_sized_with(capacity: int, comparer: Any) -> Hashtable:
    return Hashtable((), key=equality_key(comparer))


@constructor(HASHTABLE, "IDictionary, IEqualityComparer")
def new_hashtable_of_with(source: Dictionary, comparer: Any) -> Hashtable:
    return Hashtable(_pairs(source, "d"), key=equality_key(comparer))


def _pairs(source: Any, parameter: str) -> Any:
    if source is None:
        raise argument_null(parameter)
    return source.items()


@constructor(ORDERED, "")
@constructor(ORDERED, "Int32")
def new_ordered(capacity: int = 0) -> OrderedDictionary:
    return OrderedDictionary((), ignore_case=False)


@constructor(ORDERED, "IEqualityComparer")
def new_ordered_with(comparer: Any) -> OrderedDictionary:
    made = OrderedDictionary((), ignore_case=False)
    made.key = equality_key(comparer)
    return made


@constructor(ORDERED, "Int32, IEqualityComparer")
def new_ordered_sized_with(capacity: int, comparer: Any) -> OrderedDictionary:
    return new_ordered_with(comparer)


def _new(net_type: NetType, source: Any = (), comparer: Any = None, session: Any = None) -> GenericDictionary:
    key_type, value_type = net_type.arguments
    definition = net_type.table_name
    key = (
        equality_key(comparer)
        if comparer is None or isinstance(comparer, StringComparer) or definition == GENERIC
        else exact_key
    )
    order = None if definition == GENERIC else order_key(comparer, session)
    pairs = source if isinstance(source, tuple) else _pairs(source, "dictionary")
    return GenericDictionary(key_type, value_type, pairs, key, order, definition)


for _type in _GENERICS:

    @constructor(_type, "")
    def new_generic(*, net_type: NetType) -> GenericDictionary:
        return _new(net_type)

    @constructor(_type, "Int32")
    def new_generic_sized(capacity: int, *, net_type: NetType) -> GenericDictionary:
        if capacity < 0:
            raise out_of_range("capacity", "Non-negative number required.")
        return _new(net_type)

    @constructor(_type, "IDictionary[TKey,TValue]")
    def new_generic_of(source: Any, *, net_type: NetType) -> GenericDictionary:
        return _new(net_type, source)


@constructor(GENERIC, "IEqualityComparer[TKey]")
@constructor(SORTED, "IComparer[TKey]")
@constructor(SORTED_LIST, "IComparer[TKey]")
def new_generic_with(comparer: Any, *, net_type: NetType, session: Any = None) -> GenericDictionary:
    return _new(net_type, (), comparer, session)


@constructor(GENERIC, "Int32, IEqualityComparer[TKey]")
def new_generic_sized_with(capacity: int, comparer: Any, *, net_type: NetType) -> GenericDictionary:
    return _new(net_type, (), comparer)


@constructor(GENERIC, "IDictionary[TKey,TValue], IEqualityComparer[TKey]")
@constructor(SORTED, "IDictionary[TKey,TValue], IComparer[TKey]")
@constructor(SORTED_LIST, "IDictionary[TKey,TValue], IComparer[TKey]")
def new_generic_of_with(source: Any, comparer: Any, *, net_type: NetType, session: Any = None) -> GenericDictionary:
    return _new(net_type, source, comparer, session)


@constructor(PLAIN_SORTED, "")
@constructor(PLAIN_SORTED, "Int32")
def new_sorted_list(capacity: int = 0) -> SortedList:
    return SortedList((), exact_key, order_key())


@constructor(PLAIN_SORTED, "IDictionary")
def new_sorted_list_of(source: Any) -> SortedList:
    return SortedList(_pairs(source, "d"), exact_key, order_key())


@constructor(PLAIN_SORTED, "IComparer")
def new_sorted_list_with(comparer: Any, session: Any = None) -> SortedList:
    return SortedList((), equality_key(comparer), order_key(comparer, session))


# ---- properties -----------------------------------------------------------------------------------------


@_on((*ALL, f"{_C}ICollection"), "Count", getter)
def count(value: Any) -> int:
    return len(value)


@_on(ALL, "Keys", getter)
def keys(value: Dictionary) -> DictionaryView:
    return value.key_collection()


@_on(ALL, "Values", getter)
def values(value: Dictionary) -> DictionaryView:
    return value.value_collection()


@_on(ALL, "IsReadOnly", getter)
@_on(ALL, "IsFixedSize", getter)
def is_read_only(value: Dictionary) -> bool:
    return value.read_only


@_on(ALL, "IsSynchronized", getter)
def is_synchronized(value: Dictionary) -> bool:
    return bool(getattr(value, "synchronized", False))


@_on(ALL, "SyncRoot", getter)
def sync_root(value: Any) -> Any:
    return value


@getter(GENERIC, "Comparer")
@getter(SORTED, "Comparer")
@getter(SORTED_LIST, "Comparer")
def comparer_of(value: GenericDictionary) -> StringComparer:
    return StringComparer(True, value.key is not exact_key)


# ---- methods --------------------------------------------------------------------------------------------


@_on(ALL, "Add")
def add(value: Dictionary, key: Any, item: Any) -> None:
    value.add(key, item)


@_on(ALL, "Clear")
def clear(value: Dictionary) -> None:
    value.clear()


@_on(ALL, "Contains")
@_on(ALL, "ContainsKey")
def contains(value: Dictionary, key: Any) -> bool:
    return value.contains(key)


@_on(ALL, "ContainsValue")
def contains_value(value: Dictionary, item: Any) -> bool:
    return any(one is None if item is None else net_equals(one, item) for one in value.values())


@_on((HASHTABLE, ORDERED, PLAIN_SORTED, f"{_C}IDictionary"), "Remove")
def remove(value: Dictionary, key: Any) -> None:
    value.remove(key)


@_on((*_GENERICS, f"{_G}IDictionary`2"), "Remove")
def remove_telling(value: Dictionary, key: Any) -> bool:
    return value.remove(key)


@_on((*_GENERICS, f"{_G}IDictionary`2"), "TryGetValue")
def try_get_value(value: GenericDictionary, key: Any, result: Any) -> bool:
    from winbake.rehearsal.powershell.dotnet.objects import default_value

    if value.contains(key):
        result.value = value.get(key)
        return True
    assert value.value_type is not None
    result.value = default_value(value.value_type)
    return False


@_on(ALL, "GetEnumerator")
def get_enumerator(value: Dictionary) -> DictionaryEnumerator:
    return DictionaryEnumerator(value)


@method(HASHTABLE, "Clone")
def clone(value: Hashtable) -> Hashtable:
    return value.copy()


@method(PLAIN_SORTED, "Clone")
def clone_sorted(value: SortedList) -> SortedList:
    return SortedList(value.items(), value.key, value.order)


@_on(ALL, "CopyTo")
def copy_to(value: Dictionary, array: PSArray, start: int) -> None:
    entries = list(value.entries())
    if start + len(entries) > len(array.items):
        raise argument(_SHORT)
    array.items[start : start + len(entries)] = entries


@static(HASHTABLE, "Synchronized")
def synchronized(value: Hashtable) -> SynchronizedHashtable:
    return SynchronizedHashtable(value)


@method(ORDERED, "Insert")
def insert(value: OrderedDictionary, index: int, key: Any, item: Any) -> None:
    if not 0 <= index <= len(value):
        raise out_of_range("index")
    value.insert(index, key, item)


@method(ORDERED, "RemoveAt")
@method(SORTED_LIST, "RemoveAt")
@method(PLAIN_SORTED, "RemoveAt")
def remove_at(value: Dictionary, index: int) -> None:
    if not 0 <= index < len(value):
        raise out_of_range("index")
    value.remove(list(value.keys())[index])


@method(ORDERED, "AsReadOnly")
def as_read_only(value: OrderedDictionary) -> OrderedDictionary:
    made = OrderedDictionary()
    made.key = value.key
    made._entries = value._entries
    made.read_only = True
    return made


@method(PLAIN_SORTED, "GetByIndex")
def get_by_index(value: SortedList, index: int) -> Any:
    return _at(value, index)[1]


@method(PLAIN_SORTED, "GetKey")
def get_key(value: SortedList, index: int) -> Any:
    return _at(value, index)[0]


def _at(value: Dictionary, index: int) -> tuple[Any, Any]:
    if not 0 <= index < len(value):
        raise out_of_range("index")
    return list(value.items())[index]


@method(PLAIN_SORTED, "IndexOfKey")
@method(SORTED_LIST, "IndexOfKey")
def index_of_key(value: Dictionary, key: Any) -> int:
    wanted = value.key(key)
    return next((i for i, one in enumerate(value.keys()) if value.key(one) == wanted), -1)


@method(PLAIN_SORTED, "IndexOfValue")
@method(SORTED_LIST, "IndexOfValue")
def index_of_value(value: Dictionary, item: Any) -> int:
    return next((i for i, one in enumerate(value.values()) if net_equals(one, item)), -1)


# ---- entries and views ----------------------------------------------------------------------------------

_ENTRIES = (f"{_C}DictionaryEntry", f"{_G}KeyValuePair`2")
_VIEWS = (
    f"{_C}Hashtable.KeyCollection",
    f"{_C}Hashtable.ValueCollection",
    f"{_C}Specialized.OrderedDictionary.OrderedDictionaryKeyValueCollection",
    *(
        f"{_G}{owner}.{part}"
        for owner in ("Dictionary`2", "SortedDictionary`2")
        for part in ("KeyCollection", "ValueCollection")
    ),
)


@_on(_ENTRIES, "Key", getter)
def entry_key(value: DictionaryEntry) -> Any:
    return value.key


@_on(_ENTRIES, "Value", getter)
def entry_value(value: DictionaryEntry) -> Any:
    return value.value


@setter(f"{_C}DictionaryEntry", "Key")
def set_entry_key(value: DictionaryEntry, key: Any) -> None:
    value.key = key


@setter(f"{_C}DictionaryEntry", "Value")
def set_entry_value(value: DictionaryEntry, item: Any) -> None:
    value.value = item


@constructor(f"{_C}DictionaryEntry")
def new_entry(key: Any = None, value: Any = None) -> DictionaryEntry:
    return DictionaryEntry(key, value)


@constructor(f"{_G}KeyValuePair`2")
def new_pair(key: Any = None, value: Any = None, *, net_type: NetType) -> DictionaryEntry:
    return DictionaryEntry(key, value, net_type)


@method(f"{_G}KeyValuePair`2", "ToString")
def pair_text(value: DictionaryEntry) -> str:
    from winbake.rehearsal.powershell.formatting import net_to_string

    return f"[{net_to_string(value.key)}, {net_to_string(value.value)}]"


@_on(_VIEWS, "Count", getter)
def view_count(value: DictionaryView) -> int:
    return len(value)


@_on(_VIEWS, "CopyTo")
def view_copy_to(value: DictionaryView, array: PSArray, start: int) -> None:
    items = list(value)
    if start + len(items) > len(array.items):
        raise argument(_SHORT)
    array.items[start : start + len(items)] = items
