"""The host's clock: real time, faster. All durations of the model are seconds of this clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.failures import ProcessKilled

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process


class Clock:
    """`speed` host seconds pass in one real second. Starts at `start` (aware, UTC), by default the real time."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError("the clock's speed must be above 0")
        self._speed = speed
        self._anchor_host = (start or datetime.now(UTC)).astimezone(UTC)
        self._anchor_real = time.monotonic()
        self._lock = threading.Lock()
        self.boot_time = self._anchor_host

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value <= 0:
            raise ValueError("the clock's speed must be above 0")
        now = self.now()
        with self._lock:
            self._anchor_host, self._anchor_real, self._speed = now, time.monotonic(), value

    def now(self) -> datetime:
        """The host's time, aware, UTC."""
        with self._lock:
            passed = (time.monotonic() - self._anchor_real) * self._speed
            return self._anchor_host + timedelta(seconds=passed)

    def set(self, moment: datetime) -> None:
        """Set the host's clock, as Set-Date does; the boot time moves along, as LastBootUpTime does."""
        difference = moment.astimezone(UTC) - self.now()
        with self._lock:
            self._anchor_host += difference
            self.boot_time += difference

    @property
    def uptime(self) -> float:
        """Seconds since boot."""
        return (self.now() - self.boot_time).total_seconds()

    def real_seconds(self, seconds: float) -> float:
        """How many real seconds so many host seconds take."""
        return max(seconds, 0.0) / self._speed

    def sleep(self, seconds: float, process: Process | None = None) -> None:
        """Let host time pass. Raises ProcessKilled as soon as `process` is ended."""
        if process is None:
            time.sleep(self.real_seconds(seconds))
            return
        if process.killed.wait(self.real_seconds(seconds)):
            raise ProcessKilled

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait for an event at most so many host seconds (None: for ever); False when the time ran out."""
        return event.wait(None if seconds is None else self.real_seconds(seconds))

    def call_later(self, seconds: float, action: Callable[[], None]) -> threading.Timer:
        """Run `action` on a thread of its own after so many host seconds; `.cancel()` takes it back."""
        timer = threading.Timer(self.real_seconds(seconds), action)
        timer.daemon = True
        timer.start()
        return timer
