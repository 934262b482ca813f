"""How one argument becomes a parameter's value: transformation, conversion, null and empty checks, validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.binding_errors import BindingErrors
from winbake.rehearsal.powershell.binding.validation import ValidationFailure
from winbake.rehearsal.powershell.engine_values import Reference
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.types import get_type, is_instance, type_of
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, PSObject, is_custom, unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.binding.parameters import ParameterInfo
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.types import NetType

NO_MATCH = object()
"""The value does not fit without conversion."""

_ANY = ("System.Object", "System.Management.Automation.PSObject")
_BOOLEAN = "System.Boolean"
_SWITCH = "System.Management.Automation.SwitchParameter"
_REFERENCE = "System.Management.Automation.PSReference"


def is_collection_type(net_type: NetType) -> bool:
    return (
        net_type.is_array
        or net_type.key in ("System.Collections.IList", "System.Array")
        or (
            net_type.key.startswith("System.Collections.Generic.")
            and not net_type.key.startswith(
                ("System.Collections.Generic.Dictionary", "System.Collections.Generic.IDictionary")
            )
        )
    )


def _is_of_cim_class(value: Any, name: str) -> bool:
    bare = unwrap(value)
    items = bare.items if isinstance(bare, PSArray) else [bare]
    return all(str(getattr(unwrap(item), "class_name", "")).lower() == name.lower() for item in items)


def fits(value: Any, parameter: ParameterInfo) -> Any:
    """The value without conversion, or NO_MATCH."""
    net_type = parameter.net_type
    if parameter.cim_class is not None and not _is_of_cim_class(value, parameter.cim_class):
        return NO_MATCH
    if net_type is None:
        if parameter.from_script or parameter.cim_class is not None or parameter.type_text in ("Object", "PSObject"):
            return value
        # A type that the tables do not hold: nothing plain is one already.
        return NO_MATCH if isinstance(unwrap(value), str | int | float | PSArray) else value
    if net_type.key in _ANY:
        return None if value is AUTOMATION_NULL else value
    if value is None or value is AUTOMATION_NULL:
        return NO_MATCH if net_type.is_value_type and not net_type.is_nullable else None
    if net_type.key == _SWITCH:
        return value if is_instance(value, net_type) else NO_MATCH
    bare = unwrap(value)
    if is_instance(value, net_type):
        return value if is_custom(value) or net_type.is_interface else bare
    if bare is not value and is_instance(bare, net_type):
        return bare
    if net_type.is_array:
        element = net_type.element_type
        assert element is not None
        if isinstance(bare, PSArray):
            if element.key in _ANY:
                return value
            if all(item is not None and is_instance(item, element) for item in bare.items):
                return PSArray([unwrap(i) for i in bare.items], element.key)
            return NO_MATCH
        if convert.enumerate_items(bare) is None:
            if element.key in _ANY:
                return PSArray([value], element.key)
            if is_instance(bare, element):
                return PSArray([bare], element.key)
    return NO_MATCH


def coerce(
    session: Session,
    value: Any,
    parameter: ParameterInfo,
    errors: BindingErrors,
    literal: str | None,
    advanced: bool,
    node: Any,
) -> Any:
    """The value converted to the parameter's type. Raises BindingError. `literal` is the text of a number as it was
    written, which string parameters get."""
    net_type = parameter.net_type
    if net_type is None:
        return _coerce_values(session, value, parameter, errors, node)
    if net_type.key in _ANY:
        if value is AUTOMATION_NULL:
            return None
        return value
    if literal is not None and not isinstance(unwrap(value), str):
        text_type = net_type.key in ("System.String", "System.String[]")
        if text_type:
            value = literal
    try:
        if not parameter.from_script:
            return _coerce_cmdlet(session, value, parameter, net_type, errors, node)
        bare = unwrap(value)
        if net_type.key == _REFERENCE:
            if not isinstance(bare, Reference):
                raise _Refused("Reference type is expected in argument.")
        elif isinstance(bare, Reference):
            value = bare.value
        if net_type.key == _BOOLEAN:
            _check_boolean(value, net_type)
        if parameter.is_switch and unwrap(value) is not None and not isinstance(unwrap(value), bool):
            if type_of(unwrap(value)).key != _SWITCH:
                raise _Refused(
                    f'Cannot convert value "{convert.to_text(value)}" to type "{_SWITCH}". Boolean '
                    "parameters accept only "
                    "Boolean values and numbers, such as $True, $False, 1 or 0 instead."
                )
        if advanced and not is_collection_type(net_type) and net_type.key == "System.String":
            bare = unwrap(value)
            if (isinstance(bare, PSArray) and len(bare) != 1) or _is_other_collection(bare):
                raise _Refused("Cannot convert value to type System.String.")
            if isinstance(bare, PSArray):
                raise _Refused("Cannot convert value to type System.String.")
        return convert.convert(value, net_type, session)
    except _Refused as refusal:
        if parameter.from_script:
            raise errors.transformation(parameter.name, str(refusal), None, node) from None
        raise errors.cannot_convert(
            parameter.name,
            convert.to_text(value, session),
            net_type.key,
            str(refusal) if refusal.full else "",
            None,
            node,
        ) from None
    except ScriptError as failure:
        exception = failure.record.exception
        if parameter.from_script:
            raise errors.transformation(parameter.name, exception.message, exception, node) from failure
        raise errors.cannot_convert(
            parameter.name, convert.to_text(value, session), net_type.key, exception.message, exception, node
        ) from failure


class _Refused(Exception):
    def __init__(self, message: str, full: bool = False) -> None:
        super().__init__(message)
        self.full = full


def _is_other_collection(value: Any) -> bool:
    return not isinstance(value, PSArray) and convert.enumerate_items(value) is not None


def _check_boolean(value: Any, net_type: NetType) -> None:
    """[bool] and [switch] parameters take booleans and numbers only."""
    bare = unwrap(value)
    if isinstance(bare, bool | int | float) or (bare is not None and type_of(bare).key in (_SWITCH, "System.Decimal")):
        return
    if bare is None and net_type.key == _SWITCH:
        return
    shown = "" if bare is None else type_of(bare).key
    raise _Refused(
        f'Cannot convert value "{convert.to_text(value)}" to type "{net_type.key}". Boolean '
        "parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0 instead."
        if shown
        else f'Cannot convert value "" to type "{net_type.key}". Boolean parameters accept only Boolean values '
        "and numbers, such as $True, $False, 1 or 0 instead."
    )


def _coerce_values(session: Session, value: Any, parameter: ParameterInfo, errors: BindingErrors, node: Any) -> Any:
    if parameter.values is None or value is None:
        return value
    bare = unwrap(value)
    if isinstance(bare, PSArray):
        names = [_named_value(session, item, parameter, errors, node) for item in bare.items]
        return PSArray(names) if parameter.type_text.endswith("[]") else ", ".join(names)
    found = [
        _named_value(session, part, parameter, errors, node) for part in convert.to_text(value, session).split(",")
    ]
    return PSArray(found) if parameter.type_text.endswith("[]") else ", ".join(found)


def _named_value(session: Session, value: Any, parameter: ParameterInfo, errors: BindingErrors, node: Any) -> str:
    """The enumeration's spelling of one name, which may be cut short. Raises BindingError."""
    assert parameter.values is not None
    text = convert.to_text(value, session).strip()
    matches = [v for v in parameter.values if v.lower() == text.lower()]
    if not matches:
        matches = [v for v in parameter.values if v.lower().startswith(text.lower())]
    if len(matches) != 1:
        raise errors.cannot_convert(
            parameter.name,
            text,
            parameter.type_text,
            f'Cannot convert value "{text}" to type "{parameter.type_text}". The possible enumeration values are '
            f'"{",".join(parameter.values)}".',
            None,
            node,
        )
    return matches[0]


