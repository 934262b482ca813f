"""Compare-Object."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects, ordering

_EVERYTHING = 2**31 - 1


@cmdlet("Compare-Object")
class CompareObject(Cmdlet):
    """Walks both lists in step; what does not match at once waits in a backlog of at most -SyncWindow objects."""

    def begin(self) -> None:
        self._parameters: list[expressions.Parameter] | None = None
        self._references: list[ordering.Row] | None = None
        self._ascending: list[bool] = []
        self._next = 0
        self._reference_backlog: list[ordering.Row] = []
        self._difference_backlog: list[ordering.Row] = []
        self._window = self.get("SyncWindow", _EVERYTHING)
        self._show_equal = self.switch("IncludeEqual")

    def process(self) -> None:
        differences = list(self.get("DifferenceObject") or ())
        if self._parameters is None:
            self._parse(list(self.get("ReferenceObject") or ()), differences)
        rows = ordering.rows(self, differences, self._parameters or ())
        if not self._references:
            for row in rows:
                self._emit_difference(row)
            return
        for row in rows:
            self._step(row)

    def _parse(self, references: list[Any], differences: list[Any]) -> None:
        sample = references or differences
        wanted = self.get("Property")
        if wanted is None and sample and not objects.is_null(sample[0]):
            wanted = ordering.default_keys(self.session, sample[0])
        parsed = expressions.parse(self, wanted, expressions.GROUP_ENTRIES)
        self._parameters = ordering.expand(self, sample, parsed)
        if references:
            self._references = ordering.rows(self, references, self._parameters)
            width = max((len(row.keys) for row in self._references), default=1)
            self._ascending = [True] * width

    def end(self) -> None:
        for _ in range(self._next, len(self._references or ())):
            self._step(None)
        for row in self._difference_backlog:
            self._emit_difference(row)
        for row in self._reference_backlog:
            self._emit_reference(row)

    def _step(self, difference: ordering.Row | None) -> None:
        assert self._references is not None
        reference: ordering.Row | None = None
        if self._next < len(self._references):
            reference = self._references[self._next]
            self._next += 1
        if reference is not None and difference is not None and self._equal(reference, difference):
            self._emit_match(reference)
            return
        if difference is not None:
            matched = self._take(difference, self._reference_backlog)
            if matched is not None:
                self._emit_match(matched)
                difference = None
        if reference is not None and self._take(reference, self._difference_backlog) is not None:
            self._emit_match(reference)
            reference = None
        if difference is not None:
            self._keep(difference, self._difference_backlog, self._emit_difference)
        if reference is not None:
            self._keep(reference, self._reference_backlog, self._emit_reference)

    def _keep(self, row: ordering.Row, backlog: list[ordering.Row], emit: Any) -> None:
        if self._window <= 0:
            emit(row)
            return
        while len(backlog) >= self._window:
            emit(backlog.pop(0))
        backlog.append(row)

    def _equal(self, left: ordering.Row, right: ordering.Row) -> bool:
        return ordering.compare_rows(left, right, self._ascending, not self.switch("CaseSensitive")) == 0

    def _take(self, row: ordering.Row, backlog: list[ordering.Row]) -> ordering.Row | None:
        for i, other in enumerate(backlog):
            if self._equal(row, other):
                return backlog.pop(i)
        return None

    def _emit_match(self, row: ordering.Row) -> None:
        if self._show_equal:
            self._emit_row(row, "==")

    def _emit_difference(self, row: ordering.Row) -> None:
        if not self.switch("ExcludeDifferent"):
            self._emit_row(row, "=>")

    def _emit_reference(self, row: ordering.Row) -> None:
        if not self.switch("ExcludeDifferent"):
            self._emit_row(row, "<=")

    def _emit_row(self, row: ordering.Row, side: str) -> None:
        indicator = v.NoteProperty("SideIndicator", side)
        if self.switch("PassThru"):
            self.emit(objects.add_instance_member(row.source, indicator))
            return
        table = v.MemberTable()
        if self.has("Property") and self._parameters:
            for parameter, key in zip(self._parameters, row.keys, strict=False):
                if parameter.expression.text not in table:
                    table.add(v.NoteProperty(parameter.expression.text, key.value))
        else:
            table.add(v.NoteProperty("InputObject", row.source))
        table.remove("SideIndicator")
        table.add(indicator)
        self.emit(v.PSObject(v.CUSTOM, table))
