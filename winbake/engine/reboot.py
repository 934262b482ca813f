"""A restart, proved: the boot time has changed, the logon screen was reached, servicing is idle.

A host that answers is not yet a host that is ready: WinRM is up before updates are configured. The boot time is
compared for difference, not order, because the clock may be set at boot. The key AutoLogonChecked is volatile and made
by the logon screen; ansible.windows waits for it too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from winbake.engine.errors import EngineError, RebootFailed
from winbake.engine.facts import SYSTEM
from winbake.engine.protocol import converse
from winbake.hosts.errors import HostError
from winbake.hosts.session import AgentSession


@dataclass(frozen=True)
class RebootWait:
    """Times in seconds of the controller's clock. delay: what Windows waits before it goes down."""

    limit: float = 1200.0
    first_pause: float = 10.0
    pause: float = 5.0
    delay: int = 2


def reboot(
    session: AgentSession, boot_time: str, wait: RebootWait, note: Callable[[str], None], begun: bool = False
) -> float:
    """Restarts the host (unless that has `begun`) and waits; gives the seconds it took. Raises RebootFailed."""
    started = time.monotonic()
    if not begun:
        operation = {
            "id": "reboot", "kind": "reboot", "arguments": {"delay_seconds": wait.delay},
            "limit_seconds": 60, "needs": [],
        }  # fmt: skip
        try:
            converse(session, operations=[operation])
        except HostError:
            # Windows may go down before the answer is out; whether it did is proved below.
            note("the connection dropped while the restart was asked for")
    waiting = "host going down"
    time.sleep(wait.first_pause)
    while True:
        seconds = time.monotonic() - started
        if seconds > wait.limit:
            raise RebootFailed(
                f"the host did not come back from its restart within {wait.limit:.0f} s (last seen: {waiting})",
                "look at its screen (EC2 console: get instance screenshot), then run this again",
            )
        state = _look(session, boot_time)
        if state is None:
            return time.monotonic() - started
        waiting = state
        note(f"waiting {_clock(seconds)} of {_clock(wait.limit)}: {waiting}")
        time.sleep(wait.pause)


def _look(session: AgentSession, boot_time: str) -> str | None:
    """What is still waited for, in words; None if the host is up and ready."""
    try:
        session.reconnect()
        talk = converse(session, queries=[{"id": "q", "kind": "system", "arguments": dict(SYSTEM.arguments)}])
    except HostError as error:
        return f"no answer yet ({error.what})"
    except EngineError as error:
        return f"the host answers, but not yet well ({error.what})"
    answer = next((e["answer"] for e in talk.events if e["event"] == "fact"), None)
    if answer is None:
        return "host up, but it cannot yet be read"
    if answer["boot_time"] == boot_time:
        return "host not yet gone down"
    if not answer["logon_ready"]:
        return "host up, logon screen not reached"
    if answer["servicing"]:
        return "host up, servicing busy"
    return None


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
