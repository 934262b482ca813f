"""Get-, Set-, New-, Remove-, Rename-, Copy-, Move- and Clear-ItemProperty, Get-ItemPropertyValue."""

from __future__ import annotations

from functools import partial
from typing import Any

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand, texts
from winbake.rehearsal.powershell.dotnet.io_items import FileSystemInfo
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath, attach
from winbake.rehearsal.powershell.providers.registry import RegistryProvider
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import PSObject, custom_object, is_custom, unwrap

_ARGUMENT = "System.Management.Automation.PSArgumentException"
_KINDS = {
    "string": 1,
    "expandstring": 2,
    "binary": 3,
    "dword": 4,
    "multistring": 7,
    "qword": 11,
    "unknown": 0,
    "none": -1,
}
_NOTES = {"pspath", "psparentpath", "pschildname", "psdrive", "psprovider"}


class PropertyCommand(ProviderCommand):
    def no_properties(self, found: ProviderPath) -> ScriptError:
        message = "Cannot use interface. The IPropertyCmdletProvider interface is not supported by this provider."
        exception = NetException("System.Management.Automation.PSNotSupportedException", message)
        return ScriptError(ErrorRecord(exception, "NotSupported", "NotImplemented", found.provider.info))

    def dynamic_properties(self) -> ScriptError:
        message = (
            "Cannot use interface. The IDynamicPropertyCmdletProvider interface is not supported by this provider."
        )
        exception = NetException("System.Management.Automation.PSNotSupportedException", message)
        return ScriptError(ErrorRecord(exception, "NotSupported", "NotImplemented"))

    def registry(self, found: ProviderPath) -> RegistryProvider:
        if not isinstance(found.provider, RegistryProvider):
            raise self.dynamic_properties()
        return found.provider

    def kind(self, parameter: str) -> int | None:
        """The RegistryValueKind asked for. Raises the cmdlet's error for a word that is none."""
        given = unwrap(self.get(parameter))
        if given is None:
            return None
        if isinstance(given, EnumValue):
            number = given.value
        else:
            found = _KINDS.get(str(given).lower())
            if found is None:
                message = (
                    f"Cannot bind parameter '{parameter}'. Cannot convert value \"{given}\" to type "
                    f'"Microsoft.Win32.RegistryValueKind".'
                )
                raise self.fail("ParameterBindingFailed", message, "InvalidArgument",
                                "System.Management.Automation.ParameterBindingException")  # fmt: skip
            number = found
        return number or None

    def write_properties(self, found: ProviderPath, pairs: list[tuple[str, Any]]) -> None:
        """One object with these properties and the path's."""
        self.emit(attach(custom_object(pairs), found.provider.notes(found.path, found.drive)))


def property_value(command: PropertyCommand, found: ProviderPath, name: str) -> tuple[bool, Any]:
    """Whether a file has a property of that name, and its value."""
    from winbake.rehearsal.powershell.members import NO_MEMBER, find_value

    item = found.provider.get_item(found.path)
    value = find_value(command.session, item, name)
    return value is not NO_MEMBER, None if value is NO_MEMBER else value


@cmdlet("Get-ItemProperty")
class GetItemProperty(PropertyCommand):
    def process(self) -> None:
        names = texts(self.get("Name"))
        for found in self.resolved():
            self.attempt(lambda found=found: self._get(found, names))  # type: ignore[misc]

    def _get(self, found: ProviderPath, names: list[str]) -> None:
        if isinstance(found.provider, RegistryProvider):
            self._registry_values(found, found.provider, names)
        elif found.provider.name == "FileSystem":
            self._file_properties(found, names)
        else:
            raise self.no_properties(found)

    def _registry_values(self, found: ProviderPath, provider: RegistryProvider, names: list[str]) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        known = provider.property_names(found.path) or []
        chosen: list[str] = [] if names else known
        for name in names:
            matched = [one for one in known if Wildcard(name).matches(one)]
            if not matched and not has_wildcards(name):
                self.write_error(provider.missing_property(found.path, name))
            chosen += [one for one in matched if one not in chosen]
        if chosen:
            self.write_properties(found, [(name, provider.read_property(found.path, name)) for name in chosen])

    def _file_properties(self, found: ProviderPath, names: list[str]) -> None:
        if not names:
            self.write_item(found)
            return
        pairs: list[tuple[str, Any]] = []
        for name in names:
            there, value = property_value(self, found, name)
            if there:
                pairs.append((name, value))
            else:
                exception = NetException(_ARGUMENT, f"Property {name} does not exist at path {found.path}.")
                self.write_error(ErrorRecord(exception, _ARGUMENT, "InvalidArgument", found.path))
        if pairs:
            self.write_properties(found, pairs)


@cmdlet("Get-ItemPropertyValue")
class GetItemPropertyValue(PropertyCommand):
    """A value that is missing ends the statement, whatever -ErrorAction says (GetPropertyCommand.cs)."""

    def process(self) -> None:
        for found in self.resolved(self.given_paths(".")):
            for name in texts(self.get("Name")):
                self._get(found, name)

    def _get(self, found: ProviderPath, name: str) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        if isinstance(found.provider, RegistryProvider):
            known = found.provider.property_names(found.path) or []
            matched = [one for one in known if Wildcard(name).matches(one)]
            if not matched:
                raise ScriptError(found.provider.missing_property(found.path, name))
            for one in matched:
                self.emit(found.provider.read_property(found.path, one))
            return
        there, value = property_value(self, found, name)
        if not there:
            exception = NetException(_ARGUMENT, f"Property {name} does not exist at path {found.path}.")
            raise ScriptError(ErrorRecord(exception, _ARGUMENT, "InvalidArgument", found.path))
        self.emit(value)


