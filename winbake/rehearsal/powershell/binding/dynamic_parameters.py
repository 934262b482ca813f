"""dynamicparam: RuntimeDefinedParameter objects become parameters of one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.binding.parameters import ALL_SETS, CommandMetadata, ParameterInfo, SetInfo
from winbake.rehearsal.powershell.binding.validation import (
    ValidateCount,
    ValidateLength,
    ValidateNotNull,
    ValidateNotNullOrEmpty,
    ValidatePattern,
    ValidateRange,
    ValidateScript,
    ValidateSet,
    Validation,
)
from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.dotnet.collections import GenericDictionary, ignoring_case
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import NetObject, unwrap

_SMA = "System.Management.Automation."
_PARAMETER = _SMA + "RuntimeDefinedParameter"
_DICTIONARY = _SMA + "RuntimeDefinedParameterDictionary"
_ATTRIBUTE = _SMA + "ParameterAttribute"


class AttributeValue(NetObject):
    """An attribute object made with New-Object: its properties by lower-case name, its constructor's arguments."""

    def __init__(self, type_name: str, arguments: list[Any] | None = None) -> None:
        self.net_type = get_type(type_name)
        self.properties: dict[str, Any] = {}
        self.arguments = arguments or []


class RuntimeDefinedParameter(NetObject):
    net_type_name = _PARAMETER

    def __init__(self, name: str = "", parameter_type: Any = None, attributes: Any = None) -> None:
        self.name = name
        self.parameter_type = parameter_type
        self.attributes = attributes
        self.value: Any = None
        self.is_set = False


class RuntimeDefinedParameterDictionary(GenericDictionary):
    def __init__(self) -> None:
        super().__init__(get_type("System.String"), get_type(_PARAMETER), key=ignoring_case)
        self.net_type = get_type(_DICTIONARY)


@constructor(_PARAMETER)
def new_parameter(name: str = "", parameter_type: Any = None, attributes: Any = None) -> RuntimeDefinedParameter:
    return RuntimeDefinedParameter(name, parameter_type, attributes)


@constructor(_DICTIONARY)
def new_dictionary() -> RuntimeDefinedParameterDictionary:
    return RuntimeDefinedParameterDictionary()


@method(_DICTIONARY, "Add")
def add_parameter(dictionary: RuntimeDefinedParameterDictionary, name: str, parameter: Any) -> None:
    dictionary.add(name, parameter)


@getter(_PARAMETER, "Name")
def parameter_name(parameter: RuntimeDefinedParameter) -> str:
    return parameter.name


@getter(_PARAMETER, "Value")
def parameter_value(parameter: RuntimeDefinedParameter) -> Any:
    return parameter.value


@setter(_PARAMETER, "Value")
def set_parameter_value(parameter: RuntimeDefinedParameter, value: Any) -> None:
    parameter.value = value


@getter(_PARAMETER, "IsSet")
def parameter_is_set(parameter: RuntimeDefinedParameter) -> bool:
    return parameter.is_set


@getter(_PARAMETER, "Attributes")
def parameter_attributes(parameter: RuntimeDefinedParameter) -> Any:
    return parameter.attributes


@constructor(_ATTRIBUTE)
def new_attribute() -> AttributeValue:
    return AttributeValue(_ATTRIBUTE)


def _constructible(name: str) -> None:
    """The attribute keeps the arguments of its constructor."""

    @constructor(_SMA + name)
    def make(*arguments: Any) -> AttributeValue:
        return AttributeValue(_SMA + name, list(arguments))


for _attribute in (
    "AliasAttribute",
    "AllowEmptyCollectionAttribute",
    "AllowEmptyStringAttribute",
    "AllowNullAttribute",
    "ValidateCountAttribute",
    "ValidateLengthAttribute",
    "ValidateNotNullAttribute",
    "ValidateNotNullOrEmptyAttribute",
    "ValidatePatternAttribute",
    "ValidateRangeAttribute",
    "ValidateScriptAttribute",
    "ValidateSetAttribute",
):
    _constructible(_attribute)


