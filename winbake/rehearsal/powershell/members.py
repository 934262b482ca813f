"""Member access as a script sees it: `$x.Name`, `$x.Method()`, `[type]::Member`, `$x[0]`, and constructors.

Order of a look-up: members on the object (Add-Member), type data, keys of a dictionary, an adapter (XML, CIM), members
of script classes, members of .NET types; then `.Count` of scalars and member enumeration over collections.

An object with an adapter has methods `adapted_get(name) -> value or NO_MEMBER`, `adapted_set(name, value) -> bool` and
`adapted_names() -> list of (name, kind, type name)`. The class behind a script class's NetType (`script_class`) has
`find_property(net_type, name, static)` and `find_methods(net_type, name, static)`; see script_members.py.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.indexing import (
    get_index,
    set_index,
)
from winbake.rehearsal.powershell.access.member_calls import (
    call_net,
    invoke_method,
)
from winbake.rehearsal.powershell.access.member_errors import (
    getting_failed,
    method_failed,
    method_not_found,
    missing_to_set,
    property_missing_strict,
    read_only,
    setting_failed,
)
from winbake.rehearsal.powershell.access.member_reading import (
    NO_MEMBER,
    find_script_methods,
    find_value,
    get_member_value,
    member_value,
    read_property,
    script_methods,
    script_property,
    type_names_of,
)
from winbake.rehearsal.powershell.access.member_table import find_property
from winbake.rehearsal.powershell.access.member_writing import (
    find_settable,
    set_member_value,
    set_net,
    set_script,
    settable_properties,
)
from winbake.rehearsal.powershell.access.overloads import (
    bind_arguments,
    call_signature,
    choose,
    constructors_of,
    methods_of,
)
from winbake.rehearsal.powershell.dotnet.registry import STATIC_GETTERS, STATIC_SETTERS
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.types import EnumValue, NetType

__all__ = [
    "NO_MEMBER",
    "NO_OPERATOR",
    "create",
    "find_script_methods",
    "find_settable",
    "find_value",
    "get_index",
    "get_member_value",
    "get_static",
    "invoke_method",
    "invoke_operator",
    "invoke_static",
    "member_value",
    "members_of",
    "read_property",
    "set_index",
    "set_member_value",
    "set_net",
    "set_static",
    "settable_properties",
    "static_members_of",
    "type_names_of",
]


def get_static(session: Any, net_type: NetType, name: str, strict: bool = False) -> Any:
    """`[type]::name`; an enum's value, a static property or field, else None."""
    if net_type.is_enum:
        lower = name.lower()
        for one, number in net_type.enum_values.items():
            if one.lower() == lower:
                return EnumValue(net_type, number)
    script = script_property(net_type, name, True)
    if script is not None:
        return script.get(session, None)
    found = find_property(net_type, name, static=True)
    if found is not None and found.static:
        function = found.getter(STATIC_GETTERS)
        if function is None:
            raise NotModelled(f"[{net_type.short_name}]::{found.name}")
        try:
            return found.call(function, session)
        except NetError as error:
            raise getting_failed(found.name, error.exception) from None
    if methods_of(net_type, name, static=True) or script_methods(net_type, name, True):
        from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

        return MethodObject(session, net_type, name, static=True)
    if strict:
        raise property_missing_strict(name)
    return None


def set_static(session: Any, net_type: NetType, name: str, value: Any) -> None:
    """`[type]::name = value`."""
    from winbake.rehearsal.powershell.convert import convert

    script = script_property(net_type, name, True)
    if script is not None:
        set_script(session, script, None, value)
        return
    found = find_property(net_type, name, static=True)
    if found is None or not found.static:
        if net_type.is_enum and any(one.lower() == name.lower() for one in net_type.enum_values):
            raise read_only(name)
        raise missing_to_set(name)
    if found.read_only or found.is_field:
        raise read_only(found.name)
    function = found.getter(STATIC_SETTERS)
    if function is None or found.type is None:
        raise NotModelled(f"setting [{net_type.short_name}]::{found.name}")
    try:
        value = convert(value, found.type, session)
        found.call(function, session, value)
    except ScriptError as error:
        raise setting_failed(found.name, error.record.exception) from None
    except NetError as error:
        raise setting_failed(found.name, error.exception) from None


def invoke_static(session: Any, net_type: NetType, name: str, args: list[Any]) -> Any:
    """`[type]::name(args)`; `new` is the constructor."""
    if name.lower() == "new":
        return create(session, net_type, args)
    script = script_methods(net_type, name, True)
    if script:
        candidate = choose(script, name, args)
        return call_signature(candidate.signature, session, None, bind_arguments(candidate, name, args, session))
    signatures = methods_of(net_type, name, static=True)
    if not signatures:
        if name.lower()[:4] == "get_" and not args:
            found = find_property(net_type, name[4:], static=True)
            if found is not None and found.static:
                return get_static(session, net_type, found.name)
        raise method_not_found(net_type, name)
    return call_net(session, None, name, signatures, args)


def create(session: Any, net_type: NetType, args: list[Any]) -> Any:
    """`[type]::new(args)` and what New-Object does with the type and its arguments."""
    from winbake.rehearsal.powershell.dotnet import objects

    if net_type.is_array:
        return objects.create_array(session, net_type, args)
    if net_type.kind in ("abstract", "interface", "static") and net_type.script_class is None:
        if net_type.kind != "abstract" or not constructors_of(net_type):
            raise method_not_found(net_type, "new")
    signatures = constructors_of(net_type)
    shown = net_type.name if net_type.script_class is not None else net_type.name.partition("`")[0]
    candidate = choose(signatures, shown, args)
    bound = bind_arguments(candidate, ".ctor", args, session)
    signature = candidate.signature
    if net_type.script_class is not None:
        return call_signature(signature, session, None, bound)
    try:
        return call_signature(signature, session, None, bound)
    except NetError as error:
        raise method_failed(".ctor", len(args), error.exception) from None
    except ScriptError as error:
        raise method_failed(".ctor", len(args), error.record.exception) from None


class _NoOperator:
    pass


NO_OPERATOR = _NoOperator()


def invoke_operator(session: Any, net_type: NetType, name: str, *operands: Any) -> Any:
    """`op_Addition` and the like of a type; NO_OPERATOR if it defines none that takes these operands."""
    from winbake.rehearsal.powershell.dotnet.operator_methods import operator_signatures

    signatures = [*script_methods(net_type, name, True), *operator_signatures(net_type, name)]
    if not signatures:
        return NO_OPERATOR
    candidate = choose(signatures, name, list(operands))
    bound = bind_arguments(candidate, name, list(operands), session)
    try:
        return call_signature(candidate.signature, session, None, bound)
    except NetError as error:
        raise method_failed(name, len(operands), error.exception) from None


def static_members_of(session: Any, net_type: NetType) -> list[Any]:
    """What Get-Member -Static lists of a type."""
    from winbake.rehearsal.powershell.dotnet.psobjects import list_static_members

    return list_static_members(session, net_type)


def members_of(session: Any, value: Any, hidden: bool = False) -> list[Any]:
    """What Get-Member and .PSObject.Members list: objects with name, kind, value, type_name, is_settable …
    (dotnet/psobjects.MemberInfo), the extended ones first."""
    from winbake.rehearsal.powershell.dotnet.psobjects import list_members

    return list_members(session, value, hidden)
