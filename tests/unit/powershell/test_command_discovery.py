"""Get-Command, Get-Alias: what is there, in 5.1's types, and how it is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from winbake.rehearsal.powershell.display import format_lines
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.windows.host import WindowsHost


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    return WindowsHost(name="DISCOVERY", release="2022", speed=1000.0)


@pytest.fixture
def shown(host: WindowsHost) -> Callable[[str], list[str]]:
    """The lines that a script shows on a screen of 120 columns, without empty ones."""

    def run(script: str) -> list[str]:
        session = Session(host)
        out: list[object] = []
        session.run_script(script, out.append)
        out.extend(f"error {one.error_id}" for one in reversed(session.errors))
        return [line.rstrip() for line in format_lines(session, out, 120) if line.strip()]

    return run


@pytest.mark.parametrize(
    ("command", "ways"),
    [
        (
            "Stop-Service",
            [
                "Stop-Service [-InputObject] <ServiceController[]> [-Exclude <string[]>] [-Force] [-Include <string[]>] "
                "[-NoWait] [-PassThru] [-WhatIf] [-Confirm] [<CommonParameters>]",
                "Stop-Service -DisplayName <string[]> [-Exclude <string[]>] [-Force] [-Include <string[]>] [-NoWait] "
                "[-PassThru] [-WhatIf] [-Confirm] [<CommonParameters>]",
                "Stop-Service [-Name] <string[]> [-Exclude <string[]>] [-Force] [-Include <string[]>] [-NoWait] "
                "[-PassThru] [-WhatIf] [-Confirm] [<CommonParameters>]",
            ],
        ),
        (
            "Set-ExecutionPolicy",
            [
                "Set-ExecutionPolicy [-ExecutionPolicy] <ExecutionPolicy> [[-Scope] <ExecutionPolicyScope>] [-Force] "
                "[-WhatIf] [-Confirm] [<CommonParameters>]"
            ],
        ),
        ("Get-Culture", ["Get-Culture [<CommonParameters>]"]),
    ],
)
def test_how_a_command_is_called(host: WindowsHost, command: str, ways: list[str]) -> None:
    out: list[str] = []
    Session(host).run_script(f"Get-Command {command} -Syntax", out.append)
    assert sorted(line for line in out[0].split("\r\n") if line) == sorted(ways)
    assert out[0].startswith("\r\n") and out[0].endswith("\r\n")


@pytest.mark.parametrize(
    ("function", "way"),
    [
        ("function f { param([int]$Count, [switch]$All) }", "f [[-Count] <int>] [-All]"),
        ("function f { }", "f"),
        (
            "function f { param([Parameter(Mandatory)][string[]]$Name, [Parameter(Position=0)]$Where) }",
            "f [[-Where] <Object>] -Name <string[]> [<CommonParameters>]",
        ),
        (
            "function f { [CmdletBinding(PositionalBinding=$false)] param([hashtable]$Map, [Parameter(Mandatory)][switch]"
            "$Sure) }",
            "f -Sure [-Map <hashtable>] [<CommonParameters>]",
        ),
        (
            "function f { [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position=1)][uri]$To,"
            " [Parameter(Mandatory, Position=0)][Nullable[int]]$From) }",
            "f [-From] <int> [-To] <uri> [-WhatIf] [-Confirm] [<CommonParameters>]",
        ),
    ],
)
def test_how_a_function_is_called(host: WindowsHost, function: str, way: str) -> None:
    out: list[str] = []
    Session(host).run_script(f"{function}\nGet-Command f -Syntax", out.append)
    assert [line.rstrip() for line in out[0].split("\r\n") if line] == [way]


def test_an_alias_and_a_program_are_called_by_what_they_stand_for(shown: Callable[[str], list[str]]) -> None:
    assert shown("Get-Command gci -Syntax") == ["Get-ChildItem"]
    assert shown("Get-Command whoami.exe -Syntax") == ["C:\\Windows\\System32\\whoami.exe"]


def test_commands_by_pattern_module_and_type(shown: Callable[[str], list[str]]) -> None:
    assert shown("Get-Command -Verb Stop -Noun Serv*")[2:] == [
        "Cmdlet          Stop-Service                                       3.1.0.0    Microsoft.PowerShell.Management"
    ]
    assert shown("Get-Command -Verb Stop -CommandType Cmdlet") == [
        "error AmbiguousParameterSet,Microsoft.PowerShell.Commands.GetCommandCommand"
    ]
    assert shown("(Get-Command -Module ScheduledTasks Get-S*).Name") == ["Get-ScheduledTask", "Get-ScheduledTaskInfo"]
    assert shown("(Get-Command Get-ScheduledTask).GetType().Name; (Get-Command Get-Item).GetType().Name") == [
        "FunctionInfo",
        "CmdletInfo",
    ]
    assert shown("Get-Command -CommandType Alias ga*")[2:] == ["Alias           gal -> Get-Alias"]
    assert shown("Get-Command Get-Nonsense -ErrorAction SilentlyContinue") == [
        "error CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand"
    ]
    assert shown("Get-Command Get-Nonsen*") == []


def test_versions_are_the_modules(shown: Callable[[str], list[str]]) -> None:
    names = "Get-NetFirewallRule, Get-Help, Get-LocalUser, Expand-Archive"
    assert shown(f"Get-Command {names} | ForEach-Object {{ \"$($_.Version)\" }}") == [
        "2.0.0.0", "3.0.0.0", "1.0.0.0", "1.0.1.0",
    ]  # fmt: skip


def test_aliases_by_name_and_by_what_they_stand_for(shown: Callable[[str], list[str]]) -> None:
    assert shown("(Get-Alias gci).Definition; (Get-Alias -Definition Get-ChildItem).Name") == [
        "Get-ChildItem", "dir", "gci", "ls",
    ]  # fmt: skip
    assert shown("Get-Alias nonsense -ErrorAction SilentlyContinue") == [
        "error ItemNotFoundException,Microsoft.PowerShell.Commands.GetAliasCommand"
    ]


@pytest.mark.parametrize(
    "call",
    ["Get-Volume -DriveLetter C", "Get-NetAdapterRss", "Get-SmbShare -Name x", "Get-Disk -Number 0", "Get-MpPreference"],
)
def test_what_is_known_and_not_modelled_is_said_after_binding(host: WindowsHost, call: str) -> None:
    with pytest.raises(NotModelled, match=call.partition(" ")[0]):
        Session(host).run_script(f"try {{ {call} }} catch {{ 'caught' }}", lambda _: None)
