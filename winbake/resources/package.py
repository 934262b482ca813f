"""Software on the host: detected by its rule, installed by msi, exe or zip, the old version gone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from winbake.config.manifest import Install
from winbake.resources.detection import UNINSTALL, Detection, Found
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query
from winbake.resources.sending import LocalMedia
from winbake.resources.state import FileFact, ServiceFact, State, UninstallEntry, Value

WORK_FOLDER = r"C:\ProgramData\winbake"
_MSI_CODE = re.compile(r"^\{[0-9A-F-]{36}\}$", re.IGNORECASE)
_MSIEXEC = re.compile(r'"?([^"]*\\)?msiexec(\.exe)?"?(\s|$)', re.IGNORECASE)
MAGIC = {"zip": "zip", "jar": "zip", "msi": "msi", "exe": "exe", "extract": "exe", "by_hand": "exe"}
"""What the first bytes of the file must be; a jar is a zip."""


@dataclass(frozen=True)
class Download:
    """A file that the host fetches itself. sha256 None: nobody has seen the file, and it is not installed."""

    url: str
    sha256: str | None
    size: int | None = None
    signer: str | None = None

    @property
    def file_name(self) -> str:
        name = unquote(urlsplit(self.url).path.rsplit("/", 1)[-1]) or "download"
        return re.sub(r'[<>:"/\\|?*\s]+', "_", name)

    @property
    def target(self) -> str:
        mark = (self.sha256 or hashlib.sha256(self.url.encode()).hexdigest())[:12]
        return rf"{WORK_FOLDER}\cache\{mark}-{self.file_name}"

    def operation(self, name: str, magic: str | None) -> Operation:
        """The download to `target`, for what is called `name`; `magic`: zip, msi, exe, or None for any file."""
        arguments = {
            "url": self.url, "path": self.target, "sha256": self.sha256, "size": self.size,
            "signer": self.signer, "magic": magic,
        }  # fmt: skip
        return Operation("download", arguments, f"download {name}", limit_seconds=3600)


def _size_words(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 5e5 else f"{max(1, round(size / 1e3))} kB"


@dataclass(frozen=True)
class Package:
    """One tool. `provides`: variables and services that its installer brings, for the prediction."""

    identity: Identity
    version: str
    install: Install
    detection: Detection
    source: Download | None
    dir: str | None = None
    display: str = ""
    missing_media: str | None = None
    media: LocalMedia | None = None
    optional: bool = False
    local_file: str | None = None
    variables: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    present: bool = True
    page: str = ""
    """Where a person gets it, for what is installed by hand."""
    requires: tuple[Package, ...] = ()
    """What must be there before."""

    # ---- what is asked ------------------------------------------------------------------------------

    def queries(self) -> Iterable[Query]:
        yield UNINSTALL
        yield from self.detection.queries()
        if self.install.blocked_by:
            mark = self.install.blocked_by
            yield Query("registry_value", {"key": mark.key, "name": mark.value, "view": mark.view})

    # ---- what is decided ----------------------------------------------------------------------------

    def decide(self, state: State) -> Decision:
        found = self._found(state)
        if not self.present:
            return self._removal(state, found)
        if found is not None and found.right:
            return RIGHT
        if self.install.type == "by_hand":
            return self._by_hand()
        lacking = [p.identity.name for p in self.requires if not p.is_there(state)]
        if lacking:
            names = " and ".join(lacking)
            return self._left_out(f"needs {names}, which is neither on the host nor planned: do not skip {names}")
        if self.missing_media:
            if self.optional:
                return Decision(skipped=self.missing_media)
            return Decision(problem=self.missing_media)
        if self.source is None and self.media is None and self.local_file is None:
            return Decision(problem=f"{self.identity.id}: no source to install from")
        if self.source is not None and self.source.sha256 is None and self.source.signer is None:
            return Decision(
                problem=f"{self.identity.id}: nobody has seen {self.source.url} yet: "
                "no sha256 in the manifest or the lock.\n"
                "  Next: python bake.py lock, look at the hash it shows, then plan again."
            )
        old, problem = self._old_version(state, found)
        if problem:
            return Decision(problem=problem)
        operations = [*self._downloads(), *old, self._install_operation(), *self._clear_siblings(state)]
        if self.media is not None:
            operations.append(self.media.clear())
        return Decision((self._change(found),), tuple(operations))

    def is_there(self, state: State) -> bool:
        """Whether the tool is on the host in any version, or will be by then."""
        return self._found(state) is not None

    def _by_hand(self) -> Decision:
        name = self.display or self.identity.name
        text = (
            f"{name} is not there, and no silent way to install it is known: get it from {self.page}, "
            "install it over Remote Desktop, then run this again"
        )
        return self._left_out(text)

    def _left_out(self, reason: str) -> Decision:
        """An optional tool is skipped, any other stops the bake before anything is touched."""
        return Decision(skipped=reason) if self.optional else Decision(problem=f"{self.identity.id}: {reason}")

    def _found(self, state: State) -> Found | None:
        if self.identity.name in state.predicted_tools:
            version = state.predicted_tools[self.identity.name]
            return Found(version, self.detection.holds(version), "planned before") if version else None
        return self.detection.find(state)

    def _change(self, found: Found | None) -> Change:
        details: list[str] = [self.install.type]
        if self.source and self.source.size:
            details.append(_size_words(self.source.size))
        if self.source and self.source.sha256:
            details.append("sha256 as locked" if self.source.size else "sha256 pinned")
        elif self.source and self.source.signer:
            details.append("by its signer")
        if self.media:
            details += [_size_words(self.media.size), f"sent from {self.media.file}", "sha256 as pinned"]
        details += [f"service {s}" for s in self.services]
        reason = ", ".join(details)
        if found is None:
            return Change("install", "version", None, self.version, reason)
        return Change("upgrade", "version", found.version or "another", self.version, f"{reason}; {found.rule}")

    def _downloads(self) -> list[Operation]:
        if self.media is not None:
            return [self.media.send(f"send {self.identity.name}")]
        if self.source is None:
            return []
        return [self.source.operation(self.identity.name, MAGIC[self.install.type])]

    def _install_operation(self) -> Operation:
        fetched = self.media or self.source
        file = fetched.target if fetched else str(self.local_file)
        title = f"{self.identity.id} {self.version}".strip()
        limit = self.install.limit
        if self.install.type == "zip":
            arguments = {
                "archive": file,
                "destination": self.dir,
                "root": self.install.root,
                "detect": self.detection.as_request(),
            }
            return Operation("unzip", arguments, title, limit)
        if self.install.type == "jar":
            name = re.sub(r"^[0-9a-f]{12}-", "", file.rsplit("\\", 1)[-1])
            arguments = {"file": file, "path": rf"{self.dir}\{name}", "detect": self.detection.as_request()}
            return Operation("copy_tool", arguments, title, limit)
        if self.install.archive:
            arguments = {
                "file": file,
                "program": self.install.archive.program,
                "inside": self.install.archive.inside,
                "root": self.install.root,
                "destination": self.dir,
                "detect": self.detection.as_request(),
            }
            return Operation("extract", arguments, title, limit)
        log = rf"{WORK_FOLDER}\logs\{self.identity.name}.log"
        common: dict[str, Any] = {
            "file": file,
            "log": log,
            "exit_codes": self.install.exit_codes,
            "reboot_codes": self.install.reboot_codes,
            "detect": self.detection.as_request(),
        }
        if self.install.wraps_msi:
            common["wraps_msi"] = True
        if self.install.type == "msi":
            properties = [
                f'{name}="{value}"' if " " in value else f"{name}={value}"
                for name, value in self.install.properties.items()
            ]
            arguments = {**common, "arguments": " ".join([self.install.silent or "/qn /norestart", *properties])}
            return Operation("msi", arguments, title, limit)
        arguments = {**common, "arguments": self.install.silent.replace("<log>", log)}
        return Operation("installer", arguments, title, limit)

    # ---- the version before -------------------------------------------------------------------------

    def _old_version(self, state: State, found: Found | None) -> tuple[list[Operation], str | None]:
        """What must go before the installer may run, and why it cannot."""
        entries = [e for e in self.detection.entries(state) if e.key.upper() != self.detection.rule.product_code]
        blocked, marked = False, ""
        if self.install.blocked_by:
            mark = self.install.blocked_by
            marked = f"{mark.key} {mark.value}"
            blocked = state.registry_value(mark.key, mark.value, mark.view) is not None
        if self.install.upgrade == "uninstall_first" or blocked:
            if not entries and blocked:
                return [], (
                    f"{self.identity.id}: {marked} says that it is installed already, and no uninstall entry "
                    "matches the manifest's rule. Its installer would open a dialog and wait for ever.\n"
                    "  Next: uninstall it by hand on the host, or delete that registry value if it is a left-over."
                )
            return [self._uninstall(e) for e in entries], None
        return [], None

    def _uninstall(self, entry: UninstallEntry) -> Operation:
        title = f"uninstall {entry.name}"
        limit = self.install.limit
        common = {
            "log": rf"{WORK_FOLDER}\logs\{self.identity.name}-uninstall.log",
            "key": entry.key,
            "view": entry.view,
        }
        if entry.msi and _MSI_CODE.match(entry.key):
            return Operation(
                "msi_uninstall", {**common, "product_code": entry.key, "arguments": "/qn /norestart"}, title, limit
            )
        command = entry.quiet_uninstall or entry.uninstall
        if not entry.quiet_uninstall or self.install.uninstall_arguments:
            command = f"{entry.uninstall} {self.install.uninstall_arguments}".strip()
        arguments: dict[str, Any] = {**common, "command": command}
        if self.install.wraps_msi or _MSIEXEC.match(command):
            arguments["wraps_msi"] = True
        return Operation("uninstaller", arguments, title, limit)

    def _clear_siblings(self, state: State) -> list[Operation]:
        if not self.detection.siblings:
            return []
        others = [p for p in state.listing(self.detection.siblings) if p.lower() != (self.dir or "").lower()]
        return [Operation("delete", {"path": p}, f"remove {p}", 300) for p in others]

    def _removal(self, state: State, found: Found | None) -> Decision:
        if found is None:
            return RIGHT
        entries = self.detection.entries(state)
        if not entries:
            return Decision(problem=f"{self.identity.id}: is there, but has no uninstall entry; remove it by hand")
        change = Change("uninstall", "version", found.version, None, found.rule)
        return Decision((change,), tuple(self._uninstall(e) for e in entries))

    # ---- what is predicted --------------------------------------------------------------------------

    def predict(self, state: State) -> State:
        entries = self.detection.entries(state)
        state = replace(state, uninstall=tuple(e for e in state.uninstall if e not in entries))
        state = state.with_tool(self.identity.name, self.version if self.present else "")
        if not self.present:
            return state
        if self.install.blocked_by:
            mark = self.install.blocked_by
            state = state.with_registry(mark.key, mark.value, mark.view, Value("DWord", 1))
        if self.detection.siblings:
            for path in state.listing(self.detection.siblings):
                state = state.with_file(path, FileFact(False))
        if self.dir:
            state = state.with_file(self.dir, FileFact(True, directory=True))
        for name in self.services:
            if state.service(name) is None:
                state = state.with_service(name, ServiceFact(name))
        for name in self.variables:
            if state.variable(name) is None and self.dir:
                state = state.with_variable(name, Value("String", self.dir))
        return state
