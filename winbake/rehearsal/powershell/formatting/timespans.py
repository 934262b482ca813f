"""TimeSpan as text: c, g, G and custom formats."""

from __future__ import annotations

from winbake.rehearsal.powershell.dotnet.datetime import (
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
    TimeSpan,
)
from winbake.rehearsal.powershell.dotnet.throwing import bad_format
from winbake.rehearsal.powershell.formatting.dates import put_fraction, quoted


def format_timespan(value: TimeSpan, text: str | None) -> str:
    """`value.ToString(text)`. Raises FormatException for letters a TimeSpan has no part for."""
    if not text or text in ("c", "t", "T"):
        return _constant(value)
    if text in ("g", "G"):
        return _general(value, long=text == "G")
    if len(text) == 1:
        raise bad_format()
    return _custom(value, text)


def _parts(value: TimeSpan) -> tuple[int, int, int, int, int]:
    ticks = abs(value.ticks)
    return (
        ticks // TICKS_PER_DAY,
        ticks // TICKS_PER_HOUR % 24,
        ticks // TICKS_PER_MINUTE % 60,
        ticks // TICKS_PER_SECOND % 60,
        ticks % TICKS_PER_SECOND,
    )


def _constant(value: TimeSpan) -> str:
    days, hours, minutes, seconds, fraction = _parts(value)
    text = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    if days:
        text = f"{days}.{text}"
    if fraction:
        text += f".{fraction:07d}"
    return "-" + text if value.ticks < 0 else text


def _general(value: TimeSpan, long: bool) -> str:
    days, hours, minutes, seconds, fraction = _parts(value)
    if long:
        text = f"{days}:{hours:02d}:{minutes:02d}:{seconds:02d}.{fraction:07d}"
    else:
        text = (f"{days}:" if days else "") + f"{hours}:{minutes:02d}:{seconds:02d}"
        text += f".{fraction:07d}".rstrip("0") if fraction else ""
    return "-" + text if value.ticks < 0 else text


def _custom(value: TimeSpan, text: str) -> str:
    days, hours, minutes, seconds, fraction = _parts(value)
    numbers = {"d": (days, 8), "h": (hours, 2), "m": (minutes, 2), "s": (seconds, 2)}
    out: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        length = 1
        while character in "dhmsfF" and position + length < len(text) and text[position + length] == character:
            length += 1
        if character in numbers:
            number, longest = numbers[character]
            if length > longest:
                raise bad_format()
            out.append(str(number).rjust(length, "0"))
        elif character in "fF":
            put_fraction(out, fraction, character, length)
        elif character in "'\"":
            literal, length = quoted(text, position)
            out.append(literal)
        elif character == "%" and text[position + 1 : position + 2] not in ("", "%"):
            out.append(_custom(value, text[position + 1]))
            length = 2
        elif character == "\\" and position + 1 < len(text):
            out.append(text[position + 1])
            length = 2
        else:
            raise bad_format()
        position += length
    return "".join(out)
