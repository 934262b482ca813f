"""The event logs Application and System: what the model writes there, and what scripts do.

Modelled: the event log service's own events at start and stop (6005, 6006, 6009), a service that changed its state
(Service Control Manager 7036), products of Windows Installer (MsiInstaller 1033, 1034). Numbers and
texts: Microsoft's pages of these events. Sysprep's generalize clears the logs (windows_facts 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

ERROR, WARNING, INFORMATION = 1, 2, 4
"""System.Diagnostics.EventLogEntryType."""
LOGS = ("Application", "System")
SECURITY = "Security"
KEPT = 2000


@dataclass(frozen=True)
class Event:
    """`index` counts in its log from 1. `time`: aware UTC."""

    log: str
    index: int
    source: str
    id: int
    kind: int
    time: datetime
    message: str


class EventLog:
    """All events of a host, oldest first; only the newest of a log are kept."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._events: dict[str, list[Event]] = {log: [] for log in LOGS}
        self._last: dict[str, int] = {}
        self.sources: dict[str, str] = {
            "eventlog": "System",
            "service control manager": "System",
            "msiinstaller": "Application",
        }
        """Lower-case source → log."""

    def write(self, log: str, source: str, event_id: int, message: str, kind: int = INFORMATION) -> None:
        index = self._last.get(log, 0) + 1
        self._last[log] = index
        events = self._events[log]
        events.append(Event(log, index, source, event_id, kind, self._now(), message))
        del events[:-KEPT]

    def service_state(self, display_name: str, status: int) -> None:
        """What the Service Control Manager writes when a service has stopped (1) or runs (4)."""
        word = {1: "stopped", 4: "running"}.get(status)
        if word is not None:
            message = f"The {display_name} service entered the {word} state."
            self.write("System", "Service Control Manager", 7036, message)

    def name_of(self, log: str) -> str | None:
        """A log's spelling; None when there is none."""
        return next((known for known in self._events if known.lower() == log.lower()), None)

    def events(self, log: str) -> list[Event]:
        """Newest first."""
        return list(reversed(self._events[log]))

    def add_source(self, source: str, log: str) -> None:
        self.sources[source.lower()] = log
        self._events.setdefault(log, [])

    def clear(self) -> None:
        for events in self._events.values():
            events.clear()
        self._last.clear()

    def dump(self) -> dict[str, Any]:
        events = [{**asdict(one), "time": one.time.isoformat()} for log in self._events.values() for one in log]
        return {"events": events, "sources": self.sources}

    def load(self, saved: dict[str, Any]) -> None:
        for source, log in saved["sources"].items():
            self.add_source(source, log)
        for item in saved["events"]:
            one = Event(**{**item, "time": datetime.fromisoformat(item["time"])})
            self._events[one.log].append(one)
            self._last[one.log] = max(self._last.get(one.log, 0), one.index)
