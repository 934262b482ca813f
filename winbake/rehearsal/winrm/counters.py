"""What the endpoint counts: the price of a way of working, readable as JSON at GET /rehearsal/counters."""

from __future__ import annotations

import threading
from collections import Counter


class Counters:
    """Totals since the start (or `reset`). Safe for use by many threads.

    Names: connections, requests (HTTP requests to /wsman), logins, logins_refused, body_bytes_in/out (HTTP bodies
    as sent, sealed or not), wire_bytes_in/out (TCP payload with headers and TLS), shells, commands, faults, and one
    `action.<Name>` a WS-Management action and one `start.<image>` a program started on the host.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        with self._lock:
            self._totals[name] += amount

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._totals[name]

    def reset(self) -> None:
        with self._lock:
            self._totals.clear()

    def as_json(self) -> dict[str, object]:
        """A JSON-able snapshot; actions and program starts are grouped under their own keys."""
        with self._lock:
            totals = dict(self._totals)
        plain = (
            "connections",
            "requests",
            "logins",
            "logins_refused",
            "body_bytes_in",
            "body_bytes_out",
            "wire_bytes_in",
            "wire_bytes_out",
            "shells",
            "commands",
            "faults",
        )
        snapshot: dict[str, object] = {name: totals.get(name, 0) for name in plain}
        snapshot["actions"] = _group(totals, "action.")
        snapshot["process_starts"] = _group(totals, "start.")
        snapshot["powershell_starts"] = totals.get("start.powershell.exe", 0)
        return snapshot


def _group(totals: dict[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): count for name, count in sorted(totals.items()) if name.startswith(prefix)}
