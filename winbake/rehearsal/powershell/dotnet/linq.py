"""System.Linq.Enumerable, as far as scripts use it: eager, giving arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell.conversion.collections import enumerate_items
from winbake.rehearsal.powershell.dotnet.collections import GenericList, exact_key
from winbake.rehearsal.powershell.dotnet.ordering import equality_key, sorted_items
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, invalid_operation, out_of_range
from winbake.rehearsal.powershell.types import NetType, get_type, type_of
from winbake.rehearsal.powershell.values import PSArray

LINQ = "System.Linq.Enumerable"
_EMPTY = "Sequence contains no elements"
_NO_MATCH = "Sequence contains no matching element"


def _items(source: Any) -> Iterator[Any]:
    if source is None:
        raise argument_null("source")
    items = enumerate_items(source)
    if items is not None:
        return items
    return iter(list(source.entries()) if hasattr(source, "entries") else list(source))


def _element(source: Any) -> NetType:
    """T of the IEnumerable<T>."""
    for one in type_of(source).interfaces:
        if one.definition is not None and one.definition.key == "System.Collections.Generic.IEnumerable`1":
            return one.arguments[0]
    return get_type("System.Object")


def _array(source: Any, items: Any) -> PSArray:
    return PSArray(items, _element(source).key)


@static(LINQ, "Where")
def where(source: Any, predicate: Any) -> PSArray:
    if len(predicate.net_type.arguments) == 3:
        return _array(source, [item for i, item in enumerate(_items(source)) if predicate(item, i)])
    return _array(source, [item for item in _items(source) if predicate(item)])


@static(LINQ, "Select")
def select(source: Any, selector: Any) -> PSArray:
    arguments = selector.net_type.arguments
    if len(arguments) == 3:
        return PSArray([selector(item, i) for i, item in enumerate(_items(source))], arguments[-1].key)
    return PSArray([selector(item) for item in _items(source)], arguments[-1].key)


@static(LINQ, "Any")
def any_item(source: Any, predicate: Any = None) -> bool:
    return any(predicate is None or predicate(item) for item in _items(source))


@static(LINQ, "All")
def all_items(source: Any, predicate: Any) -> bool:
    return all(predicate(item) for item in _items(source))


@static(LINQ, "Count")
def count(source: Any, predicate: Any = None) -> int:
    return sum(1 for item in _items(source) if predicate is None or predicate(item))


def _matching(source: Any, predicate: Any) -> list[Any]:
    return [item for item in _items(source) if predicate is None or predicate(item)]


@static(LINQ, "First")
def first(source: Any, predicate: Any = None) -> Any:
    found = _matching(source, predicate)
    if not found:
        raise invalid_operation(_EMPTY if predicate is None else _NO_MATCH)
    return found[0]


@static(LINQ, "Last")
def last(source: Any, predicate: Any = None) -> Any:
    found = _matching(source, predicate)
    if not found:
        raise invalid_operation(_EMPTY if predicate is None else _NO_MATCH)
    return found[-1]


def _or_default(source: Any, found: list[Any], position: int) -> Any:
    from winbake.rehearsal.powershell.dotnet.objects import default_value

    return found[position] if found else default_value(_element(source))


@static(LINQ, "FirstOrDefault")
def first_or_default(source: Any, predicate: Any = None) -> Any:
    return _or_default(source, _matching(source, predicate), 0)


@static(LINQ, "LastOrDefault")
def last_or_default(source: Any, predicate: Any = None) -> Any:
    return _or_default(source, _matching(source, predicate), -1)


@static(LINQ, "ElementAt")
def element_at(source: Any, index: int) -> Any:
    found = list(_items(source))
    if not 0 <= index < len(found):
        raise out_of_range("index")
    return found[index]


@static(LINQ, "Skip")
def skip(source: Any, number: int) -> PSArray:
    return _array(source, list(_items(source))[max(number, 0) :])


@static(LINQ, "Take")
def take(source: Any, number: int) -> PSArray:
    return _array(source, list(_items(source))[: max(number, 0)])


@static(LINQ, "Reverse")
def reverse(source: Any) -> PSArray:
    return _array(source, list(_items(source))[::-1])


@static(LINQ, "Concat")
def concat(one: Any, other: Any) -> PSArray:
    return _array(one, [*_items(one), *_items(other)])


@static(LINQ, "Contains")
def contains(source: Any, value: Any, comparer: Any = None) -> bool:
    key = equality_key(comparer)
    return any(key(item) == key(value) for item in _items(source))


@static(LINQ, "Distinct")
def distinct(source: Any, comparer: Any = None) -> PSArray:
    key = equality_key(comparer)
    return _array(source, list({key(item): item for item in reversed(list(_items(source)))}.values())[::-1])


@static(LINQ, "Union")
def union(one: Any, other: Any, comparer: Any = None) -> PSArray:
    return _array(one, distinct(concat(one, other), comparer))


@static(LINQ, "Intersect")
def intersect(one: Any, other: Any, comparer: Any = None) -> PSArray:
    key = equality_key(comparer)
    wanted = {key(item) for item in _items(other)}
    return _array(one, [item for item in distinct(one, comparer) if key(item) in wanted])


@static(LINQ, "Except")
def except_(one: Any, other: Any, comparer: Any = None) -> PSArray:
    key = equality_key(comparer)
    unwanted = {key(item) for item in _items(other)}
    return _array(one, [item for item in distinct(one, comparer) if key(item) not in unwanted])


@static(LINQ, "SequenceEqual")
def sequence_equal(one: Any, other: Any, comparer: Any = None) -> bool:
    key = equality_key(comparer) if comparer is not None else exact_key
    return [key(item) for item in _items(one)] == [key(item) for item in _items(other)]


@static(LINQ, "OrderBy")
def order_by(source: Any, selector: Any, comparer: Any = None, *, session: Any = None) -> PSArray:
    return _array(source, _ordered(source, selector, comparer, session))


@static(LINQ, "OrderByDescending")
def order_by_descending(source: Any, selector: Any, comparer: Any = None, *, session: Any = None) -> PSArray:
    items = list(_items(source))[::-1]
    return _array(source, _ordered(PSArray(items), selector, comparer, session)[::-1])


def _ordered(source: Any, selector: Any, comparer: Any, session: Any) -> list[Any]:
    pairs: dict[Any, list[Any]] = {}
    keys: dict[Any, Any] = {}
    for item in _items(source):
        value = selector(item)
        keys.setdefault(exact_key(value), value)
        pairs.setdefault(exact_key(value), []).append(item)
    return [item for value in sorted_items(list(keys.values()), comparer, session) for item in pairs[exact_key(value)]]


@static(LINQ, "ToArray")
def to_array(source: Any) -> PSArray:
    return _array(source, list(_items(source)))


@static(LINQ, "ToList")
def to_list(source: Any) -> GenericList:
    return GenericList(_element(source), _items(source))


@static(LINQ, "Range")
def make_range(start: int, number: int) -> PSArray:
    if number < 0:
        raise out_of_range("count")
    return PSArray(range(start, start + number), "System.Int32")


@static(LINQ, "Repeat")
def repeat(value: Any, number: int) -> PSArray:
    return PSArray([value] * number, type_of(value).key if value is not None else "System.Object")


@static(LINQ, "Max", "IEnumerable[TSource]")
def maximum(source: Any) -> Any:
    return _extreme(source, -1)


@static(LINQ, "Min", "IEnumerable[TSource]")
def minimum(source: Any) -> Any:
    return _extreme(source, 0)


def _extreme(source: Any, position: int) -> Any:
    found = sorted_items(list(_items(source)))
    if not found:
        raise invalid_operation(_EMPTY)
    return found[position]


def _sums() -> None:
    from winbake.rehearsal.powershell.conversion.numbers import NUMBERS, convert_number

    for name in ("Int32", "Int64", "Double", "Single", "Decimal"):
        key = f"System.{name}"

        @static(LINQ, "Sum", f"IEnumerable[{name}]")
        def total(source: Any, key: str = key) -> Any:
            return convert_number(sum(_items(source), NUMBERS[key](0)), key)

        result = key if name in ("Single", "Decimal") else "System.Double"

        @static(LINQ, "Average", f"IEnumerable[{name}]")
        def average(source: Any, result: str = result) -> Any:
            found = list(_items(source))
            if not found:
                raise invalid_operation(_EMPTY)
            return convert_number(sum(found) / len(found), result)

        @static(LINQ, "Max", f"IEnumerable[{name}]")
        def largest(source: Any) -> Any:
            return _extreme(source, -1)

        @static(LINQ, "Min", f"IEnumerable[{name}]")
        def smallest(source: Any) -> Any:
            return _extreme(source, 0)


_sums()
