"""The .NET members of TimeSpan, and Stopwatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.dotnet.compare_to import order
from winbake.rehearsal.powershell.dotnet.datetime import (
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MILLISECOND,
    TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
    TimeSpan,
)
from winbake.rehearsal.powershell.dotnet.host_clock import utc_now
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.dotnet.timespan_parsing import parse_timespan, parse_timespan_exact
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import Int64, NetObject

SPAN = "System.TimeSpan"
STOPWATCH = "System.Diagnostics.Stopwatch"


@constructor(SPAN)
def new_span(*parts: int) -> TimeSpan:
    numbers = [int(part) for part in parts]
    if len(numbers) < 2:
        return TimeSpan(numbers[0] if numbers else 0)
    if len(numbers) == 3:
        numbers = [0, *numbers]
    days, hours, minutes, seconds, milliseconds = (*numbers, 0)[:5]
    seconds += ((days * 24 + hours) * 60 + minutes) * 60
    return TimeSpan.checked(seconds * TICKS_PER_SECOND + milliseconds * TICKS_PER_MILLISECOND)


for _name, _ticks in {
    "TicksPerDay": TICKS_PER_DAY,
    "TicksPerHour": TICKS_PER_HOUR,
    "TicksPerMinute": TICKS_PER_MINUTE,
    "TicksPerSecond": TICKS_PER_SECOND,
    "TicksPerMillisecond": TICKS_PER_MILLISECOND,
}.items():
    static_getter(SPAN, _name)(lambda ticks=_ticks: Int64(ticks))
for _name, _ticks in {"Zero": 0, "MinValue": -(2**63), "MaxValue": 2**63 - 1}.items():
    static_getter(SPAN, _name)(lambda ticks=_ticks: TimeSpan(ticks))


def _register_from(name: str, milliseconds: int) -> None:
    @static(SPAN, name)
    def from_units(value: float) -> TimeSpan:
        return TimeSpan.interval(value, milliseconds)


for _name, _milliseconds in {
    "FromDays": 86400000,
    "FromHours": 3600000,
    "FromMinutes": 60000,
    "FromSeconds": 1000,
    "FromMilliseconds": 1,
}.items():
    _register_from(_name, _milliseconds)


@static(SPAN, "FromTicks")
def from_ticks(ticks: int) -> TimeSpan:
    return TimeSpan(ticks)


@static(SPAN, "Parse")
def parse(text: str | None, provider: Any = None) -> TimeSpan:
    if text is None:
        raise argument_null("input")
    return parse_timespan(text)


@static(SPAN, "TryParse")
def try_parse(text: str | None, *arguments: Any) -> bool:
    return _try(arguments[-1], lambda: parse_timespan(text or ""))


def _exact(text: str | None, formats: Any, arguments: tuple[Any, ...]) -> TimeSpan:
    negative = any(isinstance(item, EnumValue) and item.value == 1 for item in arguments)
    wanted = [formats] if isinstance(formats, str) else [str(item) for item in formats or ()]
    return parse_timespan_exact(text or "", wanted, negative)


@static(SPAN, "ParseExact")
def parse_exact(text: str | None, formats: Any, *arguments: Any) -> TimeSpan:
    if text is None or formats is None:
        raise argument_null("input" if text is None else "format")
    return _exact(text, formats, arguments)


@static(SPAN, "TryParseExact")
def try_parse_exact(text: str | None, formats: Any, *arguments: Any) -> bool:
    return _try(arguments[-1], lambda: _exact(text, formats, arguments[:-1]))


def _try(result: Any, read: Callable[[], TimeSpan]) -> bool:
    try:
        result.value = read()
    except NetError:
        result.value = TimeSpan()
        return False
    return True


@static(SPAN, "Compare")
def static_compare(left: TimeSpan, right: TimeSpan) -> int:
    return order(left, right)


@static(SPAN, "Equals")
def static_equals(left: TimeSpan, right: TimeSpan) -> bool:
    return left == right


def _property(name: str, read: Callable[[TimeSpan], Any]) -> None:
    getter(SPAN, name)(read)


for _name, _unit, _modulus in (
    ("Days", TICKS_PER_DAY, None),
    ("Hours", TICKS_PER_HOUR, 24),
    ("Minutes", TICKS_PER_MINUTE, 60),
    ("Seconds", TICKS_PER_SECOND, 60),
    ("Milliseconds", TICKS_PER_MILLISECOND, 1000),
):
    _property(_name, lambda value, unit=_unit, modulus=_modulus: value.part(unit, modulus))  # type: ignore[misc]
    _property(f"Total{_name}", lambda value, unit=_unit: value.ticks / unit)  # type: ignore[misc]
_property("Ticks", lambda value: Int64(value.ticks))


@method(SPAN, "Add")
def add(value: TimeSpan, other: TimeSpan) -> TimeSpan:
    return value + other


@method(SPAN, "Subtract")
def subtract(value: TimeSpan, other: TimeSpan) -> TimeSpan:
    return value - other


@method(SPAN, "Negate")
def negate(value: TimeSpan) -> TimeSpan:
    return -value


@method(SPAN, "Duration")
def duration(value: TimeSpan) -> TimeSpan:
    return -value if value.ticks < 0 else value


@method(SPAN, "CompareTo")
def compare_to(value: TimeSpan, other: Any) -> int:
    if other is None:
        return 1
    if not isinstance(other, TimeSpan):
        raise argument("Object must be of type TimeSpan.")
    return order(value, other)


@method(SPAN, "Equals")
def equals(value: TimeSpan, other: Any) -> bool:
    return bool(value == other)


@method(SPAN, "GetHashCode")
def get_hash_code(value: TimeSpan) -> int:
    mixed = (value.ticks & 0xFFFFFFFF) ^ (value.ticks >> 32 & 0xFFFFFFFF)
    return mixed - 2**32 if mixed >= 2**31 else mixed


@method(SPAN, "ToString")
def to_string(value: TimeSpan, text: str | None = None, provider: Any = None) -> str:
    from winbake.rehearsal.powershell.formatting import format_value

    return format_value(value, text)


# ---- System.Diagnostics.Stopwatch -------------------------------------------------------------------------


class Stopwatch(NetObject):
    """Counts ticks of the host's clock; `started` is None while it stands still."""

    net_type_name = STOPWATCH

    def __init__(self) -> None:
        self.counted = 0
        self.started: int | None = None

    def elapsed(self, session: Any) -> int:
        """Ticks of 100 ns."""
        running = 0 if self.started is None else max(utc_now(session).ticks - self.started, 0)
        return self.counted + running


