"""The plan: every resource decided against the state that earlier ones will have left. Pure, and fast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from winbake.config.templates import TemplateProblem, evaluate
from winbake.engine.facts import Facts
from winbake.resources.model import Change, Decision, Identity, Operation
from winbake.resources.package import Package
from winbake.resources.state import State, System
from winbake.resources.wish import Wanted, Wish

FETCHING = frozenset({"download", "send"})
"""Operations that bring a file which later ones of the same resource need."""
_NEED_NOTHING = FETCHING | {"delete"}


@dataclass(frozen=True)
class Selection:
    """Which resources count: by tag or name, minus those to skip. Empty `tags`: all."""

    tags: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()

    def holds(self, identity: Identity) -> bool:
        names = identity.tags | {identity.name, identity.id}
        return (not self.tags or bool(self.tags & names)) and not self.skip & names

    @property
    def all(self) -> bool:
        return not self.tags and not self.skip


@dataclass(frozen=True)
class Item:
    """One resource in the plan."""

    identity: Identity
    decision: Decision
    handler: bool = False
    tool: str = ""
    """The manifest's tool that it stands beside."""
    free: bool = False
    """It need not keep its place in the plan's order: a tool or sample data of the manifest."""
    requires: tuple[str, ...] = ()
    """The tools that must be there before."""


@dataclass(frozen=True)
class Step:
    """One operation in the order of the run. `needs`: the ids of downloads and sent files that must be there."""

    id: str
    item: int
    operation: Operation
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What would be done to one host. `unselected`: resources that tags or --skip leave out."""

    host: str
    system: System
    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    unselected: int = 0
    conditional: int = 0
    rehearsal: bool = False
    decided: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def changed(self) -> list[Item]:
        return [item for item in self.items if item.decision.changes]

    @property
    def skipped(self) -> list[Item]:
        return [item for item in self.items if item.decision.skipped]

    @property
    def problems(self) -> list[Item]:
        return [item for item in self.items if item.decision.problem]

    @property
    def right(self) -> list[Item]:
        return [item for item in self.items if item.decision.right]

    @property
    def empty(self) -> bool:
        return not self.changed and not self.problems

    def item_of(self, step_id: str) -> Item | None:
        return next((self.items[s.item] for s in self.steps if s.id == step_id), None)


def make_plan(host: str, wish: Wish, facts: Facts, selection: Selection | None = None) -> Plan:
    """Decides every resource in order; a handler counts if something that notifies it changes."""
    selection = selection or Selection()
    state = facts.state
    items: list[Item] = []
    notified: set[str] = set()
    unselected = conditional = 0
    for wanted in wish.wanted:
        if not selection.holds(wanted.resource.identity):
            unselected += 1
            continue
        item, state = _decide(wanted, state, facts)
        if item is None:
            conditional += 1
            continue
        items.append(item)
        if item.decision.changes:
            notified.update(wanted.notify)
    for wanted in wish.handlers:
        if notified & set(wanted.handler):
            item, state = _decide(wanted, state, facts)
            if item is not None:
                items.append(replace(item, handler=True))
    items.sort(key=lambda item: item.decision.closes)  # stable: all else stays in its order
    return Plan(
        host=host,
        system=facts.state.system,
        items=tuple(items),
        steps=tuple(_steps(items)),
        unselected=unselected,
        conditional=conditional,
        rehearsal=wish.rehearsal,
        decided=wish.decided,
        seconds=facts.seconds,
    )


def _decide(wanted: Wanted, state: State, facts: Facts) -> tuple[Item | None, State]:
    """The item (None: its condition does not hold) and the state after it."""
    resource = wanted.resource
    if wanted.only_with is not None and not wanted.only_with.is_there(state):
        return None, state
    try:
        if not _counts(wanted, facts):
            return None, state
    except TemplateProblem as problem:
        return _item(wanted, Decision(problem=f"{resource.identity.where}: when: {problem}")), state
    decision = resource.decide(state)
    if decision.changes:
        state = resource.predict(replace(state, changed=True))
        if resource.identity.no_log:
            decision = replace(decision, changes=tuple(_redacted(c) for c in decision.changes))
    return _item(wanted, decision), state


def _item(wanted: Wanted, decision: Decision) -> Item:
    resource = wanted.resource
    requires = tuple(p.identity.name for p in resource.requires) if isinstance(resource, Package) else ()
    return Item(resource.identity, decision, tool=wanted.tool, free=wanted.free, requires=requires)


def _redacted(change: Change) -> Change:
    def hide(value: str | None) -> str | None:
        return None if value is None else "[redacted]"

    return replace(change, old=hide(change.old), new=hide(change.new), reason="")


def _counts(wanted: Wanted, facts: Facts) -> bool:
    """Whether the conditions that need facts hold. Raises TemplateProblem."""
    if not wanted.when:
        return True
    variables = {**wanted.variables, **facts.variables()}
    return all(evaluate(condition, variables) for condition in wanted.when)


def _steps(items: Iterable[Item]) -> Iterable[Step]:
    number = 0
    for index, item in enumerate(items):
        fetched: list[str] = []
        for operation in item.decision.operations:
            number += 1
            step_id = f"o{number}"
            yield Step(step_id, index, operation, () if operation.kind in _NEED_NOTHING else tuple(fetched))
            if operation.kind in FETCHING:
                fetched.append(step_id)
