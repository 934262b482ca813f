"""Stations as they come up: a grid on a terminal, where one line says what each is at; plain lines in a pipe."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from winbake.cli.screen import is_live, marked, shortened


class StationBoard(AbstractContextManager["StationBoard"]):
    """What each station is at. Thread-safe."""

    def __init__(self, screen: Console, stations: list[str]) -> None:
        self.screen = screen
        self._at: dict[str, str] = dict.fromkeys(stations, "waiting")
        self._width = max((len(name) for name in stations), default=0)
        self._lock = threading.Lock()
        self._live: Live | None = None

    def __enter__(self) -> StationBoard:
        if is_live(self.screen):
            self._live = Live(console=self.screen, transient=True, refresh_per_second=4, get_renderable=self._picture)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, station: str, text: str) -> None:
        """Notes what a station is at; in a pipe, prints it."""
        with self._lock:
            self._at[station] = text
            if self._live is None:
                self.screen.print(marked(_mark(text), f"{station:<{self._width}}  {text.lstrip('✓✗ ')}"))

    def _picture(self) -> Group:
        """Those at work have a line each; the ready ones and the waiting ones share one."""
        with self._lock:
            at = dict(self._at)
        lines: list[Text] = []
        for title, mark in (("ready", "✓"), ("waiting", "·")):
            names = [name for name, text in at.items() if text.lstrip("✓ ") == title]
            if names:
                lines.append(marked(mark, f"{title}: {ranges(names)}"))
        busy = [(name, text) for name, text in at.items() if text.lstrip("✓ ") not in ("ready", "waiting")]
        room = max(20, self.screen.height - 4)
        for name, text in busy[:room]:
            line = f"{name:<{self._width}}  {text.lstrip('✗ ')}"
            lines.append(marked(_mark(text), shortened(line, max(20, self.screen.width - 6))))
        if len(busy) > room:
            lines.append(marked("·", f"and {len(busy) - room} more"))
        return Group(*lines)


def _mark(text: str) -> str:
    return text[0] if text[:1] in ("✓", "✗") else "·"


def ranges(names: list[str]) -> str:
    """`ws01-ws05, ws07`: neighbours in one, as --limit takes them."""
    runs: list[list[str]] = []
    for name in sorted(names):
        if runs and _is_next(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _is_next(one: str, other: str) -> bool:
    (stem, number), (other_stem, other_number) = _parts(one), _parts(other)
    return stem == other_stem and bool(number and other_number) and int(other_number) == int(number) + 1


def _parts(name: str) -> tuple[str, str]:
    stem = name.rstrip("0123456789")
    return stem, name[len(stem) :]
