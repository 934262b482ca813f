"""The accepting side of NTLMv2 ([MS-NLMP] 3.2), with the users in memory and the simulated host's own names.

pyspnego has an acceptor too, but it finds its users only through a file that the environment variable
NTLM_USER_FILE names: one for the whole process, with the secrets on disk, and the machine's real name in every
challenge. Many hosts live in one process here, so the exchange is done in this file on pyspnego's message and
cipher primitives.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass

from spnego._ntlm_raw.crypto import hmac_md5, ntowfv1, ntowfv2, rc4init, rc4k, sealkey, signkey
from spnego._ntlm_raw.messages import AvId, Challenge, FileTime, Negotiate, NegotiateFlags, TargetInfo, Version
from spnego._ntlm_raw.security import seal, sign

SIGNATURE = b"NTLMSSP\x00"
_NTLM_V2_MINIMUM = 44  # [MS-NLMP] 2.2.2.8: NTProofStr (16) and the fixed part of the client challenge (28)
_AV_FLAGS_MIC = 0x2  # [MS-NLMP] 2.2.2.1, MsvAvFlags: the client message carries a MIC


FindAccount = Callable[[str], tuple[str, str] | None]
"""A user name in any case → the account's own name and its password; None for an account that may not log in."""


class NtlmRefused(Exception):
    """The exchange failed: unknown user, wrong password, damaged or outdated message."""


@dataclass(frozen=True)
class HostNames:
    """What a challenge says of its host. version: major, minor, build of Windows."""

    netbios: str
    dns: str
    version: tuple[int, int, int] = (10, 0, 20348)


class NtlmAcceptor:
    """One exchange: `step` with Negotiate, then with Authenticate; then the sealed channel of that connection."""

    def __init__(self, find_account: FindAccount, names: HostNames) -> None:
        """The domain that the client names does not matter: the host is in a workgroup."""
        self._find_account = find_account
        self._names = names
        self._negotiate = b""
        self._challenge = b""
        self._server_challenge = b""
        self._channel: SealedChannel | None = None
        self.user = ""

    @property
    def complete(self) -> bool:
        return self._channel is not None

    @property
    def channel(self) -> SealedChannel:
        if self._channel is None:
            raise NtlmRefused("no login yet")
        return self._channel

    def step(self, token: bytes) -> bytes | None:
        """Take the client's next message; the answer to send, or None when the login is complete.

        Raises NtlmRefused.
        """
        if not token.startswith(SIGNATURE) or len(token) < 12:
            raise NtlmRefused("not an NTLM message")
        kind = struct.unpack_from("<I", token, 8)[0]
        if kind == 1 and not self._negotiate:
            return self._answer_negotiate(token)
        if kind == 3 and self._negotiate and not self.complete:
            self._check_authenticate(token)
            return None
        raise NtlmRefused(f"NTLM message of type {kind} out of order")

    def _answer_negotiate(self, token: bytes) -> bytes:
        wanted = Negotiate.unpack(token).flags
        if not wanted & NegotiateFlags.unicode:
            raise NtlmRefused("the client does not speak Unicode")
        offered = (
            NegotiateFlags.sign
            | NegotiateFlags.seal
            | NegotiateFlags.key_exch
            | NegotiateFlags.key_128
            | NegotiateFlags.key_56
            | NegotiateFlags.extended_session_security
        )
        flags = (
            (wanted & offered)
            | NegotiateFlags.unicode
            | NegotiateFlags.ntlm
            | NegotiateFlags.always_sign
            | NegotiateFlags.request_target
            | NegotiateFlags.target_info
            | NegotiateFlags.target_type_server
            | NegotiateFlags.version
        )
        info = TargetInfo()
        info[AvId.nb_domain_name] = self._names.netbios
        info[AvId.nb_computer_name] = self._names.netbios
        info[AvId.dns_domain_name] = self._names.dns
        info[AvId.dns_computer_name] = self._names.dns
        info[AvId.timestamp] = FileTime.now()
        self._server_challenge = os.urandom(8)
        major, minor, build = self._names.version
        challenge = Challenge(
            flags,
            self._server_challenge,
            target_name=self._names.netbios,
            target_info=info,
            version=Version(major, minor, build),
        )
        self._negotiate = token
        self._challenge = bytes(challenge.pack())
        return self._challenge

    def _check_authenticate(self, token: bytes) -> None:
        message = _Authenticate(token)
        account = self._find_account(message.user)
        if account is None:
            raise NtlmRefused("no such user")
        name, password = account
        if len(message.nt_response) < _NTLM_V2_MINIMUM:
            raise NtlmRefused("no NTLMv2 response")
        response_key = ntowfv2(message.user, ntowfv1(password), message.domain)
        proof, blob = message.nt_response[:16], message.nt_response[16:]
        if hmac_md5(response_key, self._server_challenge + blob) != proof:
            raise NtlmRefused("wrong password")
        session_key = hmac_md5(response_key, proof)
        if message.flags & NegotiateFlags.key_exch and message.flags & (NegotiateFlags.sign | NegotiateFlags.seal):
            session_key = rc4k(session_key, message.encrypted_session_key)
        if message.has_mic():
            bare = token[:72] + bytes(16) + token[88:]
            if hmac_md5(session_key, self._negotiate + self._challenge + bare) != token[72:88]:
                raise NtlmRefused("the login messages were changed on the way")
        self.user = name
        self._channel = SealedChannel(message.flags, session_key)


