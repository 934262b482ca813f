"""Get-TimeZone and Set-TimeZone, after their published source (PowerShell, TimeZoneCommands.cs).

Setting the zone needs SeTimeZonePrivilege, which a server gives to administrators and LocalService. The registry
then has TimeZoneKeyName, StandardName, DaylightName, Bias and DynamicDaylightTimeDisabled; the transition dates are not
kept. Assumed: the names are written as text, where Windows writes references to tzres.dll.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.dotnet.time_zones import KEY, TimeZoneInfo, local_zone, zone_by_id
from winbake.rehearsal.powershell.dotnet.windows_zones import IANA_NAMES
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard

_NOT_FOUND = "System.TimeZoneNotFoundException"
_MINUTE = 600_000_000  # ticks


def _by_name(pattern: str) -> list[TimeZoneInfo]:
    """Zones whose standard or daylight name matches."""
    wildcard = Wildcard(pattern)
    zones = [TimeZoneInfo(zone_id) for zone_id in IANA_NAMES]
    return [z for z in zones if wildcard.matches(z.standard_name) or wildcard.matches(z.daylight_name)]


def _no_name(name: str) -> str:
    return f"The time zone name '{name}' was not found on the local computer."


@cmdlet("Get-TimeZone")
class GetTimeZone(Cmdlet):
    def process(self) -> None:
        if self.switch("ListAvailable"):
            raise NotModelled("Get-TimeZone -ListAvailable")
        if not self.has("Id") and not self.has("Name"):
            self.emit(local_zone(session=self.session))
        for zone_id in texts(self.get("Id")):
            try:
                self.emit(zone_by_id(zone_id))
            except NetError as error:
                self.error("TimeZoneNotFound", str(error), "InvalidArgument", _NOT_FOUND, "Id")
        for name in texts(self.get("Name")):
            found = _by_name(name)
            for zone in found:
                self.emit(zone)
            if not found:
                self.error("TimeZoneNotFound", _no_name(name), "InvalidArgument", _NOT_FOUND, "Name")


@cmdlet("Set-TimeZone")
class SetTimeZone(Cmdlet):
    def process(self) -> None:
        zone = self._wanted()
        if not self.should_process("Local System", self.name):
            if self.switch("PassThru"):
                self.emit(zone)
            return
        if not self.session.process.token.elevated:
            message = "A required privilege is not held by the client"
            kind = "System.ComponentModel.Win32Exception"
            raise self.fail("InsufficientPermissions", message, "PermissionDenied", kind)
        values: dict[str, Any] = {
            "TimeZoneKeyName": zone.zone_id,
            "StandardName": zone.standard_name,
            "DaylightName": zone.daylight_name,
            "Bias": -int(zone.base_offset.ticks // _MINUTE) % 2**32,
            "DynamicDaylightTimeDisabled": 0,
        }
        for name, value in values.items():
            self.session.host.registry.write(KEY, name, value)
        if self.switch("PassThru"):
            self.emit(zone)

    def _wanted(self) -> TimeZoneInfo:
        given = unwrap(self.get("InputObject"))
        if isinstance(given, TimeZoneInfo):
            return given
        if self.has("Id"):
            try:
                return zone_by_id(str(unwrap(self.get("Id"))))
            except NetError as error:
                raise self._missing(str(error), "Id") from None
        name = str(unwrap(self.get("Name")))
        found = _by_name(name)
        if not found:
            raise self._missing(_no_name(name), "Name")
        if len(found) > 1:
            message = f"Cannot set the local time zone because the name '{name}' resolves to multiple entries."
            kind = "System.Management.Automation.PSArgumentException"
            raise self.fail("MultipleMatchingTimeZones", message, "InvalidArgument", kind, "Name")
        return found[0]

    def _missing(self, message: str, target: str) -> ScriptError:
        return self.fail("TimeZoneNotFound", message, "InvalidArgument", _NOT_FOUND, target)
