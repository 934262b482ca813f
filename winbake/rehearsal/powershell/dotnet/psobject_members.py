"""Members of PSObject, PSMemberInfo, their collections and PSMethod."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import (
    GenericList,
)
from winbake.rehearsal.powershell.dotnet.psobjects import (
    MemberCollection,
    MemberInfo,
    PSObjectView,
    TypeNames,
    base_of,
)
from winbake.rehearsal.powershell.dotnet.registry import (
    constructor,
    getter,
    method,
    setter,
    static,
)
from winbake.rehearsal.powershell.errors import (
    NotModelled,
)
from winbake.rehearsal.powershell.types import (
    EnumValue,
    get_type,
)
from winbake.rehearsal.powershell.values import (
    CUSTOM,
    AliasProperty,
    Member,
    MemberTable,
    NetObject,
    NoteProperty,
    PropertySet,
    PSObject,
    ScriptMethod,
    ScriptProperty,
)

_SMA = "System.Management.Automation."

_OBJECT = f"{_SMA}PSObject"


@constructor(_OBJECT)
def new_object(value: Any = None) -> PSObject:
    return PSObject(CUSTOM) if value is None else PSObject(base_of(value))


@static(_OBJECT, "AsPSObject")
def as_object(value: Any) -> PSObject:
    return value if type(value) is PSObject else PSObject(value)


@getter(_OBJECT, "Properties")
def object_properties(value: Any, session: Any = None) -> MemberCollection:
    return MemberCollection(session, _target(value), "Properties")


@getter(_OBJECT, "Methods")
def object_methods(value: Any, session: Any = None) -> MemberCollection:
    return MemberCollection(session, _target(value), "Methods")


@getter(_OBJECT, "Members")
def object_members(value: Any, session: Any = None) -> MemberCollection:
    return MemberCollection(session, _target(value), "Members")


@getter(_OBJECT, "TypeNames")
def object_type_names(value: Any, session: Any = None) -> TypeNames:
    return TypeNames(session, _target(value))


def _target(value: Any) -> Any:
    return value.target if isinstance(value, PSObjectView) else value


@getter(_OBJECT, "BaseObject")
@getter(_OBJECT, "ImmediateBaseObject")
def objectbase_of(value: Any) -> Any:
    target = _target(value)
    if type(target) is PSObject:
        return PSObject(CUSTOM) if target.base is CUSTOM else target.base
    return target


@method(_OBJECT, "ToString")
def object_text(value: Any, form: Any = None, provider: Any = None, session: Any = None) -> str:
    from winbake.rehearsal.powershell.conversion.text import to_text

    return to_text(_target(value), session)


@method(_OBJECT, "Copy")
def object_copy(value: Any) -> Any:
    target = _target(value)
    if type(target) is not PSObject:
        return PSObject(_copied(target))
    table = MemberTable(_copied_member(member) for member in target.members)
    base = target.base if target.base is CUSTOM else _copied(target.base)
    return PSObject(base, table, None if target.type_names is None else list(target.type_names))


def _copied(value: Any) -> Any:
    clone = getattr(value, "copy", None)
    return clone() if clone is not None and isinstance(value, NetObject) else value


def _copied_member(member: Member) -> Member:
    made = NoteProperty(member.name, member.value) if isinstance(member, NoteProperty) else member
    made.hidden = member.hidden
    return made


# ---- PSMemberInfo ---------------------------------------------------------------------------------------

_MEMBER = f"{_SMA}PSMemberInfo"


@getter(_MEMBER, "Name")
def member_name(value: Any) -> str:
    return str(value.name)


@getter(_MEMBER, "Value")
def info_value(value: MemberInfo) -> Any:
    return value.value


@setter(_MEMBER, "Value")
def set_info_value(value: MemberInfo, new: Any) -> None:
    value.value = new


@getter(_MEMBER, "MemberType")
def info_kind(value: Any) -> EnumValue:
    kinds = get_type(f"{_SMA}PSMemberTypes")
    return EnumValue(kinds, kinds.enum_values[getattr(value, "kind", "Method")])


@getter(_MEMBER, "TypeNameOfValue")
def info_type_name(value: MemberInfo) -> str:
    return value.type_name


@getter(_MEMBER, "IsInstance")
def info_is_instance(value: MemberInfo) -> bool:
    return value.is_instance


@getter(f"{_SMA}PSPropertyInfo", "IsSettable")
def info_is_settable(value: MemberInfo) -> bool:
    return value.is_settable


@getter(f"{_SMA}PSPropertyInfo", "IsGettable")
def info_is_gettable(value: MemberInfo) -> bool:
    return True


@method(_MEMBER, "Copy")
def info_copy(value: MemberInfo) -> MemberInfo:
    member = _copied_member(value.member) if value.member is not None else None
    return MemberInfo(value.session, value.target, value.name, value.kind, member, value.declared, value.script)


@method(f"{_SMA}PSProperty", "ToString")
@method(f"{_SMA}PSNoteProperty", "ToString")
@method(f"{_SMA}PSScriptProperty", "ToString")
@method(f"{_SMA}PSAliasProperty", "ToString")
@method(f"{_SMA}PSCodeProperty", "ToString")
@method(f"{_SMA}PSScriptMethod", "ToString")
def info_text(value: MemberInfo) -> str:
    return value.definition


@getter(f"{_SMA}PSAliasProperty", "ReferencedMemberName")
def alias_target(value: MemberInfo) -> Any:
    return value.member.target if isinstance(value.member, AliasProperty) else None


@getter(f"{_SMA}PSScriptProperty", "GetterScript")
def script_getter(value: MemberInfo) -> Any:
    return value.member.getter if isinstance(value.member, ScriptProperty) else None


@getter(f"{_SMA}PSScriptProperty", "SetterScript")
def script_setter(value: MemberInfo) -> Any:
    return value.member.setter if isinstance(value.member, ScriptProperty) else None


@getter(f"{_SMA}PSScriptMethod", "Script")
def script_of_method(value: MemberInfo) -> Any:
    return value.member.script if isinstance(value.member, ScriptMethod) else None


@getter(f"{_SMA}PSPropertySet", "ReferencedPropertyNames")
def referenced_names(value: Any) -> GenericList:
    names = value.names
    return GenericList(get_type("System.String"), names, "System.Collections.ObjectModel.Collection`1")


def _free(kind: str, member: Member) -> MemberInfo:
    return MemberInfo(None, PSObject(CUSTOM), member.name, kind, member)


@constructor(f"{_SMA}PSNoteProperty")
def new_note(name: str, value: Any) -> MemberInfo:
    return _free("NoteProperty", NoteProperty(name, value))


@constructor(f"{_SMA}PSAliasProperty")
def new_alias(name: str, target: str) -> MemberInfo:
    return _free("AliasProperty", AliasProperty(name, target))


@constructor(f"{_SMA}PSScriptProperty")
def new_script_property(name: str, get: Any, set_: Any = None) -> MemberInfo:
    return _free("ScriptProperty", ScriptProperty(name, get, set_))


@constructor(f"{_SMA}PSScriptMethod")
def new_script_method(name: str, script: Any) -> MemberInfo:
    return _free("ScriptMethod", ScriptMethod(name, script))


@constructor(f"{_SMA}PSPropertySet")
def new_property_set(name: str, names: Any) -> MemberInfo:
    return _free("PropertySet", PropertySet(name, list(names)))


# ---- PSMemberInfoCollection -----------------------------------------------------------------------------

_COLLECTION = f"{_SMA}PSMemberInfoCollection`1"


@getter(_COLLECTION, "Item")
def collection_item(value: MemberCollection, name: str) -> MemberInfo | None:
    return value.find(name)


@method(_COLLECTION, "Add")
def collection_add(value: MemberCollection, member: MemberInfo, validated: bool = False) -> None:
    if member.member is None:
        raise NotModelled("adding a member that belongs to a .NET type")
    added = _copied_member(member.member)
    value.table().add(added)


@method(_COLLECTION, "Remove")
def collection_remove(value: MemberCollection, name: str) -> None:
    value.table().remove(name)


@method(_COLLECTION, "Match")
def collection_match(value: MemberCollection, name: str, kinds: Any = None) -> GenericList:
    from winbake.rehearsal.powershell.wildcard import Wildcard

    pattern = Wildcard(name)
    found = [info for info in value if pattern.matches(info.name)]
    if kinds is not None:
        numbers = get_type(f"{_SMA}PSMemberTypes").enum_values
        found = [info for info in found if numbers[info.kind] & kinds.value]
    return GenericList(get_type(_MEMBER), found, f"{_SMA}ReadOnlyPSMemberInfoCollection`1")


@getter(f"{_SMA}ReadOnlyPSMemberInfoCollection`1", "Count")
def match_count(value: GenericList) -> int:
    return len(value)


# ---- PSMethod -------------------------------------------------------------------------------------------

_METHOD = f"{_SMA}PSMethodInfo"


@method(_METHOD, "Invoke")
def method_invoke(value: Any, arguments: Any = None) -> Any:
    target = value.value if isinstance(value, MemberInfo) else value
    return target.invoke(list(arguments or ()))


@getter(_METHOD, "OverloadDefinitions")
def method_overloads(value: Any) -> GenericList:
    signatures = value.overloads() if isinstance(value, MemberInfo) else value.signatures()
    texts = [signature.display() for signature in signatures]
    return GenericList(get_type("System.String"), texts, "System.Collections.ObjectModel.Collection`1")


@method(f"{_SMA}PSMethod", "ToString")
def method_text(value: Any) -> str:
    signatures = value.overloads() if isinstance(value, MemberInfo) else value.signatures()
    return ", ".join(signature.display() for signature in signatures)
