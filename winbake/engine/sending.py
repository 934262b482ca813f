"""The step `send`: the one kind of step that the engine carries out itself, before the agent that needs the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from winbake.engine.plan import Step
from winbake.hosts.errors import HostError
from winbake.hosts.session import AgentSession
from winbake.hosts.transfer import LocalFile, TransferFailed, send_file

TELL_EVERY = 2.0
"""Seconds between two events `progress`, as downloads tell."""


def send_step(
    session: AgentSession, root: Path, step: Step, on_event: Callable[[Mapping[str, Any]], None], again: bool = False
) -> str | None:
    """Sends the step's file and tells of it with the agent's events. Gives why it was cut off, or None.

    root: the folder that the step's local path is below. again: it was there in an earlier part of this apply, so
    that only a file that had to be sent once more is told of.
    """
    arguments = step.operation.arguments
    file = LocalFile(root / str(arguments["file"]), int(arguments["size"]), str(arguments["sha256"]))
    started = told = time.monotonic()
    arrived: int | None = None

    def tell(kind: str, **data: Any) -> None:
        on_event({"event": kind, "id": step.id, "seconds": round(time.monotonic() - started, 1), **data})

    def on_bytes(count: int) -> None:
        nonlocal told, arrived
        if arrived is None:
            tell("started")
        arrived = count
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            tell("progress", bytes=count)

    try:
        sent = send_file(session, file, str(arguments["path"]), on_bytes, step.operation.limit_seconds)
    except TransferFailed as error:
        tell("failed", message=error.what)
        return None
    except HostError as error:
        if arrived is None:
            return error.what
        return (
            f"{error.what}; about {arrived / 1e6:.1f} of {file.size / 1e6:.1f} MB of {file.path.name} "
            "are on the host, and the next run goes on from there"
        )
    if arrived is None and again:
        return None
    if arrived is None:
        tell("started")
    tell("done", bytes=sent.size, sent=sent.size - sent.resumed, sha256=file.sha256)
    return None
