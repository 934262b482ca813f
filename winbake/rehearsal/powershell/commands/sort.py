"""Sort-Object and Get-Unique."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects, ordering


@cmdlet("Sort-Object")
class SortObject(Cmdlet):
    """Equal objects stay in the order they came (5.1's own order of equals is not defined)."""

    def begin(self) -> None:
        self._sources: list[Any] = []

    def process(self) -> None:
        value = self.get("InputObject")
        if not objects.is_null(value):
            self._sources.append(value)

    def end(self) -> None:
        if not self._sources:
            return
        wanted = self.get("Property") or ordering.default_keys(self.session, self._sources[0])
        parameters = expressions.parse(self, wanted, expressions.SORT_ENTRIES)
        parameters = ordering.expand(self, self._sources, parameters)
        rows = ordering.rows(self, self._sources, parameters)
        width = max(len(row.keys) for row in rows)
        upward = not self.switch("Descending")
        ascending = [_direction(parameter, upward) for parameter in parameters]
        ascending.extend([upward] * (width - len(ascending)))
        ignore_case = not self.switch("CaseSensitive")

        def order(left: ordering.Row, right: ordering.Row) -> int:
            return ordering.compare_rows(left, right, ascending, ignore_case)

        rows.sort(key=cmp_to_key(order))
        last: ordering.Row | None = None
        for row in rows:
            if self.switch("Unique") and last is not None and order(last, row) == 0:
                continue
            last = row
            self.emit(row.source)


def _direction(parameter: expressions.Parameter, default: bool) -> bool:
    """`ascending` and `descending` of a calculated property; both given and equal count for nothing."""
    up, down = parameter.entries.get("ascending"), parameter.entries.get("descending")
    if (up is None and down is None) or (up is not None and up == down):
        return default
    return bool(up) if up is not None else not down


@cmdlet("Get-Unique")
class GetUnique(Cmdlet):
    """Drops an object that equals the one before it."""

    def begin(self) -> None:
        self._any = False
        self._last: Any = None

    def process(self) -> None:
        value = self.get("InputObject")
        if self._any and self._repeats(value):
            return
        self._any = True
        self._last = value
        self.emit(value)

    def _repeats(self, value: Any) -> bool:
        if self.switch("OnType"):
            names = objects.type_names(self.session, value)
            return bool(names) and names[:1] == objects.type_names(self.session, self._last)[:1]
        if self.switch("AsString"):
            left, right = convert.to_text(value, self.session), convert.to_text(self._last, self.session)
            return convert.compare(left, right, False) == 0
        return objects.compare(value, self._last, ignore_case=False) == 0