def _coerce_cmdlet(
    session: Session, value: Any, parameter: ParameterInfo, net_type: NetType, errors: BindingErrors, node: Any
) -> Any:
    """What CoerceTypeAsNeeded does for parameters of cmdlets."""
    fitting = fits(value, parameter)
    if fitting is not NO_MATCH:
        return fitting
    if parameter.is_switch or net_type.key == _BOOLEAN:
        _check_boolean(value, net_type)
        return convert.convert(value, net_type, session)
    bare = unwrap(value)
    if value is None or value is AUTOMATION_NULL:
        if net_type.is_array or net_type.key == "System.String" or not net_type.is_value_type:
            return convert.convert(None, net_type, session) if net_type.key == "System.String" else None
        return convert.convert(None, net_type, session)
    if not is_collection_type(net_type) and net_type.key != "System.Collections.Hashtable":
        if isinstance(bare, PSArray) or _is_other_collection(bare):
            if net_type.key == "System.String" or (
                convert.enumerate_items(bare) is not None and net_type.is_value_type
            ):
                items = list(convert.enumerate_items(bare) or ())
                if len(items) == 1 and net_type.key != "System.String":
                    return convert.convert(items[0], net_type, session)
                raise _Refused("")
    return convert.convert(value, net_type, session)


def check_empty(value: Any, parameter: ParameterInfo, errors: BindingErrors, node: Any, given: Any = None) -> None:
    """Mandatory parameters refuse null, empty strings and empty collections unless their attributes allow them. `given`
    is the argument before conversion, where a null element is still null."""
    if not parameter.mandatory_somewhere:
        return
    net_type = parameter.net_type
    if value is None or value is AUTOMATION_NULL:
        if not parameter.allow_null:
            raise errors.null_not_allowed(parameter.name, node)
        return
    if net_type is None:
        return
    if net_type.key == "System.String":
        if unwrap(value) == "" and not parameter.allow_empty_string:
            raise errors.empty_string(parameter.name, node)
        return
    if not is_collection_type(net_type):
        return
    items = convert.enumerate_items(value)
    if items is None:
        return
    element = net_type.element_type
    bare = unwrap(given)
    if isinstance(bare, PSArray) and any(item is None for item in bare.items) and not parameter.allow_null:
        if element is None or not element.is_value_type:
            raise errors.null_not_allowed(parameter.name, node)
    empty = True
    for item in items:
        empty = False
        if element is not None and element.is_value_type:
            break
        if item is None:
            if not parameter.allow_null:
                raise errors.null_not_allowed(parameter.name, node)
        elif element is not None and element.key == "System.String" and item == "" and not parameter.allow_empty_string:
            raise errors.empty_string(parameter.name, node)
    if empty and not parameter.allow_empty_collection:
        raise errors.empty_collection(parameter.name, "Array" if net_type.is_array else "Collection", node)


