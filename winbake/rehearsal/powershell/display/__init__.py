"""What a person or a log sees of objects: default views, tables, lists, errors, as Windows PowerShell 5.1 lays them
out. `format_lines` is the whole way from objects to lines; `Display` is the same, object by object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from winbake.rehearsal.powershell.display import cells
from winbake.rehearsal.powershell.display.error_view import error_view, parse_errors_text
from winbake.rehearsal.powershell.display.layout import Layout
from winbake.rehearsal.powershell.display.records import FormatEntry, FormatRecord, FormatStart
from winbake.rehearsal.powershell.display.shaping import Shaper

__all__ = ["Display", "error_view", "format_lines", "lines_of_list", "parse_errors_text"]


class Display:
    """Takes objects (or the packets of Format-* cmdlets) and writes lines of at most `width` characters."""

    def __init__(self, session: Any, width: int, write: Callable[[str], None]) -> None:
        self._layout = Layout(width, write)
        self._shaper = Shaper(session, self._layout.process)
        self._shaping = False

    def process(self, value: Any) -> None:
        from winbake.rehearsal.powershell.values import unwrap

        record = unwrap(value)
        if isinstance(record, FormatRecord):
            if isinstance(record, FormatStart):
                self._shaper.end()
            self._layout.process(record)
            return
        self._shaper.process(value)

    def end(self) -> None:
        self._shaper.end()


def format_lines(session: Any, objects: Iterable[Any], width: int) -> list[str]:
    """The lines that Out-String, Out-File or the console would write for these objects."""
    lines: list[str] = []
    display = Display(session, width, lines.append)
    for value in objects:
        display.process(value)
    display.end()
    return lines


def lines_of_list(session: Any, fields: list[tuple[str, Any]], width: int) -> list[str]:
    """`Label : value` lines."""
    lines: list[str] = []
    shown = [(label, cells.cell(session, value)) for label, value in fields]
    Layout(width, lines.append).process(FormatEntry(fields=shown))
    return lines[:-1]
