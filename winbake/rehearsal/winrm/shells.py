"""Command shells and their commands: processes of the simulated host with their streams ([MS-WSMV] 3.1.4.1)."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from winbake.rehearsal.windows.environment import EnvironmentBlock
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import ByteReader, ByteWriter, Job, Pipe, Process, Token

CONTROL_C_EXIT = 0xC000013A  # STATUS_CONTROL_C_EXIT
_GATHER_SECONDS = 0.03  # output that follows within this time travels in the same Receive


class CommandClosed(Exception):
    """The command or its shell went away while somebody waited for it."""


@dataclass(frozen=True)
class Output:
    """What one Receive carries. done: nothing comes after it; exit_code: unsigned, when done."""

    pieces: list[tuple[str, bytes]]
    done: bool
    exit_code: int | None = None


class Command:
    """One process started in a shell, its input pipe and its output that waits to be fetched."""

    def __init__(self) -> None:
        self.id = str(uuid.uuid4()).upper()
        self.stdin = Pipe()
        self.process: Process | None = None
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._exit_code: int | None = None

    def start(self, start: Callable[[ByteReader, ByteWriter, ByteWriter], Process]) -> None:
        """Start the process by calling `start` with its three streams."""
        self.process = start(
            ByteReader(self.stdin),
            ByteWriter(lambda data: self._put("stdout", data)),
            ByteWriter(lambda data: self._put("stderr", data)),
        )
        threading.Thread(target=self._watch, args=(self.process,), daemon=True, name=f"winrm {self.id}").start()

    def receive(self, wait_seconds: float, limit_bytes: int, streams: Iterable[str]) -> Output | None:
        """The output that waits, at most limit_bytes; None if there was none in wait_seconds (real seconds).

        Raises CommandClosed when the command is taken away meanwhile.
        """
        wanted = set(streams)
        deadline = time.monotonic() + wait_seconds
        with self._changed:
            while not self._pieces and self._exit_code is None:
                if self._closed:
                    raise CommandClosed
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            if self._exit_code is None:
                self._changed.wait_for(lambda: self._exit_code is not None or self._closed, _GATHER_SECONDS)
            if self._closed:
                raise CommandClosed
            pieces = self._take(limit_bytes, wanted)
            done = self._exit_code is not None and not self._pieces
            return Output(pieces, done, self._exit_code if done else None)

    def interrupt(self) -> None:
        """Ctrl-C: the process and its descendants end with STATUS_CONTROL_C_EXIT; the output stays fetchable."""
        if self.process is not None:
            self.process.kill(tree=True, exit_code=CONTROL_C_EXIT)

    def close(self) -> None:
        """End the process and its descendants, and whoever waits for output."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self.process is not None and self.process.exit_code is None:
            self.process.kill(tree=True)
        self.stdin.close()

    @property
    def running(self) -> bool:
        return self._exit_code is None

    def _watch(self, process: Process) -> None:
        process.wait()
        self._end(process.exit_code if process.exit_code is not None else 1)
        self.stdin.close()

    def _put(self, stream: str, data: bytes) -> None:
        with self._changed:
            self._pieces.append((stream, bytes(data)))
            self._changed.notify_all()

    def _end(self, exit_code: int) -> None:
        with self._changed:
            self._exit_code = exit_code & 0xFFFFFFFF
            self._changed.notify_all()

    def _take(self, limit: int, wanted: set[str]) -> list[tuple[str, bytes]]:
        taken: list[tuple[str, bytes]] = []
        size = 0
        while self._pieces and size < limit:
            stream, data = self._pieces.popleft()
            if stream not in wanted:
                continue
            if size + len(data) > limit:
                self._pieces.appendleft((stream, data[limit - size :]))
                data = data[: limit - size]
            size += len(data)
            if taken and taken[-1][0] == stream:
                taken[-1] = (stream, taken[-1][1] + data)
            else:
                taken.append((stream, data))
        return taken


@dataclass(eq=False)
class Shell:
    """A remote shell: an environment as of its creation, a folder, a job that ends its processes with it."""

    id: str
    host: WindowsHost
    token: Token
    owner: str
    client_address: str
    idle_seconds: float
    environment: EnvironmentBlock
    directory: str
    codepage: int = 437
    input_streams: str = "stdin"
    output_streams: str = "stdout stderr"
    name: str = ""
    commands: dict[str, Command] = field(default_factory=dict)
    operations: int = 0
    """Commands ever started: the operations quota never counts them down while the shell lives."""
    created: float = field(default_factory=time.monotonic)
    last_use: float = field(default_factory=time.monotonic)
    users: int = 0
    """Requests under way; a shell in use is not idle."""
    job: Job = field(default_factory=lambda: Job(kill_on_close=True, breakaway_ok=True))
    timer: threading.Timer | None = None
    """Looks whether the shell is idle."""

    def start(self, line: str, *, through_cmd: bool) -> Command:
        """Start a command line, through `cmd.exe /C` as WinRS does unless the client asks to skip it."""
        command = Command()
        self.operations += 1
        self.commands[command.id] = command
        comspec = self.environment.get("ComSpec") or r"C:\Windows\system32\cmd.exe"
        full = f"{comspec} /C {line}" if through_cmd else line

        def begin(stdin: ByteReader, stdout: ByteWriter, stderr: ByteWriter) -> Process:
            return self.host.start(
                full,
                application=comspec if through_cmd else None,
                environment=self.environment.copy(),
                directory=self.directory,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                token=self.token,
                job=self.job,
                code_page=self.codepage,
            )

        try:
            command.start(begin)
        except Win32Failure:
            del self.commands[command.id]
            raise
        return command

    def close(self) -> None:
        """End the shell: its commands, everything in its job, its clock."""
        if self.timer is not None:
            self.timer.cancel()
        for command in list(self.commands.values()):
            command.close()
        self.commands.clear()
        self.job.close()
