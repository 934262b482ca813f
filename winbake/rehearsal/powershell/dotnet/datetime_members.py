"""The .NET members of DateTime and DateTimeOffset."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import string_array
from winbake.rehearsal.powershell.dotnet.compare_to import order
from winbake.rehearsal.powershell.dotnet.date_parsing import parse_date, parse_date_offset
from winbake.rehearsal.powershell.dotnet.date_patterns import parse_exact, parse_exact_offset
from winbake.rehearsal.powershell.dotnet.datetime import (
    FILE_TIME_EPOCH_TICKS,
    LOCAL,
    MAX_TICKS,
    TICKS_PER_MILLISECOND,
    TICKS_PER_SECOND,
    UNIX_EPOCH_TICKS,
    UTC,
    DateTime,
    DateTimeOffset,
    TimeSpan,
    date_ticks,
    days_in_month,
    is_leap_year,
    time_ticks,
)
from winbake.rehearsal.powershell.dotnet.host_clock import utc_now
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, out_of_range
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.formatting.culture import Culture, culture_of
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray

DATE, OFFSET_DATE = "System.DateTime", "System.DateTimeOffset"
_OA_EPOCH_TICKS = 599264352000000000
"""1899-12-30, OLE Automation's day 0."""
_KIND_FLAG = 2**62


def _enum(name: str, value: int) -> EnumValue:
    return enum_value(f"System.{name}", value)


def _milliseconds(value: int) -> int:
    if not 0 <= value < 1000:
        raise out_of_range("millisecond", "Valid values are between 0 and 999, inclusive.")
    return value * TICKS_PER_MILLISECOND


def _ticks_from(parts: list[int]) -> int:
    """Ticks of year, month, day and perhaps hour, minute, second, millisecond."""
    ticks = date_ticks(parts[0], parts[1], parts[2])
    if len(parts) > 3:
        ticks += time_ticks(parts[3], parts[4], parts[5])
    return ticks + (_milliseconds(parts[6]) if len(parts) > 6 else 0)


# ---- System.DateTime: making and reading ------------------------------------------------------------------


@constructor(DATE)
def new_date(*arguments: Any) -> DateTime:
    if any(isinstance(item, NetObject) and not isinstance(item, EnumValue) for item in arguments):
        raise NotModelled("calendars other than the Gregorian one")
    kind = next((item.value for item in arguments if isinstance(item, EnumValue)), 0)
    numbers = [int(item) for item in arguments if not isinstance(item, EnumValue)]
    if not numbers:
        return DateTime()
    return DateTime(numbers[0] if len(numbers) == 1 else _ticks_from(numbers), kind)


@static_getter(DATE, "UtcNow")
def date_utc_now(*, session: Any) -> DateTime:
    return utc_now(session)


@static_getter(DATE, "Now")
def date_now(*, session: Any) -> DateTime:
    return utc_now(session).to_local()


@static_getter(DATE, "Today")
def date_today(*, session: Any) -> DateTime:
    return utc_now(session).to_local().date


@static_getter(DATE, "MinValue")
def date_min() -> DateTime:
    return DateTime(0)


@static_getter(DATE, "MaxValue")
def date_max() -> DateTime:
    return DateTime(MAX_TICKS)


def _reading(arguments: tuple[Any, ...]) -> tuple[Culture, int]:
    """The culture and the DateTimeStyles behind the text (and formats) of a Parse call."""
    styles = next((item.value for item in arguments if isinstance(item, EnumValue)), 0)
    if styles & 32 and styles & 64:
        raise argument("The DateTimeStyles values AssumeLocal and AssumeUniversal cannot be used together.", "styles")
    provider = next((item for item in arguments if not isinstance(item, EnumValue)), None)
    return culture_of(provider), styles


def _formats(formats: Any) -> list[str]:
    if formats is None:
        raise argument_null("format")
    return [formats] if isinstance(formats, str) else [str(item) for item in formats]


def _register_parsing(type_name: str, parse: Callable[..., Any], exact: Callable[..., Any], empty: Any) -> None:
    @static(type_name, "Parse")
    def static_parse(text: str | None, *arguments: Any, session: Any) -> Any:
        if text is None:
            raise argument_null("s")
        culture, styles = _reading(arguments)
        return parse(text, culture, styles, utc_now(session))

    @static(type_name, "ParseExact")
    def static_parse_exact(text: str | None, formats: Any, *arguments: Any, session: Any) -> Any:
        if text is None:
            raise argument_null("s")
        culture, styles = _reading(arguments)
        return exact(text, _formats(formats), culture, styles, utc_now(session))

    @static(type_name, "TryParse")
    def try_parse(text: str | None, *arguments: Any, session: Any) -> bool:
        *options, result = arguments
        culture, styles = _reading(tuple(options))
        try:
            result.value = parse(text or "", culture, styles, utc_now(session))
        except NetError:
            result.value = empty
            return False
        return True

    @static(type_name, "TryParseExact")
    def try_parse_exact(text: str | None, formats: Any, *arguments: Any, session: Any) -> bool:
        *options, result = arguments
        culture, styles = _reading(tuple(options))
        try:
            result.value = exact(text or "", _formats(formats), culture, styles, utc_now(session))
        except NetError:
            result.value = empty
            return False
        return True


