"""Is the tool there, and which version? One rule of the manifest against the state; the plan says which rule spoke."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from winbake.config.manifest import Detect
from winbake.config.versions import VersionRange, version_key
from winbake.resources.model import Query
from winbake.resources.state import State, UninstallEntry

UNINSTALL = Query("uninstall")


@dataclass(frozen=True)
class Found:
    """version: as the host writes it ("" if the rule cannot tell). right: it is the version that is wanted."""

    version: str
    right: bool
    rule: str
    entry: UninstallEntry | None = None


@dataclass(frozen=True)
class Detection:
    """The rule for one tool, with its templates filled in. `siblings`: wildcard of other versions' folders."""

    rule: Detect
    version: str
    siblings: str | None = None
    location: str | None = None

    def queries(self) -> Iterable[Query]:
        if self.rule.product_code or self.rule.display_name:
            yield UNINSTALL
        if self.rule.file:
            yield self._file_query()
        if self.rule.command:
            yield self._command_query()
        if self.rule.registry:
            mark = self.rule.registry
            yield Query("registry_value", {"key": mark.key, "name": mark.value, "view": mark.view})
        if self.siblings:
            yield Query("listing", {"pattern": self.siblings})

    def find(self, state: State) -> Found | None:
        """The tool as the host has it now, the wanted version before any other."""
        found = [*self._entries(state), *self._file(state), *self._command(state), *self._registry(state)]
        found.sort(key=lambda f: not f.right)
        if found:
            return found[0]
        return self._sibling(state)

    def entries(self, state: State) -> list[UninstallEntry]:
        """All uninstall entries that the rule means, whatever their version."""
        return [
            e
            for e in state.uninstall
            if e.key.upper() == (self.rule.product_code or "")
            or (self.rule.display_name and re.search(self.rule.display_name, e.name))
        ]

    def as_request(self) -> Mapping[str, Any]:
        """The rule for the agent, which tests right after an install that the wanted version answers it."""
        rule = self.rule
        return {
            "product_code": rule.product_code,
            "display_name": rule.display_name,
            "file": rule.file,
            "command": rule.command,
            "matches": rule.matches,
            "exit_codes": rule.exit_codes,
            "registry": rule.registry.model_dump() if rule.registry else None,
            "wanted": self.version,
            "right": self._right(),
        }

    def _right(self) -> list[dict[str, Any]]:
        """The clauses that hold for a right version; none where the rule finds only that one, or none is named."""
        if self.rule.product_code or not (self.rule.version or version_key(self.version)):
            return []
        clauses = VersionRange.parse(self.rule.version or f"=={self.version}").clauses
        return [{"operator": operator, "numbers": list(version_key(wanted))} for operator, wanted in clauses]

    def holds(self, version: str) -> bool:
        return VersionRange.parse(self.rule.version or f"=={self.version}").holds(version)

    def _entries(self, state: State) -> Iterable[Found]:
        for entry in self.entries(state):
            if entry.key.upper() == self.rule.product_code:
                yield Found(entry.version, True, f"product code {entry.key}", entry)
            else:
                # With a product code of its own, another entry of that name is another version of it.
                right = self.rule.product_code is None and self.holds(entry.version)
                yield Found(entry.version, right, f"uninstall entry {entry.name!r}", entry)

    def _file(self, state: State) -> Iterable[Found]:
        if not self.rule.file:
            return
        fact = state.file(self.rule.file)
        if not fact.exists:
            return
        if self.rule.version is None and fact.version is None:
            yield Found("", True, f"file {self.rule.file}")
        else:
            version = fact.version or ""
            any_version = self.rule.version == "*"
            right = any_version or (bool(version) and self.holds(version))
            yield Found(version, right, f"version of {self.rule.file}" if version else f"file {self.rule.file}")

    def _command(self, state: State) -> Iterable[Found]:
        if not self.rule.command:
            return
        fact = state.command(self._command_query())
        if not fact.found or fact.exit_code not in self.rule.exit_codes:
            return
        match = re.search(self.rule.matches or "", fact.stdout + "\n" + fact.stderr)
        if match:
            version = match[1] if match.re.groups else match[0]
            yield Found(version, self.holds(version), f"{self.rule.command[0]} answers {version}")

    def _registry(self, state: State) -> Iterable[Found]:
        if not self.rule.registry:
            return
        mark = self.rule.registry
        value = state.registry_value(mark.key, mark.value, mark.view)
        match = re.search(self.rule.matches or "(?s).*", str(value.data)) if value is not None else None
        if match:
            version = match[1] if match.re.groups else match[0]
            yield Found(version, self.holds(version), f"{mark.key} {mark.value or '(default)'} is {version}")

    def _sibling(self, state: State) -> Found | None:
        if not self.siblings:
            return None
        others = [p for p in state.listing(self.siblings) if p.lower() != (self.location or "").lower()]
        if not others:
            return None
        return Found(_version_in(others[-1], self.siblings), False, f"folder {others[-1]}")

    def _file_query(self) -> Query:
        return Query("file", {"path": self.rule.file, "version": True})

    def _command_query(self) -> Query:
        return Query("command", {"argv": list(self.rule.command or ()), "limit_seconds": 30})


def _version_in(path: str, pattern: str) -> str:
    """What the `*` of the pattern stood for: `C:\\Tools\\dcmtk-*` and `C:\\Tools\\dcmtk-3.6.9` → 3.6.9."""
    before, _, after = pattern.partition("*")
    text = path[len(before) :]
    return text[: len(text) - len(after)] if after and text.lower().endswith(after.lower()) else text
