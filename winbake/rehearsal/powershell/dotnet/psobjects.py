"""PSObject as scripts see it: .PSObject, its member collections, PSPropertyInfo objects, methods as values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell.access.member_table import Property, properties_of
from winbake.rehearsal.powershell.access.overloads import Signature, method_names, methods_of
from winbake.rehearsal.powershell.access.type_data import type_members
from winbake.rehearsal.powershell.dotnet.collections import GenericList
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.types import NetType, constructed, get_type, type_of
from winbake.rehearsal.powershell.values import (
    CUSTOM,
    AliasProperty,
    CodeMethod,
    CodeProperty,
    Member,
    MemberTable,
    NetObject,
    NoteProperty,
    PropertySet,
    PSObject,
    ScriptMethod,
    ScriptProperty,
    custom_object,
)

_SMA = "System.Management.Automation."
_CLASSES = {
    "NoteProperty": "PSNoteProperty",
    "AliasProperty": "PSAliasProperty",
    "ScriptProperty": "PSScriptProperty",
    "CodeProperty": "PSCodeProperty",
    "Property": "PSProperty",
    "Method": "PSMethod",
    "ScriptMethod": "PSScriptMethod",
    "CodeMethod": "PSCodeMethod",
    "PropertySet": "PSPropertySet",
    "ParameterizedProperty": "PSParameterizedProperty",
}


class MemberInfo(NetObject):
    """One member of one object: a PSPropertyInfo or PSMethodInfo. `kind` is the PSMemberTypes name."""

    def __init__(
        self,
        session: Any,
        target: Any,
        name: str,
        kind: str,
        member: Member | None = None,
        declared: Property | None = None,
        script: Any = None,
        adapted: tuple[str, str] | None = None,
        hidden: bool = False,
    ) -> None:
        self.session = session
        self.target = target
        self.name = name
        self.kind = kind
        self.member = member
        self.declared = declared
        self.script = script
        self.adapted = adapted
        self.hidden = hidden

    @property
    def net_type(self) -> NetType:
        return get_type(_SMA + _CLASSES.get(self.kind, "PSProperty"))

    @property
    def is_property(self) -> bool:
        return self.kind.endswith("Property") and self.kind != "ParameterizedProperty"

    @property
    def names(self) -> list[str]:
        """Of a PropertySet: the properties in it."""
        return self.member.names if isinstance(self.member, PropertySet) else []

    @property
    def value(self) -> Any:
        from winbake.rehearsal.powershell import members

        if self.member is not None:
            return members.member_value(self.session, self.target, self.member)
        if self.declared is not None:
            return members.read_property(self.session, base_of(self.target), self.declared)
        if self.script is not None:
            return self.script.get(self.session, base_of(self.target))
        if self.adapted is not None:
            return base_of(self.target).adapted_get(self.name)
        return MethodObject(self.session, self.target, self.name)

    @value.setter
    def value(self, new: Any) -> None:
        from winbake.rehearsal.powershell import members

        if isinstance(self.member, NoteProperty):
            self.member.value = new
        else:
            members.set_member_value(self.session, self.target, self.name, new)

    @property
    def is_settable(self) -> bool:
        if self.declared is not None:
            return not self.declared.read_only
        if isinstance(self.member, ScriptProperty | CodeProperty):
            return self.member.setter is not None
        return self.is_property

    @property
    def is_instance(self) -> bool:
        """Whether it was added to the object itself."""
        table = self.target.members if type(self.target) is PSObject else getattr(self.target, "ps_members", None)
        return self.member is not None and table is not None and table.get(self.name) is self.member

    @property
    def type_name(self) -> str:
        """TypeNameOfValue."""
        if self.declared is not None:
            return self.declared.type.full_name if self.declared.type is not None else self.declared.type_text
        if self.script is not None:
            return str(self.script.net_type.full_name)
        if self.adapted is not None:
            return self.adapted[1]
        if isinstance(self.member, NoteProperty):
            value = self.member.value
            if value is None:
                return "System.Object"
            return (
                f"{_SMA}PSCustomObject"
                if type(value) is PSObject and value.base is CUSTOM
                else type_of(value).full_name
            )
        if self.kind in ("ScriptProperty", "AliasProperty"):
            return "System.Object"
        return self.net_type.full_name

    @property
    def definition(self) -> str:
        """As Get-Member shows it: `int Length {get;}`, `string a=b`, `string Trim()`."""
        member = self.member
        if self.declared is not None:
            accessors = "{get;}" if self.declared.read_only else "{get;set;}"
            shown = display_name(self.declared.type) if self.declared.type is not None else self.declared.type_text
            if self.declared.indexed:
                return f"{shown} {self.name}({_shown_index(self.declared)}) {accessors}"
            return f"{shown} {self.name} {accessors}"
        if self.script is not None:
            return f"{display_name(self.script.net_type)} {self.name} {{get;set;}}"
        if self.adapted is not None:
            return f"{self.adapted[1]} {self.name} {{get;set;}}"
        if isinstance(member, NoteProperty):
            return f"{_note_type(member.value)} {self.name}={_text(self.session, member.value)}"
        if isinstance(member, AliasProperty):
            return f"{self.name} = {member.target}"
        if isinstance(member, ScriptProperty):
            get = f"get={member.getter.text};" if member.getter is not None else ""
            set_ = f"set={member.setter.text};" if member.setter is not None else ""
            return f"System.Object {self.name} {{{get}{set_}}}"
        if isinstance(member, CodeProperty):
            return f"System.Object {self.name}{{get=GetX;}}".replace("GetX", f"Get{self.name}")
        if isinstance(member, PropertySet):
            return f"{self.name} {{{', '.join(member.names)}}}"
        if isinstance(member, ScriptMethod):
            return f"System.Object {self.name}();"
        if isinstance(member, CodeMethod):
            return f"static System.Object {self.name}()"
        return ", ".join(signature.display() for signature in self.overloads())

    def overloads(self) -> list[Signature]:
        from winbake.rehearsal.powershell.members import find_script_methods

        base = base_of(self.target)
        return [*find_script_methods(base, self.name), *methods_of(_net_type(base), self.name)]


def _shown_index(declared: Property) -> str:
    return declared.index_text.lower().replace("int32", "int")


def _note_type(value: Any) -> str:
    if value is None:
        return "object"
    if type(value) is PSObject and value.base is CUSTOM:
        return f"{_SMA}PSCustomObject"
    return display_name(type_of(value))


def _text(session: Any, value: Any) -> str:
    from winbake.rehearsal.powershell.conversion.text import flat_text

    return "null" if value is None else flat_text(value, session)


def base_of(target: Any) -> Any:
    """What a PSObject wraps; any other value itself."""
    return target.base if type(target) is PSObject else target


def _net_type(base: Any) -> NetType:
    return get_type("System.RuntimeType") if isinstance(base, NetType) else type_of(base)


# ---- listing --------------------------------------------------------------------------------------------


def list_members(session: Any, value: Any, hidden: bool = False) -> list[MemberInfo]:
    """All members of a value: added ones, type data's, the adapter's or the type's properties, methods."""
    from winbake.rehearsal.powershell.members import type_names_of

    found: dict[str, MemberInfo] = {}

    def put(info: MemberInfo) -> None:
        if hidden or not info.hidden:
            found.setdefault(info.name.lower(), info)

    base = base_of(value)
    tables: list[MemberTable | None] = [value.members if type(value) is PSObject else None]
    tables.append(base.ps_members if isinstance(base, NetObject) and base is not CUSTOM else None)
    for table in tables:
        for member in table or ():
            put(MemberInfo(session, value, member.name, _kind(member), member, hidden=member.hidden))
    extra = [
        MemberInfo(session, value, member.name, _kind(member), member, hidden=member.hidden)
        for member in type_members(session, type_names_of(session, value))
    ]
    if base is CUSTOM:
        for info in extra:
            put(info)
        for name in ("Equals", "GetHashCode", "GetType", "ToString"):
            put(MemberInfo(session, value, name, "Method"))
        return list(found.values())
    for info in extra:
        put(info)
    names = getattr(base, "adapted_names", None)
    if names is not None:
        for name, kind, type_name in names():
            put(MemberInfo(session, value, name, kind, adapted=(kind, type_name)))
    net_type = _net_type(base)
    for one in net_type.ancestors():
        listing = getattr(one.script_class, "properties", None)
        if listing is not None:
            for item in listing(one):
                if not item.static:
                    put(MemberInfo(session, value, item.name, "Property", script=item, hidden=item.hidden))
    for declared in properties_of(net_type):
        if not declared.static:
            kind = "ParameterizedProperty" if declared.indexed else "Property"
            put(MemberInfo(session, value, declared.name, kind, declared=declared))
    for one in net_type.ancestors():
        listing = getattr(one.script_class, "methods", None)
        if listing is not None:
            for item in listing(one):
                if not item.static:
                    put(MemberInfo(session, value, item.name, "Method", hidden=getattr(item, "hidden", False)))
    for name in method_names(net_type):
        put(MemberInfo(session, value, name, "Method"))
    return list(found.values())


