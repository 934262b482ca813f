"""System.Diagnostics.Process and ProcessStartInfo over the host's processes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import shell_execute
from winbake.rehearsal.powershell.dotnet.collections import Dictionary, ignoring_case
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, TimeSpan
from winbake.rehearsal.powershell.dotnet.encodings import OEM, Encoding
from winbake.rehearsal.powershell.dotnet.io_failures import win32_error
from winbake.rehearsal.powershell.dotnet.io_items import local_time
from winbake.rehearsal.powershell.dotnet.io_streams import PipeStream
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.text_readers import StreamReader
from winbake.rehearsal.powershell.dotnet.text_writers import StreamWriter
from winbake.rehearsal.powershell.dotnet.throwing import argument, invalid_operation
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.process import Process as HostProcess
from winbake.rehearsal.windows.streams import ByteWriter, Pipe

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

PROCESS = "System.Diagnostics.Process"
START_INFO = "System.Diagnostics.ProcessStartInfo"
_NOT_ASSOCIATED = "No process is associated with this object."
_NOT_OURS = "Process was not started by this object, so requested information cannot be determined."
_STILL_RUNS = "Process must exit before requested information can be determined."


class StringDictionary(Dictionary):
    """The variables of a ProcessStartInfo: names compare without case."""

    net_type_name = "System.Collections.Specialized.StringDictionary"


class ProcessStartInfo(NetObject):
    net_type_name = START_INFO

    def __init__(self, file_name: str = "", arguments: str = "") -> None:
        self.file_name = file_name or ""
        self.arguments = arguments or ""
        self.working_directory = ""
        self.use_shell_execute = True
        self.create_no_window = False
        self.redirect_input = False
        self.redirect_output = False
        self.redirect_error = False
        self.output_encoding: Any = None
        self.error_encoding: Any = None
        self.verb = ""
        self.window_style = 0
        self.user_name = ""
        self.password: Any = None
        self.domain = ""
        self.load_user_profile = False
        self.error_dialog = False
        self.environment: StringDictionary | None = None

    def variables(self, session: Session) -> StringDictionary:
        """The child's variables, at first a copy of this process's."""
        if self.environment is None:
            self.environment = StringDictionary(session.process.environment.items(), key=ignoring_case)
        return self.environment


class NetProcess(NetObject):
    """System.Diagnostics.Process. `has_handle`: whether the exit code can be read after the end."""

    net_type_name = PROCESS

    def __init__(self, host: WindowsHost, process: HostProcess | None = None, has_handle: bool = False) -> None:
        self.host = host
        self.process = process
        self.start_info: ProcessStartInfo | None = None
        self.has_handle = has_handle
        self.output: Pipe | None = None
        self.error: Pipe | None = None
        self.input: Pipe | None = None
        self.readers: dict[str, Any] = {}
        self.enable_raising_events = False

    @property
    def associated(self) -> HostProcess:
        if self.process is None:
            raise invalid_operation(_NOT_ASSOCIATED)
        return self.process

    @property
    def path(self) -> str:
        return self.process.path if self.process is not None else ""

    @property
    def cpu_seconds(self) -> float:
        """The model does not measure it: a hundredth of the time it has run."""
        process = self.associated
        end = process.ended_at or self.host.clock.now()
        return round((end - process.started).total_seconds() / 100, 6)


def process_name(process: HostProcess) -> str:
    name = process.image_name
    return name[:-4] if name.lower().endswith(".exe") else name


# ---- starting --------------------------------------------------------------------------------------------


def start(session: Session, info: ProcessStartInfo, target: NetProcess | None = None) -> NetProcess:
    """Process.Start. Raises NetError InvalidOperationException or Win32Exception."""
    if not info.file_name:
        raise invalid_operation("Cannot start process because a file name has not been provided.")
    redirects = info.redirect_input or info.redirect_output or info.redirect_error
    if info.use_shell_execute and redirects:
        raise invalid_operation(
            "The Process object must have the UseShellExecute property set to false in order to redirect IO streams."
        )
    if info.use_shell_execute and info.environment is not None:
        raise invalid_operation(
            "The Process object must have the UseShellExecute property set to false in order to use "
            "environment variables."
        )
    made = target or NetProcess(session.host)
    made.start_info, made.has_handle = info, True
    made.readers = {}
    made.process = _launch(session, info, made)
    return made


def _launch(session: Session, info: ProcessStartInfo, made: NetProcess) -> HostProcess:
    made.output = Pipe() if info.redirect_output else None
    made.error = Pipe() if info.redirect_error else None
    made.input = Pipe() if info.redirect_input else None
    inherits = not info.create_no_window and not info.use_shell_execute
    options: dict[str, Any] = {
        "stdin": made.input,
        "stdout": made.output or _standard(session.process.stdout, inherits),
        "stderr": made.error or _standard(session.process.stderr, inherits),
        "directory": info.working_directory or str(session.process.directory),
        "parent": session.process,
    }
    if info.user_name:
        options["token"] = logon(session, info)
    if info.environment is not None:
        options["environment"] = {str(k): "" if v is None else str(v) for k, v in info.environment.items()}
    line = command_line(info)
    try:
        if info.use_shell_execute:
            line, application = shell_execute.resolve(session, info.file_name, info.arguments, options["directory"])
            process = session.host.start(line, application=application, **options)
        else:
            process = session.host.start(line, **options)
    except Win32Failure as failure:
        raise win32_error(failure.code) from failure
    _close_at_end(process, [pipe for pipe in (made.output, made.error) if pipe is not None])
    return process  # type: ignore[no-any-return]


def logon(session: Session, info: ProcessStartInfo) -> Any:
    """The token of -Credential or UserName. Raises Win32Failure 1326 …"""
    from winbake.rehearsal.powershell.dotnet.secure_strings import plain_text

    password = plain_text(info.password) if info.password is not None else ""
    return session.host.logon(info.user_name.rpartition("\\")[2], password, "interactive")


def _standard(writer: ByteWriter, inherits: bool) -> Any:
    """Without redirection output goes to the console: this process's, or a hidden one where nobody reads it."""
    return writer if inherits else (lambda data: None)


