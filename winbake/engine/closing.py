"""After a lockdown: the host closes its way in by itself, and the proof is that its port no longer answers."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winbake.engine.errors import EngineError
from winbake.engine.record import RunRecord
from winbake.engine.run import Planned, Proof, prove_host
from winbake.hosts.errors import HostError, LoginRefused
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession


@dataclass(frozen=True)
class ClosingWait:
    """Times in seconds of the controller's clock. limit: after the run; it covers the delay and slow removals."""

    limit: float = 300.0
    pause: float = 0.5
    connect: float = 5.0


@dataclass(frozen=True)
class Closed:
    """How it ended. closed: the port no longer answers. proof: the facts, where the host could be read once more."""

    closed: bool
    seconds: float
    proof: Proof | None = None
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.closed or (self.proof is not None and self.proof.ok and not self.proof.scheduled)


def wait_until_closed(
    session: AgentSession,
    address: HostAddress,
    planned: Planned,
    record: RunRecord,
    note: Callable[[str], None],
    stopped: Callable[[], bool] = lambda: False,
    wait: ClosingWait | None = None,
) -> Closed:
    """Waits until the port of the run no longer answers. One that goes on answering (WinRM over HTTP) is read again at
    the end. `stopped`: whether the person has had enough; the host goes on by itself."""
    wait = wait or ClosingWait()
    started = time.monotonic()
    session.close()  # the account's last process must have ended before its profile can go
    note(f"waiting at most {wait.limit:.0f} s until {address.address}:{address.port} no longer answers")
    while (seconds := time.monotonic() - started) < wait.limit:
        if not _answers(address, wait.connect):
            return _noted(record, Closed(True, seconds))
        if stopped():
            return _noted(record, Closed(False, seconds, error="nobody waited for it: ended by Ctrl-C"))
        time.sleep(wait.pause)
    try:
        found = Closed(False, time.monotonic() - started, prove_host(session, planned, record))
    except LoginRefused:
        found = Closed(False, time.monotonic() - started, error="the account is gone, so nobody can read the rest")
    except (HostError, EngineError) as error:
        found = Closed(False, time.monotonic() - started, error=error.what)
    return _noted(record, found)


def _answers(address: HostAddress, limit: float) -> bool:
    try:
        socket.create_connection((address.address, address.port), timeout=limit).close()
    except OSError:
        return False
    return True


def _noted(record: RunRecord, found: Closed) -> Closed:
    record.write("locked_down", ok=found.ok, closed=found.closed, waited=round(found.seconds, 1))
    return found


@dataclass(frozen=True)
class LockedDown:
    """The last apply on a host closed its way in. `at`: when that run began, ISO 8601."""

    at: str
    record: Path


def locked_down(runs: Path, address: HostAddress) -> LockedDown | None:
    """What the newest record of an apply on this host says; None if it does not say that the way in was closed.

    A host of the same name at another address is another one."""
    for path in sorted(runs.glob(f"*-{address.name}*.jsonl"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        lines = _lines(path)
        first = lines[0] if lines else {}
        if (first.get("host"), first.get("endpoint")) != (address.name, address.endpoint):
            continue
        if first.get("verb") not in ("apply", "snapshot"):
            continue
        if not any(line.get("line") == "facts" for line in lines):
            continue  # it never reached the host
        closed = any(line.get("line") == "locked_down" and line.get("ok") for line in lines)
        return LockedDown(str(lines[0]["at"]), path) if closed else None
    return None


def _lines(path: Path) -> list[dict[str, Any]]:
    """A run that was killed may have left half a line at the end."""
    found = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(text))
        except ValueError:
            break
    return found
