"""Sealing a host for its image: the lockdown's playbook and its shutdown, in one run over one connection.

Order on the host: the lockdown's folders and values; the task that will generalize and shut down (it waits); the task
that closes the way in. So a run that is cut leaves a host that can be reached and sealed again, or one that goes on by
itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from winbake.engine.apply import Observer
from winbake.engine.closing import Closed, wait_until_closed
from winbake.engine.errors import EngineError
from winbake.engine.plan import Selection
from winbake.engine.record import RunRecord
from winbake.engine.run import Planned, apply_host, plan_host, prove_host, steps_to_run
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession
from winbake.resources.generalize import Generalize, agent_of
from winbake.resources.wish import Wanted, Wish


@dataclass(frozen=True)
class Sealed:
    """A host whose way in is closed, and which shuts itself down. agent: who generalizes it, "" if nobody does."""

    agent: str
    seconds: float


def seal_host(
    session: AgentSession,
    address: HostAddress,
    lockdown: Wish,
    record: RunRecord,
    note: Callable[[str], None],
    observer: Observer = lambda event: None,
    *,
    sysprep: bool = True,
) -> Sealed:
    """Locks the host down and lets it generalize itself and shut down. Gives back when its port no longer answers.

    Raises EngineError if a step fails, if the facts do not prove it or if the port stays open, and the errors of
    planning and of the connection."""
    wish = replace(lockdown, wanted=(*lockdown.wanted, Wanted(Generalize(sysprep=sysprep))))
    planned = plan_host(session, address.name, wish, Selection(), record, note)
    agent = agent_of(planned.facts.state) if sysprep else None
    if agent is not None:
        note(f"sysprep by {agent.name}, found by {agent.file}")
    outcome = apply_host(session, planned, steps_to_run(planned, None), record, observer)
    again = "run the same command again: it begins with this step"
    if not outcome.ok:
        raise EngineError(
            f"{address.name}: the lockdown failed: {'; '.join(outcome.failed.values()) or outcome.cut}", again
        )
    proof = prove_host(session, planned, record)
    if not proof.ok:
        differs = ", ".join(item.identity.id for item in proof.differs)
        raise EngineError(f"{address.name}: the lockdown is not as wanted: {differs}", again)
    closed = _closed(session, address, planned, record, note, closing=any(i.decision.closes for i in proof.scheduled))
    if not closed.ok:
        raise EngineError(
            f"{address.name}: its port still answers after {closed.seconds:.0f} s: {closed.error or 'it is open'}",
            again,
        )
    return Sealed(agent.name if agent else "", closed.seconds)


def _closed(
    session: AgentSession,
    address: HostAddress,
    planned: Planned,
    record: RunRecord,
    note: Callable[[str], None],
    *,
    closing: bool,
) -> Closed:
    """How the closing ends. A host that had nothing to close, reached over HTTP only, is closed as it is."""
    if not closing:
        return Closed(True, 0.0)
    return wait_until_closed(session, address, planned, record, note)
