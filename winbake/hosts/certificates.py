"""Certificates pinned at first use, like SSH's known_hosts: a file of one line a listener.

A line is `host:port sha256:<hex> <date pinned> <name in the certificate>`; `#` begins a comment. Every later
connection must show exactly the pinned certificate, whoever signed it.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from winbake.hosts.errors import CertificateChanged, CertificateUnknown, HostUnreachable, TlsFailed


class CertificatePolicy(StrEnum):
    """What to do with a certificate that was never seen: ask somebody, pin it, or refuse it."""

    ASK = "ask"
    ACCEPT_NEW = "accept-new"
    STRICT = "strict"


@dataclass(frozen=True)
class SeenCertificate:
    """What a listener showed. fingerprint: SHA-256 of the certificate, lower-case hexadecimal."""

    host: str
    address: str
    port: int
    fingerprint: str
    subject: str
    not_after: datetime.datetime

    @property
    def shown_fingerprint(self) -> str:
        """As people compare it: pairs with colons, upper case."""
        return shown(self.fingerprint)


@dataclass(frozen=True)
class Pin:
    fingerprint: str
    pinned_on: str
    subject: str = ""


_REPLACING = threading.Lock()
Accept = Callable[[SeenCertificate], bool]
"""Shows an unknown certificate to a person; True pins it."""


def configuration_folder() -> Path:
    """Where winbake keeps what belongs to this user: below %APPDATA% on Windows, else below XDG's folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming"))
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "winbake"


def default_path() -> Path:
    """`known_certificates` in the user's configuration folder."""
    return configuration_folder() / "known_certificates"


class KnownCertificates:
    """The file of pins. Other processes may add lines meanwhile, so it is read anew at each question."""

    def __init__(
        self,
        path: Path | None = None,
        policy: CertificatePolicy = CertificatePolicy.ASK,
        accept: Accept | None = None,
    ) -> None:
        """accept: asked under the policy ASK; without it, ASK refuses as STRICT does."""
        self.path = path or default_path()
        self.policy = policy
        self._accept = accept

    def pin_of(self, address: str, port: int) -> Pin | None:
        """The newest pin of a listener, or None."""
        found = None
        for line in self._lines():
            words = line.split(maxsplit=3)
            if len(words) >= 3 and words[0] == _key(address, port) and words[1].startswith("sha256:"):
                found = Pin(words[1].removeprefix("sha256:"), words[2], words[3] if len(words) > 3 else "")
        return found

    def require(self, host: str, address: str, port: int, timeout_seconds: float = 10.0) -> str:
        """The fingerprint that the listener must show; asks or pins by the policy when there is none yet.

        Raises CertificateUnknown, TlsFailed or HostUnreachable.
        """
        pin = self.pin_of(address, port)
        if pin is not None:
            return pin.fingerprint
        seen = fetch_certificate(host, address, port, timeout_seconds)
        accepted = self.policy is CertificatePolicy.ACCEPT_NEW or (
            self.policy is CertificatePolicy.ASK and self._accept is not None and self._accept(seen)
        )
        if not accepted:
            raise CertificateUnknown(
                f"the certificate of {seen.subject} is not pinned, and was not accepted: SHA-256 "
                f"{seen.shown_fingerprint}",
                host,
                "compare the fingerprint with the one on the host (Get-ChildItem Cert:\\LocalMachine\\My), "
                "then accept it when asked, or pin it with --accept-new-certificates",
                fingerprint=seen.fingerprint,
            )
        self.pin(seen)
        return seen.fingerprint

    def pin(self, seen: SeenCertificate) -> None:
        """Remember a certificate as the one of its listener."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{_key(seen.address, seen.port)} sha256:{seen.fingerprint} {today} {seen.subject}\n")

    def forget(self, address: str, port: int) -> bool:
        """Remove a listener's pins; whether there was one."""
        lines = self._lines()
        kept = [line for line in lines if line.split(maxsplit=1)[:1] != [_key(address, port)]]
        if len(kept) == len(lines):
            return False
        new = self.path.with_name(self.path.name + ".new")
        new.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        new.replace(self.path)
        return True

    def changed(self, host: str, address: str, port: int, found: str) -> CertificateChanged:
        """The error for a listener that shows `found` instead of what is pinned."""
        pin = self.pin_of(address, port)
        old, when = (pin.fingerprint, pin.pinned_on) if pin else ("", "")
        return CertificateChanged(
            f"the certificate has changed: pinned {when} SHA-256 {shown(old)}, now {shown(found)}",
            host,
            "if the listener was made anew (new AMI, new master), compare the new fingerprint on the host and remove "
            f"the line {_key(address, port)} from {self.path}; if not, somebody may be in between: do not go on",
            pinned=old,
            found=found,
        )

    def replace(self, seen: SeenCertificate) -> None:
        """Pin a certificate as the only one of its listener; several threads of this process may do so at once."""
        with _REPLACING:
            self.forget(seen.address, seen.port)
            self.pin(seen)

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []


class GivenCertificate(KnownCertificates):
    """The one certificate that somebody else vouches for: `source` says who. Nothing is asked or pinned."""

    def __init__(self, fingerprint: str, source: str) -> None:
        """fingerprint: SHA-256, with or without `sha256:` and colons."""
        super().__init__(policy=CertificatePolicy.STRICT)
        self._pin = Pin(fingerprint.lower().removeprefix("sha256:").replace(":", ""), source)

    def pin_of(self, address: str, port: int) -> Pin | None:
        return self._pin


def shown(fingerprint: str) -> str:
    """A fingerprint as people compare it: `AB:CD:…`."""
    upper = fingerprint.upper()
    return ":".join(upper[at : at + 2] for at in range(0, len(upper), 2))


def fetch_certificate(host: str, address: str, port: int, timeout_seconds: float = 10.0) -> SeenCertificate:
    """Look at the certificate that a listener shows, trusting nothing and sending nothing.

    Raises HostUnreachable or TlsFailed.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        sock = socket.create_connection((address, port), timeout=timeout_seconds)
    except OSError as error:
        raise HostUnreachable(f"nothing answers at {address} port {port}: {error.strerror or error}", host) from error
    with sock:
        try:
            with context.wrap_socket(sock, server_hostname=address) as tls:
                der = tls.getpeercert(binary_form=True)
        except OSError as error:
            raise TlsFailed(f"port {port} answers, but not with TLS: {_reason(error)}", host) from error
    if der is None:
        raise TlsFailed(f"port {port} showed no certificate", host)
    parsed = x509.load_der_x509_certificate(der)
    names = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = str(names[0].value) if names else parsed.subject.rfc4514_string()
    return SeenCertificate(host, address, port, hashlib.sha256(der).hexdigest(), subject, parsed.not_valid_after_utc)


def _key(address: str, port: int) -> str:
    return f"{address.lower()}:{port}"


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or str(error)
