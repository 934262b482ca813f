"""The one interface between winbake and a machine: run a command line, carry bytes, survive a reboot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command line ended on the host. Its standard output went to the callback while it ran."""

    exit_code: int
    stderr: bytes = b""


class Connection(Protocol):
    """A way to run command lines on one host, one at a time. Raises errors of `winbake.hosts.errors` only."""

    def run(
        self,
        command_line: str,
        stdin: bytes | Iterable[bytes] = b"",
        on_stdout: Callable[[bytes], None] = ...,
        limit_seconds: float | None = None,
    ) -> CommandResult:
        """Run one command line (through cmd /c on Windows) and wait for it.

        stdin is sent whole and then closed; an iterable is read only as fast as the host takes it.
        on_stdout gets bytes as they arrive, in order, on this thread.
        limit_seconds bounds the whole run; at the limit the command is ended and `TimeLimit` raised.
        """
        ...

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        """Forget the connection (the host was restarted) and make it anew.

        A host that does not answer yet is asked again for patience_seconds; raises as the first connect does.
        """
        ...

    def interrupt(self) -> None:
        """End the command that runs now, from another thread or a signal handler; nothing if none runs."""
        ...

    def close(self) -> None:
        """Leave nothing behind on the host; never raises for a host that has gone."""
        ...

    def describe(self) -> str:
        """How a person knows it, without secrets: `https://172.31.15.250:5986 as Administrator by NTLM`."""
        ...