_register_parsing(DATE, parse_date, parse_exact, DateTime())
_register_parsing(OFFSET_DATE, parse_date_offset, parse_exact_offset, DateTimeOffset())


@static(DATE, "SpecifyKind")
def specify_kind(value: DateTime, kind: EnumValue) -> DateTime:
    return DateTime(value.ticks, kind.value)


@static(DATE, "IsLeapYear")
def static_is_leap_year(year: int) -> bool:
    return is_leap_year(year)


@static(DATE, "DaysInMonth")
def static_days_in_month(year: int, month: int) -> int:
    return days_in_month(year, month)


@static(DATE, "Compare")
def static_compare(left: DateTime, right: DateTime) -> int:
    return order(left, right)


@static(DATE, "Equals")
def static_equals(left: DateTime, right: DateTime) -> bool:
    return left == right


@static(DATE, "FromFileTimeUtc")
def from_file_time_utc(file_time: int) -> DateTime:
    return _from_file_time(file_time, UTC)


@static(DATE, "FromFileTime")
def from_file_time(file_time: int) -> DateTime:
    return _from_file_time(file_time, LOCAL)


def _from_file_time(file_time: int, kind: int) -> DateTime:
    if not 0 <= file_time <= MAX_TICKS - FILE_TIME_EPOCH_TICKS:
        raise out_of_range("fileTime", "Not a valid Win32 FileTime.")
    return DateTime.from_file_time(file_time, kind)


@static(DATE, "FromOADate")
def from_oa_date(days: float) -> DateTime:
    if not -657435.0 < days < 2958466.0:
        raise argument("Not a legal OleAut date.")
    milliseconds = int(days * 86400000.0 + (0.5 if days >= 0 else -0.5))
    if milliseconds < 0:
        milliseconds -= math.trunc(math.fmod(milliseconds, 86400000)) * 2
    return DateTime(_OA_EPOCH_TICKS + milliseconds * TICKS_PER_MILLISECOND)


@static(DATE, "FromBinary")
def from_binary(data: int) -> DateTime:
    bits = int(data) & 0xFFFFFFFFFFFFFFFF
    kind = bits >> 62
    ticks = bits & (_KIND_FLAG - 1)
    if ticks > MAX_TICKS:
        raise argument(
            "The binary data must result in a DateTime with ticks between DateTime.MinValue.Ticks and "
            "DateTime.MaxValue.Ticks.",
            "dateData",
        )
    return DateTime(ticks, LOCAL if kind >= 2 else kind)


# ---- System.DateTime: parts and arithmetic ----------------------------------------------------------------


def _property(type_name: str, name: str, read: Callable[[Any], Any]) -> None:
    getter(type_name, name)(read)


def _of_clock(read: Callable[[DateTime], Any]) -> Callable[[DateTimeOffset], Any]:
    return lambda value: read(value.clock)


for _name, _read in {
    "Year": lambda d: d.year,
    "Month": lambda d: d.month,
    "Day": lambda d: d.day,
    "Hour": lambda d: d.hour,
    "Minute": lambda d: d.minute,
    "Second": lambda d: d.second,
    "Millisecond": lambda d: d.millisecond,
    "DayOfYear": lambda d: d.day_of_year,
    "DayOfWeek": lambda d: _enum("DayOfWeek", d.day_of_week),
    "Ticks": lambda d: Int64(d.ticks),
    "TimeOfDay": lambda d: d.time_of_day,
}.items():
    _property(DATE, _name, _read)
    _property(OFFSET_DATE, _name, _of_clock(_read))
_property(DATE, "Date", lambda d: d.date)
_property(DATE, "Kind", lambda d: _enum("DateTimeKind", d.kind))


def _moved(type_name: str, name: str, move: Callable[[DateTime, Any], DateTime]) -> None:
    """Registers an Add… for DateTime, or for DateTimeOffset on its clock."""

    @method(type_name, name)
    def add(value: Any, distance: Any) -> Any:
        if isinstance(value, DateTimeOffset):
            return DateTimeOffset(move(value.clock, distance).ticks, value.offset)
        return move(value, distance)


