"""DateTime.Parse: reads the many ways to write a date in the invariant and the en-US culture (month before day).

A date is read as words, numbers and separators; what it means follows from how many numbers there are and whether
a month has a name. Nothing here guesses: what does not fit raises FormatException as .NET does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from winbake.rehearsal.powershell.dotnet.datetime import (
    LOCAL,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    UNSPECIFIED,
    UTC,
    DateTime,
    DateTimeOffset,
    TimeSpan,
    date_ticks,
    time_ticks,
)
from winbake.rehearsal.powershell.dotnet.throwing import bad_format
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting.culture import DAY_NAMES, MONTH_NAMES, Culture

NO_CURRENT_DATE, ADJUST_TO_UNIVERSAL, ASSUME_LOCAL, ASSUME_UNIVERSAL, ROUNDTRIP_KIND = 8, 16, 32, 64, 128
"""System.Globalization.DateTimeStyles (white space is 1, 2 and 4)."""
BAD_DATE = "String was not recognized as a valid DateTime."
BAD_WEEKDAY = "String was not recognized as a valid DateTime because the day of week was incorrect."
BAD_VALUE = (
    "The DateTime represented by the string is not supported in calendar System.Globalization.GregorianCalendar."
)

_MONTHS = {name.lower(): i + 1 for i, name in enumerate(MONTH_NAMES)} | {
    name[:3].lower(): i + 1 for i, name in enumerate(MONTH_NAMES)
}
_DAYS = {name.lower(): i for i, name in enumerate(DAY_NAMES)} | {
    name[:3].lower(): i for i, name in enumerate(DAY_NAMES)
}
_TIME = re.compile(
    r"""(?:(?<=\d)T\s*|(?<![\d:.]))
        (?: (?P<hour>\d{1,2})\s*:\s*(?P<minute>\d{1,2})
            (?:\s*:\s*(?P<second>\d{1,2})(?:[.](?P<fraction>\d+))?)?
            (?:\s*(?P<half>AM|PM|A|P)\b)?
          | (?P<only_hour>\d{1,2})\s*(?P<only_half>AM|PM|A|P)\b )
        (?:\s*(?P<zone>Z|GMT|UTC|[+-]\s*\d{1,2}(?::?\d{2})?)(?![\d:]))?""",
    re.IGNORECASE | re.VERBOSE,
)
_TOKEN = re.compile(r"(?P<number>\d+)|(?P<word>[^\W\d_]+)|(?P<separator>\s*[/.,-]\s*|\s+)")


@dataclass
class Parts:
    """What a text says: date fields (None: not said), ticks of the day, and the zone's offset in minutes."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    time: int = 0
    offset: int | None = None
    is_utc: bool = False


def parse_date(text: str, culture: Culture, styles: int = 0, now: DateTime | None = None) -> DateTime:
    """Raises NetError (FormatException). `now` gives the date that a time alone means."""
    return settle(_read(text, now, bool(styles & NO_CURRENT_DATE)), styles)


def parse_date_offset(text: str, culture: Culture, styles: int = 0, now: DateTime | None = None) -> DateTimeOffset:
    """As parse_date, but the zone is kept; without one the host's (UTC)."""
    return settle_offset(_read(text, now, False), styles)


def settle(parts: Parts, styles: int) -> DateTime:
    """The value under DateTimeStyles: a zone moves it to local time (the host's is UTC)."""
    ticks = _ticks(parts)
    if parts.offset is None:
        if styles & ASSUME_LOCAL:
            return DateTime(ticks, UTC if styles & ADJUST_TO_UNIVERSAL else LOCAL)
        if styles & ASSUME_UNIVERSAL:
            return DateTime(ticks, UTC if styles & ADJUST_TO_UNIVERSAL else LOCAL)
        return DateTime(ticks, UNSPECIFIED)
    moved = ticks - parts.offset * TICKS_PER_MINUTE
    keep_utc = styles & ADJUST_TO_UNIVERSAL or (styles & ROUNDTRIP_KIND and parts.is_utc)
    try:
        return DateTime(moved, UTC if keep_utc else LOCAL)
    except NetError as error:
        raise bad_format(BAD_VALUE) from error


def settle_offset(parts: Parts, styles: int) -> DateTimeOffset:
    offset = TimeSpan((parts.offset or 0) * TICKS_PER_MINUTE)
    if abs(offset.ticks) > 14 * TICKS_PER_HOUR:
        raise bad_format("The time zone offset must be within plus or minus 14 hours.")
    value = DateTimeOffset(_ticks(parts), offset)
    return value.at_offset(TimeSpan(0)) if styles & ADJUST_TO_UNIVERSAL else value


def full_year(year: int, digits: int) -> int:
    """Two digits up to 29 are of this century, the others of the last (TwoDigitYearMax 2029)."""
    return year if digits > 2 else year + (2000 if year <= 29 else 1900)


