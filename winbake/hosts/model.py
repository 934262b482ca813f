"""Where a host is and how to log in to it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from winbake.config.secret import Secret

Scheme = Literal["https", "http"]
Transport = Literal["ntlm", "basic"]


@dataclass(frozen=True)
class HostAddress:
    """One host over WinRM. name: how the person calls it; address: name or IP; port: TCP port."""

    name: str
    address: str
    port: int = 5986
    scheme: Scheme = "https"
    transport: Transport = "ntlm"
    user: str = "Administrator"
    password: Secret = field(default_factory=lambda: Secret(""))

    @property
    def endpoint(self) -> str:
        """The URL of the WS-Management endpoint."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}/wsman"

    @property
    def method(self) -> str:
        """The transport as people write it."""
        return "NTLM" if self.transport == "ntlm" else "Basic"

    def describe(self) -> str:
        return f"{self.endpoint.removesuffix('/wsman')} as {self.user} by {self.method}"


@dataclass(frozen=True)
class SshAddress(HostAddress):
    """One host over SSH. password: empty with a key. sudo: whether commands run as root through it."""

    port: int = 22
    user: str = "root"
    key_file: Path | None = None
    sudo: bool = False
    sudo_password: Secret = field(default_factory=lambda: Secret(""))

    @property
    def endpoint(self) -> str:
        return f"ssh://{self.address}:{self.port}"

    @property
    def method(self) -> str:
        return "SSH"

    def describe(self) -> str:
        return f"{self.endpoint} as {self.user}{', by sudo' if self.sudo else ''}"
