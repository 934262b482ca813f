"""Fitting text into columns: word wrap, cutting, padding, and the widths of a table's columns."""

from __future__ import annotations

import re

ELLIPSIS = "..."
_WORDS = re.compile(r"[^ \t]*[ \t]|[^ \t]+")


def split_lines(text: str) -> list[str]:
    return text.replace("\r", "").split("\n")


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, none wider than `width`. Lines break behind a space (which stays where it is); words
    that are too long are split."""
    lines: list[str] = []
    for line in split_lines(text):
        if len(line) <= width:
            lines.append(line)
        elif width > 0:
            lines.extend(_wrap_line(line, width))
    return lines


def _wrap_line(line: str, width: int) -> list[str]:
    lines: list[str] = []
    current = ""
    for word in _WORDS.findall(line):
        if len(word) <= width:
            if len(current) + len(word) > width:
                lines.append(current)
                current = ""
            current += word
            continue
        while word:
            if len(current) == width:
                lines.append(current)
                current = ""
            taken = width - len(current)
            current += word[:taken]
            word = word[taken:]
    lines.append(current)
    return lines


def fit(text: str, width: int, alignment: str) -> str:
    """One line of exactly `width` characters: padded, or cut with dots at the end (right-aligned: at the start)."""
    breaks = re.search(r"[\r\n]", text)
    if breaks is not None:
        text = text[: breaks.start()] + ELLIPSIS
    length = len(text)
    if length > width:
        kept = width - len(ELLIPSIS)
        if alignment == "right":
            return ELLIPSIS + text[length - kept :] if kept > 0 else text[length - width :]
        return text[:kept] + ELLIPSIS if kept > 0 else text[:width]
    if alignment == "right":
        return text.rjust(width)
    if alignment == "center":
        left = (width - length) // 2
        return " " * left + text + " " * (width - length - left)
    return text.ljust(width)


def column_widths(wanted: list[int], table_width: int) -> list[int]:
    """The widths that columns get, in characters; -1: hidden. Columns without a width (0) share what is left;
    what does not fit is cut off from the right."""
    widths = list(wanted)
    if any(width <= 0 for width in widths):
        free = [index for index, width in enumerate(widths) if width <= 0]
        for index in free:
            widths[index] = 1
        available = table_width - _used(widths)
        if available > 0:
            each, rest = divmod(available, len(free))
            for position, index in enumerate(free):
                widths[index] += each + (position < rest)
    while (excess := _used(widths) - table_width) > 0:
        visible = [index for index, width in enumerate(widths) if width > 0]
        if not visible:
            break
        last = visible[-1]
        widths[last] = widths[last] - excess if widths[last] > excess else -1
    return widths


def _used(widths: list[int]) -> int:
    visible = [width for width in widths if width > 0]
    return sum(visible) + len(visible) - 1
