"""TimeSpan.Parse and ParseExact."""

from __future__ import annotations

import re

from winbake.rehearsal.powershell.dotnet.datetime import (
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
    TimeSpan,
)
from winbake.rehearsal.powershell.dotnet.throwing import bad_format, overflow
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting.dates import quoted

BAD_TIMESPAN = "String was not recognized as a valid TimeSpan."
_OUT_OF_RANGE = (
    "The TimeSpan could not be parsed because at least one of the numeric components is out of range or contains too "
    "many digits."
)
_SHAPE = re.compile(r"(?P<sign>-)?(?P<numbers>\d+(?:[.:]\d+)*)(?P<tail>[.:]?)")
_GENERAL = {
    "c": re.compile(r"(-)?(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?"),
    "g": re.compile(r"(-)?(?:(\d{1,8}):)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.(\d{1,7}))?"),
    "G": re.compile(r"(-)?(\d{1,8}):(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,7})"),
}


def parse_timespan(text: str) -> TimeSpan:
    """Raises NetError: FormatException, or OverflowException for hours beyond 23 and the like.

    `1` is a day, `1:2` hours and minutes, `1.2:3` days, hours and minutes, `24:0:0` (three numbers whose first
    cannot be hours) days, hours and minutes.
    """
    found = _SHAPE.fullmatch(text.strip(" \t\n\v\f\r\0"))
    if not found or found["tail"]:
        raise bad_format(BAD_TIMESPAN)
    negative = bool(found["sign"])
    numbers = re.split(r"[.:]", found["numbers"])
    shape = re.sub(r"\d", "", found["numbers"])
    fraction = ""
    if shape in ("::.", ".::.", ":::."):
        fraction = numbers.pop()
        shape = shape[:-1]
    match shape:
        case "":
            parts = [numbers[0], "0", "0", "0"]
        case ":":
            parts = ["0", *numbers, "0"]
        case "::":
            as_days = not fraction and int(numbers[0]) > 23
            parts = [*numbers, "0"] if as_days else ["0", *numbers]
        case ".:":
            parts = [*numbers, "0"]
        case ".::" | ":::":
            parts = numbers
        case _:
            raise bad_format(BAD_TIMESPAN)
    return _assemble(negative, [int(part) for part in parts], fraction)


def _assemble(negative: bool, parts: list[int], fraction: str) -> TimeSpan:
    days, hours, minutes, seconds = parts
    if days > 10675199 or hours > 23 or minutes > 59 or seconds > 59 or len(fraction) > 7:
        raise overflow(_OUT_OF_RANGE)
    ticks = days * TICKS_PER_DAY + hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE + seconds * TICKS_PER_SECOND
    ticks += int(fraction.ljust(7, "0") or "0")
    try:
        return TimeSpan.checked(-ticks if negative else ticks)
    except NetError as error:
        raise overflow(_OUT_OF_RANGE) from error


def parse_timespan_exact(text: str, formats: list[str], negative: bool = False) -> TimeSpan:
    """By the first format that fits. Raises NetError (FormatException, OverflowException)."""
    for index, pattern in enumerate(formats):
        try:
            return _by_pattern(text, pattern, negative)
        except NetError:
            if index == len(formats) - 1:
                raise
    raise bad_format("Input string was not in a correct format.")


def _by_pattern(text: str, pattern: str, negative: bool) -> TimeSpan:
    if len(pattern) == 1:
        general = _GENERAL.get({"t": "c", "T": "c"}.get(pattern, pattern))
        if general is None:
            raise bad_format("Input string was not in a correct format.")
        found = general.fullmatch(text)
        if not found:
            raise bad_format(BAD_TIMESPAN)
        sign, *numbers, fraction = found.groups()
        return _assemble(bool(sign), [int(number or 0) for number in numbers], fraction or "")
    expression, groups = _expression(pattern)
    matched = re.compile(expression).fullmatch(text)
    if not matched:
        raise bad_format(BAD_TIMESPAN)
    parts = {letter: matched[index + 1] for index, letter in enumerate(groups)}
    return _assemble(negative, [int(parts.get(letter) or 0) for letter in "dhms"], parts.get("f") or "")


def _expression(pattern: str) -> tuple[str, list[str]]:
    """A custom format as a regular expression, and the letter of each of its groups."""
    expression, groups, position = "", [], 0
    while position < len(pattern):
        character = pattern[position]
        length = 1
        while character in "dhmsfF" and pattern[position + length : position + length + 1] == character:
            length += 1
        if character in "dhms":
            longest = 8 if character == "d" else 2
            if length > longest:
                raise bad_format("Input string was not in a correct format.")
            expression += rf"([0-9]{{{length},{max(length, longest if length == 1 else length)}}})"
            groups.append(character)
        elif character in "fF":
            low = length if character == "f" else 0
            expression += rf"([0-9]{{{low},{length}}})"
            groups.append("f")
        elif character in "'\"":
            literal, length = quoted(pattern, position)
            expression += re.escape(literal)
        elif character == "\\" and position + 1 < len(pattern):
            expression += re.escape(pattern[position + 1])
            length = 2
        elif character != "%":
            raise bad_format("Input string was not in a correct format.")
        position += length
    return expression, groups
