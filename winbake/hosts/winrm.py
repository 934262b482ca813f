"""WinRM: one kept shell on pywinrm's Protocol, with winbake's own clock, pins, retries and end of things.

What pywinrm leaves open is settled here: its Receive loop has no time limit; it gives -1 for a lost exit code;
after a new TCP connection it goes on sealing with the old connection's key; it believes any certificate that a
CA signed. So every request goes through `WinRMConnection._ask`, which turns what can go wrong into the errors of
this room.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from xml.etree import ElementTree

import requests
import tenacity
from winrm.exceptions import (
    AuthenticationError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from winbake.hosts.certificates import KnownCertificates, fetch_certificate
from winbake.hosts.connection import CommandResult
from winbake.hosts.errors import (
    AccessDenied,
    ConnectionCut,
    ExitCodeMissing,
    HostBusy,
    HostError,
    HostUnreachable,
    InsecureTransport,
    Interrupted,
    LoginRefused,
    NotWinRM,
    QuotaExceeded,
    ShellLost,
    TimeLimit,
    WsmanFault,
)
from winbake.hosts.model import HostAddress
from winbake.hosts.protocol import PinnedProtocol

# The login's tokens stand in pyspnego's debug log, and a captured NTLM response can be attacked offline.
logging.getLogger("spnego").setLevel(logging.INFO)

UTF8 = 65001
OPERATION_TIMEOUT = 20  # seconds that the host may hold a Receive open
READ_MARGIN = 10  # seconds that an answer may come later than that
CLOSE_TIMEOUT = 5  # seconds to wait for a host that may be gone, when only the shell is to be ended
STDIN_PIECE = 300_000  # bytes a Send: 400,000 in base64, under MaxEnvelopeSizekb = 500 of Server 2016 and later
SMALL_STDIN_PIECE = 100_000  # for hosts that have 150, the older default

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


class _OperationQuota(QuotaExceeded):
    """The user's operations are counted per shell and come free with it, so a new shell may help."""


class _ProfileUnloading(HostBusy):
    """The user's registry is still being unloaded after the last logon; a new shell works a moment later."""


class _EnvelopeTooLarge(WsmanFault):
    """The host takes only smaller messages."""


