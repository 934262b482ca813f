"""The agent's session: one powershell.exe a run, script and request on its standard input, lines back."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from winbake.hosts.clixml import error_text
from winbake.hosts.connection import Connection

# cmd.exe takes at most 8,191 characters, and WinRS wraps the line in `cmd /c "…"`.
LONGEST_COMMAND_LINE = 8_000


@dataclass(frozen=True, slots=True)
class AgentExit:
    """How powershell.exe ended. stderr_text: its error streams as text, progress dropped, CLIXML read."""

    exit_code: int
    stderr_text: str = ""


class AgentSession:
    """Runs the agent over a connection. Not for use by several threads, except `interrupt`."""

    system = "windows"
    """Which agent the host takes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.interrupted = False
        """Whether `interrupt` was called; what happens between two runs looks here."""

    def run(
        self,
        bootstrap: str,
        stdin: bytes | Iterable[bytes],
        on_line: Callable[[str], None],
        limit_seconds: float | None = None,
    ) -> AgentExit:
        """Start Windows PowerShell with `bootstrap`, send it `stdin`, hand over each line as it arrives.

        bootstrap: a few lines of PowerShell that read the rest from `$input`; at most about 2,900 characters.
        on_line: gets each line of standard output (UTF-8) without its line end.
        Raises ValueError for a bootstrap that does not fit a command line, and the connection's errors.
        """
        lines = LineSplitter(on_line)
        result = self.connection.run(powershell_command_line(bootstrap), stdin, lines.feed, limit_seconds)
        lines.finish()
        return AgentExit(result.exit_code, error_text(result.stderr))

    def interrupt(self) -> None:
        self.interrupted = True
        self.connection.interrupt()

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        self.connection.reconnect(patience_seconds)

    def close(self) -> None:
        self.connection.close()

    def describe(self) -> str:
        return self.connection.describe()

    def __enter__(self) -> AgentSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def powershell_command_line(bootstrap: str) -> str:
    """The command line that runs a short script in Windows PowerShell 5.1: no profile, prompts or policy."""
    encoded = base64.b64encode(bootstrap.encode("utf-16-le")).decode("ascii")
    line = f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"
    if len(line) > LONGEST_COMMAND_LINE:
        raise ValueError(
            f"the bootstrap makes a command line of {len(line)} characters, cmd.exe takes "
            f"{LONGEST_COMMAND_LINE}; send the script on standard input"
        )
    return line


class LineSplitter:
    """Cuts a stream of UTF-8 bytes into lines as they arrive; CR LF and LF both end a line."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._on_line(line.removesuffix("\r"))

    def finish(self) -> None:
        """Hand over a last line that had no line end."""
        rest = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        if rest:
            self._on_line(rest.removesuffix("\r"))
