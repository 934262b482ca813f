"""Select-Object."""

from __future__ import annotations

from collections import deque
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, StopUpstream


class _Window:
    """Which objects -First, -Last, -Skip and -SkipLast let through, as they stream by."""

    def __init__(self, first: int, last: int, skip: int, skip_last: int, limited: bool) -> None:
        self.first, self.last, self.skip, self.skip_last = first, last, skip, skip_last
        self.limited = limited
        self.queue: deque[Any] = deque()
        self.streamed = 0

    @property
    def satisfied(self) -> bool:
        return self.limited and self.last == 0 and self.first != 0 and self.streamed >= self.first

    def push(self, value: Any) -> None:
        if self.last > 0:
            room = self.last + self.skip if self.first == 0 else self.last
            if len(self.queue) >= room:
                self.queue.popleft()
        self.queue.append(value)

    def stream(self) -> list[Any]:
        """The object (none or one) that may go on now."""
        if self.skip:
            if self.last == 0 or self.first != 0:
                self.queue.popleft()
                self.skip -= 1
            return []
        if self.skip_last > 0:
            return [self.queue.popleft()] if len(self.queue) > self.skip_last else []
        if self.streamed < self.first or not self.limited:
            self.streamed += 1
            return [self.queue.popleft()]
        if self.last == 0:
            self.queue.popleft()
        return []

    def rest(self) -> list[Any]:
        """What is left for the end (-Last)."""
        if self.first != 0:
            return list(self.queue)
        return list(self.queue)[: max(0, len(self.queue) - self.skip)]