@cmdlet("Set-ItemProperty")
class SetItemProperty(PropertyCommand):
    def process(self) -> None:
        kind = self.kind("Type")
        for found in self.resolved():
            self.attempt(lambda found=found: self._set(found, kind))  # type: ignore[misc]

    def _pairs(self) -> list[tuple[str, Any]]:
        if self.has("Name"):
            return [(str(unwrap(self.get("Name"))), self.get("Value"))]
        given = self.get("InputObject")
        if isinstance(given, PSObject) and is_custom(given):
            return [(m.name, getattr(m, "value", None)) for m in given.members if m.name.lower() not in _NOTES]
        from winbake.rehearsal.powershell.members import members_of

        return [(m.name, m.value) for m in members_of(self.session, given) if m.name.lower() not in _NOTES]

    def _set(self, found: ProviderPath, kind: int | None) -> None:
        for name, value in self._pairs():
            if isinstance(found.provider, RegistryProvider):
                done = found.provider.set_property(found.path, name, value, kind, self)
            elif found.provider.name == "FileSystem":
                done = self._set_on_file(found, name, value)
            else:
                raise self.no_properties(found)
            if done and self.switch("PassThru"):
                self.write_properties(found, [(name, value)])

    def _set_on_file(self, found: ProviderPath, name: str, value: Any) -> bool:
        from winbake.rehearsal.powershell.members import set_member_value

        there, _ = property_value(self, found, name)
        if not there:
            message = f"Property {name} does not exist at path {found.path}."
            self.error(_ARGUMENT, message, "InvalidArgument", _ARGUMENT, found.path)
            return False
        if not self.should_process(f"Item: {found.path} Property: {name} Value: {value}", "Set Property File"):
            return False
        item = found.provider.get_item(found.path)
        assert isinstance(item, FileSystemInfo)
        set_member_value(self.session, item, name, value)
        return True


@cmdlet("New-ItemProperty")
class NewItemProperty(PropertyCommand):
    def process(self) -> None:
        kind = self.kind("PropertyType")
        name, value = str(unwrap(self.get("Name"))), self.get("Value")
        for found in self.resolved():
            self.attempt(lambda found=found: self._new(found, name, value, kind))  # type: ignore[misc]

    def _new(self, found: ProviderPath, name: str, value: Any, kind: int | None) -> None:
        provider = self.registry(found)
        if provider.new_property(found.path, name, value, kind, self.force, self):
            self.write_properties(found, [(name, provider.read_property(found.path, name))])


@cmdlet("Remove-ItemProperty")
class RemoveItemProperty(PropertyCommand):
    def process(self) -> None:
        for found in self.resolved():
            for name in texts(self.get("Name")):
                self.attempt(partial(self._remove, found, name))

    def _remove(self, found: ProviderPath, name: str) -> None:
        self.registry(found).remove_property(found.path, name, self)


@cmdlet("Clear-ItemProperty")
class ClearItemProperty(PropertyCommand):
    def process(self) -> None:
        name = str(unwrap(self.get("Name")))
        for found in self.resolved():
            self.attempt(lambda found=found: self._clear(found, name))  # type: ignore[misc]

    def _clear(self, found: ProviderPath, name: str) -> None:
        if isinstance(found.provider, RegistryProvider):
            found.provider.clear_property(found.path, name, self)
        elif name.lower() == "attributes" and self.should_process(found.path, "Clear Property"):
            self.session.host.files.set_attributes(found.path, 0x80)
        else:
            raise self.no_properties(found)


@cmdlet("Rename-ItemProperty")
class RenameItemProperty(PropertyCommand):
    def process(self) -> None:
        name, new_name = str(unwrap(self.get("Name"))), str(unwrap(self.get("NewName")))
        for found in self.resolved():
            self.attempt(lambda found=found: self._rename(found, name, new_name))  # type: ignore[misc]

    def _rename(self, found: ProviderPath, name: str, new_name: str) -> None:
        provider = self.registry(found)
        if provider.rename_property(found.path, name, new_name, self) and self.switch("PassThru"):
            self.write_properties(found, [(new_name, provider.read_property(found.path, new_name))])


class _TransferProperty(PropertyCommand):
    move = False

    def process(self) -> None:
        name = str(unwrap(self.get("Name")))
        for found in self.resolved():
            self.attempt(lambda found=found: self._transfer(found, name))  # type: ignore[misc]

    def _transfer(self, found: ProviderPath, name: str) -> None:
        provider = self.registry(found)
        for target in core.resolve_path(self.session, str(unwrap(self.get("Destination")))):
            verb = "Move Property" if self.move else "Copy Property"
            if not self.should_process(f"Item: {found.path} Property: {name} Destination: {target.path}", verb):
                continue
            done = provider.transfer_property(found.path, name, target.path, name, self, self.move)
            if done and self.switch("PassThru"):
                self.write_properties(target, [(name, provider.read_property(target.path, name))])


@cmdlet("Copy-ItemProperty")
class CopyItemProperty(_TransferProperty):
    pass


@cmdlet("Move-ItemProperty")
class MoveItemProperty(_TransferProperty):
    move = True
