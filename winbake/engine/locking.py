"""Looks at each source of the manifest once on the controller, and says what was seen and how it is trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from winbake.config.lock import LockedSource, WantedSource
from winbake.engine.contents import Contents, read_contents, wrong_kind
from winbake.engine.download import Cache, Cached, digest
from winbake.engine.errors import EngineError

Progress = Callable[[WantedSource, int, int | None], None]
"""Called with the bytes so far and the whole size, if the server told it."""

Trust = Literal["pinned", "as before", "signer", "first use"]
"""pinned: the manifest's hash. as before: the lock's. signer: evergreen. first use: nothing to compare."""


@dataclass(frozen=True)
class Seen:
    """A source that was looked at. before: what the lock said, where an evergreen source has moved on."""

    wanted: WantedSource
    locked: LockedSource
    trust: Trust
    before: LockedSource | None = None


def needs_look(wanted: WantedSource, known: LockedSource | None) -> bool:
    """Whether the source must be looked at: unknown, pinned to another hash, evergreen, or on this machine's disk."""
    if known is None or wanted.evergreen or wanted.media is not None:
        return True
    return wanted.sha256 is not None and wanted.sha256 != known.sha256


def see_source(
    wanted: WantedSource,
    known: LockedSource | None,
    cache: Cache,
    progress: Progress | None = None,
    *,
    again: bool = False,
) -> Seen:
    """Fetches (or finishes) the file and checks it. known: what the lock says.

    An evergreen source is asked whether it has changed; `again`: any source. Raises EngineError with what is wrong
    with the file or the way to it, and download.Stopped.
    """

    def told(have: int, total: int | None) -> None:
        if progress is not None:
            progress(wanted, have, total)

    try:
        file = cache.fetch(wanted.url, told, pinned=wanted.sha256 is not None, renew=again or wanted.evergreen)
    except EngineError as error:
        raise EngineError(f"{wanted.tool}: {error.what}", error.next_step) from None
    try:
        return checked(wanted, known, file)
    except EngineError:
        cache.forget(wanted.url)
        raise


def see_media(wanted: WantedSource, known: LockedSource | None, folder: Path) -> Seen | None:
    """A file fetched by hand; None if it is not there. Raises EngineError."""
    path = folder / (wanted.media or "")
    if not path.is_file():
        return None
    try:
        sha256, size = digest(path)
    except OSError as error:
        raise EngineError(f"{wanted.tool}: {path} cannot be read: {error.strerror}", "see its rights") from None
    return checked(wanted, known, Cached(path, sha256, size))


def checked(wanted: WantedSource, known: LockedSource | None, file: Cached) -> Seen:
    """What the file is, if it is what was wanted. Raises EngineError."""
    with file.path.open("rb") as opened:
        wrong = wrong_kind(opened.read(512), wanted.kind)
    where = f"look at {wanted.page or wanted.url} in a browser"
    if wrong:
        problem = f"{wanted.url} is {wrong} ({file.size} bytes), not a {wanted.kind}"
        raise EngineError(f"{wanted.tool}: {problem}", where)
    if wanted.sha256 is not None and file.sha256 != wanted.sha256:
        problem = f"{wanted.url} has sha256 {file.sha256}, the manifest pins {wanted.sha256}"
        raise EngineError(f"{wanted.tool}: {problem}", where)
    changed = known is not None and known.sha256 != file.sha256
    if changed and wanted.sha256 is None and not wanted.evergreen:
        problem = f"{wanted.url} has changed: sha256 {file.sha256}, the lock saw {known.sha256 if known else ''}"
        step = "find out why; if the new file is right, delete its entry from the lock and run lock again"
        raise EngineError(f"{wanted.tool}: {problem}", step)
    contents = read_contents(file.path)
    _check_signer(wanted, contents)
    locked = LockedSource(
        url=wanted.url,
        sha256=file.sha256,
        size=file.size,
        signer=contents.signer,
        product_name=contents.product_name,
        product_version=contents.product_version,
        product_code=contents.product_code,
        upgrade_code=contents.upgrade_code,
        file_version=contents.file_version,
    )
    return Seen(wanted, locked, _trust(wanted, known), known if changed and wanted.evergreen else None)


def _check_signer(wanted: WantedSource, contents: Contents) -> None:
    if contents.damaged:
        problem = f"{wanted.url} is signed by {contents.signer}, but the signature does not fit the file"
        raise EngineError(f"{wanted.tool}: {problem}", "fetch it again; if it stays so, do not use it")
    if wanted.signer is None or contents.signer is None:
        return
    if not contents.signer.startswith(wanted.signer):
        problem = f"{wanted.url} is signed by {contents.signer}, the manifest wants {wanted.signer}"
        raise EngineError(f"{wanted.tool}: {problem}", "find out why before you change the manifest")


def _trust(wanted: WantedSource, known: LockedSource | None) -> Trust:
    if wanted.sha256 is not None:
        return "pinned"
    if wanted.evergreen:
        return "signer"
    return "as before" if known is not None else "first use"
