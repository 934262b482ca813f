"""What a view is: which columns of which types, in which shape; `views.py` and its neighbours hold Windows' own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell.commands import objects

Getter = Callable[[Any, Any], Any]
"""(session, object) → value."""


@dataclass(frozen=True)
class Column:
    """`value`: a property's name or a getter."""

    value: str | Getter
    label: str | None = None
    width: int = 0
    alignment: str = ""
    cell_alignment: str = ""
    format: str | None = None

    @property
    def title(self) -> str:
        if self.label is not None:
            return self.label
        return self.value if isinstance(self.value, str) else ""


@dataclass(frozen=True)
class Grouping:
    """`heading`: the line above a group; by default three spaces, `label: value`."""

    value: str | Getter
    label: str
    heading: Callable[[str], list[str]] | None = None


@dataclass(frozen=True)
class View:
    """`shape`: "table", "list", "wide", "custom" or "out of band" (a text that stands by itself)."""

    types: tuple[str, ...]
    shape: str
    columns: tuple[Column, ...] = ()
    grouping: Grouping | None = None
    wrap: bool = False
    autosize: bool = False
    text: Getter | None = None
    name: str = ""


def read(session: Any, target: Any, value: str | Getter) -> Any:
    """A column's value; None where the object has no such property or its getter throws."""
    if not isinstance(value, str):
        return value(session, target)
    found = objects.find_property(session, target, value)
    return None if found is None else found.read_or_null()
