"""DateTime and DateTimeOffset as text: the standard formats and custom ones, as .NET Framework 4.8 writes them."""

from __future__ import annotations

from winbake.rehearsal.powershell.dotnet.datetime import (
    LOCAL,
    TICKS_PER_MINUTE,
    UTC,
    DateTime,
    DateTimeOffset,
    TimeSpan,
)
from winbake.rehearsal.powershell.dotnet.throwing import bad_format
from winbake.rehearsal.powershell.formatting.culture import DAY_NAMES, INVARIANT, MONTH_NAMES, Culture

ROUND_TRIP = "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"
RFC1123 = "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"
SORTABLE = "yyyy'-'MM'-'dd'T'HH':'mm':'ss"
UNIVERSAL_SORTABLE = "yyyy'-'MM'-'dd HH':'mm':'ss'Z'"
_INVARIANT_LETTERS = "oOrRsu"


def standard_pattern(letter: str, culture: Culture) -> str:
    """The custom format a standard one stands for. Raises FormatException for an unknown letter."""
    dates = culture.dates
    match letter:
        case "d":
            return dates.short_date
        case "D":
            return dates.long_date
        case "f":
            return f"{dates.long_date} {dates.short_time}"
        case "F" | "U":
            return f"{dates.long_date} {dates.long_time}"
        case "g":
            return f"{dates.short_date} {dates.short_time}"
        case "G":
            return f"{dates.short_date} {dates.long_time}"
        case "m" | "M":
            return dates.month_day
        case "o" | "O":
            return ROUND_TRIP
        case "r" | "R":
            return RFC1123
        case "s":
            return SORTABLE
        case "t":
            return dates.short_time
        case "T":
            return dates.long_time
        case "u":
            return UNIVERSAL_SORTABLE
        case "y" | "Y":
            return dates.year_month
    raise bad_format()


def format_date(value: DateTime, text: str | None, culture: Culture) -> str:
    """`value.ToString(text, culture)`."""
    if not text:
        text = "G"
    if len(text) == 1:
        if text == "U":
            value = value.to_universal()
        if text in _INVARIANT_LETTERS:
            culture = INVARIANT if text in "rR" else culture
        text = standard_pattern(text, culture)
    return _custom(value, text, culture, None)


def format_date_offset(value: DateTimeOffset, text: str | None, culture: Culture) -> str:
    if not text:
        text = standard_pattern("G", culture) + " zzz"
    clock = value.clock
    if len(text) == 1:
        if text == "U":
            raise bad_format()
        if text in "rRu":
            clock = DateTime(value.utc_ticks)
        text = standard_pattern(text, culture)
    return _custom(clock, text, culture, value.offset)


def _custom(value: DateTime, text: str, culture: Culture, offset: TimeSpan | None) -> str:
    out: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        length = 1
        if character in "dMyhHmsfFtgz":
            while position + length < len(text) and text[position + length] == character:
                length += 1
            _put_field(out, value, character, length, culture, offset)
        elif character == "K":
            out.append(_kind_suffix(value, offset))
        elif character in ":/":
            out.append(culture.dates.time_separator if character == ":" else culture.dates.date_separator)
        elif character in "'\"":
            literal, length = quoted(text, position)
            out.append(literal)
        elif character == "%":
            if position + 1 >= len(text) or text[position + 1] == "%":
                raise bad_format()
            out.append(_custom(value, text[position + 1], culture, offset))
            length = 2
        elif character == "\\":
            if position + 1 >= len(text):
                raise bad_format()
            out.append(text[position + 1])
            length = 2
        else:
            out.append(character)
        position += length
    return "".join(out)


def quoted(text: str, position: int) -> tuple[str, int]:
    """The literal that starts with a quote at `position`, and its length in the format with both quotes."""
    quote, literal, end = text[position], "", position + 1
    while end < len(text):
        character = text[end]
        if character == quote:
            return literal, end + 1 - position
        if character == "\\":
            end += 1
            if end >= len(text):
                raise bad_format()
        literal += text[end]
        end += 1
    raise bad_format(f"Cannot find a matching quote character for the character '{quote}'.")


def _put_field(
    out: list[str], value: DateTime, letter: str, length: int, culture: Culture, offset: TimeSpan | None
) -> None:
    match letter:
        case "d" if length <= 2:
            out.append(str(value.day).rjust(length, "0"))
        case "d":
            name = DAY_NAMES[value.day_of_week]
            out.append(name[:3] if length == 3 else name)
        case "M" if length <= 2:
            out.append(str(value.month).rjust(length, "0"))
        case "M":
            name = MONTH_NAMES[value.month - 1]
            out.append(name[:3] if length == 3 else name)
        case "y":
            year = value.year % 100 if length <= 2 else value.year
            out.append(str(year).rjust(length, "0"))
        case "h":
            out.append(str(value.hour % 12 or 12).rjust(min(length, 2), "0"))
        case "H":
            out.append(str(value.hour).rjust(min(length, 2), "0"))
        case "m":
            out.append(str(value.minute).rjust(min(length, 2), "0"))
        case "s":
            out.append(str(value.second).rjust(min(length, 2), "0"))
        case "f" | "F":
            put_fraction(out, value.ticks % 10_000_000, letter, length)
        case "t":
            mark = culture.dates.am if value.hour < 12 else culture.dates.pm
            out.append(mark[:1] if length == 1 else mark)
        case "g":
            out.append("A.D.")
        case "z":
            out.append(_zone(offset, length))


def put_fraction(out: list[str], ticks: int, letter: str, length: int) -> None:
    """`f…`: that many digits of the second's fraction; `F…`: without trailing zeros, nor a `.` before nothing."""
    if length > 7:
        raise bad_format()
    digits = f"{ticks:07d}"[:length]
    if letter == "F":
        digits = digits.rstrip("0")
        if not digits and out and out[-1].endswith("."):
            out[-1] = out[-1][:-1]
    out.append(digits)


def _zone(offset: TimeSpan | None, length: int) -> str:
    minutes = (offset.ticks if offset else 0) // TICKS_PER_MINUTE
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    if length == 1:
        return f"{sign}{hours}"
    return f"{sign}{hours:02d}" + (f":{minutes:02d}" if length > 2 else "")


def _kind_suffix(value: DateTime, offset: TimeSpan | None) -> str:
    if offset is not None or value.kind == LOCAL:
        return _zone(offset, 3)
    return "Z" if value.kind == UTC else ""
