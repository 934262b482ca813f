"""Requests about commands: start one, feed it, fetch its output, signal it ([MS-WSMV] 3.1.4.11 to 3.1.4.14)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from winbake.rehearsal.winrm import faults
from winbake.rehearsal.winrm.counters import Counters
from winbake.rehearsal.winrm.injection import FaultInjection
from winbake.rehearsal.winrm.settings import Settings
from winbake.rehearsal.winrm.shells import Command, CommandClosed, Shell
from winbake.rehearsal.winrm.soap import NS, SHELL, Envelope, children, element, write_envelope

_ENVELOPE_OVERHEAD = 4096  # bytes of a ReceiveResponse around its base64 text
_MINIMUM_OUTPUT = 1024  # bytes that a Receive carries however small the client's envelope limit is


@dataclass(frozen=True)
class Answer:
    """What goes back to the client, and what fault injection does to it."""

    status: int
    body: bytes
    cut_after: int | None = None
    """Cut the connection after so many bytes of the HTTP response."""
    cut_unanswered: bool = False


def answer(envelope: Envelope, action: str, body: str) -> Answer:
    """A success: the body (ready XML) in an envelope that relates to the request's."""
    return Answer(200, write_envelope(action, body, envelope.message_id))


class CommandRequests:
    """Does the requests in a shell that the service has found and keeps awake meanwhile. Raises WsmanFault."""

    def __init__(self, settings: Settings, counters: Counters, injection: FaultInjection) -> None:
        self._settings = settings
        self._counters = counters
        self._injection = injection

    def command(self, shell: Shell, envelope: Envelope) -> Answer:
        if self._injection.take("busy"):
            raise faults.busy()
        self._check_quotas(shell)
        request = next(children(envelope.body, "CommandLine"), None)
        if request is None:
            raise faults.schema_error("rsp:CommandLine is missing")
        words = [(request.findtext("rsp:Command", "", NS) or "").strip()]
        words += [argument.text or "" for argument in children(request, "Arguments")]
        line = " ".join(word for word in words if word)
        if not line:
            raise faults.schema_error("rsp:Command is empty")
        command = shell.start(line, through_cmd=not envelope.option("WINRS_SKIP_CMD_SHELL"))
        self._counters.add("commands")
        body = f"<rsp:CommandResponse><rsp:CommandId>{command.id}</rsp:CommandId></rsp:CommandResponse>"
        return answer(envelope, f"{SHELL}/CommandResponse", body)

    def _check_quotas(self, shell: Shell) -> None:
        if self._injection.take("operation_quota"):
            raise faults.too_many_operations(self._settings.max_operations_per_user)
        if sum(command.running for command in shell.commands.values()) >= self._settings.max_processes_per_shell:
            raise faults.too_many_processes(self._settings.max_processes_per_shell)

    def send(self, shell: Shell, envelope: Envelope) -> Answer:
        if self._injection.take("busy"):
            raise faults.busy()
        for stream in envelope.body.iterfind("rsp:Send/rsp:Stream", NS):
            command = _command_of(shell, stream.get("CommandId", ""))
            if stream.get("Name") not in shell.input_streams.split():
                raise faults.schema_error(f"no input stream {stream.get('Name')}")
            try:
                data = base64.b64decode(stream.text or "")
            except binascii.Error as error:
                raise faults.schema_error("the stream is not base64") from error
            if data:
                command.stdin.write(data)
            if stream.get("End", "").lower() in ("true", "1"):
                command.stdin.close()
        return answer(envelope, f"{SHELL}/SendResponse", "<rsp:SendResponse/>")

    def receive(self, shell: Shell, envelope: Envelope) -> Answer:
        desired = envelope.body.find("rsp:Receive/rsp:DesiredStream", NS)
        if desired is None:
            raise faults.schema_error("rsp:DesiredStream is missing")
        command = _command_of(shell, desired.get("CommandId", ""))
        limit = self._output_limit(envelope)
        try:
            output = command.receive(
                min(envelope.operation_timeout, self._settings.max_timeout_ms / 1000),
                limit,
                (desired.text or shell.output_streams).split(),
            )
        except CommandClosed as closed:
            raise faults.aborted() from closed
        if output is None:
            raise faults.timed_out()
        body = "".join(_stream_xml(name, command, data) for name, data in output.pieces)
        if output.done:
            ends = "".join(
                f'<rsp:Stream Name="{name}" CommandId="{command.id}" End="true"/>'
                for name in shell.output_streams.split()
            )
            code = "" if self._injection.take("drop_exit_code") else element("rsp:ExitCode", str(output.exit_code))
            body += (
                f'{ends}<rsp:CommandState CommandId="{command.id}" State="{SHELL}/CommandState/Done">'
                f"{code}</rsp:CommandState>"
            )
        else:
            body += f'<rsp:CommandState CommandId="{command.id}" State="{SHELL}/CommandState/Running"/>'
        cut = self._injection.take_receive_cut(b"".join(data for _, data in output.pieces))
        whole = answer(envelope, f"{SHELL}/ReceiveResponse", f"<rsp:ReceiveResponse>{body}</rsp:ReceiveResponse>")
        return Answer(whole.status, whole.body, cut)

    def _output_limit(self, envelope: Envelope) -> int:
        """Bytes of output that fit in base64 into the smaller of the client's and the service's envelope."""
        size = self._settings.max_envelope_size_kb * 1024
        if envelope.max_envelope_size is not None:
            size = min(size, envelope.max_envelope_size)
        return max((size - _ENVELOPE_OVERHEAD) * 3 // 4, _MINIMUM_OUTPUT)

    def signal(self, shell: Shell, envelope: Envelope) -> Answer:
        request = next(children(envelope.body, "Signal"), None)
        if request is None:
            raise faults.schema_error("rsp:Signal is missing")
        command = _command_of(shell, request.get("CommandId", ""))
        code = (request.findtext("rsp:Code", "", NS) or "").strip().rpartition("/")[2].lower()
        if code in ("ctrl_c", "ctrl_break"):
            command.interrupt()
        elif code == "terminate":
            command.close()
            shell.commands.pop(command.id, None)
        else:
            raise faults.schema_error(f"no signal {code}")
        return answer(envelope, f"{SHELL}/SignalResponse", "<rsp:SignalResponse/>")


def _command_of(shell: Shell, command_id: str) -> Command:
    command = shell.commands.get(command_id.upper())
    if command is None:
        raise faults.unknown_command(command_id)
    return command


def _stream_xml(name: str, command: Command, data: bytes) -> str:
    text = base64.b64encode(data).decode("ascii")
    return f"<rsp:Stream Name={quoteattr(name)} CommandId={quoteattr(command.id)}>{text}</rsp:Stream>"
