"""Boot, reboot and shutdown: what ends, what vanishes, what comes back, and in which order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.clock import HostTimer
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.packages import delete_tree
from winbake.rehearsal.windows.registry import REG_MULTI_SZ

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

# Seconds of host time; an m5.large with a fresh server is up again in about a minute.
GOING_DOWN, POWERED_OFF, KERNEL, WINRM_AFTER, LOGON_SCREEN_AFTER = 6.0, 12.0, 10.0, 15.0, 8.0
SERVICING = 45.0  # how much later the logon screen comes when updates or features are finished at boot

WINLOGON_CHECKED = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\AutoLogonChecked"
SESSION_MANAGER = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager"
TCPIP = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
COMPUTER_NAME = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName"
CBS_PENDING = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
WU_REQUIRED = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
SERVER_MANAGER = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\ServerManager\ServicingStorage\ServerComponentCache"


class Power:
    """The power state of one host: off, starting, up, going down."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._lock = threading.RLock()
        self._timers: list[HostTimer] = []
        self._scheduled: HostTimer | None = None
        self._under_way = False
        self.accepts_processes = False
        self.up = threading.Event()
        self.off = threading.Event()
        self.down_listeners: list[Callable[[], None]] = []
        self.up_listeners: list[Callable[[], None]] = []
        self.off_listeners: list[Callable[[], None]] = []
        """Called when the machine has shut down and stays so."""
        self.boots = 0

    @property
    def is_up(self) -> bool:
        return self.up.is_set()

    @property
    def is_scheduled(self) -> bool:
        return self._scheduled is not None

    def first_boot(self) -> None:
        """The machine as it is found: running, logon screen reached, automatic services up."""
        host = self._host
        host.clock.boot_time = host.clock.now()
        self.apply_computer_name()
        self._start_kernel()
        self._host.registry.create(WINLOGON_CHECKED, volatile=True)
        host.services.boot_at_once()
        self._winrm_up()

    def after(self, seconds: float, action: Callable[[], None]) -> HostTimer:
        """A timer that the machine's going down cancels."""
        with self._lock:
            self._timers = [timer for timer in self._timers if timer.is_alive()]
            timer = self._host.clock.call_later(seconds, action)
            self._timers.append(timer)
            return timer

    def schedule(self, delay: float, restart: bool) -> None:
        """Go down in `delay` seconds. Raises Win32Failure 1190, 1115, 87 (over ten years)."""
        with self._lock:
            if self._under_way or not self.accepts_processes:
                raise Win32Failure(1115)
            if self._scheduled is not None:
                raise Win32Failure(1190)
            if not 0 <= delay <= 315_360_000:
                raise Win32Failure(87)
            self._scheduled = self._host.clock.call_later(delay, lambda: self._go_down(restart))

    def abort(self) -> None:
        """Raises Win32Failure 1116 when nothing is scheduled (or it is too late)."""
        with self._lock:
            if self._scheduled is None or self._under_way:
                raise Win32Failure(1116)
            self._scheduled.cancel()
            self._scheduled = None

    def power_on(self) -> None:
        """Start a machine that was shut down."""
        if self.off.is_set():
            self._boot()

    def stop_now(self) -> None:
        """Pull the plug: no orderly end. For the rehearsal itself, when it is over."""
        with self._lock:
            self.accepts_processes = False
            for timer in [*self._timers, *([self._scheduled] if self._scheduled else [])]:
                timer.cancel()
            self._timers, self._scheduled = [], None
        self.up.clear()
        self._host.processes.end_all()

    def _go_down(self, restart: bool) -> None:
        host = self._host
        with self._lock:
            if self._under_way:
                return
            self._under_way = True
            self._scheduled = None
        # The endpoint goes on answering for a moment, but starts nothing any more (1115).
        host.clock.sleep(GOING_DOWN / 2)
        with self._lock:
            self.accepts_processes = False
            for timer in self._timers:
                timer.cancel()
            self._timers = []
        self.up.clear()
        for listener in list(self.down_listeners):
            listener()
        host.clock.sleep(GOING_DOWN / 2)
        self._event(6006, "The Event log service was stopped.")
        host.services.shut_down()
        host.processes.end_all()
        host.network.reset()
        self._finish_pending_renames()
        host.registry.drop_volatile()
        self.off.set()
        if restart:
            host.clock.sleep(POWERED_OFF)
            self._boot()
            return
        for listener in list(self.off_listeners):
            listener()

    def _boot(self) -> None:
        host = self._host
        if host.faults.take("reboot_hangs") is not None:
            return
        slow = host.faults.take("reboot_slow")
        if slow is not None:
            host.clock.sleep(float(slow.get("seconds", 300)))
        self.off.clear()
        host.clock.boot_time = host.clock.now()
        host.clock.sleep(KERNEL)
        servicing = self._finish_servicing()
        self.apply_computer_name()
        self._start_kernel()
        with self._lock:
            self._under_way = False
        host.services.boot()
        host.tasks.boot()
        self.after(WINRM_AFTER, self._winrm_up)
        self.after(WINRM_AFTER + LOGON_SCREEN_AFTER + (SERVICING if servicing else 0), self._logon_screen)

    def _event(self, event_id: int, message: str) -> None:
        self._host.event_log.write("System", "EventLog", event_id, message)

    def _start_kernel(self) -> None:
        from winbake.rehearsal.windows.fresh import start_system_processes

        self.boots += 1
        start_system_processes(self._host)
        build = self._host.release.build
        self._event(6009, f"Microsoft (R) Windows (R) 10.00. {build}  Multiprocessor Free.")
        self._event(6005, "The Event log service was started.")
        self._host.environment.computer_name = self._host.computer_name
        self._host.network.listen(None, [135, 445, 5985, 47001], "System")
        self.accepts_processes = True

    def _winrm_up(self) -> None:
        winrm = self._host.services.get("WinRM")
        if winrm is not None and winrm.status == 1 and winrm.start_type != 4:
            self._host.services.start_and_wait("WinRM")
        for listener in list(self.up_listeners):
            listener()
        self.up.set()  # last: who waited for it may connect at once

    def _logon_screen(self) -> None:
        """LogonUI makes this volatile key when it has reached the logon screen (AW _reboot.py)."""
        self._host.registry.create(WINLOGON_CHECKED, volatile=True)

    def _finish_pending_renames(self) -> None:
        """Session Manager does these at the next start, before anything holds a file."""
        registry, files = self._host.registry, self._host.files
        pending = registry.read(SESSION_MANAGER, "PendingFileRenameOperations", [])
        for source, target in zip(pending[::2], pending[1::2], strict=False):
            old, new = _plain(source), _plain(target.removeprefix("!"))
            try:
                if not new:
                    files.delete(old)
                else:
                    files.move(old, new, replace=target.startswith("!"))
            except Win32Failure as refused:
                self._host.log_event("Session Manager", f"pending rename of {old}: {refused}")
        if pending:
            key = registry.open(SESSION_MANAGER, writable=True)
            if key is not None:
                key.delete("PendingFileRenameOperations")

    def _finish_servicing(self) -> bool:
        """Updates and features that waited for a restart are done. True when there were any."""
        registry = self._host.registry
        waiting = registry.open(CBS_PENDING) is not None or registry.open(WU_REQUIRED) is not None
        waiting = waiting or bool(registry.read(SERVER_MANAGER, "RestartRequired", 0))
        delete_tree(registry, CBS_PENDING)
        delete_tree(registry, WU_REQUIRED)
        if registry.read(SERVER_MANAGER, "RestartRequired", 0):
            registry.write(SERVER_MANAGER, "RestartRequired", 0)
        for view in (64, 32):
            key = registry.open(r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Updates", view, writable=True)
            if key is not None and key.get("UpdateExeVolatile") is not None:
                key.delete("UpdateExeVolatile")
        self._host.updates.boot()
        return self._host.features.finish() or waiting

    def apply_computer_name(self) -> None:
        """Puts the names that were set into use, as a start does."""
        name = self._host.registry.read(COMPUTER_NAME + r"\ComputerName", "ComputerName")
        if name:
            self._host.registry.create(COMPUTER_NAME + r"\ActiveComputerName", volatile=True)
            self._host.registry.write(COMPUTER_NAME + r"\ActiveComputerName", "ComputerName", str(name))
        host_name = self._host.registry.read(TCPIP, "NV Hostname")
        if host_name:
            self._host.registry.write(TCPIP, "Hostname", str(host_name))

    def add_pending_rename(self, source: str, target: str = "") -> None:
        """Ask for a rename (or, without target, a deletion) at the next start, as MoveFileEx does."""
        pending = list(self._host.registry.read(SESSION_MANAGER, "PendingFileRenameOperations", []))
        pending += ["\\??\\" + source, "!\\??\\" + target if target else ""]
        self._host.registry.write(SESSION_MANAGER, "PendingFileRenameOperations", pending, REG_MULTI_SZ)


def _plain(text: str) -> str:
    return paths.absolute(text.removeprefix("\\??\\")) if text else ""
