"""Members of PSVariable."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, setter
from winbake.rehearsal.powershell.running.scope import Variable
from winbake.rehearsal.powershell.types import enum_value
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray

_SMA = "System.Management.Automation."


_VARIABLE = _SMA + "PSVariable"


@constructor(_VARIABLE)
def new_variable(name: str, value: Any = None, options: Any = None) -> Variable:
    return Variable(name, value, options.value if options is not None else 0)


@getter(_VARIABLE, "Name")
def variable_name(variable: Variable) -> str:
    return variable.name


@getter(_VARIABLE, "Value")
def variable_value(variable: Variable) -> Any:
    value = variable.value
    return None if value is AUTOMATION_NULL else value


@setter(_VARIABLE, "Value")
def set_variable_value(variable: Variable, value: Any) -> None:
    variable.assign(value)


@getter(_VARIABLE, "Options")
def variable_options(variable: Variable) -> Any:
    return enum_value(_SMA + "ScopedItemOptions", variable.options)


@setter(_VARIABLE, "Options")
def set_variable_options(variable: Variable, value: Any) -> None:
    variable.options = value.value


@getter(_VARIABLE, "Description")
def variable_description(variable: Variable) -> str:
    return variable.description


@setter(_VARIABLE, "Description")
def set_variable_description(variable: Variable, value: str) -> None:
    variable.description = value


@getter(_VARIABLE, "Visibility")
def variable_visibility(variable: Variable) -> Any:
    return enum_value(_SMA + "SessionStateEntryVisibility", variable.visibility)


@getter(_VARIABLE, "Attributes")
def variable_attributes(variable: Variable) -> Any:
    return PSArray(variable.attributes, "System.Attribute")


@getter(_VARIABLE, "Module")
def variable_module(variable: Variable) -> Any:
    return variable.module


@getter(_VARIABLE, "ModuleName")
def variable_module_name(variable: Variable) -> str:
    return variable.module.name if variable.module is not None else ""
