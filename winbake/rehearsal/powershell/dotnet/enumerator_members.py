"""GetEnumerator of collections, and the members of enumerators."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.conversion.collections import enumerate_items
from winbake.rehearsal.powershell.dotnet.collections import Enumerator
from winbake.rehearsal.powershell.dotnet.member_sharing import on_types
from winbake.rehearsal.powershell.dotnet.registry import getter, method

_C = "System.Collections."
_G = "System.Collections.Generic."
_O = "System.Collections.ObjectModel."
_ENUMERATED = (
    "System.Array",
    f"{_C}ArrayList",
    f"{_G}List`1",
    f"{_O}Collection`1",
    f"{_O}ReadOnlyCollection`1",
    f"{_C}Specialized.StringCollection",
    f"{_C}Queue",
    f"{_C}Stack",
    f"{_G}Queue`1",
    f"{_G}Stack`1",
    f"{_G}HashSet`1",
    f"{_G}SortedSet`1",
    f"{_C}IEnumerable",
    f"{_G}IEnumerable`1",
)


@on_types(_ENUMERATED, "GetEnumerator")
def get_enumerator(value: Any) -> Enumerator:
    items = enumerate_items(value)
    return Enumerator(value if items is not None else iter(()))


@method(f"{_C}IEnumerator", "MoveNext")
@method(f"{_C}SimpleEnumerator", "MoveNext")
@method(f"{_C}SimpleDictionaryEnumerator", "MoveNext")
def move_next(value: Enumerator) -> bool:
    return value.move_next()


@getter(f"{_C}IEnumerator", "Current")
@getter(f"{_C}SimpleEnumerator", "Current")
@getter(f"{_C}SimpleDictionaryEnumerator", "Current")
def current(value: Enumerator) -> Any:
    return value.current


@method(f"{_C}IEnumerator", "Reset")
@method(f"{_C}SimpleEnumerator", "Reset")
@method(f"{_C}SimpleDictionaryEnumerator", "Reset")
def reset(value: Enumerator) -> None:
    value.reset()


@getter(f"{_C}SimpleDictionaryEnumerator", "Key")
def current_key(value: Enumerator) -> Any:
    return value.current.key


@getter(f"{_C}SimpleDictionaryEnumerator", "Value")
def current_value(value: Enumerator) -> Any:
    return value.current.value


@getter(f"{_C}SimpleDictionaryEnumerator", "Entry")
def current_entry(value: Enumerator) -> Any:
    return value.current