@cmdlet("Select-Object")
class SelectObject(Cmdlet):
    def begin(self) -> None:
        self._properties = expressions.parse(self, self.get("Property"), expressions.SELECT_ENTRIES)
        self._expand: expressions.Parameter | None = None
        if self.get("ExpandProperty"):
            wanted = v.PSArray([self.get("ExpandProperty")])
            self._expand = expressions.parse(self, wanted, expressions.SELECT_ENTRIES)[0]
        excluded = self.get("ExcludeProperty")
        self._excluded = expressions.ExclusionFilter(excluded) if excluded is not None else None
        self._uniques: list[tuple[Any, list[tuple[str, Any]]]] | None = [] if self.switch("Unique") else None
        self._indexes = sorted(set(self.get("Index") or ()))
        self._at = 0
        self._window = _Window(
            self.get("First", 0),
            self.get("Last", 0),
            self.get("Skip", 0),
            self.get("SkipLast", 0),
            self.has("First") or self.has("Last"),
        )

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        if self.has("Index"):
            self._process_index(value)
            return
        self._window.push(value)
        for streamed in self._window.stream():
            self._select(streamed)
        if self._window.satisfied and not self.switch("Wait"):
            self._finish()
            raise StopUpstream(self)

    def _process_index(self, value: Any) -> None:
        if self._indexes and self._indexes[0] == self._at:
            self._indexes.pop(0)
            self._select(value)
        self._at += 1
        if not self._indexes and not self.switch("Wait"):
            self._finish()
            raise StopUpstream(self)

    def end(self) -> None:
        self._finish()

    def _finish(self) -> None:
        if not self.has("Index") and not self.has("SkipLast"):
            for value in self._window.rest():
                self._select(value)
            self._window.queue.clear()
        for value, _notes in self._uniques or ():
            self.emit(value)
        if self._uniques is not None:
            self._uniques = []

    # one object

    def _select(self, source: Any) -> None:
        if not self._properties and self._expand is None:
            self._write(source, [], source)
            return
        notes: list[tuple[str, Any]] = []
        for parameter in self._properties:
            self._collect(parameter, source, notes)
        if self._expand is not None:
            self._expand_one(source, notes)
            return
        table = v.MemberTable()
        for name, value in notes:
            if name in table:
                self._already_there(name, source, "AlreadyExistingUserSpecifiedPropertyNoExpand")
            else:
                table.add(v.NoteProperty(name, value))
        self._write(v.PSObject(v.CUSTOM, table), notes, source)

    def _collect(self, parameter: expressions.Parameter, source: Any, notes: list[tuple[str, Any]]) -> None:
        name = parameter.named()
        found: list[expressions.Evaluated] = []
        for resolved in parameter.expression.resolve(self.session, source):
            if self._excluded is None or not self._excluded.excludes(resolved):
                found.extend(resolved.evaluate(self.session, source))
        if not found:  # 5.1 does so for a wildcard that matches nothing, too
            found = [expressions.Evaluated(None, parameter.expression)]
        elif name and len(found) > 1:
            message = "Multiple results cannot be renamed."
            exception = NetException("System.InvalidOperationException", message)
            self.write_error(ErrorRecord(exception, "RenamingMultipleResults", "InvalidOperation", source))
            return
        for one in found:
            if self._excluded is not None and self._excluded.excludes(one.expression):
                continue
            note = name or one.expression.text
            if not note:
                message = 'Cannot process argument because the value of argument "Property" is not valid.'
                kind = "System.Management.Automation.PSArgumentException"
                raise self.fail("EmptyScriptBlockAndNoName", message, "InvalidArgument", kind)
            notes.append((note, one.value))

    def _expand_one(self, source: Any, notes: list[tuple[str, Any]]) -> None:
        assert self._expand is not None
        expression = self._expand.expression
        found = expression.evaluate(self.session, source)
        kind = "System.Management.Automation.PSArgumentException"
        if not found:
            message = f'Property "{expression.text}" cannot be found.'
            self.error("ExpandPropertyNotFound", message, "InvalidArgument", kind, source)
            return
        if len(found) > 1:
            message = f'Multiple properties cannot be expanded. The expression "{expression.text}" gives several.'
            self.error("MutlipleExpandProperties", message, "InvalidArgument", kind, source)
            return
        failure = found[0].failure
        if failure is not None:
            exception = failure.record.exception
            self.write_error(ErrorRecord(exception, "PropertyEvaluationExpand", "InvalidResult", source))
            return
        value = found[0].value
        if objects.is_null(value):
            return
        items = convert.enumerate_items(v.unwrap(value))
        for item in [value] if items is None else list(items):
            if objects.is_null(item):
                continue
            self._write(self._with_notes(item, notes, source), notes, source, expanded=True)

    def _with_notes(self, item: Any, notes: list[tuple[str, Any]], source: Any) -> Any:
        if not notes:
            return item
        expanded = objects.with_own_members(item)
        for name, value in notes:
            if objects.find_property(self.session, expanded, name) is not None:
                self._already_there(name, source, "AlreadyExistingUserSpecifiedPropertyExpand")
            else:
                expanded.members.add(v.NoteProperty(name, value))
        return expanded

    def _already_there(self, name: str, source: Any, error_id: str) -> None:
        message = f'The property cannot be processed because the property "{name}" already exists.'
        kind = "System.Management.Automation.PSArgumentException"
        self.error(error_id, message, "InvalidOperation", kind, source)

    def _write(self, value: Any, notes: list[tuple[str, Any]], source: Any, expanded: bool = False) -> None:
        if self._uniques is not None:
            if any(self._same(value, notes, *seen) for seen in self._uniques):
                return
            self._uniques.append((value, notes))
        if v.is_custom(value) and not (expanded and not notes):
            names = objects.type_names(self.session, value)
            value.type_names = [f"Selected.{objects.base_type_name(source)}", *names]
        if self._uniques is None:
            self.emit(value)

    def _same(self, value: Any, notes: list[tuple[str, Any]], seen: Any, seen_notes: list[tuple[str, Any]]) -> bool:
        left, right = _base(value), _base(seen)
        if len(notes) != len(seen_notes) or objects.compare(left, right, ignore_case=False) != 0:
            return False
        by_name = {name.lower(): note for name, note in seen_notes}
        return all(
            name.lower() in by_name and objects.compare(by_name[name.lower()], note, ignore_case=False) == 0
            for name, note in notes
        )


def _base(value: Any) -> Any:
    return value.base if type(value) is v.PSObject else value
