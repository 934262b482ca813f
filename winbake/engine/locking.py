"""Fetches each source on the controller once and notes what was really seen: sha256, size, first bytes.

A download goes into a cache by url; one that was cut goes on where it stopped (HTTP Range).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from winbake.config.lock import LockedSource
from winbake.engine.errors import EngineError

PIECE = 16 * 1024  # bytes read at once; of a download that is cut, at most so many are lost
CONNECT_SECONDS, SILENT_SECONDS = 20, 60
MAGIC = {"zip": b"PK\x03\x04", "msi": bytes.fromhex("D0CF11E0A1B11AE1"), "exe": b"MZ"}


@dataclass(frozen=True)
class Wanted:
    """One source to be seen. sha256: what the manifest pins, if it does. kind: zip, msi or exe."""

    tool: str
    url: str
    kind: str
    sha256: str | None = None


Progress = Callable[[Wanted, int, int | None], None]
"""Called with the bytes so far and the whole size, if the server told it."""


def see_source(wanted: Wanted, cache: Path, progress: Progress | None = None, *, fresh: bool = False) -> LockedSource:
    """Downloads (or finishes) the file and checks it; `fresh`: whatever the cache has.

    Raises EngineError with what is wrong with the file or the way to it.
    """
    path = cache / hashlib.sha256(wanted.url.encode()).hexdigest()[:24]
    if fresh:
        path.unlink(missing_ok=True)
    if not path.exists():
        _download(wanted, path, progress)
    digest, size, head = _read(path)
    problem = _problem(wanted, digest, size, head)
    if problem:
        path.unlink()
        raise EngineError(f"{wanted.tool}: {problem}", f"look at {wanted.url} in a browser")
    return LockedSource(url=wanted.url, sha256=digest, size=size)


def _download(wanted: Wanted, path: Path, progress: Progress | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    have = part.stat().st_size if part.exists() else 0
    fields = {"User-Agent": "winbake"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(wanted.url, headers=fields, stream=True, timeout=(CONNECT_SECONDS, SILENT_SECONDS)) as answer:
            if answer.status_code == 416:  # what is there already is all of it, or not of this file
                part.unlink()
                raise EngineError(f"{wanted.tool}: the part fetched before does not fit any more", "run lock again")
            answer.raise_for_status()
            if answer.status_code != 206:
                have = 0
            total = int(answer.headers["Content-Length"]) + have if "Content-Length" in answer.headers else None
            with part.open("ab" if have else "wb") as file:
                for piece in answer.iter_content(PIECE):
                    file.write(piece)
                    have += len(piece)
                    if progress is not None:
                        progress(wanted, have, total)
    except requests.RequestException as error:
        what = f"{wanted.tool}: {wanted.url} could not be fetched: {_words(error)}"
        raise EngineError(what, "run lock again: it goes on") from None
    except OSError as error:
        what = f"{wanted.tool}: {part} cannot be written: {error.strerror}"
        raise EngineError(what, "make room, then run lock again") from None
    if total is not None and have != total:
        raise EngineError(
            f"{wanted.tool}: {wanted.url} ended after {have} of {total} bytes", "run lock again: it goes on"
        )
    part.replace(path)


def _words(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.ConnectionError):
        return "no connection (name, network or proxy)"
    if isinstance(error, requests.Timeout):
        return f"nothing came for {SILENT_SECONDS} s"
    return str(error)


def _read(path: Path) -> tuple[str, int, bytes]:
    total, size, head = hashlib.sha256(), 0, b""
    for piece in _pieces(path):
        head = head or piece[:16]
        total.update(piece)
        size += len(piece)
    return total.hexdigest(), size, head


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _problem(wanted: Wanted, digest: str, size: int, head: bytes) -> str | None:
    if not head.startswith(MAGIC[wanted.kind]):
        page = head.lstrip().startswith(b"<")
        what = "a page of HTML" if page else f"a file that begins with {head[:8].hex(' ')}"
        return f"{wanted.url} answered with {what} ({size} bytes), not a {wanted.kind}"
    if wanted.sha256 is not None and digest != wanted.sha256:
        return f"{wanted.url} has sha256 {digest}, the manifest pins {wanted.sha256}"
    return None
