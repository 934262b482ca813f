"""The agent's session on a Linux host: one python3 a run, through sudo where the inventory asks for it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator

from winbake.hosts.errors import HostError, SudoRefused
from winbake.hosts.session import AgentExit, AgentSession, LineSplitter
from winbake.hosts.ssh import SshConnection

_PYTHON = "python3"


class LinuxSession(AgentSession):
    """Runs the agent for Linux over SSH."""

    system = "linux"

    def __init__(self, connection: SshConnection) -> None:
        super().__init__(connection)
        self.address = connection.address

    def run(
        self,
        bootstrap: str,
        stdin: bytes | Iterable[bytes],
        on_line: Callable[[str], None],
        limit_seconds: float | None = None,
    ) -> AgentExit:
        """bootstrap: a few lines of Python that read the rest from standard input.

        Raises SudoRefused, and HostError where there is no python3; and the connection's errors.
        """
        lines = LineSplitter(on_line)
        command = f"{self._sudo()}{_PYTHON} -c {shlex.quote(bootstrap)}"
        result = self.connection.run(command, self._input(stdin), lines.feed, limit_seconds)
        lines.finish()
        said = result.stderr.decode("utf-8", "replace")
        if result.exit_code:
            self._explain(said, result.exit_code)
        return AgentExit(result.exit_code, said)

    def _sudo(self) -> str:
        if not self.address.sudo:
            return ""
        return "sudo -S -p '' -- " if self.address.sudo_password else "sudo -n -- "

    def _input(self, stdin: bytes | Iterable[bytes]) -> Iterator[bytes]:
        """The password is sudo's first line; where sudo does not ask, the bootstrap passes over it."""
        if self.address.sudo and self.address.sudo_password:
            yield self.address.sudo_password.reveal().encode("utf-8") + b"\n"
        yield from (stdin,) if isinstance(stdin, bytes) else stdin

    def _explain(self, said: str, exit_code: int) -> None:
        host = self.address.name
        if "sudo" in said and "not found" in said:
            raise SudoRefused(
                "there is no sudo on the host", host, "log in as root, or install sudo; or leave out ansible_become"
            )
        if any(words in said for words in ("password is required", "incorrect password", "no password was provided")):
            given = "does not take the given password" if self.address.sudo_password else "asks for a password"
            raise SudoRefused(f"sudo {given} of {self.address.user}", host)
        if "sudoers" in said or "may not run" in said or "not allowed to execute" in said:
            raise SudoRefused(
                f"sudo does not let {self.address.user} run commands", host, "add the user to its group sudo"
            )
        if exit_code == 127:
            raise HostError(
                f"there is no {_PYTHON} on the host", host, f"install it there: apt-get install {_PYTHON}-minimal"
            )
