"""Copy-Item, Move-Item, Rename-Item."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath
from winbake.rehearsal.powershell.values import unwrap


class _Transfer(ProviderCommand):
    def pass_thru(self, found: ProviderPath, path: str | None) -> None:
        if path is not None and self.switch("PassThru"):
            item = found.provider.get_item(path)
            if item is not None:
                self.emit(found.provider.wrap(item, path, found.drive))

    def destination(self) -> ProviderPath:
        """Where it goes; wildcards in a destination must name one existing place."""
        text = str(unwrap(self.get("Destination")) or ".")
        if core.has_wildcards(text):
            found = core.expand(self.session, text, self.force)
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                message = "Cannot move the item because the destination resolved to multiple paths."
                exception = NetException("System.ArgumentException", message)
                raise ScriptError(ErrorRecord(exception, "MoveItemDestinationNotSingle", "InvalidArgument", text))
        return core.unresolved(self.session, text, literal=False)

    def same_provider(self, found: ProviderPath, target: ProviderPath) -> None:
        if found.provider is not target.provider:
            message = "Source and destination path did not resolve to the same provider."
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            raise ScriptError(ErrorRecord(exception, "CopyItemSourceAndDestinationNotSameProvider", "InvalidArgument",
                                          found.path))  # fmt: skip


@cmdlet("Copy-Item")
class CopyItem(_Transfer):
    def process(self) -> None:
        if self.has("ToSession") or self.has("FromSession"):
            raise NotModelled("Copy-Item -ToSession and -FromSession")
        for found in self.resolved():
            self.attempt(lambda found=found: self._copy(found))  # type: ignore[misc]

    def _copy(self, found: ProviderPath) -> None:
        target = self.destination()
        self.same_provider(found, target)
        recurse = self.switch("Recurse")
        for made in found.provider.copy_item(found.path, target.path, recurse, self.force, self):
            self.pass_thru(found, made)


@cmdlet("Move-Item")
class MoveItem(_Transfer):
    def process(self) -> None:
        for found in self.resolved():
            self.attempt(lambda found=found: self._move(found))  # type: ignore[misc]

    def _move(self, found: ProviderPath) -> None:
        target = self.destination()
        self.same_provider(found, target)
        self.pass_thru(found, found.provider.move_item(found.path, target.path, self.force, self))


@cmdlet("Rename-Item")
class RenameItem(_Transfer):
    def process(self) -> None:
        path = self.given_paths()[0]
        try:
            found = core.resolve_path(self.session, path, self.is_literal or not core.has_wildcards(path), self.force)
        except ScriptError as failure:
            if failure.record.error_id != "PathNotFound":
                self.write_error(failure.record)
                return
            message = f"Cannot rename because item at '{path}' does not exist."
            exception = "System.Management.Automation.PSInvalidOperationException"
            self.error("InvalidOperation", message, "InvalidOperation", exception, path)
            return
        for one in found:
            self.drive = one.drive
            self.attempt(lambda one=one: self._rename(one))  # type: ignore[misc]

    def _rename(self, found: ProviderPath) -> None:
        name = self._new_name(found)
        self.pass_thru(found, found.provider.rename_item(found.path, name, self.force, self))

    def _new_name(self, found: ProviderPath) -> str:
        """A path whose folder is the item's own counts as its last part."""
        name = str(unwrap(self.get("NewName")))
        if found.provider.is_navigation and ("\\" in name or "/" in name):
            target = core.locate(self.session, name)
            parent = found.provider.parent(found.path)
            if found.provider.parent(target.path).lower() == parent.lower():
                return found.provider.leaf(target.path)
            message = "Cannot rename the specified target, because it represents a path or device name."
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument", name))
        return name
