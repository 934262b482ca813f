"""A run on one host, from connecting to proof. The rooms above say what is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from winbake.engine.apply import Applier, Observer, Outcome
from winbake.engine.errors import PlanRefused
from winbake.engine.facts import Facts, read_facts
from winbake.engine.plan import Item, Plan, Selection, Step, make_plan
from winbake.engine.reboot import RebootWait
from winbake.engine.record import RunRecord
from winbake.engine.saved import SavedPlan, check_saved, item_as_json, summary
from winbake.engine.sending import MediaStore
from winbake.hosts.session import AgentSession
from winbake.resources.model import Resource
from winbake.resources.wish import Wish


@dataclass
class Proof:
    """What the facts say after an apply. `differs`: resources that still plan to something. `scheduled`: those that the
    host will see to by itself, which no facts can prove yet."""

    plan: Plan
    differs: list[Item] = field(default_factory=list)
    scheduled: list[Item] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differs


@dataclass
class Planned:
    """One host's plan and the facts it stands on."""

    plan: Plan
    facts: Facts
    wish: Wish
    selection: Selection


def plan_host(
    session: AgentSession,
    host: str,
    wish: Wish,
    selection: Selection,
    record: RunRecord,
    note: Callable[[str], None] = lambda text: None,
) -> Planned:
    """Reads the facts and plans. Raises FactsFailed, AgentFailed, HostLocked and the connection's errors.

    note: told of what will take minutes to read.
    """
    resources = _asked(wish, selection)
    for resource in resources:
        if _is_slow(resource):
            leave_out = min(resource.identity.tags, default=resource.identity.name)
            note(f"{resource.identity.id}: asking Windows can take minutes; --skip '{leave_out}' leaves it out")
    facts = read_facts(session, resources)
    record.write("facts", seconds=round(facts.seconds, 3), queries=len(facts.answers))
    plan = make_plan(host, wish, facts, selection)
    record.write(
        "plan",
        summary=summary(plan),
        rehearsal=plan.rehearsal,
        system={"computer": plan.system.computer, "os": plan.system.os, "build": plan.system.build},
        resources=[item_as_json(i) for i in plan.items if not i.decision.right],
    )
    return Planned(plan, facts, wish, selection)


def _asked(wish: Wish, selection: Selection) -> list[Resource]:
    """All resources, because others may lean on what is left out; but what takes minutes only if it is selected."""
    return [
        wanted.resource
        for wanted in wish.all
        if selection.holds(wanted.resource.identity) or not _is_slow(wanted.resource)
    ]


def _is_slow(resource: Resource) -> bool:
    return any(query.patience for query in resource.queries())


def steps_to_run(planned: Planned, saved: SavedPlan | None) -> tuple[Step, ...]:
    """The plan's own steps, or exactly the saved ones. Raises PlanRefused and HostMoved before anything is touched."""
    problems = planned.plan.problems
    if problems:
        words = "\n".join(f"{item.decision.problem}" for item in problems)
        raise PlanRefused(words, "nothing was touched; mend this, then plan again")
    if saved is None:
        return planned.plan.steps
    return check_saved(saved, planned.plan, planned.facts, planned.wish.digest)


def apply_host(
    session: AgentSession,
    planned: Planned,
    steps: tuple[Step, ...],
    record: RunRecord,
    observer: Observer = lambda event: None,
    wait: RebootWait | None = None,
    store: MediaStore | None = None,
) -> Outcome:
    """Carries out the steps. Raises AgentFailed, HostLocked, RebootFailed and a media store's errors."""
    outcome = Applier(session, planned.plan, planned.wish, steps, record, observer, wait, store=store).run()
    record.write("applied", done=len(outcome.done), failed=outcome.failed, reboots=outcome.reboots, cut=outcome.cut)
    return outcome


def prove_host(session: AgentSession, planned: Planned, record: RunRecord) -> Proof:
    """Reads the facts again: they must plan to nothing. What always runs cannot be proved and does not count."""
    facts = read_facts(session, _asked(planned.wish, planned.selection))
    plan = make_plan(planned.plan.host, planned.wish, facts, planned.selection)
    differs = [item for item in plan.items if _differs(item)]
    scheduled = [item for item in plan.items if item.decision.scheduled]
    record.write(
        "proof",
        ok=not differs,
        differs=[item_as_json(item) for item in differs],
        scheduled=[item_as_json(item) for item in scheduled],
        resources=len(plan.items),
    )
    return Proof(plan, differs, scheduled)


def _differs(item: Item) -> bool:
    decision = item.decision
    not_now = decision.always_runs or decision.scheduled or item.handler
    return bool(decision.problem or (decision.changes and not not_now))
