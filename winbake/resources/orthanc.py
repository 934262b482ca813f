"""An Orthanc: its settings file, which its service must be seen to run with, and on Linux that service itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, shown
from winbake.resources.state import FACT_TYPES, State

_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_USERS, _NODES = "RegisteredUsers", "DicomModalities"
START_SECONDS = 60
"""For Orthanc to open its database and its ports; the same again to go back to the old settings."""


@dataclass(frozen=True)
class OtherFile:
    """Another file of the settings' folder, which Orthanc reads too, and the names that it sets."""

    name: str
    settings: tuple[str, ...]


@dataclass(frozen=True)
class SettingsFact:
    """proved: whether the service was seen to run with the file since it was written."""

    exists: bool
    sha256: str
    proved: bool
    others: tuple[OtherFile, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What it says, without its passwords; empty if it is no JSON."""


@dataclass(frozen=True)
class LinuxServiceFact:
    """manager: systemd, or process where there is none. start: auto or manual."""

    exists: bool
    manager: str
    start: str
    running: bool


def _settings_fact(answer: Any) -> SettingsFact:
    others = tuple(OtherFile(one["name"], tuple(one["settings"])) for one in answer["others"])
    found = bool(answer["exists"]), str(answer["sha256"]), bool(answer["proved"])
    return SettingsFact(*found, others, _without_passwords(str(answer["text"])))


def _without_passwords(text: str) -> dict[str, Any]:
    """The settings of a JSON with comments, as Orthanc takes it."""
    try:
        found = json.loads(_COMMENT.sub(lambda one: one[0] if one[0].startswith('"') else " ", text))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    if isinstance(found.get(_USERS), dict):
        found[_USERS] = sorted(found[_USERS])
    return found


def _service_fact(answer: Any) -> LinuxServiceFact:
    return LinuxServiceFact(
        bool(answer["exists"]), str(answer["manager"]), str(answer["start"]), bool(answer["running"])
    )


FACT_TYPES["settings_file"] = _settings_fact
FACT_TYPES["linux_service"] = _service_fact


@dataclass(frozen=True)
class ServiceSettings:
    """A service's settings file: after a change the service is restarted, and if it does not run the old file is back.

    content: with passwords, so it is in no plan. settings: its top names, which no other file of the folder may set.
    """

    identity: Identity
    path: str
    content: bytes
    in_words: str
    """What it says, for the plan."""
    settings: frozenset[str]
    ports: tuple[int, ...]
    service: Mapping[str, str]
    """What the agent needs to know of the service: on Windows its name, on Linux more."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def query(self) -> Query:
        return Query("settings_file", {"path": self.path})

    def queries(self) -> Iterable[Query]:
        return (self.query,)

    def decide(self, state: State) -> Decision:
        found: SettingsFact = state.fact(self.query)
        twice = {one.name: set(one.settings) & self.settings for one in found.others}
        for other in found.others:
            if twice[other.name] and not set(other.settings) <= self.settings:
                names = ", ".join(sorted(twice[other.name]))
                return Decision(
                    problem=f"{self.identity.id}: {other.name} beside it sets {names} too, which Orthanc refuses; "
                    f"remove that from {other.name}"
                )
        aside = [name for name, names in twice.items() if names]
        changes = self._changes(found) if found.sha256 != self.sha256 or not found.proved else []
        changes += [Change("remove", name, ", ".join(sorted(twice[name])), None) for name in aside]
        if not changes:
            return RIGHT
        arguments = {
            "path": self.path,
            "content": base64.b64encode(self.content).decode("ascii"),
            "sha256": self.sha256,
            "ports": list(self.ports),
            "aside": aside,
            "service": dict(self.service),
        }
        title = f"{self.identity.id}, restart {self.service['name']}"
        operation = Operation("put_settings", arguments, title, 2 * START_SECONDS, secret=True)
        return Decision(tuple(changes), (operation,))

    def _changes(self, found: SettingsFact) -> list[Change]:
        if not found.exists:
            return [Change("create", "content", None, self.in_words)]
        if found.sha256 == self.sha256:
            return [Change("restart", "service", "not seen to run with it", "running", "an earlier run was cut")]
        have, wanted = found.settings, _without_passwords(self.content.decode("utf-8"))
        if not wanted.keys() <= have.keys():
            return [Change("change", "content", "another file", self.in_words)]
        changes = [_changed(name, have[name], value) for name, value in wanted.items() if have[name] != value]
        changes += [Change("remove", name, shown(have[name]), None) for name in have.keys() - wanted.keys()]
        return changes or [Change("change", "content", "another password or layout", self.in_words)]

    def predict(self, state: State) -> State:
        found: SettingsFact = state.fact(self.query)
        kept = tuple(one for one in found.others if not set(one.settings) & self.settings)
        state = state.with_fact(self.query, SettingsFact(True, self.sha256, True, kept))
        runs = Query("linux_service", {**self.service})
        if runs.key in state.facts:
            state = state.with_fact(runs, replace(state.fact(runs), running=True))
        windows = state.service(self.service["name"])
        return state if windows is None else state.with_service(windows.name, replace(windows, state="running"))


def _changed(name: str, old: Any, new: Any) -> Change:
    if name != _NODES or not isinstance(old, dict):
        return Change("change", name, shown(old), shown(new))
    parts = {
        "adds": [node for node in new if node not in old],
        "changes": [node for node in new if node in old and old[node] != new[node]],
        "drops": [node for node in old if node not in new],
    }
    words = "; ".join(f"{verb} {shown(nodes)}" for verb, nodes in parts.items() if nodes)
    return Change("change", name, f"{len(old)} nodes", f"{len(new)} nodes", words)


@dataclass(frozen=True)
class LinuxService:
    """A service of a Linux host runs, and starts with the machine where systemd is there to start it."""

    identity: Identity
    service: Mapping[str, str]
    path: str
    ports: tuple[int, ...]
    how_to_install: str

    @property
    def query(self) -> Query:
        return Query("linux_service", {**self.service})

    def queries(self) -> Iterable[Query]:
        return (self.query,)

    def decide(self, state: State) -> Decision:
        found: LinuxServiceFact = state.fact(self.query)
        if not found.exists:
            name = self.service["name"]
            return Decision(problem=f"{self.identity.id}: there is no {name} on this host; {self.how_to_install}")
        notes = () if found.manager == "systemd" else ("no systemd: it runs as a process, until the machine restarts",)
        enable = found.manager == "systemd" and found.start != "auto"
        changes = [Change("change", "start", found.start, "auto")] if enable else []
        if not found.running:
            changes.append(Change("start", "state", "stopped", "running"))
        if not changes:
            return Decision(notes=notes)
        arguments = {
            "service": dict(self.service),
            "path": self.path,
            "ports": list(self.ports),
            "enable": enable,
            "start": not found.running,
        }
        operation = Operation("linux_service", arguments, self.identity.id, START_SECONDS)
        return Decision(tuple(changes), (operation,), notes)

    def predict(self, state: State) -> State:
        found: LinuxServiceFact = state.fact(self.query)
        start = "auto" if found.manager == "systemd" else found.start
        return state.with_fact(self.query, replace(found, start=start, running=True))
