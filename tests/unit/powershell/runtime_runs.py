"""Runs scripts for the tests of the runtime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from winbake.rehearsal.powershell.corpus import in_deep_thread
from winbake.rehearsal.powershell.errors import ErrorRecord, ScriptError
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.powershell.values import unwrap


@dataclass
class Ran:
    out: list[Any] = field(default_factory=list)
    errors: list[ErrorRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    threw: ErrorRecord | None = None

    @property
    def error_ids(self) -> list[str]:
        return [record.error_id for record in self.errors]


def run(script: str) -> Ran:
    """A script in a session without a host."""
    ran = Ran()

    def work() -> None:
        session = Session()
        session.sinks[2] = ran.errors.append
        session.sinks[3] = lambda record: ran.warnings.append(record.message)
        try:
            session.run_script(script, lambda item: ran.out.append(unwrap(item)))
        except ScriptError as failure:
            ran.threw = failure.record

    in_deep_thread(work)
    return ran
