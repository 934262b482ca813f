"""The variables, aliases and functions that a fresh session has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.command_table import standard_aliases
from winbake.rehearsal.powershell.compile.assignments import make_guard
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.running.functions import AliasInfo, FunctionInfo, create_script_block
from winbake.rehearsal.powershell.running.scope import ALL_SCOPE, CONSTANT, READ_ONLY, ComputedVariable, Variable
from winbake.rehearsal.powershell.types import enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_ACTION = "System.Management.Automation.ActionPreference"
BUILDS = {"2019": 17763, "2022": 20348, "2025": 26100}

FUNCTIONS = {
    "prompt": "\"PS $($executionContext.SessionState.Path.CurrentLocation)$('>' * ($nestedPromptLevel + 1)) \"",
    "mkdir": (
        "[CmdletBinding(DefaultParameterSetName='pathSet', SupportsShouldProcess=$true)] param("
        "[Parameter(ParameterSetName='nameSet', Position=0, ValueFromPipelineByPropertyName=$true)]"
        "[Parameter(ParameterSetName='pathSet', Mandatory=$true, Position=0, ValueFromPipelineByPropertyName=$true)]"
        "[string[]]${Path}, [Parameter(ParameterSetName='nameSet', Mandatory=$true, "
        "ValueFromPipelineByPropertyName=$true)]"
        "[AllowNull()][AllowEmptyString()][string]${Name}, [Parameter(ValueFromPipeline=$true, "
        "ValueFromPipelineByPropertyName=$true)][object]${Value}, [switch]${Force}) "
        "process { New-Item @PSBoundParameters -ItemType Directory }"
    ),
    # 5.1's pages the answer by more.com, which waits for a key; nobody sits at this console
    "help": "param([Parameter(Position=0)][string]${Name}) Get-Help @PSBoundParameters",
    "cd..": "Set-Location ..",
    "cd\\": "Set-Location \\",
}
for _letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
    FUNCTIONS[f"{_letter}:"] = "Set-Location $MyInvocation.MyCommand.Name"


class EngineHost(NetObject):
    """`$Host`: a console that nobody sits at."""

    net_type_name = "System.Management.Automation.Host.PSHost"

    def __init__(self, session: Session) -> None:
        self.session = session


class HostUI(NetObject):
    net_type_name = "System.Management.Automation.Host.PSHostUserInterface"

    def __init__(self, session: Session) -> None:
        self.session = session


def windows_build(session: Session) -> int:
    release = getattr(session.host, "release", None)
    name = str(getattr(release, "name", release) or "2022")
    return next((build for key, build in BUILDS.items() if key in name), 20348)


def install(session: Session) -> None:
    """Fills the global scope."""
    from winbake.rehearsal.powershell.running.execution_context import EngineIntrinsics

    variables = session.global_scope.variables

    def put(name: str, value: Any, options: int = 0) -> None:
        variables[name.lower()] = Variable(name, value, options)

    put("true", True, CONSTANT | ALL_SCOPE)
    put("false", False, CONSTANT | ALL_SCOPE)
    put("null", None)
    put("Error", session.error_list, CONSTANT)
    put("Host", EngineHost(session), CONSTANT | ALL_SCOPE)
    put("ExecutionContext", EngineIntrinsics(session), CONSTANT | ALL_SCOPE)
    put("PID", session.process.id if session.process is not None else 4321, CONSTANT | ALL_SCOPE)
    put("ShellId", "Microsoft.PowerShell", CONSTANT | ALL_SCOPE)
    put("PSHOME", r"C:\Windows\System32\WindowsPowerShell\v1.0", CONSTANT | ALL_SCOPE)
    environment = session.process.environment if session.process is not None else {}
    home = environment.get("USERPROFILE", r"C:\Users\Administrator")
    put("HOME", home, READ_ONLY | ALL_SCOPE)
    put("PROFILE", rf"{home}\Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1")
    put("PSVersionTable", version_table(session), CONSTANT | ALL_SCOPE)
    put("PSEdition", "Desktop", CONSTANT | ALL_SCOPE)
    put("PSCulture", "en-US", READ_ONLY | ALL_SCOPE)
    put("PSUICulture", "en-US", READ_ONLY | ALL_SCOPE)
    put("ConsoleFileName", "", READ_ONLY | ALL_SCOPE)
    for name, value in (
        ("ErrorActionPreference", "Continue"),
        ("WarningPreference", "Continue"),
        ("VerbosePreference", "SilentlyContinue"),
        ("DebugPreference", "SilentlyContinue"),
        ("InformationPreference", "SilentlyContinue"),
        ("ProgressPreference", "Continue"),
    ):
        put(name, enum_value(_ACTION, value))
        variables[name.lower()].guard = make_guard(session, name, [get_type(_ACTION)], [])
    put("ConfirmPreference", enum_value("System.Management.Automation.ConfirmImpact", "High"))
    put("WhatIfPreference", False)
    put("ErrorView", "NormalView")
    put("FormatEnumerationLimit", 4)
    put("MaximumErrorCount", 256)
    put("MaximumVariableCount", 4096)
    put("MaximumFunctionCount", 4096)
    put("MaximumAliasCount", 4096)
    put("MaximumDriveCount", 4096)
    put("MaximumHistoryCount", 4096)
    put("NestedPromptLevel", 0)
    put("PSDefaultParameterValues", Hashtable(ignore_case=True))
    put("PSSessionApplicationName", "wsman")
    put("PSSessionConfigurationName", "http://schemas.microsoft.com/powershell/Microsoft.PowerShell")
    put("PSEmailServer", "")
    put("StackTrace", "")
    put("args", PSArray([]))
    variables["pwd"] = ComputedVariable("PWD", lambda: _current_location(session), options=ALL_SCOPE)
    variables["?"] = ComputedVariable("?", lambda: session.ok, options=READ_ONLY | ALL_SCOPE)
    _output_encoding(session)
    for alias, target in standard_aliases().items():
        session.global_scope.aliases[alias] = AliasInfo(alias, target, options=ALL_SCOPE)
    for name, text in FUNCTIONS.items():
        block = create_script_block(session, text)
        session.global_scope.functions[name.lower()] = FunctionInfo(name, block)


def _output_encoding(session: Session) -> None:
    from winbake.rehearsal.powershell import members

    def encoding() -> Any:
        return members.get_static(session, get_type("System.Text.Encoding"), "ASCII")

    kept: list[Any] = []
    session.global_scope.variables["outputencoding"] = ComputedVariable(
        "OutputEncoding",
        lambda: kept[0] if kept else encoding(),
        lambda value: kept.__setitem__(slice(None), [value]),
    )


def _current_location(session: Session) -> Any:
    if session.host is None:
        return None
    from winbake.rehearsal.powershell.providers.core import path_info, state

    return path_info(state(session).current)


def version_table(session: Session) -> Hashtable:
    """`$PSVersionTable` of Windows PowerShell 5.1."""
    from winbake.rehearsal.powershell.convert import convert

    version = get_type("System.Version")
    build = windows_build(session)
    table = Hashtable(ignore_case=True)

    def make(text: str) -> Any:
        return convert(text, version, session)

    table.set("PSVersion", make(f"5.1.{build}.2760"))
    table.set("PSEdition", "Desktop")
    compatible = [make(t) for t in ("1.0", "2.0", "3.0", "4.0", "5.0", f"5.1.{build}.2760")]
    table.set("PSCompatibleVersions", PSArray(compatible, "System.Version"))
    table.set("BuildVersion", make(f"10.0.{build}.2760"))
    table.set("CLRVersion", make("4.0.30319.42000"))
    table.set("WSManStackVersion", make("3.0"))
    table.set("PSRemotingProtocolVersion", make("2.3"))
    table.set("SerializationVersion", make("1.1.0.1"))
    return table
