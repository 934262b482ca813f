"""What the modules of collection members share: one function for several types, the items of an argument, searching."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from winbake.rehearsal.powershell.conversion.collections import enumerate_items
from winbake.rehearsal.powershell.conversion.comparison import net_equals
from winbake.rehearsal.powershell.dotnet.registry import method
from winbake.rehearsal.powershell.dotnet.throwing import argument_null

Function = Callable[..., Any]


def on_types(types: Iterable[str], name: str, signature: str | None = None) -> Callable[[Function], Function]:
    """A method of several types."""

    def register(function: Function) -> Function:
        for type_name in types:
            method(type_name, name, signature)(function)
        return function

    return register


def items_of(source: Any, parameter: str = "collection") -> list[Any]:
    """The items of a collection argument; a dictionary gives its entries. ArgumentNullException."""
    if source is None:
        raise argument_null(parameter)
    items = enumerate_items(source)
    if items is None:
        return list(source.entries()) if hasattr(source, "entries") else [source]
    return list(items)


def find_item(items: list[Any], item: Any, start: int, stop: int) -> int:
    """The place of the first item that Equals the one wanted, or -1."""
    for i in range(start, stop):
        if net_equals(items[i], item) or (items[i] is None and item is None):
            return i
    return -1
