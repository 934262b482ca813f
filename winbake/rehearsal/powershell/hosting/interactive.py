"""powershell.exe with a person before it: one session that takes one text after another until `exit`.

The session runs on a thread of its own, as a process of the host; `Shell` is what stands before it. Nothing here
reads a keyboard or knows a terminal: texts come in, characters go out.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.console import ConsoleHost, refused
from winbake.rehearsal.powershell.dotnet.encodings import encoding_by_page
from winbake.rehearsal.powershell.dotnet.host_clock import utc_now
from winbake.rehearsal.powershell.engine_types.history import HistoryInfo
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.hosting.console_arguments import Options
from winbake.rehearsal.powershell.hosting.console_streams import ConsoleStreams, streams_of
from winbake.rehearsal.powershell.running.streams import HostMessage, InformationRecord
from winbake.rehearsal.powershell.session import POWERSHELL
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.windows.failures import ProcessKilled
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter

UTF_8 = 65001
SCREEN_WIDTH = 80
LONGEST_HISTORY = 4096  # $MaximumHistoryCount of 5.1
_STOP_BY_ITSELF = 0.3  # real seconds in which what waits or writes stops by itself after Ctrl-C

Paint = Callable[[str, str], str]
"""(text, ConsoleColor) → the text in that colour, or as it is where there are no colours."""


def plain(text: str, color: str) -> str:
    return text


class InteractiveHost(ConsoleHost):
    """The console host with a screen: errors in red, warnings in yellow, as 5.1's console has them."""

    def __init__(self, process: Any, streams: ConsoleStreams, options: Options, paint: Paint, columns: int) -> None:
        self._paint = paint
        super().__init__(process, streams, options)
        self.session.buffer_width = columns
        self.width = columns - 1

    def _check(self) -> None:
        """A person may well start a session without a command."""

    def prompt(self) -> str:
        """What the session's function `prompt` gives; it changes neither `$?` nor `$LASTEXITCODE`."""
        session = self.session
        ok, code = session.ok, session.get_variable("global:LASTEXITCODE")
        try:
            out: list[Any] = []
            session.run_script("prompt", out.append)
            text = "".join(str(unwrap(one)) for one in out)
        except ScriptError:
            text = ""
        session.ok = ok
        session.global_scope.put("lastexitcode", code)
        return text or "PS>"

    def execute_line(self, text: str) -> int | None:
        """Runs what a person typed; the exit code if it called `exit`. What is not modelled is said, no more."""
        history = self.session.history
        entry = HistoryInfo(history[-1].id + 1 if history else 1, text, utc_now(self.session))
        try:
            ended, _ = self._execute(text, None)
            return ended
        except NotModelled as met:
            refusal = met
            self.session.ok = False
            self._failed(lambda: refused(self.streams, refusal))
            return None
        finally:
            entry.ended = utc_now(self.session)
            history.append(entry)
            del history[:-LONGEST_HISTORY]

    def _failed(self, write: Callable[[], Any]) -> None:
        self.streams.write_error(self._paint("\0", "Red").partition("\0")[0])
        write()
        self.streams.write_error(self._paint("\0", "Red").partition("\0")[2])

    def _error(self, record: Any) -> None:
        self._failed(lambda: super(InteractiveHost, self)._error(record))

    def _message(self, prefix: str, stream: str, record: Any) -> None:
        text = str(getattr(unwrap(record), "message", record))
        self.write_line(self._paint(prefix + text, "Yellow"))

    def _information(self, record: Any) -> None:
        found = unwrap(record)
        data = found.data if isinstance(found, InformationRecord) else None
        color = getattr(data.foreground, "name", None) if isinstance(data, HostMessage) else None
        if isinstance(data, HostMessage) and color:
            text = self._paint(data.message, color)
            self.write(text if data.no_newline else text + "\r\n")
        else:
            super()._information(record)


