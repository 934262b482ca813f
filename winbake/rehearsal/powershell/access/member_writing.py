"""Writing members: `$x.Name = value`, converted to what the member takes."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.member_errors import missing_to_set, read_only, setting_failed
from winbake.rehearsal.powershell.access.member_reading import script_property, type_names_of
from winbake.rehearsal.powershell.access.member_table import find_property, properties_of
from winbake.rehearsal.powershell.access.type_data import find_type_member
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.registry import SETTERS
from winbake.rehearsal.powershell.errors import (
    NetError,
    NotModelled,
    ScriptError,
    script_error,
)
from winbake.rehearsal.powershell.types import type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    AliasProperty,
    CodeProperty,
    Member,
    NetObject,
    NoteProperty,
    PSObject,
    ScriptProperty,
)


def set_member_value(session: Any, target: Any, name: str, value: Any) -> None:
    """`$target.name = value`, converted to the property's type."""
    if target is None or target is AUTOMATION_NULL:
        raise missing_to_set(name, "PropertyNotFound")
    if value is AUTOMATION_NULL:
        value = None
    member, base = _extended(session, target, name)
    if isinstance(base, Dictionary) and (member is None or base.contains(name)):
        _set_key(session, base, name, value)
        return
    if member is not None:
        _set_extended(session, target, member, value)
        return
    adapter = getattr(base, "adapted_set", None)
    if adapter is not None:
        try:
            if adapter(name, value):
                return
        except NetError as error:
            raise setting_failed(name, error.exception) from None
    if base is CUSTOM:
        raise setting_failed(name, missing_to_set(name).record.exception)
    set_net(session, base, name, value)


def _extended(session: Any, target: Any, name: str) -> tuple[Member | None, Any]:
    base = target
    if type(target) is PSObject:
        member = target.members.get(name)
        if member is not None:
            return member, target.base
        base = target.base
    if isinstance(base, NetObject) and base.ps_members is not None:
        member = base.ps_members.get(name)
        if member is not None:
            return member, base
    return find_type_member(session, type_names_of(session, target), name), base


def _set_key(session: Any, base: Dictionary, name: str, value: Any) -> None:
    from winbake.rehearsal.powershell.convert import convert

    if base.value_type is not None:
        value = convert(value, base.value_type, session)
    try:
        base.set(name, value)
    except NetError as error:
        raise setting_failed(name, error.exception) from None


def _set_extended(session: Any, target: Any, member: Member, value: Any) -> None:
    if isinstance(member, NoteProperty):
        member.value = value
    elif isinstance(member, AliasProperty):
        set_member_value(session, target, member.target, value)
    elif isinstance(member, ScriptProperty):
        if member.setter is None:
            raise _no_setter(member.name, "SetWithoutSetterFromScriptProperty")
        owner = session if session is not None else member.setter.session
        try:
            owner.invoke(member.setter, value, this=target)
        except ScriptError as error:
            raise _script_setting_failed(member.name, error) from None
    elif isinstance(member, CodeProperty):
        if member.setter is None:
            raise _no_setter(member.name, "SetWithoutSetterFromCodeProperty")
        try:
            member.setter(target, value)
        except NetError as error:
            raise setting_failed(member.name, error.exception) from None
    else:
        raise script_error(
            "CannotChangePSMethodInfoValue",
            f'The "Value" property of the method "{member.name}" cannot be changed.',
            "NotSpecified",
            "System.Management.Automation.SetValueException",
        )


def _no_setter(name: str, error_id: str) -> ScriptError:
    return script_error(
        error_id,
        f'Set accessor for property "{name}" is unavailable.',
        "NotSpecified",
        "System.Management.Automation.SetValueException",
    )


def _script_setting_failed(name: str, error: ScriptError) -> ScriptError:
    failed = setting_failed(name, error.record.exception)
    failed.record.error_id = "ScriptSetValueRuntimeException"
    return failed


def set_net(session: Any, base: Any, name: str, value: Any) -> None:
    """Sets a property of a script class or of a .NET type."""
    from winbake.rehearsal.powershell.convert import convert

    net_type = type_of(base)
    script = script_property(net_type, name, False)
    if script is not None:
        set_script(session, script, base, value)
        return
    found = find_property(net_type, name)
    if found is None or found.static:
        raise missing_to_set(name)
    if found.read_only:
        raise read_only(found.name)
    wanted = found.type
    if wanted is None:
        raise NotModelled(f"setting [{net_type.short_name}].{found.name}")
    try:
        value = convert(value, wanted, session)
    except ScriptError as error:
        raise setting_failed(found.name, error.record.exception) from None
    function = found.getter(SETTERS)
    if function is None:
        raise NotModelled(f"setting [{net_type.short_name}].{found.name}")
    try:
        found.call(function, session, base, value)
    except NetError as error:
        raise setting_failed(found.name, error.exception) from None


def set_script(session: Any, script: Any, base: Any, value: Any) -> None:
    """Sets a property that a script class declares."""
    try:
        script.set(session, base, value)
    except ScriptError as error:
        raise setting_failed(script.name, error.record.exception) from None
    except NetError as error:
        raise setting_failed(script.name, error.exception) from None


def find_settable(session: Any, target: Any, name: str) -> Any:
    """Something that is not None if `target` has a property of that name which can be set."""
    member, base = _extended(session, target, name)
    if member is not None:
        return member
    net_type = type_of(base)
    script = script_property(net_type, name, False)
    if script is not None:
        return script
    found = find_property(net_type, name)
    return None if found is None or found.read_only or found.static else found


def settable_properties(session: Any, target: Any) -> list[tuple[str, str]]:
    """(name, type) of the properties that can be set, as error texts list them."""
    net_type = type_of(target)
    found: list[tuple[str, str]] = []
    for one in net_type.ancestors():
        listing = getattr(one.script_class, "properties", None)
        if listing is not None:
            found.extend((p.name, p.net_type.key) for p in listing(one) if not p.static and not p.hidden)
    for declared in properties_of(net_type):
        if not declared.static and not declared.read_only and not declared.indexed:
            found.append((declared.name, declared.type.key if declared.type is not None else declared.type_text))
    return found
