"""The current location and drives: Get-/Set-/Push-/Pop-Location, Get-/New-/Remove-PSDrive, Get-PSProvider."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand, texts
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import Drive, ProviderPath
from winbake.rehearsal.powershell.values import unwrap


@cmdlet("Get-Location")
class GetLocation(Cmdlet):
    def process(self) -> None:
        here = core.state(self.session)
        if self.switch("Stack") or self.has("StackName"):
            for name in texts(self.get("StackName")) or [here.default_stack]:
                found = list(reversed(here.stacks.get(name.lower(), [])))
                self.emit(core.PathInfoStack(name, found))
            return
        drives = texts(self.get("PSDrive"))
        for name in drives:
            drive = here.drive(name)
            if drive is None:
                self.write_error(core.drive_not_found(name).record)
                continue
            self.emit(core.path_info(on_drive(drive)))
        if not drives:
            self.emit(core.path_info(here.current))


def on_drive(drive: Drive) -> ProviderPath:
    return ProviderPath(drive.provider, drive.provider_path(drive.current), drive, f"{drive.name}:\\{drive.current}")


def enter(command: ProviderCommand, path: str, literal: bool) -> None:
    """Moves to the one container that the path names. Raises ScriptError."""
    if path.endswith(":") and not literal and "\\" not in path and "/" not in path and not path.endswith("::"):
        drive = core.state(command.session).drive(path[:-1])
        if drive is None:
            raise core.drive_not_found(path[:-1])
        found = [on_drive(drive)]
    else:
        found = core.resolve_path(command.session, path, literal, True)
    containers = [one for one in found if one.provider.is_container(one.path)]
    if not found:
        raise core.item_not_found(path)
    if len(containers) != 1:
        if len(containers) > 1:
            message = (
                f"Cannot set the location because path '{path}' resolved to multiple containers. "
                "You can only set the location to a single container at a time."
            )
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument", path))
        message = f"Cannot set the location because path '{path}' does not resolve to a container."
        raise path_not_found(path, message) if not containers else core.item_not_found(path)
    core.set_location(command.session, containers[0])


def path_not_found(path: str, message: str) -> ScriptError:
    exception = NetException(
        "System.Management.Automation.ItemNotFoundException", f"Cannot find path '{path}' because it does not exist."
    )
    return ScriptError(ErrorRecord(exception, "PathNotFound", "ObjectNotFound", path))


@cmdlet("Set-Location")
class SetLocation(ProviderCommand):
    def process(self) -> None:
        if self.has("StackName"):
            core.state(self.session).default_stack = str(unwrap(self.get("StackName")) or "default").lower()
            return
        for path in self.given_paths("~"):
            self.attempt(lambda path=path: self._go(path))  # type: ignore[misc]

    def _go(self, path: str) -> None:
        enter(self, path, self.is_literal)
        if self.switch("PassThru"):
            self.emit(core.path_info(core.state(self.session).current))


@cmdlet("Push-Location")
class PushLocation(ProviderCommand):
    def process(self) -> None:
        here = core.state(self.session)
        name = str(unwrap(self.get("StackName")) or here.default_stack).lower()
        before = here.current
        for path in self.given_paths():
            try:
                enter(self, path, self.is_literal)
            except ScriptError as failure:
                self.write_error(failure.record)
                return
        here.stacks.setdefault(name, []).append(before)
        if self.switch("PassThru"):
            self.emit(core.path_info(here.current))


@cmdlet("Pop-Location")
class PopLocation(ProviderCommand):
    def process(self) -> None:
        here = core.state(self.session)
        name = str(unwrap(self.get("StackName")) or here.default_stack).lower()
        stack = here.stacks.get(name, [])
        if stack:
            core.set_location(self.session, stack.pop())
            if self.switch("PassThru"):
                self.emit(core.path_info(here.current))
        elif self.has("StackName"):
            message = (
                f"Cannot find location stack '{self.get('StackName')}'. It does not exist or it is not a container."
            )
            kind = "System.Management.Automation.PSArgumentException"
            self.error("Argument", message, "InvalidArgument", kind)


# ---- drives ----------------------------------------------------------------------------------------------


def matching(names: list[str], given: list[str]) -> list[str]:
    from winbake.rehearsal.powershell.wildcard import Wildcard

    return [name for name in names if any(Wildcard(pattern).matches(name) for pattern in given)]


@cmdlet("Get-PSDrive")
class GetPSDrive(Cmdlet):
    def process(self) -> None:
        drives = core.state(self.session).drives
        wanted = texts(self.get("LiteralName") if self.has("LiteralName") else self.get("Name"))
        kinds = [kind.lower() for kind in texts(self.get("PSProvider"))]
        listed = sorted(drives.values(), key=lambda d: d.name.lower())
        if kinds:
            listed = [d for d in listed if d.provider.name.lower() in kinds]
        if not wanted:
            for drive in listed:
                self.emit(drive)
            return
        for pattern in wanted:
            names = [pattern] if self.has("LiteralName") else matching([d.name for d in listed], [pattern])
            found = [d for d in listed if d.name.lower() in (n.lower() for n in names)]
            if not found and not core.has_wildcards(pattern):
                exception = "System.Management.Automation.DriveNotFoundException"
                message = f"Cannot find drive. A drive with the name '{pattern}' does not exist."
                self.error("GetLocationNoMatchingDrive", message, "ObjectNotFound", exception, pattern)
            for drive in found:
                self.emit(drive)


@cmdlet("New-PSDrive")
class NewPSDrive(Cmdlet):
    def process(self) -> None:
        here = core.state(self.session)
        name = str(unwrap(self.get("Name")))
        provider = here.providers.get(str(unwrap(self.get("PSProvider"))).lower().rpartition("\\")[2])
        if provider is None:
            raise core.provider_not_found(str(unwrap(self.get("PSProvider"))))
        if here.drive(name) is not None:
            exception = "System.Management.Automation.SessionStateException"
            self.error(
                "DriveAlreadyExists",
                f"A drive with the name '{name}' already exists.",
                "ResourceExists",
                exception,
                name,
            )
            return
        root = core.locate(self.session, str(unwrap(self.get("Root")))) if self.get("Root") else None
        path = (
            root.path
            if root is not None and root.provider is provider
            else provider.normalize(str(self.get("Root") or ""))
        )
        if not provider.exists(path):
            message = f'The specified drive root "{path}" either does not exist, or it is not a folder.'
            self.error("DriveRootError", message, "ReadError", "System.IO.IOException", name)
            return
        if self.should_process(f"Name: {name} Provider: {provider.module}\\{provider.name} Root: {path}", "New drive"):
            drive = Drive(name, provider, path, str(unwrap(self.get("Description")) or ""))
            here.drives[name.lower()] = drive
            self.emit(drive)


@cmdlet("Remove-PSDrive")
class RemovePSDrive(Cmdlet):
    def process(self) -> None:
        here = core.state(self.session)
        for pattern in texts(self.get("LiteralName") if self.has("LiteralName") else self.get("Name")):
            found = matching([d.name for d in here.drives.values()], [pattern])
            if not found and not core.has_wildcards(pattern):
                exception = "System.Management.Automation.DriveNotFoundException"
                message = f"Cannot find drive. A drive with the name '{pattern}' does not exist."
                self.error("DriveNotFound", message, "ObjectNotFound", exception, pattern)
            for name in found:
                self._remove(here, name)

    def _remove(self, here: core.LocationState, name: str) -> None:
        drive = here.drives[name.lower()]
        if here.current.drive is drive and not self.switch("Force"):
            message = f"Cannot remove drive '{name}' because it is in use."
            self.error("DriveRemovalPreventedByProvider", message, "InvalidOperation",
                       "System.Management.Automation.PSInvalidOperationException", drive)  # fmt: skip
            return
        if self.should_process(f"Name: {name}", "Remove Drive"):
            del here.drives[name.lower()]


@cmdlet("Get-PSProvider")
class GetPSProvider(Cmdlet):
    def process(self) -> None:
        providers = core.state(self.session).providers
        given: list[Any] = texts(self.get("PSProvider"))
        if not given:
            for provider in providers.values():
                self.emit(provider.info)
        for pattern in given:
            found = matching([p.name for p in providers.values()], [pattern.rpartition("\\")[2]])
            if not found and not core.has_wildcards(pattern):
                self.write_error(core.provider_not_found(pattern).record)
            for name in found:
                self.emit(providers[name.lower()].info)
