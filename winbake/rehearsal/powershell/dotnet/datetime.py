"""The values DateTime, DateTimeOffset and TimeSpan: ticks of 100 ns, their arithmetic and order.

Their .NET members stand in datetime_members.py and timespan_members.py, their texts in formatting/ and date_parsing.py.
The local time zone of a rehearsed host is UTC (a fresh EC2 Windows: "(UTC) Coordinated Universal Time").
"""

from __future__ import annotations

import datetime as python_datetime
import math
from functools import total_ordering
from typing import Any

from winbake.rehearsal.powershell.dotnet.throwing import argument, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject

TICKS_PER_MILLISECOND = 10_000
TICKS_PER_SECOND = 10_000_000
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND
TICKS_PER_HOUR = 60 * TICKS_PER_MINUTE
TICKS_PER_DAY = 24 * TICKS_PER_HOUR
MAX_TICKS = 3155378975999999999
"""DateTime.MaxValue: 9999-12-31T23:59:59.9999999."""
UNIX_EPOCH_TICKS = 621355968000000000
FILE_TIME_EPOCH_TICKS = 504911232000000000
"""1601-01-01, where FILETIME begins."""

UNSPECIFIED, UTC, LOCAL = 0, 1, 2
"""System.DateTimeKind."""

_DAY_ONE = python_datetime.datetime(1, 1, 1)
_MAX_MILLISECONDS = 315537897600000
_UNREPRESENTABLE = "The added or subtracted value results in an un-representable DateTime."
_INT64 = 2**63


