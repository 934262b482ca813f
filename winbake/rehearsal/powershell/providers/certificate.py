"""The Certificate provider, small: the stores that scripts look into, without certificates of their own."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.providers.core import Provider

_LOCATIONS = ("CurrentUser", "LocalMachine")
_STORES = ("My", "Root", "CA", "TrustedPublisher", "Disallowed", "TrustedPeople", "AuthRoot")


class CertificateProvider(Provider):
    name = "Certificate"
    module = "Microsoft.PowerShell.Security"
    is_navigation = True

    def exists(self, path: str) -> bool:
        parts = [part.lower() for part in path.split("\\") if part]
        if not parts:
            return True
        if parts[0] not in (one.lower() for one in _LOCATIONS):
            return False
        return len(parts) == 1 or (len(parts) == 2 and parts[1] in (one.lower() for one in _STORES))

    def is_container(self, path: str) -> bool:
        return self.exists(path)

    def get_item(self, path: str) -> Any:
        raise NotModelled("certificate stores as objects (Get-Item Cert:)")

    def child_names(self, path: str, force: bool = False) -> list[str]:
        depth = len([part for part in path.split("\\") if part])
        if depth == 0:
            return list(_LOCATIONS)
        return list(_STORES) if depth == 1 else []
