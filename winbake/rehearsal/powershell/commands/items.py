"""Get-Item, New-Item, Set-Item, Clear-Item, Remove-Item, Invoke-Item."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand, texts
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath
from winbake.rehearsal.powershell.values import unwrap

BINDING_EXCEPTION = "System.Management.Automation.ParameterBindingException"


@cmdlet("Get-Item")
class GetItem(ProviderCommand):
    def process(self) -> None:
        if self.has("Stream"):
            from winbake.rehearsal.powershell.commands.file_streams import write_streams

            for found in self.resolved():
                write_streams(self, found, texts(self.get("Stream")))
            return
        for found in self.resolved():
            self.attempt(lambda found=found: self._write(found))  # type: ignore[misc]

    def _write(self, found: ProviderPath) -> None:
        from winbake.rehearsal.powershell.dotnet.io_items import HIDDEN, FileSystemInfo

        item = found.provider.get_item(found.path)
        hidden = isinstance(item, FileSystemInfo) and item.attributes & HIDDEN and len(found.path) > 3
        if hidden and not self.force:
            message = f"Could not find item {found.path}."
            self.error("ItemNotFound", message, "ObjectNotFound", "System.IO.IOException", found.path)
            return
        if found.provider.name != "FileSystem" and found.provider.is_container(found.path) and found.path == "":
            self._write_root(found)
            return
        self.write_item(found)

    def _write_root(self, found: ProviderPath) -> None:
        """`Get-Item Env:` gives all items as one collection (SessionStateProviderBase.GetItem)."""
        for name in found.provider.child_names(""):
            self.emit(found.provider.wrap(found.provider.get_item(name), name, found.drive))


@cmdlet("New-Item")
class NewItem(ProviderCommand):
    def process(self) -> None:
        name = self.get("Name")
        for path in texts(self.get("Path")) or ["."]:
            self.attempt(lambda path=path: self._make(path, name))  # type: ignore[misc]

    def _make(self, path: str, name: str | None) -> None:
        targets = [core.locate(self.session, path)]
        if name is not None:
            bases = core.resolve_path(self.session, path) if core.has_wildcards(path) else targets
            targets = [_below(base, str(name)) for base in bases]
        for target in targets:
            self.drive = target.drive
            value = self.get("Value")
            kind = str(self.get("ItemType") or "")
            target.provider.new_item(target.path, kind, value, self.force, self)


def _below(base: ProviderPath, name: str) -> ProviderPath:
    path = base.provider.normalize(base.provider.join(base.path, name))
    return ProviderPath(base.provider, path, base.drive, path)


@cmdlet("Set-Item")
class SetItem(ProviderCommand):
    def process(self) -> None:
        value = self.get("Value")
        for path in self.given_paths():
            self.attempt(lambda path=path: self._set(path, value))  # type: ignore[misc]

    def _set(self, path: str, value: object) -> None:
        if not self.is_literal and core.has_wildcards(path):
            targets = core.resolve_path(self.session, path)
        else:
            targets = [core.unresolved(self.session, path, self.is_literal)]
        for target in targets:
            self.drive = target.drive
            item = target.provider.set_item(target.path, value, self)
            if self.switch("PassThru") and item is not None:
                self.emit(target.provider.wrap(item, target.path, target.drive))


@cmdlet("Clear-Item")
class ClearItem(ProviderCommand):
    def process(self) -> None:
        for found in self.resolved():
            self.attempt(lambda found=found: found.provider.clear_item(found.path, self))  # type: ignore[misc]


@cmdlet("Invoke-Item")
class InvokeItem(ProviderCommand):
    def process(self) -> None:
        for found in self.resolved():
            if self.should_process(found.display, "Invoke Item"):
                self.attempt(lambda found=found: found.provider.invoke_item(found.path, self))  # type: ignore[misc]


@cmdlet("Remove-Item")
class RemoveItem(ProviderCommand):
    def process(self) -> None:
        found = list(self.resolved()) if not self._recurse_by_name() else list(self._named_below())
        for one in found:
            self.attempt(lambda one=one: self._remove(one))  # type: ignore[misc]

    def _recurse_by_name(self) -> bool:
        return self.switch("Recurse") and (self.has("Include") or self.has("Exclude"))

    def _named_below(self) -> list[ProviderPath]:
        """`-Recurse -Include`: what the names leave, at any depth, deepest first."""
        found: list[ProviderPath] = []

        def walk(at: ProviderPath) -> None:
            if at.provider.is_container(at.path):
                for name in at.provider.child_names(at.path, self.force):
                    walk(_below(at, name))
            if self.passes(at.provider.leaf(at.path)):
                found.append(at)

        for path in self.given_paths():
            for start in core.resolve_each(self, [path], self.is_literal, self.force):
                walk(start)
        return found

    def _remove(self, found: ProviderPath) -> None:
        self.drive = found.drive
        provider = found.provider
        if self.has("DeleteKey") and provider.name != "Certificate":
            # The binder knows no paths; the provider's own parameter is refused here for other providers.
            raise self.fail("NamedParameterNotFound", "A parameter cannot be found that matches parameter name "
                            "'DeleteKey'.", "InvalidArgument", BINDING_EXCEPTION)  # fmt: skip
        if not provider.exists(found.path):
            return
        self._refuse_location(found)
        if provider.is_navigation and not self.switch("Recurse") and provider.child_names(found.path, True):
            self._confirm_children(found)
        provider.remove_item(found.path, self.switch("Recurse"), self.force, self)

    def _refuse_location(self, found: ProviderPath) -> None:
        here = core.state(self.session).current
        if here.provider is found.provider and found.provider.is_navigation:
            below = here.path.lower() + "\\"
            if below.startswith(found.path.lower().rstrip("\\") + "\\"):
                message = f"Cannot remove the item at '{found.path}' because it is in use."
                exception = NetException("System.Management.Automation.PSInvalidOperationException", message)
                raise ScriptError(ErrorRecord(exception, "InvalidOperation", "InvalidOperation", found.path))

    def _confirm_children(self, found: ProviderPath) -> None:
        """The item has children and -Recurse was not given: Windows asks, which nobody can answer here."""
        if bool(unwrap(self.get("WhatIf"))):
            return
        exception = NetException(
            "System.Management.Automation.PSInvalidOperationException",
            "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
        )
        raise ScriptError(ErrorRecord(exception, "InvalidOperation", "InvalidOperation", None), thrown=False)
