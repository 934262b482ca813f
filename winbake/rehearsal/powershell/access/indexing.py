"""`$x[i]`, `$x[i] = v`: arrays, slices, strings, dictionaries, and types with an Item property."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.member_errors import cannot_index, null_array, null_index, raw_error
from winbake.rehearsal.powershell.access.member_table import indexers_of
from winbake.rehearsal.powershell.dotnet.collections import (
    Dictionary,
    GenericDictionary,
    GenericList,
    ListObject,
    OrderedDictionary,
    Queue,
    Stack,
)
from winbake.rehearsal.powershell.dotnet.registry import GETTERS, SETTERS
from winbake.rehearsal.powershell.engine_values import MultiArray
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError, script_error
from winbake.rehearsal.powershell.types import NetType, get_type, type_in_signature, type_of
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, Char, PSArray, PSObject, unwrap

_OUTSIDE = "Index was outside the bounds of the array."
_LIST_OUTSIDE = (
    "Index was out of range. Must be non-negative and less than the size of the collection.\r\nParameter name: index"
)
_MISSING = object()


def get_index(session: Any, target: Any, index: Any, strict: bool = False, by_key: bool = False) -> Any:
    """`$target[index]`; an array of indexes gives an array. What is not there is None.

    `by_key`: the index was written as `[object]…`, so that a number is a key of an ordered dictionary. What has no
    index is itself at 0 and -1, and nothing elsewhere (`strict`: ScriptError CannotIndex).
    """
    target = unwrap(target)
    if target is None:
        raise null_array()
    index = unwrap(index)
    if index is None:
        raise null_index()
    if isinstance(target, MultiArray):
        return _multi_get(session, target, index)
    if isinstance(index, PSArray | ListObject):
        if isinstance(target, PSArray | ListObject | str):
            found = [_one(session, target, unwrap(item)) for item in index]
            return PSArray([item for item in found if item is not _MISSING])
        if isinstance(target, Dictionary):
            found = [_one(session, target, unwrap(item)) for item in index]
            return PSArray([None if item is _MISSING else item for item in found])
    if by_key and isinstance(target, OrderedDictionary):
        return target.get(index)
    try:
        found_one = _one(session, target, index)
    except ScriptError as error:
        if error.record.error_id != "CannotIndex" or strict:
            raise
        return target if type(index) is int and index in (0, -1) else AUTOMATION_NULL
    return None if found_one is _MISSING else found_one


def _one(session: Any, target: Any, index: Any) -> Any:
    if isinstance(target, OrderedDictionary):
        return _ordered_get(target, index)
    if isinstance(target, Dictionary):
        key = _key(session, target, index)
        return _MISSING if key is None else target.get(key, _MISSING)
    items = _sequence(target)
    if items is not None:
        position = _position(session, index)
        if position is None:
            return _MISSING
        if position < 0:
            position += len(items)
        if not 0 <= position < len(items):
            return _MISSING
        return Char(items[position]) if isinstance(items, str) else items[position]
    return _indexer_get(session, target, index)


def _sequence(target: Any) -> Any:
    if isinstance(target, PSArray):
        return target.items
    if isinstance(target, str):
        return None if isinstance(target, Char) else target
    if isinstance(target, ListObject) and not isinstance(target, Queue | Stack):
        return target.items
    return None


def _position(session: Any, index: Any) -> int | None:
    if type(index) is int:
        return index
    from winbake.rehearsal.powershell.convert import try_convert

    ok, position = try_convert(index, get_type("System.Int32"), session)
    return position if ok else None


def _key(session: Any, target: Dictionary, index: Any) -> Any:
    """The index as a key of the dictionary's type; None if it cannot be one."""
    if target.key_type is None:
        return index
    from winbake.rehearsal.powershell.convert import try_convert

    ok, key = try_convert(index, target.key_type, session)
    return key if ok else None


def _ordered_get(target: OrderedDictionary, index: Any) -> Any:
    if type(index) is int:
        position = index + len(target) if index < 0 else index
        try:
            return target.at(position)[1]
        except IndexError:
            return _MISSING
    return target.get(index, _MISSING)


def set_index(session: Any, target: Any, index: Any, value: Any) -> None:
    """`$target[index] = value`, converted to the collection's element type."""
    target = unwrap(target)
    if target is None:
        raise null_array()
    index = unwrap(index)
    if index is None:
        raise null_index()
    if value is AUTOMATION_NULL:
        value = None
    try:
        _set(session, target, index, value)
    except NetError as error:
        raise raw_error(error) from None