class StaticMember(NetObject):
    """A static member of a type, for Get-Member -Static."""

    def __init__(self, session: Any, owner: NetType, name: str, kind: str, definition: str) -> None:
        self.session = session
        self.owner = owner
        self.name = name
        self.kind = kind
        self.definition = definition
        self.names: list[str] = []

    @property
    def value(self) -> Any:
        from winbake.rehearsal.powershell import members

        return members.get_static(self.session, self.owner, self.name)


def list_static_members(session: Any, net_type: NetType) -> list[StaticMember]:
    found = [
        StaticMember(
            session, net_type, name, "Method", ", ".join(s.display() for s in methods_of(net_type, name, True))
        )
        for name in method_names(net_type, static=True)
    ]
    for declared in properties_of(net_type):
        if declared.static:
            shown = display_name(declared.type) if declared.type is not None else declared.type_text
            accessors = "{get;}" if declared.read_only or declared.is_field else "{get;set;}"
            text = f"static {shown} {declared.name} {accessors}"
            found.append(StaticMember(session, net_type, declared.name, "Property", text))
    for name in net_type.enum_values:
        found.append(StaticMember(session, net_type, name, "Property", f"static {net_type.key} {name} {{get;}}"))
    return found


def _kind(member: Member) -> str:
    return member.shown_as if isinstance(member, CodeProperty) else member.kind


