"""Runs the agent in process on a simulated host: no WinRM, the same command line, standard input and output.

    stage = Stage(host)
    run = stage.run(queries=[query("system")], operations=[operation("command", line="whoami")])
    run.answer(), run.outcome("o0"), run.envelope
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from winbake import agent
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process, Token

COMMAND_LINE = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand " + base64.b64encode(
    agent.bootstrap().encode("utf-16-le")
).decode("ascii")
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
NONCE = "0123456789abcdef"
LIMIT = 7_200.0  # seconds of host time that a run may take at most

NOTHING: dict[str, Any] = {
    "product_code": None, "display_name": None, "file": None, "command": None, "matches": None, "exit_codes": [0],
    "registry": None, "wanted": "", "right": [],
}  # fmt: skip
"""A detection rule that names nothing: tests fill in the one they mean."""


def query(kind: str, /, **arguments: Any) -> dict[str, Any]:
    return {"kind": kind, "arguments": arguments}


def operation(
    kind: str, /, limit: int = 120, needs: tuple[str, ...] = (), after: tuple[str, ...] = (), holds: str = "", **arguments: Any
) -> dict[str, Any]:
    """`limit`: seconds of host time. `after` and `holds`: see winbake/agent/schedule.ps1."""
    order = {"needs": list(needs), "after": list(after), "holds": holds}
    return {"kind": kind, "arguments": arguments, "limit_seconds": limit, **order}


@dataclass
class Run:
    """What one run said: `events` in order (the envelope not among them), `stray` lines that are no events."""

    process: Process
    events: list[dict[str, Any]] = field(default_factory=list)
    envelope: dict[str, Any] | None = None
    stray: list[str] = field(default_factory=list)

    def answer(self, query_id: str = "q0") -> Any:
        """The answer to a query; a query that failed fails the test with its message."""
        event = self._one(query_id, "fact", "fact_failed")
        assert event["event"] == "fact", event["message"]
        return event["answer"]

    def fact_failure(self, query_id: str = "q0") -> str:
        event = self._one(query_id, "fact", "fact_failed")
        assert event["event"] == "fact_failed", event
        return str(event["message"])

    def done(self, operation_id: str = "o0") -> dict[str, Any]:
        event = self._one(operation_id, "done", "failed")
        assert event["event"] == "done", event
        return event

    def failed(self, operation_id: str = "o0") -> dict[str, Any]:
        event = self._one(operation_id, "done", "failed")
        assert event["event"] == "failed", event
        return event

    def of(self, operation_id: str) -> list[str]:
        """The names of an operation's events, in order."""
        return [e["event"] for e in self.events if e.get("id") == operation_id]

    def _one(self, some_id: str, *names: str) -> dict[str, Any]:
        found = [e for e in self.events if e.get("id") == some_id and e["event"] in names]
        assert len(found) == 1, f"{len(found)} of {names} for {some_id}: {self.events} {self.stderr[:2000]}"
        return found[0]

    @property
    def stderr(self) -> str:
        return self.process.stderr.getvalue().decode("utf-8", "replace")


class Stage:
    """One host and the runs of the agent on it."""

    def __init__(self, host: WindowsHost, token: Token | None = None) -> None:
        """`token`: who runs it; by default a network logon of the Administrator, as over WinRM."""
        self.host = host
        self.token = token

    def start(
        self, queries: list[dict[str, Any]] | None = None, operations: list[dict[str, Any]] | None = None
    ) -> Process:
        request = {
            "nonce": NONCE,
            "queries": [{"id": f"q{i}", **one} for i, one in enumerate(queries or [])],
            "operations": [{"id": f"o{i}", **one} for i, one in enumerate(operations or [])],
        }
        return self.host.start(COMMAND_LINE, application=POWERSHELL, token=self.token, stdin=agent.payload(request))

    def run(self, queries: list[dict[str, Any]] | None = None, operations: list[dict[str, Any]] | None = None) -> Run:
        return self.finish(self.start(queries, operations))

    def finish(self, process: Process) -> Run:
        assert process.wait(LIMIT), "the agent did not end"
        run = Run(process)
        for line in process.stdout.getvalue().decode("utf-8").splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("nonce") != NONCE:
                run.stray.append(line)
            elif event["event"] == "envelope":
                assert run.envelope is None, "two envelopes"
                run.envelope = event
            else:
                run.events.append(event)
        return run

    def ask(self, kind: str, /, **arguments: Any) -> Any:
        """The answer to a single query."""
        return self.run([query(kind, **arguments)]).answer()

    def do(self, kind: str, limit: int = 120, /, **arguments: Any) -> dict[str, Any]:
        """The event `done` of a single operation; a failure fails the test."""
        run = self.run(operations=[operation(kind, limit, **arguments)])
        event = run.done()
        assert run.envelope is not None and run.envelope["ok"] is True
        return event

    def refuse(self, kind: str, limit: int = 120, /, **arguments: Any) -> dict[str, Any]:
        """The event `failed` of a single operation."""
        run = self.run(operations=[operation(kind, limit, **arguments)])
        event = run.failed()
        assert run.envelope is not None and run.envelope["ok"] is False
        return event
