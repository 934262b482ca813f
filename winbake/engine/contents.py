"""What a file says of itself: the version resource of a program, the properties of an MSI, the Authenticode signer.

The signer is read and, for a program, its digest compared with the file; whether Windows trusts the certificate is
for Windows to say, on the host. Read with LIEF and pymsi (the extra `lock`); without them nothing is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MAGIC = {
    "zip": b"PK\x03\x04",
    "jar": b"PK\x03\x04",
    "msi": bytes.fromhex("D0CF11E0A1B11AE1"),  # [MS-CFB] 2.2, Header Signature
    "exe": b"MZ",
    "cygwin": b"MZ",
    "extract": b"MZ",
    "gz": b"\x1f\x8b",
    "7z": b"7z\xbc\xaf\x27\x1c",
}
MSI_SIGNATURE = "\x05DigitalSignature"  # the stream of an MSI's Authenticode signature

# The names that Windows gives the parts of a subject (CertNameToStr, CERT_X500_NAME_STR); others are shown as OID.
_PARTS = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "S",
    NameOID.COUNTRY_NAME: "C",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.POSTAL_CODE: "PostalCode",
}


@dataclass(frozen=True)
class Contents:
    """None: the file does not say, or it cannot be read here. `damaged`: the signature does not fit the file."""

    signer: str | None = None
    product_name: str | None = None
    product_version: str | None = None
    product_code: str | None = None
    upgrade_code: str | None = None
    file_version: str | None = None
    damaged: bool = False


def can_read() -> bool:
    """Whether the libraries of the extra `lock` are installed."""
    return find_spec("lief") is not None and find_spec("pymsi") is not None


def wrong_kind(head: bytes, kind: str) -> str | None:
    """Why the first bytes of a file are not of this kind; None: they are, or the kind has no mark."""
    if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "a page of HTML"
    magic = MAGIC.get(kind)
    if magic is not None and not head.startswith(magic):
        return f"a file that begins with {head[:8].hex(' ')}"
    return None


def read_contents(path: Path) -> Contents:
    """Looks at the file's first bytes, not at its name. A file that its library cannot read says nothing."""
    if not can_read():
        return Contents()
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(MAGIC["exe"]):
        return _of_program(path)
    if head.startswith(MAGIC["msi"]):
        return _of_msi(path)
    return Contents()


def _of_program(path: Path) -> Contents:
    import lief

    lief.logging.disable()
    program = lief.PE.parse(str(path))
    if program is None:
        return Contents()
    values: dict[str, str] = {}
    if program.has_resources and isinstance(program.resources_manager, lief.PE.ResourcesManager):
        for version in program.resources_manager.version:
            if version.string_file_info is not None:
                for table in version.string_file_info.children:
                    values |= {str(one.key): str(one.value).strip("\0 ") for one in table.entries}
    signers = [signer for signature in program.signatures for signer in signature.signers]
    flags = program.verify_signature() if program.has_signatures else lief.PE.Signature.VERIFICATION_FLAGS.OK
    return Contents(
        signer=_subject(signers),
        product_name=values.get("ProductName") or None,
        product_version=values.get("ProductVersion") or None,
        file_version=values.get("FileVersion") or None,
        damaged=bool(flags & lief.PE.Signature.VERIFICATION_FLAGS.BAD_DIGEST),
    )


def _of_msi(path: Path) -> Contents:
    from pymsi.package import Package

    try:
        with Package(path, strict=False) as package:
            table = package.get("Property")
            rows = table.rows if table is not None else []
            values = {str(row["Property"]): str(row["Value"]) for row in rows or []}
            signer = None
            if package.ole.exists(MSI_SIGNATURE):
                with package.ole.openstream(MSI_SIGNATURE) as stream:
                    signer = _code_signer(load_der_pkcs7_certificates(stream.read()))
    except Exception:
        # pymsi and olefile raise many kinds for a file that is not what its first bytes say; all mean: says nothing.
        return Contents()
    return Contents(
        signer=signer,
        product_name=values.get("ProductName"),
        product_version=values.get("ProductVersion"),
        product_code=values.get("ProductCode"),
        upgrade_code=values.get("UpgradeCode"),
    )


def _code_signer(certificates: list[x509.Certificate]) -> str | None:
    """Of the certificates in a signature (LIEF reads those of programs only) the one that signs code and vouches for
    no other; None if that is not exactly one."""
    issuers = [one.issuer for one in certificates if one.issuer != one.subject]
    found = [one for one in certificates if one.subject not in issuers and _signs_code(one)]
    return subject_in_words(found[0].subject) if len(found) == 1 else None


def _signs_code(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CODE_SIGNING in uses


def _subject(signers: list[Any]) -> str | None:
    """The first signer's subject, as Windows writes it."""
    if not signers or signers[0].cert is None:
        return None
    return subject_in_words(x509.load_der_x509_certificate(bytes(signers[0].cert.raw)).subject)


def subject_in_words(name: x509.Name) -> str:
    """`CN=Google LLC, O=Google LLC, L=Mountain View, S=California, C=US`: the last part of the certificate first."""
    parts = []
    for attribute in reversed(list(name)):
        text = str(attribute.value)
        if any(mark in text for mark in ',+="\n<>#;') or text != text.strip():
            text = '"' + text.replace('"', '""') + '"'
        parts.append(f"{_PARTS.get(attribute.oid, 'OID.' + attribute.oid.dotted_string)}={text}")
    return ", ".join(parts)
