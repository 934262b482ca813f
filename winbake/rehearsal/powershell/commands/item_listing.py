"""Get-ChildItem, with the fix-ups of a recursive path that SessionStateInternal.GetChildItems makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.attribute_expressions import attribute_expression
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand, texts
from winbake.rehearsal.powershell.dotnet import io_items
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath, attach
from winbake.rehearsal.powershell.providers.filesystem import FileSystemProvider
from winbake.rehearsal.powershell.values import NoteProperty


@cmdlet("Get-ChildItem")
class GetChildItem(ProviderCommand):
    def process(self) -> None:
        self._recurse = self.switch("Recurse") or self.has("Depth")
        self._depth = int(self.get("Depth")) if self.has("Depth") else None
        for path in self.given_paths("."):
            self.attempt(lambda path=path: self._list(path))  # type: ignore[misc]

    # ---- one path

    def _list(self, path: str) -> None:
        self._include = texts(self.get("Include"))
        self._exclude = texts(self.get("Exclude"))
        literal = self.is_literal
        wild = not literal and core.has_wildcards(path)
        if wild and self._recurse and not self._include:
            path, wild = self._fix_up(path)
        filtered = bool(self._include or self._exclude) and not literal
        for found in core.resolve_path(self.session, path, literal, self.force):
            self.drive = found.drive
            container = found.provider.is_container(found.path)
            if filtered and not self._recurse and not self._named(found.provider.leaf(found.path)):
                continue
            if container and (self._recurse or not wild):
                self._children(found, found.provider.qualify(""), 0)
            elif not container and self._recurse and filtered and not self._named(found.provider.leaf(found.path)):
                continue
            else:
                self._single(found)

    def _fix_up(self, path: str) -> tuple[str, bool]:
        """`dir c:\\tem* -Recurse` means all below c:\\ that is named tem*."""
        normal = path.replace("/", "\\")
        parent, _, leaf = normal.rpartition("\\")
        if not parent and ":" in leaf:
            parent, _, leaf = leaf.partition(":")
            parent += ":"
        elif normal.startswith("\\") and not parent:
            parent = "\\"
        if leaf != "*":
            self._include = [leaf]
        parent = parent + "\\" if parent.endswith(":") else parent or "."
        return parent, core.has_wildcards(parent)

    def _named(self, name: str) -> bool:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        if self._include and not any(Wildcard(p).matches(name) for p in self._include):
            return False
        return not any(Wildcard(p).matches(name) for p in self._exclude)

    # ---- items

    def _children(self, parent: ProviderPath, base: str, depth: int) -> None:
        provider = parent.provider
        if provider.is_container(parent.path) and isinstance(provider, FileSystemProvider):
            self._files(parent, provider, "", depth)
            return
        try:
            names = provider.child_names(parent.path, self.force)
        except ScriptError as failure:
            self.write_error(failure.record)
            return
        for name in names:
            child = self._child(parent, name)
            if self._named(name):
                self.attempt(lambda child=child: self._write(child, provider.leaf(child.path)))  # type: ignore[misc]
            if self._recurse and (self._depth is None or depth < self._depth) and provider.is_navigation:
                self._children(child, base, depth + 1)

    def _child(self, parent: ProviderPath, name: str) -> ProviderPath:
        path = parent.provider.join(parent.path, name)
        return ProviderPath(parent.provider, path, parent.drive, f"{parent.display.rstrip(chr(92))}\\{name}")

    def _files(self, parent: ProviderPath, provider: FileSystemProvider, prefix: str, depth: int) -> None:
        """Folders first, then files, then what is in the folders: FileSystemProvider.Dir."""
        entries = sorted(provider.files.list(parent.path), key=lambda e: (not e.is_directory, e.name.upper()))
        wanted = self._attribute_test()
        pattern = self.get("Filter")
        for entry in entries:
            if not self._named(entry.name) or (pattern and not io_items.dos_match(str(pattern), entry.name)):
                continue
            if wanted(entry):
                self._write(self._child(parent, entry.name), prefix + entry.name)
        if not self._recurse or (self._depth is not None and depth >= self._depth):
            return
        for entry in entries:
            bits = int(entry.attributes)
            if entry.is_directory and (self.force or not bits & io_items.HIDDEN) and not bits & io_items.REPARSE:
                self._files(self._child(parent, entry.name), provider, f"{prefix}{entry.name}\\", depth + 1)

    def _attribute_test(self) -> Callable[[Any], bool]:
        wanted = attribute_expression(self.session, self.get("Attributes")) if self.has("Attributes") else None
        files, folders = self.switch("File"), self.switch("Directory")
        required = 0
        required |= io_items.HIDDEN if self.switch("Hidden") else 0
        required |= io_items.READ_ONLY if self.switch("ReadOnly") else 0
        required |= io_items.SYSTEM if self.switch("System") else 0
        show_hidden = self.force or bool(required & (io_items.HIDDEN | io_items.SYSTEM))
        show_hidden = show_hidden or (wanted is not None and wanted.names_hidden)

        def test(entry: Any) -> bool:
            if (files and entry.is_directory) or (folders and not entry.is_directory):
                return False
            bits = int(entry.attributes)
            if bits & io_items.HIDDEN and not show_hidden:
                return False
            return bits & required == required and (wanted is None or wanted.matches(bits))

        return test

    def _single(self, found: ProviderPath) -> None:
        provider = found.provider
        if isinstance(provider, FileSystemProvider):
            entry = provider.files.entry(found.path)
            pattern = self.get("Filter")
            if entry is not None and pattern and not io_items.dos_match(str(pattern), entry.name):
                return
            if entry is not None and not self._attribute_test()(entry):
                return
        self._write(found, provider.leaf(found.path), listed=False)

    def _write(self, found: ProviderPath, name: str, listed: bool = True) -> None:
        if not self.switch("Name"):
            self.write_item(found, listed)
            return
        notes = [*found.provider.notes(found.path, found.drive)]
        notes.append(NoteProperty("PSIsContainer", found.provider.is_container(found.path)))
        self.emit(attach(name, notes))