# ---- views ----------------------------------------------------------------------------------------------


class PSObjectView(NetObject):
    """What `$x.PSObject` gives."""

    net_type_name = f"{_SMA}PSObject"

    def __init__(self, session: Any, target: Any) -> None:
        self.session = session
        self.target = target


class BaseView(NetObject):
    """What `$x.psbase` gives: the members of the .NET object, without keys, adapters and added members."""

    def __init__(self, target: Any) -> None:
        self.target = base_of(target)

    @property
    def net_type(self) -> NetType:
        return type_of(self.target)

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell import members
        from winbake.rehearsal.powershell.access.member_table import find_property

        found = find_property(_net_type(self.target), name)
        if found is not None and not found.static and not found.indexed:
            return members.read_property(None, self.target, found)
        return members.NO_MEMBER

    def adapted_set(self, name: str, value: Any) -> bool:
        from winbake.rehearsal.powershell import members

        members.set_net(None, self.target, name, value)
        return True

    def adapted_invoke(self, session: Any, name: str, args: list[Any]) -> Any:
        from winbake.rehearsal.powershell import members

        return members.invoke_method(session, self.target, name, args)


class MemberSetView(NetObject):
    """`.psadapted` and `.psextended`."""

    net_type_name = f"{_SMA}PSMemberSet"

    def __init__(self, session: Any, target: Any, name: str) -> None:
        self.session = session
        self.target = target
        self.name = name

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell import members

        extended = self.name == "psextended"
        for info in list_members(self.session, self.target, True):
            if info.name.lower() == name.lower() and (info.member is not None) == extended:
                return info.value
        return members.NO_MEMBER


