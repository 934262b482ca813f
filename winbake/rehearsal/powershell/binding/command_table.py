"""The table of Windows PowerShell 5.1's commands (`data/commands.jsonl`): rows by name, read when asked for."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from winbake.rehearsal.powershell.binding.parameter_rules import OTHER_PROVIDERS, apply_rules
from winbake.rehearsal.powershell.binding.parameters import (
    ALL_SETS,
    CommandMetadata,
    ParameterInfo,
    SetInfo,
)
from winbake.rehearsal.powershell.binding.validation import ValidateSet, Validation, ValidationFailure

SCRIPT_FUNCTIONS = frozenset(
    name.lower()
    for name in (
        "Get-FileHash New-Guid New-TemporaryFile Format-Hex Import-PowerShellDataFile Get-Verb Compress-Archive "
        "Expand-Archive ConvertFrom-SddlString Pause Clear-Host Get-Clipboard"
    ).split()
    if name != "Get-Clipboard"
)
"""Commands of Windows' own modules that are functions, not cmdlets (differences.md)."""

CDXML_MODULES = frozenset(
    name.lower()
    for name in (
        "NetTCPIP NetSecurity NetAdapter DnsClient NetConnection Storage SmbShare ScheduledTasks Defender "
        "NetNat NetSwitchTeam NetQos NetLbfo NetworkTransition PrintManagement Microsoft.PowerShell.Archive "
        "Microsoft.PowerShell.ODataUtils PSDesiredStateConfiguration EventTracingManagement iSCSI MsDtc "
        "NetEventPacketCapture NetworkSwitchManager PnpDevice SmbWitness VpnClient Wdac WindowsUpdateProvider"
    ).split()
)
"""Modules whose commands Windows makes from CIM classes or scripts: functions too."""

_EXTRA_ALIASES: dict[str, str] = {
    "cd": "Set-Location", "chdir": "Set-Location", "clear": "Clear-Host", "cls": "Clear-Host", "h": "Get-History",
    "md": "mkdir", "r": "Invoke-History", "rd": "Remove-Item", "sl": "Set-Location", "ise": "powershell_ise.exe",
    "gcb": "Get-Clipboard", "scb": "Set-Clipboard", "curl": "Invoke-WebRequest", "wget": "Invoke-WebRequest",
    "iwr": "Invoke-WebRequest", "irm": "Invoke-RestMethod", "gerr": "Get-Error", "oss": "Out-String",
    "foreach": "ForEach-Object", "where": "Where-Object", "%": "ForEach-Object", "?": "Where-Object",
    "cat": "Get-Content", "cp": "Copy-Item", "dir": "Get-ChildItem", "echo": "Write-Output", "erase": "Remove-Item",
    "del": "Remove-Item", "copy": "Copy-Item", "move": "Move-Item", "mv": "Move-Item", "ls": "Get-ChildItem",
    "popd": "Pop-Location", "pushd": "Push-Location", "pwd": "Get-Location", "ps": "Get-Process",
    "kill": "Stop-Process",
    "ren": "Rename-Item", "rm": "Remove-Item", "rmdir": "Remove-Item", "set": "Set-Variable", "sleep": "Start-Sleep",
    "sort": "Sort-Object", "start": "Start-Process", "tee": "Tee-Object", "type": "Get-Content",
    "write": "Write-Output",
    "diff": "Compare-Object", "mount": "New-PSDrive", "man": "help", "history": "Get-History",
    "select": "Select-Object",
    "compare": "Compare-Object", "group": "Group-Object", "measure": "Measure-Object", "iex": "Invoke-Expression",
    "icm": "Invoke-Command", "lp": "Out-Printer", "fhx": "Format-Hex",
    "gcm": "Get-Command", "nmo": "New-Module", "rmo": "Remove-Module", "sajb": "Start-Job",
}  # fmt: skip


