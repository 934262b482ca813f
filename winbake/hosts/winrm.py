"""WinRM: one kept shell on pywinrm's Protocol, with winbake's own clock, retries and end of things.

pywinrm's Receive loop has no time limit, and it gives -1 for a lost exit code; so commands are started, fed, watched
and ended here, by single requests.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import tenacity
from winrm.exceptions import WinRMOperationTimeoutError

from winbake.hosts.certificates import KnownCertificates
from winbake.hosts.connection import CommandResult
from winbake.hosts.errors import (
    ConnectionCut,
    ExitCodeMissing,
    HostBusy,
    HostError,
    HostUnreachable,
    InsecureTransport,
    Interrupted,
    QuotaExceeded,
    ShellLost,
    TimeLimit,
)
from winbake.hosts.model import HostAddress
from winbake.hosts.protocol import PinnedProtocol
from winbake.hosts.wsman import OPERATION_TIMEOUT, EnvelopeTooLarge, InputClosed, OperationQuota, WsmanClient

UTF8 = 65001
STDIN_PIECE = 375_000  # bytes a Send: 500,000 in base64, under MaxEnvelopeSizekb = 500 of Server 2016 and later
SMALL_STDIN_PIECE = 100_000  # for hosts that have 150, the older default

T = TypeVar("T")
log = logging.getLogger(__name__)


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
        self._client = WsmanClient(address, self._certificates)
        self._shell_id: str | None = None
        self._left_behind: list[str] = []
        """Shells that may still be there on the host, to be ended when it answers."""
        self._busy = False
        self._running: tuple[str, str] | None = None
        self._interrupted = threading.Event()

    # What the engine uses.

    def run(
        self,
        command_line: str,
        stdin: bytes | Iterable[bytes] = b"",
        on_stdout: Callable[[bytes], None] = lambda data: None,
        limit_seconds: float | None = None,
    ) -> CommandResult:
        """See `Connection.run`. Raises HostError."""
        self._interrupted.clear()
        self._busy = True
        try:
            return self._run(command_line, stdin, on_stdout, _Clock(limit_seconds, self._idle_limit))
        finally:
            self._busy = False

    def identify(self) -> None:
        """Log in, and no more."""
        self._client.ask(lambda protocol: protocol.identify())

    def connect(self) -> None:
        """Log in and open the shell now, rather than at the first command."""
        self._require_shell()

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        """Connect anew, with a new shell; a host that does not answer yet is asked again for so long."""
        self._client.drop()
        self._client = WsmanClient(self.address, self._certificates)
        self._leave_shell()
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((HostUnreachable, ConnectionCut, HostBusy)),
            stop=tenacity.stop_after_delay(patience_seconds),
            wait=tenacity.wait_exponential(multiplier=0.5, max=10),
            reraise=True,
        )
        retrying(self._require_shell)
        self._end_left_behind()

    def interrupt(self) -> None:
        """See `Connection.interrupt`. Uses a connection of its own, since the other one waits in a Receive."""
        if not self._busy:
            return
        self._interrupted.set()
        running = self._running
        if running is None:
            return  # not started yet: it is ended at its first answer
        with contextlib.suppress(HostError):  # the run itself reports a host that is gone
            self._signal(*running, "ctrl_c")

    def close(self) -> None:
        """End the shell, and with it everything that it started, and the connection."""
        self._leave_shell()
        self._end_left_behind()
        self._client.drop()

    def describe(self) -> str:
        return self.address.describe()

    def __enter__(self) -> WinRMConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Shell and command.

    def _run(
        self, command_line: str, stdin: bytes | Iterable[bytes], on_stdout: Callable[[bytes], None], clock: _Clock
    ) -> CommandResult:
        command_id = self._start(command_line)
        shell_id = self._require_shell()
        self._running = (shell_id, command_id)
        try:
            self._send_stdin(shell_id, command_id, stdin, clock)
            result = self._receive(shell_id, command_id, on_stdout, clock)
        except ShellLost:
            self._leave_shell()
            raise
        except BaseException:
            # Also Ctrl-C: nothing of ours may go on running on the host, and the connection is of no more use.
            self._client.drop()
            self._terminate_quietly(shell_id, command_id)
            raise
        finally:
            self._running = None
        with contextlib.suppress(HostError):  # the command has ended; this only frees its place in the shell
            self._client.ask(lambda protocol: protocol.cleanup_command(shell_id, command_id))
        if self._interrupted.is_set():
            raise Interrupted("the command was interrupted", self.address.name)
        return result

    def _require_shell(self) -> str:
        if self._shell_id is None:
            self._shell_id = self._retrying(
                lambda: self._client.ask(lambda protocol: protocol.open_shell(codepage=UTF8)),
                QuotaExceeded,
                HostBusy,
            )
        return self._shell_id

    def _start(self, command_line: str) -> str:
        """Start a command; a shell that is lost or used up is replaced, since nothing has begun yet."""

        def start() -> str:
            shell_id = self._require_shell()
            try:
                return self._client.ask(
                    lambda protocol: protocol.run_command(shell_id, command_line, console_mode_stdin=False)
                )
            except (ShellLost, OperationQuota):
                self._leave_shell()
                self._end_left_behind()
                raise

        return self._retrying(start, ShellLost, OperationQuota, HostBusy)

    def _leave_shell(self) -> None:
        if self._shell_id is not None:
            self._left_behind.append(self._shell_id)
        self._shell_id = None

    def _end_left_behind(self) -> None:
        """End the shells that are not used any more; a host that is gone, or was restarted, has none of them."""
        shells, self._left_behind = self._left_behind, []
        for shell_id in shells:
            try:
                self._delete(shell_id)
            except ShellLost:
                continue
            except HostError as error:
                log.debug("the shell %s was not ended: %s", shell_id, error.what)
                return

    def _delete(self, shell_id: str) -> None:
        self._client.ask(lambda protocol: protocol.close_shell(shell_id, close_session=False))

    def _send_stdin(self, shell_id: str, command_id: str, stdin: bytes | Iterable[bytes], clock: _Clock) -> None:
        """Send everything in pieces that fill an envelope; the last one closes the command's input."""
        source = iter((stdin,) if isinstance(stdin, bytes) else stdin)
        piece, waiting, exhausted = STDIN_PIECE, bytearray(), False
        while True:
            while len(waiting) <= piece and not exhausted:
                more = next(source, None)
                exhausted = more is None
                waiting += more or b""
            clock.check(self.address.name)
            self._press_interrupt(shell_id, command_id)
            data = bytes(waiting[:piece])
            end = exhausted and len(data) == len(waiting)
            try:
                self._send_piece(shell_id, command_id, data, end)
            except EnvelopeTooLarge:
                if piece == SMALL_STDIN_PIECE:
                    raise
                piece = SMALL_STDIN_PIECE
                continue
            except InputClosed:
                return  # the command has ended without reading; its exit code says why
            clock.heard()
            del waiting[: len(data)]
            if end:
                return

    def _send_piece(self, shell_id: str, command_id: str, data: bytes, end: bool) -> None:
        def send() -> None:
            # A Send that times out has been taken by the host, only slowly: it must not be sent twice.
            with contextlib.suppress(WinRMOperationTimeoutError):
                self._client.ask(lambda protocol: protocol.send_command_input(shell_id, command_id, data, end))

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
                raise ExitCodeMissing("the command is done, but its exit code was lost", self.address.name) from error
            finally:
                protocol.operation_timeout_sec = OPERATION_TIMEOUT

        out, error, code, done = self._client.ask(receive)
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
            log.debug("the command was not ended: %s", error.what)

    def _signal(self, shell_id: str, command_id: str, code: str) -> None:
        """Signal a command over a connection of its own."""
        client = WsmanClient(self.address, self._certificates)
        try:
            client.ask(lambda protocol: protocol.signal(shell_id, command_id, code))
        finally:
            client.drop()

    def _retrying(self, action: Callable[[], T], *errors: type[HostError]) -> T:
        """Do it again, with growing pauses, while the host answers with one of these errors."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(errors),
            stop=tenacity.stop_after_delay(self._retry_seconds) | tenacity.stop_after_attempt(12),
            wait=tenacity.wait_exponential(multiplier=0.2, max=10),
            reraise=True,
        )
        return retrying(action)


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
