"""Sources as they are looked at: bars on a terminal, a line for every one that ended."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from winbake.cli.screen import is_live, marked, shortened
from winbake.config.lock import LockedSource, WantedSource
from winbake.engine.download import Cache, Stopped
from winbake.engine.errors import EngineError
from winbake.engine.locking import Seen, see_source

AT_ONCE = 4
SECONDS_TO_STOP = 2.0  # after Ctrl-C, for the downloads to close their parts
PLAIN_SECONDS = 10.0  # a big download says how far it is so often where there is no terminal

_TRUST = {
    "pinned": "as the manifest pins it",
    "as before": "as the lock has it",
    "signer": "evergreen",
    "first use": "first seen now: compare it with what the vendor publishes",
}
Result = tuple[WantedSource, Seen | EngineError | BaseException]


class Looking:
    """Looks at several sources at once. What was seen before a Ctrl-C is in `seen`; the parts stay in the cache."""

    def __init__(self, screen: Console, cache: Cache, known: Mapping[str, LockedSource]) -> None:
        self.screen = screen
        self.cache = cache
        self.known = known
        self.seen: list[Seen] = []
        self.failures: list[EngineError] = []

    def look(self, wanted: list[WantedSource], *, again: bool = False) -> None:
        """again: asks the servers of files that the cache has, too.

        Raises KeyboardInterrupt, and whatever a fault of winbake raises."""
        todo: queue.SimpleQueue[WantedSource] = queue.SimpleQueue()
        for one in wanted:
            todo.put(one)
        done: queue.SimpleQueue[Result] = queue.SimpleQueue()
        with download_bars(self.screen) as view:
            # Daemons: after Ctrl-C a silent server must not keep the program alive.
            workers = [
                threading.Thread(target=self._work, args=(todo, done, view, again), daemon=True)
                for _ in range(min(AT_ONCE, len(wanted)))
            ]
            for worker in workers:
                worker.start()
            try:
                for _ in wanted:
                    self._take(done)
            except KeyboardInterrupt:
                self.cache.stop.set()
                for worker in workers:
                    worker.join(SECONDS_TO_STOP)
                raise

    def _work(
        self,
        todo: queue.SimpleQueue[WantedSource],
        done: queue.SimpleQueue[Result],
        view: DownloadBars,
        again: bool,
    ) -> None:
        while not self.cache.stop.is_set():
            try:
                wanted = todo.get_nowait()
            except queue.Empty:
                return
            try:
                known = self.known.get(wanted.url)
                done.put((wanted, see_source(wanted, known, self.cache, view.told, again=again)))
            except Stopped:
                return
            except BaseException as error:  # handed to the main thread, which shows or raises it
                done.put((wanted, error))
            finally:
                view.ended(wanted)

    def _take(self, done: queue.SimpleQueue[Result]) -> None:
        while True:
            try:
                _, result = done.get(timeout=0.2)  # a wait without end cannot be interrupted on Windows
                break
            except queue.Empty:
                continue
        if isinstance(result, EngineError):
            self.failures.append(result)
        elif isinstance(result, Seen):
            self.seen.append(result)
            show_seen(self.screen, result)
        else:
            raise result


@contextmanager
def download_bars(screen: Console) -> Iterator[DownloadBars]:
    name = TextColumn("{task.description}", markup=False)
    columns = (name, BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not is_live(screen)) as bars:
        yield DownloadBars(screen, bars)


class DownloadBars:
    """A bar for every download on a terminal; elsewhere a line now and then for those that take long."""

    def __init__(self, screen: Console, bars: Progress) -> None:
        self.screen = screen
        self.bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, float] = {}
        self._lock = threading.Lock()

    def told(self, wanted: WantedSource, have: int, total: int | None) -> None:
        with self._lock:
            if wanted.url not in self._tasks:
                self._tasks[wanted.url] = self.bars.add_task(wanted.tool, total=total)
                self._said[wanted.url] = time.monotonic()
            self.bars.update(self._tasks[wanted.url], completed=have, total=total)
            if not is_live(self.screen) and time.monotonic() - self._said[wanted.url] >= PLAIN_SECONDS:
                self._said[wanted.url] = time.monotonic()
                of = f" of {megabytes(total)}" if total else ""
                self.screen.print(marked("·", f"{wanted.tool:<20} {megabytes(have)}{of}"))

    def ended(self, wanted: WantedSource) -> None:
        with self._lock:
            if wanted.url in self._tasks:
                self.bars.remove_task(self._tasks[wanted.url])


def show_seen(screen: Console, seen: Seen) -> None:
    """One line, and what the file says of itself in a second one."""
    locked = seen.locked
    size = megabytes(locked.size)
    words = _TRUST[seen.trust]
    screen.print(marked("✓", f"{seen.wanted.tool:<20} {size:>10}  sha256 {locked.sha256[:16]}…  {words}"))
    about = [f"{name} {value}" for name, value in _said_of_itself(locked) if value]
    if about:
        screen.print(f"    {'':<20} {', '.join(about)}")
    if seen.before is not None:
        old, new = version_of(seen.before), version_of(locked)
        screen.print(
            marked("~", f"{seen.wanted.tool:<20} another file than before: {old} → {new}, "
                   f"sha256 {seen.before.sha256[:16]}… → {locked.sha256[:16]}…")
        )  # fmt: skip


def version_of(locked: LockedSource) -> str:
    return locked.product_version or locked.file_version or "version not known"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def media_in_words(wanted: WantedSource, folder: Path) -> str:
    licence = f" ({wanted.licence})" if wanted.licence else ""
    need = "optional" if wanted.optional else "needed"
    return f"{wanted.tool:<20} {folder.name}/{wanted.media} is not there, {need}: get it from {wanted.page}{licence}"


def _said_of_itself(locked: LockedSource) -> list[tuple[str, str | None]]:
    version = locked.product_version or locked.file_version
    return [
        (shortened(locked.product_name or "version", 40), version),
        ("product code", locked.product_code),
        ("signer", shortened(locked.signer, 60) if locked.signer else None),
    ]
