"""Requests to a host's WS-Management service, one session at a time, with every failure in this room's words.

What pywinrm leaves open is settled here: after a new TCP connection it goes on sealing with the old connection's
key, so a session that failed is thrown away whole; and it raises a dozen kinds of exceptions, which become the
errors of `winbake.hosts.errors`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from xml.etree import ElementTree

import requests
from winrm.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError

from winbake.hosts.certificates import KnownCertificates, fetch_certificate
from winbake.hosts.errors import (
    AccessDenied,
    ConnectionCut,
    HostBusy,
    HostError,
    HostUnreachable,
    LoginRefused,
    NotWinRM,
    QuotaExceeded,
    ShellLost,
    WsmanFault,
)
from winbake.hosts.model import HostAddress
from winbake.hosts.protocol import PinnedProtocol

# The login's tokens stand in pyspnego's debug log, and a captured NTLM response can be attacked offline.
logging.getLogger("spnego").setLevel(logging.INFO)

OPERATION_TIMEOUT = 20  # seconds that the host may hold a Receive open

# WSManFault codes: wsmerror.h, winerror.h
_ACCESS_DENIED = 5
_BUSY = 170
_OPERATION_ABORTED = 995
_PIPE_CLOSED = (109, 232)
_ENVELOPE_TOO_LARGE = (2150858790, 2150858824)
_SHELL_NOT_FOUND = 2150858843
_SHELL_QUOTAS = (2150859173, 2150859175, 2150859176, 2150859179, 2150859236, 2150859237, 2150859238)
_OPERATION_QUOTAS = (2150859174, 2150859239, 2150859240, 2150859241)
_PROFILE_UNLOADING = 2147943418

T = TypeVar("T")


class OperationQuota(QuotaExceeded):
    """The user's operations are counted per shell and come free with it, so a new shell may help."""


class ProfileUnloading(HostBusy):
    """The user's registry is still being unloaded after the last logon; a new shell works a moment later."""


class EnvelopeTooLarge(WsmanFault):
    """The host takes only smaller messages."""


class InputClosed(WsmanFault):
    """The command has closed its standard input (it ended)."""


class WsmanClient:
    """One login to one host, made at the first request, and made anew after one that failed."""

    def __init__(
        self, address: HostAddress, certificates: KnownCertificates, operation_timeout: int = OPERATION_TIMEOUT
    ) -> None:
        """operation_timeout: seconds that the host may take for a request before it answers that it needs longer."""
        self._address = address
        self._certificates = certificates
        self._operation_timeout = operation_timeout
        self._protocol: PinnedProtocol | None = None
        self._answered = False

    def ask(self, request: Callable[[PinnedProtocol], T]) -> T:
        """Do one request. Raises HostError; pywinrm's WinRMOperationTimeoutError passes."""
        name = self._address.name
        try:
            if self._protocol is None:
                self._protocol = self._make_protocol()
            answer = request(self._protocol)
        except AuthenticationError as error:
            self.drop()
            raise LoginRefused(f"401 for {self._address.user} by {self._address.method}", name) from error
        except WSManFaultError as error:
            self._answered = True
            raise self._fault(error) from error
        except WinRMTransportError as error:
            self.drop()
            raise self._http_error(error) from error
        except requests.exceptions.SSLError as error:
            self.drop()
            raise self._tls_error(error) from error
        except requests.exceptions.RequestException as error:
            self.drop()
            raise self._network_error(error) from error
        except (ElementTree.ParseError, StopIteration, AssertionError) as error:
            self.drop()
            raise ConnectionCut("the connection was lost within an answer", name) from error
        except PermissionError as error:  # requests_ntlm: the login was answered without a challenge
            self.drop()
            raise LoginRefused(f"the login of {self._address.user} was cut off", name) from error
        except (WinRMError, KeyError) as error:  # KeyError: requests_ntlm, a 401 without WWW-Authenticate
            self.drop()
            raise NotWinRM(f"an answer that is not WinRM's ({type(error).__name__})", name) from error
        self._answered = True
        return answer

    def drop(self) -> None:
        """Close the connection; the next request makes a new one."""
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.transport.close_session()

    def _make_protocol(self) -> PinnedProtocol:
        address = self._address
        pin = None
        if address.scheme == "https":
            pin = self._certificates.require(address.name, address.address, address.port)
        return PinnedProtocol(address, pin, self._operation_timeout)

    def _fault(self, error: WSManFaultError) -> HostError:
        code = error.wsman_fault_code if error.wsman_fault_code is not None else error.wmierror_code
        name, reason = self._address.name, error.reason.strip().rstrip(".")
        if code in (_SHELL_NOT_FOUND, _OPERATION_ABORTED):
            return ShellLost("the shell has gone (WinRM restarted, the host rebooted, or idle too long)", name)
        if code in _SHELL_QUOTAS:
            return QuotaExceeded(reason, name)
        if code in _OPERATION_QUOTAS:
            return OperationQuota(reason, name)
        if code == _PROFILE_UNLOADING:
            return ProfileUnloading("the user's profile is still being unloaded", name)
        if code == _BUSY:
            return HostBusy("the host is busy (ERROR_BUSY, 170)", name)
        if code == _ACCESS_DENIED:
            return AccessDenied(f"{self._address.user} may not use remote shells", name)
        if code in _PIPE_CLOSED:
            return InputClosed(reason, name, code=code)
        if code in _ENVELOPE_TOO_LARGE:
            return EnvelopeTooLarge(reason, name, code=code)
        return WsmanFault(f"{reason} (WSManFault {code})", name, code=code)

    def _http_error(self, error: WinRMTransportError) -> HostError:
        name, status = self._address.name, error.code
        if status == 400 and self._answered:
            # The sealed message met a new connection: the old one, and its key, were lost.
            return ConnectionCut("the connection was lost", name)
        if status in (502, 503):
            return HostUnreachable(f"the WinRM service is not ready (HTTP {status})", name)
        if status in (404, 405):
            return NotWinRM(f"HTTP {status}: something else than WinRM answers", name)
        if status == 413:
            return EnvelopeTooLarge("the message is too large for the host", name)
        return WsmanFault(f"HTTP {status} without an explanation", name)

    def _tls_error(self, error: Exception) -> HostError:
        address = self._address
        try:
            seen = fetch_certificate(address.name, address.address, address.port)
        except HostError as worse:
            return worse
        pin = self._certificates.pin_of(address.address, address.port)
        if pin is not None and pin.fingerprint != seen.fingerprint:
            return self._certificates.changed(address.name, address.address, address.port, seen.fingerprint)
        return ConnectionCut(f"the TLS session failed: {error}", address.name)

    def _network_error(self, error: requests.exceptions.RequestException) -> HostError:
        address = self._address
        where = f"{address.address} port {address.port}"
        if not self._answered and isinstance(error, requests.exceptions.ConnectTimeout):
            return HostUnreachable(f"no answer from {where}", address.name)
        if not self._answered and _never_connected(error):
            return HostUnreachable(f"{where} does not take connections", address.name)
        return ConnectionCut("the connection was lost", address.name)


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    """Whether the TCP connection itself was refused, so that nothing can have been sent."""
    reason: Any = error
    while reason is not None:
        if isinstance(reason, ConnectionRefusedError):
            return True
        if type(reason).__name__ in ("NewConnectionError", "NameResolutionError"):
            return True
        inner = getattr(reason, "reason", None)
        reason = inner if isinstance(inner, BaseException) else (reason.args[0] if reason.args else None)
        if not isinstance(reason, BaseException):
            return False
    return False
