"""Member access as a script sees it: `$x.Name`, `$x.Method()`, `[type]::Member`, `$x[0]`, and constructors.

Order of a look-up: members on the object (Add-Member), type data, keys of a dictionary, an adapter (XML, CIM), members
of script classes, members of .NET types; then `.Count` of scalars and member enumeration over collections.

An object with an adapter has methods `adapted_get(name) -> value or NO_MEMBER`, `adapted_set(name, value) -> bool` and
`adapted_names() -> list of (name, kind, type name)`. The class behind a script class's NetType (`script_class`) has
`find_property(net_type, name, static)` and `find_methods(net_type, name, static)`; see script_members.py.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.registry import GETTERS, SETTERS, STATIC_GETTERS, STATIC_SETTERS
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError, script_error
from winbake.rehearsal.powershell.indexing import get_index, set_index
from winbake.rehearsal.powershell.member_errors import (
    getting_failed,
    method_failed,
    method_not_found,
    missing_to_set,
    null_method,
    property_missing_strict,
    read_only,
    setting_failed,
)
from winbake.rehearsal.powershell.member_table import Property, find_property, properties_of
from winbake.rehearsal.powershell.overloads import (
    Signature,
    bind_arguments,
    call_signature,
    choose,
    constructors_of,
    methods_of,
)
from winbake.rehearsal.powershell.type_data import find_type_member, standard_members
from winbake.rehearsal.powershell.types import EnumValue, NetType, get_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    AliasProperty,
    CodeMethod,
    CodeProperty,
    Member,
    MemberTable,
    NetObject,
    NoteProperty,
    PropertySet,
    PSArray,
    PSObject,
    ScriptMethod,
    ScriptProperty,
)

__all__ = [
    "NO_MEMBER",
    "NO_OPERATOR",
    "create",
    "find_script_methods",
    "find_settable",
    "get_index",
    "get_member_value",
    "get_static",
    "invoke_method",
    "invoke_operator",
    "invoke_static",
    "member_value",
    "members_of",
    "set_index",
    "set_member_value",
    "set_static",
    "settable_properties",
    "static_members_of",
    "type_names_of",
]


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
    script = _script_property(net_type, name, False)
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


def _script_property(net_type: NetType, name: str, static: bool) -> Any:
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
    return _script_methods(type_of(value), name, False)


def _script_methods(net_type: NetType, name: str, static: bool) -> list[Signature]:
    found: dict[str, Signature] = {}
    for one in net_type.ancestors():
        finder = getattr(one.script_class, "find_methods", None)
        if finder is None:
            break
        for signature in finder(one, name, static):
            found.setdefault(signature.parameter_text, signature)
    return list(found.values())


# ---- writing --------------------------------------------------------------------------------------------


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
    _set_net(session, base, name, value)


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


def _set_net(session: Any, base: Any, name: str, value: Any) -> None:
    from winbake.rehearsal.powershell.convert import convert

    net_type = type_of(base)
    script = _script_property(net_type, name, False)
    if script is not None:
        _set_script(session, script, base, value)
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


def _set_script(session: Any, script: Any, base: Any, value: Any) -> None:
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
    script = _script_property(net_type, name, False)
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


# ---- calling --------------------------------------------------------------------------------------------


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
    script = _script_methods(net_type, name, False)
    if script:
        candidate = choose(script, name, args)
        return call_signature(candidate.signature, session, base, bind_arguments(candidate, name, args, session))
    signatures = methods_of(net_type, name)
    if signatures:
        return _call(session, base, name, signatures, args)
    accessor = _accessor(session, base, net_type, name, args)
    if accessor is not NO_MEMBER:
        return accessor
    if member is not None:
        raise method_not_found(net_type, name)
    if isinstance(base, Dictionary) and isinstance(base.get(name), MethodObject):
        return base.get(name).invoke(args)
    if enumerating:
        from winbake.rehearsal.powershell import magic_methods
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
        _set_net(session, base, found.name, args[0])
        return AUTOMATION_NULL
    return NO_MEMBER


def _indexed(session: Any, base: Any, found: Property, args: list[Any]) -> Any:
    from winbake.rehearsal.powershell.indexing import read_indexed

    try:
        return read_indexed(session, base, found.name, args)
    except NetError as error:
        raise method_failed(f"get_{found.name}", len(args), error.exception) from None


_CMDLETS = ("System.Management.Automation.Cmdlet", "System.Management.Automation.PSCmdlet")


def _call(session: Any, target: Any, name: str, signatures: Any, args: list[Any]) -> Any:
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
    return AUTOMATION_NULL if signature.return_text == "Void" else result


# ---- statics and constructors ---------------------------------------------------------------------------


def get_static(session: Any, net_type: NetType, name: str, strict: bool = False) -> Any:
    """`[type]::name`; an enum's value, a static property or field, else None."""
    if net_type.is_enum:
        lower = name.lower()
        for one, number in net_type.enum_values.items():
            if one.lower() == lower:
                return EnumValue(net_type, number)
    script = _script_property(net_type, name, True)
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
    if methods_of(net_type, name, static=True) or _script_methods(net_type, name, True):
        from winbake.rehearsal.powershell.dotnet.psobjects import MethodObject

        return MethodObject(session, net_type, name, static=True)
    if strict:
        raise property_missing_strict(name)
    return None


def set_static(session: Any, net_type: NetType, name: str, value: Any) -> None:
    """`[type]::name = value`."""
    from winbake.rehearsal.powershell.convert import convert

    script = _script_property(net_type, name, True)
    if script is not None:
        _set_script(session, script, None, value)
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
    script = _script_methods(net_type, name, True)
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
    return _call(session, None, name, signatures, args)


def create(session: Any, net_type: NetType, args: list[Any]) -> Any:
    """`[type]::new(args)` and what New-Object does with the type and its arguments."""
    from winbake.rehearsal.powershell.dotnet import objects

    if net_type.is_array:
        return objects.create_array(session, net_type, args)
    if net_type.kind in ("abstract", "interface", "static") and net_type.script_class is None:
        if net_type.kind != "abstract" or not constructors_of(net_type):
            raise method_not_found(net_type, "new")
    signatures = constructors_of(net_type)
    candidate = choose(signatures, net_type.name.partition("`")[0] if net_type.script_class is None else net_type.name, args)
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

    signatures = [*_script_methods(net_type, name, True), *operator_signatures(net_type, name)]
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
