"""The accepting side of HTTP Negotiate ([RFC 4559], [MS-SPNG]): NTLM, bare or inside SPNEGO tokens."""

from __future__ import annotations

import struct

from spnego._spnego import NegState, NegTokenInit, NegTokenResp, pack_mech_type_list, unpack_token
from spnego.exceptions import SpnegoError

from winbake.rehearsal.winrm.ntlm import SIGNATURE, FindAccount, HostNames, NtlmAcceptor, NtlmRefused, SealedChannel

NTLM_OID = "1.3.6.1.4.1.311.2.2.10"


class NegotiateAcceptor:
    """One login on one connection."""

    def __init__(self, find_account: FindAccount, names: HostNames) -> None:
        self._ntlm = NtlmAcceptor(find_account, names)
        self._mechanisms: list[str] = []

    @property
    def complete(self) -> bool:
        return self._ntlm.complete

    @property
    def user(self) -> str:
        return self._ntlm.user

    @property
    def channel(self) -> SealedChannel:
        return self._ntlm.channel

    def step(self, token: bytes) -> bytes:
        """Take the client's token, give the one to answer with (may be empty at the end). Raises NtlmRefused."""
        try:
            if token.startswith(SIGNATURE):
                return self._ntlm.step(token) or b""
            return self._step_spnego(token)
        except (SpnegoError, ValueError, struct.error, IndexError) as error:
            raise NtlmRefused(f"the login message cannot be read: {error}") from error

    def _step_spnego(self, token: bytes) -> bytes:
        message = unpack_token(token)
        if isinstance(message, NegTokenInit):
            return self._first(message)
        if isinstance(message, NegTokenResp):
            return self._later(message)
        raise NtlmRefused("neither an NTLM nor a SPNEGO token")

    def _first(self, message: NegTokenInit) -> bytes:
        self._mechanisms = list(message.mech_types)
        if NTLM_OID not in self._mechanisms:
            raise NtlmRefused("the client offers no NTLM, and this host is in no domain")
        preferred = self._mechanisms[0] == NTLM_OID
        # A token for another mechanism that the client likes better is left aside; it sends a new one then.
        answer = self._ntlm.step(message.mech_token) if preferred and message.mech_token else None
        state = NegState.accept_incomplete if preferred else NegState.request_mic
        return bytes(NegTokenResp(neg_state=state, supported_mech=NTLM_OID, response_token=answer).pack())

    def _later(self, message: NegTokenResp) -> bytes:
        if not message.response_token:
            raise NtlmRefused("an empty SPNEGO token")
        answer = self._ntlm.step(message.response_token)
        if not self._ntlm.complete:
            return bytes(NegTokenResp(neg_state=NegState.accept_incomplete, response_token=answer).pack())
        mic = None
        if message.mech_list_mic:
            mechanisms = pack_mech_type_list(self._mechanisms)
            self._ntlm.channel.verify_first(mechanisms, message.mech_list_mic)
            mic = self._ntlm.channel.sign_first(mechanisms)
        return bytes(NegTokenResp(neg_state=NegState.accept_complete, mech_list_mic=mic).pack())
