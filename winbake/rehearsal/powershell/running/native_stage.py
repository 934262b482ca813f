"""Native programs as commands of a pipeline."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.binder import Argument
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.native import command_line, encode_input
from winbake.rehearsal.powershell.running.pipeline import Stage
from winbake.rehearsal.powershell.running.positions import InvocationInfo

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node


class NativeStage(Stage):
    """One run of a program. Its standard output comes line by line as text; standard error goes to the process's own,
    or (redirected) becomes error records in chunks as they are read."""

    def __init__(self, session: Session, f: Frame, info: Any, arguments: list[Argument], node: Node | None) -> None:
        super().__init__(session, f)
        self.info = info
        self.arguments = arguments
        self.node = node
        self.name = info.name
        self.class_name = ""
        self.input: list[Any] = []
        self.process_handle: Any = None
        self.first_error = True
        self.invocation = InvocationInfo(
            info,
            info.name,
            node.source if node is not None else None,
            node.start if node is not None else 0,
            node.end if node is not None else 0,
        )

    @property
    def stage(self) -> NativeStage:
        return self

    def process(self, item: Any) -> None:
        self.input.append(item)

    def process_alone(self) -> None:
        self._execute()

    def end(self) -> None:
        if self.expects_input:
            self._execute()

    def _execute(self) -> None:
        from winbake.rehearsal.powershell.providers.core import current_directory

        session = self.session
        text = command_line(session, self.info.path, self.arguments)
        chunks: queue.Queue[tuple[int, bytes] | None] = queue.Queue()
        redirected = self.native_error or getattr(session, "remote", False)
        own = session.process
        try:
            process = session.host.start(
                text,
                application=self.info.path,
                environment=own.environment,
                directory=current_directory(session),
                stdin=encode_input(session, self.input) if self.expects_input else own.stdin,
                stdout=lambda data: chunks.put((1, data)),
                stderr=(lambda data: chunks.put((2, data))) if redirected else own.stderr,
                parent=own,
            )
        except Exception as failure:
            if type(failure).__name__ != "Win32Failure":
                raise
            raise self._not_started(str(failure)) from failure
        self.process_handle = process
        self._pump(process, chunks)
        code = _signed(process.exit_code or 0)
        session.global_scope.put("lastexitcode", code)
        if code:
            self.pipeline.failed = True

    def _pump(self, process: Any, chunks: queue.Queue[tuple[int, bytes] | None]) -> None:
        """Passes lines on while the program runs, then what is left."""
        partial = b""
        own = self.session.process
        while True:
            try:
                chunk = chunks.get(timeout=0.02)
            except queue.Empty:
                own.check()
                if process.ended.is_set() and chunks.empty():
                    break
                continue
            if chunk is None:
                break
            stream, data = chunk
            if stream == 2:
                self._error_chunk(data)
                continue
            partial += data
            while (at := partial.find(b"\n")) >= 0:
                self._line(partial[:at])
                partial = partial[at + 1 :]
        if partial:
            self._line(partial)

    def _line(self, data: bytes) -> None:
        self.emit(data.rstrip(b"\r").decode("cp437", "replace"))

    def _error_chunk(self, data: bytes) -> None:
        """The first line is a NativeCommandError, the rest comes in chunks as NativeCommandErrorMessage."""
        text = data.decode("cp437", "replace")
        if self.first_error:
            self.first_error = False
            line, _, rest = text.replace("\r\n", "\n").partition("\n")
            self._error_record(line, "NativeCommandError")
            if not rest:
                return
            text = rest.replace("\n", "\r\n")
        self._error_record(text.rstrip("\r\n") if text.endswith("\n") else text, "NativeCommandErrorMessage")

    def _error_record(self, text: str, error_id: str) -> None:
        exception = NetException("System.Management.Automation.RemoteException", text)
        record = ErrorRecord(exception, error_id, "NotSpecified", text)
        record.invocation = self.invocation
        self.pipeline.failed = True
        self.session.write_error(record, self)

    def _not_started(self, reason: str) -> ScriptError:
        message = f"Program '{self.info.name}' failed to run: {reason}"
        exception = NetException("System.Management.Automation.ApplicationFailedException", message)
        return ScriptError(ErrorRecord(exception, "NativeCommandFailed", "ResourceUnavailable"))

    def dispose(self) -> None:
        process = self.process_handle
        if process is not None and process.exit_code is None:
            process.kill(tree=True)


def _signed(code: int) -> int:
    """An exit code as Int32."""
    code &= 0xFFFFFFFF
    return code - 2**32 if code >= 2**31 else code
