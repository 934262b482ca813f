"""DateTime.ParseExact: reads a text by a format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from winbake.rehearsal.powershell.dotnet.date_parsing import (
    BAD_DATE,
    Parts,
    full_year,
    offset_minutes,
    settle,
    settle_offset,
    time_of,
)
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, DateTimeOffset
from winbake.rehearsal.powershell.dotnet.throwing import bad_format
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting.culture import DAY_NAMES, MONTH_NAMES, Culture
from winbake.rehearsal.powershell.formatting.dates import quoted, standard_pattern

ADJUST_TO_UNIVERSAL = 16
_LEADING, _TRAILING, _INNER = 1, 2, 4


@dataclass
class _Reading:
    text: str
    culture: Culture
    styles: int
    position: int = 0
    parts: Parts = field(default_factory=Parts)
    hour: int = 0
    minute: int = 0
    second: int = 0
    fraction: str = ""
    half: str = ""

    def take(self, pattern: str) -> str:
        found = re.compile(pattern, re.IGNORECASE).match(self.text, self.position)
        if not found:
            raise bad_format(BAD_DATE)
        self.position = found.end()
        return found[0]

    def literal(self, text: str) -> None:
        if self.text[self.position : self.position + len(text)] != text:
            raise bad_format(BAD_DATE)
        self.position += len(text)

    def skip_blanks(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1


def parse_exact(
    text: str, formats: list[str], culture: Culture, styles: int = 0, now: DateTime | None = None
) -> DateTime:
    """The value by the first format that fits. Raises NetError (FormatException) if none does."""
    parts, used = _first_fit(text, formats, culture, styles, now)
    return settle(parts, styles | (ADJUST_TO_UNIVERSAL if used == "U" else 0))


def parse_exact_offset(
    text: str, formats: list[str], culture: Culture, styles: int = 0, now: DateTime | None = None
) -> DateTimeOffset:
    parts, used = _first_fit(text, formats, culture, styles, now)
    if used in ("r", "R", "u"):
        parts.offset = 0
    return settle_offset(parts, styles)


def _first_fit(text: str, formats: list[str], culture: Culture, styles: int, now: DateTime | None) -> tuple[Parts, str]:
    if not formats:
        raise bad_format("No format specifiers were provided.")
    for index, pattern in enumerate(formats):
        try:
            return _read(text, pattern, culture, styles, now), pattern
        except NetError:
            if index == len(formats) - 1:
                raise
    raise AssertionError("unreachable")


def _read(text: str, pattern: str, culture: Culture, styles: int, now: DateTime | None) -> Parts:
    if not pattern or not text:
        raise bad_format("Format specifier was invalid." if not pattern else BAD_DATE)
    reading = _Reading(text, culture, styles)
    custom = standard_pattern(pattern, culture) if len(pattern) == 1 else pattern
    if styles & _LEADING:
        reading.skip_blanks()
        custom = custom.lstrip()
    if styles & _TRAILING:
        reading.text = reading.text.rstrip()
        custom = custom.rstrip()
    _read_by(reading, custom)
    if reading.position != len(reading.text):
        raise bad_format(BAD_DATE)
    if pattern == "U":
        reading.parts.offset, reading.parts.is_utc = 0, True
    parts = reading.parts
    parts.time = time_of(reading.hour, reading.minute, reading.second, reading.fraction, reading.half)
    if parts.year is None and parts.month is None and parts.day is None and not styles & 8:
        if now is not None and parts.weekday is None:
            parts.year, parts.month, parts.day = now.year, now.month, now.day
    elif parts.year is None and now is not None and not styles & 8:
        parts.year = now.year
    return parts


def _read_by(reading: _Reading, custom: str) -> None:
    position = 0
    while position < len(custom):
        character = custom[position]
        length = 1
        if reading.styles & _INNER:
            reading.skip_blanks()
        if character in "dMyhHmsfFtgz":
            while position + length < len(custom) and custom[position + length] == character:
                length += 1
            _read_field(reading, character, length)
        elif character == "K":
            _read_kind(reading)
        elif character == ":":
            reading.literal(reading.culture.dates.time_separator)
        elif character == "/":
            reading.literal(reading.culture.dates.date_separator)
        elif character in "'\"":
            literal, length = quoted(custom, position)
            reading.literal(literal)
        elif character == "%" and position + 1 < len(custom) and custom[position + 1] != "%":
            pass
        elif character == "\\" and position + 1 < len(custom):
            reading.literal(custom[position + 1])
            length = 2
        elif character == "." and custom[position + 1 : position + 2] == "F":
            if reading.text[reading.position : reading.position + 1] == ".":
                reading.position += 1
        elif not (character.isspace() and reading.styles & _INNER):
            reading.literal(character)
        position += length


def _number(reading: _Reading, length: int, longest: int = 2) -> int:
    return int(reading.take(rf"[0-9]{{{length if length > 1 else 1},{max(length, longest)}}}"))


def _name(reading: _Reading, names: tuple[str, ...], short: bool) -> int:
    words = [name[:3] if short else name for name in names]
    for index in sorted(range(len(words)), key=lambda i: -len(words[i])):
        word = words[index]
        if reading.text[reading.position : reading.position + len(word)].lower() == word.lower():
            reading.position += len(word)
            return index
    raise bad_format(BAD_DATE)


def _read_field(reading: _Reading, letter: str, length: int) -> None:
    parts = reading.parts
    match letter:
        case "d" if length <= 2:
            parts.day = _number(reading, length)
        case "d":
            parts.weekday = _name(reading, DAY_NAMES, length == 3)
        case "M" if length <= 2:
            parts.month = _number(reading, length)
        case "M":
            parts.month = _name(reading, MONTH_NAMES, length == 3) + 1
        case "y":
            digits = reading.take(rf"[0-9]{{{length if length > 1 else 1},{max(length, 2)}}}")
            parts.year = full_year(int(digits), len(digits)) if length <= 2 else int(digits)
        case "h":
            reading.hour = _number(reading, min(length, 2))
            if not 1 <= reading.hour <= 12:
                raise bad_format(BAD_DATE)
        case "H":
            reading.hour = _number(reading, min(length, 2))
        case "m":
            reading.minute = _number(reading, min(length, 2))
        case "s":
            reading.second = _number(reading, min(length, 2))
        case "f":
            reading.fraction = reading.take(rf"[0-9]{{{length}}}")
        case "F":
            reading.fraction = reading.take(rf"[0-9]{{0,{length}}}")
        case "t":
            reading.half = reading.take("AM|PM" if length > 1 else "A|P")
        case "z":
            low = 1 if length == 1 else 2
            zone = reading.take(rf"[+-][0-9]{{{low},2}}" + (":?[0-9]{2}" if length > 2 else ""))
            parts.offset = offset_minutes(zone)
        case "g":
            reading.take(r"A\.D\.|AD")


def _read_kind(reading: _Reading) -> None:
    zone = reading.take(r"Z|[+-][0-9]{2}:?[0-9]{2}|")
    if zone:
        reading.parts.offset = offset_minutes(zone)
        reading.parts.is_utc = zone.upper() == "Z"
