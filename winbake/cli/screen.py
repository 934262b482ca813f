"""How things look: colours and live lines on a terminal, plain lines in a pipe. Colour never carries meaning alone."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.text import Text

from winbake.engine.errors import EngineError

MARKS = {
    "install": "+", "create": "+", "add": "+", "upgrade": "~", "change": "~", "replace": "~", "move": "~",
    "dedupe": "~", "restart": "~", "start": "~", "stop": "~", "remove": "-", "uninstall": "-", "run": "!",
}  # fmt: skip
STYLES = {"+": "green", "~": "yellow", "-": "red", "!": "magenta"}


def console(stderr: bool = False) -> Console:
    """What is printed is text, never rich's markup: a fingerprint's `:AB:` is no emoji, `[x]` no style."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)


def is_live(screen: Console) -> bool:
    return screen.is_terminal and not screen.is_dumb_terminal


def clock(seconds: float) -> str:
    """`0:31`, `12:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def shortened(text: str, width: int) -> str:
    """At most `width` characters, cut in the middle, where paths and names tell least."""
    if len(text) <= width:
        return text
    tail = (width - 1) * 3 // 5
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


def room(screen: Console) -> int:
    """Columns to lay out for: the terminal's, or a wide page where nobody wraps (a pipe, a log)."""
    return screen.width if screen.is_terminal else 110


def marked(mark: str, *parts: str) -> Text:
    style = {"✓": "green", "✗": "red", "!": "magenta", "·": "dim"}.get(mark, STYLES.get(mark, ""))
    text = Text("  ")
    text.append(mark, style=style)
    text.append(" " + "".join(parts))
    return text


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, yes: bool) -> None:
    """Goes on with a yes only. Raises EngineError."""
    if yes:
        return
    if not can_ask():
        raise EngineError("nobody is there to say yes", "add --yes")
    if not click.confirm(question, default=False, err=True):
        raise EngineError("nothing was done", "")
