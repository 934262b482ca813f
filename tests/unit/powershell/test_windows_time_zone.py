"""Get-TimeZone and Set-TimeZone as PowerShell's published source has them."""

from __future__ import annotations

from windows_script import host, ids, out

from winbake.rehearsal.powershell.dotnet.time_zones import KEY
from winbake.rehearsal.powershell.dotnet.windows_zones import IANA_NAMES


def test_the_zone_in_force_is_the_registrys() -> None:
    assert out("(Get-TimeZone).Id; [TimeZoneInfo]::Local.StandardName") == ["UTC", "Coordinated Universal Time"]
    script = """
        Set-TimeZone -Id 'tokyo standard time'; (Get-TimeZone).Id
        (Get-CimInstance Win32_TimeZone).Caption; (Get-ComputerInfo -Property TimeZone).TimeZone
        (Set-TimeZone 'Romance Standard*' -WhatIf -PassThru).Id
    """
    display = "(UTC+09:00) Osaka, Sapporo, Tokyo"
    assert out(script) == ["Tokyo Standard Time", display, display, "Romance Standard Time"]
    assert host().registry.read(KEY, "Bias") == 2**32 - 540
    assert out("(Set-TimeZone -Name 'Coordinated Universal Time' -PassThru).Id") == ["UTC"]
    assert host().registry.read(KEY, "TimeZoneKeyName") == "UTC"


def test_zones_by_name_and_by_id() -> None:
    assert out("(Get-TimeZone 'w. europe*').Id; (Get-TimeZone 'W. Europe Daylight Time').BaseUtcOffset.Hours") == [
        "W. Europe Standard Time",
        1,
    ]
    assert out("(Get-TimeZone -Id 'Nepal Standard Time', UTC).Id") == ["Nepal Standard Time", "UTC"]


def test_what_is_not_there_is_an_error_that_names_it() -> None:
    get, put = "Microsoft.PowerShell.Commands.GetTimeZoneCommand", "Microsoft.PowerShell.Commands.SetTimeZoneCommand"
    assert ids("Get-TimeZone -Id Nowhere") == [f"TimeZoneNotFound,{get}"]
    assert ids("Get-TimeZone Nowhere*") == [f"TimeZoneNotFound,{get}"]
    assert ids("Set-TimeZone -Id Nowhere") == [f"TimeZoneNotFound,{put}"]
    assert ids("Set-TimeZone Nowhere") == [f"TimeZoneNotFound,{put}"]
    assert ids("Set-TimeZone *Standard*") == [f"MultipleMatchingTimeZones,{put}"]


def test_every_zone_of_the_table_is_one() -> None:
    listed = ",".join(f"'{zone}'" for zone in IANA_NAMES)
    assert out(f"@(Get-TimeZone -Id {listed} | Where-Object {{ $_.BaseUtcOffset.TotalHours -le 14 }}).Count") == [139]