@total_ordering
class TimeSpan(NetObject):
    """System.TimeSpan: a length of time in ticks."""

    net_type_name = "System.TimeSpan"

    def __init__(self, ticks: int = 0) -> None:
        self.ticks = int(ticks)

    @classmethod
    def checked(cls, ticks: int) -> TimeSpan:
        """Raises OverflowException outside Int64."""
        if not -_INT64 <= ticks < _INT64:
            raise NetError("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
        return cls(ticks)

    @classmethod
    def interval(cls, value: float, milliseconds_per_unit: int) -> TimeSpan:
        """From a count of units, rounded (half away from zero) to whole milliseconds as the Framework does."""
        if math.isnan(value):
            raise argument("TimeSpan does not accept floating point Not-a-Number values.")
        exact = value * milliseconds_per_unit + (0.5 if value >= 0 else -0.5)
        if not -(_INT64 // TICKS_PER_MILLISECOND) <= exact <= _INT64 // TICKS_PER_MILLISECOND:
            raise NetError("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
        return cls(math.trunc(exact) * TICKS_PER_MILLISECOND)

    @classmethod
    def from_seconds(cls, seconds: float) -> TimeSpan:
        """For Python callers: keeps the ticks, unlike [timespan]::FromSeconds."""
        return cls(round(seconds * TICKS_PER_SECOND))

    @classmethod
    def from_timedelta(cls, delta: python_datetime.timedelta) -> TimeSpan:
        return cls(((delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds) * 10)

    def to_timedelta(self) -> python_datetime.timedelta:
        return python_datetime.timedelta(microseconds=self.ticks / 10)

    @property
    def total_seconds(self) -> float:
        return self.ticks / TICKS_PER_SECOND

    def part(self, unit_ticks: int, modulus: int | None = None) -> int:
        """Days, hours … as the properties give them: truncated towards zero, with the sign of the whole."""
        whole = abs(self.ticks) // unit_ticks
        if modulus is not None:
            whole %= modulus
        return -whole if self.ticks < 0 else whole

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeSpan) and self.ticks == other.ticks

    def __lt__(self, other: TimeSpan) -> bool:
        if not isinstance(other, TimeSpan):
            return NotImplemented
        return self.ticks < other.ticks

    def __hash__(self) -> int:
        return hash(("TimeSpan", self.ticks))

    def __add__(self, other: TimeSpan) -> TimeSpan:
        if not isinstance(other, TimeSpan):
            return NotImplemented
        return TimeSpan.checked(self.ticks + other.ticks)

    def __sub__(self, other: TimeSpan) -> TimeSpan:
        if not isinstance(other, TimeSpan):
            return NotImplemented
        return TimeSpan.checked(self.ticks - other.ticks)

    def __neg__(self) -> TimeSpan:
        if self.ticks == -_INT64:
            raise NetError(
                "System.OverflowException",
                "Negating the minimum value of a twos complement number is invalid.",
            )
        return TimeSpan(-self.ticks)

    def __pos__(self) -> TimeSpan:
        return self

    def __repr__(self) -> str:
        return f"TimeSpan({self.ticks})"


@total_ordering
class DateTime(NetObject):
    """System.DateTime: ticks since 0001-01-01 and a kind. Two are equal when their ticks are, whatever the kind."""

    net_type_name = "System.DateTime"

    def __init__(self, ticks: int = 0, kind: int = UNSPECIFIED) -> None:
        if not 0 <= ticks <= MAX_TICKS:
            raise out_of_range("ticks", "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
        self.ticks = int(ticks)
        self.kind = kind

    @classmethod
    def of(
        cls,
        year: int,
        month: int,
        day: int,
        hour: int = 0,
        minute: int = 0,
        second: int = 0,
        kind: int = UNSPECIFIED,
    ) -> DateTime:
        """From its parts; raises ArgumentOutOfRangeException for a date or time that does not exist."""
        return cls(date_ticks(year, month, day) + time_ticks(hour, minute, second), kind)

    @classmethod
    def from_datetime(cls, moment: python_datetime.datetime, kind: int | None = None) -> DateTime:
        """An aware datetime becomes Kind Utc (`kind=LOCAL`: host time, which is UTC); a naive one Unspecified."""
        if moment.tzinfo is not None:
            moment = moment.astimezone(python_datetime.UTC).replace(tzinfo=None)
            kind = UTC if kind is None else kind
        return cls(TimeSpan.from_timedelta(moment - _DAY_ONE).ticks, kind or UNSPECIFIED)

    def to_datetime(self) -> python_datetime.datetime:
        """Naive, to the microsecond."""
        return _DAY_ONE + python_datetime.timedelta(microseconds=self.ticks // 10)

    def to_utc_datetime(self) -> python_datetime.datetime:
        """Aware, in UTC (Unspecified counts as local)."""
        return self.to_datetime().replace(tzinfo=python_datetime.UTC)

    @classmethod
    def from_file_time(cls, file_time: int, kind: int = UTC) -> DateTime:
        return cls(file_time + FILE_TIME_EPOCH_TICKS, kind)

    @property
    def year(self) -> int:
        return self.to_datetime().year

    @property
    def month(self) -> int:
        return self.to_datetime().month

    @property
    def day(self) -> int:
        return self.to_datetime().day

    @property
    def hour(self) -> int:
        return self.ticks // TICKS_PER_HOUR % 24

    @property
    def minute(self) -> int:
        return self.ticks // TICKS_PER_MINUTE % 60

    @property
    def second(self) -> int:
        return self.ticks // TICKS_PER_SECOND % 60

    @property
    def millisecond(self) -> int:
        return self.ticks // TICKS_PER_MILLISECOND % 1000

    @property
    def day_of_week(self) -> int:
        """0 is Sunday."""
        return (self.ticks // TICKS_PER_DAY + 1) % 7

    @property
    def day_of_year(self) -> int:
        return self.to_datetime().timetuple().tm_yday

    @property
    def date(self) -> DateTime:
        return DateTime(self.ticks - self.ticks % TICKS_PER_DAY, self.kind)

    @property
    def time_of_day(self) -> TimeSpan:
        return TimeSpan(self.ticks % TICKS_PER_DAY)

    def add_ticks(self, ticks: int) -> DateTime:
        if not 0 <= self.ticks + ticks <= MAX_TICKS:
            raise out_of_range("value", _UNREPRESENTABLE)
        return DateTime(self.ticks + ticks, self.kind)

    def add_units(self, value: float, milliseconds_per_unit: int) -> DateTime:
        """AddDays, AddSeconds …: the Framework rounds the distance to whole milliseconds first."""
        if math.isnan(value) or math.isinf(value):
            raise out_of_range("value", "Value to add was out of range.")
        milliseconds = math.trunc(value * milliseconds_per_unit + (0.5 if value >= 0 else -0.5))
        if not -_MAX_MILLISECONDS < milliseconds < _MAX_MILLISECONDS:
            raise out_of_range("value", "Value to add was out of range.")
        return self.add_ticks(milliseconds * TICKS_PER_MILLISECOND)

    def add_months(self, months: int, parameter: str = "months") -> DateTime:
        """The day is cut to the last one of the month it lands in."""
        if not -120000 <= months <= 120000:
            raise out_of_range(parameter, "Months value must be between +/-120000.")
        moment = self.to_datetime()
        years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
        if not 1 <= years <= 9999:
            raise out_of_range(parameter, _UNREPRESENTABLE)
        day = min(moment.day, days_in_month(years, month + 1))
        return DateTime(date_ticks(years, month + 1, day) + self.ticks % TICKS_PER_DAY, self.kind)

    def to_universal(self) -> DateTime:
        return DateTime(self.ticks, UTC)

    def to_local(self) -> DateTime:
        return DateTime(self.ticks, LOCAL)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DateTime) and self.ticks == other.ticks

    def __lt__(self, other: DateTime) -> bool:
        if not isinstance(other, DateTime):
            return NotImplemented
        return self.ticks < other.ticks

    def __hash__(self) -> int:
        return hash(("DateTime", self.ticks))

    def __add__(self, other: TimeSpan) -> DateTime:
        if not isinstance(other, TimeSpan):
            return NotImplemented
        return self.add_ticks(other.ticks)

    def __sub__(self, other: Any) -> Any:
        """DateTime minus TimeSpan is a DateTime, minus DateTime a TimeSpan."""
        if isinstance(other, TimeSpan):
            return self.add_ticks(-other.ticks)
        if isinstance(other, DateTime):
            return TimeSpan(self.ticks - other.ticks)
        return NotImplemented

    def __repr__(self) -> str:
        return f"DateTime({self.ticks}, {self.kind})"


@total_ordering
class DateTimeOffset(NetObject):
    """System.DateTimeOffset: clock ticks and the offset they were read at. Equal when the moments are."""

    net_type_name = "System.DateTimeOffset"

    def __init__(self, ticks: int = 0, offset: TimeSpan | None = None) -> None:
        offset = offset or TimeSpan(0)
        if offset.ticks % TICKS_PER_MINUTE:
            raise argument("Offset must be specified in whole minutes.", "offset")
        if abs(offset.ticks) > 14 * TICKS_PER_HOUR:
            raise out_of_range("offset", "Offset must be within plus or minus 14 hours.")
        if not 0 <= ticks - offset.ticks <= MAX_TICKS:
            raise out_of_range(
                "offset",
                "The UTC time represented when the offset is applied must be between year 0 and 10,000.",
            )
        self.clock = DateTime(ticks)
        self.offset = offset

    @classmethod
    def from_date_time(cls, value: DateTime) -> DateTimeOffset:
        return cls(value.ticks)

    @classmethod
    def from_datetime(cls, moment: python_datetime.datetime) -> DateTimeOffset:
        """An aware datetime keeps its offset; a naive one is host time."""
        offset = moment.utcoffset() or python_datetime.timedelta(0)
        return cls(DateTime.from_datetime(moment.replace(tzinfo=None)).ticks, TimeSpan.from_timedelta(offset))

    @property
    def utc_ticks(self) -> int:
        return self.clock.ticks - self.offset.ticks

    def at_offset(self, offset: TimeSpan) -> DateTimeOffset:
        return DateTimeOffset(self.utc_ticks + offset.ticks, offset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DateTimeOffset) and self.utc_ticks == other.utc_ticks

    def __lt__(self, other: DateTimeOffset) -> bool:
        if not isinstance(other, DateTimeOffset):
            return NotImplemented
        return self.utc_ticks < other.utc_ticks

    def __hash__(self) -> int:
        return hash(("DateTimeOffset", self.utc_ticks))

    def __add__(self, other: TimeSpan) -> DateTimeOffset:
        if not isinstance(other, TimeSpan):
            return NotImplemented
        return DateTimeOffset(self.clock.add_ticks(other.ticks).ticks, self.offset)

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, TimeSpan):
            return DateTimeOffset(self.clock.add_ticks(-other.ticks).ticks, self.offset)
        if isinstance(other, DateTimeOffset):
            return TimeSpan(self.utc_ticks - other.utc_ticks)
        return NotImplemented

    def __repr__(self) -> str:
        return f"DateTimeOffset({self.clock.ticks}, {self.offset!r})"


def is_leap_year(year: int) -> bool:
    if not 1 <= year <= 9999:
        raise out_of_range("year", "Year must be between 1 and 9999.")
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise out_of_range("month", "Month must be between one and twelve.")
    if month == 2:
        return 29 if is_leap_year(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def date_ticks(year: int, month: int, day: int) -> int:
    """Ticks of a date's midnight."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        raise out_of_range(None, "Year, Month, and Day parameters describe an un-representable DateTime.")
    return (python_datetime.date(year, month, day).toordinal() - 1) * TICKS_PER_DAY


def time_ticks(hour: int, minute: int, second: int) -> int:
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise out_of_range(None, "Hour, Minute, and Second parameters describe an un-representable DateTime.")
    return hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second * TICKS_PER_SECOND