class Shell:
    """A session on a host, for whoever reads lines and shows characters. `ended` is its exit code, once it has one.

    write, write_error: take text with Windows' line ends. columns: the width of the screen.
    """

    def __init__(
        self,
        host: Any,
        write: Callable[[str], None],
        write_error: Callable[[str], None],
        *,
        columns: int = SCREEN_WIDTH,
        paint: Paint = plain,
    ) -> None:
        self.ended: int | None = None
        self.columns = columns
        self._paint = paint
        self._write = write
        self._work: queue.Queue[Callable[[InteractiveHost], Any] | None] = queue.Queue()
        self._done = threading.Event()
        self._answer: Any = None
        self._failure: BaseException | None = None
        self._thread = 0
        self.process = _console_process(host, write, write_error)
        host.processes.run(self.process, self._main)

    # ---- before the session

    def prompt(self) -> str:
        return str(self._call(lambda console: console.prompt()) or "")

    def run(self, text: str) -> None:
        """Runs a text; returns when it is done. KeyboardInterrupt stops what runs, and the session lives on."""
        self._call(lambda console: self._note_exit(console.execute_line(text)))

    def run_piped(self, script: bytes) -> int:
        """Runs a text as `powershell -Command -` runs its standard input. Gives the exit code."""
        self.process.stdin = ByteReader(script)
        self._call(lambda console: self._note_exit(console.run()))
        return self.ended or 0

    def close(self) -> None:
        """Ends the process."""
        self._work.put(None)
        self.process.ended.wait(5)
        self.process.kill(tree=True)

    def _note_exit(self, code: int | None) -> None:
        if code is not None:
            self.ended = code

    def _call(self, work: Callable[[InteractiveHost], Any]) -> Any:
        if self.process.exit_code is not None:
            return None
        self._done.clear()
        self._answer = self._failure = None
        self._work.put(work)
        while not self._done.is_set():
            try:
                self._done.wait(0.5)
            except KeyboardInterrupt:
                self._write("\r\n")
                self.stop()
            if self.process.exit_code is not None and self.ended is None:
                self.ended = self.process.exit_code
                break
        failure: BaseException | None = self._failure
        if failure is not None:
            raise failure
        return self._answer

    def stop(self) -> None:
        """Ctrl-C: what waits or runs a program stops by itself; a script that only computes is interrupted. Its
        finally blocks run."""
        self.process.killed.set()
        if not self._done.wait(_STOP_BY_ITSELF) and not self._done.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(ProcessKilled))

    # ---- the session's thread

    def _main(self, process: Process) -> int:
        self._thread = threading.get_ident()
        streams = streams_of(process)
        streams.output_encoding = streams.input_encoding = encoding_by_page(UTF_8)
        console = InteractiveHost(process, streams, Options(from_stdin=True), self._paint, self.columns)
        while (work := self._work.get()) is not None:
            frame, state, depth = console.session.frame, console.session.state, console.session.depth
            try:
                self._answer = work(console)
            except ProcessKilled:
                if process.exit_code is not None:
                    raise
                console.session.frame, console.session.state, console.session.depth = frame, state, depth
                console.session.propagate = False
            except BaseException as failure:
                self._failure = failure
            finally:
                if process.exit_code is None:
                    process.killed.clear()
                self._done.set()
            if self.ended is not None:
                return self.ended
        return 0


def _console_process(host: Any, write: Callable[[str], None], write_error: Callable[[str], None]) -> Process:
    """powershell.exe of a person who logged on to the host, in the home folder."""
    token = host.accounts.token("Administrator", "interactive")
    block = host.environment.block(token)
    home = block.get("USERPROFILE", "")
    return Process(
        host=host,
        id=host.processes.new_id(),
        parent_id=0,
        path=POWERSHELL,
        command_line=f'"{POWERSHELL}"',
        environment=block,
        directory=home if host.files.is_directory(home) else r"C:\Windows\System32",
        token=token,
        started=host.clock.now(),
        stdin=ByteReader(),
        stdout=ByteWriter(lambda data: write(data.decode("utf-8", "replace"))),
        stderr=ByteWriter(lambda data: write_error(data.decode("utf-8", "replace"))),
        code_page=UTF_8,
    )
