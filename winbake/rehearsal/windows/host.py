"""One simulated Windows machine: all parts of the model, its processes, and its life (boot, reboot, shutdown)."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from winbake.rehearsal.windows import fresh, launcher, profiles, programs, state
from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN, Accounts
from winbake.rehearsal.windows.blobs import BlobStore
from winbake.rehearsal.windows.certificates import CertificateStore
from winbake.rehearsal.windows.clock import Clock, HostTimer
from winbake.rehearsal.windows.environment import EnvironmentStores
from winbake.rehearsal.windows.event_log import EventLog
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.faults import Faults
from winbake.rehearsal.windows.features import Features
from winbake.rehearsal.windows.files import FileSystem
from winbake.rehearsal.windows.firewall import Firewall
from winbake.rehearsal.windows.listeners import Listeners
from winbake.rehearsal.windows.network import Network
from winbake.rehearsal.windows.packages import Packages
from winbake.rehearsal.windows.power import Power
from winbake.rehearsal.windows.process import Process, ProcessTable, Token
from winbake.rehearsal.windows.registry import Registry
from winbake.rehearsal.windows.releases import RELEASES, Release
from winbake.rehearsal.windows.services import Services
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter
from winbake.rehearsal.windows.strings import IndirectStrings
from winbake.rehearsal.windows.tasks import Tasks
from winbake.rehearsal.windows.updates import Updates

log = logging.getLogger(__name__)
POLICIES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
COMPUTER_NAME_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName"
CAPACITY = 30 * 1024**3  # bytes; the default root volume of Amazon's Windows Server images
WINDOWS_ITSELF = 17 * 1024**3  # bytes that Windows and its page file take of it


class WindowsHost:
    """A fresh EC2 Windows Server, running. `release`: 2019, 2022 or 2025; `speed`: how much faster its clock runs.

    `name` is the rehearsal's name for it; the computer name is EC2AMAZ-… as Windows on EC2 makes one up."""

    def __init__(
        self,
        name: str = "MASTER",
        release: str = "2022",
        speed: float = 1.0,
        *,
        blobs: BlobStore | None = None,
        administrator_password: str = "",
        seed: str | None = None,
        _empty: bool = False,
    ) -> None:
        self.name = name
        self.release: Release = RELEASES[release]
        self.random = random.Random(seed if seed is not None else name)
        self.machine_sid = "S-1-5-21-" + "-".join(str(self.random.randrange(10**8, 4 * 10**9)) for _ in range(3))
        self.clock = Clock(speed)
        self.event_log = EventLog(self.clock.now)
        self.strings = IndirectStrings()
        self.faults = Faults()
        self.registry = Registry(self.machine_sid, self.clock.now)
        self.files = FileSystem(blobs, self.clock.now)
        self.files.on_write(self._write_fault)
        self.environment = EnvironmentStores(self.registry, "")
        self.accounts = Accounts(self.machine_sid, lambda: self.computer_name, self.clock.now, administrator_password)
        self.firewall = Firewall(self.registry, self.strings)
        self.network = Network(self.clock, name=name)
        self.certificates = CertificateStore(self.registry, self.files)
        self.listeners = Listeners(self.registry)
        self.packages = Packages(self.registry)
        self.features = Features()
        self.processes = ProcessTable(self)
        self.services = Services(self)
        self.tasks = Tasks(self)
        self.updates = Updates(self)
        self.power = Power(self)
        self.events: list[tuple[str, str]] = []
        """(source, message) of what the model wrote to the event log."""
        programs.load_all()
        if not _empty:
            fresh.install(self)
            self.power.first_boot()

    # Names.

    @property
    def computer_name(self) -> str:
        """The name in use since the last boot (ActiveComputerName)."""
        return str(self.registry.read(COMPUTER_NAME_KEY + r"\ActiveComputerName", "ComputerName", self.name))

    @property
    def default_token(self) -> Token:
        """A network logon of the built-in Administrator."""
        return self.accounts.token("Administrator")

    def log_event(self, source: str, message: str) -> None:
        self.events.append((source, message))
        log.info("%s: %s: %s", self.name, source, message)

    # Processes.

    def start(self, command_line: str, **options: Any) -> Process:
        """Start a process; the options and errors are those of launcher.launch (application, environment, directory,
        stdin, stdout, stderr, token, parent, job, breakaway)."""
        return launcher.launch(self, command_line, **options)

    def logon(self, name: str, password: str, logon: str = "network") -> Token:
        """Log a user on, making its profile at the first time. Over the network, administrators other than the
        built-in one get a filtered token unless LocalAccountTokenFilterPolicy is 1.

        Raises Win32Failure 1326, 1327, 1331."""
        user = self.accounts.check_logon(name, password)
        token = self.accounts.token(user.name, logon)
        if (
            logon == "network"
            and user.rid != 500
            and not self.registry.read(POLICIES, "LocalAccountTokenFilterPolicy", 0)
        ):
            token = replace(token, elevated=False)
        user.last_logon = self.clock.now()
        profiles.load(self, token)
        return token

    def add_resident(self, path: str, parent_id: int, token: Token = SYSTEM_TOKEN) -> Process:
        """List a process that does nothing by itself (a system process, a server's worker)."""
        process = Process(
            host=self,
            id=self.processes.new_id(),
            parent_id=parent_id,
            path=path,
            command_line=path,
            environment=self.environment.block(token),
            directory=r"C:\Windows\System32",
            token=token,
            started=self.clock.now(),
            stdin=ByteReader(),
            stdout=ByteWriter(),
            stderr=ByteWriter(),
        )
        if self.files.is_file(path):
            process.image_lock = self.files.lock(path, share_read=True, share_write=True, share_delete=True, image=True)
        self.processes.run(process, lambda _: 0, resident=True)
        return process

    def process_ended(self, process: Process) -> None:
        self.services.process_ended(process)

    # Power.

    @property
    def boot_time(self) -> Any:
        """When it was started last (aware, UTC)."""
        return self.clock.boot_time

    @property
    def is_up(self) -> bool:
        """Whether WinRM answers."""
        return self.power.is_up

    @property
    def accepts_processes(self) -> bool:
        return self.power.accepts_processes

    def reboot(self, delay: float = 0) -> None:
        """Restart in `delay` host seconds. Raises Win32Failure 1190 (already scheduled), 1115 (already under way)."""
        self.power.schedule(delay, restart=True)

    def shutdown(self, delay: float = 0) -> None:
        """Shut down in `delay` host seconds. Raises as reboot."""
        self.power.schedule(delay, restart=False)

    def abort_shutdown(self) -> None:
        """Raises Win32Failure 1116 when none is scheduled."""
        self.power.abort()

    def on_down(self, listener: Callable[[], None]) -> None:
        """Call when WinRM stops answering (it went down)."""
        self.power.down_listeners.append(listener)

    def on_up(self, listener: Callable[[], None]) -> None:
        """Call when WinRM answers (again)."""
        self.power.up_listeners.append(listener)

    def wait_up(self, seconds: float | None = None) -> bool:
        """Wait until WinRM answers, at most so many host seconds."""
        return self.clock.wait(self.power.up, seconds)

    def after_boot(self, seconds: float, action: Callable[[], None]) -> HostTimer:
        """Do something in so many host seconds, unless the machine goes down before."""
        return self.power.after(seconds, action)

    # State.

    def state(self) -> dict[str, Any]:
        """Everything that survives a shutdown, as JSON values; file contents by digest (see state.py)."""
        return state.dump(self)

    @classmethod
    def from_state(
        cls, saved: dict[str, Any], name: str | None = None, speed: float = 1.0, blobs: BlobStore | None = None
    ) -> WindowsHost:
        """A host started from a saved state (a clone, with `name`). Raises ValueError for another version's state."""
        return state.load(cls, saved, name, speed, blobs)

    def _write_fault(self, path: str) -> None:
        if self.faults.take("disk_full", drive=path[:2].upper()) is not None:
            raise Win32Failure(112, path)
        if self.faults.take("file_locked", path=path) is not None:
            raise Win32Failure(32, path)