def _set(session: Any, target: Any, index: Any, value: Any) -> None:
    from winbake.rehearsal.powershell.convert import convert

    if isinstance(target, MultiArray):
        target.items[_place(session, target, index)] = convert(value, get_type(target.element_type), session)
        return
    if isinstance(target, PSArray) or (isinstance(target, ListObject) and not isinstance(target, Queue | Stack)):
        if isinstance(index, PSArray):
            text = ",".join(str(item) for item in index)
            raise script_error(
                "ArraySliceAssignmentFailed",
                f"Array assignment to [{text}] failed because assignment to slices is not supported.",
            )
        position = convert(index, get_type("System.Int32"), session)
        if isinstance(target, PSArray):
            value = convert(value, get_type(target.element_type), session)
        elif isinstance(target, GenericList):
            value = convert(value, target.element_type, session)
        items = target.items
        if position < 0:
            position += len(items)
        if not 0 <= position < len(items):
            if isinstance(target, PSArray):
                raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
            raise NetError("System.ArgumentOutOfRangeException", _LIST_OUTSIDE)
        items[position] = value
        if isinstance(target, ListObject):
            target.changed()
    elif isinstance(target, OrderedDictionary) and type(index) is int:
        position = index + len(target) if index < 0 else index
        try:
            target.set_at(position, value)
        except IndexError:
            raise NetError("System.ArgumentOutOfRangeException", _LIST_OUTSIDE) from None
    elif isinstance(target, Dictionary):
        if isinstance(target, GenericDictionary):
            assert target.key_type is not None and target.value_type is not None
            index = convert(index, target.key_type, session)
            value = convert(value, target.value_type, session)
        target.set(index, value)
    else:
        _indexer_set(session, target, index, value)


# ---- arrays of several ranks ----------------------------------------------------------------------------


def _multi_get(session: Any, target: MultiArray, index: Any) -> Any:
    try:
        return target.items[_place(session, target, index)]
    except NetError as error:
        raise raw_error(error) from None


def _place(session: Any, target: MultiArray, index: Any) -> tuple[int, ...]:
    from winbake.rehearsal.powershell.convert import convert

    wanted = list(index) if isinstance(index, PSArray) else [index]
    if len(wanted) != len(target.lengths):
        raise script_error(
            "NeedMultidimensionalIndex",
            f"The array has {len(target.lengths)} dimensions; the index has {len(wanted)}.",
        )
    place = []
    for one, length in zip(wanted, target.lengths, strict=True):
        position = convert(one, get_type("System.Int32"), session)
        position += length if position < 0 else 0
        if not 0 <= position < length:
            raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
        place.append(position)
    return tuple(place)


# ---- Item properties of other types ---------------------------------------------------------------------


def _indexer_get(session: Any, target: Any, index: Any) -> Any:
    if isinstance(target, PSObject | bool | int | float) or not indexers_of(type_of(target)):
        raise cannot_index(target)
    try:
        return read_indexed(session, target, indexers_of(type_of(target))[0].name, [index])
    except NetError:
        return _MISSING


def read_indexed(session: Any, target: Any, name: str, args: list[Any]) -> Any:
    """An indexed property called with its arguments, as get_Item(…) does; NetError comes out as it is."""
    if isinstance(target, str) and not isinstance(target, Char):
        position = _position(session, unwrap(args[0]))
        if position is None or not 0 <= position < len(target):
            raise NetError("System.IndexOutOfRangeException", _OUTSIDE)
        return Char(target[position])
    if isinstance(target, GenericDictionary):
        return target.need(_key(session, target, unwrap(args[0])))
    if isinstance(target, Dictionary) or _sequence(target) is not None:
        found = _one(session, target, unwrap(args[0]))
        return None if found is _MISSING else found
    net_type = type_of(target)
    wanted = _converted(session, net_type, args, False)
    for place in (*net_type.ancestors(), *net_type.interfaces):
        function = GETTERS.get((place.table_name, name.lower()))
        if function is not None:
            return function(target, *wanted)
    raise NotModelled(f"[{net_type.short_name}].{name}[…]")


def _converted(session: Any, net_type: NetType, args: list[Any], writing: bool) -> list[Any]:
    """The arguments as the best indexer takes them: text by a text indexer, numbers by a number one."""
    from winbake.rehearsal.powershell.convert import conversion_rank, convert

    best: tuple[int, list[NetType]] | None = None
    for one in indexers_of(net_type):
        if writing and one.read_only:
            continue
        types = [type_in_signature(part.split()[0], one.start) for part in one.index_text.split(", ")]
        if len(types) != len(args) or any(found is None for found in types):
            continue
        known = [found for found in types if found is not None]
        ranks = [conversion_rank(arg, found) for arg, found in zip(args, known, strict=True)]
        if all(ranks) and (best is None or sum(ranks) > best[0]):
            best = (sum(ranks), known)
    if best is None:
        raise cannot_index_with(net_type)
    return [convert(arg, found, session) for arg, found in zip(args, best[1], strict=True)]


def cannot_index_with(net_type: NetType) -> ScriptError:
    return script_error("CannotIndex", f"Unable to index into an object of type {net_type.full_name}.")


def _indexer_set(session: Any, target: Any, index: Any, value: Any) -> None:
    from winbake.rehearsal.powershell.convert import convert

    if isinstance(target, PSObject | bool | int | float | str):
        raise cannot_index(target)
    net_type = type_of(target)
    writable = [one for one in indexers_of(net_type) if not one.read_only]
    if not writable:
        raise cannot_index(target)
    arguments = _converted(session, net_type, [index], True)
    wanted = writable[0].type
    if wanted is not None:
        value = convert(value, wanted, session)
    name = writable[0].name.lower()
    for place in (*net_type.ancestors(), *net_type.interfaces):
        function = SETTERS.get((place.table_name, name))
        if function is not None:
            function(target, *arguments, value)
            return
    raise NotModelled(f"setting [{net_type.short_name}].Item[…]")
