"""Time zone and name of the machine: read, set, and in force when Windows says so."""

from __future__ import annotations

import time

from agent_stage import Stage

from winbake.rehearsal.powershell.dotnet.time_zones import KEY
from winbake.rehearsal.windows.host import WindowsHost


def test_a_time_zone_is_set_and_read_back(stage: Stage, host: WindowsHost) -> None:
    assert stage.ask("time_zone", id="Romance Standard Time") == {"current": "UTC", "known": True}
    stage.do("time_zone", id="Romance Standard Time")
    assert stage.ask("time_zone", id="UTC") == {"current": "Romance Standard Time", "known": True}
    assert host.registry.read(KEY, "TimeZoneKeyName") == "Romance Standard Time"


def test_a_zone_that_windows_does_not_have_is_known_before_and_refused(stage: Stage, host: WindowsHost) -> None:
    assert stage.ask("time_zone", id="Atlantis Standard Time") == {"current": "UTC", "known": False}
    failed = stage.refuse("time_zone", id="Atlantis Standard Time")
    assert failed["message"] == "The time zone ID 'Atlantis Standard Time' was not found on the local computer."
    assert host.registry.read(KEY, "TimeZoneKeyName") == "UTC"


def test_daylight_saving_time_switched_off_is_seen_where_the_zone_has_one(stage: Stage, host: WindowsHost) -> None:
    host.registry.write(KEY, "DynamicDaylightTimeDisabled", 1)
    assert stage.ask("time_zone", id="UTC")["current"] == "UTC"
    stage.do("time_zone", id="Romance Standard Time")
    assert stage.ask("time_zone", id="UTC")["current"] == "Romance Standard Time"
    host.registry.write(KEY, "DynamicDaylightTimeDisabled", 1)
    assert stage.ask("time_zone", id="UTC")["current"] == "Romance Standard Time_dstoff"


def test_a_new_name_is_in_use_after_the_restart_that_it_asks_for(stage: Stage, host: WindowsHost) -> None:
    old = host.computer_name
    assert stage.ask("computer_name") == {"active": old, "next": old}
    assert stage.do("computer_name", name="Workshop-1")["reboot"] is True
    assert stage.ask("computer_name") == {"active": old, "next": "WORKSHOP-1"}
    assert "computer name" in stage.ask("system")["pending_reboot"]
    host.reboot()
    end = time.monotonic() + 20
    while not (host.power.boots > 1 and host.power.is_up and host.power.accepts_processes):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert stage.ask("computer_name") == {"active": "WORKSHOP-1", "next": "WORKSHOP-1"}


def test_a_name_that_cannot_be_is_refused(stage: Stage, host: WindowsHost) -> None:
    assert "is not properly formatted" in stage.refuse("computer_name", name="no spaces")["message"]
    assert "the new name is the same" in stage.refuse("computer_name", name=host.computer_name)["message"]


def test_who_is_no_administrator_changes_neither(host: WindowsHost) -> None:
    host.accounts.add_user("visitor", "Hush-4711-Nest!")
    stage = Stage(host, host.accounts.token("visitor"))
    name = host.computer_name
    failed = stage.refuse("time_zone", id="Romance Standard Time")
    assert failed["message"] == "A required privilege is not held by the client"
    assert "Access is denied" in stage.refuse("computer_name", name="VISITED")["message"]
    assert stage.ask("time_zone", id="UTC")["current"] == "UTC"
    assert stage.ask("computer_name") == {"active": name, "next": name}
