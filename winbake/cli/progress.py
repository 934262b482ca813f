"""An apply as it happens: a line for every step that ended, and live lines for those under way."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from winbake.cli.screen import clock, is_live, marked, shortened
from winbake.engine.apply import StepEvent
from winbake.engine.plan import FETCHING, Plan, Step

_OWN_WORDS = {
    "download": "download",
    "send": "send",
    "msi_uninstall": "uninstall",
    "uninstaller": "uninstall",
    "delete": "remove",
}
"""Operations that are named by what they do; every other by the kind of its resource."""
_KIND_WIDTH = len("scheduled task")


@dataclass
class _Running:
    """One step under way. seconds and limit are the host's; bytes: what a download has so far; now: the part of the
    step that is at hand."""

    kind: str
    name: str
    limit: int
    seconds: float = 0.0
    bytes: int = 0
    now: str = ""


class ApplyView(AbstractContextManager["ApplyView"]):
    """Shows the events of one or more hosts. Thread-safe."""

    def __init__(self, screen: Console, several: bool) -> None:
        self.screen = screen
        self.several = several
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._live: Live | None = None
        self._lines: list[str] = []
        self._tasks: dict[str, TaskID] = {}
        self._running: dict[str, dict[str, _Running]] = {}
        self._ended: dict[str, set[str]] = {}
        self._plans: dict[str, Plan] = {}

    def __enter__(self) -> ApplyView:
        if is_live(self.screen):
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[now]}", markup=False),
                console=self.screen,
            )
            self._live = Live(
                console=self.screen, transient=True, refresh_per_second=8, get_renderable=self._picture
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def _picture(self) -> Group:
        """What moves at the bottom of the screen: the bar of each host; for a single one, what is under way there.

        Takes no lock: rich draws while it prints, from this thread or its own.
        """
        return Group(*([self._progress] if self._progress is not None else []), *(Text(line) for line in self._lines))

    def begin(self, plan: Plan, steps: tuple[Step, ...]) -> None:
        with self._lock:
            self._running[plan.host] = {}
            self._ended[plan.host] = set()
            self._plans[plan.host] = plan
            if self._progress is not None:
                self._tasks[plan.host] = self._progress.add_task(plan.host, total=len(steps), now="")

    def end(self, host: str) -> None:
        with self._lock:
            if self._progress is not None and host in self._tasks:
                self._progress.remove_task(self._tasks.pop(host))

    def event(self, host: str, event: StepEvent) -> None:
        with self._lock:
            self._event(host, event)

    def _event(self, host: str, event: StepEvent) -> None:
        running = self._running[host]
        prefix = f"{host}  " if self.several else ""
        if event.step is None:
            if event.kind == "note":
                self.screen.print(marked("·", f"{prefix}{event.data.get('text', '')}"))
            return
        kind, name = self._label(host, event.step)
        if event.kind == "started":
            running[event.step.id] = _Running(kind, name, event.step.operation.limit_seconds)
        elif event.kind == "progress" and event.step.id in running:
            running[event.step.id].seconds = event.seconds
            running[event.step.id].bytes = int(event.data.get("bytes", 0))
            running[event.step.id].now = _now(event)
        elif event.kind in ("done", "failed"):
            running.pop(event.step.id, None)
        self._draw(host, list(running.values()))
        line = f"{prefix}{kind:<{_KIND_WIDTH}} {shortened(name, 46):<46} {clock(event.seconds):>6}"
        if event.kind == "done":
            self.screen.print(marked("✓", f"{line}{_result(event)}"))
            self._advance(host, event.step)
        elif event.kind == "failed":
            why = event.data.get("message", "")
            self.screen.print(marked("✗", f"{line}   {why if 'needed' in event.data else 'failed'}"))
            self._advance(host, event.step)
        elif event.kind == "note":
            self.screen.print(marked("·", f"{prefix}{kind:<{_KIND_WIDTH}} {name}: {event.data.get('text', '')}"))
        elif event.kind == "progress" and "text" in event.data and self._progress is None:
            now = f"{clock(event.seconds)} {_now(event)}"
            self.screen.print(marked("·", f"{prefix}{kind:<{_KIND_WIDTH}} {name}: {now}"))

    def _draw(self, host: str, running: list[_Running]) -> None:
        if self._progress is None or host not in self._tasks:
            return
        if self.several:
            self._progress.update(self._tasks[host], now=_in_short(running))
        else:
            self._lines = under_way(running, self.screen.width)

    def _label(self, host: str, step: Step) -> tuple[str, str]:
        """`tool`, `orthanc 25.8.1`; `remove`, the folder; `setting`, the task's name."""
        identity = self._plans[host].items[step.item].identity
        own = _OWN_WORDS.get(step.operation.kind)
        if own in FETCHING:
            return str(own), identity.name
        if own is not None:
            return own, step.operation.title.removeprefix(f"{own} ")
        if identity.kind == "tool":
            return "tool", step.operation.title.removeprefix("tool ")
        if step.operation.kind == "service" and identity.kind != "service":
            return "service", step.operation.title
        return identity.kind, identity.name

    def _advance(self, host: str, step: Step) -> None:
        """A step counts once, however many rounds it takes."""
        ended = self._ended[host]
        if self._progress is not None and host in self._tasks and step.id not in ended:
            self._progress.advance(self._tasks[host])
        ended.add(step.id)


def _result(event: StepEvent) -> str:
    data = event.data
    if "bytes" in data:
        size = int(data["bytes"])
        speed = size / event.seconds / 1e6 if event.seconds else 0.0
        rate = f", {speed:.1f} MB/s" if speed >= 0.1 else ""
        if data.get("sent", size) < size:
            there = size - int(data["sent"])
            return f"   {_size(size)}, {'all' if there == size else _size(there)} of it there already, sha256 right"
        return f"   {_size(size)}{rate}, sha256 right"
    if "installed" in data:
        owed = "a restart is wanted" if data.get("restart_owed") else ""
        return "   " + ", ".join(part for part in (f"{len(data['installed'])} installed", owed) if part)
    if data.get("reboot"):
        why = f"exit {data['exit_code']}: " if "exit_code" in data else ""
        return f"   {why}a restart is wanted"
    return ""


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def _now(event: StepEvent) -> str:
    """`installing KB9900002 (1 of 2), 25 %`, where a step tells of its parts."""
    return f"{event.data['text']}, {event.data['percent']} %" if "text" in event.data else ""


def under_way(running: list[_Running], width: int) -> list[str]:
    """A line for each step under way, and one for all the downloads together."""
    lines = []
    for one in running:
        if one.kind not in FETCHING:
            time = f"{clock(one.seconds)} of at most {clock(one.limit)}" if one.seconds else ""
            lines.append(f"    {one.kind:<{_KIND_WIDTH}} {shortened(one.now or one.name, 46):<46} {time}")
    for kind in sorted(FETCHING):
        fetched = [f"{one.name} {_size(one.bytes)}" if one.bytes else one.name for one in running if one.kind == kind]
        if fetched:
            lines.append(f"    {kind:<{_KIND_WIDTH}} {', '.join(fetched)}")
    return [shortened(line.rstrip(), width - 1) for line in lines]


def _in_short(running: list[_Running]) -> str:
    """For one host of several: programs before downloads, two names and how many more."""
    ordered = sorted(running, key=lambda one: one.kind in FETCHING)
    names = ", ".join(shortened(one.name, 24) for one in ordered[:2])
    return f"{names} and {len(ordered) - 2} more" if len(ordered) > 2 else names
