"""The providers and drives that a new session starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.powershell.dotnet.io_items import drive_letters
from winbake.rehearsal.powershell.providers.certificate import CertificateProvider
from winbake.rehearsal.powershell.providers.core import Drive, LocationState, Provider, ProviderPath
from winbake.rehearsal.powershell.providers.environment import EnvironmentProvider
from winbake.rehearsal.powershell.providers.filesystem import FileSystemProvider
from winbake.rehearsal.powershell.providers.registry import RegistryProvider
from winbake.rehearsal.powershell.providers.session_drives import AliasProvider, FunctionProvider, VariableProvider

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


def build_state(session: Session) -> LocationState:
    """Drives as Windows PowerShell shows them; the location is the process's directory."""
    kinds: list[type[Provider]] = [
        RegistryProvider,
        AliasProvider,
        EnvironmentProvider,
        FileSystemProvider,
        FunctionProvider,
        VariableProvider,
        CertificateProvider,
    ]
    providers = {kind.name.lower(): kind(session) for kind in kinds}
    drives: dict[str, Drive] = {}

    def add(name: str, provider: str, root: str, description: str = "") -> None:
        drives[name.lower()] = Drive(name, providers[provider], root, description)

    for letter in drive_letters(session.host):
        add(letter, "filesystem", f"{letter}:\\", "")
    add("HKLM", "registry", "HKEY_LOCAL_MACHINE", "The configuration settings for the local computer")
    add("HKCU", "registry", "HKEY_CURRENT_USER", "The software settings for the current user")
    add("Alias", "alias", "", "Drive that contains a view of the aliases stored in the session state")
    add("Env", "environment", "", "Drive that contains a view of the environment variables for the process")
    add("Function", "function", "", "Drive that contains a view of the functions stored in the session state")
    add("Variable", "variable", "", "Drive that contains a view of those variables stored in the session state")
    add("Cert", "certificate", "", "X509 Certificate Provider")
    directory = providers["filesystem"].normalize(str(session.process.directory))
    drive = drives.get(directory[:1].lower())
    if drive is not None:
        drive.current = directory[len(drive.root) :].strip("\\")
    return LocationState(providers, drives, ProviderPath(providers["filesystem"], directory, drive, directory))
