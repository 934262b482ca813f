"""Processes: each runs its program on a thread of its own; jobs end whole trees."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from winbake.rehearsal.windows import command_line as command_lines
from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.environment import EnvironmentBlock
from winbake.rehearsal.windows.failures import NotModelled, ProcessKilled, Win32Failure
from winbake.rehearsal.windows.files import Lock
from winbake.rehearsal.windows.programs import Program, program
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter, Pipe

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

__all__ = ["ByteReader", "ByteWriter", "Job", "Pipe", "Process", "ProcessTable", "Program", "Token", "program"]

NOT_MODELLED_EXIT = 0x57424E4D  # "WBNM": a program met something the rehearsal does not model
STACK_SIZE = 256 * 1024 * 1024  # bytes of address space; the interpreter recurses deeply
log = logging.getLogger(__name__)
_STACK_LOCK = threading.Lock()  # threading.stack_size is one setting for the whole interpreter


@dataclass(frozen=True)
class Token:
    """Who a process runs as. `logon`: interactive, network, batch, service or system."""

    user: str
    sid: str
    logon: str = "network"
    elevated: bool = True
    session: int = 0
    groups: tuple[str, ...] = ()

    @property
    def is_system(self) -> bool:
        return self.sid == "S-1-5-18"


class Job:
    """A job object. `kill_on_close`: closing it ends what is in it; `breakaway_ok`: children may leave it."""

    def __init__(self, kill_on_close: bool = True, breakaway_ok: bool = False) -> None:
        self.kill_on_close = kill_on_close
        self.breakaway_ok = breakaway_ok
        self._members: list[Process] = []

    def add(self, process: Process) -> None:
        self._members.append(process)

    def processes(self) -> list[Process]:
        return [process for process in self._members if process.exit_code is None]

    def terminate(self, exit_code: int = 1) -> None:
        for process in self.processes():
            process.kill(exit_code=exit_code)

    def close(self) -> None:
        if self.kill_on_close:
            self.terminate()


@dataclass(eq=False)
class Process:
    """One running (or ended) program. `exit_code` is None while it runs; `window` is the title of a dialog it
    shows, where it waits for a click that never comes in session 0."""

    host: WindowsHost
    id: int
    parent_id: int
    path: str
    command_line: str
    environment: EnvironmentBlock
    directory: str
    token: Token
    started: datetime
    stdin: ByteReader
    stdout: ByteWriter
    stderr: ByteWriter
    jobs: list[Job] = field(default_factory=list)
    exit_code: int | None = None
    window: str = ""
    code_page: int = 437
    """The console's, inherited by children: 437 on an en-US server, 65001 is UTF-8."""
    killed: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    ended_at: datetime | None = None
    failure: BaseException | None = None
    """What ended the program when it was not its own exit: a NotModelled or a fault of the model itself."""
    image_lock: Lock | None = None

    @property
    def image_name(self) -> str:
        return paths.name_of(self.path)

    @property
    def arguments(self) -> list[str]:
        """argv, the program's name first, as CommandLineToArgvW splits the command line."""
        return command_lines.split(self.command_line)

    @property
    def is_32_bit(self) -> bool:
        return self.path.lower().startswith("c:\\windows\\syswow64\\")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, at most so many host seconds; False when it still runs."""
        return self.host.clock.wait(self.ended, seconds)

    def kill(self, tree: bool = False, exit_code: int = 1) -> None:
        """End it (and with `tree` all its descendants) at once, with this exit code."""
        if tree:
            for child in self.children():
                child.kill(tree=True, exit_code=exit_code)
        self.host.processes.end(self, exit_code, killed=True)

    def children(self) -> list[Process]:
        """Its running children."""
        return [process for process in self.host.processes if process.parent_id == self.id and process is not self]

    def check(self) -> None:
        """Raises ProcessKilled when it was ended; programs that loop call this."""
        if self.killed.is_set():
            raise ProcessKilled

    def sleep(self, seconds: float) -> None:
        """Let host time pass in this process."""
        self.host.clock.sleep(seconds, self)

    def wait_for_ever(self, window: str = "") -> None:
        """Show a dialog nobody answers (or just never end). Only ending the process gets out of it."""
        self.window = window
        self.killed.wait()
        raise ProcessKilled

    def write_line(self, text: str = "", error: bool = False, encoding: str = "cp437") -> None:
        """Write a line in the console's code page, CRLF ended."""
        (self.stderr if error else self.stdout).write((text + "\r\n").encode(encoding, "replace"))


class ProcessTable:
    """The processes of a host; iterating gives the running ones."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._lock = threading.RLock()
        self._running: dict[int, Process] = {}
        self._ids = itertools.count(4, 4)
        self.started_count: dict[str, int] = {}
        """How many processes of each image name (lower case) were ever started."""

    def __iter__(self) -> Iterator[Process]:
        with self._lock:
            return iter(list(self._running.values()))

    def get(self, process_id: int) -> Process | None:
        return self._running.get(process_id)

    def named(self, image_name: str) -> list[Process]:
        return [process for process in self if process.image_name.lower() == image_name.lower()]

    def new_id(self) -> int:
        with self._lock:
            return next(self._ids)

    def add(self, process: Process) -> None:
        with self._lock:
            self._running[process.id] = process
            name = process.image_name.lower()
            self.started_count[name] = self.started_count.get(name, 0) + 1

    def run(self, process: Process, body: Callable[[Process], int], resident: bool = False) -> None:
        """Start the process's thread. `resident`: one of Windows' own that only stands in the list, no thread."""
        self.add(process)
        if resident:
            return
        with _STACK_LOCK:
            old = threading.stack_size(STACK_SIZE)
            try:
                thread = threading.Thread(
                    target=self._main, args=(process, body), name=f"{process.image_name} {process.id}", daemon=True
                )
                thread.start()
            finally:
                threading.stack_size(old)

    def _main(self, process: Process, body: Callable[[Process], int]) -> None:
        try:
            code = body(process)
        except ProcessKilled:
            code = 1
        except NotModelled as refused:
            process.failure = refused
            self._say(process, f"{process.image_name}: {refused}")
            code = NOT_MODELLED_EXIT
        except Exception as broken:
            process.failure = broken
            log.exception("the model of %s failed", process.command_line)
            self._say(process, f"{process.image_name}: the rehearsal itself failed: {broken!r}")
            code = NOT_MODELLED_EXIT
        self.end(process, code)

    @staticmethod
    def _say(process: Process, text: str) -> None:
        if process.stderr is not None and not process.killed.is_set():
            try:
                process.stderr.write((text + "\r\n").encode("utf-8"))
            except Win32Failure as closed:
                log.warning("%s (its standard error is closed: %s)", text, closed)

    def end(self, process: Process, exit_code: int, killed: bool = False) -> None:
        """Take a process off the list; the first end wins."""
        with self._lock:
            if process.exit_code is not None:
                return
            process.exit_code = exit_code & 0xFFFFFFFF
            process.ended_at = self._host.clock.now()
            self._running.pop(process.id, None)
        if killed:
            process.killed.set()
        if process.image_lock is not None:
            self._host.files.unlock(process.image_lock)
        process.ended.set()
        self._host.process_ended(process)

    def end_all(self) -> None:
        """What a shutdown does."""
        for process in self:
            self.end(process, 0x40010004, killed=True)  # DBG_TERMINATE_PROCESS
