"""Who is on a connection: Negotiate/NTLM belongs to the connection, Basic to each request ([MS-WSMV] 2.1)."""

from __future__ import annotations

import base64
import binascii
import hmac

from winbake.rehearsal.winrm.counters import Counters
from winbake.rehearsal.winrm.http import Request
from winbake.rehearsal.winrm.injection import FaultInjection
from winbake.rehearsal.winrm.negotiate import NegotiateAcceptor
from winbake.rehearsal.winrm.ntlm import FindAccount, HostNames, NtlmRefused, SealedChannel
from winbake.rehearsal.winrm.settings import Settings


class LoginNeeded(Exception):
    """The request is not logged in; challenges are the WWW-Authenticate values to answer with 401."""

    def __init__(self, challenges: list[str]) -> None:
        super().__init__(challenges)
        self.challenges = challenges


class ConnectionLogin:
    """The login state of one connection."""

    def __init__(
        self,
        find_account: FindAccount,
        names: HostNames,
        settings: Settings,
        injection: FaultInjection,
        counters: Counters,
        *,
        over_tls: bool,
    ) -> None:
        self._find_account = find_account
        self._names = names
        self._settings = settings
        self._injection = injection
        self._counters = counters
        self._over_tls = over_tls
        self._negotiate: NegotiateAcceptor | None = None
        self._scheme = "Negotiate"

    @property
    def channel(self) -> SealedChannel | None:
        """The sealed channel of a finished Negotiate login."""
        return self._negotiate.channel if self._negotiate and self._negotiate.complete else None

    @property
    def basic_allowed(self) -> bool:
        return self._settings.basic and (self._over_tls or self._settings.allow_unencrypted)

    def check(self, request: Request) -> tuple[str, str | None]:
        """(user, WWW-Authenticate value for the answer or None). Raises LoginNeeded."""
        scheme, _, credentials = request.header("Authorization").partition(" ")
        if scheme.lower() in ("negotiate", "ntlm") and self._settings.negotiate:
            return self._step(scheme, credentials.strip())
        if scheme.lower() == "basic" and self.basic_allowed:
            return self._check_basic(credentials.strip()), None
        if not scheme and self._negotiate is not None and self._negotiate.complete:
            return self._negotiate.user, None
        raise LoginNeeded(self.challenges())

    def challenges(self) -> list[str]:
        """The logins on offer."""
        offers = ["Negotiate"] if self._settings.negotiate else []
        return [*offers, 'Basic realm="WSMAN"'] if self.basic_allowed else offers

    def _step(self, scheme: str, credentials: str) -> tuple[str, str | None]:
        if self._negotiate is None or self._negotiate.complete:
            self._negotiate = NegotiateAcceptor(self._find_account, self._names)
        try:
            answer = self._negotiate.step(base64.b64decode(credentials))
        except (NtlmRefused, binascii.Error) as error:
            raise self._refusal() from error
        if not self._negotiate.complete:
            raise LoginNeeded([f"{scheme} {base64.b64encode(answer).decode()}"])
        if self._injection.refuse_logins:
            raise self._refusal()
        self._counters.add("logins")
        return self._negotiate.user, f"{scheme} {base64.b64encode(answer).decode()}" if answer else None

    def _check_basic(self, credentials: str) -> str:
        try:
            pair = base64.b64decode(credentials, validate=True)
        except binascii.Error as error:
            raise self._refusal() from error
        # Clients encode as Latin-1 or as UTF-8 ([RFC 7617] 2.1 leaves it open), so either may be meant.
        for encoding in ("utf-8", "latin-1"):
            user, colon, password = pair.decode(encoding, errors="replace").partition(":")
            account = self._find_account(user) if colon and not self._injection.refuse_logins else None
            if account is not None and hmac.compare_digest(password.encode(), account[1].encode()):
                return account[0]
        raise self._refusal()

    def _refusal(self) -> LoginNeeded:
        self._negotiate = None
        self._counters.add("logins_refused")
        return LoginNeeded(self.challenges())
