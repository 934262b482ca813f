"""Properties and fields of .NET types, from the table."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from winbake.rehearsal.powershell import dotnet
from winbake.rehearsal.powershell.type_system.declaration_order import in_declared_order
from winbake.rehearsal.powershell.types import NetType, type_in_signature

_PROPERTY = re.compile(r"(static )?(\S+) ([\w.]+)(?:\[([^\]]*(?:\[[^\]]*\])*[^\]]*)\])?( readonly)?(?: writeonly)?\Z")

Slots = dict[tuple[str, str], Callable[..., Any]]


@dataclass(eq=False)
class Property:
    """`start` is the type that it was looked up on, `owner` the one that declares it."""

    owner: NetType
    start: NetType
    name: str
    type_text: str
    index_text: str
    static: bool
    read_only: bool
    is_field: bool

    @property
    def indexed(self) -> bool:
        return bool(self.index_text)

    @cached_property
    def type(self) -> NetType | None:
        context = self.start if self.start.definition is self.owner.definition else self.owner
        return type_in_signature(self.type_text, context)

    def getter(self, slots: Slots) -> Callable[..., Any] | None:
        """The function registered for it (in one of the registry's tables), nearest type first."""
        dotnet.load()
        lower = self.name.lower()
        for place in (*self.start.ancestors(), *self.start.interfaces):
            found = slots.get((place.table_name, lower))
            if found is not None:
                return found
        return None

    def call(self, function: Callable[..., Any], session: Any, *arguments: Any) -> Any:
        extra: dict[str, Any] = {}
        parameters = _parameters(function)
        if "session" in parameters:
            extra["session"] = session
        if "net_type" in parameters:
            extra["net_type"] = self.start
        return function(*arguments, **extra)


_PARAMETERS: dict[Callable[..., Any], frozenset[str]] = {}


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    found = _PARAMETERS.get(function)
    if found is None:
        parameters = inspect.signature(function).parameters
        found = _PARAMETERS[function] = frozenset(
            name for name, one in parameters.items() if name == "session" or one.kind is inspect.Parameter.KEYWORD_ONLY
        )
    return found


def _declared(place: NetType) -> dict[str, list[Property]]:
    index: dict[str, list[Property]] | None = place.__dict__.get("_property_index")
    if index is None:
        index = {}
        for kind in ("properties", "fields"):
            for text in place.row.get(kind, ()):
                match = _PROPERTY.match(text)
                if match is None:
                    continue
                made = Property(
                    place, place, match[3], match[2], match[4] or "", bool(match[1]), bool(match[5]), kind == "fields"
                )
                index.setdefault(match[3].lower(), []).append(made)
        place.__dict__["_property_index"] = index
    return index


def find_property(net_type: NetType, name: str, static: bool = False) -> Property | None:
    """A property or field by name, inherited ones too, then those of interfaces; without case."""
    cache: dict[tuple[str, bool], Property | None] = net_type.__dict__.setdefault("_properties", {})
    key = (name.lower(), static)
    if key not in cache:
        cache[key] = _find(net_type, key[0], static)
    return cache[key]


def _find(net_type: NetType, lower: str, static: bool) -> Property | None:
    for place in (*net_type.ancestors(), *net_type.interfaces):
        for found in _declared(place).get(lower, ()):
            if found.static == static:
                return _started(found, net_type)
    return None


def _started(found: Property, start: NetType) -> Property:
    if found.start is start:
        return found
    return Property(
        found.owner, start, found.name, found.type_text, found.index_text, found.static, found.read_only, found.is_field
    )


def properties_of(net_type: NetType) -> list[Property]:
    """All properties and fields, the type's own first, each name once."""
    seen: dict[str, Property] = {}
    for place in net_type.ancestors():
        declared = _declared(place)
        for name in in_declared_order(place.table_name, list(declared)):
            for one in declared[name]:
                seen.setdefault(one.name.lower(), _started(one, net_type))
    return list(seen.values())


def indexers_of(net_type: NetType) -> list[Property]:
    """The indexed properties called Item (or Chars), nearest type first."""
    found: list[Property] = []
    for place in (*net_type.ancestors(), *net_type.interfaces):
        index = _declared(place)
        for name in ("item", "chars", "itemof"):
            found.extend(_started(one, net_type) for one in index.get(name, ()) if one.indexed)
    return found