class Row:
    """One command of the table."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.name: str = data["name"]
        self.module: str = data.get("module", "")
        self.aliases: list[str] = data.get("aliases", [])
        self.outputs: list[str] = data.get("outputs", [])

    @property
    def is_function(self) -> bool:
        return self.name.lower() in SCRIPT_FUNCTIONS or self.module.lower() in CDXML_MODULES

    @property
    def metadata(self) -> CommandMetadata:
        return _metadata(self.name.lower())


@cache
def _lines() -> dict[str, str]:
    text = resources.files("winbake.rehearsal.powershell").joinpath("data", "commands.jsonl").read_text("utf-8")
    lines = {}
    for line in text.splitlines():
        if line:
            start = line.index('"name":"') + 8
            lines[line[start : line.index('"', start)].lower()] = line
    return lines


@cache
def find_row(name: str) -> Row | None:
    """The row of a command by its lower-case name."""
    line = _lines().get(name)
    return None if line is None else Row(json.loads(line))


def row_names() -> list[str]:
    """All names, lower case."""
    return list(_lines())


@cache
def standard_aliases() -> dict[str, str]:
    """Lower-case alias → command."""
    aliases = {}
    for line in _lines().values():
        if '"aliases"' in line.split('"parameters"')[0]:
            data = json.loads(line)
            for alias in data.get("aliases", []):
                aliases[alias.lower()] = data["name"]
    known = _lines()
    for alias, target in _EXTRA_ALIASES.items():
        if target.lower() in known or "-" not in target:
            aliases.setdefault(alias, target)
    return aliases


_NAMESPACES = (
    "System.",
    "System.Management.Automation.",
    "Microsoft.PowerShell.Commands.",
    "System.IO.",
    "System.Collections.",
    "System.Net.",
    "System.Text.",
    "System.Globalization.",
    "System.Text.RegularExpressions.",
    "System.Security.Principal.",
    "System.Security.",
    "System.Xml.",
    "System.ServiceProcess.",
    "System.Diagnostics.",
    "Microsoft.Win32.",
)


REMAINING: dict[str, frozenset[str]] = {
    "foreach-object": frozenset({"RemainingScripts", "ArgumentList"}),
    "write-output": frozenset({"InputObject"}),
    "write-host": frozenset({"Object"}),
    "read-host": frozenset({"Prompt"}),
    "get-command": frozenset({"ArgumentList"}),
    "new-module": frozenset({"ArgumentList"}),
    "trace-command": frozenset({"ArgumentList"}),
}
"""Parameters that take all remaining arguments, which help pages do not say (5.1's cmdlet attributes)."""


class NotAMemberType(Validation):
    """Add-Member's own check: a name of PSMemberTypes is no property name, so the other sets are tried."""

    swallowed = True

    def check_element(self, session: Any, value: Any) -> None:
        from winbake.rehearsal.powershell.types import get_type

        names = get_type("System.Management.Automation.PSMemberTypes").enum_values
        if isinstance(value, str) and any(value.lower() == name.lower() for name in names):
            raise ValidationFailure("The name is the name of a member type.", "InvalidValueForNotePropertyName")


def _net_type(text: str) -> Any:
    """The type of a short name in the table, or None if the rehearsal does not have it."""
    from winbake.rehearsal.powershell.types import get_type, resolve_type

    rank = ""
    base = text
    while base.endswith("[]"):
        base, rank = base[:-2], rank + "[]"
    names = {"switch": "SwitchParameter", "Hashtable": "System.Collections.Hashtable"}
    base = names.get(base, base)
    if base == "CimSession":
        return resolve_type("Microsoft.Management.Infrastructure.CimSession" + rank)
    if "." in base or "`" in base or "<" in base:
        return resolve_type(base.replace("<", "[").replace(">", "]") + rank)
    for prefix in _NAMESPACES:
        try:
            found = get_type(prefix + base)
        except KeyError:
            continue
        return resolve_type(found.full_name + rank) if rank else found
    return None


_FILTER_CLASSES = {
    "AssociatedNetFirewallPortFilter": "MSFT_NetProtocolPortFilter",
    "AssociatedNetFirewallAddressFilter": "MSFT_NetAddressFilter",
    "AssociatedNetFirewallApplicationFilter": "MSFT_NetApplicationFilter",
    "AssociatedNetFirewallServiceFilter": "MSFT_NetServiceFilter",
    "AssociatedNetFirewallInterfaceFilter": "MSFT_NetInterfaceFilter",
    "AssociatedNetFirewallInterfaceTypeFilter": "MSFT_NetInterfaceTypeFilter",
    "AssociatedNetFirewallSecurityFilter": "MSFT_NetNetworkLayerSecurityFilter",
}


def _cim_class(parameter: str, type_text: str) -> str | None:
    """The CIM class that a CDXML parameter takes: AssociatedNetFirewallRule a MSFT_NetFirewallRule."""
    if not type_text.startswith("CimInstance"):
        return None
    if parameter == "AssociatedIPInterface":
        return "MSFT_NetIPInterface"
    if not parameter.startswith("AssociatedNet"):
        return None
    return _FILTER_CLASSES.get(parameter, "MSFT_" + parameter.removeprefix("Associated"))


@cache
def _metadata(name: str) -> CommandMetadata:
    row = find_row(name)
    assert row is not None
    parameters = []
    should_process = False
    for parameter_name, described in row.data["parameters"].items():
        variants = described if isinstance(described, list) else [described]
        if parameter_name in OTHER_PROVIDERS.get(row.name, ()):
            continue
        if parameter_name in ("WhatIf", "Confirm"):
            should_process = should_process or parameter_name == "WhatIf"
            continue
        first = variants[0]
        is_modelled = (row.name, parameter_name) in (("Set-ItemProperty", "Type"), ("Remove-Item", "DeleteKey"))
        if first.get("newer") and row.module.startswith("Microsoft.PowerShell.") and not is_modelled:
            # Help pages list the dynamic parameters of providers (Certificate, WSMan) as if they were the cmdlet's.
            continue
        net_type = _net_type(first["type"])
        if first.get("values") and net_type is not None:
            element = _net_type(first["type"].rstrip("[]"))
            if element is not None and element.kind in ("class", "abstract", "interface", "delegate"):
                if element.name not in ("String", "Object"):
                    net_type = None  # an enum of the command's own module, named like a type of .NET (Action)
        info = ParameterInfo(parameter_name, net_type, first["type"], is_switch=first["type"] == "switch")
        for variant in variants:
            pipeline = variant.get("pipeline", [])
            for set_name in variant.get("sets") or [ALL_SETS]:
                info.sets.append(
                    SetInfo(
                        set_name,
                        mandatory=bool(variant.get("mandatory")),
                        position=variant.get("position"),
                        by_value="value" in pipeline,
                        by_name="name" in pipeline,
                        remaining=parameter_name in REMAINING.get(name, ()) or bool(variant.get("remaining")),
                    )
                )
            for alias in variant.get("aliases", []):
                if alias not in info.aliases:
                    info.aliases.append(alias)
        values = first.get("values")
        if values and not first["type"].startswith("FlagsExpression"):
            if first["type"] in ("String", "String[]") and not any(" " in v for v in values):
                info.validations.append(ValidateSet(values))
            elif net_type is None:
                info.values = values
        info.cim_class = _cim_class(parameter_name, first["type"])
        apply_rules(row.name, info)
        if (name, parameter_name) == ("add-member", "NotePropertyName"):
            info.validations.append(NotAMemberType())
        parameters.append(info)
    return CommandMetadata(
        row.name,
        parameters,
        row.data.get("default_set"),
        advanced=True,
        is_cmdlet=True,
        should_process=should_process,
        declared_sets=row.data.get("sets"),
    )