_PROPERTIES = {
    "Mandatory": False,
    "Position": -2147483648,
    "ParameterSetName": ALL_SETS,
    "ValueFromPipeline": False,
    "ValueFromPipelineByPropertyName": False,
    "ValueFromRemainingArguments": False,
    "HelpMessage": None,
    "DontShow": False,
}


def _register(name: str, default: Any) -> None:
    def read(attribute: AttributeValue) -> Any:
        return attribute.properties.get(name.lower(), default)

    def write(attribute: AttributeValue, value: Any) -> None:
        attribute.properties[name.lower()] = value

    getter(_ATTRIBUTE, name)(read)
    setter(_ATTRIBUTE, name)(write)


for _name, _default in _PROPERTIES.items():
    _register(_name, _default)


def add_dynamic(f: Frame, metadata: CommandMetadata, output: list[Any]) -> CommandMetadata:
    """The metadata with the parameters that a dynamicparam block wrote."""
    made = metadata
    for value in output:
        dictionary = unwrap(value)
        if not isinstance(dictionary, RuntimeDefinedParameterDictionary):
            continue
        if made is metadata:
            made = metadata.copy()
        for key, parameter in dictionary.items():
            made.add(_info(f, to_text(key), unwrap(parameter)))
    return made


def _info(f: Frame, name: str, parameter: RuntimeDefinedParameter) -> ParameterInfo:
    net_type = unwrap(parameter.parameter_type)
    info = ParameterInfo(name, net_type, from_script=True, dynamic=True)
    if net_type is not None:
        info.type_text = net_type.key
        info.is_switch = net_type.key == _SMA + "SwitchParameter"
    for attribute in f.session.enumerate(parameter.attributes) if parameter.attributes is not None else ():
        bare = unwrap(attribute)
        if not isinstance(bare, AttributeValue):
            raise NetError("System.InvalidCastException", "An attribute of a dynamic parameter is not an attribute.")
        if bare.net_type.key == _ATTRIBUTE:
            options = bare.properties
            position = options.get("position")
            info.sets.append(
                SetInfo(
                    options.get("parametersetname", ALL_SETS),
                    mandatory=bool(options.get("mandatory", False)),
                    position=position if position is not None and position >= 0 else None,
                    by_value=bool(options.get("valuefrompipeline", False)),
                    by_name=bool(options.get("valuefrompipelinebypropertyname", False)),
                    remaining=bool(options.get("valuefromremainingarguments", False)),
                )
            )
        else:
            _apply(f, info, bare)
    if not info.sets:
        info.sets.append(SetInfo())
    return info


def _apply(f: Frame, info: ParameterInfo, attribute: AttributeValue) -> None:
    """What an attribute other than [Parameter()] asks of the parameter."""
    name = attribute.net_type.key.removeprefix(_SMA).removesuffix("Attribute")
    given = attribute.arguments
    if name == "ValidateSet":
        ignore_case = bool(attribute.properties.get("ignorecase", True))
        info.validations.append(ValidateSet([to_text(v) for v in _flat(f, given)], ignore_case))
    elif name == "Alias":
        info.aliases += [to_text(v) for v in _flat(f, given)]
    elif name == "ValidatePattern":
        info.validations.append(ValidatePattern(given[0], _IGNORE_CASE))
    elif name in _VALIDATIONS:
        info.validations.append(_VALIDATIONS[name](*given))
    elif name == "AllowNull":
        info.allow_null = True
    elif name == "AllowEmptyString":
        info.allow_empty_string = True
    elif name == "AllowEmptyCollection":
        info.allow_empty_collection = True


def _flat(f: Frame, arguments: list[Any]) -> list[Any]:
    return [value for argument in arguments for value in f.session.enumerate(argument)]


_IGNORE_CASE = 1  # RegexOptions.IgnoreCase, the attribute's default
_VALIDATIONS: dict[str, Callable[..., Validation]] = {
    "ValidateCount": ValidateCount,
    "ValidateLength": ValidateLength,
    "ValidateNotNull": ValidateNotNull,
    "ValidateNotNullOrEmpty": ValidateNotNullOrEmpty,
    "ValidateRange": ValidateRange,
    "ValidateScript": ValidateScript,
}
