"""Message encryption over HTTP ([MS-WSMV] 2.2.9.1): a MIME-like body with a header part and a sealed part."""

from __future__ import annotations

import re
import struct

from winbake.rehearsal.winrm.ntlm import NtlmRefused, SealedChannel

PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
BOUNDARY = "Encrypted Boundary"
CONTENT_TYPE = f'multipart/encrypted;protocol="{PROTOCOL}";boundary="{BOUNDARY}"'

_HEADER = re.compile(
    rb"--\s*(?P<boundary>[^\r\n]+)\r\n"
    rb"\s*Content-Type:\s*(?P<protocol>[^\r\n]+)\r\n"
    rb"\s*OriginalContent:\s*(?P<original>[^\r\n]+)\r\n"
    rb"--\s*(?P=boundary)\r\n"
    rb"\s*Content-Type:\s*application/octet-stream\r\n",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"Length=(\d+)", re.IGNORECASE)


def is_encrypted(content_type: str) -> bool:
    lowered = content_type.lower()
    return lowered.startswith(("multipart/encrypted", "multipart/x-multi-encrypted", PROTOCOL.lower()))


def decrypt(body: bytes, channel: SealedChannel) -> bytes:
    """The SOAP message inside; raises NtlmRefused if the body is malformed or was sealed with another key."""
    match = _HEADER.match(body)
    length = _LENGTH.search(match["original"]) if match else None
    if match is None or length is None:
        raise NtlmRefused("not an encrypted body")
    if match["protocol"].strip().lower() != PROTOCOL.lower().encode():
        raise NtlmRefused("encrypted by another protocol than SPNEGO")
    end = b"--" + match["boundary"] + b"--"
    sealed = body[match.end() :].rstrip(b"\r\n").removesuffix(end) if body.rstrip(b"\r\n").endswith(end) else None
    if sealed is None or len(sealed) < 4:
        raise NtlmRefused("the encrypted body is cut")
    # The sealed part is binary: its own last bytes may look like a line end, so it is cut by length, not by text.
    (signature_length,) = struct.unpack_from("<I", sealed)
    plain_length = int(length[1])
    if signature_length != 16:
        raise NtlmRefused("the signature is not one of NTLM")
    signature = sealed[4:20]
    message = channel.unwrap(signature, sealed[20 : 20 + plain_length])
    if len(message) != plain_length:
        raise NtlmRefused("the encrypted body is shorter than it says")
    return message


def encrypt(message: bytes, channel: SealedChannel) -> bytes:
    signature, sealed = channel.wrap(message)
    head = (
        f"--{BOUNDARY}\r\n"
        f"\tContent-Type: {PROTOCOL}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message)}\r\n"
        f"--{BOUNDARY}\r\n"
        f"\tContent-Type: application/octet-stream\r\n"
    )
    tail = f"--{BOUNDARY}--\r\n"
    return head.encode() + struct.pack("<I", len(signature)) + signature + sealed + tail.encode()
