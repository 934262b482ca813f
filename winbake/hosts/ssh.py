"""Hosts over SSH, by fabric. The host's key must be known: it is pinned at first use, and a changed one is refused."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import paramiko
from fabric import Config, Connection
from paramiko.ssh_exception import NoValidConnectionsError

from winbake.hosts.certificates import CertificatePolicy, configuration_folder
from winbake.hosts.connection import CommandResult
from winbake.hosts.errors import (
    ConnectionCut,
    ExitCodeMissing,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    Interrupted,
    LoginRefused,
    TimeLimit,
)
from winbake.hosts.model import SshAddress

CONNECT_TIMEOUT = 10
_LOOK = 0.2
"""Seconds between two looks at the clock and at an interrupt while the host is silent."""
Accept = Callable[[SshAddress, str, str], bool]
"""Shows an unknown key (its kind and its fingerprint) to a person; True pins it."""


def fingerprint(key: paramiko.PKey) -> str:
    """As ssh shows it: `SHA256:` and base64 without its filling."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def default_known_hosts() -> Path:
    """winbake's own file beside the pinned certificates; the user's ~/.ssh/known_hosts counts too."""
    return configuration_folder() / "known_hosts"


class KnownHosts(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    """What is done with the key of a host that is in no known_hosts: ask a person, pin it, or refuse it."""

    def __init__(
        self,
        address: SshAddress,
        path: Path | None = None,
        policy: CertificatePolicy = CertificatePolicy.ASK,
        accept: Accept | None = None,
    ) -> None:
        self.address = address
        self.path = path or default_known_hosts()
        self._policy = policy
        self._accept = accept

    def load_into(self, client: paramiko.SSHClient) -> None:
        client.load_system_host_keys()
        if self.path.exists():
            client.load_host_keys(str(self.path))
        client.set_missing_host_key_policy(self)

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Raises HostKeyUnknown unless the key is accepted."""
        kind, shown = key.get_name(), fingerprint(key)
        if not self._accepted(kind, shown):
            raise HostKeyUnknown(
                f"the host's key is not known, and was not accepted: {kind} {shown}",
                self.address.name,
                "compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then accept it when asked, "
                "or pin it with --accept-new-host-keys",
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{hostname} {kind} {key.get_base64()}\n")

    def _accepted(self, kind: str, shown: str) -> bool:
        if self._policy is CertificatePolicy.ACCEPT_NEW:
            return True
        return (
            self._policy is CertificatePolicy.ASK
            and self._accept is not None
            and self._accept(self.address, kind, shown)
        )


class SshConnection:
    """One host over SSH. The connection is made by the first command, and kept."""

    def __init__(self, address: SshAddress, known: KnownHosts) -> None:
        self.address = address
        self._known = known
        self._interrupted = threading.Event()
        self._connection: Connection | None = None

    def run(
        self,
        command_line: str,
        stdin: bytes | Iterable[bytes] = b"",
        on_stdout: Callable[[bytes], None] = lambda data: None,
        limit_seconds: float | None = None,
    ) -> CommandResult:
        """Through the login's shell, without a terminal. Raises the errors of winbake.hosts.errors."""
        transport = self._transport()
        try:
            channel = transport.open_session(timeout=CONNECT_TIMEOUT)
            channel.settimeout(_LOOK)
            channel.exec_command(command_line)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._cut(error) from error
        sender = threading.Thread(target=_send, args=(channel, stdin), daemon=True)
        sender.start()
        try:
            stderr = self._receive(channel, on_stdout, limit_seconds)
            code = channel.recv_exit_status()
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._cut(error) from error
        finally:
            channel.close()
            sender.join(CONNECT_TIMEOUT)
        if code < 0:
            if not transport.is_active():
                raise self._cut(EOFError("the other side closed it"))
            raise ExitCodeMissing("the command is done, but its exit code was lost", self.address.name)
        return CommandResult(code, stderr)

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        self.close()
        end = time.monotonic() + patience_seconds
        while True:
            try:
                self._transport()
                return
            except HostUnreachable:
                if time.monotonic() >= end:
                    raise
                time.sleep(min(1.0, patience_seconds))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
                self._connection.close()
            self._connection = None

    def describe(self) -> str:
        return self.address.describe()

    # ---- inside -------------------------------------------------------------------------------------

    def _transport(self) -> paramiko.Transport:
        if self._connection is None or not self._connection.is_connected:
            self._connection = self._connect()
        transport: paramiko.Transport = self._connection.transport
        return transport

    def _connect(self) -> Connection:
        address = self.address
        keys: dict[str, Any] = {"key_filename": str(address.key_file)} if address.key_file else {}
        if address.password:
            keys["password"] = address.password.reveal()
        # A given key is the one to use: others would be tried before it, and sshd counts the tries.
        keys["look_for_keys"] = keys["allow_agent"] = not address.key_file
        connection = Connection(
            address.address,
            user=address.user,
            port=address.port,
            config=Config(),
            connect_timeout=CONNECT_TIMEOUT,
            connect_kwargs={**keys, "banner_timeout": CONNECT_TIMEOUT, "auth_timeout": 2 * CONNECT_TIMEOUT},
        )
        self._known.load_into(connection.client)  # fabric itself would take any key
        try:
            connection.open()
        except paramiko.BadHostKeyException as error:
            raise HostKeyChanged(
                f"the host's key has changed: known is {fingerprint(error.expected_key)}, "
                f"now it shows {fingerprint(error.key)}",
                address.name,
                "if the machine was made anew, compare the new key on the host and remove the old line: "
                f"ssh-keygen -R '{error.hostname}' -f {self._known.path} (or from ~/.ssh/known_hosts); "
                "if not, somebody may be in between: do not go on",
            ) from error
        except paramiko.PasswordRequiredException as error:
            raise LoginRefused(
                f"the key {address.key_file or ''} has a passphrase", address.name, "add it to ssh-agent: ssh-add FILE"
            ) from error
        except paramiko.AuthenticationException as error:
            raise LoginRefused(
                f"SSH does not let {address.user} in{f' with the key {address.key_file}' if address.key_file else ''}",
                address.name,
                "check ansible_user and ansible_ssh_private_key_file in the inventory, and that the public key is in "
                f"authorized_keys of {address.user} on the host",
            ) from error
        except NoValidConnectionsError as error:
            raise HostUnreachable(f"nothing answers at {address.address}:{address.port}", address.name) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            words = str(error) or type(error).__name__
            raise HostUnreachable(f"no SSH at {address.address}:{address.port}: {words}", address.name) from error
        return connection

    def _receive(
        self, channel: paramiko.Channel, on_stdout: Callable[[bytes], None], limit_seconds: float | None
    ) -> bytes:
        stderr = bytearray()
        end = None if limit_seconds is None else time.monotonic() + limit_seconds
        while True:
            if self._interrupted.is_set():
                raise Interrupted("the command was interrupted", self.address.name)
            if end is not None and time.monotonic() > end:
                raise TimeLimit(f"not done after {limit_seconds:g} s, ended", self.address.name)
            while channel.recv_stderr_ready():
                stderr += channel.recv_stderr(65536)
            try:
                data = channel.recv(65536)
            except TimeoutError:
                continue
            if not data:
                break
            on_stdout(data)
        while True:
            try:
                data = channel.recv_stderr(65536)
            except TimeoutError:
                if channel.exit_status_ready():
                    break
                continue
            if not data:
                break
            stderr += data
        return bytes(stderr)

    def _cut(self, error: BaseException) -> ConnectionCut:
        return ConnectionCut(f"the SSH connection was lost: {str(error) or type(error).__name__}", self.address.name)


def _send(channel: paramiko.Channel, stdin: bytes | Iterable[bytes]) -> None:
    """All of standard input, then its end. A command that ended without reading says by its exit code why."""
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        for piece in (stdin,) if isinstance(stdin, bytes) else stdin:
            rest = memoryview(piece)
            while rest and not channel.closed:
                with contextlib.suppress(TimeoutError):
                    rest = rest[channel.send(rest) :]
        channel.shutdown_write()
