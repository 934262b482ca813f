""".Where() and .ForEach(), which the engine gives to every collection (EnumerableOps of the 2016 source)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.conversion.collections import enumerate_items, to_bool
from winbake.rehearsal.powershell.dotnet.collections import GenericList, collection_of
from winbake.rehearsal.powershell.errors import script_error
from winbake.rehearsal.powershell.types import EnumValue, NetType, get_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, unwrap

Magic = Callable[[Any, Any, list[Any]], Any]

_MODES = "System.Management.Automation.WhereOperatorSelectionMode"


def find(name: str) -> Magic | None:
    return {"where": where, "foreach": for_each}.get(name.lower())


def _items(target: Any) -> list[Any]:
    items = enumerate_items(target)
    return [target] if items is None else list(items)


def where(session: Any, target: Any, args: list[Any]) -> GenericList:
    """.Where(condition, mode = 'Default', count = 0)."""
    from winbake.rehearsal.powershell.convert import convert

    if not 1 <= len(args) <= 3:
        raise _wrong_count("Where", len(args))
    condition = unwrap(args[0])
    mode = "Default"
    if len(args) > 1:
        converted = convert(args[1], get_type(_MODES), session)
        assert isinstance(converted, EnumValue)
        mode = converted.name
    count = int(convert(args[2], get_type("System.Int32"), session)) if len(args) > 2 else 0
    if count < 0:
        raise script_error(
            "NumberToReturnMustBeGreaterThanZero",
            "The number of objects to return must be greater than zero.",
            "NotSpecified",
        )

    def true(item: Any) -> bool:
        found = session.invoke(condition, item, underscore=item)
        return to_bool(found[0] if len(found) == 1 else PSArray(found))

    items = _items(target)
    if mode in ("Default", "First"):
        limit = count or (1 if mode == "First" else len(items))
        return collection_of(_take(items, true, limit))
    if mode == "Last":
        found = [item for item in items if true(item)]
        return collection_of(found[-(count or 1) :])
    if mode == "Split":
        chosen: list[Any] = []
        rest: list[Any] = []
        for item in items:
            enough = count and len(chosen) >= count
            (chosen if not enough and true(item) else rest).append(item)
        return collection_of([collection_of(chosen), collection_of(rest)])
    position = next((i for i, item in enumerate(items) if true(item)), len(items))
    if mode == "Until":
        return collection_of(items[:position][: count or None])
    return collection_of(items[position:][: count or None])


def _take(items: list[Any], true: Callable[[Any], bool], limit: int) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if len(found) >= limit:
            break
        if true(item):
            found.append(item)
    return found


def for_each(session: Any, target: Any, args: list[Any]) -> GenericList:
    """.ForEach(script block, …), .ForEach([type]), .ForEach('property' [, value]), .ForEach('method', …)."""
    from winbake.rehearsal.powershell.convert import convert, to_text
    from winbake.rehearsal.powershell.members import (
        NO_MEMBER,
        find_value,
        get_member_value,
        invoke_method,
        set_member_value,
    )
    from winbake.rehearsal.powershell.running.functions import ScriptBlock

    if not args:
        raise _wrong_count("ForEach", 0)
    what = unwrap(args[0])
    results: list[Any] = []
    for item in _items(target):
        if isinstance(what, ScriptBlock):
            results.extend(session.invoke(what, *args[1:], underscore=item, new_scope=False))
            continue
        if isinstance(what, NetType):
            results.append(convert(item, what, session))
            continue
        name = to_text(what, session)
        found = find_value(session, item, name)
        if (found is NO_MEMBER and item is not None) or _is_method(found):
            value = invoke_method(session, item, name, args[1:])
        elif len(args) > 1:
            set_member_value(session, item, name, args[1] if len(args) == 2 else PSArray(args[1:]))
            continue
        else:
            value = get_member_value(session, item, name)
        if value is not AUTOMATION_NULL:
            results.append(value)
    return collection_of(results)


def _is_method(value: Any) -> bool:
    from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

    return isinstance(value, MethodObject)


def _wrong_count(name: str, count: int) -> Exception:
    return script_error(
        "MethodCountCouldNotFindBest",
        f'Cannot find an overload for "{name}" and the argument count: "{count}".',
        "NotSpecified",
        "System.Management.Automation.MethodException",
    )
