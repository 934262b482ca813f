"""Truth of values, and what counts as a collection."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import ArrayList, GenericList, StringCollection
from winbake.rehearsal.powershell.engine_values import MultiArray, SwitchParameter
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, NetObject, PSArray, PSObject


def enumerate_items(value: Any) -> Iterator[Any] | None:
    """An iterator over a collection; None for what is one object: scalars, strings, dictionaries, XML nodes."""
    if type(value) is PSObject:
        value = value.base
    if type(value) is PSArray:
        return iter(value.items)
    if isinstance(value, NetObject) and hasattr(value, "__iter__"):
        found: Iterator[Any] = iter(value)
        return found
    return None


def list_items(value: Any) -> list[Any] | None:
    """The items of an IList (array, ArrayList, List<T>, Collection<T>); None for anything else."""
    if type(value) is PSObject:
        value = value.base
    if type(value) is PSArray:
        return value.items
    if isinstance(value, ArrayList | GenericList | StringCollection):
        return value.items
    if isinstance(value, MultiArray):
        return list(value)
    return None


def to_bool(value: Any) -> bool:
    """Whether `if` takes the value for true (LanguagePrimitives.IsTrue)."""
    if type(value) is PSObject:
        value = value.base
    if value is None or value is AUTOMATION_NULL:
        return False
    if isinstance(value, bool | int | float | Decimal):
        return bool(value)
    if isinstance(value, str):
        return value != "\0" if len(value) == 1 and type(value) is not str else value != ""
    if isinstance(value, SwitchParameter):
        return value.present
    if isinstance(value, EnumValue):
        return value.value != 0
    items = list_items(value)
    if items is None:
        return True
    if len(items) == 1:
        inner = list_items(items[0])
        return len(inner) > 0 if inner is not None else to_bool(items[0])
    return len(items) > 1
