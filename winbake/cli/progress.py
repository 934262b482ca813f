"""An apply as it happens: a line for every step that ended, and a live line for those under way."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

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


class ApplyView(AbstractContextManager["ApplyView"]):
    """Shows the events of one or more hosts. Thread-safe."""

    def __init__(self, screen: Console, several: bool) -> None:
        self.screen = screen
        self.several = several
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._running: dict[str, dict[str, str]] = {}
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
                transient=True,
            )
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begin(self, plan: Plan, steps: tuple[Step, ...]) -> None:
        with self._lock:
            self._running[plan.host] = {}
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
        line = f"{prefix}{kind:<9} {shortened(name, 46):<46} {clock(event.seconds):>6}"
        if event.kind == "started":
            running[event.step.id] = name
        elif event.kind == "done":
            running.pop(event.step.id, None)
            self.screen.print(marked("✓", f"{line}{_result(event)}"))
            self._advance(host)
        elif event.kind == "failed":
            running.pop(event.step.id, None)
            why = event.data.get("message", "")
            self.screen.print(marked("✗", f"{line}   {why if 'needed' in event.data else 'failed'}"))
            self._advance(host)
        elif event.kind == "note":
            self.screen.print(marked("·", f"{prefix}{kind:<9} {name}: {event.data.get('text', '')}"))
        if self._progress is not None and host in self._tasks:
            now = ", ".join(shortened(name, 24) for name in list(running.values())[:2])
            self._progress.update(self._tasks[host], now=f"{now} {_progress_words(event)}".strip())

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

    def _advance(self, host: str) -> None:
        if self._progress is not None and host in self._tasks:
            self._progress.advance(self._tasks[host])


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
    if data.get("reboot"):
        return f"   exit {data.get('exit_code')}: a restart is wanted"
    return ""


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def _progress_words(event: StepEvent) -> str:
    if event.kind != "progress" or event.step is None:
        return ""
    if "bytes" in event.data:
        return _size(int(event.data["bytes"]))
    return f"{clock(event.seconds)} (limit {clock(event.step.operation.limit_seconds)})"