for _type in (DATE, OFFSET_DATE):
    _moved(_type, "Add", lambda d, span: d.add_ticks(span.ticks))
    _moved(_type, "AddTicks", lambda d, ticks: d.add_ticks(int(ticks)))
    _moved(_type, "AddMilliseconds", lambda d, number: d.add_units(number, 1))
    _moved(_type, "AddSeconds", lambda d, number: d.add_units(number, 1000))
    _moved(_type, "AddMinutes", lambda d, number: d.add_units(number, 60000))
    _moved(_type, "AddHours", lambda d, number: d.add_units(number, 3600000))
    _moved(_type, "AddDays", lambda d, number: d.add_units(number, 86400000))
    _moved(_type, "AddMonths", lambda d, months: d.add_months(months))


def _add_years(value: DateTime, years: int) -> DateTime:
    if not -10000 <= years <= 10000:
        raise out_of_range("years", "Years value must be between +/-10000.")
    return value.add_months(years * 12, "years")


for _type in (DATE, OFFSET_DATE):
    _moved(_type, "AddYears", _add_years)


@method(DATE, "Subtract")
@method(OFFSET_DATE, "Subtract")
def subtract(value: Any, other: Any) -> Any:
    return value - other


@method(DATE, "ToUniversalTime")
def to_universal(value: DateTime) -> DateTime:
    return value.to_universal()


@method(DATE, "ToLocalTime")
def to_local(value: DateTime) -> DateTime:
    return value.to_local()


@method(DATE, "IsDaylightSavingTime")
def is_daylight_saving(value: DateTime) -> bool:
    return False


@method(DATE, "ToFileTime")
@method(DATE, "ToFileTimeUtc")
def to_file_time(value: DateTime) -> Int64:
    if value.ticks < FILE_TIME_EPOCH_TICKS:
        raise out_of_range(None, "Not a valid Win32 FileTime.")
    return Int64(value.ticks - FILE_TIME_EPOCH_TICKS)


@method(DATE, "ToOADate")
def to_oa_date(value: DateTime) -> float:
    if value.ticks == 0:
        return 0.0
    milliseconds = (value.ticks - _OA_EPOCH_TICKS) // TICKS_PER_MILLISECOND
    if milliseconds < 0:
        fraction = math.fmod(milliseconds, 86400000)
        if fraction:
            milliseconds -= int((86400000 + fraction) * 2)
    return milliseconds / 86400000.0


@method(DATE, "ToBinary")
def to_binary(value: DateTime) -> Int64:
    bits = value.ticks | (value.kind << 62)
    return Int64(bits - 2**64 if bits >= 2**63 else bits)


@method(DATE, "CompareTo")
@method(OFFSET_DATE, "CompareTo")
def compare_to(value: Any, other: Any) -> int:
    if other is None:
        return 1
    if type(other) is not type(value):
        raise argument(f"Object must be of type {type(value).__name__}.")
    return order(value, other)


@method(DATE, "Equals")
@method(OFFSET_DATE, "Equals")
def equals(value: Any, other: Any) -> bool:
    return bool(value == other)


@method(DATE, "GetHashCode")
def get_hash_code(value: DateTime) -> int:
    mixed = (value.ticks & 0xFFFFFFFF) ^ (value.ticks >> 32)
    return mixed - 2**32 if mixed >= 2**31 else mixed


@method(DATE, "GetTypeCode")
def get_type_code(value: DateTime) -> EnumValue:
    return _enum("TypeCode", 16)


@method(DATE, "ToString")
@method(OFFSET_DATE, "ToString")
def to_string(value: Any, *arguments: Any) -> str:
    from winbake.rehearsal.powershell.formatting import format_value

    text = next((item for item in arguments if isinstance(item, str)), None)
    provider = next((item for item in arguments if item is not None and not isinstance(item, str)), None)
    return format_value(value, text, provider)


def _fixed_format(name: str, letter: str) -> None:
    @method(DATE, name)
    def text(value: DateTime) -> str:
        return to_string(value, letter)


for _name, _letter in {
    "ToShortDateString": "d",
    "ToLongDateString": "D",
    "ToShortTimeString": "t",
    "ToLongTimeString": "T",
}.items():
    _fixed_format(_name, _letter)


@method(DATE, "GetDateTimeFormats", "Char")
@method(DATE, "GetDateTimeFormats", "Char, IFormatProvider")
def get_date_time_formats(value: DateTime, letter: str, provider: Any = None) -> PSArray:
    return string_array([to_string(value, str(letter), provider)])


# ---- System.DateTimeOffset --------------------------------------------------------------------------------


