"""Files fetched from a url (`win_get_url`), archives on the host (`win_unzip`), and sample data.

Sample data is an archive by url and sha256 that becomes a folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import Flag, ModuleParameters
from winbake.resources.package import Download
from winbake.resources.state import FACT_TYPES, FileFact, State
from winbake.resources.task_building import BadParameter, ModuleTable, named


@dataclass(frozen=True)
class DataFolder:
    """A folder as it is found. `there`: absent, file, empty or folder; `sha256`: of its archive, if it is marked."""

    there: str
    sha256: str | None = None


def _data_folder(answer: Any) -> DataFolder:
    try:
        mark = json.loads(answer["mark"] or "{}")
    except ValueError:
        # A damaged mark is no mark: the folder is then treated as not winbake's own, and never overwritten.
        mark = {}
    sha256 = mark.get("sha256") if isinstance(mark, dict) else None
    return DataFolder(answer["there"], str(sha256) if sha256 else None)


FACT_TYPES["data_folder"] = _data_folder


@dataclass(frozen=True)
class DataArchive:
    """A zip from a url, unpacked to the folder `dest`. `root`: the folder in the zip that becomes `dest`; None: all.

    The folder is winbake's own: another sha256 replaces it whole. A folder that winbake did not make is left alone.
    """

    identity: Identity
    url: str
    sha256: str
    size: int | None
    dest: str
    root: str | None = None

    @property
    def _query(self) -> Query:
        return Query("data_folder", {"path": self.dest})

    def queries(self) -> Iterable[Query]:
        return (self._query,)

    def decide(self, state: State) -> Decision:
        found: DataFolder = state.fact(self._query)
        if found.sha256 == self.sha256:
            return RIGHT
        if found.there == "file" or (found.there == "folder" and found.sha256 is None):
            what = "a file" if found.there == "file" else "a folder that winbake did not unpack"
            return Decision(
                problem=f"{self.identity.id}: {self.dest} is {what} on the host, and would be lost.\n"
                "  Next: remove it on the host, or name another folder in the manifest."
            )
        source = Download(self.url, self.sha256, self.size)
        mark = json.dumps({"url": self.url, "sha256": self.sha256}) + "\n"
        arguments = {"archive": source.target, "destination": self.dest, "root": self.root, "mark": mark}
        operations = (
            source.operation(self.identity.name, "zip"),
            Operation("data_archive", arguments, self.identity.id, limit_seconds=1800),
        )
        new = f"sha256 {self.sha256[:12]}…"
        if found.sha256 is None:
            return Decision((Change("create", "contents", None, new, self.url),), operations)
        return Decision((Change("replace", "contents", f"sha256 {found.sha256[:12]}…", new, self.url),), operations)

    def predict(self, state: State) -> State:
        state = state.with_file(self.dest, FileFact(True, directory=True))
        return state.with_fact(self._query, DataFolder("folder", self.sha256))


@dataclass(frozen=True)
class FetchedFile:
    """A file from a url, known by its sha256."""

    identity: Identity
    url: str
    sha256: str
    dest: str

    def queries(self) -> Iterable[Query]:
        return (Query("file", {"path": self.dest, "sha256": True}),)

    def decide(self, state: State) -> Decision:
        found = state.file(self.dest)
        if found.directory:
            return Decision(
                problem=f"{self.identity.id}: {self.dest} is a folder on the host; add the file's name to dest"
            )
        if found.exists and found.sha256 == self.sha256:
            return RIGHT
        source = Download(self.url, self.sha256)
        ending = self.dest.lower().rpartition(".")[2]
        new = f"sha256 {self.sha256[:12]}…"
        if found.exists:
            change = Change("change", "content", f"sha256 {(found.sha256 or '')[:12]}…", new, self.url)
        else:
            change = Change("create", "content", None, new, self.url)
        operations = (
            source.operation(self.dest, ending if ending in ("zip", "msi", "exe") else None),
            Operation("fetched_file", {"source": source.target, "path": self.dest}, self.identity.id),
        )
        return Decision((change,), operations)

    def predict(self, state: State) -> State:
        return state.with_file(self.dest, FileFact(True, sha256=self.sha256))


@dataclass(frozen=True)
class UnpackedArchive:
    """A zip on the host, unpacked into a folder beside what is there. Without `creates` it is unpacked in every run."""

    identity: Identity
    archive: str
    dest: str
    creates: str | None = None
    delete_archive: bool = False

    def queries(self) -> Iterable[Query]:
        yield Query("file", {"path": self.archive})
        if self.creates:
            yield Query("file", {"path": self.creates})

    def decide(self, state: State) -> Decision:
        if self.creates and state.file(self.creates).exists:
            return RIGHT
        found = state.file(self.archive)
        if not found.exists or found.directory:
            return Decision(problem=f"{self.identity.id}: src: there is no file {self.archive} on the host")
        arguments = {
            "archive": self.archive,
            "destination": self.dest,
            "creates": self.creates,
            "delete_archive": self.delete_archive,
        }
        reason = "" if self.creates else "always runs: the task has no creates"
        change = Change("unpack", "archive", None, self.archive, reason)
        operation = Operation("unzip_into", arguments, self.identity.id, limit_seconds=1800)
        return Decision((change,), (operation,), always_runs=not self.creates)

    def predict(self, state: State) -> State:
        state = state.with_file(self.dest, FileFact(True, directory=True))
        if self.creates:
            state = state.with_file(self.creates, FileFact(True))
        return state.with_file(self.archive, FileFact(False)) if self.delete_archive else state


# ---- the modules ----------------------------------------------------------------------------------------


class GetUrlParameters(ModuleParameters):
    """`checksum` with `checksum_algorithm: sha256` is needed: winbake fetches nothing that nobody has seen. A file with
    that checksum is never fetched again and any other is replaced, with `force` or without.
    """

    url: str
    dest: str
    checksum: Annotated[str, BeforeValidator(lambda v: str(v).lower())]
    checksum_algorithm: Literal["sha256"]
    force: Flag = True


def _get_url(task: Task, p: GetUrlParameters, identity: Identity) -> list[Resource]:
    if not re.fullmatch(r"[0-9a-f]{64}", p.checksum):
        raise BadParameter(f"checksum: {p.checksum} is no sha256 (64 hexadecimal digits)")
    if not p.url.lower().startswith(("http://", "https://")):
        raise BadParameter(f"url: {p.url} begins with neither http:// nor https://")
    if p.dest.endswith(("\\", "/")):
        raise BadParameter(f"dest: {p.dest} is a folder; add the file's name")
    return [FetchedFile(named(identity, "file", p.dest), p.url, p.checksum, p.dest)]


class UnzipParameters(ModuleParameters):
    """Zip archives on the host. Without `creates` it is planned as "always runs". `delete_archive` needs `creates`: the
    second run would miss the archive.
    """

    src: str
    dest: str
    creates: str | None = None
    delete_archive: Flag = Field(False, validation_alias=AliasChoices("delete_archive", "rm"))


def _unzip(task: Task, p: UnzipParameters, identity: Identity) -> list[Resource]:
    if not p.src.lower().endswith(".zip"):
        raise BadParameter(f"src: {p.src} is no .zip file")
    if p.delete_archive and not p.creates:
        raise BadParameter("delete_archive without creates: the next run would miss the archive; give creates")
    return [UnpackedArchive(named(identity, "archive", p.src), p.src, p.dest, p.creates, p.delete_archive)]


MODULES: ModuleTable = {
    "ansible.windows.win_get_url": (GetUrlParameters, _get_url),
    "community.windows.win_unzip": (UnzipParameters, _unzip),
}
