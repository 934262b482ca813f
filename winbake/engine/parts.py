"""Where an apply stops on its way: at a restart that has its place in the order, and after a round of updates.

What stands behind such a step waits for it; a part is all up to it and with it, and one agent call carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from winbake.engine.errors import RoundsUsedUp
from winbake.engine.facts import read_facts
from winbake.engine.plan import Step
from winbake.hosts.session import AgentSession
from winbake.resources.model import Resource

RESTART = "restart"
"""A step that the engine carries out itself: the host is restarted if it waits for that or was asked to."""
OF_THE_ENGINE = frozenset({RESTART, "send"})
"""Operations that the agent never sees."""


def first_part(steps: Sequence[Step]) -> list[Step]:
    """The steps up to the first that ends a part, and that one."""
    for index, step in enumerate(steps):
        if step.operation.kind == RESTART or step.operation.rounds > 1:
            return list(steps[: index + 1])
    return list(steps)


def next_round(session: AgentSession, resource: Resource, step: Step, done: int) -> Step | None:
    """The step for one more round, or None when its resource is as wanted. done: rounds so far.

    Raises RoundsUsedUp, FactsFailed and the connection's errors.
    """
    decision = resource.decide(read_facts(session, [resource]).state)
    if not decision.operations:
        return None
    if done >= step.operation.rounds:
        left = ", ".join(change.property for change in decision.changes)
        raise RoundsUsedUp(f"after {done} rounds this is still to do: {left}", "run this again")
    return replace(step, operation=decision.operations[0])


def is_restart_pending(session: AgentSession) -> bool:
    """Whether Windows waits for a restart now. Raises as read_facts."""
    return bool(read_facts(session, []).state.system.pending_reboot)
