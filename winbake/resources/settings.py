"""Registry values, services and commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, shown
from winbake.resources.state import FileFact, ServiceFact, State, Value

HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}


REGISTRY_KINDS = {
    "binary": "Binary",
    "dword": "DWord",
    "expandstring": "ExpandString",
    "multistring": "MultiString",
    "string": "String",
    "qword": "QWord",
}
"""Ansible's names → Windows'."""


def registry_key(text: str) -> str:
    r"""`HKLM:\SOFTWARE\X`, `HKLM\SOFTWARE\X`, `HKEY_LOCAL_MACHINE\…` → `HKLM\SOFTWARE\X`. Raises ValueError."""
    hive, _, rest = text.strip().replace("/", "\\").partition("\\")
    hive = hive.rstrip(":").upper()
    short = {long: short for short, long in HIVES.items()}.get(hive, hive)
    if short not in HIVES:
        raise ValueError(f"{text!r} does not begin with a hive ({', '.join(f'{h}:' for h in HIVES)})")
    return "\\".join([short, *(part for part in rest.split("\\") if part)])


@dataclass(frozen=True)
class RegistryValue:
    """A value with its kind. `name` "" is the default value; present False: absent."""

    identity: Identity
    key: str
    name: str
    kind: str = "String"
    data: Any = None
    view: int = 64
    present: bool = True

    def queries(self) -> Iterable[Query]:
        return (Query("registry_value", {"key": self.key, "name": self.name, "view": self.view}),)

    def decide(self, state: State) -> Decision:
        found = state.registry_value(self.key, self.name, self.view)
        label = self.name or "(default)"
        if not self.present:
            if found is None:
                return RIGHT
            return self._decision(Change("remove", label, shown(found.data), None, self.key))
        if found is None:
            return self._decision(Change("create", label, None, shown(self.data), self.key))
        if not _same_data(self.kind, found.data, self.data):
            return self._decision(Change("change", label, shown(found.data), shown(self.data), self.key))
        if found.kind != self.kind:
            return self._decision(Change("change", f"{label} kind", found.kind, self.kind, self.key))
        return RIGHT

    def predict(self, state: State) -> State:
        value = Value(self.kind, self.data) if self.present else None
        return state.with_registry(self.key, self.name, self.view, value)

    def _decision(self, change: Change) -> Decision:
        arguments = {"key": self.key, "name": self.name, "view": self.view, "present": self.present}
        if self.present:
            arguments |= {"kind": self.kind, "data": self.data}
        return Decision((change,), (Operation("registry", arguments, self.identity.id, secret=self.identity.no_log),))


def _same_data(kind: str, found: Any, wanted: Any) -> bool:
    if kind in ("DWord", "QWord"):
        bits = 32 if kind == "DWord" else 64
        try:
            return int(found) % (1 << bits) == int(wanted) % (1 << bits)
        except (TypeError, ValueError):
            return False
    if kind == "MultiString":
        return isinstance(found, list | tuple) and list(found) == list(wanted)
    return str(found) == str(wanted)


@dataclass(frozen=True)
class WindowsService:
    """A service that is there already, or comes with a tool: its start mode and state."""

    identity: Identity
    name: str
    start: str | None = "auto"
    state: str | None = "running"
    restart: bool = False

    def queries(self) -> Iterable[Query]:
        return (Query("service", {"name": self.name}),)

    def decide(self, state: State) -> Decision:
        found = state.service(self.name)
        if found is None:
            return Decision(
                problem=f"{self.identity.id}: there is no service {self.name}, and no tool planned before it brings one"
            )
        changes = []
        if self.start and found.start != self.start:
            changes.append(Change("change", "start", found.start, self.start))
        if self.restart:
            changes.append(Change("restart", "state", found.state, "running", "asked for by a change"))
        elif self.state and found.state != self.state:
            verb = "start" if self.state == "running" else "stop"
            changes.append(Change(verb, "state", found.state, self.state))
        if not changes:
            return RIGHT
        arguments = {"name": self.name, "start": self.start, "state": "restarted" if self.restart else self.state}
        return Decision(tuple(changes), (Operation("service", arguments, self.identity.id),))

    def predict(self, state: State) -> State:
        found = state.service(self.name) or ServiceFact(self.name)
        running = "running" if self.restart else (self.state or found.state)
        return state.with_service(self.name, replace(found, start=self.start or found.start, state=running))


@dataclass(frozen=True)
class Command:
    """A command line. With `creates` it runs only while that file is missing, with `removes` only while it is there;
    with neither it always runs, and the plan says so."""

    identity: Identity
    line: str
    shell: str = "none"  # "none", "cmd", "powershell"
    creates: str | None = None
    removes: str | None = None
    directory: str | None = None
    stdin: str | None = None
    exit_codes: tuple[int, ...] = (0,)
    limit_seconds: int = 600

    def queries(self) -> Iterable[Query]:
        for path in (self.creates, self.removes):
            if path:
                yield Query("file", {"path": path})

    def decide(self, state: State) -> Decision:
        if self.creates and state.file(self.creates).exists:
            return RIGHT
        if self.removes and not state.file(self.removes).exists:
            return RIGHT
        always = not self.creates and not self.removes
        if self.creates:
            reason = f"{self.creates} is missing"
        elif self.removes:
            reason = f"{self.removes} is there"
        else:
            reason = "always runs: it names neither creates nor removes"
        line = "[not shown]" if self.identity.no_log else shown(self.line, 70)
        arguments = {
            "line": self.line, "shell": self.shell, "directory": self.directory, "stdin": self.stdin,
            "exit_codes": list(self.exit_codes),
        }  # fmt: skip
        operation = Operation("command", arguments, self.identity.id, self.limit_seconds, self.identity.no_log)
        return Decision((Change("run", "command", None, line, reason),), (operation,), always_runs=always)

    def predict(self, state: State) -> State:
        if self.creates:
            state = state.with_file(self.creates, FileFact(True))
        if self.removes:
            state = state.with_file(self.removes, FileFact(False))
        return state
