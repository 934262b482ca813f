"""After the closing: the host generalizes itself by the launch agent that it has (sysprep), and shuts itself down.

It is no module of playbooks: only `snapshot` wants it, together with the lockdown. Sources of the commands: EC2 guide
Creating_EBSbacked_WinAMI.md, ec2launch-v2-settings.md and ec2launch-v2.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from winbake.resources import lockdown
from winbake.resources.model import Change, Decision, Identity, Query
from winbake.resources.scheduled_task import ScheduledTask, TaskAction, TaskTrigger
from winbake.resources.state import State

TASK = "winbake sysprep"
WAIT_LIMIT = 3600
"""Seconds that the host waits for its closing; afterwards it does nothing."""
BUILT_IN_ADMINISTRATOR = "Administrator"
"""Sysprep's account: Microsoft does not support it as SYSTEM, which is what a task would else run as. By its name on
English Windows, which is what `master up` launches; it stays when the bake's own account goes."""
_DELAY = 20


@dataclass(frozen=True)
class LaunchAgent:
    """One of Amazon's agents. `file`: by which it is known; what is run is this file, or lies beside it."""

    name: str
    file: str

    @property
    def query(self) -> Query:
        return Query("file", {"path": self.file})


AGENTS = (
    LaunchAgent("EC2Launch v2", r"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe"),
    LaunchAgent("EC2Launch v1", r"C:\ProgramData\Amazon\EC2-Windows\Launch\Scripts\SysprepInstance.ps1"),
    LaunchAgent("EC2Config", r"C:\Program Files\Amazon\Ec2ConfigService\Ec2Config.exe"),
)
"""In the order in which one wins: who updates to v2 may keep the older one's files."""
NO_AGENT = LaunchAgent("", "")


@dataclass(frozen=True)
class Generalize:
    """The host is told to shut down once it is closed. sysprep: and to generalize itself before that."""

    identity: Identity = field(default_factory=lambda: Identity("shutdown", "of the sealed host"))
    sysprep: bool = True

    @property
    def _query(self) -> Query:
        return ScheduledTask(self.identity, TASK).query

    def queries(self) -> Iterable[Query]:
        return (*(agent.query for agent in AGENTS), self._query)

    def decide(self, state: State) -> Decision:
        agent = agent_of(state) if self.sysprep else NO_AGENT
        if agent is None:
            known = ", ".join(one.file for one in AGENTS)
            return Decision(
                problem=f"the host has none of Amazon's launch agents ({known}), which sysprep needs: install "
                "EC2Launch v2, or make the image as it is: --no-sysprep"
            )
        task = ScheduledTask(
            self.identity,
            TASK,
            user=BUILT_IN_ADMINISTRATOR,
            s4u=True,
            highest=True,
            limit="PT4H",
            description="Shuts this machine down after the bake, once; deletes itself before that.",
            actions=(TaskAction(lockdown.POWERSHELL, _arguments(agent)),),
            triggers=(TaskTrigger("registration", delay=f"PT{_DELAY}S"),),
        )
        words = f"sysprep by {agent.name}, then shut down" if self.sysprep else "shut down, not generalized"
        change = Change("run", "shutdown", None, words, "by the host itself, once it is closed")
        # As if there were no such task: one that an earlier run left begins to wait anew.
        operations = task.decide(state.with_fact(self._query, None)).operations
        return Decision((change,), operations, scheduled=words if state.fact(self._query) is not None else None)

    def predict(self, state: State) -> State:
        return state


def agent_of(state: State) -> LaunchAgent | None:
    """The launch agent that the host has."""
    return next((agent for agent in AGENTS if state.file(agent.file).exists), None)


def _arguments(agent: LaunchAgent) -> str:
    script = (files("winbake.resources") / "generalize.ps1").read_text(encoding="utf-8")
    request: dict[str, Any] = {
        "task": TASK,
        "closing": lockdown.TASK,
        "agent": agent.name,
        "file": agent.file,
        "limit_seconds": WAIT_LIMIT,
    }
    text = base64.b64encode(json.dumps(request, separators=(",", ":")).encode("utf-8")).decode("ascii")
    encoded = base64.b64encode(f"& {{{script}}} -Request '{text}'".encode("utf-16-le")).decode("ascii")
    return f"-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"
