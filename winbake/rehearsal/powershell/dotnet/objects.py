"""System.Object's members, arrays made by constructors, default instances, delegates, [ref], SwitchParameter."""

from __future__ import annotations

from math import prod
from typing import Any

from winbake.rehearsal.powershell.conversion.numbers import NUMBERS
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static, static_getter
from winbake.rehearsal.powershell.engine_values import Delegate, MultiArray, Reference, SwitchParameter
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.memory import check_items
from winbake.rehearsal.powershell.types import EnumValue, NetType, get_type, type_of
from winbake.rehearsal.powershell.values import CUSTOM, Char, NetObject, PSArray, PSObject

OBJECT = "System.Object"


class PlainObject(NetObject):
    """[object]::new()"""


@constructor(OBJECT)
def new_plain() -> PlainObject:
    return PlainObject()


@method(OBJECT, "ToString")
def to_string(value: Any) -> str:
    from winbake.rehearsal.powershell.formatting import net_to_string

    net_type = type_of(value)
    return net_type.key if net_type.script_class is not None and not net_type.is_enum else net_to_string(value)


@method(OBJECT, "GetType")
def get_type_of(value: Any) -> NetType:
    return type_of(value)


@method(OBJECT, "Equals")
def object_equals(value: Any, other: Any) -> bool:
    from winbake.rehearsal.powershell.conversion.comparison import net_equals

    return net_equals(value, other)


@method(OBJECT, "GetHashCode")
def hash_code(value: Any) -> int:
    """Equal values have equal codes; the numbers are not Windows'."""
    if isinstance(value, bool):
        return int(value)
    if type(value) is int:
        return value
    return (hash(value) + 2**31) % 2**32 - 2**31


@static(OBJECT, "Equals")
def object_static_equals(one: Any, other: Any) -> bool:
    from winbake.rehearsal.powershell.conversion.comparison import net_equals

    return (one is None and other is None) or net_equals(one, other)


@static(OBJECT, "ReferenceEquals")
def reference_equals(one: Any, other: Any) -> bool:
    left = one.base if type(one) is PSObject and one.base is not CUSTOM else one
    right = other.base if type(other) is PSObject and other.base is not CUSTOM else other
    return left is right and (left is None or isinstance(left, NetObject | PSObject | str))


# ---- arrays and default values --------------------------------------------------------------------------


def default_value(net_type: NetType) -> Any:
    """default(T): null, zero, false, an empty struct."""
    if net_type.key in NUMBERS:
        return NUMBERS[net_type.key](0)
    if net_type.key == "System.Boolean":
        return False
    if net_type.key == "System.Char":
        return Char("\0")
    if net_type.is_enum:
        return EnumValue(net_type, 0)
    if net_type.key == "System.Management.Automation.SwitchParameter":
        return SwitchParameter(False)
    if net_type.kind == "struct" and not net_type.is_nullable:
        from winbake.rehearsal.powershell.members import create

        return create(None, net_type, [])
    return None


def create_array(session: Any, net_type: NetType, args: list[Any]) -> PSArray | MultiArray:
    """`New-Object 'int[]' 5`, `[int[]]::new(5)`, `New-Object 'int[,]' 2, 3`."""
    from winbake.rehearsal.powershell.access.member_errors import method_failed
    from winbake.rehearsal.powershell.access.overloads import METHOD_EXCEPTION
    from winbake.rehearsal.powershell.convert import convert
    from winbake.rehearsal.powershell.dotnet.throwing import overflow
    from winbake.rehearsal.powershell.errors import script_error

    element = net_type.element_type
    assert element is not None
    if len(args) != net_type.rank:
        message = f'Cannot find an overload for "{net_type.name}" and the argument count: "{len(args)}".'
        raise script_error("MethodCountCouldNotFindBest", message, "NotSpecified", METHOD_EXCEPTION)
    lengths = tuple(int(convert(arg, get_type("System.Int32"), session)) for arg in args)
    if any(length < 0 for length in lengths):
        raise method_failed(".ctor", len(args), overflow().exception)
    try:
        check_items(prod(lengths))
    except NetError as failure:
        raise method_failed(".ctor", len(args), failure.exception) from None
    if net_type.rank > 1:
        return MultiArray(element, lengths, default_value(element))
    return PSArray([default_value(element) for _ in range(lengths[0])], element.key)


def default_instance(net_type: NetType, arguments: list[Any]) -> Any:
    """What types without registered constructor give all the same: exceptions, empty structs. None: not known."""
    from winbake.rehearsal.powershell.dotnet.exceptions import new_exception

    if any(one.key == "System.Exception" for one in net_type.ancestors()):
        return new_exception(net_type, arguments)
    if net_type.kind == "struct" and not arguments and net_type.key in _ZEROS:
        return default_value(net_type)
    return None


_ZEROS = frozenset({*NUMBERS, "System.Boolean", "System.Char"})

# ---- engine values --------------------------------------------------------------------------------------

SWITCH = "System.Management.Automation.SwitchParameter"
REFERENCE = "System.Management.Automation.PSReference"


@constructor(SWITCH)
def new_switch(present: bool = False) -> SwitchParameter:
    return SwitchParameter(present)


@getter(SWITCH, "IsPresent")
def switch_present(value: SwitchParameter) -> bool:
    return bool(value)


@static_getter(SWITCH, "Present")
def switch_present_value() -> SwitchParameter:
    return SwitchParameter(True)


@method(SWITCH, "ToBool")
def switch_to_bool(value: SwitchParameter) -> bool:
    return bool(value)


@method(SWITCH, "ToString")
def switch_text(value: SwitchParameter) -> str:
    return str(bool(value))


@method(SWITCH, "Equals")
def switch_equals(value: SwitchParameter, other: Any) -> bool:
    return bool(value == other)


@method(SWITCH, "GetHashCode")
def switch_hash(value: SwitchParameter) -> int:
    return int(bool(value))


@constructor(REFERENCE)
def new_reference(value: Any) -> Reference:
    return Reference(value)


@getter(REFERENCE, "Value")
def reference_value(value: Any) -> Any:
    return value.value


@setter(REFERENCE, "Value")
def set_reference_value(value: Any, new: Any) -> None:
    value.value = new


@method("System.MulticastDelegate", "Invoke")
def delegate_invoke(value: Delegate, *arguments: Any) -> Any:
    return value(*arguments)


@method("System.Delegate", "DynamicInvoke")
def delegate_dynamic_invoke(value: Delegate, arguments: Any) -> Any:
    return value(*(arguments or ()))


@static_getter("System.Management.Automation.Internal.AutomationNull", "Value")
def automation_null() -> Any:
    from winbake.rehearsal.powershell.values import AUTOMATION_NULL

    return AUTOMATION_NULL


class NullString(NetObject):
    """[NullString]::Value: null for a parameter of type String, where $null would become the empty text."""

    net_type_name = "System.Management.Automation.Language.NullString"


NULL_STRING = NullString()


@static_getter("System.Management.Automation.Language.NullString", "Value")
def null_string() -> NullString:
    return NULL_STRING


@static("System.Activator", "CreateInstance", "Type")
def create_instance(net_type: NetType, session: Any = None) -> Any:
    from winbake.rehearsal.powershell.members import create

    return create(session, net_type, [])


@static("System.Activator", "CreateInstance", "Type, Object[]")
def create_instance_with(net_type: NetType, arguments: Any, session: Any = None) -> Any:
    from winbake.rehearsal.powershell.members import create

    return create(session, net_type, list(arguments or ()))


@constructor("System.Nullable`1")
def new_nullable(value: Any) -> Any:
    return value
