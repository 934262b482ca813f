"""Changes single values of a YAML file in their lines; comments, quotes, order and layout stay as they are."""

from __future__ import annotations

import copy
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winbake.config.document import Document, Location, parse_document
from winbake.config.errors import ConfigError, Problem

_PLAIN = r"[^\s,\]}\"'#&*!|>%@`{\[][^,\]}#\n]*?"


@dataclass(frozen=True)
class Edit:
    """The text at `location` becomes `new`."""

    location: Location
    new: str


def edited_text(text: str, name: str, edits: Sequence[Edit]) -> str:
    """The whole text with the edits. Each value must stand in the line of its key.

    Raises ConfigError if a value cannot be changed without touching anything else.
    """
    before = parse_document(text, name)
    wanted = copy.deepcopy(before.data)
    lines = text.split("\n")
    for edit in edits:
        index = before.line(edit.location) - 1
        old = _at(before, edit.location)
        lines[index] = _edited_line(lines[index], str(edit.location[-1]), old, edit, before)
        _set(wanted, edit.location, edit.new)
    after = "\n".join(lines)
    if parse_document(after, name).data != wanted:
        places = ", ".join(".".join(str(part) for part in edit.location) for edit in edits)
        raise ConfigError([Problem(name, 0, f"{places}: cannot be changed line by line; change it by hand")])
    return after


def edit_file(path: Path, edits: Sequence[Edit]) -> None:
    """Writes the edits into the file: all of them, or none. Raises ConfigError."""
    check_writable(path)
    raw = path.read_bytes()
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    text = edited_text(raw.removeprefix(mark).decode("utf-8"), path.name, edits)
    try:
        handle, beside = tempfile.mkstemp(prefix=path.name, dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(mark + text.encode("utf-8"))
        os.chmod(beside, path.stat().st_mode)
        os.replace(beside, path)
    except OSError as error:
        raise ConfigError([Problem(path.name, 0, f"cannot be written: {error.strerror}")]) from None


def check_writable(path: Path) -> None:
    """Before work is done for an edit. Raises ConfigError."""
    if not os.access(path, os.W_OK):
        raise ConfigError([Problem(path.name, 0, "is read-only: make it writable, then do it again")])


def _edited_line(line: str, key: str, old: Any, edit: Edit, document: Document) -> str:
    """`version: "3.7.0"  # kept` with another version; the key may stand inside { }."""
    place = ".".join(str(part) for part in edit.location)
    pattern = (
        rf"""(?:^|[\s{{,]){re.escape(key)}["']?:\s+"""
        rf"""(?P<value>"[^"]*"|'[^']*'|{_PLAIN})(?=\s*(?:[,}}\r]|\s\#|$))"""
    )
    for found in re.finditer(pattern, line):
        value = found["value"]
        quote = value[0] if value[0] in "\"'" else ""
        if value.strip("\"'") != old:
            continue
        if quote and (quote in edit.new or "\\" in edit.new):
            break
        new = f"{quote}{edit.new}{quote}"
        if not quote and parse_document(f"a: {edit.new}", "").data["a"] != edit.new:
            new = f'"{edit.new}"'  # 3.8 without quotes would be a number
        return line[: found.start("value")] + new + line[found.end("value") :]
    raise ConfigError([document.problem(edit.location, f"{place}: {old} is not in this line; change it by hand")])


def _at(document: Document, location: Location) -> Any:
    value = document.data
    for part in location:
        value = value[part]
    return value


def _set(data: Any, location: Location, new: str) -> None:
    for part in location[:-1]:
        data = data[part]
    data[location[-1]] = new


def places_of(document: Document, under: Location, text: str) -> list[Location]:
    """Where under `under` exactly this text stands as a value; letters' case does not count."""
    found: list[Location] = []

    def look(value: Any, at: Location) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                look(item, (*at, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                look(item, (*at, index))
        elif isinstance(value, str) and value.lower() == text.lower():
            found.append(at)

    look(_at(document, under), under)
    return found
