"""The machine's certificate store LocalMachine\\My, and the self-signed certificate that WinRM over HTTPS needs.

A certificate lies in the registry (SystemCertificates\\MY, one key a thumbprint), its key in a file of its own under
MachineKeys: who deletes only the certificate leaves the key. Both live as long as the host's state, and a copy of the
host (an AMI) has the same ones. Own knowledge: where Windows keeps both. Assumed: the blob holds the certificate and
nothing else, the key's file is named after the thumbprint.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import ssl
import struct
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from winbake.rehearsal.windows.packages import delete_tree
from winbake.rehearsal.windows.registry import REG_BINARY

if TYPE_CHECKING:
    from winbake.rehearsal.windows.files import FileSystem
    from winbake.rehearsal.windows.registry import Registry

STORE = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\SystemCertificates\MY\Certificates"
KEYS = r"C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys"
_CERTIFICATE_ELEMENT = 32  # CERT_CERT_PROP_ID
_HEAD = struct.Struct("<III")  # property, encoding, length


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, both in one PEM text."""

    pem: bytes

    @property
    def parsed(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.pem)

    @property
    def der(self) -> bytes:
        return self.parsed.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256, lower case hexadecimal without separators."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def thumbprint(self) -> str:
        """SHA-1, upper case hexadecimal, by which Windows names a certificate."""
        return thumbprint_of(self.der)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The ssl module takes keys from files only; this one is there for a moment and for this user alone.
        handle, path = tempfile.mkstemp(suffix=".pem")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.pem)
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
        return context


def thumbprint_of(der: bytes) -> str:
    return hashlib.sha1(der).hexdigest().upper()


def make_certificate(host_name: str) -> Certificate:
    """A new self-signed certificate for a host's name, valid for a year as on Windows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host_name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=10))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host_name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class CertificateStore:
    """LocalMachine\\My of one host."""

    def __init__(self, registry: Registry, files: FileSystem) -> None:
        self._registry = registry
        self._files = files

    def thumbprints(self) -> list[str]:
        key = self._registry.open(STORE)
        return sorted(key.subkeys()) if key is not None else []

    def get(self, thumbprint: str) -> x509.Certificate | None:
        blob = self._registry.read(rf"{STORE}\{thumbprint}", "Blob")
        return x509.load_der_x509_certificate(blob[_HEAD.size :]) if isinstance(blob, bytes) else None

    def has_key(self, thumbprint: str) -> bool:
        return self._files.is_file(_key_file(thumbprint))

    def with_key(self, thumbprint: str) -> Certificate | None:
        """For a server that shows it: None without the certificate or without its key."""
        found = self.get(thumbprint)
        if found is None or not self.has_key(thumbprint):
            return None
        pem = found.public_bytes(serialization.Encoding.PEM)
        return Certificate(pem + self._files.read(_key_file(thumbprint)))

    def add(self, certificate: Certificate) -> str:
        """Its thumbprint."""
        der, thumbprint = certificate.der, certificate.thumbprint
        blob = _HEAD.pack(_CERTIFICATE_ELEMENT, 1, len(der)) + der
        self._registry.write(rf"{STORE}\{thumbprint}", "Blob", blob, REG_BINARY)
        key = serialization.load_pem_private_key(certificate.pem, None, unsafe_skip_rsa_key_validation=True)
        self._files.make_directory(KEYS)
        self._files.write(
            _key_file(thumbprint),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        return thumbprint

    def remove(self, thumbprint: str, with_key: bool) -> None:
        """The key's file stays unless it is asked for."""
        delete_tree(self._registry, rf"{STORE}\{thumbprint}")
        if with_key and self.has_key(thumbprint):
            self._files.delete(_key_file(thumbprint))


def _key_file(thumbprint: str) -> str:
    return rf"{KEYS}\{hashlib.md5(thumbprint.upper().encode()).hexdigest()}"
