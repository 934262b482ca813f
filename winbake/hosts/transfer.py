"""Sends a file of this machine to a host through WinRM: in full envelopes, resumable, its sha256 checked there.

Two processes a file, however large it is: one tells what the host has of it, one takes the rest from standard input.
A byte of the file costs 16/9 on the wire: base64 for PowerShell, whose standard input is text, and base64 for WinRM.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winbake.hosts.errors import HostError
from winbake.hosts.session import AgentSession

LINE = 3 * 70_000
"""Bytes of the file in one line of base64; divisible by 3, so that no line ends in padding."""
LOOK_LIMIT = 900.0
"""Seconds for hashing what is there: several GB on a slow disk."""


@dataclass(frozen=True)
class LocalFile:
    """What is to be sent, as it was when the plan was made. size in bytes; sha256 in lower-case hex."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class Sent:
    """How a file got there. `resumed`: bytes that an earlier run had left; equal to the size: nothing was sent."""

    size: int
    resumed: int


class TransferFailed(HostError):
    """A file did not get to the host whole."""

    default_next_step = "run the same command again: what has arrived is kept, and the rest is sent"


class FileChanged(TransferFailed):
    """The file on this machine is not the one that was planned."""

    default_next_step = "look at the file, then plan again"


def send_file(
    session: AgentSession,
    file: LocalFile,
    remote: str,
    on_bytes: Callable[[int], None] = lambda count: None,
    limit_seconds: float | None = None,
) -> Sent:
    """Sends `file` to the path `remote` (absolute, on the host); what a cut run left in `<remote>.part` is not sent
    again.

    on_bytes: gets the number of bytes that the host has, after each line. Raises FileChanged, TransferFailed and the
    connection's errors; after any of them but a wrong hash the part that arrived stays.
    """
    host = session.describe()
    check_unchanged(file, host)
    order = {"look": True, "path": remote, "offset": 0, "size": file.size, "sha256": file.sha256}
    there = _receive(session, [_line(order)], LOOK_LIMIT)
    if there["sha256"] == file.sha256:
        return Sent(file.size, file.size)
    part = int(there["part"])
    offset = part if 0 < part <= file.size and _digest(file.path, part) == there["part_sha256"] else 0
    room = int(there["free"]) + part
    if room < file.size:
        raise TransferFailed(
            f"{remote} needs {file.size / 1e6:.0f} MB, its drive has {room / 1e6:.0f} MB",
            host,
            "make room on that drive, then run the same command again",
        )
    on_bytes(offset)
    order |= {"look": False, "offset": offset}
    _receive(session, _input(order, file.path, offset, on_bytes), limit_seconds)
    return Sent(file.size, offset)


def receiver() -> str:
    """receive.ps1 as it goes on the command line: without indentation, since cmd.exe takes 8,191 characters."""
    text = importlib.resources.files("winbake.hosts").joinpath("receive.ps1").read_text(encoding="utf-8")
    return "\n".join(line.strip() for line in text.splitlines())


def check_unchanged(file: LocalFile, host: str) -> None:
    """Raises FileChanged unless the file on this machine is the one that was planned."""
    try:
        same = file.path.stat().st_size == file.size and _digest(file.path, file.size) == file.sha256
    except OSError as error:
        raise FileChanged(f"{file.path} cannot be read: {error.strerror}", host) from None
    if not same:
        raise FileChanged(f"{file.path} is not the file that was planned (its sha256 is another one)", host)


def _digest(path: Path, count: int) -> str:
    """SHA-256 of the first `count` bytes."""
    total = hashlib.sha256()
    with path.open("rb") as stream:
        while count and (data := stream.read(min(count, 1 << 20))):
            total.update(data)
            count -= len(data)
    return total.hexdigest()


def _input(order: dict[str, Any], path: Path, offset: int, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    yield _line(order)
    with path.open("rb") as stream:
        stream.seek(offset)
        while data := stream.read(LINE):
            yield base64.b64encode(data) + b"\n"
            offset += len(data)
            on_bytes(offset)


def _line(order: dict[str, Any]) -> bytes:
    return json.dumps(order).encode("ascii") + b"\n"


def _receive(session: AgentSession, stdin: Iterable[bytes], limit_seconds: float | None) -> dict[str, Any]:
    """The receiver's answer. Raises TransferFailed with what the host says."""
    lines: list[str] = []
    ended = session.run(receiver(), stdin, lines.append, limit_seconds)
    answer = next((json.loads(line) for line in reversed(lines) if line.startswith("{")), None)
    if answer is None:
        said = " ".join((ended.stderr_text or "nothing").split())
        raise TransferFailed(
            f"the receiving PowerShell ended with exit {ended.exit_code}; it said: {said}", session.describe()
        )
    if "error" in answer:
        raise TransferFailed(str(answer["error"]), session.describe())
    return dict(answer)
