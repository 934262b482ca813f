"""Members of CommandInfo and its kinds, and of the metadata of their parameters."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.module_versions import MODULE_VERSIONS
from winbake.rehearsal.powershell.binding.parameters import ALL, ALL_SETS, CommandMetadata, ParameterInfo, SetInfo
from winbake.rehearsal.powershell.dotnet.collections import GenericDictionary, ignoring_case
from winbake.rehearsal.powershell.dotnet.registry import getter, method, setter
from winbake.rehearsal.powershell.running.functions import (
    AliasInfo,
    ApplicationInfo,
    CmdletInfo,
    CommandInfo,
    FunctionInfo,
    ScriptBlock,
    ScriptInfo,
)
from winbake.rehearsal.powershell.types import enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray, unwrap

_SMA = "System.Management.Automation."


_COMMAND = _SMA + "CommandInfo"
_NO_POSITION = -2147483648  # Int32.MinValue: named only


class ParameterView(NetObject):
    """ParameterMetadata."""

    net_type_name = _SMA + "ParameterMetadata"

    def __init__(self, info: ParameterInfo) -> None:
        self.info = info


def text_dictionary(value_type: str) -> GenericDictionary:
    return GenericDictionary(get_type("System.String"), get_type(value_type), key=ignoring_case)


def metadata_of(session: Any, command: CommandInfo) -> CommandMetadata | None:
    """The parameters of a command; None for programs."""
    if isinstance(command, AliasInfo):
        target = session.find_command(command.target)
        return None if target is None else metadata_of(session, target)
    if isinstance(command, FunctionInfo):
        return command.script_block.compiled.metadata(session.frame, command.name)
    if isinstance(command, CmdletInfo):
        found: CommandMetadata = command.row.metadata
        return found
    if isinstance(command, ScriptInfo):
        from winbake.rehearsal.powershell.running.resolution import load_script

        if command.script_block is None:
            command.script_block = load_script(session, command.path)
        return command.script_block.compiled.metadata(session.frame, command.name)
    return None


@getter(_COMMAND, "Name")
def command_name(command: CommandInfo) -> str:
    return command.name


@getter(_COMMAND, "CommandType")
def command_type(command: CommandInfo) -> Any:
    return enum_value(_SMA + "CommandTypes", command.kind)


@getter(_COMMAND, "Definition")
def definition(command: CommandInfo) -> str:
    return command.definition


@getter(_COMMAND, "ModuleName")
def module_name(command: CommandInfo) -> str:
    return command.module_name


@getter(_COMMAND, "Source")
def source(command: CommandInfo) -> str:
    if isinstance(command, ScriptInfo | ApplicationInfo):
        return command.path
    return command.module_name


@getter(_COMMAND, "Module")
def module(command: CommandInfo) -> Any:
    return command.module if isinstance(command.module, NetObject) else None


@getter(_COMMAND, "Version")
def version(command: CommandInfo, *, session: Any) -> Any:
    known = MODULE_VERSIONS.get(command.module_name.lower()) if isinstance(command, CmdletInfo) else None
    return None if known is None else convert.convert(known, get_type("System.Version"), session)


@getter(_COMMAND, "Visibility")
def visibility(command: CommandInfo) -> Any:
    return enum_value(_SMA + "SessionStateEntryVisibility", "Public")


@getter(_COMMAND, "Parameters")
def parameters(command: CommandInfo, *, session: Any) -> Any:
    metadata = metadata_of(session, command)
    if metadata is None:
        return None
    table = text_dictionary(_SMA + "ParameterMetadata")
    for parameter in metadata.parameters.values():
        table.set(parameter.name, ParameterView(parameter))
    return table


class ParameterSetView(NetObject):
    """CommandParameterSetInfo."""

    net_type_name = _SMA + "CommandParameterSetInfo"

    def __init__(self, name: str, is_default: bool, parameters: list[ParameterInSet]) -> None:
        self.name = name
        self.is_default = is_default
        self.parameters = parameters


class ParameterInSet(NetObject):
    """CommandParameterInfo: a parameter as one set has it."""

    net_type_name = _SMA + "CommandParameterInfo"

    def __init__(self, info: ParameterInfo, place: SetInfo) -> None:
        self.info = info
        self.place = place


def parameter_set_views(session: Any, command: CommandInfo) -> list[ParameterSetView]:
    """The sets of a command, with the parameters of each; none for what has no parameters."""
    metadata = metadata_of(session, command)
    if metadata is None:
        return []
    default = (metadata.default_set or "").lower()
    views = []
    for index, name in enumerate(metadata.set_names or [ALL_SETS]):
        mask = 1 << index if metadata.set_names else ALL
        members = [
            ParameterInSet(parameter, place)
            for parameter in metadata.parameters.values()
            for place in parameter.in_sets(mask)
        ]
        views.append(ParameterSetView(name, name.lower() == default, members))
    return views


@getter(_COMMAND, "ParameterSets")
def parameter_sets(command: CommandInfo, *, session: Any) -> Any:
    return PSArray(parameter_set_views(session, command), ParameterSetView.net_type_name)


@getter(ParameterSetView.net_type_name, "Name")
def set_name(view: ParameterSetView) -> str:
    return view.name


@getter(ParameterSetView.net_type_name, "IsDefault")
def set_is_default(view: ParameterSetView) -> bool:
    return view.is_default


@getter(ParameterSetView.net_type_name, "Parameters")
def set_parameters(view: ParameterSetView) -> Any:
    return PSArray(view.parameters, ParameterInSet.net_type_name)


@getter(ParameterInSet.net_type_name, "Name")
def in_set_name(view: ParameterInSet) -> str:
    return view.info.name


@getter(ParameterInSet.net_type_name, "IsMandatory")
def in_set_mandatory(view: ParameterInSet) -> bool:
    return view.place.mandatory


@getter(ParameterInSet.net_type_name, "Position")
def in_set_position(view: ParameterInSet) -> int:
    return view.place.position if view.place.position is not None else _NO_POSITION


@getter(ParameterInSet.net_type_name, "ParameterType")
def in_set_type(view: ParameterInSet) -> Any:
    return view.info.net_type or get_type("System.Object")


@getter(ParameterInSet.net_type_name, "Aliases")
def in_set_aliases(view: ParameterInSet) -> Any:
    return PSArray(view.info.aliases, "System.String")


@getter(ParameterInSet.net_type_name, "ValueFromPipeline")
def in_set_by_value(view: ParameterInSet) -> bool:
    return view.place.by_value


@getter(ParameterInSet.net_type_name, "ValueFromPipelineByPropertyName")
def in_set_by_name(view: ParameterInSet) -> bool:
    return view.place.by_name


@getter(_COMMAND, "OutputType")
def output_type(command: CommandInfo, *, session: Any) -> Any:
    names: list[str] = []
    if isinstance(command, CmdletInfo):
        names = list(command.row.outputs)
    elif isinstance(command, FunctionInfo):
        names = _declared_outputs(session, command.script_block)
    return PSArray([TypeNameView(name) for name in names], _SMA + "PSTypeName")


class TypeNameView(NetObject):
    """PSTypeName."""

    net_type_name = _SMA + "PSTypeName"

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


@getter(_SMA + "PSTypeName", "Name")
def type_name_name(view: TypeNameView) -> str:
    return view.name


def _declared_outputs(session: Any, block: ScriptBlock) -> list[str]:
    from winbake.rehearsal.powershell.binding.attributes import attribute_name
    from winbake.rehearsal.powershell.compile.core import compile_expression

    names: list[str] = []
    for attribute in block.compiled.attributes:
        if attribute_name(attribute) == "outputtype":
            for expression in attribute.positional:
                value = unwrap(compile_expression(expression)(session.frame))
                names.append(getattr(value, "key", None) or convert.to_text(value, session))
    return names


for _type in ("FunctionInfo", "CmdletInfo"):

    @getter(_SMA + _type, "Verb")
    def verb(command: CommandInfo) -> str:
        return command.name.partition("-")[0] if "-" in command.name else ""

    @getter(_SMA + _type, "Noun")
    def noun(command: CommandInfo) -> str:
        return command.name.partition("-")[2]

    @getter(_SMA + _type, "DefaultParameterSet")
    def default_parameter_set(command: CommandInfo, *, session: Any) -> Any:
        metadata = metadata_of(session, command)
        return metadata.default_set if metadata is not None else None


@getter(_SMA + "FunctionInfo", "CmdletBinding")
def cmdlet_binding(command: CommandInfo, *, session: Any) -> bool:
    metadata = metadata_of(session, command)
    return metadata is not None and metadata.advanced


@getter(_SMA + "FunctionInfo", "ScriptBlock")
@getter(_SMA + "ScriptInfo", "ScriptBlock")
@getter(_SMA + "ExternalScriptInfo", "ScriptBlock")
def command_script_block(command: Any, *, session: Any) -> Any:
    block = getattr(command, "script_block", None)
    if block is None and isinstance(command, ScriptInfo):
        metadata_of(session, command)
        block = command.script_block
    return block


@getter(_SMA + "FunctionInfo", "Description")
@getter(_SMA + "AliasInfo", "Description")
def command_description(command: Any) -> Any:
    return getattr(command, "description", None)


@setter(_SMA + "FunctionInfo", "Description")
@setter(_SMA + "AliasInfo", "Description")
def set_command_description(command: Any, value: Any) -> None:
    command.description = value


@getter(_SMA + "FunctionInfo", "Options")
@getter(_SMA + "AliasInfo", "Options")
@getter(_SMA + "CmdletInfo", "Options")
def command_options(command: CommandInfo) -> Any:
    return enum_value(_SMA + "ScopedItemOptions", command.options)


@getter(_SMA + "CmdletInfo", "ImplementingType")
def implementing_type(command: CmdletInfo) -> Any:
    return None


@getter(_SMA + "AliasInfo", "ResolvedCommand")
@getter(_SMA + "AliasInfo", "ReferencedCommand")
def resolved_command(alias: AliasInfo, *, session: Any) -> Any:
    return session.find_command(alias.target)


@getter(_SMA + "ExternalScriptInfo", "Path")
@getter(_SMA + "ApplicationInfo", "Path")
def command_path(command: Any) -> str:
    return str(command.path)


@getter(_SMA + "ApplicationInfo", "Extension")
def command_extension(command: ApplicationInfo) -> str:
    return "." + command.path.rpartition(".")[2]


@method(_COMMAND, "ToString")
def command_text(command: CommandInfo) -> str:
    return command.name


@getter(_SMA + "ParameterMetadata", "Name")
def parameter_name(view: ParameterView) -> str:
    return view.info.name


@getter(_SMA + "ParameterMetadata", "ParameterType")
def parameter_type(view: ParameterView) -> Any:
    return view.info.net_type or get_type("System.Object")


@getter(_SMA + "ParameterMetadata", "Aliases")
def parameter_aliases(view: ParameterView) -> Any:
    return PSArray(view.info.aliases, "System.String")


@getter(_SMA + "ParameterMetadata", "SwitchParameter")
def parameter_switch(view: ParameterView) -> bool:
    return view.info.is_switch


@getter(_SMA + "ParameterMetadata", "IsDynamic")
def parameter_dynamic(view: ParameterView) -> bool:
    return view.info.dynamic


@getter(_SMA + "ParameterMetadata", "Attributes")
def parameter_attribute_list(view: ParameterView) -> Any:
    from winbake.rehearsal.powershell.binding.dynamic_parameters import AttributeValue
    from winbake.rehearsal.powershell.binding.validation import ValidateSet

    out: list[Any] = []
    for info in view.info.sets:
        made = AttributeValue(_SMA + "ParameterAttribute")
        made.properties = {
            "mandatory": info.mandatory,
            "parametersetname": info.name,
            "valuefrompipeline": info.by_value,
            "valuefrompipelinebypropertyname": info.by_name,
            "valuefromremainingarguments": info.remaining,
            "helpmessage": info.help_message or None,
        }
        if info.position is not None:
            made.properties["position"] = info.position
        out.append(made)
    for validation in view.info.validations:
        if isinstance(validation, ValidateSet):
            made = AttributeValue(_SMA + "ValidateSetAttribute", list(validation.values))
            out.append(made)
    return PSArray(out, "System.Attribute")
