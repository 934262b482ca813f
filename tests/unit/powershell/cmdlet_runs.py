"""Runs a script of a test in a session of its own and gives what came out, as texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.deep_stack import in_deep_thread
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.windows.host import WindowsHost

T = TypeVar("T")


@dataclass
class Ran:
    """Output, error ids, warnings; `refused` is what the rehearsal said it does not model."""

    out: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    threw: str | None = None
    refused: str | None = None


@cache
def host() -> WindowsHost:
    return WindowsHost(speed=1000.0)


def run(script: str) -> Ran:
    """The script runs in C:\\T of one host that all tests of this kind share: let each use files of its own name."""
    ran = Ran()

    def work() -> None:
        shared = host()
        shared.files.make_directory("C:\\T")
        session = Session(shared)
        session.sinks[2] = lambda record: ran.errors.append(record.error_id)
        session.sinks[3] = lambda record: ran.warnings.append(str(getattr(record, "message", record)))
        session.run_script("Set-Location C:\\T", lambda value: None)
        try:
            session.run_script(script, lambda value: ran.out.append(_shown(value, session)))
        except ScriptError as failure:
            ran.threw = failure.record.error_id
        except NotModelled as refusal:
            ran.refused = str(refusal)

    in_deep_thread(work)
    return ran


def _shown(value: Any, session: Session) -> str:
    return "$null" if value is None else convert.to_text(value, session)


