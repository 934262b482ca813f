"""Named faults for rehearsals and tests: what goes wrong on one host, for one tool, how often.

host.faults.add("installer_exit", tool="orthanc", code=1603)
host.faults.add("disk_full", drive="C:")
mirror.faults.add("html_instead_of_zip", tool="dcmtk")
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

# Name → what happens, and the settings it takes.
HOST_FAULTS: dict[str, str] = {
    "installer_hangs": "the installer shows a dialog and never ends (tool)",
    "installer_exit": "the installer changes nothing and ends with `code` (tool, code)",
    "installer_lies": "the installer changes nothing and ends with 0 (tool)",
    "reboot_required": "the installer does its work and ends with 3010, or `code` 1641 and restarts the machine (tool)",
    "msi_busy": "Windows Installer answers 1618, `times` times (tool)",
    "disk_full": "no write finds room any more (drive)",
    "service_does_not_start": "the service dies while it starts (service, code)",
    "file_locked": "writing the file is refused, another program holds it open (path)",
    "reboot_slow": "the next start of the machine takes `seconds` longer",
    "reboot_hangs": "the machine goes down and does not come up",
    "update_fails": "the update changes nothing and ends with the HRESULT `code`, by default 0x80070643 (kb, code)",
    "update_hangs": "the update's installation never ends (kb)",
    "update_search_fails": "the search for updates ends with the HRESULT `code`, or with `result` (code, result)",
    "sysprep_fails": "sysprep meets an app that was installed for one user only (package)",
    "process_start_fails": "starting the program is refused with `code` (program)",
}
MIRROR_FAULTS: dict[str, str] = {
    "truncated_download": "the connection ends half way (tool)",
    "html_instead_of_zip": "an HTML page with status 200 instead of the file (tool)",
    "not_found": "status 404 (tool)",
    "wrong_hash": "a file of the right size, one byte changed (tool)",
    "slow_download": "each block waits `seconds` of real time (tool)",
    "server_error": "status 503, `times` times (tool)",
    "no_network": "the names do not resolve (tool)",
}
FAULTS = HOST_FAULTS | MIRROR_FAULTS


class UnknownFault(ValueError):
    """No fault has this name; the message gives the names there are."""


@dataclass
class Fault:
    """One fault. `times`: how often it still strikes; None: always. `settings` narrow it (tool=…) or set it."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    struck: int = 0

    def get(self, name: str, default: Any = None) -> Any:
        return self.settings.get(name, default)

    def matches(self, name: str, where: dict[str, str]) -> bool:
        """A setting that the fault names must be the same there; one it does not name is any."""
        if self.name != name or self.times == 0:
            return False
        return all(
            key not in self.settings or str(self.settings[key]).lower() == value.lower() for key, value in where.items()
        )


class Faults:
    """The faults of one host (or mirror)."""

    def __init__(self, known: dict[str, str] | None = None) -> None:
        self._known = known if known is not None else HOST_FAULTS
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, name: str, *, times: int | None = None, **settings: Any) -> Fault:
        """Add a fault. Raises UnknownFault."""
        if name not in self._known:
            raise UnknownFault(f"no fault is called {name!r}; there are: {', '.join(sorted(self._known))}")
        fault = Fault(name, settings, times)
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        with self._lock:
            self._faults.remove(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, name: str, **where: str) -> Fault | None:
        """The fault that strikes here now, counted; None: all goes well."""
        with self._lock:
            fault = next((one for one in self._faults if one.matches(name, where)), None)
            if fault is not None:
                fault.struck += 1
                if fault.times is not None:
                    fault.times -= 1
            return fault

    def __iter__(self) -> Any:
        return iter(list(self._faults))


def parse(text: str) -> tuple[str, dict[str, Any]]:
    """`installer_exit:tool=orthanc,code=1603` (or `installer_exit:1603`) → name and settings, as `--fault` takes
    them. Raises UnknownFault, ValueError."""
    name, _, rest = text.partition(":")
    if name not in FAULTS:
        raise UnknownFault(f"no fault is called {name!r}; there are: {', '.join(sorted(FAULTS))}")
    settings: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            key, value = ("code", part) if part.isdigit() else ("tool", part)
        settings[key.strip()] = int(value) if value.strip().isdigit() else value.strip()
    return name, settings
