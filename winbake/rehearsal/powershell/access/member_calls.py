"""Calling methods: `$x.Name(args)`, over collections too, and accessors called as get_X and set_X."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.indexing import set_index
from winbake.rehearsal.powershell.access.member_errors import method_failed, method_not_found, null_method
from winbake.rehearsal.powershell.access.member_reading import (
    NO_MEMBER,
    read_property,
    script_methods,
    type_names_of,
)
from winbake.rehearsal.powershell.access.member_table import Property, find_property
from winbake.rehearsal.powershell.access.member_writing import set_net
from winbake.rehearsal.powershell.access.overloads import (
    bind_arguments,
    call_signature,
    choose,
    methods_of,
)
from winbake.rehearsal.powershell.access.type_data import find_type_member
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.types import NetType, get_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    CodeMethod,
    Member,
    NetObject,
    PSArray,
    PSObject,
    ScriptMethod,
)


def invoke_method(session: Any, target: Any, name: str, args: list[Any]) -> Any:
    """`$target.name(args)`. A method without result gives AUTOMATION_NULL."""
    if target is None or target is AUTOMATION_NULL:
        raise null_method()
    return _invoke(session, target, name, args, True)


def _invoke(session: Any, target: Any, name: str, args: list[Any], enumerating: bool) -> Any:
    from winbake.rehearsal.powershell.dotnet.psobjects import BaseView, MethodObject

    base = target.base if type(target) is PSObject else target
    member = None
    if type(target) is PSObject:
        member = target.members.get(name)
    if member is None and isinstance(base, NetObject) and base.ps_members is not None:
        member = base.ps_members.get(name)
    if member is None and base is not CUSTOM:
        adapted = getattr(base, "adapted_invoke", None)
        if adapted is not None:
            found = adapted(session, name, args)
            if found is not NO_MEMBER:
                return found
    if member is None:
        member = find_type_member(session, type_names_of(session, target), name)
    if member is not None and not member.is_property:
        return _invoke_extended(session, target, member, args)
    if isinstance(base, BaseView):
        base = base.target
    if base is CUSTOM:
        return _invoke_custom(session, target, name, args)
    net_type = get_type("System.RuntimeType") if isinstance(base, NetType) else type_of(base)
    if name.lower() == "gettype" and not args:
        return type_of(base)
    script = script_methods(net_type, name, False)
    if script:
        candidate = choose(script, name, args)
        return call_signature(candidate.signature, session, base, bind_arguments(candidate, name, args, session))
    signatures = methods_of(net_type, name)
    if signatures:
        return call_net(session, base, name, signatures, args)
    accessor = _accessor(session, base, net_type, name, args)
    if accessor is not NO_MEMBER:
        return accessor
    if member is not None:
        raise method_not_found(net_type, name)
    if isinstance(base, Dictionary) and isinstance(base.get(name), MethodObject):
        return base.get(name).invoke(args)
    if enumerating:
        from winbake.rehearsal.powershell.access import magic_methods
        from winbake.rehearsal.powershell.conversion.collections import enumerate_items

        magic = magic_methods.find(name)
        if magic is not None:
            return magic(session, target, args)
        items = enumerate_items(base)
        if items is not None:
            return _enumerate_method(session, base, items, name, args)
    raise method_not_found(net_type, name)


def _enumerate_method(session: Any, base: Any, items: Any, name: str, args: list[Any]) -> Any:
    from winbake.rehearsal.powershell.conversion.collections import enumerate_items

    results: list[Any] = []
    found_any = False
    for item in items:
        if item is None or item is AUTOMATION_NULL:
            raise null_method()
        value = _invoke(session, item, name, args, False)
        found_any = True
        if value is AUTOMATION_NULL:
            continue
        inner = enumerate_items(value)
        if inner is None:
            results.append(value)
        else:
            results.extend(inner)
    if not found_any:
        raise method_not_found(type_of(base), name)
    if len(results) == 1:
        return results[0]
    return PSArray(results) if results else AUTOMATION_NULL


def _invoke_extended(session: Any, target: Any, member: Member, args: list[Any]) -> Any:
    if isinstance(member, ScriptMethod):
        owner = session if session is not None else member.script.session
        try:
            return _unrolled_method(owner.invoke(member.script, *args, this=target))
        except ScriptError as error:
            failed = method_failed(member.name, len(args), error.record.exception)
            failed.record.error_id = "ScriptMethodRuntimeException"
            raise failed from None
    assert isinstance(member, CodeMethod)
    try:
        return member.function(target, *args)
    except NetError as error:
        raise method_failed(member.name, len(args), error.exception) from None


def _unrolled_method(found: list[Any]) -> Any:
    if not found:
        return AUTOMATION_NULL
    return found[0] if len(found) == 1 else PSArray(found)


def _invoke_custom(session: Any, target: PSObject, name: str, args: list[Any]) -> Any:
    """The four methods that a PSCustomObject has from System.Object."""
    lower = name.lower()
    if lower == "gettype" and not args:
        return type_of(target)
    if lower == "tostring" and not args:
        return ""
    if lower == "equals" and len(args) == 1:
        return args[0] is target
    if lower == "gethashcode" and not args:
        return id(target) & 0x7FFFFFFF
    raise method_not_found(type_of(target), name)


def _accessor(session: Any, base: Any, net_type: NetType, name: str, args: list[Any]) -> Any:
    """get_X and set_X of a property, and indexed properties called like methods."""
    lower = name.lower()
    prefix = lower[:4]
    if prefix not in ("get_", "set_"):
        found = find_property(net_type, name)
        if found is not None and found.indexed and args:
            return _indexed(session, base, found, args)
        return NO_MEMBER
    found = find_property(net_type, name[4:])
    if found is None:
        return NO_MEMBER
    if found.indexed:
        if prefix == "get_":
            return _indexed(session, base, found, args)
        set_index(session, base, args[0], args[1])
        return AUTOMATION_NULL
    if prefix == "get_" and not args:
        return read_property(session, base, found)
    if prefix == "set_" and len(args) == 1 and not found.read_only:
        set_net(session, base, found.name, args[0])
        return AUTOMATION_NULL
    return NO_MEMBER


def _indexed(session: Any, base: Any, found: Property, args: list[Any]) -> Any:
    from winbake.rehearsal.powershell.access.indexing import read_indexed

    try:
        return read_indexed(session, base, found.name, args)
    except NetError as error:
        raise method_failed(f"get_{found.name}", len(args), error.exception) from None


_CMDLETS = ("System.Management.Automation.Cmdlet", "System.Management.Automation.PSCmdlet")


def call_net(session: Any, target: Any, name: str, signatures: Any, args: list[Any]) -> Any:
    """Calls the overload that fits; what it throws becomes a MethodInvocationException."""
    candidate = choose(signatures, name, args)
    bound = bind_arguments(candidate, name, args, session)
    signature = candidate.signature
    try:
        result = call_signature(signature, session, target, bound)
    except NetError as error:
        raise method_failed(signature.name, len(args), error.exception) from None
    except ScriptError as error:
        if signature.owner.key in _CMDLETS:
            raise  # $PSCmdlet.WriteError under Stop, ThrowTerminatingError
        raise method_failed(signature.name, len(args), error.record.exception) from None
    except (AttributeError, TypeError) as failure:
        # What reads its argument without a look at null, as much of .NET does not either: there it is this exception.
        missing = next((p.name for p, value in zip(signature.parameters, bound, strict=False) if value is None), None)
        if missing is None:
            raise
        raise method_failed(signature.name, len(args), argument_null(missing).exception) from failure
    return AUTOMATION_NULL if signature.return_text == "Void" else result
