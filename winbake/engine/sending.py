"""The step `send`: the one kind of step that the engine carries out itself, before the agent that needs the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from winbake.config.secret import Secret
from winbake.engine.plan import Step
from winbake.hosts.errors import HostError, Interrupted
from winbake.hosts.session import AgentSession
from winbake.hosts.transfer import LocalFile, TransferFailed, check_unchanged, send_file
from winbake.resources.model import Operation

TELL_EVERY = 2.0
"""Seconds between two events `progress`, as downloads tell."""
OFFER_FROM = 1_000_000
"""Bytes from which a file goes through a media store, where there is one."""

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Offer:
    """Where the host gets a file itself. The address carries a signature, so it is a secret; `shown` is its name for
    people. already: it was there before, nothing was uploaded."""

    url: Secret
    shown: str
    already: bool


class MediaStore(Protocol):
    """A place from which a host fetches files of this machine itself, faster than through WinRM, which carries text."""

    def offer(self, file: LocalFile, on_bytes: Callable[[int], None]) -> Offer:
        """Puts the file there. on_bytes: gets how many bytes are there so far. Raises EngineError."""
        ...


def offer_step(session: AgentSession, root: Path, step: Step, store: MediaStore, on_event: Tell) -> Offer:
    """Puts the file of a step `send` into the store. Raises what `offer` raises, FileChanged and Interrupted."""
    file = _file_of(root, step)
    check_unchanged(file, session.describe())
    started = told = time.monotonic()

    def on_bytes(count: int) -> None:
        nonlocal told
        if session.interrupted:
            raise Interrupted("the upload was interrupted", session.describe())
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            on_event({"event": "progress", "id": step.id, "bytes": count, "seconds": round(told - started, 1)})

    offer = store.offer(file, on_bytes)
    words = "is there already" if offer.already else f"uploaded in {time.monotonic() - started:.0f} s"
    on_event({"event": "note", "id": step.id, "text": f"{offer.shown} {words}; the host fetches it from there"})
    return offer


def fetching(step: Step, offer: Offer) -> Operation:
    """The agent's download that takes the place of a step `send`."""
    sent = step.operation
    arguments = {"signer": None, "magic": None, **sent.arguments, "url": offer.url.reveal()}
    return replace(sent, kind="download", arguments=arguments)


def send_step(
    session: AgentSession, root: Path, step: Step, on_event: Tell, again: bool = False
) -> str | None:
    """Sends the step's file and tells of it with the agent's events. Gives why it was cut off, or None.

    root: the folder that the step's local path is below. again: it was there in an earlier part of this apply, so
    that only a file that had to be sent once more is told of.
    """
    file = _file_of(root, step)
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
        sent = send_file(session, file, str(step.operation.arguments["path"]), on_bytes, step.operation.limit_seconds)
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


def _file_of(root: Path, step: Step) -> LocalFile:
    arguments = step.operation.arguments
    return LocalFile(root / str(arguments["file"]), int(arguments["size"]), str(arguments["sha256"]))
