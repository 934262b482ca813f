"""Members of ArrayList, List<T>, Collection<T>, ReadOnlyCollection<T> and StringCollection."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.conversion.comparison import net_equals
from winbake.rehearsal.powershell.dotnet.collections import (
    ArrayList,
    GenericList,
    ListObject,
    StringCollection,
    read_only_collection,
)
from winbake.rehearsal.powershell.dotnet.member_sharing import find_item, items_of, on_types
from winbake.rehearsal.powershell.dotnet.ordering import comparison_of, sorted_items
from winbake.rehearsal.powershell.dotnet.registry import (
    constructor,
    getter,
    method,
    static,
)
from winbake.rehearsal.powershell.dotnet.throwing import (
    argument,
    argument_null,
    not_supported,
    out_of_range,
)
from winbake.rehearsal.powershell.types import NetType
from winbake.rehearsal.powershell.values import PSArray

_C = "System.Collections."
_G = "System.Collections.Generic."
_O = "System.Collections.ObjectModel."
ARRAY_LIST, LIST = f"{_C}ArrayList", f"{_G}List`1"
COLLECTION, READ_ONLY = f"{_O}Collection`1", f"{_O}ReadOnlyCollection`1"
STRINGS = f"{_C}Specialized.StringCollection"
LISTS = (ARRAY_LIST, LIST, COLLECTION, READ_ONLY, STRINGS)
_OUTSIDE = "Index was out of range. Must be non-negative and less than the size of the collection."
_RANGE = (
    "Offset and length were out of bounds for the array or count is greater than the number of elements from index to "
    "the end of the source collection."
)
_SHORT = "Destination array was not long enough. Check destIndex and length, and the array's lower bounds."
_COUNT = "Count must be positive and count must refer to a location within the string/array/collection."
_CAST = "At least one element in the source array could not be cast down to the destination array type."


def _check(value: ListObject, growing: bool = True) -> None:
    if isinstance(value, ArrayList) and growing:
        value.check_growing()
    elif getattr(value, "read_only", False):
        raise not_supported("Collection is read-only.")


# ---- constructors ---------------------------------------------------------------------------------------


@constructor(ARRAY_LIST, "")
def new_array_list() -> ArrayList:
    return ArrayList()


@constructor(ARRAY_LIST, "Int32")
def new_array_list_capacity(capacity: int) -> ArrayList:
    if capacity < 0:
        raise out_of_range("capacity", "'capacity' must be non-negative.")
    return ArrayList()


@constructor(ARRAY_LIST, "ICollection")
def new_array_list_of(source: Any) -> ArrayList:
    return ArrayList(items_of(source, "c"))


@constructor(LIST, "")
def new_list(*, net_type: NetType) -> GenericList:
    return GenericList(net_type.arguments[0])


@constructor(LIST, "Int32")
def new_list_capacity(capacity: int, *, net_type: NetType) -> GenericList:
    if capacity < 0:
        raise out_of_range("capacity", "Non-negative number required.")
    return GenericList(net_type.arguments[0])


@constructor(LIST, "IEnumerable[T]")
def new_list_of(source: Any, *, net_type: NetType) -> GenericList:
    return GenericList(net_type.arguments[0], items_of(source))


@constructor(COLLECTION, "")
def new_collection(*, net_type: NetType) -> GenericList:
    return GenericList(net_type.arguments[0], (), COLLECTION)


@constructor(COLLECTION, "IList[T]")
def new_collection_of(source: Any, *, net_type: NetType) -> GenericList:
    return GenericList(net_type.arguments[0], items_of(source, "list"), COLLECTION)


@constructor(READ_ONLY, "IList[T]")
def new_read_only(source: Any, *, net_type: NetType) -> GenericList:
    return GenericList(net_type.arguments[0], items_of(source, "list"), READ_ONLY)


@constructor(STRINGS)
def new_strings() -> StringCollection:
    return StringCollection()


# ---- properties -----------------------------------------------------------------------------------------


def _count(value: Any) -> int:
    return len(value)


for _type in (*LISTS, f"{_C}Queue", f"{_C}Stack", f"{_G}Queue`1", f"{_G}Stack`1", f"{_G}HashSet`1", f"{_G}SortedSet`1"):
    getter(_type, "Count")(_count)
getter(f"{_C}ICollection", "Count")(_count)
getter(f"{_G}ICollection`1", "Count")(_count)
getter(f"{_G}IReadOnlyCollection`1", "Count")(_count)


@getter(ARRAY_LIST, "Capacity")
@getter(LIST, "Capacity")
def capacity(value: ListObject) -> int:
    """As the growing strategy of both would have it: 4, then doubled."""
    size = 0 if not value.items else 4
    while size < len(value.items):
        size *= 2
    return size


@getter(f"{_C}IList", "IsReadOnly")
@getter(ARRAY_LIST, "IsReadOnly")
@getter(f"{_G}ICollection`1", "IsReadOnly")
def is_read_only(value: Any) -> bool:
    return bool(getattr(value, "read_only", False))


@getter(f"{_C}IList", "IsFixedSize")
@getter(ARRAY_LIST, "IsFixedSize")
def is_fixed_size(value: Any) -> bool:
    return isinstance(value, PSArray) or bool(getattr(value, "fixed_size", False) or getattr(value, "read_only", False))


@getter(f"{_C}ICollection", "IsSynchronized")
@getter(ARRAY_LIST, "IsSynchronized")
def is_synchronized(value: Any) -> bool:
    return "SyncArrayList" in getattr(value, "net_type_name", "")


@getter(f"{_C}ICollection", "SyncRoot")
@getter(ARRAY_LIST, "SyncRoot")
def sync_root(value: Any) -> Any:
    return value


# ---- growing and shrinking ------------------------------------------------------------------------------


@method(ARRAY_LIST, "Add")
@method(STRINGS, "Add")
def add_counting(value: ListObject, item: Any) -> int:
    value.add(item)
    return len(value.items) - 1


@method(LIST, "Add")
@method(COLLECTION, "Add")
def add(value: GenericList, item: Any) -> None:
    _check(value)
    value.add(item)


@method(ARRAY_LIST, "AddRange")
@method(LIST, "AddRange")
@method(STRINGS, "AddRange")
def add_range(value: ListObject, source: Any) -> None:
    _check(value)
    value.items.extend(items_of(source))
    value.changed()


@on_types(LISTS, "Clear")
def clear(value: ListObject) -> None:
    _check(value)
    value.items.clear()
    value.changed()


@on_types(LISTS, "Insert")
def insert(value: ListObject, index: int, item: Any) -> None:
    _check(value)
    if not 0 <= index <= len(value.items):
        raise out_of_range("index", "Index must be within the bounds of the List.")
    value.items.insert(index, item)
    value.changed()


@method(ARRAY_LIST, "InsertRange")
@method(LIST, "InsertRange")
def insert_range(value: ListObject, index: int, source: Any) -> None:
    _check(value)
    if not 0 <= index <= len(value.items):
        raise out_of_range("index", _OUTSIDE)
    value.items[index:index] = items_of(source)
    value.changed()


@method(ARRAY_LIST, "Remove")
@method(STRINGS, "Remove")
def remove(value: ListObject, item: Any) -> None:
    _check(value)
    remove_first(value, item)


@method(LIST, "Remove")
@method(COLLECTION, "Remove")
def remove_telling(value: ListObject, item: Any) -> bool:
    _check(value)
    return remove_first(value, item)


def remove_first(value: ListObject, item: Any) -> bool:
    position = find_item(value.items, item, 0, len(value.items))
    if position < 0:
        return False
    del value.items[position]
    value.changed()
    return True


@on_types(LISTS, "RemoveAt")
def remove_at(value: ListObject, index: int) -> None:
    _check(value)
    if not 0 <= index < len(value.items):
        raise out_of_range("index", _OUTSIDE)
    del value.items[index]
    value.changed()


@method(ARRAY_LIST, "RemoveRange")
@method(LIST, "RemoveRange")
def remove_range(value: ListObject, index: int, count: int) -> None:
    _check(value)
    _check_range(value, index, count)
    del value.items[index : index + count]
    value.changed()


@method(LIST, "RemoveAll")
def remove_all(value: GenericList, match: Any) -> int:
    kept = [item for item in value.items if not match(item)]
    removed = len(value.items) - len(kept)
    value.items[:] = kept
    value.changed()
    return removed


def _check_range(value: ListObject, index: int, count: int) -> None:
    if index < 0:
        raise out_of_range("index", "Non-negative number required.")
    if count < 0:
        raise out_of_range("count", "Non-negative number required.")
    if index + count > len(value.items):
        raise argument(_RANGE)


# ---- looking --------------------------------------------------------------------------------------------


@on_types(LISTS, "Contains")
def contains(value: ListObject, item: Any) -> bool:
    return find_item(value.items, item, 0, len(value.items)) >= 0


@on_types(LISTS, "IndexOf")
def index_of(value: ListObject, item: Any, start: int = 0, count: int | None = None) -> int:
    if not 0 <= start <= len(value.items):
        raise out_of_range("startIndex", _OUTSIDE)
    stop = len(value.items) if count is None else start + count
    if stop > len(value.items):
        raise out_of_range("count", _COUNT)
    return find_item(value.items, item, start, stop)


@method(ARRAY_LIST, "LastIndexOf")
@method(LIST, "LastIndexOf")
def last_index_of(value: ListObject, item: Any, start: int | None = None, count: int | None = None) -> int:
    last = len(value.items) - 1 if start is None else start
    first = 0 if count is None else last - count + 1
    for i in range(last, first - 1, -1):
        if net_equals(value.items[i], item) or (value.items[i] is None and item is None):
            return i
    return -1


@method(ARRAY_LIST, "BinarySearch", "Object")
@method(LIST, "BinarySearch", "T")
def binary_search(value: ListObject, item: Any, *, session: Any = None) -> int:
    return search_sorted(value.items, item, None, session)


@method(ARRAY_LIST, "BinarySearch", "Object, IComparer")
@method(LIST, "BinarySearch", "T, IComparer[T]")
def binary_search_by(value: ListObject, item: Any, comparer: Any, *, session: Any = None) -> int:
    return search_sorted(value.items, item, comparer, session)


def search_sorted(items: list[Any], item: Any, comparer: Any, session: Any) -> int:
    """The index, or the bitwise complement of where it would stand."""
    comparison = comparison_of(comparer, session)
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        order = comparison(items[middle], item)
        if order == 0:
            return middle
        if order < 0:
            low = middle + 1
        else:
            high = middle - 1
    return ~low


@method(LIST, "Exists")
def exists(value: GenericList, match: Any) -> bool:
    return any(match(item) for item in value)


@method(LIST, "TrueForAll")
def true_for_all(value: GenericList, match: Any) -> bool:
    return all(match(item) for item in value)


@method(LIST, "Find")
def find(value: GenericList, match: Any) -> Any:
    return _found(value, match, value.items)


@method(LIST, "FindLast")
def find_last(value: GenericList, match: Any) -> Any:
    return _found(value, match, value.items[::-1])


def _found(value: GenericList, match: Any, items: list[Any]) -> Any:
    from winbake.rehearsal.powershell.dotnet.objects import default_value

    for item in items:
        if match(item):
            return item
    return default_value(value.element_type)


@method(LIST, "FindAll")
def find_all(value: GenericList, match: Any) -> GenericList:
    return GenericList(value.element_type, [item for item in value if match(item)])


@method(LIST, "FindIndex", "Predicate[T]")
def find_index(value: GenericList, match: Any) -> int:
    return next((i for i, item in enumerate(value.items) if match(item)), -1)


@method(LIST, "FindIndex", "Int32, Predicate[T]")
def find_index_from(value: GenericList, start: int, match: Any) -> int:
    return next((i for i in range(start, len(value.items)) if match(value.items[i])), -1)


@method(LIST, "FindLastIndex", "Predicate[T]")
def find_last_index(value: GenericList, match: Any) -> int:
    return next((i for i in range(len(value.items) - 1, -1, -1) if match(value.items[i])), -1)


@method(LIST, "ForEach")
def for_each(value: GenericList, action: Any) -> None:
    for item in value:
        action(item)


# ---- copying and ordering -------------------------------------------------------------------------------


@method(ARRAY_LIST, "ToArray", "")
@method(f"{_C}Queue", "ToArray")
@method(f"{_C}Stack", "ToArray")
def to_array(value: Any) -> PSArray:
    return PSArray(value)


@method(ARRAY_LIST, "ToArray", "Type")
def to_typed_array(value: ArrayList, element: NetType, *, session: Any = None) -> PSArray:
    from winbake.rehearsal.powershell.dotnet.throwing import invalid_cast
    from winbake.rehearsal.powershell.types import is_instance

    for item in value.items:
        if item is not None and not is_instance(item, element):
            raise invalid_cast(_CAST)
    return PSArray(value.items, element.key)


@method(LIST, "ToArray")
@method(f"{_G}Queue`1", "ToArray")
@method(f"{_G}Stack`1", "ToArray")
def to_element_array(value: Any) -> PSArray:
    return PSArray(value, value.element_type.key)


@method(ARRAY_LIST, "GetRange")
def array_list_range(value: ArrayList, index: int, count: int) -> ArrayList:
    _check_range(value, index, count)
    return ArrayList(value.items[index : index + count])


@method(LIST, "GetRange")
def list_range(value: GenericList, index: int, count: int) -> GenericList:
    _check_range(value, index, count)
    return GenericList(value.element_type, value.items[index : index + count])


@method(LIST, "AsReadOnly")
def as_read_only(value: GenericList) -> GenericList:
    made = read_only_collection((), value.element_type.key)
    made.items = value.items
    return made


@method(LIST, "ConvertAll")
def convert_all(value: GenericList, converter: Any) -> GenericList:
    return GenericList(converter.net_type.arguments[1], [converter(item) for item in value])


@method(ARRAY_LIST, "Clone")
def clone(value: ArrayList) -> ArrayList:
    return ArrayList(value.items)


@on_types(LISTS, "CopyTo")
def copy_to(value: ListObject, *arguments: Any) -> None:
    index, count = 0, len(value.items)
    if len(arguments) == 4:
        index, array, start, count = arguments
    else:
        array, start = arguments[0], arguments[1] if len(arguments) > 1 else 0
    if array is None:
        raise argument_null("array")
    if start + count > len(array.items):
        raise argument(_SHORT)
    array.items[start : start + count] = value.items[index : index + count]


@method(f"{_C}Queue", "CopyTo")
@method(f"{_C}Stack", "CopyTo")
@method(f"{_G}Queue`1", "CopyTo")
@method(f"{_G}Stack`1", "CopyTo")
@method(f"{_G}HashSet`1", "CopyTo")
def copy_out(value: Any, array: PSArray, start: int = 0) -> None:
    items = list(value)
    if start + len(items) > len(array.items):
        raise argument(_SHORT)
    array.items[start : start + len(items)] = items


@method(ARRAY_LIST, "Reverse", "")
@method(LIST, "Reverse", "")
def reverse(value: ListObject) -> None:
    value.items.reverse()
    value.changed()


@method(ARRAY_LIST, "Reverse", "Int32, Int32")
@method(LIST, "Reverse", "Int32, Int32")
def reverse_range(value: ListObject, index: int, count: int) -> None:
    _check_range(value, index, count)
    value.items[index : index + count] = value.items[index : index + count][::-1]
    value.changed()


@method(ARRAY_LIST, "Sort", "")
@method(LIST, "Sort", "")
def sort(value: ListObject, *, session: Any = None) -> None:
    value.items[:] = sorted_items(value.items, None, session)
    value.changed()


@method(ARRAY_LIST, "Sort", "IComparer")
@method(LIST, "Sort", "IComparer[T]")
@method(LIST, "Sort", "Comparison[T]")
def sort_by(value: ListObject, comparer: Any, *, session: Any = None) -> None:
    value.items[:] = sorted_items(value.items, comparer, session)
    value.changed()


@method(ARRAY_LIST, "Sort", "Int32, Int32, IComparer")
@method(LIST, "Sort", "Int32, Int32, IComparer[T]")
def sort_range(value: ListObject, index: int, count: int, comparer: Any, *, session: Any = None) -> None:
    _check_range(value, index, count)
    value.items[index : index + count] = sorted_items(value.items[index : index + count], comparer, session)
    value.changed()


@method(ARRAY_LIST, "TrimToSize")
@method(LIST, "TrimExcess")
def trim(value: ListObject) -> None:
    """Capacity is not kept apart from the count."""


@static(ARRAY_LIST, "Synchronized", "ArrayList")
def synchronized(value: ArrayList) -> ArrayList:
    made = _SynchronizedArrayList()
    made.items = value.items
    return made


class _SynchronizedArrayList(ArrayList):
    net_type_name = "System.Collections.ArrayList+SyncArrayList"


@static(ARRAY_LIST, "ReadOnly", "ArrayList")
def read_only_list(value: ArrayList) -> ArrayList:
    made = ArrayList()
    made.items = value.items
    made.read_only = True
    return made


@static(ARRAY_LIST, "FixedSize", "ArrayList")
def fixed_size_list(value: ArrayList) -> ArrayList:
    made = ArrayList()
    made.items = value.items
    made.fixed_size = True
    return made


@static(ARRAY_LIST, "Repeat")
def repeat(value: Any, count: int) -> ArrayList:
    return ArrayList([value] * count)


@static(ARRAY_LIST, "Adapter")
def adapter(value: Any) -> ArrayList:
    made = ArrayList()
    made.items = value.items
    return made
