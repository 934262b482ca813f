"""Who is on a connection: Negotiate/NTLM belongs to the connection, Basic to each request ([MS-WSMV] 2.1)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import NoReturn

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
            self._refuse(error)
        if not self._negotiate.complete:
            raise LoginNeeded([f"{scheme} {base64.b64encode(answer).decode()}"])
        if self._injection.refuse_logins:
            self._refuse(None)
        self._counters.add("logins")
        return self._negotiate.user, f"{scheme} {base64.b64encode(answer).decode()}" if answer else None

    def _check_basic(self, credentials: str) -> str:
        try:
            user, colon, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            self._refuse(error)
        account = self._find_account(user) if colon else None
        if account is None or self._injection.refuse_logins:
            self._refuse(None)
        name, right = account
        if not hmac.compare_digest(password.encode(), right.encode()):
            self._refuse(None)
        return name

    def _refuse(self, cause: Exception | None) -> NoReturn:
        self._negotiate = None
        self._counters.add("logins_refused")
        raise LoginNeeded(self.challenges()) from cause
