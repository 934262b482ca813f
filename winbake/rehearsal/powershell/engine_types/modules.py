"""Members of PSModuleInfo."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.collections import GenericDictionary
from winbake.rehearsal.powershell.dotnet.registry import getter, method, setter
from winbake.rehearsal.powershell.engine_types.command_infos import text_dictionary
from winbake.rehearsal.powershell.engine_types.script_blocks import call_arguments
from winbake.rehearsal.powershell.running.execution_context import (
    SessionStateView,
)
from winbake.rehearsal.powershell.running.functions import (
    ScriptBlock,
)
from winbake.rehearsal.powershell.running.modules import ModuleInfo
from winbake.rehearsal.powershell.types import enum_value, get_type

_SMA = "System.Management.Automation."


_MODULE = _SMA + "PSModuleInfo"


def _exports(items: dict[str, Any], value_type: str) -> GenericDictionary:
    table = text_dictionary(value_type)
    for item in items.values():
        table.set(item.name, item)
    return table


@getter(_MODULE, "Name")
def module_own_name(info: ModuleInfo) -> str:
    return info.name


@getter(_MODULE, "Path")
def module_path(info: ModuleInfo) -> Any:
    return info.path


@getter(_MODULE, "ModuleBase")
def module_base(info: ModuleInfo) -> Any:
    return info.path.rpartition("\\")[0] if info.path else None


@getter(_MODULE, "ModuleType")
def module_type(info: ModuleInfo) -> Any:
    return enum_value(_SMA + "ModuleType", "Script")


@getter(_MODULE, "Version")
def module_version(info: ModuleInfo, *, session: Any) -> Any:
    if info.version is not None:
        return info.version
    return convert.convert("0.0", get_type("System.Version"), session)


@getter(_MODULE, "Description")
def module_description(info: ModuleInfo) -> str:
    return info.description


@getter(_MODULE, "ExportedFunctions")
def exported_functions(info: ModuleInfo) -> Any:
    return _exports(info.functions, _SMA + "FunctionInfo")


@getter(_MODULE, "ExportedVariables")
def exported_variables(info: ModuleInfo) -> Any:
    return _exports(info.variables, _SMA + "PSVariable")


@getter(_MODULE, "ExportedAliases")
def exported_aliases(info: ModuleInfo) -> Any:
    return _exports(info.aliases, _SMA + "AliasInfo")


@getter(_MODULE, "ExportedCmdlets")
def exported_cmdlets(info: ModuleInfo) -> Any:
    return text_dictionary(_SMA + "CmdletInfo")


@getter(_MODULE, "ExportedCommands")
def exported_commands(info: ModuleInfo) -> Any:
    return _exports({**info.functions, **info.aliases}, _SMA + "CommandInfo")


@getter(_MODULE, "SessionState")
def module_session_state(info: ModuleInfo) -> SessionStateView:
    return SessionStateView(info.session, info)


@getter(_MODULE, "OnRemove")
def module_on_remove(info: ModuleInfo) -> Any:
    return info.on_remove


@setter(_MODULE, "OnRemove")
def set_module_on_remove(info: ModuleInfo, block: Any) -> None:
    info.on_remove = block


@method(_MODULE, "Invoke")
def module_invoke(info: ModuleInfo, block: ScriptBlock, *arguments: Any) -> Any:
    bound = ScriptBlock(block.compiled, info.session, info.state)
    return info.session.collected(info.session.invoke(bound, *call_arguments(arguments)))


@method(_MODULE, "NewBoundScriptBlock")
def module_new_bound(info: ModuleInfo, block: ScriptBlock) -> ScriptBlock:
    return ScriptBlock(block.compiled, info.session, info.state)


@method(_MODULE, "ToString")
def module_text(info: ModuleInfo) -> str:
    return info.name
