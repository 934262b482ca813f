"""An apply as it happens: a line for every step that ended, and a live line for those under way."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from winbake.cli.screen import clock, is_live, marked
from winbake.engine.apply import StepEvent
from winbake.engine.plan import Plan, Step

_KINDS = {
    "download": "download", "msi": "tool", "installer": "tool", "unzip": "tool", "msi_uninstall": "uninstall",
    "uninstaller": "uninstall", "path": "path", "environment": "variable", "registry": "setting", "file": "file",
    "directory": "folder", "delete": "remove", "firewall": "firewall", "service": "service", "command": "command",
}  # fmt: skip


class ApplyView(AbstractContextManager["ApplyView"]):
    """Shows the events of one or more hosts. Thread-safe."""

    def __init__(self, screen: Console, several: bool) -> None:
        self.screen = screen
        self.several = several
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._running: dict[str, dict[str, tuple[str, float]]] = {}

    def __enter__(self) -> ApplyView:
        if is_live(self.screen):
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[now]}"),
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
        label = f"{_KINDS.get(event.step.operation.kind, event.step.operation.kind):<9} {_name(event.step)}"
        if event.kind == "started":
            running[event.step.id] = (_name(event.step), time.monotonic())
        elif event.kind == "done":
            running.pop(event.step.id, None)
            self.screen.print(marked("✓", f"{prefix}{label:<44} {clock(event.seconds):>6}{_result(event)}"))
            self._advance(host)
        elif event.kind == "failed":
            running.pop(event.step.id, None)
            self.screen.print(marked("✗", f"{prefix}{label:<44} {clock(event.seconds):>6}   failed"))
            self._advance(host)
        elif event.kind == "note":
            self.screen.print(marked("·", f"{prefix}{label:<44} {event.data.get('text', '')}"))
        if self._progress is not None and host in self._tasks:
            now = ", ".join(name for name, _ in list(running.values())[:3])
            self._progress.update(self._tasks[host], now=f"{now} {_progress_words(event)}".strip())

    def _advance(self, host: str) -> None:
        if self._progress is not None and host in self._tasks:
            self._progress.advance(self._tasks[host])


def _name(step: Step) -> str:
    title = step.operation.title
    for word in ("download ", "tool ", "path ", "variable ", "firewall ", "service ", "file ", "uninstall ", "remove "):
        title = title.removeprefix(word)
    return title


def _result(event: StepEvent) -> str:
    data = event.data
    if "bytes" in data:
        size = int(data["bytes"])
        rate = f", {size / event.seconds / 1e6:.1f} MB/s" if event.seconds >= 1 else ""
        return f"   {_size(size)}{rate}, sha256 right"
    if data.get("reboot"):
        return f"   exit {data.get('exit_code')}: a restart is wanted"
    return ""


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _progress_words(event: StepEvent) -> str:
    if event.kind != "progress" or event.step is None:
        return ""
    if "bytes" in event.data:
        return _size(int(event.data["bytes"]))
    return f"{clock(event.seconds)} (limit {clock(event.step.operation.limit_seconds)})"