def _close_at_end(process: HostProcess, pipes: list[Pipe]) -> None:
    if not pipes:
        return

    def close() -> None:
        process.ended.wait()
        for pipe in pipes:
            pipe.close()

    threading.Thread(target=close, name=f"end of {process.image_name}", daemon=True).start()


def command_line(info: ProcessStartInfo) -> str:
    """Process.BuildCommandLine: the file name in quotes, then the arguments as they are."""
    name = info.file_name.strip()
    quoted = name if name.startswith('"') and name.endswith('"') else f'"{name}"'
    return f"{quoted} {info.arguments}" if info.arguments else quoted


@static(PROCESS, "Start", "ProcessStartInfo")
def _start_info(info: ProcessStartInfo, *, session: Session) -> NetProcess:
    return start(session, info)


@static(PROCESS, "Start", "String")
@static(PROCESS, "Start", "String, String")
def _start_file(name: str, arguments: str = "", *, session: Session) -> NetProcess:
    return start(session, ProcessStartInfo(name, arguments))


@constructor(PROCESS)
def _new_process(*, session: Session) -> NetProcess:
    made = NetProcess(session.host)
    made.start_info = ProcessStartInfo()
    return made


@method(PROCESS, "Start")
def _start_instance(value: NetProcess, *, session: Session) -> bool:
    start(session, _info(value), value)
    return True


# ---- finding ---------------------------------------------------------------------------------------------


def all_processes(host: WindowsHost) -> list[NetProcess]:
    return [NetProcess(host, one) for one in host.processes]


@static(PROCESS, "GetProcesses")
def _get_processes(*, session: Session) -> PSArray:
    return PSArray(all_processes(session.host), PROCESS)


