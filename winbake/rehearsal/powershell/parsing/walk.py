"""Walking a syntax tree: the nodes right under a node, in the order of the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from winbake.rehearsal.powershell.syntax import Node

_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: Node) -> Iterator[Node]:
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(
            field.name for field in fields(kind) if field.name not in ("source", "start", "end")
        )
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _in_list(value)


def _in_list(values: Any) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _in_list(value)


def descendants(node: Node, stop: type | tuple[type, ...] = ()) -> Iterator[Node]:
    """All nodes under a node, not going into nodes of the types in `stop`."""
    for child in children(node):
        yield child
        if not isinstance(child, stop):
            yield from descendants(child, stop)
