"""The agent's source is Windows PowerShell 5.1 and .NET Framework 4.8, by the tables; and this test can fail."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from agent_coverage import part_text
from agent_stage import COMMAND_LINE
from dialect import WRAPPERS, problems, touches_windows

from winbake import agent
from winbake.hosts.transfer import receiver


def test_the_whole_script_is_in_the_dialect() -> None:
    assert problems(agent.source()) == []


def test_the_bootstrap_is_in_the_dialect_and_short() -> None:
    assert problems(agent.bootstrap()) == []
    assert len(COMMAND_LINE) < 8191  # cmd.exe's limit for a command line


@pytest.mark.parametrize("script", ["lockdown.ps1", "generalize.ps1"])
def test_what_the_host_runs_by_itself_later_is_in_the_dialect(script: str) -> None:
    assert problems((files("winbake.resources") / script).read_text(encoding="utf-8")) == []


def test_the_receiver_of_files_is_in_the_dialect() -> None:
    assert problems(receiver()) == []


@pytest.mark.parametrize("part", [part for part in agent.parts() if not part.startswith(WRAPPERS)])
def test_only_the_wrappers_touch_windows(part: str) -> None:
    assert touches_windows(part_text(part)) == []


@pytest.mark.parametrize("part", agent.parts())
def test_no_time_is_local(part: str) -> None:
    """A task that sets the time zone moves local time by hours, and every limit and duration that is measured in it."""
    assert not re.search(r"\bGet-Date\b|\[datetime\]::(Now|Today)\b", part_text(part), re.IGNORECASE)


@pytest.mark.parametrize("part", [part for part in agent.parts() if not part.startswith(WRAPPERS)])
def test_only_the_wrappers_ask_for_what_differs_from_run_to_run(part: str) -> None:
    """The clock, chance and this process: answered from a file, a run can be replayed (replay.ps1)."""
    words = r"\bUtcNow\b|\bStart-Sleep\b|\bNewGuid\b|\$PID\b|\$PSVersionTable\b|\bGet-Random\b"
    assert not re.search(words, part_text(part), re.IGNORECASE)


@pytest.mark.parametrize("part", agent.parts())
def test_a_file_is_a_room(part: str) -> None:
    assert part_text(part).count("\n") <= 300


def test_every_file_is_part_of_the_script() -> None:
    from pathlib import Path

    folder = Path(str(files(agent)))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.ps1")}
    assert there == {*agent.parts(), "bootstrap.ps1", "header.ps1", "footer.ps1"}


@pytest.mark.parametrize(
    ("snippet", "said"),
    [
        ("$a ?? $b", "UnexpectedToken"),
        ("$a ? 1 : 2", "UnexpectedToken"),
        ("Get-Foo", "no command Get-Foo"),
        ("gci", "no command gci"),
        ("Test-Json -Json 1", "no command Test-Json"),
        ("1 | ForEach-Object -Parallel { 1 }", "ForEach-Object has no -Parallel"),
        ("ConvertFrom-Json -InputObject 1 -AsHashtable", "ConvertFrom-Json has no -AsHashtable"),
        ("Get-ChildItem -Rec", "Get-ChildItem has no -Rec"),
        ("get-item -Path x", "get-item is written Get-Item"),
        ("[semver]'1.2'", "no type [semver]"),
        ("[System.Text.Json.JsonSerializer]::Serialize(1)", "no type [System.Text.Json.JsonSerializer]"),
        ("New-Object System.Text.Rune", "no type System.Text.Rune"),
        ("New-Object Threading.Mutex (1, 2, 3, 4, 5, 6)", "has no constructor of 6 arguments"),
        ("[string]::Join2(',', 1)", "has no method Join2"),
        ("[Math]::Clamp(1, 2, 3)", "has no method Clamp"),
        ("[Environment]::ProcessPath", "has no property ProcessPath"),
        ("'a'.Contains('b', 'c')", "takes no 2 arguments"),
        ("([string]$a).ReplaceLineEndings()", "has no method ReplaceLineEndings"),
        ("function Frobnicate-X { <# .SYNOPSIS x #> [CmdletBinding()] param() }", "is no approved verb"),
        ("function Get-X { [CmdletBinding()] param() }", "has no help"),
        ("function Get-X { <# .SYNOPSIS x #> param() }", "has no CmdletBinding"),
        ("function Get-X { <# .SYNOPSIS x #> [CmdletBinding()] param($A) }; Get-X -B 1", "Get-X has no -B"),
        ("function Get-X { <# .SYNOPSIS x #> [CmdletBinding()] param($A) }; Get-X 1", "positional argument"),
    ],
)
def test_what_is_not_in_the_dialect_is_found(snippet: str, said: str) -> None:
    assert any(said in problem for problem in problems(snippet)), problems(snippet)


@pytest.mark.parametrize(
    "snippet",
    ["[Microsoft.Win32.Registry]::LocalMachine", "[Environment]::MachineName", "Get-CimInstance -ClassName x",
     "& reg.exe query x", "Get-Service -Name x", "[Diagnostics.Process]::Start('x')", "New-NetFirewallRule -Name x",
     "New-Object -ComObject Schedule.Service"],
)  # fmt: skip
def test_what_touches_windows_is_found(snippet: str) -> None:
    assert touches_windows(snippet)
