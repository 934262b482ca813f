"""CSV as 5.1 reads and writes it, apart from the cmdlets that do so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects


def field(text: str | None) -> str:
    """Always quoted; null is nothing at all."""
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def column_names(session: Any, value: Any) -> list[str]:
    """The properties of the first object, which decide for all."""
    return [view.name for view in objects.properties(session, value)]


def header(names: list[str], delimiter: str) -> str:
    return delimiter.join(field(name) for name in names)


def line(session: Any, value: Any, names: list[str], delimiter: str) -> str:
    fields = []
    for name in names:
        view = objects.find_property(session, value, name)
        inner = None if view is None else view.read_or_null()
        fields.append(field(None if inner is None else objects.text(session, inner)))
    return delimiter.join(fields)


def type_line(session: Any, value: Any) -> str:
    names = objects.type_names(session, value)
    if not names:
        return "#TYPE"
    name = names[0]
    return "#TYPE " + (name[4:] if name.lower().startswith("csv:") else name)


class CsvReader:
    """Records of a text: fields until a line end, quotes as Excel takes them (lenient)."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._at = 0
        self._delimiter = delimiter

    @property
    def ended(self) -> bool:
        return self._at >= len(self._text)

    def type_name(self) -> str | None:
        """Consumes a line that starts with `#`; the name of a `#TYPE` line as `CSV:Name`."""
        if not self._text.startswith("#", self._at):
            return None
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end + 1
        taken = self._text[self._at : end].rstrip("\r\n")
        self._at = end
        if not taken.lower().startswith("#type"):
            return None
        name = taken[5:].strip()
        return f"CSV:{name}" if name else None

    def record(self, is_header: bool = False) -> list[str]:
        """The next record's fields; [] at the end. A header loses its empty last fields."""
        fields = list(self._fields())
        while is_header and len(fields) > 1 and fields[-1] == "":
            fields.pop()
        return fields

    def _line_end(self) -> int:
        """How many characters the line end here has; 0 if there is none (a lone `\\r` is none)."""
        if self._text.startswith("\r\n", self._at):
            return 2
        return 1 if self._text.startswith("\n", self._at) else 0

    def _fields(self) -> Iterator[str]:
        current = ""
        while not self.ended:
            width = self._line_end()
            if width:
                self._at += width
                yield current
                return
            c = self._text[self._at]
            self._at += 1
            if c == self._delimiter:
                yield current
                current = ""
            elif c == '"' and not current:
                current, ended = self._quoted()
                if ended is None:
                    break
                yield current
                current = ""
                if ended:
                    return
            elif c in " \t" and not current:
                continue
            elif c == '"' or c in " \t":
                rest, ended = self._until_delimiter()
                rest = rest.strip() if c != '"' and not rest.strip(" \t") else rest
                yield current + c + rest
                current = ""
                if ended:
                    return
            else:
                current += c
        if current:
            yield current

    def _quoted(self) -> tuple[str, bool | None]:
        """Text behind an opening quote, and whether the record ended with it; None: the text ended inside."""
        current = ""
        while not self.ended:
            c = self._text[self._at]
            self._at += 1
            if c != '"':
                current += c
            elif self._text.startswith('"', self._at):
                self._at += 1
                current += '"'
            else:
                rest, ended = self._until_delimiter()
                return current + (rest if rest.strip(" \t") else rest.strip()), ended
        return current, None

    def _until_delimiter(self) -> tuple[str, bool]:
        start = self._at
        while not self.ended:
            width = self._line_end()
            if width:
                taken = self._text[start : self._at]
                self._at += width
                return taken, True
            if self._text[self._at] == self._delimiter:
                taken = self._text[start : self._at]
                self._at += 1
                return taken, False
            self._at += 1
        return self._text[start:], True


def build(type_name: str | None, names: list[str], fields: list[str]) -> tuple[v.PSObject, bool]:
    """The object of a record, and whether a column had no name and got `H1`, `H2` …"""
    table = v.MemberTable()
    unnamed = 0
    for i, name in enumerate(names):
        if not name:
            unnamed += 1
            name = f"H{unnamed}"
        table.add(v.NoteProperty(name, fields[i] if i < len(fields) else None))
    return v.PSObject(v.CUSTOM, table, [type_name] if type_name else None), unnamed > 0
