"""Authenticode: signatures of stand-in executables, their certificates, and the X509Certificate2 of a script.

A stand-in names its signer's subject; who signed it counts as trusted, as the real publishers are. A certificate of the
machine's store is a real one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.io_items import local_time
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject
from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.certificates import thumbprint_of

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

CERTIFICATE = "System.Security.Cryptography.X509Certificates.X509Certificate2"
SIGNATURE = "System.Management.Automation.Signature"
_TIME_STAMPER = 'CN=DigiCert Timestamp 2023, O="DigiCert, Inc.", C=US'
_CODE_SIGNING = 'CN=DigiCert Trusted G4 Code Signing RSA4096 SHA384 2021 CA1, O="DigiCert, Inc.", C=US'
SIGNABLE = (".exe", ".dll", ".msi", ".sys", ".ocx", ".cab", ".cat", ".ps1", ".psm1", ".psd1", ".ps1xml", ".msp", ".scr")
_SCRIPTS = (".ps1", ".psm1", ".psd1", ".ps1xml")


class Certificate(NetObject):
    net_type_name = CERTIFICATE

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.issuer = _CODE_SIGNING
        self.digest = hashlib.sha1(subject.encode("utf-8")).hexdigest().upper()
        self.serial_number = self.digest[:32]
        self.not_before, self.not_after = datetime(2023, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
        self.has_private_key = False

    @classmethod
    def of(cls, real: x509.Certificate, has_private_key: bool) -> Certificate:
        made = cls(real.subject.rfc4514_string())
        made.issuer = real.issuer.rfc4514_string()
        made.digest = thumbprint_of(real.public_bytes(serialization.Encoding.DER))
        made.serial_number = f"{real.serial_number:X}"
        made.not_before, made.not_after = real.not_valid_before_utc, real.not_valid_after_utc
        made.has_private_key = has_private_key
        return made


@getter(CERTIFICATE, "Subject")
def _subject(value: Certificate) -> str:
    return value.subject


@getter(CERTIFICATE, "Issuer")
def _issuer(value: Certificate) -> str:
    return value.issuer


@getter(CERTIFICATE, "Thumbprint")
def _thumbprint(value: Certificate) -> str:
    return value.digest


@getter(CERTIFICATE, "SerialNumber")
def _serial_number(value: Certificate) -> str:
    return value.serial_number


@getter(CERTIFICATE, "NotBefore")
def _not_before(value: Certificate) -> DateTime:
    return local_time(value.not_before)


@getter(CERTIFICATE, "NotAfter")
def _not_after(value: Certificate) -> DateTime:
    return local_time(value.not_after)


@getter(CERTIFICATE, "HasPrivateKey")
def _has_private_key(value: Certificate) -> bool:
    return value.has_private_key


@getter(CERTIFICATE, "FriendlyName")
def _friendly_name(value: Certificate) -> str:
    return ""


@method(CERTIFICATE, "GetNameInfo")
def _get_name_info(value: Certificate, kind: EnumValue, for_issuer: bool) -> str:
    """SimpleName: the common name."""
    text = value.issuer if for_issuer else value.subject
    for part in text.split(","):
        name, _, rest = part.strip().partition("=")
        if name.upper() == "CN":
            return rest.strip('"')
    return text


@method(CERTIFICATE, "GetCertHashString")
def _get_hash_string(value: Certificate) -> str:
    return value.digest


class Signature(NetObject):
    """What Get-AuthenticodeSignature gives."""

    net_type_name = SIGNATURE

    def __init__(self, path: str, status: str, message: str, subject: str = "", catalog: bool = False) -> None:
        self.path = path
        self.status = status
        self.message = message
        self.signer = Certificate(subject) if subject else None
        self.time_stamper = Certificate(_TIME_STAMPER) if subject else None
        self.catalog = catalog


@getter(SIGNATURE, "SignerCertificate")
def _signer(value: Signature) -> Certificate | None:
    return value.signer


@getter(SIGNATURE, "TimeStamperCertificate")
def _time_stamper(value: Signature) -> Certificate | None:
    return value.time_stamper


@getter(SIGNATURE, "Status")
def _status(value: Signature) -> EnumValue:
    return enum_value(get_type("System.Management.Automation.SignatureStatus"), value.status)


@getter(SIGNATURE, "StatusMessage")
def _status_message(value: Signature) -> str:
    return value.message


@getter(SIGNATURE, "Path")
def _path(value: Signature) -> str:
    return value.path


@getter(SIGNATURE, "SignatureType")
def _signature_type(value: Signature) -> EnumValue:
    kind = "None" if value.signer is None else "Catalog" if value.catalog else "Authenticode"
    return enum_value(get_type("System.Management.Automation.SignatureType"), kind)


@getter(SIGNATURE, "IsOSBinary")
def _is_os_binary(value: Signature) -> bool:
    return value.catalog


def signature_of(host: WindowsHost, path: str) -> Signature:
    """A file of a kind that cannot be signed is UnknownError, a damaged stand-in HashMismatch."""
    data = host.files.read(path)
    image = images.read_image(data)
    extension = "." + path.rpartition(".")[2].lower()
    if image is not None and image.signer:
        return Signature(path, "Valid", "Signature verified.", image.signer, image.catalog_signed)
    is_signable = images.is_executable(data) or images.is_msi(data) or extension in _SCRIPTS
    if image is None and (extension not in SIGNABLE or not is_signable):
        message = "The form specified for the subject is not one supported or known by the specified trust provider."
        return Signature(path, "UnknownError", message)
    message = (
        f"The file {path} is not digitally signed. You cannot run this script on the current system. For more "
        "information about running scripts and setting execution policy, see about_Execution_Policies at "
        "https:/go.microsoft.com/fwlink/?LinkID=135170."
    )
    return Signature(path, "NotSigned", message)
