"""System.TimeZoneInfo. `Local` is the zone that the host's registry names; its clock shows UTC whatever that is."""

from __future__ import annotations

import datetime as python_datetime
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, UNSPECIFIED, UTC, DateTime, DateTimeOffset, TimeSpan
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.dotnet.windows_zones import IANA_NAMES
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.values import NetObject

ZONE = "System.TimeZoneInfo"

_DISPLAY: dict[str, str] = {
    "UTC": "(UTC) Coordinated Universal Time",
    "GMT Standard Time": "(UTC+00:00) Dublin, Edinburgh, Lisbon, London",
    "W. Europe Standard Time": "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    "Romance Standard Time": "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris",
    "Central Europe Standard Time": "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague",
    "Central European Standard Time": "(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb",
    "Eastern Standard Time": "(UTC-05:00) Eastern Time (US & Canada)",
    "Central Standard Time": "(UTC-06:00) Central Time (US & Canada)",
    "Mountain Standard Time": "(UTC-07:00) Mountain Time (US & Canada)",
    "Pacific Standard Time": "(UTC-08:00) Pacific Time (US & Canada)",
    "India Standard Time": "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi",
    "China Standard Time": "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
    "Tokyo Standard Time": "(UTC+09:00) Osaka, Sapporo, Tokyo",
    "AUS Eastern Standard Time": "(UTC+10:00) Canberra, Melbourne, Sydney",
}
"""Windows id → display name, of the zones whose display name is known here."""
_STANDARD_NAMES = {"UTC": "Coordinated Universal Time"}
"""Standard names that differ from the id."""
KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
"""Where Windows keeps the zone in force; `TimeZoneKeyName` is its id."""


