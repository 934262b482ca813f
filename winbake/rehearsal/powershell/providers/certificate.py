"""The Certificate provider: the stores, and the certificates of LocalMachine\\My.

Source: about_Certificate_Provider. Remove-Item deletes a certificate and leaves its private key; -DeleteKey deletes
both. Other stores are empty here. Assumed: the texts of what is asked before a deletion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.authenticode import Certificate
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.providers.core import Provider

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet

_LOCATIONS = ("CurrentUser", "LocalMachine")
_STORES = ("My", "Root", "CA", "TrustedPublisher", "Disallowed", "TrustedPeople", "AuthRoot")


class CertificateProvider(Provider):
    name = "Certificate"
    module = "Microsoft.PowerShell.Security"
    is_navigation = True

    def exists(self, path: str) -> bool:
        parts = [part.lower() for part in path.split("\\") if part]
        known: tuple[tuple[str, ...], ...] = (_LOCATIONS, _STORES, tuple(self._thumbprints(path)))
        return len(parts) <= len(known) and all(
            part in (one.lower() for one in names) for part, names in zip(parts, known, strict=False)
        )

    def is_container(self, path: str) -> bool:
        return len(path.split("\\")) < 3 and self.exists(path)

    def get_item(self, path: str) -> Any:
        if self.is_container(path):
            raise NotModelled("certificate stores as objects (Get-Item Cert:)")
        found = self.session.host.certificates.get(self.leaf(path)) if self.exists(path) else None
        if found is None:
            return None
        return Certificate.of(found, self.session.host.certificates.has_key(self.leaf(path)))

    def child_names(self, path: str, force: bool = False) -> list[str]:
        depth = len([part for part in path.split("\\") if part])
        if depth == 0:
            return list(_LOCATIONS)
        return list(_STORES) if depth == 1 else self._thumbprints(path) if depth == 2 else []

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        if self.is_container(path):
            raise NotModelled("removing a certificate store")
        with_key = command.switch("DeleteKey")
        if not command.should_process(f"Item: {path}", "Remove certificate" + (" and its private key" * with_key)):
            return
        if not self.session.process.token.elevated:
            raise NetError("System.Security.Cryptography.CryptographicException", "Access is denied.")
        self.session.host.certificates.remove(self.leaf(path), with_key)

    def _thumbprints(self, path: str) -> list[str]:
        parts = [part.lower() for part in path.split("\\") if part]
        if self.session.host is None or parts[:2] != ["localmachine", "my"]:
            return []
        names: list[str] = self.session.host.certificates.thumbprints()
        return names
