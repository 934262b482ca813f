"""The event logs: what the model writes there, and what the cmdlets give of it."""

from __future__ import annotations

from typing import Any

import pytest
from windows_script import ids, out

from winbake.rehearsal.windows.event_log import EventLog
from winbake.rehearsal.windows.host import WindowsHost

COMMANDS = "Microsoft.PowerShell.Commands."


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-EventLog nosuch", [f"System.InvalidOperationException,{COMMANDS}GetEventLogCommand"]),
        ("Get-EventLog System -Source nosuch", [f"GetEventLogNoEntriesFound,{COMMANDS}GetEventLogCommand"]),
        ("Get-WinEvent -FilterHashtable @{LogName = 'System'; Id = 1}",
         [f"NoMatchingEventsFound,{COMMANDS}GetWinEventCommand"]),
        ("New-EventLog Application -Source MsiInstaller", [f"Source Exists,{COMMANDS}NewEventLogCommand"]),
    ],
)  # fmt: skip
def test_what_is_missing_has_windows_id(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("Restart-Service W32Time; (Get-EventLog System -Newest 2 -Source 'Service Control*').Message",
         ["The Windows Time service entered the running state.", "The Windows Time service entered the stopped state."]),
        ("$e = @(Get-EventLog System -InstanceId 6005)[-1]; $e.Source; $e.EntryType.ToString(); $e.EventID",
         ["EventLog", "Information", 6005]),
        ("(Get-WinEvent -FilterHashtable @{LogName = 'System'; Id = 6009} -MaxEvents 1).LevelDisplayName",
         ["Information"]),
        ("New-EventLog Application -Source wbtest; Write-EventLog Application -Source wbtest -EventId 5 -Message hi "
         "-EntryType Warning; (Get-EventLog Application -Source wbtest -EntryType Warning).Message", ["hi"]),
        ("@(Get-WinEvent -LogName System -MaxEvents 3).Count", [3]),
        ("@(Get-EventLog System -After (Get-Date).AddDays(1) -ErrorAction SilentlyContinue).Count", [0]),
    ],
)  # fmt: skip
def test_events_are_found(script: str, wanted: list[Any]) -> None:
    assert out(script) == wanted


def test_the_log_outlives_a_saved_state_and_counts_on() -> None:
    host = WindowsHost(name="EVENTS", speed=1000.0)
    host.event_log.write("Application", "MsiInstaller", 1033, "installed")
    again = WindowsHost.from_state(host.state(), speed=1000.0, blobs=host.files.blobs)
    assert [event.message for event in again.event_log.events("Application")] == ["installed"]
    assert again.event_log.events("System")[0].index > len(host.event_log.events("System"))


def test_a_log_keeps_its_newest_events_only() -> None:
    log = EventLog(WindowsHost(name="EVENTS", speed=1000.0).clock.now)
    for number in range(2005):
        log.write("System", "EventLog", 6013, str(number))
    found = log.events("System")
    assert (len(found), found[0].message, found[0].index) == (2000, "2004", 2005)