def _ticks(parts: Parts) -> int:
    try:
        ticks = date_ticks(parts.year or 1, parts.month or 1, parts.day or 1) + parts.time
    except NetError as error:
        raise bad_format(BAD_DATE) from error
    if parts.weekday is not None and DateTime(ticks).day_of_week != parts.weekday:
        raise bad_format(BAD_WEEKDAY)
    return ticks


def time_of(hour: int, minute: int, second: int, fraction: str, half: str) -> int:
    """Ticks of a time of day; `half` is "AM", "PM" or "". 24:00 and hours beyond 12 with a half are refused."""
    if half:
        if not 1 <= hour <= 12 and not (hour == 0 or (half[0].upper() == "P" and hour > 12)):
            raise bad_format(BAD_DATE)
        hour = hour % 12 if half[0].upper() == "A" else hour % 12 + 12 if hour <= 12 else hour
    try:
        return time_ticks(hour, minute, second) + round(int(fraction or "0") * 10.0 ** (7 - len(fraction)))
    except NetError as error:
        raise bad_format(BAD_DATE) from error


def offset_minutes(zone: str) -> int:
    """`Z`, `GMT`, `+2`, `+02`, `-0330`, `+02:00` in minutes."""
    if zone[0] not in "+-":
        return 0
    digits = re.sub(r"[^0-9]", "", zone)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(minutes) > 59:
        raise bad_format(BAD_DATE)
    total = int(hours) * 60 + int(minutes)
    return -total if zone[0] == "-" else total


def _read(text: str, now: DateTime | None, no_current_date: bool) -> Parts:
    stripped = text.strip().strip("\0")
    if not stripped:
        raise bad_format(BAD_DATE)
    parts = Parts()
    found = _TIME.search(stripped)
    rest = stripped
    if found:
        hour, minute = int(found["hour"] or found["only_hour"]), int(found["minute"] or 0)
        half = found["half"] or found["only_half"] or ""
        parts.time = time_of(hour, minute, int(found["second"] or 0), found["fraction"] or "", half)
        if found["zone"]:
            parts.offset = offset_minutes(found["zone"])
            parts.is_utc = found["zone"].upper() in ("Z", "GMT", "UTC")
        rest = stripped[: found.start()] + " " + stripped[found.end() :]
    elif re.search(r"\dZ$", stripped, re.IGNORECASE):
        parts.offset, parts.is_utc = 0, True
        rest = stripped[:-1]
    if rest.strip(" ,"):
        _read_date(rest.strip(" ,"), parts, now, stripped)
    elif no_current_date:
        parts.year = parts.month = parts.day = 1
    elif now is not None:
        parts.year, parts.month, parts.day = now.year, now.month, now.day
    return parts


def _read_date(text: str, parts: Parts, now: DateTime | None, whole: str) -> None:
    numbers: list[str] = []
    month: int | None = None
    month_at = 0
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise bad_format(BAD_DATE)
        position = found.end()
        if found["number"]:
            numbers.append(found["number"])
        elif found["word"]:
            word = found["word"].lower()
            if word in _MONTHS and month is None:
                month, month_at = _MONTHS[word], len(numbers)
            elif word in _DAYS and parts.weekday is None:
                parts.weekday = _DAYS[word]
            else:
                index = whole.lower().find(word)
                raise bad_format(
                    "The string was not recognized as a valid DateTime. There is an unknown word starting at index "
                    f"{max(index, 0)}."
                )
    this_year = now.year if now is not None else 1
    if month is not None:
        _with_named_month(numbers, month, month_at, parts, this_year)
    else:
        _with_numbers(numbers, parts, this_year)


def _with_named_month(numbers: list[str], month: int, month_at: int, parts: Parts, this_year: int) -> None:
    parts.month = month
    if any(len(number) > 4 for number in numbers):
        raise bad_format(BAD_DATE)
    if len(numbers) == 1:
        number = numbers[0]
        if len(number) > 2 or int(number) > 31:
            parts.year, parts.day = full_year(int(number), len(number)), 1
        else:
            parts.year, parts.day = this_year, int(number)
    elif len(numbers) == 2:
        day, year = numbers
        if len(day) > 2:
            day, year = year, day
        parts.day, parts.year = int(day), full_year(int(year), len(year))
    else:
        raise bad_format(BAD_DATE)


def _with_numbers(numbers: list[str], parts: Parts, this_year: int) -> None:
    if any(len(number) > 4 for number in numbers):
        raise bad_format(BAD_DATE)
    values = [int(number) for number in numbers]
    if len(numbers) == 3:
        if len(numbers[0]) > 2:
            parts.year, parts.month, parts.day = values
        else:
            parts.month, parts.day = values[:2]
            parts.year = full_year(values[2], len(numbers[2]))
    elif len(numbers) == 2:
        if len(numbers[0]) > 2:
            parts.year, parts.month = values
        elif len(numbers[1]) > 2:
            parts.month, parts.year = values
        else:
            parts.year, (parts.month, parts.day) = this_year, values
    else:
        raise bad_format(BAD_DATE)
    if not 1 <= (parts.month or 1) <= 12 or parts.day == 0:
        raise bad_format(BAD_DATE)