@static(PROCESS, "GetProcessesByName")
def _get_processes_by_name(name: str | None, *, session: Session) -> PSArray:
    low = (name or "").lower()
    found = [p for p in all_processes(session.host) if not low or process_name(p.associated).lower() == low]
    return PSArray(found, PROCESS)


@static(PROCESS, "GetProcessById")
def _get_process_by_id(number: int, *, session: Session) -> NetProcess:
    found = session.host.processes.get(number)
    if found is None:
        raise argument(f"Process with an Id of {number} is not running.")
    return NetProcess(session.host, found)


@static(PROCESS, "GetCurrentProcess")
def _get_current_process(*, session: Session) -> NetProcess:
    return NetProcess(session.host, session.process)


# ---- one process -----------------------------------------------------------------------------------------


@getter(PROCESS, "Id")
def _id(value: NetProcess) -> int:
    return value.associated.id


@getter(PROCESS, "ProcessName")
def _process_name(value: NetProcess) -> str:
    process = value.associated
    if process.exit_code is not None and not value.has_handle:
        raise invalid_operation("Process has exited, so the requested information is not available.")
    return process_name(process)


@getter(PROCESS, "MachineName")
def _machine_name(value: NetProcess) -> str:
    return "."


@getter(PROCESS, "HasExited")
def _has_exited(value: NetProcess) -> bool:
    return value.associated.exit_code is not None


@getter(PROCESS, "ExitCode")
def _exit_code(value: NetProcess) -> int | None:
    """Signed, as .NET has it. Of a process that was not started by this object and whose Handle was never read a script
    gets null: the known trap of Start-Process -NoNewWindow -PassThru."""
    process = value.associated
    if process.exit_code is None:
        raise invalid_operation(_STILL_RUNS)
    if not value.has_handle:
        return None
    return process.exit_code - 2**32 if process.exit_code >= 2**31 else process.exit_code


@getter(PROCESS, "StartTime")
def _start_time(value: NetProcess) -> DateTime:
    return local_time(value.associated.started)


@getter(PROCESS, "ExitTime")
def _exit_time(value: NetProcess) -> DateTime:
    process = value.associated
    if process.exit_code is None or process.ended_at is None:
        raise invalid_operation(_STILL_RUNS)
    if not value.has_handle:
        raise invalid_operation(_NOT_OURS)
    return local_time(process.ended_at)


@getter(PROCESS, "Handle")
def _handle(value: NetProcess) -> Int64:
    """Reading it keeps the exit code readable, the known trick with Start-Process -PassThru."""
    process = value.associated
    if process.exit_code is not None and not value.has_handle:
        raise invalid_operation("Process has exited, so the requested information is not available.")
    value.has_handle = True
    return Int64(process.id * 4)


@getter(PROCESS, "SessionId")
def _session_id(value: NetProcess) -> int:
    return value.associated.token.session


@getter(PROCESS, "Responding")
def _responding(value: NetProcess) -> bool:
    return True


@getter(PROCESS, "MainWindowTitle")
def _main_window_title(value: NetProcess) -> str:
    """A process of session 0 shows no window to anyone."""
    process = value.associated
    return process.window if process.token.session > 0 else ""


@getter(PROCESS, "BasePriority")
def _base_priority(value: NetProcess) -> int:
    return 8


@getter(PROCESS, "PriorityClass")
def _priority_class(value: NetProcess) -> EnumValue:
    return enum_value(get_type("System.Diagnostics.ProcessPriorityClass"), 32)


@getter(PROCESS, "StartInfo")
def _info(value: NetProcess) -> ProcessStartInfo:
    if value.start_info is None:
        value.start_info = ProcessStartInfo()
    return value.start_info


@setter(PROCESS, "StartInfo")
def _set_info(value: NetProcess, info: ProcessStartInfo) -> None:
    value.start_info = info


