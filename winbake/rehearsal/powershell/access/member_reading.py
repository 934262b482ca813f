"""Reading members: `$x.Name`, its type names, what script classes declare. The order is in members.py."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.member_errors import getting_failed, property_missing_strict
from winbake.rehearsal.powershell.access.member_table import Property, find_property
from winbake.rehearsal.powershell.access.overloads import Signature, methods_of
from winbake.rehearsal.powershell.access.type_data import find_type_member, standard_members
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.registry import GETTERS
from winbake.rehearsal.powershell.errors import (
    NetError,
    NotModelled,
    ScriptError,
    script_error,
)
from winbake.rehearsal.powershell.types import NetType, get_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    AliasProperty,
    CodeProperty,
    Member,
    MemberTable,
    NetObject,
    NoteProperty,
    PropertySet,
    PSArray,
    PSObject,
    ScriptProperty,
)


class _NoMember:
    def __repr__(self) -> str:
        return "NO_MEMBER"

    def __bool__(self) -> bool:
        return False


NO_MEMBER = _NoMember()
"""What look-ups give when there is no such member."""


# ---- type names -----------------------------------------------------------------------------------------


def type_names_of(session: Any, value: Any) -> list[str]:
    """PSTypeNames: those in force on the object, else its type's hierarchy."""
    own = value.type_names if type(value) is PSObject else getattr(value, "ps_type_names", None)
    if own is not None:
        return list(own)
    base = value.base if type(value) is PSObject else value
    if base is not CUSTOM:
        own = getattr(base, "ps_type_names", None)
        if own is not None:
            return list(own)
    return list(_hierarchy(type_of(value)))


def _hierarchy(net_type: NetType) -> list[str]:
    names: list[str] | None = net_type.__dict__.get("_hierarchy")
    if names is None:
        names = net_type.__dict__["_hierarchy"] = [one.full_name for one in net_type.ancestors()]
    return names


# ---- reading --------------------------------------------------------------------------------------------


def get_member_value(session: Any, target: Any, name: str, strict: bool = False) -> Any:
    """`$target.name`. A missing member is None, or with `strict` ScriptError PropertyNotFoundStrict."""
    found = find_value(session, target, name)
    if found is not NO_MEMBER:
        return found
    base = target.base if type(target) is PSObject else target
    if not strict and name.lower() in ("count", "length"):
        if base is None or base is AUTOMATION_NULL:
            return 0
        if base is not CUSTOM and not hasattr(base, "adapted_get"):
            return 1
    if base is not None and base is not CUSTOM:
        from winbake.rehearsal.powershell.conversion.collections import enumerate_items

        items = enumerate_items(base)
        if items is not None:
            return _enumerate_member(session, items, name, strict)
    if strict:
        raise property_missing_strict(name)
    return None


def _enumerate_member(session: Any, items: Any, name: str, strict: bool) -> Any:
    from winbake.rehearsal.powershell.conversion.collections import enumerate_items

    results: list[Any] = []
    found_any = False
    for item in items:
        value = find_value(session, item, name)
        if value is NO_MEMBER:
            if not (type(item) is PSObject and item.base is CUSTOM):
                continue
            if strict:
                raise property_missing_strict(name)
            value = None
        found_any = True
        inner = enumerate_items(value)
        if inner is None:
            results.append(value)
        else:
            results.extend(inner)
    if not found_any:
        if strict:
            raise property_missing_strict(name)
        return None
    if len(results) == 1:
        return results[0]
    return PSArray(results) if results else AUTOMATION_NULL


def find_value(session: Any, target: Any, name: str) -> Any:
    """The value of a property of the object itself; NO_MEMBER if it has none of that name."""
    if target is None or target is AUTOMATION_NULL:
        return NO_MEMBER
    table: MemberTable | None
    if type(target) is PSObject:
        member = target.members.get(name)
        if member is not None:
            return member_value(session, target, member)
        base = target.base
    else:
        base = target
    if isinstance(base, NetObject):
        table = base.ps_members
        if table is not None:
            member = table.get(name)
            if member is not None:
                return member_value(session, target, member)
        if isinstance(base, Dictionary):
            value = base.get(name, NO_MEMBER)
            if value is not NO_MEMBER:
                return value
    lower = name.lower()
    if lower.startswith("ps"):
        special = _special(session, target, lower)
        if special is not NO_MEMBER:
            return special
    member = find_type_member(session, type_names_of(session, target), name)
    if member is not None:
        return member_value(session, target, member)
    if base is CUSTOM:
        return NO_MEMBER
    adapter = getattr(base, "adapted_get", None)
    if adapter is not None:
        value = adapter(name)
        if value is not NO_MEMBER:
            return value
    return _net_value(session, base, name)


