"""cmd's expansion of `%NAME%`, `%NAME:old=new%`, `%NAME:~1,3%`, batch parameters `%1 %~dp0 %*`, and `!NAME!`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from winbake.rehearsal.windows import paths

if TYPE_CHECKING:
    from winbake.rehearsal.windows.native.batch import BatchFile

Lookup = Callable[[str], str | None]
_SUBSTRING = re.compile(r"^~(-?\d+)(?:,(-?\d+))?$")


def expand_percent(text: str, lookup: Lookup, batch: BatchFile | None) -> str:
    """On the command line an unknown `%NAME%` stays as it is; in a batch file it becomes nothing, and `%%` is `%`."""
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "%":
            out.append(text[at])
            at += 1
            continue
        if batch is not None:
            if text.startswith("%%", at):
                # Kept for `for` variables, which read %%a as %a.
                out.append("%%" if text[at + 2 : at + 3].isalpha() or text[at + 2 : at + 3] == "~" else "%")
                at += 2
                continue
            parameter = re.match(r"%(\*|~?[a-z]*\d)", text[at:], re.IGNORECASE)
            if parameter:
                out.append(_parameter(parameter[1], batch))
                at += parameter.end()
                continue
        end = text.find("%", at + 1)
        if end < 0:
            out.append("" if batch is not None else text[at])
            at += 1
            continue
        value = _named(text[at + 1 : end], lookup)
        if value is not None:
            out.append(value)
            at = end + 1
        elif batch is not None:
            at = end + 1
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def expand_delayed(text: str, lookup: Lookup) -> str:
    """`!NAME!`, expanded when a command runs."""
    return re.sub(r"!([^!\n]+)!", lambda found: _named(found[1], lookup) or "", text)


def _named(inside: str, lookup: Lookup) -> str | None:
    name, colon, modifier = inside.partition(":")
    value = lookup(name) if name else None
    if value is None or not colon:
        return value
    found = _SUBSTRING.match(modifier)
    if found:
        start = int(found[1])
        start = max(0, len(value) + start) if start < 0 else start
        if found[2] is None:
            return value[start:]
        length = int(found[2])
        return value[start:length] if length < 0 else value[start : start + length]
    old, equals, new = modifier.partition("=")
    if not equals or not old:
        return value
    if old.startswith("*"):
        index = value.lower().find(old[1:].lower())
        return value if index < 0 else new + value[index + len(old) - 1 :]
    return re.sub(re.escape(old), lambda _: new, value, flags=re.IGNORECASE)


def _parameter(text: str, batch: BatchFile) -> str:
    if text == "*":
        return " ".join(batch.arguments[1:])
    number = int(text[-1])
    value = batch.arguments[number] if number < len(batch.arguments) else ""
    if not text.startswith("~"):
        return value
    return path_parts(value.strip('"'), text[1:-1].lower(), batch.directory)


def path_parts(value: str, letters: str, directory: str) -> str:
    """`~dp`, `~nx`, `~f` of a path; without letters only the quotes go."""
    if not letters or not value:
        return value
    full = paths.absolute(value, directory)
    if letters == "f":
        return full
    name = paths.name_of(full)
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    out = ""
    if "d" in letters:
        out += full[:2]
    if "p" in letters:
        out += full[2 : len(full) - len(name)]
    if "n" in letters:
        out += stem
    if "x" in letters:
        out += dot + ending
    return out
