"""Group-Object."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects, ordering
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.convert import enumerate_items
from winbake.rehearsal.powershell.dotnet.collections import ArrayList, GenericList, Hashtable, collection_of
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException


@result("Microsoft.PowerShell.Commands.GroupInfo", "Values", "Count", "Group", "Name")
class GroupInfo(CommandResult):
    pass


@result("Microsoft.PowerShell.Commands.GroupInfoNoElement", "Values", "Count", "Group", "Name")
class GroupInfoNoElement(GroupInfo):
    pass


@cmdlet("Group-Object")
class GroupObject(Cmdlet):
    """Groups stand in the order in which their first object came."""

    def begin(self) -> None:
        self._parameters: list[expressions.Parameter] | None = None
        self._groups: list[tuple[ordering.Row, list[Any]]] = []
        self._by_text: dict[tuple[type, Any], int] = {}

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        if self._parameters is None:
            wanted = self.get("Property") or ordering.default_keys(self.session, value)
            self._parameters = expressions.parse(self, wanted, expressions.GROUP_ENTRIES)
            self._parameters = ordering.expand(self, [value], self._parameters)
        row = ordering.row(self, value, self._parameters)
        self._members_for(row).append(value)

    def _members_for(self, row: ordering.Row) -> list[Any]:
        quick = _quick_key(row)
        if quick is not None and quick in self._by_text:
            return self._groups[self._by_text[quick]][1]
        ascending = [True] * len(self._groups[0][0].keys) if self._groups else []
        ignore_case = not self.switch("CaseSensitive")
        for i, (first, group) in enumerate(self._groups):
            if ordering.compare_rows(first, row, ascending, ignore_case) == 0:
                if quick is not None:
                    self._by_text[quick] = i
                return group
        if quick is not None:
            self._by_text[quick] = len(self._groups)
        self._groups.append((row, []))
        return self._groups[-1][1]

    def end(self) -> None:
        if not self._groups:
            return
        if self.switch("AsHashTable"):
            self._emit_table()
            return
        if self.switch("AsString"):
            message = "The AsString parameter can only be used with the AsHashTable parameter."
            kind = "System.ArgumentException"
            raise self.fail("ArgumentException", message, "InvalidArgument", kind, self.get("AsString"))
        for row, members in self._groups:
            cls = GroupInfoNoElement if self.switch("NoElement") else GroupInfo
            self.emit(
                cls(
                    values=ArrayList([key.value for key in row.keys]),
                    count=len(members),
                    group=self._collection(members),
                    name=self._name(row),
                )
            )

    def _collection(self, members: list[Any]) -> GenericList:
        kept = [] if self.switch("NoElement") else members
        return collection_of(kept)

    def _emit_table(self) -> None:
        table = Hashtable(ignore_case=True)
        for row, members in self._groups:
            if not self.switch("AsString") and len(row.keys) != 1:
                message = "Use the AsString parameter when you group by more than one property with AsHashTable."
                kind = "System.ArgumentException"
                raise self.fail("ArgumentException", message, "InvalidArgument", kind, self.get("Property"))
            key = self._name(row) if self.switch("AsString") else v.unwrap(row.keys[0].value)
            if key is None or table.contains(key):
                message = "The objects grouped by this property cannot be expanded because there is a key duplication."
                inner = NetException("System.ArgumentException", "Item has already been added.")
                self.write_error(
                    ErrorRecord(NetException("System.Exception", message, inner), message, "InvalidArgument")
                )
                return
            table.set(key, self._collection(members))
        self.emit(table)

    def _name(self, row: ordering.Row) -> str:
        parts = []
        for key in row.keys:
            if objects.is_null(key.value):
                continue
            items = enumerate_items(v.unwrap(key.value))
            if items is None:
                parts.append(objects.text(self.session, key.value))
            else:
                parts.append("{" + ", ".join(objects.text(self.session, item) for item in items) + "}")
        return ", ".join(parts)


def _quick_key(row: ordering.Row) -> tuple[type, Any] | None:
    """A hash for rows of one plain string or number: most groupings."""
    if len(row.keys) != 1 or not row.keys[0].exists:
        return None
    value = v.unwrap(row.keys[0].value)
    return (type(value), value) if type(value) in (str, int, bool) else None
