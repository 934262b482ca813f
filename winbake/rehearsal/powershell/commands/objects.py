"""How the object cmdlets look at what comes down the pipeline: its properties by name or wildcard, its text,
its order against others. The rules are PSObject's, not a script's: a Hashtable's keys are no properties here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from winbake.rehearsal.powershell import convert, formatting, members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.access import type_data
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

PROPERTY_KINDS = frozenset(
    {"AliasProperty", "CodeProperty", "Property", "NoteProperty", "ScriptProperty", "DynamicProperty"}
)


class PropertyView:
    """One property of one object; `read()` runs its getter."""

    __slots__ = ("_read", "kind", "name")

    def __init__(self, name: str, kind: str, read: Callable[[], Any]) -> None:
        self.name = name
        self.kind = kind
        self._read = read

    def read(self) -> Any:
        value = self._read()
        return None if value is v.AUTOMATION_NULL else value

    def read_or_null(self) -> Any:
        """None if the getter throws: what the serializers make of such a property."""
        try:
            return self.read()
        except ScriptError:
            return None


def is_null(value: Any) -> bool:
    return value is None or value is v.AUTOMATION_NULL


def properties(session: Any, value: Any) -> list[PropertyView]:
    """The extended properties first, then those of the .NET type, hidden ones left out."""
    if v.is_custom(value) and _only_notes(value):
        return [_note(member) for member in value.members if not member.hidden]
    return [_view(info) for info in members.members_of(session, value) if info.kind in PROPERTY_KINDS]


def find_property(session: Any, value: Any, name: str) -> PropertyView | None:
    if v.is_custom(value):
        member = value.members.get(name)
        if isinstance(member, v.NoteProperty):
            return _note(member)
    lowered = name.lower()
    for info in members.members_of(session, value, hidden=True):
        if info.kind in PROPERTY_KINDS and info.name.lower() == lowered:
            return _view(info)
    return None


def property_set(session: Any, value: Any, name: str) -> list[str] | None:
    """The names in a PropertySet of that name (from type data), None if there is none."""
    lowered = name.lower()
    for info in members.members_of(session, value, hidden=True):
        if info.kind == "PropertySet" and info.name.lower() == lowered:
            return list(info.names)
    return None


def _only_notes(value: v.PSObject) -> bool:
    return value.type_names is None and all(isinstance(member, v.NoteProperty) for member in value.members)


def _note(member: v.NoteProperty) -> PropertyView:
    return PropertyView(member.name, "NoteProperty", lambda: member.value)


def _view(info: Any) -> PropertyView:
    return PropertyView(info.name, info.kind, lambda: info.value)


def matching(session: Any, value: Any, pattern: str) -> Iterator[PropertyView]:
    """Properties whose name matches; without wildcards at most one."""
    if not has_wildcards(pattern):
        found = find_property(session, value, pattern)
        if found is not None:
            yield found
        return
    wildcard = Wildcard(pattern)
    for view in properties(session, value):
        if wildcard.matches(view.name):
            yield view


def type_names(session: Any, value: Any) -> list[str]:
    """PSTypeNames in force."""
    return members.type_names_of(session, value)


def base_type_name(value: Any) -> str:
    """Full name of the .NET type inside."""
    return types.type_of(v.unwrap(value)).full_name


def text(session: Any, value: Any) -> str:
    """What .ToString() gives in C#: PSObject's text for custom objects and wrapped values, the type's own else."""
    if is_null(value):
        return ""
    if isinstance(value, str):
        return value
    if type(value) is v.PSObject:
        inner = value.base
        if value.base is v.CUSTOM or value.members or convert.enumerate_items(inner) is not None:
            return convert.to_text(value, session)
        return formatting.net_to_string(inner)
    if isinstance(value, v.NetObject) and value.ps_members is not None and "ToString" in value.ps_members:
        return convert.to_text(value, session)
    return formatting.net_to_string(value)


def compare(left: Any, right: Any, ignore_case: bool = True) -> int:
    """ObjectCommandComparer: LanguagePrimitives.Compare, and where that cannot, the texts. Never raises."""
    left, right = v.unwrap(left), v.unwrap(right)
    if left is None and right is None:
        return 0
    try:
        return convert.compare(left, right, ignore_case)
    except ScriptError:
        return convert.compare(convert.to_text(left), convert.to_text(right), ignore_case)


def with_own_members(value: Any) -> v.PSObject:
    """The PSObject to put note properties on without touching the value inside; one that is there is used."""
    if type(value) is v.PSObject:
        return value
    return v.PSObject(value)


def standard_member(session: Any, value: Any, name: str) -> list[str]:
    """The names in one of the property sets of PSStandardMembers (DefaultKeyPropertySet …); [] without one."""
    standard = type_data.standard_members(session, type_names(session, value)) or {}
    found = standard.get(name)
    return list(found) if isinstance(found, list) else []


def add_instance_member(value: Any, member: v.Member) -> Any:
    """Puts a member on the object (it replaces one of its name) and gives what now carries it: the object itself,
    or, for strings, numbers and other plain values, a PSObject round them."""
    if type(value) is v.PSObject:
        value.members.add(member)
        return value
    if isinstance(value, v.NetObject) and value is not v.AUTOMATION_NULL:
        if value.ps_members is None:
            value.ps_members = v.MemberTable()
        value.ps_members.add(member)
        return value
    wrapped = v.PSObject(value)
    wrapped.members.add(member)
    return wrapped


def set_type_names(value: Any, names: list[str]) -> None:
    """Replaces PSTypeNames; of a plain Python value nothing keeps them."""
    if type(value) is v.PSObject:
        value.type_names = names
    elif isinstance(value, v.NetObject):
        value.ps_type_names = names
