"""Custom numeric formats: `0.00`, `#,##0`, `0.0%`, `0.##E+00`, sections and literals.

The rules are those of .NET's documentation ("Custom numeric format strings"), in the order its formatter
applies them: choose the section, count its placeholders, scale and round, then write character by character.
"""

from __future__ import annotations

from dataclasses import dataclass

from winbake.rehearsal.powershell.formatting.culture import NumberPatterns
from winbake.rehearsal.powershell.formatting.numbers import Digits

_NONE = 2**31 - 1


@dataclass
class _Layout:
    """What one section asks for, counted in placeholders from its left."""

    places: int = 0
    point: int = -1
    first_zero: int = _NONE
    last_zero: int = 0
    grouped: bool = False
    shift: int = 0
    exponent: bool = False


def format_custom(digits: Digits, text: str, patterns: NumberPatterns) -> str:
    sections = split_sections(text)
    index = _choose(sections, 2 if not digits.text.strip("0") else 1 if digits.negative else 0)
    layout = _measure(sections[index])
    if digits.text.strip("0"):
        digits.scale += layout.shift
        digits.round(layout.places if layout.exponent else digits.scale + layout.places - layout.point)
        if not digits.text:
            zero_index = _choose(sections, 2)
            if zero_index != index:
                index = zero_index
                layout = _measure(sections[index])
    else:
        digits.round(0)
    body = _write(digits, sections[index], layout, patterns)
    return "-" + body if digits.negative and index == 0 else body


def split_sections(text: str) -> list[str]:
    """The parts between semicolons that are neither quoted nor escaped."""
    sections, start, position, quote = [], 0, 0, ""
    while position < len(text):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "\\":
            position += 1
        elif character == ";":
            sections.append(text[start:position])
            start = position + 1
        position += 1
    return [*sections, text[start:]]


def _choose(sections: list[str], wanted: int) -> int:
    return wanted if wanted < len(sections) and sections[wanted] else 0


def _exponent_at(section: str, position: int) -> int:
    """The length of an `E0`, `E+0`, `e-00` … that starts there, else 0."""
    end = position + 1
    if end < len(section) and section[end] in "+-":
        end += 1
    zeros = end
    while end < len(section) and section[end] == "0":
        end += 1
    return end - position if end > zeros else 0


def _measure(section: str) -> _Layout:
    layout = _Layout()
    comma_at, commas = -1, 0
    position = 0
    while position < len(section):
        character = section[position]
        position += 1
        match character:
            case "#":
                layout.places += 1
            case "0":
                layout.first_zero = min(layout.first_zero, layout.places)
                layout.places += 1
                layout.last_zero = layout.places
            case "." if layout.point < 0:
                layout.point = layout.places
            case "," if layout.places > 0 and layout.point < 0:
                if comma_at == layout.places:
                    commas += 1
                else:
                    layout.grouped = layout.grouped or comma_at >= 0
                    comma_at, commas = layout.places, 1
            case "%":
                layout.shift += 2
            case "\u2030":
                layout.shift += 3
            case "'" | '"':
                closing = section.find(character, position)
                position = len(section) if closing < 0 else closing + 1
            case "\\":
                position += 1
            case "E" | "e":
                length = _exponent_at(section, position - 1)
                if length:
                    layout.exponent = True
                    position += length - 1
    if layout.point < 0:
        layout.point = layout.places
    if comma_at >= 0:
        if comma_at == layout.point:
            layout.shift -= commas * 3
        else:
            layout.grouped = True
    return layout


def _write(digits: Digits, section: str, layout: _Layout, patterns: NumberPatterns) -> str:
    first = max(layout.point - layout.first_zero, 0) if layout.first_zero < layout.point else 0
    last = min(layout.point - layout.last_zero, 0)
    if layout.exponent:
        place, spare = layout.point, 0
    else:
        place, spare = max(digits.scale, layout.point), digits.scale - layout.point
    left = iter(digits.text)
    remaining = len(digits.text)
    out: list[str] = []

    def put(character: str) -> None:
        nonlocal place
        if character:
            out.append(character)
            if layout.grouped and place > 1 and (place - 1) % 3 == 0:
                out.append(patterns.group_separator)
        place -= 1

    def take(default: str) -> str:
        nonlocal remaining
        if remaining:
            remaining -= 1
            return next(left)
        return default

    point_written = False
    exponent_written = False
    position = 0
    while position < len(section):
        character = section[position]
        position += 1
        if character in "#0.":
            while spare > 0:
                put(take("0"))
                spare -= 1
        match character:
            case "#" | "0":
                if spare < 0:
                    spare += 1
                    put("0" if place <= first else "")
                else:
                    put(take("0" if place > last else ""))
            case ".":
                if place == 0 and not point_written and (last < 0 or (layout.point < layout.places and remaining)):
                    out.append(patterns.decimal_separator)
                    point_written = True
            case ",":
                pass
            case "'" | '"':
                closing = section.find(character, position)
                end = len(section) if closing < 0 else closing
                out.append(section[position:end])
                position = end + 1
            case "\\":
                out.append(section[position : position + 1])
                position += 1
            case "E" | "e":
                length = _exponent_at(section, position - 1)
                if not length:
                    out.append(character)
                elif exponent_written:
                    out.append(section[position - 1 : position - 1 + length])
                else:
                    out.append(_exponent(section[position - 1 : position - 1 + length], digits, layout))
                    exponent_written = True
                position += max(length - 1, 0)
            case _:
                out.append(character)
    return "".join(out)


def _exponent(token: str, digits: Digits, layout: _Layout) -> str:
    value = digits.scale - layout.point if digits.text else 0
    plus = "+" if token[1] == "+" else ""
    return f"{token[0]}{'-' if value < 0 else plus}{abs(value):0{min(token.count('0'), 10)}d}"
