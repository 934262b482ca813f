"""Files of this machine that a host needs: installers fetched by hand, and large files of roles.

They wait in a folder of their own on the host, since the agent clears its cache at the end of every run and a later
run of the same apply may need them. The step after the one that used such a file deletes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from winbake.resources.files import content_change
from winbake.resources.model import RIGHT, Decision, Identity, Operation, Query
from winbake.resources.state import FileFact, State

MEDIA_FOLDER = r"C:\ProgramData\winbake\media"
SEND_LIMIT = 4 * 3600
"""Seconds: 10 GB through a line of 10 Mbit/s take longer, and go on in the next run."""


@dataclass(frozen=True)
class LocalMedia:
    """file: below the manifest's folder, or absolute. size in bytes; sha256 in lower-case hex."""

    file: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return Path(self.file).name

    @property
    def target(self) -> str:
        """Where it waits on the host."""
        name = re.sub(r'[<>:"/\\|?*\s]+', "_", self.name)
        return rf"{MEDIA_FOLDER}\{self.sha256[:12]}-{name}"

    def send(self, title: str) -> Operation:
        """Carried out by the engine, not by the agent."""
        arguments = {"file": self.file, "path": self.target, "sha256": self.sha256, "size": self.size}
        return Operation("send", arguments, title, SEND_LIMIT)

    def clear(self) -> Operation:
        return Operation("delete", {"path": self.target}, f"remove {self.target}", 300)


def look_at(path: Path, file: str) -> LocalMedia:
    """Size and hash of the file at `path`, known as `file`. Raises OSError."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return LocalMedia(file, path.stat().st_size, digest)


@dataclass(frozen=True)
class SentFile:
    """A file with exactly the bytes of a local one that is too large to travel inside a request."""

    identity: Identity
    path: str
    media: LocalMedia
    origin: str = ""

    def queries(self) -> Iterable[Query]:
        return (Query("file", {"path": self.path, "sha256": True}),)

    def decide(self, state: State) -> Decision:
        found = state.file(self.path)
        if found.directory:
            return Decision(problem=f"{self.identity.id}: {self.path} is a folder on the host")
        if found.exists and found.sha256 == self.media.sha256:
            return RIGHT
        change = content_change(found, self._wanted, self.origin)
        arguments = {"path": self.path, "from": self.media.target, "sha256": self.media.sha256}
        operations = (
            self.media.send(f"send {self.media.name}"),
            Operation("place", arguments, self.identity.id, 1800),
            self.media.clear(),
        )
        return Decision((change,), operations)

    def predict(self, state: State) -> State:
        return state.with_file(self.path, self._wanted)

    @property
    def _wanted(self) -> FileFact:
        return FileFact(True, False, self.media.size, self.media.sha256)
