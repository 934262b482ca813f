"""From format packets to lines of text: the second half of every Out-* cmdlet."""

from __future__ import annotations

from collections.abc import Callable

from winbake.rehearsal.powershell.display.records import (
    FormatEnd,
    FormatEntry,
    FormatRecord,
    FormatStart,
    GroupEnd,
    GroupStart,
)
from winbake.rehearsal.powershell.display.text import column_widths, fit, split_lines, wrap

_SEPARATOR = " : "


class Layout:
    """Writes lines no wider than `width` (texts that stand by themselves are not cut)."""

    def __init__(self, width: int, write: Callable[[str], None]) -> None:
        self.width = width
        self.write = write
        self._start: FormatStart | None = None
        self._widths: list[int] = []
        self._held: list[FormatRecord] | None = None
        self._wide: list[str] = []

    @property
    def in_group(self) -> bool:
        """Whether objects of a group are on their way."""
        return self._start is not None

    def process(self, record: FormatRecord) -> None:
        """Takes one packet. The rows of a table whose widths depend on its content are held until it ends."""
        if self._held is not None and not isinstance(record, FormatEnd):
            self._held.append(record)
            if isinstance(record, GroupEnd):
                self._release()
            return
        if isinstance(record, GroupStart) and self._depends_on_content():
            self._held = [record]
            return
        self._process(record)

    def _depends_on_content(self) -> bool:
        start = self._start
        if start is None or (start.shape == "wide" and start.columns):
            return False
        first_is_open = start.shape == "table" and bool(start.headings) and start.headings[0].width == 0
        return start.shape in ("table", "wide") and (start.autosize or first_is_open)

    def _release(self) -> None:
        held, self._held = self._held or [], None
        start = self._start
        assert start is not None
        widths = [len(heading.label) for heading in start.headings] if start.shape == "table" else [0]
        for record in held:
            if isinstance(record, FormatEntry) and record.cells is not None:
                widths = [max(pair) for pair in zip(widths, map(len, record.cells), strict=False)]
        self._widths = widths
        for record in held:
            self._process(record)

    def _process(self, record: FormatRecord) -> None:
        if isinstance(record, FormatStart):
            self._start = record
            self._widths = []
            self.write("")
        elif isinstance(record, GroupStart):
            self._group_start(record)
        elif isinstance(record, GroupEnd):
            if self._wide:
                self._wide_row()
            self._widths = []
            self.write("")
        elif isinstance(record, FormatEnd):
            self._start = None
            self.write("")
        elif isinstance(record, FormatEntry):
            self._entry(record)

    def _group_start(self, record: GroupStart) -> None:
        start = self._start
        assert start is not None
        if record.lines is not None:
            self.write("")
            for line in record.lines:
                for part in wrap(line, self.width):
                    self.write(part)
            self.write("")
        if start.shape == "table":
            wanted = self._widths or [heading.width for heading in start.headings]
            self._widths = column_widths(wanted, self.width) if self.width >= 5 else []
            if any(width > 0 for width in self._widths) and not start.hide_headers:
                self._header(start)
        elif start.shape == "wide":
            self._widths = self._wide_widths(start)
            self.write("")
        elif start.shape == "list":
            self.write("")

    # ---- tables ---------------------------------------------------------------------------------------------

    def _header(self, start: FormatStart) -> None:
        labels = [heading.label for heading in start.headings]
        alignments = [heading.alignment for heading in start.headings]
        self._row(labels, alignments, True)
        rules = ["-" * min(len(label) or width, width) for label, width in zip(labels, self._widths, strict=True)]
        self._row(rules, alignments, False)

    def _row(self, cells: list[str], alignments: list[str], multiline: bool) -> None:
        shown = [
            (cell, width, alignment)
            for cell, width, alignment in zip(cells, self._widths, alignments, strict=False)
            if width > 0
        ]
        if not multiline:
            self.write(" ".join(fit(*one) for one in shown))
            return
        columns = [[fit(line, width, alignment) for line in wrap(cell, width)] for cell, width, alignment in shown]
        for number in range(max((len(column) for column in columns), default=0)):
            row = [
                column[number] if number < len(column) else " " * one[1]
                for column, one in zip(columns, shown, strict=True)
            ]
            self.write(" ".join(row))

    # ---- entries --------------------------------------------------------------------------------------------

    def _entry(self, record: FormatEntry) -> None:
        start = self._start
        if record.cells is not None and start is not None:
            self._cells(record, start)
        elif record.fields is not None:
            if record.out_of_band:
                self.write("")
            self._fields(record.fields)
            self.write("")
        elif record.text is not None:
            for line in split_lines(record.text) if record.raw else wrap(record.text, self.width):
                self.write(line)

    def _cells(self, record: FormatEntry, start: FormatStart) -> None:
        assert record.cells is not None
        if start.shape == "wide":
            self._wide += record.cells
            if len(self._wide) >= len(self._widths):
                self._wide_row()
            return
        if not any(width > 0 for width in self._widths):
            return
        count = len(start.headings)
        cells = (record.cells + [""] * count)[:count]
        own = record.alignments or [""] * count
        alignments = [mine or heading.alignment for mine, heading in zip(own, start.headings, strict=False)]
        self._row(cells, alignments, record.wrap)

    def _wide_widths(self, start: FormatStart) -> list[int]:
        count = start.columns or 2
        longest = self._widths[0] if self._widths else 0
        if longest:
            count = 1
            while longest < self.width and longest * (count + 1) + count < self.width:
                count += 1
        return column_widths([0] * count, self.width)

    def _wide_row(self) -> None:
        cells, self._wide = self._wide, []
        self._row(cells + [""] * (len(self._widths) - len(cells)), ["left"] * len(self._widths), False)

    def _fields(self, fields: list[tuple[str, str]]) -> None:
        """`Label : value` lines; longer values go on under the value."""
        room = self.width - len(_SEPARATOR) - 1
        if room < 1 or not fields:
            return
        label_width = min(max(len(label) for label, _ in fields), room)
        for label, value in fields:
            before = label[:label_width].ljust(label_width) + _SEPARATOR
            for line in wrap(value, self.width - len(before)):
                self.write(before + line)
                before = " " * len(before)
