"""The text of a value in a table cell, a list or a group heading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell import convert, formatting, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.display.defaults import naming_property
from winbake.rehearsal.powershell.display.text import ELLIPSIS
from winbake.rehearsal.powershell.dotnet.collections import Dictionary

_NAME_PATTERNS = ("name", "id", "key", "*key", "*name", "*id")


def enumerated(value: Any) -> Iterator[Any] | None:
    """What a value is made of, for display: collections, and the entries of dictionaries."""
    inner = v.unwrap(value)
    if isinstance(inner, Dictionary):
        return inner.entries()
    return convert.enumerate_items(inner)


def text_of(session: Any, value: Any) -> str:
    """PSObject.ToString()."""
    if objects.is_null(value):
        return ""
    return convert.to_text(value, session) if v.is_custom(value) else objects.text(session, value)


def cell(session: Any, value: Any, format_text: str | None = None) -> str:
    """`value` as a cell; collections as `{a, b, c, d...}` with $FormatEnumerationLimit items."""
    if objects.is_null(value):
        return ""
    if format_text:
        inner = v.unwrap(value)
        if "{0" in format_text or "}" in format_text:
            return formatting.composite(format_text, [inner])
        return formatting.format_value(inner, format_text)
    items = enumerated(value)
    if items is None:
        return text_of(session, value)
    limit = enumeration_limit(session)
    shown: list[str] = []
    for item in items:
        if 0 <= limit == len(shown):
            return "{" + ", ".join(shown) + ELLIPSIS + "}"
        shown.append(item_name(session, item))
    return "{" + ", ".join(shown) + "}"


def enumeration_limit(session: Any) -> int:
    limit = v.unwrap(session.get_variable("FormatEnumerationLimit"))
    return limit if type(limit) is int else 4


def item_name(session: Any, item: Any) -> str:
    """How one item of a collection is shown: its own text, or its name if its type has no text of its own."""
    if objects.is_null(item):
        return "$null"
    text = text_of(session, item)
    inner = v.unwrap(item)
    if not isinstance(inner, v.NetObject) or v.is_custom(item) or text != types.type_of(inner).full_name:
        return text
    named = display_name(session, item)
    return text if named is None else text_of(session, named.read_or_null())


def display_name(session: Any, value: Any) -> objects.PropertyView | None:
    """The property that best names an object: its type's DefaultDisplayProperty, or one called like a name."""
    name = naming_property(session, value)
    if name is not None:
        found = objects.find_property(session, value, name)
        if found is not None:
            return found
    for pattern in _NAME_PATTERNS:
        for found in objects.matching(session, value, pattern):
            if found.name.lower() not in ("pscomputername", "psshowcomputername", "runspaceid"):
                return found
    return None
