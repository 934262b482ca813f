"""Members of System.Array, of arrays of one and of several ranks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.conversion.comparison import net_equals
from winbake.rehearsal.powershell.dotnet.collections import GenericList, read_only_collection
from winbake.rehearsal.powershell.dotnet.objects import create_array, default_value
from winbake.rehearsal.powershell.dotnet.ordering import comparison_of, sorted_items
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, not_supported, out_of_range
from winbake.rehearsal.powershell.engine_values import MultiArray
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import NetType, array_of, get_type
from winbake.rehearsal.powershell.values import Int64, PSArray

ARRAY = "System.Array"
LIST = "System.Collections.IList"
_OUTSIDE = "Index was outside the bounds of the array."
_SHORT = "Destination array was not long enough. Check destIndex and length, and the array's lower bounds."
_FIXED = "Collection was of a fixed size."
AnyArray = PSArray | MultiArray


def _lengths(value: AnyArray) -> tuple[int, ...]:
    return value.lengths if isinstance(value, MultiArray) else (len(value.items),)


@getter(ARRAY, "Length")
def length(value: AnyArray) -> int:
    return len(value)


@getter(ARRAY, "LongLength")
def long_length(value: AnyArray) -> Int64:
    return Int64(len(value))


@getter(ARRAY, "Rank")
def rank(value: AnyArray) -> int:
    return len(_lengths(value))


@getter(ARRAY, "IsFixedSize")
def is_fixed_size(value: AnyArray) -> bool:
    return True


@getter(ARRAY, "IsReadOnly")
@getter(ARRAY, "IsSynchronized")
def is_read_only(value: AnyArray) -> bool:
    return False


@getter(ARRAY, "SyncRoot")
def sync_root(value: AnyArray) -> AnyArray:
    return value


def _dimension(value: AnyArray, dimension: int) -> int:
    lengths = _lengths(value)
    if not 0 <= dimension < len(lengths):
        raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
    return lengths[dimension]


@method(ARRAY, "GetLength")
def get_length(value: AnyArray, dimension: int) -> int:
    return _dimension(value, dimension)


@method(ARRAY, "GetLongLength")
def get_long_length(value: AnyArray, dimension: int) -> Int64:
    return Int64(_dimension(value, dimension))


@method(ARRAY, "GetLowerBound")
def get_lower_bound(value: AnyArray, dimension: int) -> int:
    _dimension(value, dimension)
    return 0


@method(ARRAY, "GetUpperBound")
def get_upper_bound(value: AnyArray, dimension: int) -> int:
    return _dimension(value, dimension) - 1


def _place(value: AnyArray, indexes: tuple[Any, ...]) -> Any:
    if len(indexes) == 1 and isinstance(indexes[0], PSArray):
        indexes = tuple(indexes[0])
    lengths = _lengths(value)
    if len(indexes) != len(lengths):
        raise argument("Array was not a one-dimensional array.")
    if any(not 0 <= index < size for index, size in zip(indexes, lengths, strict=True)):
        raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
    return tuple(int(index) for index in indexes) if isinstance(value, MultiArray) else int(indexes[0])


@method(ARRAY, "GetValue")
def get_value(value: AnyArray, *indexes: Any) -> Any:
    return value.items[_place(value, indexes)]


@method(ARRAY, "SetValue")
def set_value(value: AnyArray, item: Any, *indexes: Any, session: Any = None) -> None:
    value.items[_place(value, indexes)] = _stored(value, item, session)


def _stored(value: AnyArray, item: Any, session: Any) -> Any:
    """What may stand in the array: no conversion but widening, as Array.SetValue has it."""
    from winbake.rehearsal.powershell.conversion.ranks import Rank
    from winbake.rehearsal.powershell.convert import convert, type_rank
    from winbake.rehearsal.powershell.dotnet.throwing import invalid_cast
    from winbake.rehearsal.powershell.types import type_of

    element = get_type(value.element_type)
    if item is None:
        return default_value(element)
    if type_rank(type_of(item), element) < Rank.NUMERIC_IMPLICIT:
        raise invalid_cast("Object cannot be stored in an array of this type.")
    return convert(item, element, session)


@method(ARRAY, "Clone")
def clone(value: AnyArray) -> AnyArray:
    return value.copy() if isinstance(value, MultiArray) else PSArray(value.items, value.element_type)


@method(ARRAY, "CopyTo")
def copy_to(value: PSArray, target: PSArray, start: int, *, session: Any = None) -> None:
    copy(value, target, len(value.items), 0, int(start), session)


def copy(source: PSArray, target: PSArray, count: int, first: int, start: int, session: Any) -> None:
    if source is None or target is None:
        raise argument_null("sourceArray" if source is None else "destinationArray")
    if count < 0:
        raise out_of_range("length", "Non-negative number required.")
    if first + count > len(source.items):
        raise argument("Source array was not long enough. Check srcIndex and length, and the array's lower bounds.")
    if start + count > len(target.items):
        raise argument(_SHORT)
    moved = source.items[first : first + count]
    if source.element_type != target.element_type:
        moved = [_stored(target, item, session) for item in moved]
    target.items[start : start + count] = moved


@static(ARRAY, "Copy", "Array, Array, Int32")
@static(ARRAY, "Copy", "Array, Array, Int64")
def copy_first(source: PSArray, target: PSArray, count: int, *, session: Any = None) -> None:
    copy(source, target, int(count), 0, 0, session)


@static(ARRAY, "Copy", "Array, Int32, Array, Int32, Int32")
@static(ARRAY, "Copy", "Array, Int64, Array, Int64, Int64")
def copy_part(source: PSArray, first: int, target: PSArray, start: int, count: int, *, session: Any = None) -> None:
    copy(source, target, int(count), int(first), int(start), session)


@static(ARRAY, "Clear")
def clear(value: PSArray, index: int, count: int) -> None:
    if not 0 <= index <= index + count <= len(value.items):
        raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
    empty = default_value(get_type(value.element_type))
    value.items[index : index + count] = [empty] * count


@static(ARRAY, "Reverse", "Array")
def reverse(value: PSArray) -> None:
    value.items.reverse()


@static(ARRAY, "Reverse", "Array, Int32, Int32")
def reverse_part(value: PSArray, index: int, count: int) -> None:
    value.items[index : index + count] = value.items[index : index + count][::-1]


@static(ARRAY, "Sort", "Array")
@static(ARRAY, "Sort", "Array, IComparer")
def sort(value: PSArray, comparer: Any = None, *, session: Any = None) -> None:
    if value is None:
        raise argument_null("array")
    value.items[:] = sorted_items(value.items, comparer, session)


@static(ARRAY, "Sort", "T[]")
@static(ARRAY, "Sort", "T[], IComparer[T]")
@static(ARRAY, "Sort", "T[], Comparison[T]")
def sort_typed(value: PSArray, comparer: Any = None, *, session: Any = None) -> None:
    sort(value, comparer, session=session)


@static(ARRAY, "Sort", "Array, Array")
def sort_with_items(keys: PSArray, items: PSArray, *, session: Any = None) -> None:
    order = sorted_items([_Keyed(key, i) for i, key in enumerate(keys.items)], _by_key(comparison_of(None)), session)
    values = list(items.items)
    keys.items[:] = [one.key for one in order]
    items.items[: len(order)] = [values[one.position] for one in order]


class _Keyed:
    def __init__(self, key: Any, position: int) -> None:
        self.key = key
        self.position = position


def _by_key(comparison: Callable[[Any, Any], int]) -> Any:
    from winbake.rehearsal.powershell.engine_values import Delegate

    return Delegate(get_type("System.Comparison`1"), lambda one, other: comparison(one.key, other.key))


@static(ARRAY, "IndexOf")
def index_of(value: PSArray, item: Any, start: int = 0, count: int | None = None) -> int:
    if value is None:
        raise argument_null("array")
    stop = len(value.items) if count is None else start + count
    for i in range(start, stop):
        if net_equals(value.items[i], item) or (item is None and value.items[i] is None):
            return i
    return -1


@static(ARRAY, "LastIndexOf")
def last_index_of(value: PSArray, item: Any, start: int | None = None) -> int:
    last = len(value.items) - 1 if start is None else start
    for i in range(last, -1, -1):
        if net_equals(value.items[i], item) or (item is None and value.items[i] is None):
            return i
    return -1


@static(ARRAY, "BinarySearch", "Array, Object")
@static(ARRAY, "BinarySearch", "Array, Object, IComparer")
def binary_search(value: PSArray, item: Any, comparer: Any = None, *, session: Any = None) -> int:
    from winbake.rehearsal.powershell.dotnet.list_members import search_sorted

    return search_sorted(value.items, item, comparer, session)


@static(ARRAY, "CreateInstance")
def create_instance(element: NetType, *lengths: Any, session: Any = None) -> AnyArray:
    if len(lengths) == 1 and isinstance(lengths[0], PSArray):
        lengths = tuple(lengths[0])
    return create_array(session, array_of(element, len(lengths)), list(lengths))


@static(ARRAY, "Resize")
def resize(reference: Any, size: int) -> None:
    old = reference.value
    if size < 0:
        raise out_of_range("newSize", "Non-negative number required.")
    if old is None:
        reference.value = PSArray([None] * size)
        return
    empty = default_value(get_type(old.element_type))
    reference.value = PSArray([*old.items[:size], *[empty] * (size - len(old.items))], old.element_type)


@static(ARRAY, "AsReadOnly")
def as_read_only(value: PSArray) -> GenericList:
    return read_only_collection(value.items, value.element_type)


@static(ARRAY, "Exists")
def exists(value: PSArray, match: Any) -> bool:
    return any(match(item) for item in value)


@static(ARRAY, "TrueForAll")
def true_for_all(value: PSArray, match: Any) -> bool:
    return all(match(item) for item in value)


@static(ARRAY, "Find")
def find(value: PSArray, match: Any) -> Any:
    return next((item for item in value if match(item)), default_value(get_type(value.element_type)))


@static(ARRAY, "FindAll")
def find_all(value: PSArray, match: Any) -> PSArray:
    return PSArray([item for item in value if match(item)], value.element_type)


@static(ARRAY, "FindIndex", "T[], Predicate[T]")
def find_index(value: PSArray, match: Any) -> int:
    return next((i for i, item in enumerate(value) if match(item)), -1)


@static(ARRAY, "ForEach")
def for_each(value: PSArray, action: Any) -> None:
    for item in value:
        action(item)


@static(ARRAY, "ConvertAll")
def convert_all(value: PSArray, converter: Any) -> PSArray:
    return PSArray([converter(item) for item in value], converter.net_type.arguments[1].key)


# ---- IList of an array: it cannot grow ------------------------------------------------------------------


@method(ARRAY, "Contains")
def contains(value: PSArray, item: Any) -> bool:
    return index_of(value, item) >= 0


@method(ARRAY, "IndexOf")
def own_index_of(value: PSArray, item: Any) -> int:
    return index_of(value, item)


@method(ARRAY, "Add")
@method(ARRAY, "Insert")
@method(ARRAY, "Remove")
@method(ARRAY, "RemoveAt")
def refuse(value: PSArray, *arguments: Any) -> None:
    raise not_supported(_FIXED)


@method(ARRAY, "Clear")
def clear_all(value: PSArray) -> None:
    clear(value, 0, len(value.items))
