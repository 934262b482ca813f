"""Members that type data adds to every object of a type: types.ps1xml of Windows PowerShell 5.1, and Update-TypeData.

A session's own additions stand in `session.type_data` (a TypeData); the built-in ones are shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell.values import AliasProperty, CodeProperty, Member, MemberTable

BUILT_IN: dict[str, MemberTable] = {}
"""Lower-case type name → members. Other modules add theirs with `add_type_members`."""


class TypeData:
    """What Update-TypeData added in one session: members and the default display property set by type name."""

    def __init__(self) -> None:
        self.members: dict[str, MemberTable] = {}
        self.standard: dict[str, dict[str, Any]] = {}
        """Type name → name (DefaultDisplayPropertySet, DefaultDisplayProperty …) → value."""

    def add(self, type_name: str, member: Member) -> None:
        self.members.setdefault(type_name.lower(), MemberTable()).add(member)

    def remove(self, type_name: str) -> None:
        self.members.pop(type_name.lower(), None)
        self.standard.pop(type_name.lower(), None)


def add_type_members(type_name: str, *members: Member) -> None:
    """Adds built-in members of a .NET type (as types.ps1xml does)."""
    table = BUILT_IN.setdefault(type_name.lower(), MemberTable())
    for member in members:
        table.add(member)


def find_type_member(session: Any, type_names: list[str], name: str) -> Member | None:
    """The member that type data gives the first of these types that has one."""
    own: TypeData | None = getattr(session, "type_data", None)
    for type_name in type_names:
        lower = type_name.lower()
        if own is not None and lower in own.members:
            found = own.members[lower].get(name)
            if found is not None:
                return found
        table = BUILT_IN.get(lower)
        if table is not None:
            found = table.get(name)
            if found is not None:
                return found
    return None


def type_members(session: Any, type_names: list[str]) -> Iterator[Member]:
    """All members of type data for these types, the nearer type's first, each name once."""
    seen: set[str] = set()
    own: TypeData | None = getattr(session, "type_data", None)
    for type_name in type_names:
        lower = type_name.lower()
        tables = [own.members.get(lower) if own is not None else None, BUILT_IN.get(lower)]
        for table in tables:
            for member in table or ():
                if member.name.lower() not in seen:
                    seen.add(member.name.lower())
                    yield member


def standard_members(session: Any, type_names: list[str]) -> dict[str, Any] | None:
    """What `.PSStandardMembers` holds for an object of these types; None if nothing."""
    own: TypeData | None = getattr(session, "type_data", None)
    for type_name in type_names:
        if own is not None and type_name.lower() in own.standard:
            return own.standard[type_name.lower()]
    return None


add_type_members("System.Array", AliasProperty("Count", "Length"))
add_type_members("System.Collections.DictionaryEntry", AliasProperty("Name", "Key"))


def code_property(type_name: str, name: str, getter: Any, shown_as: str = "CodeProperty") -> None:
    """A built-in computed property (a ScriptProperty or CodeProperty of types.ps1xml)."""
    add_type_members(type_name, CodeProperty(name, getter, None, shown_as))
