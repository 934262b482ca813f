"""Windows updates: none of the wanted categories is pending, and Windows Update waits for no restart.

What is pending is read by a search, which takes minutes on a real host; an update of the plan is installed by its id.
Which updates Windows offers after a restart nobody can know before: the engine asks again after each round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import Field

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import Flag, ModuleParameters, Texts
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

SEARCH_LIMIT = 1200
"""Seconds that a search may take; one of a minute is usual, one of ten is not unheard of after a restart."""
ROUND_LIMIT = 3 * 3600
"""Seconds that the updates of one round may take, downloads and all."""
ROUNDS = 5
_ONE_WORD = {
    "CriticalUpdates": "Critical Updates",
    "DefinitionUpdates": "Definition Updates",
    "DeveloperKits": "Developer Kits",
    "FeaturePacks": "Feature Packs",
    "SecurityUpdates": "Security Updates",
    "ServicePacks": "Service Packs",
    "UpdateRollups": "Update Rollups",
}
"""Ansible takes these spellings too."""
_SERVERS = {"default": 0, "windows_update": 2}  # ServerSelection


@dataclass(frozen=True)
class PendingUpdate:
    """An update that is not installed. `size` in bytes, the most its download takes. `waits`: for a restart only."""

    id: str
    kb: str
    title: str
    categories: tuple[str, ...] = ()
    size: int = 0
    optional: bool = False
    waits: bool = False


@dataclass(frozen=True)
class UpdatesFact:
    """`restart`: Windows Update waits for one."""

    restart: bool
    updates: tuple[PendingUpdate, ...]


def _fact(answer: Any) -> UpdatesFact:
    updates = tuple(PendingUpdate(**{**one, "categories": tuple(one["categories"])}) for one in answer["updates"])
    return UpdatesFact(bool(answer["restart"]), updates)


FACT_TYPES["updates"] = _fact


@dataclass(frozen=True)
class WindowsUpdates:
    """`accept` and `reject`: patterns looked for in title and KB numbers. `reboot_timeout`: seconds, None: as usual."""

    identity: Identity
    categories: tuple[str, ...]
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    optional: bool = True
    reboot: bool = False
    reboot_timeout: int | None = None
    server: int = 0

    @property
    def query(self) -> Query:
        arguments = {"server": self.server, "categories": sorted(self.categories), "limit_seconds": SEARCH_LIMIT}
        return Query("updates", arguments, patience=SEARCH_LIMIT)

    def queries(self) -> Iterable[Query]:
        return (self.query,)

    def decide(self, state: State) -> Decision:
        fact: UpdatesFact = state.fact(self.query)
        wanted = [one for one in fact.updates if self._wants(one)]
        missing = [one for one in wanted if not one.waits]
        owed = fact.restart or any(one.waits for one in wanted)
        changes = [Change("install", one.kb, None, one.title, _reason(one)) for one in missing]
        if owed and self.reboot:
            changes.insert(0, Change("restart", "Windows Update", "waits for a restart", "restarted"))
        notes = []
        if owed and not self.reboot:
            notes.append(f"{self.identity.id}: Windows Update waits for a restart, which this task may not make")
        if not changes:
            return replace(RIGHT, notes=tuple(notes))
        if self.reboot:
            notes.append(
                f"{self.identity.id}: what Windows offers after a restart is installed too, {ROUNDS} rounds at most"
            )
        arguments = {
            "server": self.server,
            "ids": [one.id for one in missing],
            "reboot": self.reboot,
            "reboot_timeout": self.reboot_timeout,
        }
        rounds = ROUNDS if self.reboot else 1
        operation = Operation("updates", arguments, self.identity.id, limit_seconds=ROUND_LIMIT, rounds=rounds)
        return Decision(tuple(changes), (operation,), tuple(notes))

    def _wants(self, update: PendingUpdate) -> bool:
        if update.optional and not self.optional:
            return False
        text = f"{update.title} {update.kb}"
        accepted = not self.accept or any(re.search(p, text, re.IGNORECASE) for p in self.accept)
        return accepted and not any(re.search(p, text, re.IGNORECASE) for p in self.reject)

    def predict(self, state: State) -> State:
        fact: UpdatesFact = state.fact(self.query)
        left = tuple(one for one in fact.updates if not self._wants(one))
        return state.with_fact(self.query, UpdatesFact(fact.restart and not self.reboot, left))


def _reason(update: PendingUpdate) -> str:
    """`Security Updates, 360 MB`: the categories hold the product too, which the title names."""
    size = f"{update.size / 1e6:.0f} MB" if update.size >= 1e6 else ""
    return ", ".join(part for part in (update.categories[0] if update.categories else "", size) if part)


# ---- ansible.windows.win_updates


class UpdatesParameters(ModuleParameters):
    """With `reboot: true` the host is restarted and asked again until nothing is left, in five rounds at most, before
    the next task; without, a restart that Windows Update asks for is only reported. Patterns are Python's, which for
    KB numbers and plain text are the same. A failed update is tried again if a restart follows, and ends the run
    otherwise. Hidden updates are never installed; license terms are accepted. `reboot_timeout` is 1200 if not given."""

    category_names: Texts = Field(default_factory=lambda: ["CriticalUpdates", "SecurityUpdates", "UpdateRollups"])
    accept_list: Texts = Field(default_factory=list)
    reject_list: Texts = Field(default_factory=list)
    skip_optional: Flag = False
    reboot: Flag = False
    reboot_timeout: int | None = None
    server_selection: Literal["default", "windows_update"] = "default"
    state: Literal["installed"] = "installed"


def _updates(task: Task, p: UpdatesParameters, identity: Identity) -> list[Resource]:
    for name, patterns in (("accept_list", p.accept_list), ("reject_list", p.reject_list)):
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise BadParameter(f"{name}: {pattern!r} is no pattern: {error}") from None
    if not p.category_names:
        raise BadParameter("category_names is empty: name some, or '*' for all")
    if p.reboot_timeout is not None and not p.reboot:
        raise BadParameter("reboot_timeout needs reboot: true")
    return [
        WindowsUpdates(
            named(identity, "updates", identity.name),
            tuple(_ONE_WORD.get(name, name) for name in p.category_names),
            tuple(p.accept_list),
            tuple(p.reject_list),
            not p.skip_optional,
            p.reboot,
            p.reboot_timeout,
            _SERVERS[p.server_selection],
        )
    ]


MODULES: ModuleTable = {"ansible.windows.win_updates": (UpdatesParameters, _updates)}
