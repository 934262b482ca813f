"""What scripts read of PathInfo, PSDriveInfo, ProviderInfo and location stacks."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.dotnet.registry import getter, method, setter
from winbake.rehearsal.powershell.dotnet.secure_strings import PSCredential
from winbake.rehearsal.powershell.providers.core import Drive, PathInfo, PathInfoStack, ProviderInfo, path_info
from winbake.rehearsal.powershell.types import NetType, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, PSArray

PATH_INFO = "System.Management.Automation.PathInfo"
DRIVE = "System.Management.Automation.PSDriveInfo"
PROVIDER = "System.Management.Automation.ProviderInfo"
STACK = "System.Management.Automation.PathInfoStack"


@getter(PATH_INFO, "Path")
@method(PATH_INFO, "ToString")
def _path(value: PathInfo) -> str:
    return value.path


@getter(PATH_INFO, "ProviderPath")
def _provider_path(value: PathInfo) -> str:
    return value.provider_path


@getter(PATH_INFO, "Drive")
def _drive(value: PathInfo) -> Drive | None:
    return value.drive


@getter(PATH_INFO, "Provider")
def _provider(value: PathInfo) -> ProviderInfo:
    return value.provider.info


@getter(DRIVE, "Name")
@method(DRIVE, "ToString")
def _drive_name(value: Drive) -> str:
    return value.name


@getter(DRIVE, "Root")
def _root(value: Drive) -> str:
    return value.root


@getter(DRIVE, "Provider")
def _drive_provider(value: Drive) -> ProviderInfo:
    return value.provider.info


@getter(DRIVE, "Description")
def _description(value: Drive) -> str:
    return value.description


@getter(DRIVE, "CurrentLocation")
def _current_location(value: Drive) -> str:
    return value.current


@setter(DRIVE, "CurrentLocation")
def _set_current_location(value: Drive, text: str) -> None:
    value.current = text


@getter(DRIVE, "DisplayRoot")
def _display_root(value: Drive) -> None:
    return None


@getter(DRIVE, "MaximumSize")
def _maximum_size(value: Drive) -> None:
    return None


@getter(DRIVE, "Credential")
def _credential(value: Drive) -> PSCredential:
    """PSCredential.Empty: drives of a rehearsed host are never mounted as somebody else."""
    return PSCredential(None, None)


def _size(value: Drive, free: bool) -> Any:
    """Bytes of a file-system drive; null of the others."""
    if value.provider.name != "FileSystem":
        return None
    files = value.provider.session.host.files
    letter = value.root[:2]
    left = int(files.free_bytes(letter))
    return Int64(left if free else int(files.capacity(letter)) - left)


code_property(DRIVE, "Used", lambda value: _size(value, free=False), "ScriptProperty")
code_property(DRIVE, "Free", lambda value: _size(value, free=True), "ScriptProperty")


@getter(PROVIDER, "Name")
def _provider_name(value: ProviderInfo) -> str:
    return value.name


@method(PROVIDER, "ToString")
def _provider_text(value: ProviderInfo) -> str:
    return f"{value.module_name}\\{value.name}"


@getter(PROVIDER, "ModuleName")
@getter(PROVIDER, "PSSnapIn")
def _module_name(value: ProviderInfo) -> str:
    return value.module_name


@getter(PROVIDER, "Home")
def _home(value: ProviderInfo) -> str:
    if value.name != "FileSystem":
        return ""
    return str(value.provider.session.process.environment.get("USERPROFILE", ""))


@getter(PROVIDER, "ImplementingType")
def _implementing_type(value: ProviderInfo) -> NetType:
    return get_type(f"Microsoft.PowerShell.Commands.{value.name}Provider")


@getter(PROVIDER, "HelpFile")
def _help_file(value: ProviderInfo) -> str:
    return f"{'System.Management.Automation' if value.name != 'Certificate' else value.module_name}.dll-Help.xml"


@getter(PROVIDER, "Module")
def _module(value: ProviderInfo) -> None:
    return None


@getter(PROVIDER, "Description")
def _provider_description(value: ProviderInfo) -> str:
    return ""


@getter(PROVIDER, "Capabilities")
def _capabilities(value: ProviderInfo) -> Any:
    names = {"Include": 1, "Exclude": 2, "Filter": 4, "ExpandWildcards": 8, "ShouldProcess": 16, "Credentials": 32,
             "Transactions": 64}  # fmt: skip
    bits = sum(names[part.strip()] for part in value.provider.capabilities.split(","))
    return enum_value(get_type("System.Management.Automation.Provider.ProviderCapabilities"), bits)


@getter(PROVIDER, "Drives")
def _drives(value: ProviderInfo) -> PSArray:
    from winbake.rehearsal.powershell.providers.core import state

    found = [one for one in state(value.provider.session).drives.values() if one.provider is value.provider]
    return PSArray(found, DRIVE)


@getter(STACK, "Name")
def _stack_name(value: PathInfoStack) -> str:
    return value.name


@getter(STACK, "Count")
def _stack_count(value: PathInfoStack) -> int:
    return len(value.paths)


@method(STACK, "ToArray")
def _stack_items(value: PathInfoStack) -> PSArray:
    return PSArray((path_info(one) for one in value.paths), PATH_INFO)
