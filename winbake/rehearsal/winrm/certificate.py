"""The self-signed certificate of the HTTPS listener, as New-SelfSignedCertificate makes one on a real host.

Certificate and key lie in the host's own file system, so they live as long as the host's state, and a copy of
the host (an AMI) has the same ones: as on real machines whose listener was not removed before imaging.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import ssl
import tempfile
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STORE_PATH = r"C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys\winrm-https-listener.pem"


class HostFiles(Protocol):
    """What the certificate needs of the simulated file system."""

    def is_file(self, path: str) -> bool: ...
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> object: ...
    def make_directory(self, path: str) -> object: ...


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, both in one PEM text."""

    pem: bytes

    @property
    def der(self) -> bytes:
        parsed = x509.load_pem_x509_certificate(self.pem)
        return parsed.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256, lower case hexadecimal without separators."""
        return hashlib.sha256(self.der).hexdigest()

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


def certificate_of(files: HostFiles, host_name: str) -> Certificate:
    """The host's certificate; made at the first call and kept in its file system."""
    if files.is_file(STORE_PATH):
        return Certificate(files.read(STORE_PATH))
    certificate = make_certificate(host_name)
    keep_certificate(files, certificate)
    return certificate


def keep_certificate(files: HostFiles, certificate: Certificate) -> None:
    files.make_directory(STORE_PATH.rpartition("\\")[0])
    files.write(STORE_PATH, certificate.pem)
