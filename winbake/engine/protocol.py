"""One conversation with the agent: the request out, events in, and the rule that no envelope is a failure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from winbake import agent
from winbake.agent import linux
from winbake.engine.errors import AgentFailed, HostLocked
from winbake.hosts.session import AgentSession

Event = Mapping[str, Any]


@dataclass
class Conversation:
    """What the agent said. `stray`: lines of standard output that are no events of this run."""

    events: list[Event] = field(default_factory=list)
    envelope: Event | None = None
    stray: list[str] = field(default_factory=list)


def converse(
    session: AgentSession,
    queries: Sequence[Mapping[str, Any]] = (),
    operations: Sequence[Mapping[str, Any]] = (),
    on_event: Callable[[Event], None] | None = None,
    limit_seconds: float | None = None,
) -> Conversation:
    """Runs the agent once. Raises HostLocked, AgentFailed and the connection's errors.

    `on_event` is called for every event but the envelope, as it comes.
    """
    nonce = secrets.token_hex(8)
    talk = Conversation()

    def on_line(line: str) -> None:
        event = said(line, nonce)
        if event is None or "event" not in event:
            if line.strip():
                talk.stray.append(line)
        elif event["event"] == "envelope":
            talk.envelope = event
        else:
            talk.events.append(event)
            if on_event is not None:
                on_event(event)

    request = {"nonce": nonce, "queries": list(queries), "operations": list(operations)}
    sent = linux if session.system == "linux" else agent
    ended = session.run(sent.bootstrap(), sent.payload(request), on_line, limit_seconds)
    if talk.envelope is None:
        raise AgentFailed(_no_envelope(ended.exit_code, ended.stderr_text, talk.stray), "python bake.py doctor")
    if talk.envelope.get("reason") == "locked":
        raise HostLocked(
            "another run of winbake is at work on this host", "wait until it has ended, or end it; then run this again"
        )
    if talk.envelope.get("reason") == "error":
        raise AgentFailed(f"the agent failed: {talk.envelope.get('message')}", "python bake.py doctor")
    return talk


def said(line: str, nonce: str) -> Mapping[str, Any] | None:
    """What a line of output says, if it is an object of JSON with this run's nonce."""
    if not line.startswith("{"):
        return None
    try:
        body = json.loads(line)
    except json.JSONDecodeError:
        return None
    return body if isinstance(body, dict) and body.get("nonce") == nonce else None


def last_lines(stderr: str, stray: Sequence[str]) -> list[str]:
    """What a script that ended too early said at its end."""
    return [line for line in (stderr.splitlines() or stray) if line.strip()][-8:]


def _no_envelope(exit_code: int, stderr: str, stray: list[str]) -> str:
    tail = "\n".join(f"    {line}" for line in last_lines(stderr, stray))
    return f"the agent ended with exit {exit_code} and no closing envelope" + (f"; it said:\n{tail}" if tail else "")
