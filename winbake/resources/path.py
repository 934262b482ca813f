"""Entries of the machine PATH: present, in order, once. The raw text is kept: `%SystemRoot%` stays unexpanded.

The operation is an edit ("remove this, put that before this one") that the agent carries out on the PATH as it then
is, because an installer that ran before it may have added entries of its own.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, shown
from winbake.resources.state import State, Value

ENVIRONMENT = Query("environment")
LONGEST_OLD_PATH = 2047
"""Older dialogs and tools cut a PATH at this length; the registry takes 32,767 characters."""


def split_path(text: str) -> list[str]:
    """The entries, as they stand. A quoted entry may hold a semicolon; empty entries are dropped."""
    entries: list[str] = []
    current, quoted = "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        if character == ";" and not quoted:
            entries.append(current)
            current = ""
        else:
            current += character
    entries.append(current)
    return [e for e in (entry.strip() for entry in entries) if e]


def same_entry(state: State, left: str, right: str) -> bool:
    return _normal(state, left) == _normal(state, right)


def _normal(state: State, entry: str) -> str:
    """Two entries are the same folder if these are equal: no quotes, no final backslash, no case, expanded."""
    return state.expand(entry.strip().strip('"')).replace("/", "\\").rstrip("\\").lower()


@dataclass(frozen=True)
class PathEntryResource:
    """One entry. `later`: entries that must stand behind it; `earlier`: those that must stand before it."""

    identity: Identity
    entry: str
    place: str = "last"
    replaces: str | None = None
    earlier: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    present: bool = True

    def queries(self) -> Iterable[Query]:
        return (ENVIRONMENT,)

    def decide(self, state: State) -> Decision:
        value = state.variable("Path") or Value("ExpandString", "")
        entries = split_path(str(value.data))
        wanted, change = self._arrange(state, entries)
        if change is None:
            return RIGHT
        edits = _edits(state, entries, wanted, self.entry)
        operation = Operation("path", {"edits": edits}, f"PATH: {change.action} {self.entry}")
        return Decision((change,), (operation,))

    def predict(self, state: State) -> State:
        value = state.variable("Path") or Value("ExpandString", "")
        wanted, _ = self._arrange(state, split_path(str(value.data)))
        return state.with_variable("Path", Value("ExpandString", ";".join(wanted)))

    def _arrange(self, state: State, entries: list[str]) -> tuple[list[str], Change | None]:
        """The entries as they should stand, and the change in words (None: right already)."""
        mine = [i for i, e in enumerate(entries) if same_entry(state, e, self.entry)]
        if not self.present:
            if not mine:
                return entries, None
            rest = [e for i, e in enumerate(entries) if i not in mine]
            return rest, Change("remove", "Path", entries[mine[0]], None, f"entry {mine[0] + 1} of {len(entries)}")
        old = self._replaced(state, entries)
        rest = [e for i, e in enumerate(entries) if i not in mine and i not in old]
        text = entries[mine[0]] if mine else self.entry
        if mine and not old and len(mine) == 1 and self._stands_well(state, entries, mine[0]):
            return entries, None
        before = (mine or old or [len(entries)])[0]
        gone = [i for i in (*mine, *old) if i < before]
        index = self._fit(state, rest, before - len(gone), bool(mine or old))
        wanted = [*rest[:index], text, *rest[index:]]
        where = f"entry {index + 1} of {len(wanted)}"
        if old:
            return wanted, Change("replace", "Path", entries[old[0]], self.entry, where)
        if not mine:
            return wanted, Change("add", "Path", None, self.entry, where)
        if len(mine) > 1 and index == mine[0]:
            return wanted, Change("dedupe", "Path", f"{len(mine)} times", "once", where)
        return wanted, Change(
            "move", "Path", f"entry {mine[0] + 1}", f"entry {index + 1}", self._why(state, entries, mine[0])
        )

    def _replaced(self, state: State, entries: list[str]) -> list[int]:
        if not self.replaces:
            return []
        pattern = _normal(state, self.replaces)
        return [
            i
            for i, e in enumerate(entries)
            if fnmatch.fnmatchcase(_normal(state, e), pattern) and not same_entry(state, e, self.entry)
        ]

    def _stands_well(self, state: State, entries: list[str], index: int) -> bool:
        return self._fit(state, [*entries[:index], *entries[index + 1 :]], index, True) == index

    def _fit(self, state: State, rest: list[str], index: int, there: bool) -> int:
        """The nearest place to `index` that keeps the order. A new entry goes where its `place` says."""
        lowest = max(
            (i + 1 for i, e in enumerate(rest) if any(same_entry(state, e, x) for x in self.earlier)), default=0
        )
        highest = min(
            (i for i, e in enumerate(rest) if any(same_entry(state, e, x) for x in self.later)), default=len(rest)
        )
        if self.place == "first":
            return lowest
        if not there:
            index = len(rest)
        index = min(index, highest)
        return max(index, lowest) if lowest <= highest else highest

    def _why(self, state: State, entries: list[str], index: int) -> str:
        for i, entry in enumerate(entries):
            if i < index and any(same_entry(state, entry, x) for x in self.later):
                return f"before {entry}"
            if i > index and any(same_entry(state, entry, x) for x in self.earlier):
                return f"behind {entry}"
        return "first" if self.place == "first" else "order"


def _edits(state: State, entries: list[str], wanted: list[str], entry: str) -> list[dict[str, str | None]]:
    """What the agent does: remove entries by their text, then put `entry` before another one (None: at the end)."""
    kept = [_normal(state, e) for e in wanted]
    edits: list[dict[str, str | None]] = [
        {"remove": e} for e in dict.fromkeys(entries) if _normal(state, e) not in kept
    ]
    position = next((i for i, e in enumerate(wanted) if same_entry(state, e, entry)), None)
    if position is not None:
        before = wanted[position + 1] if position + 1 < len(wanted) else None
        edits.append({"put": wanted[position], "before": before})
    return edits


@dataclass(frozen=True)
class PathTidy:
    """The PATH as a whole: entries that stand twice go, dead ones and a great length are said."""

    identity: Identity
    dedupe: bool = True

    def queries(self) -> Iterable[Query]:
        return (ENVIRONMENT,)

    def decide(self, state: State) -> Decision:
        value = state.variable("Path")
        if value is None:
            return Decision(notes=("the machine has no PATH at all",))
        text = str(value.data)
        entries = split_path(text)
        notes = []
        dead = [e for e in entries if state.path_exists.get(e) is False]
        if dead:
            notes.append(f"PATH has {len(dead)} dead {'entry' if len(dead) == 1 else 'entries'}: {', '.join(dead)}")
        if len(text) > LONGEST_OLD_PATH:
            notes.append(f"PATH is {len(text)} characters long; some tools read only {LONGEST_OLD_PATH}")
        changes: list[Change] = []
        edits: list[dict[str, str | None]] = []
        for first, again in self._doubles(state, entries):
            changes.append(Change("dedupe", "Path", again, None, f"stands already as {first}"))
            edits.append({"remove_again": again})
        if value.kind != "ExpandString" and "%" in text:
            changes.append(Change("change", "Path kind", value.kind, "ExpandString", "%…% parts would not be expanded"))
        if not changes:
            return Decision(notes=tuple(notes))
        return Decision(tuple(changes), (Operation("path", {"edits": edits}, "PATH: tidy"),), tuple(notes))

    def predict(self, state: State) -> State:
        value = state.variable("Path")
        if value is None:
            return state
        entries: list[str] = []
        for entry in split_path(str(value.data)):
            if not self.dedupe or not any(same_entry(state, entry, e) for e in entries):
                entries.append(entry)
        return state.with_variable("Path", Value("ExpandString", ";".join(entries)))

    def _doubles(self, state: State, entries: list[str]) -> list[tuple[str, str]]:
        if not self.dedupe:
            return []
        first: dict[str, str] = {}
        doubles = []
        for entry in entries:
            key = _normal(state, entry)
            if key in first:
                doubles.append((first[key], entry))
            else:
                first[key] = entry
        return doubles


@dataclass(frozen=True)
class EnvironmentVariable:
    """A machine variable. ExpandString if the value holds `%…%`, or if it is one already; value None: absent."""

    identity: Identity
    name: str
    value: str | None

    def queries(self) -> Iterable[Query]:
        return (ENVIRONMENT,)

    def decide(self, state: State) -> Decision:
        found = state.variable(self.name)
        if self.value is None:
            if found is None:
                return RIGHT
            return self._decision(Change("remove", self.name, shown(found.data), None), None)
        kind = self._kind(found)
        if found is None:
            return self._decision(Change("create", self.name, None, shown(self.value)), kind)
        if str(found.data) != self.value:
            return self._decision(Change("change", self.name, shown(found.data), shown(self.value)), kind)
        if found.kind != kind:
            return self._decision(Change("change", f"{self.name} kind", found.kind, kind), kind)
        return RIGHT

    def predict(self, state: State) -> State:
        value = None if self.value is None else Value(self._kind(state.variable(self.name)), self.value)
        return state.with_variable(self.name, value)

    def _kind(self, found: Value | None) -> str:
        if self.value and "%" in self.value:
            return "ExpandString"
        return found.kind if found and found.kind in ("String", "ExpandString") else "String"

    def _decision(self, change: Change, kind: str | None) -> Decision:
        arguments = {"name": self.name, "kind": kind, "data": self.value}
        operation = Operation("environment", arguments, f"variable {self.name}", secret=self.identity.no_log)
        return Decision((change,), (operation,))