class TimeZoneInfo(NetObject):
    net_type_name = ZONE

    def __init__(self, zone_id: str) -> None:
        self.zone_id = zone_id
        self.standard_name = _STANDARD_NAMES.get(zone_id, zone_id)
        self.zone: python_datetime.tzinfo = python_datetime.UTC if zone_id == "UTC" else ZoneInfo(IANA_NAMES[zone_id])

    @property
    def display_name(self) -> str:
        if self.zone_id not in _DISPLAY:
            raise NotModelled(f"the display name of the time zone {self.zone_id}")
        return _DISPLAY[self.zone_id]

    @property
    def daylight_name(self) -> str:
        return self.standard_name.replace("Standard", "Daylight") if self.has_daylight_time else self.standard_name

    @property
    def has_daylight_time(self) -> bool:
        return bool(self._offsets()[0] != self._offsets()[1])

    def _offsets(self) -> tuple[Any, Any]:
        year = 2024
        return tuple(python_datetime.datetime(year, month, 1, tzinfo=self.zone).utcoffset() for month in (1, 7))  # type: ignore[return-value]

    @property
    def base_offset(self) -> TimeSpan:
        return TimeSpan.from_timedelta(min(self._offsets()))

    def offset_at(self, clock: DateTime) -> TimeSpan:
        """The offset of a local clock time of this zone."""
        moment = clock.to_datetime().replace(tzinfo=self.zone)
        return TimeSpan.from_timedelta(moment.utcoffset() or python_datetime.timedelta(0))

    def offset_at_utc(self, moment: DateTime) -> TimeSpan:
        local = moment.to_utc_datetime().astimezone(self.zone)
        return TimeSpan.from_timedelta(local.utcoffset() or python_datetime.timedelta(0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeZoneInfo) and self.zone_id == other.zone_id

    def __hash__(self) -> int:
        return hash(self.zone_id)


def zone_by_id(zone_id: str | None) -> TimeZoneInfo:
    """Raises NetError (TimeZoneNotFoundException)."""
    if zone_id is None:
        raise argument_null("id")
    for known in IANA_NAMES:
        if known.lower() == zone_id.lower():
            return TimeZoneInfo(known)
    raise NetError(
        "System.TimeZoneNotFoundException", f"The time zone ID '{zone_id}' was not found on the local computer."
    )


@static_getter(ZONE, "Local")
def local_zone(*, session: Any) -> TimeZoneInfo:
    host = getattr(session, "host", None)
    return TimeZoneInfo("UTC") if host is None else zone_by_id(str(host.registry.read(KEY, "TimeZoneKeyName", "UTC")))


@static_getter(ZONE, "Utc")
def utc_zone() -> TimeZoneInfo:
    return TimeZoneInfo("UTC")


@static(ZONE, "FindSystemTimeZoneById")
def find_zone(zone_id: str | None) -> TimeZoneInfo:
    return zone_by_id(zone_id)


@static(ZONE, "ClearCachedData")
def clear_cached_data() -> None:
    """Nothing is cached."""


def _property(name: str, read: Callable[[TimeZoneInfo], Any]) -> None:
    getter(ZONE, name)(read)


for _name, _read in {
    "Id": lambda z: z.zone_id,
    "DisplayName": lambda z: z.display_name,
    "StandardName": lambda z: z.standard_name,
    "DaylightName": lambda z: z.daylight_name,
    "BaseUtcOffset": lambda z: z.base_offset,
    "SupportsDaylightSavingTime": lambda z: z.has_daylight_time,
}.items():
    _property(_name, _read)


def _utc_of(date: DateTime, zone: TimeZoneInfo | None = None) -> DateTime:
    if date.kind == UTC or zone is None:
        return DateTime(date.ticks, UTC)
    return DateTime(date.ticks - zone.offset_at(date).ticks, UTC)


def _in_zone(moment: DateTime, zone: TimeZoneInfo) -> DateTime:
    kind = UTC if zone.zone_id == "UTC" else UNSPECIFIED
    return DateTime(moment.ticks + zone.offset_at_utc(moment).ticks, kind)


@static(ZONE, "ConvertTimeFromUtc")
def convert_from_utc(date: DateTime, zone: TimeZoneInfo) -> DateTime:
    if date.kind == LOCAL:
        raise argument(
            "The conversion could not be completed because the supplied DateTime did not have the Kind property set "
            "correctly.  For example, when the Kind property is DateTimeKind.Local, the source time zone must be "
            "TimeZoneInfo.Local.",
            "sourceTimeZone",
        )
    return _in_zone(date, zone)


@static(ZONE, "ConvertTimeToUtc")
def convert_to_utc(date: DateTime, zone: TimeZoneInfo | None = None) -> DateTime:
    return _utc_of(date, zone)


@static(ZONE, "ConvertTime")
def convert_time(date: Any, *zones: TimeZoneInfo) -> Any:
    if isinstance(date, DateTimeOffset):
        return date.at_offset(zones[0].offset_at_utc(DateTime(date.utc_ticks)))
    source = zones[0] if len(zones) > 1 else None
    return _in_zone(_utc_of(date, source), zones[-1])


@static(ZONE, "ConvertTimeBySystemTimeZoneId")
def convert_time_by_id(date: Any, *zone_ids: str) -> Any:
    return convert_time(date, *(zone_by_id(zone_id) for zone_id in zone_ids))


@method(ZONE, "GetUtcOffset")
def get_utc_offset(value: TimeZoneInfo, date: Any) -> TimeSpan:
    if isinstance(date, DateTimeOffset):
        return value.offset_at_utc(DateTime(date.utc_ticks))
    return value.offset_at_utc(date) if date.kind != UNSPECIFIED else value.offset_at(date)


@method(ZONE, "IsDaylightSavingTime")
def is_daylight_saving(value: TimeZoneInfo, date: Any) -> bool:
    return get_utc_offset(value, date) != value.base_offset


@method(ZONE, "ToString")
def zone_text(value: TimeZoneInfo) -> str:
    return value.display_name


@method(ZONE, "Equals")
def zone_equals(value: TimeZoneInfo, other: Any) -> bool:
    return bool(value == other)
