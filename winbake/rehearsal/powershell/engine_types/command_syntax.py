"""How a command is called, as Get-Command -Syntax and Get-Help write it (CommandParameterSetInfo.ToString)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.binding.parameters import COMMON, ParameterInfo
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.engine_types.command_infos import (
    ParameterInSet,
    ParameterSetView,
    metadata_of,
    parameter_set_views,
)
from winbake.rehearsal.powershell.running.functions import CmdletInfo, CommandInfo, FunctionInfo, ScriptInfo
from winbake.rehearsal.powershell.type_system.type_names import display_name

_COMMON_NAMES = frozenset(row[0] for row in COMMON)

Value = Callable[[ParameterInfo], str]
"""How the value of a parameter is written: `<string>`."""


def type_text(parameter: ParameterInfo) -> str:
    """The type's short name, or the CIM class that a parameter wants: `string[]`, `CimInstance#MSFT_NetIPAddress`."""
    if parameter.cim_class is not None:
        rank = "[]" if parameter.type_text.endswith("[]") else ""
        return f"CimInstance#{parameter.cim_class}{rank}"
    if parameter.net_type is None:
        return parameter.type_text.rpartition(".")[2]
    if parameter.net_type.key.startswith("System.Nullable`1") and parameter.net_type.arguments:
        return display_name(parameter.net_type.arguments[0], True)
    return display_name(parameter.net_type, True)


def _named_type(parameter: ParameterInfo) -> str:
    return f"<{type_text(parameter)}>"


def in_display_order(parameters: list[ParameterInSet]) -> list[ParameterInSet]:
    """By position, then the mandatory ones, then the rest."""
    positional = [one for one in parameters if one.place.position is not None]
    positional.sort(key=lambda one: one.place.position or 0)
    named = [one for one in parameters if one.place.position is None]
    return [
        *positional,
        *(one for one in named if one.place.mandatory),
        *(one for one in named if not one.place.mandatory),
    ]


def parameter_words(one: ParameterInSet, value: Value = _named_type) -> str:
    """`[-Path] <string[]>`, `-Name <string>`, `[-Force]`."""
    name = one.info.name
    if one.info.is_switch:
        return f"-{name}" if one.place.mandatory else f"[-{name}]"
    written = value(one.info)
    spelled = f"[-{name}]" if one.place.position is not None else f"-{name}"
    return f"{spelled} {written}" if one.place.mandatory else f"[{spelled} {written}]"


def set_words(view: ParameterSetView, value: Value = _named_type) -> tuple[list[str], bool]:
    """The parameters of a set in words, and whether it takes the common parameters."""
    common = [one for one in view.parameters if one.info.name in _COMMON_NAMES]
    all_common = len(common) == len(_COMMON_NAMES)
    shown = [one for one in view.parameters if not (all_common and one.info.name in _COMMON_NAMES)]
    return [parameter_words(one, value) for one in in_display_order(shown)], all_common


@method(ParameterSetView.net_type_name, "ToString")
def set_text(view: ParameterSetView) -> str:
    words, common = set_words(view)
    return " ".join([*words, "[<CommonParameters>]"] if common else words)


def syntax_text(session: Any, command: CommandInfo) -> str:
    """One paragraph a parameter set; for what has no parameters (an alias, a program) its definition."""
    if not isinstance(command, CmdletInfo | FunctionInfo | ScriptInfo) or metadata_of(session, command) is None:
        return command.definition
    return "".join(f"\r\n{command.name} {set_text(view)}\r\n" for view in parameter_set_views(session, command))


@getter("System.Management.Automation.CmdletInfo", "Definition")
def cmdlet_definition(command: CmdletInfo, *, session: Any) -> str:
    return syntax_text(session, command)