@constructor(STOPWATCH)
def new_stopwatch() -> Stopwatch:
    return Stopwatch()


@static(STOPWATCH, "StartNew")
def start_new(*, session: Any) -> Stopwatch:
    watch = Stopwatch()
    watch.started = utc_now(session).ticks
    return watch


@static(STOPWATCH, "GetTimestamp")
def get_timestamp(*, session: Any) -> Int64:
    return Int64(utc_now(session).ticks)


@static_getter(STOPWATCH, "Frequency")
def frequency() -> Int64:
    return Int64(TICKS_PER_SECOND)


@static_getter(STOPWATCH, "IsHighResolution")
def is_high_resolution() -> bool:
    return True


@method(STOPWATCH, "Start")
def start(value: Stopwatch, *, session: Any) -> None:
    if value.started is None:
        value.started = utc_now(session).ticks


@method(STOPWATCH, "Stop")
def stop(value: Stopwatch, *, session: Any) -> None:
    value.counted = value.elapsed(session)
    value.started = None


@method(STOPWATCH, "Reset")
def reset(value: Stopwatch) -> None:
    value.counted, value.started = 0, None


@method(STOPWATCH, "Restart")
def restart(value: Stopwatch, *, session: Any) -> None:
    value.counted, value.started = 0, utc_now(session).ticks


@getter(STOPWATCH, "IsRunning")
def is_running(value: Stopwatch) -> bool:
    return value.started is not None


@getter(STOPWATCH, "Elapsed")
def elapsed(value: Stopwatch, *, session: Any) -> TimeSpan:
    return TimeSpan(value.elapsed(session))


@getter(STOPWATCH, "ElapsedTicks")
def elapsed_ticks(value: Stopwatch, *, session: Any) -> Int64:
    return Int64(value.elapsed(session))


@getter(STOPWATCH, "ElapsedMilliseconds")
def elapsed_milliseconds(value: Stopwatch, *, session: Any) -> Int64:
    return Int64(value.elapsed(session) // TICKS_PER_MILLISECOND)
