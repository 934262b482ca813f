"""The ScheduledTasks module over the host's tasks: windows_facts section 8 and Microsoft's pages of the cmdlets."""

from __future__ import annotations

from typing import Any

import pytest
from windows_script import ids, out

MAKE = """
    $a = New-ScheduledTaskAction -Execute cmd.exe -Argument '/c exit 3'
    $s = New-ScheduledTaskSettingsSet -ExecutionTimeLimit (New-TimeSpan -Hours 26) -StartWhenAvailable
    $null = Register-ScheduledTask wbtask -Action $a -Settings $s -User SYSTEM -RunLevel Highest -Description words
"""
REMOVE = "\n    Unregister-ScheduledTask wbtask -Confirm:$false"


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-ScheduledTask nosuch", ["CmdletizationQuery_NotFound_TaskName,Get-ScheduledTask"]),
        ("Get-ScheduledTask nosuch*", []),
        ("Get-ScheduledTask -TaskPath \\nosuch\\", ["CmdletizationQuery_NotFound_TaskPath,Get-ScheduledTask"]),
        ("Start-ScheduledTask nosuch", ["HRESULT 0x80070002,Start-ScheduledTask"]),
        ("Disable-ScheduledTask nosuch", ["HRESULT 0x80070002,Disable-ScheduledTask"]),
        (
            "Unregister-ScheduledTask nosuch -Confirm:$false",
            ["CmdletizationQuery_NotFound_TaskName,Unregister-ScheduledTask"],
        ),
        ("Unregister-ScheduledTask ServerManager", ["InvalidOperation,Unregister-ScheduledTask"]),
        ("New-ScheduledTaskTrigger -Once", ["MissingMandatoryParameter,New-ScheduledTaskTrigger"]),
        (
            "Register-ScheduledTask wbno -Action (New-ScheduledTaskAction cmd.exe) -User nobody",
            ["HRESULT 0x80070534,Register-ScheduledTask"],
        ),
        (
            MAKE + "Register-ScheduledTask wbtask -Action $a -User SYSTEM" + REMOVE,
            ["HRESULT 0x800700b7,Register-ScheduledTask"],
        ),
        (
            MAKE + "$null = Disable-ScheduledTask wbtask; Start-ScheduledTask wbtask" + REMOVE,
            ["HRESULT 0x80041326,Start-ScheduledTask"],
        ),
    ],
)
def test_what_is_refused_has_windows_id(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("$t = Get-ScheduledTask wbtask; [string]$t.State; [int]$t.State; $t.TaskPath; $t.URI; $t.Description",
         ["Ready", 3, "\\", "\\wbtask", "words"]),
        ("(Get-ScheduledTask wbtask).Settings.ExecutionTimeLimit", ["P1DT2H"]),
        ("(Get-ScheduledTask wbtask).Settings.StartWhenAvailable", [True]),
        ("$p = (Get-ScheduledTask wbtask).Principal; $p.UserId; [int]$p.LogonType; [int]$p.RunLevel", ["SYSTEM", 5, 1]),
        ("(Get-ScheduledTaskInfo wbtask).LastTaskResult -eq 267011", [True]),
        ("(Get-ScheduledTask wbtask).Actions[0].CimClass.CimClassName", ["MSFT_TaskExecAction"]),
        ("Start-ScheduledTask wbtask; while ((Get-ScheduledTask wbtask).State -eq 'Running') { Start-Sleep 1 }"
         "\n[int](Get-ScheduledTaskInfo wbtask).LastTaskResult", [3]),
        ("$t = Get-ScheduledTask wbtask; $t.Settings.ExecutionTimeLimit = 'PT5M'; $null = $t | Set-ScheduledTask"
         "\n(Get-ScheduledTask wbtask).Settings.ExecutionTimeLimit", ["PT5M"]),
        ("$null = Set-ScheduledTask wbtask -Trigger (New-ScheduledTaskTrigger -AtStartup)"
         "\n(Get-ScheduledTask wbtask).Triggers.CimClass.CimClassName", ["MSFT_TaskBootTrigger"]),
        ("(Get-ScheduledTask -TaskPath '\\Microsoft\\Windows\\*').TaskName", ["ServerManager"]),
        ("(Get-ScheduledTask wbtask).GetType().FullName", ["Microsoft.Management.Infrastructure.CimInstance"]),
    ],
)  # fmt: skip
def test_a_registered_task_answers(script: str, answer: list[Any]) -> None:
    assert out(MAKE + script + REMOVE) == answer


def test_a_daily_task_has_a_next_run_and_runs_then() -> None:
    script = """
        $soon = (Get-Date).AddSeconds(40)
        $t = New-ScheduledTask -Action (New-ScheduledTaskAction cmd.exe '/c exit 5') -Trigger (New-ScheduledTaskTrigger -Daily -At $soon) -Principal (New-ScheduledTaskPrincipal SYSTEM)
        $null = $t | Register-ScheduledTask -TaskName wbdaily -TaskPath \\wb
        $i = Get-ScheduledTaskInfo wbdaily -TaskPath \\wb\\; [Math]::Abs(($i.NextRunTime - $soon).TotalSeconds) -lt 1
        Start-Sleep 100
        while ((Get-ScheduledTask wbdaily).State -eq 'Running') { Start-Sleep 1 }
        $i = Get-ScheduledTaskInfo wbdaily -TaskPath \\wb\\; [int]$i.LastTaskResult; ($i.NextRunTime - $soon).Days + ($i.NextRunTime - $soon).Hours -ge 1
        Unregister-ScheduledTask wbdaily -Confirm:$false
    """
    assert out(script) == [True, 5, True]


def test_the_table_of_tasks_has_three_columns() -> None:
    lines = str(out("Get-ScheduledTask ServerManager | Out-String")[0]).split("\r\n")
    assert lines[1].split() == ["TaskPath", "TaskName", "State"]
    assert lines[3].split() == ["\\Microsoft\\Windows\\Server", "Manager\\", "ServerManager", "Ready"]