class WinRMConnection:
    """A `Connection` over WinRM. Connects at the first use; safe to interrupt from another thread."""

    def __init__(
        self,
        address: HostAddress,
        certificates: KnownCertificates | None = None,
        *,
        idle_limit_seconds: float | None = None,
        retry_seconds: float = 60.0,
    ) -> None:
        """idle_limit_seconds: end a command that is silent for so long. retry_seconds: how long to go on asking a
        host that is busy or whose quota is used up. Raises InsecureTransport for Basic over HTTP."""
        if address.scheme == "http" and address.transport != "ntlm":
            raise InsecureTransport("Basic over HTTP would send the password readable to all", address.name)
        self.address = address
        self._certificates = certificates or KnownCertificates()
        self._idle_limit = idle_limit_seconds
        self._retry_seconds = retry_seconds
        self._protocol: PinnedProtocol | None = None
        self._shell_id: str | None = None
        self._running: tuple[str, str] | None = None
        self._interrupted = threading.Event()

    # What the engine uses.

    def run(
        self,
        command_line: str,
        stdin: bytes = b"",
        on_stdout: Callable[[bytes], None] = lambda data: None,
        limit_seconds: float | None = None,
    ) -> CommandResult:
        """See `Connection.run`. Raises HostError."""
        clock = _Clock(limit_seconds, self._idle_limit)
        self._interrupted.clear()
        command_id = self._start(command_line)
        shell_id = self._require_shell()
        self._running = (shell_id, command_id)
        try:
            self._send_stdin(shell_id, command_id, stdin, clock)
            result = self._receive(shell_id, command_id, on_stdout, clock)
        except ShellLost:
            self._shell_id = None
            raise
        except BaseException:
            # Also Ctrl-C: nothing of ours may go on running on the host, and the connection is of no more use.
            self._drop_session()
            self._terminate_quietly(shell_id, command_id)
            raise
        finally:
            self._running = None
        with contextlib.suppress(HostError):  # the command has ended; this only frees its place in the shell
            self._ask(lambda protocol: protocol.cleanup_command(shell_id, command_id))
        if self._interrupted.is_set():
            raise Interrupted("the command was interrupted", self.address.name)
        return result

    def identify(self) -> None:
        """Log in, and no more."""
        self._ask(lambda protocol: protocol.identify())

    def connect(self) -> None:
        """Log in and open the shell now, rather than at the first command."""
        self._require_shell()

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        """Connect anew, with a new shell; a host that does not answer yet is asked again for so long."""
        self._drop_session()
        old, self._shell_id = self._shell_id, None
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((HostUnreachable, ConnectionCut, HostBusy)),
            stop=tenacity.stop_after_delay(patience_seconds),
            wait=tenacity.wait_exponential(multiplier=0.5, max=10),
            reraise=True,
        )
        retrying(self._require_shell)
        if old is not None:  # a reboot has ended it; a mere loss of the connection has not
            with contextlib.suppress(HostError):
                self._ask(lambda protocol: protocol.close_shell(old, close_session=False))

    def interrupt(self) -> None:
        """See `Connection.interrupt`. Uses a connection of its own, since the other one waits in a Receive."""
        running = self._running
        if running is None:
            return
        self._interrupted.set()
        with contextlib.suppress(HostError):  # the run itself reports a host that is gone
            self._signal(*running, "ctrl_c")

    def close(self) -> None:
        """End the shell, and with it everything that it started, and the connection."""
        shell_id, self._shell_id = self._shell_id, None
        if shell_id is not None:
            with contextlib.suppress(HostError):  # a host that is gone has no shell either
                protocol = self._protocol or self._make_protocol(CLOSE_TIMEOUT)
                self._protocol = protocol
                self._ask(lambda ready: ready.close_shell(shell_id, close_session=False), protocol)
        self._drop_session()

    def describe(self) -> str:
        return self.address.describe()

    def __enter__(self) -> WinRMConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Shell and command.

    def _require_shell(self) -> str:
        if self._shell_id is None:
            self._shell_id = self._retrying(
                lambda: self._ask(lambda protocol: protocol.open_shell(codepage=UTF8)),
                QuotaExceeded, HostBusy,
            )
        return self._shell_id

    def _start(self, command_line: str) -> str:
        """Start a command; a shell that is lost or used up is replaced, since nothing has begun yet."""

        def start() -> str:
            shell_id = self._require_shell()
            try:
                return self._ask(
                    lambda protocol: protocol.run_command(shell_id, command_line, console_mode_stdin=False)
                )
            except (ShellLost, _OperationQuota):
                self._replace_shell()
                raise

        return self._retrying(start, ShellLost, _OperationQuota, HostBusy)

    def _replace_shell(self) -> None:
        old, self._shell_id = self._shell_id, None
        if old is not None:
            with contextlib.suppress(HostError):  # it may be gone already
                self._ask(lambda protocol: protocol.close_shell(old, close_session=False))

    def _send_stdin(self, shell_id: str, command_id: str, stdin: bytes, clock: _Clock) -> None:
        """Send everything in pieces that fill an envelope; the last one closes the command's input."""
        piece, position = STDIN_PIECE, 0
        while True:
            clock.check(self.address.name)
            data = stdin[position : position + piece]
            end = position + len(data) >= len(stdin)
            try:
                self._send_piece(shell_id, command_id, data, end)
            except _EnvelopeTooLarge:
                if piece == SMALL_STDIN_PIECE:
                    raise
                piece = SMALL_STDIN_PIECE
                continue
            except _InputClosed:
                return  # the command has ended without reading; its exit code says why
            position += len(data)
            if end:
                return

    def _send_piece(self, shell_id: str, command_id: str, data: bytes, end: bool) -> None:
        def send() -> None:
            # A Send that times out has been taken by the host, only slowly: it must not be sent twice.
            with contextlib.suppress(WinRMOperationTimeoutError):
                self._ask(lambda protocol: protocol.send_command_input(shell_id, command_id, data, end))

        self._retrying(send, HostBusy)

    def _receive(
        self, shell_id: str, command_id: str, on_stdout: Callable[[bytes], None], clock: _Clock
    ) -> CommandResult:
        stderr: list[bytes] = []
        while True:
            clock.check(self.address.name)
            try:
                out, error, code, done = self._receive_once(shell_id, command_id, clock)
            except WinRMOperationTimeoutError:
                self._press_interrupt(shell_id, command_id)
                continue
            if out or error:
                clock.heard()
            if out:
                on_stdout(out)
            stderr.append(error)
            if done:
                return CommandResult(code, b"".join(stderr))
            self._press_interrupt(shell_id, command_id)

    def _receive_once(self, shell_id: str, command_id: str, clock: _Clock) -> tuple[bytes, bytes, int, bool]:
        hold = clock.next_wait(1 if self._interrupted.is_set() else OPERATION_TIMEOUT)

        def receive(protocol: PinnedProtocol) -> tuple[bytes, bytes, int, bool]:
            protocol.operation_timeout_sec = hold
            try:
                return protocol.get_command_output_raw(shell_id, command_id)
            except StopIteration as error:
                raise ExitCodeMissing(
                    "the command is done, but its exit code was lost", self.address.name
                ) from error
            finally:
                protocol.operation_timeout_sec = OPERATION_TIMEOUT

        out, error, code, done = self._ask(receive)
        if done and code < 0:
            raise ExitCodeMissing("the command is done, but its exit code was lost", self.address.name)
        return out, error, code, done

    def _press_interrupt(self, shell_id: str, command_id: str) -> None:
        """A command that Ctrl-C did not end by the next answer is ended for good."""
        if self._interrupted.is_set():
            self._terminate_quietly(shell_id, command_id)
            raise Interrupted("the command was interrupted", self.address.name)

    def _terminate_quietly(self, shell_id: str, command_id: str) -> None:
        try:
            self._signal(shell_id, command_id, "terminate")
        except HostError as error:
            logging.getLogger(__name__).debug("could not end the command: %s", error.what)

    def _signal(self, shell_id: str, command_id: str, code: str) -> None:
        """Signal a command over a connection of its own."""
        protocol = self._make_protocol()
        try:
            self._ask(lambda ready: ready.signal(shell_id, command_id, code), protocol)
        finally:
            protocol.transport.close_session()

    # Requests.

    def _ask(self, request: Callable[[PinnedProtocol], T], protocol: PinnedProtocol | None = None) -> T:
        """Do one request and turn what goes wrong into a HostError; pywinrm's operation time-out passes."""
        name = self.address.name
        try:
            if protocol is None:
                protocol = self._require_protocol()
            return request(protocol)
        except AuthenticationError as error:
            raise LoginRefused(
                f"401 for {self.address.user} by {self.address.transport.upper()}", name
            ) from error
        except WSManFaultError as error:
            raise self._fault(error) from error
        except WinRMTransportError as error:
            self._drop_session()
            raise self._http_error(error) from error
        except requests.exceptions.SSLError as error:
            self._drop_session()
            raise self._tls_error(error) from error
        except requests.exceptions.ConnectTimeout as error:
            self._drop_session()
            raise HostUnreachable(f"no answer from {self.address.address} port {self.address.port}", name) from error
        except requests.exceptions.RequestException as error:
            fresh = self._shell_id is None
            self._drop_session()
            if fresh and _never_connected(error):
                raise HostUnreachable(
                    f"{self.address.address} port {self.address.port} does not take connections", name
                ) from error
            raise ConnectionCut("the connection was lost", name) from error
        except (ElementTree.ParseError, StopIteration, AssertionError) as error:
            self._drop_session()
            raise ConnectionCut("the connection was lost within an answer", name) from error
        except PermissionError as error:  # requests_ntlm: the login was answered without a challenge
            raise LoginRefused(f"the login of {self.address.user} was cut off", name) from error
        except (WinRMError, KeyError) as error:  # KeyError: requests_ntlm, a 401 without WWW-Authenticate
            self._drop_session()
            raise NotWinRM(f"an answer that is not WinRM's ({type(error).__name__})", name) from error

    def _require_protocol(self) -> PinnedProtocol:
        if self._protocol is None:
            self._protocol = self._make_protocol()
        return self._protocol

    def _make_protocol(self, timeout: int = OPERATION_TIMEOUT) -> PinnedProtocol:
        address = self.address
        pin = None
        if address.scheme == "https":
            pin = self._certificates.require(address.name, address.address, address.port)
        return PinnedProtocol(address, pin, timeout, timeout + READ_MARGIN)

    def _drop_session(self) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.transport.close_session()

    def _fault(self, error: WSManFaultError) -> HostError:
        code = error.wsman_fault_code if error.wsman_fault_code is not None else error.wmierror_code
        name, reason = self.address.name, error.reason.strip().rstrip(".")
        if code in (_SHELL_NOT_FOUND, _OPERATION_ABORTED):
            return ShellLost("the shell has gone (WinRM restarted, the host rebooted, or idle too long)", name)
        if code in _SHELL_QUOTAS:
            return QuotaExceeded(reason, name)
        if code in _OPERATION_QUOTAS:
            return _OperationQuota(reason, name)
        if code == _PROFILE_UNLOADING:
            return _ProfileUnloading("the user's profile is still being unloaded", name)
        if code == _BUSY:
            return HostBusy("the host is busy (ERROR_BUSY, 170)", name)
        if code == _ACCESS_DENIED:
            return AccessDenied(f"{self.address.user} may not use remote shells", name)
        if code in _PIPE_CLOSED:
            return _InputClosed(reason, name, code=code)
        if code in _ENVELOPE_TOO_LARGE:
            return _EnvelopeTooLarge(reason, name, code=code)
        return WsmanFault(f"{reason} (WSManFault {code})", name, code=code)

    def _http_error(self, error: WinRMTransportError) -> HostError:
        name, status = self.address.name, error.code
        if status == 400 and self._shell_id is not None:
            # The sealed message met a new connection: the old one, and its key, were lost.
            return ConnectionCut("the connection was lost", name)
        if status in (503, 502):
            return HostUnreachable(f"the WinRM service is not ready (HTTP {status})", name)
        if status in (404, 405):
            return NotWinRM(f"HTTP {status}: something else than WinRM answers", name)
        return WsmanFault(f"HTTP {status} without an explanation", name)

    def _tls_error(self, error: Exception) -> HostError:
        address = self.address
        try:
            seen = fetch_certificate(address.name, address.address, address.port)
        except HostError as worse:
            return worse
        pin = self._certificates.pin_of(address.address, address.port)
        if pin is not None and pin.fingerprint != seen.fingerprint:
            return self._certificates.changed(address.name, address.address, address.port, seen.fingerprint)
        return ConnectionCut(f"the TLS session failed: {error}", address.name)

    def _retrying(self, action: Callable[[], T], *errors: type[HostError]) -> T:
        """Do it again, with growing pauses, while the host answers with one of these errors."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(errors),
            stop=tenacity.stop_after_delay(self._retry_seconds) | tenacity.stop_after_attempt(12),
            wait=tenacity.wait_exponential(multiplier=0.2, max=10),
            reraise=True,
        )
        return retrying(action)


class _InputClosed(WsmanFault):
    """The command has closed its standard input (it ended)."""


class _Clock:
    """The time limits of one run, in real seconds."""

    def __init__(self, limit: float | None, idle_limit: float | None) -> None:
        self._limit = limit
        self._idle_limit = idle_limit
        self._start = self._heard = time.monotonic()

    def heard(self) -> None:
        self._heard = time.monotonic()

    def check(self, host: str) -> None:
        """Raises TimeLimit when a limit is passed."""
        now = time.monotonic()
        if self._limit is not None and now - self._start >= self._limit:
            raise TimeLimit(f"not done after {self._limit:g} s, ended", host, seconds=self._limit)
        if self._idle_limit is not None and now - self._heard >= self._idle_limit:
            raise TimeLimit(f"silent for {self._idle_limit:g} s, ended", host, seconds=self._idle_limit)

    def next_wait(self, most: int) -> int:
        """Whole seconds that the next Receive may be held, so that no limit is passed by much."""
        now = time.monotonic()
        ends = [most]
        if self._limit is not None:
            ends.append(int(self._start + self._limit - now) + 1)
        if self._idle_limit is not None:
            ends.append(int(self._heard + self._idle_limit - now) + 1)
        return max(1, min(ends))


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
