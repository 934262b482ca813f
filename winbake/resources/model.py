"""The words that resources speak: query, change, operation, decision.

A resource is asked three things. `queries()`: what must be read. `decide(state)`: what differs, and the operations
that mend it. `predict(state)`: the state after those operations, so that later resources plan against what will be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from winbake.resources.state import State


@dataclass(frozen=True)
class Query:
    """One thing to read on the host. Equal queries are asked once."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    patience: int = 0
    """Seconds that this query may take beyond what all others do; such a one is asked only for who is selected."""

    @cached_property
    def key(self) -> str:
        return json.dumps([self.kind, dict(self.arguments)], sort_keys=True, ensure_ascii=False)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and other.key == self.key


@dataclass(frozen=True)
class Operation:
    """One small, named action that the agent runs. `arguments` is JSON; `secret` keeps them out of saved plans.

    `rounds` above 1: after it the host is restarted if it wants that, the resource's facts are read again, and it runs
    again while they differ, so often at most; what stands behind it waits.
    """

    kind: str
    arguments: Mapping[str, Any]
    title: str = ""
    limit_seconds: int = 120
    secret: bool = False
    rounds: int = 1


@dataclass(frozen=True)
class Change:
    """One property, old → new. `action` is the verb of the plan: install, upgrade, create, change, remove, run …"""

    action: str
    property: str
    old: str | None
    new: str | None
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """What a resource found. No changes and not skipped: it is right already."""

    changes: tuple[Change, ...] = ()
    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: str | None = None
    """Why it is left out, with the next thing to do."""
    problem: str | None = None
    """Why it cannot be done; the whole plan is then refused before anything is touched."""
    always_runs: bool = False
    scheduled: str | None = None
    """What the host has been told to do by itself some time after the run: right after it nobody can prove it."""
    closes: bool = False
    """The host lets winbake in no more afterwards: this comes after everything else, wherever its task stands."""

    @property
    def right(self) -> bool:
        return not self.changes and self.skipped is None and self.problem is None


RIGHT = Decision()


@dataclass(frozen=True)
class Identity:
    """How a resource is known: `tool dcmtk`. `where` is file:line of what asked for it."""

    kind: str
    name: str
    tags: frozenset[str] = frozenset()
    where: str = ""
    no_log: bool = False

    @property
    def id(self) -> str:
        return f"{self.kind} {self.name}"


class Resource(Protocol):
    @property
    def identity(self) -> Identity: ...

    def queries(self) -> Iterable[Query]:
        """What must be read before `decide`."""
        ...

    def decide(self, state: State) -> Decision:
        """What differs between the wish and `state`."""
        ...

    def predict(self, state: State) -> State:
        """The state after the decision's operations; called only if there were changes."""
        ...


def shown(value: Any, limit: int = 60) -> str:
    """A value as a plan shows it: one line, cut in the middle if it is long."""
    if value is None:
        return "absent"
    if isinstance(value, list | tuple):
        text = ", ".join(str(v) for v in value) or "empty"
    elif isinstance(value, bytes):
        text = value.hex(" ")
    else:
        text = str(value).replace("\r\n", "⏎").replace("\n", "⏎")
    if len(text) > limit:
        half = (limit - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text if text else '""'
