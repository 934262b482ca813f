"""A restart, proved: the boot time has changed, the logon screen was reached, servicing is idle.

A host that answers is not yet a host that is ready: WinRM is up before updates are configured. The boot time is
compared for difference, not order, because the clock may be set at boot. The key AutoLogonChecked is volatile and made
by the logon screen; ansible.windows waits for it too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from winbake.engine.errors import EngineError, RebootFailed
from winbake.engine.facts import SYSTEM
from winbake.engine.protocol import converse
from winbake.hosts.errors import HostError
from winbake.hosts.session import AgentSession

TELL_EVERY = 15.0
"""Seconds between two notes that say the same."""


@dataclass(frozen=True)
class RebootWait:
    """Times in seconds of the controller's clock. delay: what Windows waits before it goes down."""

    limit: float = 1200.0
    first_pause: float = 10.0
    pause: float = 5.0
    delay: int = 2


@dataclass(frozen=True)
class Restarted:
    """seconds: how long it took by the controller's clock. boot_time: the new one."""

    seconds: float
    boot_time: str


def reboot(
    session: AgentSession, boot_time: str, wait: RebootWait, note: Callable[[str], None], begun: bool = False
) -> Restarted:
    """Restarts the host (unless that has `begun`) and waits until it is ready. Raises RebootFailed."""
    if not begun:
        operation = {
            "id": "reboot", "kind": "reboot", "arguments": {"delay_seconds": wait.delay},
            "limit_seconds": 60, "needs": [], "after": [], "holds": "",
        }  # fmt: skip
        try:
            converse(session, operations=[operation])
        except HostError:
            # Windows may go down before the answer is out; whether it did is proved below.
            note("the connection dropped while the restart was asked for")
    return _wait(session, boot_time, wait, note, unchanged_is_up=False)


def restarted_by_itself(
    session: AgentSession, boot_time: str, wait: RebootWait, note: Callable[[str], None]
) -> Restarted | None:
    """After a cut while an installer ran: whether it restarted the machine. None: the host never went down.

    Raises RebootFailed if the host does not come back.
    """
    found = _wait(session, boot_time, wait, note, unchanged_is_up=True)
    return None if found.boot_time == boot_time else found


def _wait(
    session: AgentSession, boot_time: str, wait: RebootWait, note: Callable[[str], None], *, unchanged_is_up: bool
) -> Restarted:
    started = time.monotonic()
    waiting, unchanged = "host going down", 0
    told, told_at = "", 0.0
    time.sleep(wait.first_pause)
    while True:
        seconds = time.monotonic() - started
        if seconds > wait.limit:
            raise RebootFailed(
                f"the host did not come back from its restart within {wait.limit:.0f} s (last seen: {waiting})",
                "look at its screen (EC2 console: get instance screenshot), then run this again",
            )
        answer, waiting = _look(session)
        if answer is not None and answer["boot_time"] == boot_time:
            answer, waiting, unchanged = None, "host not yet gone down", unchanged + 1
            if unchanged_is_up and unchanged > 2:
                return Restarted(seconds, boot_time)
        if answer is not None:
            return Restarted(time.monotonic() - started, str(answer["boot_time"]))
        if waiting != told or seconds - told_at >= TELL_EVERY:
            told, told_at = waiting, seconds
            note(f"waiting {_clock(seconds)} of {_clock(wait.limit)}: {waiting}")
        time.sleep(wait.pause)


def _look(session: AgentSession) -> tuple[Mapping[str, Any] | None, str]:
    """The system's answer if the host is up and ready; else None and what is still waited for."""
    try:
        session.reconnect()
        talk = converse(session, queries=[{"id": "q", "kind": "system", "arguments": dict(SYSTEM.arguments)}])
    except HostError as error:
        return None, f"no answer yet ({error.what})"
    except EngineError as error:
        return None, f"the host answers, but not yet well ({error.what})"
    answer = next((e["answer"] for e in talk.events if e["event"] == "fact"), None)
    if answer is None:
        return None, "host up, but it cannot yet be read"
    if not answer["logon_ready"]:
        return None, "host up, logon screen not reached"
    if answer["servicing"]:
        return None, "host up, servicing busy"
    return answer, ""


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