@getter(PROCESS, "EnableRaisingEvents")
def _enable_raising_events(value: NetProcess) -> bool:
    return value.enable_raising_events


@setter(PROCESS, "EnableRaisingEvents")
def _set_enable_raising_events(value: NetProcess, wanted: bool) -> None:
    value.enable_raising_events = wanted


@getter(PROCESS, "TotalProcessorTime")
@getter(PROCESS, "UserProcessorTime")
def _processor_time(value: NetProcess) -> TimeSpan:
    return TimeSpan.from_seconds(value.cpu_seconds)


@getter(PROCESS, "PrivilegedProcessorTime")
def _privileged_time(value: NetProcess) -> TimeSpan:
    return TimeSpan(0)


def _sizes() -> None:
    for name, size in (
        ("HandleCount", 180),
        ("WorkingSet", 12_000_000),
        ("PagedMemorySize", 8_000_000),
        ("PrivateMemorySize", 8_000_000),
        ("VirtualMemorySize", 120_000_000),
        ("NonpagedSystemMemorySize", 12_000),
        ("PagedSystemMemorySize", 120_000),
        ("PeakWorkingSet", 14_000_000),
        ("PeakPagedMemorySize", 9_000_000),
        ("PeakVirtualMemorySize", 125_000_000),
    ):
        _size(name, size)


def _size(name: str, size: int) -> None:
    @getter(PROCESS, name)
    def small(value: NetProcess) -> int:
        assert value.associated
        return size

    @getter(PROCESS, name + "64")
    def large(value: NetProcess) -> Int64:
        assert value.associated
        return Int64(size)


_sizes()


@method(PROCESS, "WaitForExit")
def _wait_for_exit(value: NetProcess, milliseconds: int | None = None, *, session: Session) -> bool | None:
    return wait(session, value, milliseconds)


def wait(session: Session, value: NetProcess, milliseconds: int | None = None) -> bool | None:
    """Waits in host time; ends with this process. None without a limit, else whether it ended."""
    process = value.associated
    left = None if milliseconds is None or milliseconds < 0 else milliseconds / 1000
    while process.exit_code is None:
        session.process.check()
        step = 0.25 * session.host.clock.speed if left is None else min(0.25 * session.host.clock.speed, left)
        if process.wait(step):
            break
        if left is not None:
            left -= step
            if left <= 0:
                break
    return None if milliseconds is None else process.exit_code is not None


@method(PROCESS, "WaitForInputIdle")
def _wait_for_input_idle(value: NetProcess, milliseconds: int = -1) -> bool:
    raise NotModelled("Process.WaitForInputIdle")


@method(PROCESS, "Kill")
def _kill(value: NetProcess) -> None:
    process = value.associated
    if process.exit_code is not None:
        raise invalid_operation("Cannot process request because the process has exited.")
    process.kill(exit_code=0xFFFFFFFF)


@method(PROCESS, "CloseMainWindow")
def _close_main_window(value: NetProcess) -> bool:
    assert value.associated
    return False


@method(PROCESS, "Refresh")
def _refresh(value: NetProcess) -> None:
    """The model is always fresh."""


@method(PROCESS, "Close")
@method(PROCESS, "Dispose")
def _close(value: NetProcess) -> None:
    value.process = None


@method(PROCESS, "ToString")
def _to_string(value: NetProcess) -> str:
    if value.process is None:
        return "System.Diagnostics.Process"
    return f"System.Diagnostics.Process ({process_name(value.process)})"


# ---- ProcessStartInfo -------------------------------------------------------------------------------------


@constructor(START_INFO)
def _new_info(name: str = "", arguments: str = "") -> ProcessStartInfo:
    return ProcessStartInfo(name, arguments)


def _plain(member: str, field: str) -> None:
    @getter(START_INFO, member)
    def read(value: ProcessStartInfo) -> Any:
        return getattr(value, field)

    @setter(START_INFO, member)
    def write(value: ProcessStartInfo, new: Any) -> None:
        setattr(value, field, "" if new is None and isinstance(getattr(value, field), str) else new)