class SealedChannel:
    """Message confidentiality after a login ([MS-NLMP] 3.4): each direction has its key and sequence number."""

    def __init__(self, flags: int, session_key: bytes) -> None:
        self._flags = flags
        self._sign_in = signkey(flags, session_key, "initiate")
        self._sign_out = signkey(flags, session_key, "accept")
        self._seal_in = rc4init(sealkey(flags, session_key, "initiate"))
        self._seal_out = rc4init(sealkey(flags, session_key, "accept"))
        self._number_in = 0
        self._number_out = 0

    @property
    def can_seal(self) -> bool:
        return bool(self._flags & NegotiateFlags.seal and self._flags & NegotiateFlags.extended_session_security)

    def wrap(self, message: bytes) -> tuple[bytes, bytes]:
        """(signature of 16 bytes, sealed message)."""
        sealed, signature = seal(self._flags, self._seal_out, self._sign_out, self._number_out, message)
        self._number_out += 1
        return bytes(signature), bytes(sealed)

    def unwrap(self, signature: bytes, sealed: bytes) -> bytes:
        """The plain message; raises NtlmRefused if the signature is wrong or the message out of order."""
        message = bytes(self._seal_in.update(sealed))
        self._verify(message, signature)
        return message

    def sign_first(self, data: bytes) -> bytes:
        """A MIC over data (SPNEGO's mechListMIC), after which the cipher starts anew ([MS-SPNG] 3.3.5.1)."""
        signature = bytes(sign(self._flags, self._seal_out, self._sign_out, self._number_out, data))
        self._number_out += 1
        self._seal_out.reset()
        return signature

    def verify_first(self, data: bytes, signature: bytes) -> None:
        self._verify(data, signature)
        self._seal_in.reset()

    def _verify(self, message: bytes, signature: bytes) -> None:
        expected = sign(self._flags, self._seal_in, self._sign_in, self._number_in, message)
        self._number_in += 1
        if bytes(expected) != signature:
            raise NtlmRefused("a message's signature is wrong")


class _Authenticate:
    """The fields of an AUTHENTICATE_MESSAGE that the acceptor needs ([MS-NLMP] 2.2.1.3)."""

    def __init__(self, token: bytes) -> None:
        if len(token) < 64:
            raise NtlmRefused("the login message is too short")
        self._token = token
        self.nt_response = self._field(20)
        self.domain = self._text(28)
        self.user = self._text(36)
        self.encrypted_session_key = self._field(52)
        self.flags = struct.unpack_from("<I", token, 60)[0]
        if not self.user:
            raise NtlmRefused("anonymous logins are not taken")

    def has_mic(self) -> bool:
        """Whether the client promised a MIC in its target information (MsvAvFlags)."""
        pairs, position = self.nt_response[44:], 0
        while position + 4 <= len(pairs):
            kind, length = struct.unpack_from("<HH", pairs, position)
            value = pairs[position + 4 : position + 4 + length]
            if kind == AvId.flags and len(value) == 4:
                return bool(struct.unpack("<I", value)[0] & _AV_FLAGS_MIC) and len(self._token) >= 88
            if kind == AvId.eol:
                break
            position += 4 + length
        return False

    def _field(self, offset: int) -> bytes:
        length, _, start = struct.unpack_from("<HHI", self._token, offset)
        value = self._token[start : start + length]
        if len(value) != length:
            raise NtlmRefused("the login message is cut")
        return value

    def _text(self, offset: int) -> str:
        return self._field(offset).decode("utf-16-le", errors="replace")
