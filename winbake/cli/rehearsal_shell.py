"""`rehearse --shell`: a PowerShell prompt on a simulated host, or a script from a pipe."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

from winbake.rehearsal.powershell.console import is_unfinished
from winbake.rehearsal.powershell.hosting.interactive import SCREEN_WIDTH, Shell, plain
from winbake.rehearsal.windows.host import WindowsHost

_MORE = ">> "
_ANSI = {
    "Black": 30, "DarkRed": 31, "DarkGreen": 32, "DarkYellow": 33, "DarkBlue": 34, "DarkMagenta": 35, "DarkCyan": 36,
    "Gray": 37, "DarkGray": 90, "Red": 91, "Green": 92, "Yellow": 93, "Blue": 94, "Magenta": 95, "Cyan": 96,
    "White": 97,
}  # fmt: skip


def open_shell(host: WindowsHost) -> int:
    """Takes commands until `exit`. Gives the session's exit code; a script from a pipe ends as with -Command -."""
    if not sys.stdin.isatty():
        shell = _shell(host)
        try:
            return _as_signed(shell.run_piped(sys.stdin.buffer.read()))
        finally:
            shell.close()
    _edit_lines()
    shell = _shell(host)
    try:
        print(f"Windows PowerShell on {host.computer_name}, a simulated Windows Server {host.release.year}.")
        print("docs/rehearsal.md says what is modelled. exit ends it.\n")
        while shell.ended is None:
            text = _read(shell)
            if text is None:
                return 0
            if text.strip():
                shell.run(text)
        return _as_signed(shell.ended)
    finally:
        shell.close()


def _shell(host: WindowsHost) -> Shell:
    colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    columns = shutil.get_terminal_size((SCREEN_WIDTH, 25)).columns if sys.stdout.isatty() else SCREEN_WIDTH
    return Shell(
        host,
        lambda text: _write(sys.stdout, text),
        lambda text: _write(sys.stderr, text),
        columns=columns,
        paint=_colored if colored else plain,
    )


def _colored(text: str, color: str) -> str:
    number = _ANSI.get(color)
    return text if number is None else f"\x1b[{number}m{text}\x1b[0m"


def _write(stream: TextIO, text: str) -> None:
    stream.write(text.replace("\r\n", "\n"))
    stream.flush()


def _edit_lines() -> None:
    """Arrow keys and history, where Python has readline (Windows' console does it by itself)."""
    try:
        import readline
    except ImportError:
        return
    readline.parse_and_bind("tab: self-insert")


def _read(shell: Shell) -> str | None:
    """A command, further lines asked for while it is unfinished; "" after Ctrl-C, None at the end of the input."""
    lines: list[str] = []
    prompt = shell.prompt()
    if shell.ended is not None:
        return None
    while True:
        try:
            lines.append(input(prompt))
        except KeyboardInterrupt:
            print("^C")
            return ""
        except EOFError:
            print()
            return None
        text = "\n".join(lines)
        if not is_unfinished(text):
            return text
        prompt = _MORE


def _as_signed(code: int) -> int:
    return code - 2**32 if code >= 2**31 else code