@constructor(OFFSET_DATE)
def new_offset_date(*arguments: Any) -> DateTimeOffset:
    offset = next((item for item in arguments if isinstance(item, TimeSpan)), None)
    if arguments and isinstance(arguments[0], DateTime):
        date = arguments[0]
        if offset is not None and date.kind != 0 and offset.ticks:
            kind = "UTC" if date.kind == UTC else "Local"
            raise argument(
                f"The UTC Offset for {kind} DateTime instances must be 0."
                if kind == "UTC"
                else "The UTC Offset of the local dateTime parameter does not match the offset argument.",
                "offset",
            )
        return DateTimeOffset(date.ticks, offset)
    numbers = [int(item) for item in arguments if isinstance(item, int)]
    if not numbers:
        return DateTimeOffset()
    return DateTimeOffset(numbers[0] if len(numbers) == 1 else _ticks_from(numbers), offset)


@static_getter(OFFSET_DATE, "UtcNow")
@static_getter(OFFSET_DATE, "Now")
def offset_now(*, session: Any) -> DateTimeOffset:
    return DateTimeOffset(utc_now(session).ticks)


@static_getter(OFFSET_DATE, "MinValue")
def offset_min() -> DateTimeOffset:
    return DateTimeOffset()


@static_getter(OFFSET_DATE, "MaxValue")
def offset_max() -> DateTimeOffset:
    return DateTimeOffset(MAX_TICKS)


for _name, _read in {
    "Date": lambda d: d.clock.date,
    "DateTime": lambda d: d.clock,
    "LocalDateTime": lambda d: DateTime(d.utc_ticks, LOCAL),
    "UtcDateTime": lambda d: DateTime(d.utc_ticks, UTC),
    "UtcTicks": lambda d: Int64(d.utc_ticks),
    "Offset": lambda d: d.offset,
}.items():
    _property(OFFSET_DATE, _name, _read)


@static(OFFSET_DATE, "FromUnixTimeSeconds")
def from_unix_seconds(seconds: int) -> DateTimeOffset:
    return _from_unix(int(seconds) * TICKS_PER_SECOND, "seconds", "-62135596800 and 253402300799")


@static(OFFSET_DATE, "FromUnixTimeMilliseconds")
def from_unix_milliseconds(milliseconds: int) -> DateTimeOffset:
    return _from_unix(int(milliseconds) * TICKS_PER_MILLISECOND, "milliseconds", "-62135596800000 and 253402300799999")


def _from_unix(ticks: int, parameter: str, bounds: str) -> DateTimeOffset:
    if not 0 <= ticks + UNIX_EPOCH_TICKS <= MAX_TICKS:
        raise out_of_range(parameter, f"Valid values are between {bounds}, inclusive.")
    return DateTimeOffset(ticks + UNIX_EPOCH_TICKS)


@static(OFFSET_DATE, "FromFileTime")
def offset_from_file_time(file_time: int) -> DateTimeOffset:
    return DateTimeOffset(_from_file_time(file_time, LOCAL).ticks)


@static(OFFSET_DATE, "Compare")
def offset_compare(left: DateTimeOffset, right: DateTimeOffset) -> int:
    return order(left, right)


@static(OFFSET_DATE, "Equals")
def offset_equals(left: DateTimeOffset, right: DateTimeOffset) -> bool:
    return left == right


@method(OFFSET_DATE, "ToUnixTimeSeconds")
def to_unix_seconds(value: DateTimeOffset) -> Int64:
    return Int64((value.utc_ticks - UNIX_EPOCH_TICKS) // TICKS_PER_SECOND)


@method(OFFSET_DATE, "ToUnixTimeMilliseconds")
def to_unix_milliseconds(value: DateTimeOffset) -> Int64:
    return Int64((value.utc_ticks - UNIX_EPOCH_TICKS) // TICKS_PER_MILLISECOND)


@method(OFFSET_DATE, "ToOffset")
def to_offset(value: DateTimeOffset, offset: TimeSpan) -> DateTimeOffset:
    return value.at_offset(offset)


@method(OFFSET_DATE, "ToUniversalTime")
@method(OFFSET_DATE, "ToLocalTime")
def offset_to_universal(value: DateTimeOffset) -> DateTimeOffset:
    return value.at_offset(TimeSpan(0))


@method(OFFSET_DATE, "ToFileTime")
def offset_to_file_time(value: DateTimeOffset) -> Int64:
    return to_file_time(DateTime(value.utc_ticks))


@method(OFFSET_DATE, "EqualsExact")
def equals_exact(value: DateTimeOffset, other: DateTimeOffset) -> bool:
    return value.clock == other.clock and value.offset == other.offset