class MemberCollection(NetObject):
    """PSObject.Properties, .Methods and .Members."""

    def __init__(self, session: Any, target: Any, part: str) -> None:
        self.session = session
        self.target = target
        self.part = part
        element = {"Properties": "PSPropertyInfo", "Methods": "PSMethodInfo", "Members": "PSMemberInfo"}[part]
        self.net_type = constructed(get_type(f"{_SMA}PSMemberInfoCollection`1"), (get_type(_SMA + element),))

    def _wanted(self, info: MemberInfo) -> bool:
        if self.part == "Members":
            return True
        return info.is_property == (self.part == "Properties") and info.kind != "PropertySet"

    def __iter__(self) -> Iterator[MemberInfo]:
        return iter([info for info in list_members(self.session, self.target) if self._wanted(info)])

    def find(self, name: str) -> MemberInfo | None:
        lower = name.lower()
        for info in list_members(self.session, self.target, True):
            if info.name.lower() == lower and self._wanted(info):
                return info
        return None

    def table(self) -> MemberTable:
        """Where added members go: the wrapper's table, or the object's own."""
        if type(self.target) is PSObject:
            return self.target.members
        if isinstance(self.target, NetObject):
            if self.target.ps_members is None:
                self.target.ps_members = MemberTable()
            return self.target.ps_members
        raise NotModelled("members on a value that no PSObject wraps")


class TypeNames(GenericList):
    """PSTypeNames: a list of which every change is a change of the object's type names."""

    def __init__(self, session: Any, target: Any) -> None:
        from winbake.rehearsal.powershell.members import type_names_of

        names = type_names_of(session, target)
        super().__init__(get_type("System.String"), names, "System.Collections.ObjectModel.Collection`1")
        self.target = target

    def add(self, value: Any) -> None:
        self.items.append(value)
        self.changed()

    def changed(self) -> None:
        super().changed()
        if type(self.target) is PSObject:
            self.target.type_names = list(self.items)
        elif isinstance(self.target, NetObject):
            self.target.ps_type_names = list(self.items)
        else:
            raise NotModelled("PSTypeNames of a value that no PSObject wraps")


class MethodObject(NetObject):
    """A method as a value, `$x.ToUpper` without parentheses: a PSMethod."""

    net_type_name = f"{_SMA}PSMethod"

    def __init__(self, session: Any, target: Any, name: str, static: bool = False) -> None:
        self.session = session
        self.target = target
        self.name = name
        self.static = static

    def signatures(self) -> list[Signature]:
        if self.static:
            return list(methods_of(self.target, self.name, static=True))
        return MemberInfo(self.session, self.target, self.name, "Method").overloads()

    def invoke(self, args: list[Any]) -> Any:
        from winbake.rehearsal.powershell import members

        if self.static:
            return members.invoke_static(self.session, self.target, self.name, args)
        return members.invoke_method(self.session, self.target, self.name, args)


def standard_member_set(standard: dict[str, Any]) -> PSObject:
    """`.PSStandardMembers` of a type that Update-TypeData gave display properties."""
    return custom_object(
        (name, PropertySetView(name, value) if isinstance(value, list) else value) for name, value in standard.items()
    )


class PropertySetView(NetObject):
    net_type_name = f"{_SMA}PSPropertySet"

    def __init__(self, name: str, names: list[str]) -> None:
        self.name = name
        self.names = names