def validate(session: Session, value: Any, parameter: ParameterInfo, errors: BindingErrors, node: Any) -> None:
    for validation in parameter.validations:
        try:
            validation.check(session, value)
        except ValidationFailure as failure:
            raise errors.validation(parameter.name, failure.message, node) from failure


def passes(session: Session, value: Any, parameter: ParameterInfo) -> bool:
    """Whether the validations that only sort arguments let the value through."""
    for validation in parameter.validations:
        if validation.swallowed:
            try:
                validation.check(session, value)
            except ValidationFailure:
                return False
    return True


def is_delay_bind(value: Any, parameter: ParameterInfo) -> bool:
    """Whether a script block is meant to be run for each pipeline object (or to be the value itself)."""
    from winbake.rehearsal.powershell.running.functions import ScriptBlock

    if not isinstance(unwrap(value), ScriptBlock) or not parameter.takes_pipeline:
        return False
    net_type = parameter.net_type
    if net_type is None:
        return parameter.values is not None
    block = get_type("System.Management.Automation.ScriptBlock")
    if net_type.key in _ANY or net_type.assignable_from(block):
        return False
    element = net_type.element_type
    return not (element is not None and (element.key in _ANY or element.assignable_from(block)))


def as_property_source(value: Any) -> Any:
    return value.base if type(value) is PSObject and not len(value.members) and not is_custom(value) else value
