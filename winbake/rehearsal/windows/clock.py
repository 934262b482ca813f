"""The host's clock: real time, faster. All durations of the model are seconds of this clock.

A clock that runs a hundred times as fast would count every pause of this process a hundredfold: a busy computer would
look like a network that stands still. So only the time counts in which the process gets to run (`_own_seconds`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.failures import ProcessKilled

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process

_TICK = 0.005
_MOST_A_TICK = 0.008


class _OwnTime:
    """Real seconds, less the ones in which this process had to wait for its turn.

    A thread looks at the time every `_TICK` seconds; where it comes late, the threads of the model came late too, and
    only `_MOST_A_TICK` of the gap is counted.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted = 0.0
        self._seen = time.monotonic()
        self._ticking = False

    def seconds(self) -> float:
        with self._lock:
            if not self._ticking:
                self._ticking = True
                self._seen = time.monotonic()
                threading.Thread(target=self._tick, name="rehearsal clock", daemon=True).start()
            return self._counted + min(time.monotonic() - self._seen, _MOST_A_TICK)

    def _tick(self) -> None:
        while True:
            time.sleep(_TICK)
            with self._lock:
                now = time.monotonic()
                self._counted += min(now - self._seen, _MOST_A_TICK)
                self._seen = now


_own_seconds = _OwnTime().seconds


class HostTimer:
    """Runs an action once, after so many host seconds, on a thread of its own; `cancel` takes it back."""

    def __init__(self, clock: Clock, seconds: float, action: Callable[[], None]) -> None:
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(clock, seconds, action), daemon=True, name="host timer")
        self._thread.start()

    def _run(self, clock: Clock, seconds: float, action: Callable[[], None]) -> None:
        if not clock.wait(self._cancelled, seconds):
            action()

    def cancel(self) -> None:
        self._cancelled.set()

    def is_alive(self) -> bool:
        return self._thread.is_alive()


class Clock:
    """`speed` host seconds pass in one real second. Starts at `start` (aware, UTC), by default the real time."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError("the clock's speed must be above 0")
        self._speed = speed
        self._anchor_passed = 0.0
        self._anchor_own = _own_seconds()
        self._lock = threading.Lock()
        self._began_at = (start or datetime.now(UTC)).astimezone(UTC)
        self.boot_time = self._began_at

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value <= 0:
            raise ValueError("the clock's speed must be above 0")
        passed = self.passed
        with self._lock:
            self._anchor_passed, self._anchor_own, self._speed = passed, _own_seconds(), value

    @property
    def passed(self) -> float:
        """Host seconds since this clock was made; setting the date does not move it."""
        with self._lock:
            return self._anchor_passed + (_own_seconds() - self._anchor_own) * self._speed

    def now(self) -> datetime:
        """The host's time, aware, UTC."""
        return self._began_at + timedelta(seconds=self.passed)

    def set(self, moment: datetime) -> None:
        """Set the host's clock, as Set-Date does; the boot time moves along, as LastBootUpTime does."""
        difference = moment.astimezone(UTC) - self.now()
        self._began_at += difference
        self.boot_time += difference

    @property
    def uptime(self) -> float:
        """Seconds since boot."""
        return (self.now() - self.boot_time).total_seconds()

    def sleep(self, seconds: float, process: Process | None = None) -> None:
        """Let host time pass. Raises ProcessKilled as soon as `process` is ended."""
        if process is not None:
            if self.wait(process.killed, seconds):
                raise ProcessKilled
            return
        self.wait_with(_slept, seconds)

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait for an event at most so many host seconds (None: for ever); False when the time ran out."""
        return self.wait_with(event.wait, seconds)

    def wait_with(self, wait: Callable[[float | None], bool], seconds: float | None) -> bool:
        """Wait at most so many host seconds with `wait`, which takes real seconds and tells whether it had success."""
        if seconds is None:
            return wait(None)
        end = self.passed + max(seconds, 0.0)
        left = max(seconds, 0.0)
        while True:
            if wait(left / self._speed):
                return True
            left = end - self.passed
            if left <= 0:
                return False

    def call_later(self, seconds: float, action: Callable[[], None]) -> HostTimer:
        """Run `action` on a thread of its own after so many host seconds; `.cancel()` takes it back."""
        return HostTimer(self, seconds, action)


def _slept(seconds: float | None) -> bool:
    time.sleep(seconds or 0.0)
    return False