def _net_value(session: Any, base: Any, name: str) -> Any:
    net_type = type_of(base)
    if isinstance(base, NetType):
        net_type = get_type("System.RuntimeType")
    script = script_property(net_type, name, False)
    if script is not None:
        return script.get(session, base)
    if net_type.is_enum and name.lower() == "value__":
        return base.value
    found = find_property(net_type, name)
    if found is None or found.static:
        methods = methods_of(net_type, name)
        if methods or find_script_methods(base, name):
            from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

            return MethodObject(session, base, name)
        return NO_MEMBER
    if found.indexed:
        from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

        return MethodObject(session, base, found.name)
    return read_property(session, base, found)


def read_property(session: Any, base: Any, found: Property) -> Any:
    """A .NET property or field through its registered getter."""
    function = found.getter(GETTERS)
    if function is None:
        raise NotModelled(f"[{found.start.short_name}].{found.name}")
    try:
        return found.call(function, session, base)
    except NetError as error:
        raise getting_failed(found.name, error.exception) from None


def member_value(session: Any, target: Any, member: Member) -> Any:
    """The value of an extended property of `target`; a method gives an object that can be invoked."""
    if isinstance(member, NoteProperty):
        return member.value
    if isinstance(member, AliasProperty):
        return get_member_value(session, target, member.target)
    if isinstance(member, ScriptProperty):
        if member.getter is None:
            raise script_error(
                "GetWithoutGetterFromScriptProperty",
                f'Unable to get value for property "{member.name}". The script property has no getter.',
                "NotSpecified",
                "System.Management.Automation.GetValueException",
            )
        owner = session if session is not None else member.getter.session
        try:
            found = owner.invoke(member.getter, this=target)
        except ScriptError as error:
            cause = error.record.exception
            raise script_error(
                "ScriptGetValueRuntimeException",
                f'Exception getting "{member.name}": "{cause.message}"',
                "NotSpecified",
                "System.Management.Automation.GetValueInvocationException",
                inner=cause,
            ) from None
        return _unrolled(found)
    if isinstance(member, CodeProperty):
        try:
            return member.getter(target)
        except NetError as error:
            raise getting_failed(member.name, error.exception) from None
    if isinstance(member, PropertySet):
        return member
    from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

    return MethodObject(session, target, member.name)


def _unrolled(found: list[Any]) -> Any:
    """Pipeline output as one value."""
    if not found:
        return None
    return found[0] if len(found) == 1 else PSArray(found)


def _special(session: Any, target: Any, lower: str) -> Any:
    from winbake.rehearsal.powershell.dotnet import psobjects

    if lower == "psobject":
        return psobjects.PSObjectView(session, target)
    if lower in ("psbase", "psadapted", "psextended"):
        return psobjects.BaseView(target) if lower == "psbase" else psobjects.MemberSetView(session, target, lower)
    if lower == "pstypenames":
        return psobjects.TypeNames(session, target)
    if lower == "psstandardmembers":
        found = standard_members(session, type_names_of(session, target))
        return None if found is None else psobjects.standard_member_set(found)
    return NO_MEMBER


# ---- script classes -------------------------------------------------------------------------------------


def script_property(net_type: NetType, name: str, static: bool) -> Any:
    """The property of a script class, its own or a base's; None if there is none."""
    for one in net_type.ancestors():
        finder = getattr(one.script_class, "find_property", None)
        if finder is None:
            continue
        found = finder(one, name, static)
        if found is not None:
            return found
    return None


def find_script_methods(value: Any, name: str) -> list[Signature]:
    """The overloads of an instance method that script classes of the value's type declare, nearest class first."""
    return script_methods(type_of(value), name, False)


def script_methods(net_type: NetType, name: str, static: bool) -> list[Signature]:
    """The overloads that script classes declare, the nearest class's first."""
    found: dict[str, Signature] = {}
    for one in net_type.ancestors():
        finder = getattr(one.script_class, "find_methods", None)
        if finder is None:
            break
        for signature in finder(one, name, static):
            found.setdefault(signature.parameter_text, signature)
    return list(found.values())
