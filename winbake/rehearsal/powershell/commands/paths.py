"""Test-Path, Resolve-Path, Convert-Path, Join-Path, Split-Path."""

from __future__ import annotations

import re

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath
from winbake.rehearsal.powershell.values import unwrap


@cmdlet("Test-Path")
class TestPath(ProviderCommand):
    def process(self) -> None:
        for path in self.given_paths():
            self.emit(self._test(path))

    def _test(self, path: str) -> bool:
        if self.switch("IsValid"):
            return self._is_valid(path)
        if not path.strip():
            return True
        try:
            found = core.resolve_path(self.session, path, self.is_literal, force=True)
        except ScriptError as failure:
            if failure.record.error_id in ("PathNotFound", "DriveNotFound", "ProviderNotFound"):
                return False
            raise
        return any(self._fits(one) for one in found)

    def _fits(self, found: ProviderPath) -> bool:
        if not self.passes(found.provider.leaf(found.path)):
            return False
        kind = self.get("PathType")
        kind_name = str(getattr(kind, "name", kind) or "Any").lower()
        if kind_name != "any" and found.provider.is_container(found.path) != (kind_name == "container"):
            return False
        return self._is_in_time(found)

    def _is_in_time(self, found: ProviderPath) -> bool:
        older, newer = unwrap(self.get("OlderThan")), unwrap(self.get("NewerThan"))
        if (older is None and newer is None) or found.provider.name != "FileSystem":
            return True
        from winbake.rehearsal.powershell.dotnet.io_items import local_time

        entry = self.session.host.files.entry(found.path)
        moment = local_time(entry.modified)
        return (older is None or moment < older) and (newer is None or moment > newer)

    def _is_valid(self, path: str) -> bool:
        try:
            found = core.locate(self.session, path)
        except ScriptError:
            return False
        if found.provider.name != "FileSystem":
            return True
        return not re.search(r'["<>|\x00-\x1f]', found.path) and ":" not in found.path[2:]


@cmdlet("Resolve-Path")
class ResolvePath(ProviderCommand):
    def process(self) -> None:
        for found in core.resolve_each(self, self.given_paths(), self.is_literal, True):
            if self.switch("Relative"):
                self.emit(relative_path(self, found))
            else:
                self.emit(core.path_info(found))


def relative_path(command: ProviderCommand, found: ProviderPath) -> str:
    """`.\\sub\\a.txt` or `..\\x`, seen from the current location; elsewhere the full path."""
    base = core.state(command.session).current
    if base.provider is not found.provider or base.path[:2].lower() != found.path[:2].lower():
        return found.path
    here = [part for part in base.path.split("\\") if part]
    there = [part for part in found.path.split("\\") if part]
    common = 0
    while common < min(len(here), len(there)) and here[common].lower() == there[common].lower():
        common += 1
    ups = len(here) - common
    rest = "\\".join(there[common:])
    if ups == 0:
        return f".\\{rest}"
    return "\\".join([".."] * ups + ([rest] if rest else []))


@cmdlet("Convert-Path")
class ConvertPath(ProviderCommand):
    def process(self) -> None:
        for found in core.resolve_each(self, self.given_paths(), self.is_literal, True):
            self.emit(found.path)


@cmdlet("Join-Path")
class JoinPath(ProviderCommand):
    def process(self) -> None:
        child = str(unwrap(self.get("ChildPath")) or "")
        for parent in self.given_paths():
            if self.switch("Resolve"):
                for found in core.resolve_each(self, [join(parent, child)], False, True):
                    self.emit(found.path if found.provider.name == "FileSystem" else found.display)
                continue
            if self._has_drive(parent):
                self.emit(join(parent, child))

    def _has_drive(self, path: str) -> bool:
        """A path on a drive that does not exist is refused, as its provider must be asked how to join."""
        match = re.match(r"^([^:\\/*?\[\]]+):(?!:)", path)
        if match and core.state(self.session).drive(match.group(1)) is None:
            self.write_error(core.drive_not_found(match.group(1)).record)
            return False
        return True


def join(parent: str, child: str) -> str:
    """FileSystemProvider.MakePath: one separator between, `/` become `\\`."""
    parent, child = parent.replace("/", "\\"), child.replace("/", "\\")
    if not parent:
        return child.lstrip("\\") if not child.startswith("\\") else child
    if not child:
        return parent if parent.endswith("\\") else parent + "\\"
    return parent.rstrip("\\") + "\\" + child.lstrip("\\") if parent.strip("\\") else "\\" + child.lstrip("\\")


@cmdlet("Split-Path")
class SplitPath(ProviderCommand):
    def process(self) -> None:
        paths = self.given_paths()
        if self.switch("Resolve"):
            paths = [one.display for one in core.resolve_each(self, paths, self.is_literal, True)]
        for path in paths:
            self._split(path)

    def _split(self, path: str) -> None:
        qualifier, rest = split_qualifier(path)
        if self.switch("Qualifier"):
            if not qualifier:
                message = f"Cannot parse path because path '{path}' does not have a qualifier specified."
                self.error("ParsePathFormatError", message, "InvalidArgument", "System.FormatException", path)
                return
            self.emit(qualifier)
        elif self.switch("NoQualifier"):
            self.emit(rest)
        elif self.switch("IsAbsolute"):
            self.emit(bool(qualifier) or path.startswith(("\\\\",)))
        elif self.switch("Leaf"):
            self.emit(leaf_of(path))
        else:
            self.emit(parent_of(path))


def split_qualifier(path: str) -> tuple[str, str]:
    """`C:` or `Registry::` in front, and the rest."""
    match = re.match(r"^((?:[A-Za-z][\w.]*\\)?[A-Za-z][\w.]*::)(.*)$", path, re.S) or re.match(
        r"^([^:\\/*?\[\]]+:)(.*)$", path, re.S
    )
    return (match.group(1), match.group(2)) if match else ("", path)


def leaf_of(path: str) -> str:
    text = path.replace("/", "\\").rstrip("\\")
    if not text or text.endswith(":"):
        return path.replace("/", "\\")
    return text.rpartition("\\")[2]


def parent_of(path: str) -> str:
    text = path.replace("/", "\\")
    trimmed = text.rstrip("\\")
    if (trimmed.endswith(":") and not trimmed.endswith("::")) or not trimmed:
        return ""
    head, separator, _ = trimmed.rpartition("\\")
    if not separator:
        qualifier, rest = split_qualifier(trimmed)
        return qualifier if qualifier and rest else ""
    if head.endswith(":") and not head.endswith("::"):
        return head + "\\"
    return head or "\\"