for _member, _field in (
    ("FileName", "file_name"),
    ("Arguments", "arguments"),
    ("WorkingDirectory", "working_directory"),
    ("UseShellExecute", "use_shell_execute"),
    ("CreateNoWindow", "create_no_window"),
    ("RedirectStandardInput", "redirect_input"),
    ("RedirectStandardOutput", "redirect_output"),
    ("RedirectStandardError", "redirect_error"),
    ("StandardOutputEncoding", "output_encoding"),
    ("StandardErrorEncoding", "error_encoding"),
    ("Verb", "verb"),
    ("UserName", "user_name"),
    ("Password", "password"),
    ("Domain", "domain"),
    ("LoadUserProfile", "load_user_profile"),
    ("ErrorDialog", "error_dialog"),
):
    _plain(_member, _field)


@getter(START_INFO, "WindowStyle")
def _window_style(value: ProcessStartInfo) -> EnumValue:
    return enum_value(get_type("System.Diagnostics.ProcessWindowStyle"), value.window_style)


@setter(START_INFO, "WindowStyle")
def _set_window_style(value: ProcessStartInfo, style: EnumValue) -> None:
    value.window_style = style.value


@getter(START_INFO, "EnvironmentVariables")
@getter(START_INFO, "Environment")
def _environment(value: ProcessStartInfo, *, session: Session) -> StringDictionary:
    return value.variables(session)


def _dictionary_members() -> None:
    name = "System.Collections.Specialized.StringDictionary"

    @method(name, "Add")
    def add(value: StringDictionary, key: str, text: str | None) -> None:
        value.add(key, text)

    @method(name, "Remove")
    def remove(value: StringDictionary, key: str) -> None:
        value.remove(key)

    @method(name, "ContainsKey")
    def contains(value: StringDictionary, key: str) -> bool:
        return value.contains(key)

    @method(name, "Clear")
    def clear(value: StringDictionary) -> None:
        value.clear()

    @getter(name, "Item")
    def item(value: StringDictionary, key: str) -> Any:
        return value.get(key)

    @setter(name, "Item")
    def set_item(value: StringDictionary, key: str, text: Any) -> None:
        value.set(key, text)

    @getter(name, "Count")
    def count(value: StringDictionary) -> int:
        return len(value)


_dictionary_members()


# ---- redirected streams -------------------------------------------------------------------------------------


def _reader(value: NetProcess, session: Session, pipe: Pipe, which: str, encoding: Encoding | None) -> StreamReader:
    """One reader a stream; its default encoding is the console's code page."""
    if which not in value.readers:
        value.readers[which] = StreamReader(PipeStream(session, pipe, reading=True), encoding or OEM)
    found: StreamReader = value.readers[which]
    return found


@getter(PROCESS, "StandardOutput")
def _standard_output(value: NetProcess, *, session: Session) -> StreamReader:
    if value.output is None or value.start_info is None:
        raise invalid_operation("StandardOut has not been redirected or the process hasn't started yet.")
    return _reader(value, session, value.output, "Output", value.start_info.output_encoding)


@getter(PROCESS, "StandardError")
def _standard_error(value: NetProcess, *, session: Session) -> StreamReader:
    if value.error is None or value.start_info is None:
        raise invalid_operation("StandardError has not been redirected.")
    return _reader(value, session, value.error, "Error", value.start_info.error_encoding)


@getter(PROCESS, "StandardInput")
def _standard_input(value: NetProcess, *, session: Session) -> StreamWriter:
    if value.input is None:
        raise invalid_operation("StandardIn has not been redirected.")
    if "Input" not in value.readers:
        writer = StreamWriter(PipeStream(session, value.input, reading=False), OEM)
        writer.auto_flush = True
        value.readers["Input"] = writer
    found: StreamWriter = value.readers["Input"]
    return found
