"""The listeners of the WinRM service: where it answers, and with which certificate.

They lie in the registry, so that they live as long as the host's state. Fields as `winrm enumerate
winrm/config/listener` shows them (windows_facts.md section 12). Own knowledge: the place in the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.packages import delete_tree

if TYPE_CHECKING:
    from winbake.rehearsal.windows.registry import Registry

KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener"
PORTS = {"HTTP": 5985, "HTTPS": 5986}


@dataclass(frozen=True)
class Listener:
    """One listener; address and transport are its selectors. `transport`: HTTP or HTTPS."""

    transport: str
    address: str = "*"
    port: int = 0
    hostname: str = ""
    enabled: bool = True
    thumbprint: str = ""


class Listeners:
    """What the WinRM service of one host listens on."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.on_change: list[Callable[[], None]] = []

    def all(self) -> list[Listener]:
        top = self._registry.open(KEY)
        return [self._read(name) for name in sorted(top.subkeys())] if top is not None else []

    def get(self, transport: str, address: str = "*") -> Listener | None:
        return next((one for one in self.all() if (one.transport, one.address) == (transport.upper(), address)), None)

    def put(self, listener: Listener) -> None:
        """Makes it, or gives the one of this address and transport other settings."""
        path = _path(listener)
        write = self._registry.write
        write(path, "Port", listener.port or PORTS[listener.transport])
        write(path, "Hostname", listener.hostname)
        write(path, "enabled", int(listener.enabled))
        write(path, "uriprefix", "wsman")
        write(path, "certThumbprint", listener.thumbprint)
        self._changed()

    def remove(self, listener: Listener) -> None:
        delete_tree(self._registry, _path(listener))
        self._changed()

    def _read(self, name: str) -> Listener:
        address, _, transport = name.rpartition("+")
        path = rf"{KEY}\{name}"
        return Listener(
            transport,
            address,
            int(self._registry.read(path, "Port", PORTS[transport])),
            str(self._registry.read(path, "Hostname", "")),
            bool(self._registry.read(path, "enabled", 1)),
            str(self._registry.read(path, "certThumbprint", "")),
        )

    def _changed(self) -> None:
        for listener in list(self.on_change):
            listener()


def _path(listener: Listener) -> str:
    return rf"{KEY}\{listener.address}+{listener.transport}"
