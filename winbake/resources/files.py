"""Files and folders: content from text or a template, folders, absence."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query
from winbake.resources.state import FileFact, State

LARGEST_TEXT = 512 * 1024
"""Bytes of one file that may travel inside a request; a larger one of this machine is sent by itself."""


def text_bytes(text: str, ending: str) -> bytes:
    """A text as UTF-8 with one line ending throughout."""
    return text.replace("\r\n", "\n").replace("\n", ending).encode("utf-8")


def content_change(found: FileFact, wanted: FileFact, origin: str) -> Change:
    """A file as it is → as it will be, by size and hash."""
    new = _in_words(wanted)
    if not found.exists:
        return Change("create", "content", None, new, origin)
    return Change("change", "content", _in_words(found), new, origin)


def _in_words(fact: FileFact) -> str:
    return f"{fact.size} bytes, sha256 {(fact.sha256 or '')[:12]}…"


@dataclass(frozen=True)
class FileContent:
    """A file with exactly these bytes."""

    identity: Identity
    path: str
    content: bytes
    origin: str = ""
    restarts: str | None = None
    """The service that is restarted after a change."""

    def queries(self) -> Iterable[Query]:
        return (Query("file", {"path": self.path, "sha256": True}),)

    def decide(self, state: State) -> Decision:
        wanted = hashlib.sha256(self.content).hexdigest()
        found = state.file(self.path)
        if found.directory:
            return Decision(problem=f"{self.identity.id}: {self.path} is a folder on the host")
        if len(self.content) > LARGEST_TEXT:
            return Decision(
                problem=f"{self.identity.id}: {len(self.content)} bytes are too many to send through WinRM "
                f"in a request (at most {LARGEST_TEXT}); put it into files/ and copy it with src"
            )
        if found.exists and found.sha256 == wanted:
            return RIGHT
        change = content_change(found, FileFact(True, False, len(self.content), wanted), self.origin)
        arguments = {"path": self.path, "content": base64.b64encode(self.content).decode("ascii"), "sha256": wanted}
        operations = [Operation("file", arguments, self.identity.id, secret=self.identity.no_log)]
        if self.restarts:
            restart = {"name": self.restarts, "start": None, "state": "restarted"}
            operations.append(Operation("service", restart, f"restart {self.restarts}"))
        return Decision((change,), tuple(operations))

    def predict(self, state: State) -> State:
        digest = hashlib.sha256(self.content).hexdigest()
        return state.with_file(self.path, FileFact(True, False, len(self.content), digest))


@dataclass(frozen=True)
class FilePresence:
    """state: "directory", "file" (made empty if it is not there), "absent".

    Or what is never made: "existing file", "existing" (a file or a folder).
    """

    identity: Identity
    path: str
    state: str

    def queries(self) -> Iterable[Query]:
        return (Query("file", {"path": self.path}),)

    def decide(self, state: State) -> Decision:
        found = state.file(self.path)
        kind = ("directory" if found.directory else "file") if found.exists else "absent"
        wanted = self.state.removeprefix("existing ")
        if kind == wanted or (found.exists and self.state == "existing"):
            return RIGHT
        if self.state.startswith("existing") and not found.exists:
            hint = "state: touch makes an empty file, state: directory a folder"
            said = f"{self.path} is not on the host, and this task makes none ({hint})"
            return Decision(problem=f"{self.identity.id}: {said}")
        if found.exists and self.state != "absent":
            return Decision(problem=f"{self.identity.id}: {self.path} is a {kind} on the host, not a {wanted}")
        verb = {"directory": "create", "file": "create", "absent": "remove"}[self.state]
        change = Change(verb, "state", kind, self.state)
        if self.state == "absent":
            operation = Operation("delete", {"path": self.path}, self.identity.id)
        elif self.state == "directory":
            operation = Operation("directory", {"path": self.path}, self.identity.id)
        else:
            empty = hashlib.sha256(b"").hexdigest()
            operation = Operation("file", {"path": self.path, "content": "", "sha256": empty}, self.identity.id)
        return Decision((change,), (operation,))

    def predict(self, state: State) -> State:
        fact = FileFact(self.state != "absent", self.state == "directory")
        return state.with_file(self.path, fact)
