"""Gets a file into the cache, goes on where it stopped, and never glues parts of two different files together.

Beside the file lies what is known of it: `NAME.part` while it is under way, `NAME.json` with ETag and digest. A part
goes on only if the server says by If-Range (RFC 9110, 13.1.5) that it is still the same file.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import requests

from winbake.engine.errors import EngineError
from winbake.engine.fetching import get, in_words, is_transient

PIECE = 16 * 1024  # bytes read at once; of a download that is cut, at most so many are lost
PAUSES = (1.0, 4.0, 12.0)  # seconds before the second, third and fourth try
LONGEST_WAIT = 60.0  # seconds; a server that asks for more (Retry-After) is asked again by the person

Bytes = Callable[[int, int | None], None]
"""Called with the bytes so far and the whole size, if the server told it."""


class Stopped(Exception):
    """The person wants to stop; the part stays."""


@dataclass(frozen=True)
class Origin:
    """What the server said about a file, and what the file was. etag is a strong one or empty."""

    url: str
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    size: int = 0

    @property
    def validator(self) -> str:
        return self.etag or self.modified


@dataclass(frozen=True)
class Cached:
    """A whole file in the cache."""

    path: Path
    sha256: str
    size: int


class Cache:
    """Files by their address, in one folder."""

    def __init__(self, folder: Path, pauses: tuple[float, ...] | None = None) -> None:
        self.folder = folder
        self.pauses = PAUSES if pauses is None else pauses
        self.stop = threading.Event()
        self.damaged: set[str] = set()
        """Addresses whose file here was no longer what had been fetched; it was thrown away."""

    def path(self, url: str) -> Path:
        return self.folder / hashlib.sha256(url.encode()).hexdigest()[:24]

    def part_size(self, url: str) -> int:
        part = self.path(url).with_suffix(".part")
        return part.stat().st_size if part.exists() else 0

    def forget(self, url: str) -> None:
        for suffix in ("", ".part", ".json"):
            self.path(url).with_suffix(suffix).unlink(missing_ok=True)

    def find(self, url: str) -> Cached | None:
        """The whole file, if it is there and is still what was fetched; a damaged one is thrown away."""
        path = self.path(url)
        if not path.is_file():
            return None
        sha256, size = digest(path)
        known = self._origin(url)
        if size == 0 or (known.sha256 and known.sha256 != sha256):
            self.forget(url)
            self.damaged.add(url)
            return None
        return Cached(path, sha256, size)

    def fetch(self, url: str, told: Bytes | None = None, *, pinned: bool = False, renew: bool = False) -> Cached:
        """The file, from here or from its server. renew: asks the server whether it has changed.

        pinned: its hash is known, so a part may go on although the server names no version of it. Raises EngineError
        and Stopped.
        """
        have = self.find(url)
        if have is not None and not renew:
            return have
        for pause in (*self.pauses, None):
            try:
                return self._once(url, have, told, pinned)
            except requests.RequestException as error:
                if pause is None or not is_transient(error):
                    raise _failed(url, error, self.part_size(url)) from None
                self._wait(_asked_to_wait(error) or pause, url, error)
            except _Short as short:
                if pause is None:
                    what = f"{url} ended after {short.have} of {short.total} bytes"
                    if short.total is None:
                        what = f"{url} does not send the rest of a file as it was asked"
                    raise EngineError(what, "run lock again: it goes on") from None
                self._wait(pause, url, None)
            except OSError as error:
                what = f"{self.path(url).with_suffix('.part')} cannot be written: {error.strerror}"
                raise EngineError(what, "make room there, or set WINBAKE_CACHE, then run lock again") from None
        raise AssertionError("the last try returns or raises")

    def _once(self, url: str, have: Cached | None, told: Bytes | None, pinned: bool) -> Cached:
        path = self.path(url)
        part = path.with_suffix(".part")
        known = self._origin(url)
        at = self.part_size(url)
        if at and not known.validator and not pinned:
            at = 0
        fields = {"Accept-Encoding": "identity"}
        if at:
            fields["Range"] = f"bytes={at}-"
            if known.validator:
                fields["If-Range"] = known.validator
        elif have is not None and known.validator and known.sha256 == have.sha256:
            fields["If-None-Match" if known.etag else "If-Modified-Since"] = known.validator
        with get(url, fields, stream=True) as answer:
            if answer.status_code == 304 and have is not None:
                return have
            if answer.status_code == 416:  # what is there is not a part of this file
                part.unlink(missing_ok=True)
                raise _Short(at, None)
            answer.raise_for_status()
            if answer.status_code != 206 or not answer.headers.get("Content-Range", "").startswith(f"bytes {at}-"):
                if answer.status_code == 206:
                    part.unlink(missing_ok=True)
                    raise _Short(at, None)
                at = 0
            length = answer.headers.get("Content-Length")
            total = int(length) + at if length is not None else None
            etag = answer.headers.get("ETag", "")
            origin = Origin(url, "" if etag.startswith("W/") else etag, answer.headers.get("Last-Modified", ""))
            path.parent.mkdir(parents=True, exist_ok=True)
            self._note(origin)
            with part.open("ab" if at else "wb") as file:
                for piece in answer.iter_content(PIECE):
                    if self.stop.is_set():
                        raise Stopped
                    file.write(piece)
                    at += len(piece)
                    if told is not None:
                        told(at, total)
        if total is not None and at != total:
            raise _Short(at, total)
        sha256, size = digest(part)
        part.replace(path)
        self._note(replace(origin, sha256=sha256, size=size))
        return Cached(path, sha256, size)

    def _wait(self, seconds: float, url: str, error: requests.RequestException | None) -> None:
        if seconds > LONGEST_WAIT and error is not None:
            raise EngineError(f"{url} asks to wait {seconds:.0f} s", "run lock again later: it goes on")
        if self.stop.wait(seconds):
            raise Stopped

    def _origin(self, url: str) -> Origin:
        """What was noted; a note that cannot be read says nothing, so nothing is glued to what it described."""
        try:
            return Origin(**json.loads(self.path(url).with_suffix(".json").read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return Origin(url)

    def _note(self, origin: Origin) -> None:
        self.path(origin.url).with_suffix(".json").write_text(json.dumps(asdict(origin)), encoding="utf-8")


class _Short(Exception):
    def __init__(self, have: int, total: int | None) -> None:
        super().__init__()
        self.have, self.total = have, total


def _failed(url: str, error: requests.RequestException, kept: int) -> EngineError:
    what, next_step = in_words(error)
    if kept:
        next_step += "; what was fetched is kept, lock goes on with it"
    return EngineError(f"{url} could not be fetched: {what}", next_step)


def _asked_to_wait(error: requests.RequestException) -> float | None:
    text = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return float(text) if text.isdigit() else None


def digest(path: Path) -> tuple[str, int]:
    """(sha256 in hex, bytes)."""
    total, size = hashlib.sha256(), 0
    for piece in _pieces(path):
        total.update(piece)
        size += len(piece)
    return total.hexdigest(), size


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece
