"""Windows Update on one host: what Microsoft offers it, searches, downloads, installations, and the restart they want.

Sources: MicrosoftDocs/win32 Wua_Sdk (wua-success-and-error-codes, searching--downloading--and-installing-updates) and
[MS-UAMG]. The work is done by the service, not by the program that asked: an installation goes on when that program
is ended. Assumed: how long things take; that an update which waits for its restart is still listed as not installed;
that only one which always requires a restart (RebootBehavior 1) keeps others from being installed before it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.windows import update_criteria
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost
    from winbake.rehearsal.windows.process import Process

WINDOWS_UPDATE = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update"
REBOOT_REQUIRED = WINDOWS_UPDATE + r"\RebootRequired"
POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
SERVICE = "wuauserv"
NEVER_REBOOTS, ALWAYS_REQUIRES_REBOOT, CAN_REQUEST_REBOOT = 0, 1, 2  # InstallationRebootBehavior

SUCCEEDED, WITH_ERRORS, FAILED = 2, 3, 4  # OperationResultCode

SEARCH_SECONDS = 8.0  # of host time
BYTES_PER_SECOND = 60_000_000.0  # as other downloads of the model (network.py)

INSTALL_NOT_ALLOWED = 0x80240016
EXCLUSIVE_CONFLICT = 0x80240019
CANCELLED_BY_POLICY = 0x8024002F
INVALID_CRITERIA = 0x80240032
UNEXPECTED = 0x80240FFF
INSTALL_FAILURE = 0x80070643  # a Win32 code: 1603


class UpdateFailure(Exception):
    """Windows Update refused: `hresult` says why."""

    def __init__(self, hresult: int) -> None:
        super().__init__(f"0x{hresult:08X}")
        self.hresult = hresult


@dataclass(eq=False)
class Update:
    """One update. `size` in bytes, `seconds` of installing, `after`: KBs without which it does not apply.

    `reboot`: InstallationRebootBehavior, None where Windows gives none; `wants_restart`: whether this installation asks
    for one. `waits`: it is installed as soon as the machine was restarted.
    """

    id: str
    kb: str
    title: str
    categories: tuple[str, ...]
    size: int = 0
    seconds: float = 1.0
    reboot: int | None = NEVER_REBOOTS
    wants_restart: bool = False
    after: tuple[str, ...] = ()
    kind: str = "Software"
    exclusive: bool = False
    browse_only: bool = False
    eula_accepted: bool = True
    hidden: bool = False
    downloaded: bool = False
    installed: bool = False
    waits: bool = False

    def properties(self) -> dict[str, Any]:
        """What a search may ask for."""
        return {
            "isinstalled": self.installed, "ishidden": self.hidden, "browseonly": self.browse_only,
            "rebootrequired": self.waits, "isassigned": not self.browse_only, "type": self.kind, "updateid": self.id,
        }  # fmt: skip



class Updates:
    """The updates of one host, in the order in which Microsoft offers them."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._updates: list[Update] = []
        self._lock = threading.Lock()
        self._installing = False

    def offer(self, *updates: Update) -> None:
        """Adds updates to what Microsoft offers this machine."""
        self._updates += updates

    def all(self) -> list[Update]:
        return list(self._updates)

    def get(self, kb: str) -> Update:
        """The update of a KB. Raises KeyError."""
        for update in self._updates:
            if update.kb.lower() == kb.lower():
                return update
        raise KeyError(kb)

    @property
    def is_busy(self) -> bool:
        """Whether something is being installed."""
        return self._installing

    @property
    def reboot_required(self) -> bool:
        return self._host.registry.open(REBOOT_REQUIRED) is not None

    @property
    def reboot_required_before_installation(self) -> bool:
        return any(one.waits and one.reboot == ALWAYS_REQUIRES_REBOOT for one in self._updates)

    def search(self, criteria: str, process: Process) -> tuple[int, list[Update]]:
        """The OperationResultCode, and the updates that apply here and meet the criteria. Raises UpdateFailure."""
        try:
            test = update_criteria.parse(criteria)
        except update_criteria.InvalidCriteria as bad:
            raise UpdateFailure(INVALID_CRITERIA) from bad
        self._start_service()
        if self._host.registry.read(POLICY, "DisableWindowsUpdateAccess", 0):
            raise UpdateFailure(CANCELLED_BY_POLICY)
        self._host.clock.sleep(SEARCH_SECONDS, process)
        fault = self._host.faults.take("update_search_fails")
        if fault is not None and fault.get("result") is not None:
            return int(fault.get("result")), []
        if fault is not None:
            raise UpdateFailure(int(str(fault.get("code", UNEXPECTED)), 0))
        return SUCCEEDED, [one for one in self._updates if self._applies(one) and test(one.properties())]

    def download(self, update: Update, process: Process) -> None:
        self._host.clock.sleep(update.size / BYTES_PER_SECOND, process)
        update.downloaded = True

    def install(self, updates: list[Update], process: Process) -> dict[str, int]:
        """Installs one after the other; gives update id → HRESULT, 0 for those that went well. Raises UpdateFailure.

        Comes back when all are done, or raises ProcessKilled when the caller is ended; the work goes on then.
        """
        self._start_service()
        if len(updates) > 1 and any(one.exclusive for one in updates):
            raise UpdateFailure(EXCLUSIVE_CONFLICT)
        with self._lock:
            if self._installing or self.reboot_required_before_installation:
                raise UpdateFailure(INSTALL_NOT_ALLOWED)
            self._installing = True
        results: dict[str, int] = {}
        over = threading.Event()
        self._next(updates, results, over)
        while not over.is_set():
            self._host.clock.sleep(0.5, process)
        return results

    def boot(self) -> None:
        """What waited for the restart is installed; an installation that the restart cut short is not."""
        self._installing = False
        for one in self._updates:
            if one.waits:
                one.waits, one.installed = False, True

    def dump(self) -> list[dict[str, Any]]:
        return [vars(one).copy() for one in self._updates]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        self._updates = [
            Update(**{**one, "categories": tuple(one["categories"]), "after": tuple(one["after"])}) for one in dumped
        ]

    def _applies(self, update: Update) -> bool:
        return all(self.get(kb).installed for kb in update.after)

    def _start_service(self) -> None:
        try:
            self._host.services.start_and_wait(SERVICE)
        except Win32Failure as refused:
            raise UpdateFailure(0x80070000 | refused.code) from refused

    def _next(self, updates: list[Update], results: dict[str, int], over: threading.Event) -> None:
        """Goes on with the first update that has no result yet; one that hangs never gets one."""
        left = [one for one in updates if one.id not in results]
        if not left:
            self._installing = False
            over.set()
            return
        update = left[0]
        if self._host.faults.take("update_hangs", kb=update.kb) is not None:
            return

        def done() -> None:
            results[update.id] = self._finish(update)
            self._next(updates, results, over)

        self._host.after_boot(update.seconds, done)

    def _finish(self, update: Update) -> int:
        fault = self._host.faults.take("update_fails", kb=update.kb)
        if fault is not None:
            return int(str(fault.get("code", INSTALL_FAILURE)), 0)
        if update.wants_restart:
            update.waits = True
            self._host.registry.create(REBOOT_REQUIRED)
        else:
            update.installed = True
        return 0
