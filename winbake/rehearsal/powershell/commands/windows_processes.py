"""Get-Process, Start-Process, Stop-Process, Wait-Process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.dotnet import diagnostics, io_files, shell_execute
from winbake.rehearsal.powershell.dotnet.collections import ignoring_case
from winbake.rehearsal.powershell.dotnet.diagnostics import NetProcess, ProcessStartInfo
from winbake.rehearsal.powershell.dotnet.file_version_info import read as read_version
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.values import NoteProperty, PSArray, unwrap
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.process import Job

_PROCESS_ERROR = "Microsoft.PowerShell.Commands.ProcessCommandException"
_INVALID_INPUT = (
    "This command cannot be run because either the parameter {} has a value that is not valid or cannot be used with "
    "this command. Give a valid input and Run your command again."
)


class ProcessCommand(Cmdlet):
    def matching(self) -> Iterator[NetProcess]:
        given = unwrap(self.get("InputObject"))
        if given is not None:
            yield from (unwrap(one) for one in (given if isinstance(given, PSArray) else [given]))
            return
        if self.has("Id"):
            yield from self._by_id()
            return
        yield from self._by_name()

    def _by_id(self) -> Iterator[NetProcess]:
        ids = unwrap(self.get("Id"))
        for number in ids if isinstance(ids, PSArray) else [ids]:
            found = self.session.host.processes.get(int(number))
            if found is None:
                message = f"Cannot find a process with the process identifier {int(number)}."
                self.error("NoProcessFoundForGivenId", message, "ObjectNotFound", _PROCESS_ERROR, int(number))
                continue
            yield NetProcess(self.session.host, found)

    def _by_name(self) -> Iterator[NetProcess]:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        known = sorted(
            diagnostics.all_processes(self.session.host),
            key=lambda p: (diagnostics.process_name(p.associated).lower(), p.associated.id),
        )
        patterns = texts(self.get("Name"))
        if not patterns:
            yield from known
            return
        for pattern in patterns:
            wild = Wildcard(pattern)
            found = [p for p in known if wild.matches(diagnostics.process_name(p.associated))]
            if not found and not has_wildcards(pattern):
                message = (
                    f'Cannot find a process with the name "{pattern}". '
                    "Verify the process name and call the cmdlet again."
                )
                self.error("NoProcessFoundForGivenName", message, "ObjectNotFound", _PROCESS_ERROR, pattern)
            yield from found


@cmdlet("Get-Process")
class GetProcess(ProcessCommand):
    def process(self) -> None:
        if self.has("ComputerName"):
            raise NotModelled("Get-Process -ComputerName")
        for one in self.matching():
            if self.switch("FileVersionInfo"):
                self.emit(read_version(self.session.host, one.path))
            elif self.switch("Module"):
                raise NotModelled("Get-Process -Module")
            else:
                if self.switch("IncludeUserName"):
                    core.attach(one, [NoteProperty("UserName", self._user(one))])
                self.emit(one)

    def _user(self, one: NetProcess) -> str:
        token = one.associated.token
        return str(self.session.host.accounts.name_of(token.sid) or token.user)


@cmdlet("Stop-Process")
class StopProcess(ProcessCommand):
    def process(self) -> None:
        for one in self.matching():
            process = one.associated
            name = f"{diagnostics.process_name(process)} ({process.id})"
            if not self.should_process(name, "Stop-Process"):
                continue
            if process.exit_code is not None:
                continue
            if process.id in (0, 4):
                message = f'Cannot stop process "{name}" because of the following error: Access is denied'
                self.error("CouldNotStopProcess", message, "CloseError", _PROCESS_ERROR, one)
                continue
            process.kill(exit_code=0xFFFFFFFF)
            if self.switch("PassThru"):
                self.emit(one)


@cmdlet("Wait-Process")
class WaitProcess(ProcessCommand):
    def begin(self) -> None:
        self._wanted: list[NetProcess] = []

    def process(self) -> None:
        self._wanted.extend(self.matching())

    def end(self) -> None:
        limit = int(unwrap(self.get("Timeout"))) if self.has("Timeout") else None
        started = self.session.host.clock.now()
        for one in self._wanted:
            passed = (self.session.host.clock.now() - started).total_seconds()
            left = None if limit is None else max(int((limit - passed) * 1000), 0)
            if diagnostics.wait(self.session, one, left) is False:
                name = f"{diagnostics.process_name(one.associated)} ({one.associated.id})"
                message = (
                    f'This command stopped operation because process "{name}" is not stopped in the specified time-out.'
                )
                self.error("ProcessNotTerminated", message, "CloseError", "System.TimeoutException", one)


# ---- Start-Process ----------------------------------------------------------------------------------------


@cmdlet("Start-Process")
class StartProcess(Cmdlet):
    """With -NoNewWindow, a redirection or -Credential by CreateProcess, else by ShellExecute (Process.cs, 2016)."""

    def process(self) -> None:
        info = ProcessStartInfo(self._file(), self._arguments())
        info.working_directory = self._directory()
        by_create = any(self.has(name) for name in _CREATE_PARAMETERS)
        info.use_shell_execute = not by_create
        self._check_redirections()
        if self.switch("UseNewEnvironment"):
            block = self.session.host.environment.block(self.session.process.token)
            info.environment = diagnostics.StringDictionary(block.items(), key=ignoring_case)
        credential = unwrap(self.get("Credential"))
        if credential is not None:
            info.user_name, info.password = credential.user_name, credential.password
        job = Job(kill_on_close=False) if self.switch("Wait") else None
        started = self._start(info, job)
        if self.switch("PassThru"):
            self.emit(started)
        if job is not None:
            self._wait(started, job)

    def _file(self) -> str:
        text = str(unwrap(self.get("FilePath")))
        if "\\" not in text and "/" not in text:
            return text
        try:
            found = core.resolve_path(self.session, text)
        except ScriptError:
            return text
        return found[0].path if len(found) == 1 and found[0].provider.name == "FileSystem" else text

    def _arguments(self) -> str:
        return " ".join(texts(self.get("ArgumentList")))

    def _directory(self) -> str:
        if not self.has("WorkingDirectory"):
            return core.current_directory(self.session)
        path = core.file_path(self.session, str(unwrap(self.get("WorkingDirectory"))))
        if not self.session.host.files.is_directory(path):
            message = _INVALID_INPUT.format('"WorkingDirectory"')
            raise self.fail(
                "DirectoryNotFoundException", message, "InvalidOperation", "System.IO.DirectoryNotFoundException"
            )
        return path

    def _check_redirections(self) -> None:
        out, error = unwrap(self.get("RedirectStandardOutput")), unwrap(self.get("RedirectStandardError"))
        if out is not None and error is not None and str(out).lower() == str(error).lower():
            message = (
                'This command cannot be run because "RedirectStandardOutput" and "RedirectStandardError" are same. '
                "Give different inputs and Run your command again."
            )
            raise self.fail(
                "InvalidOperationException", message, "InvalidOperation", "System.InvalidOperationException"
            )
        if unwrap(self.get("RedirectStandardInput")) is not None:
            path = core.file_path(self.session, str(unwrap(self.get("RedirectStandardInput"))))
            if not self.session.host.files.is_file(path):
                message = _INVALID_INPUT.format(f"\"RedirectStandardInput '{path}'\"")
                raise self.fail("FileNotFoundException", message, "InvalidOperation", "System.IO.FileNotFoundException")

    def _start(self, info: ProcessStartInfo, job: Job | None) -> NetProcess:
        session = self.session
        options: dict[str, Any] = {"directory": info.working_directory, "parent": session.process, "job": job}
        if info.environment is not None:
            options["environment"] = {str(k): str(v) for k, v in info.environment.items()}
        try:
            if info.use_shell_execute:
                line, application = shell_execute.resolve(
                    session, info.file_name, info.arguments, info.working_directory
                )
                self._refuse_verb()
                options |= {"stdout": lambda data: None, "stderr": lambda data: None}
            else:
                application = shell_execute.find(session, info.file_name, info.working_directory)
                if application is None:
                    raise Win32Failure(2, info.file_name)
                line = diagnostics.command_line(ProcessStartInfo(application, info.arguments))
                options |= self._streams()
                if info.user_name:
                    options["token"] = diagnostics.logon(session, info)
            process = session.host.start(line, application=application, **options)
        except Win32Failure as failure:
            from winbake.rehearsal.powershell.dotnet.io_failures import win32_message

            message = f"This command cannot be run due to the error: {win32_message(failure.code)}."
            raise self.fail(
                "InvalidOperationException", message, "InvalidOperation", "System.InvalidOperationException"
            ) from failure
        made = NetProcess(session.host, process, has_handle=info.use_shell_execute or self.switch("Wait"))
        made.start_info = info
        return made

    def _refuse_verb(self) -> None:
        verb = str(unwrap(self.get("Verb")) or "").lower()
        if verb not in ("", "open", "runas"):
            raise NotModelled(f"Start-Process -Verb {verb}")

    def _streams(self) -> dict[str, Any]:
        """Files that were named, else this process's own streams (-NoNewWindow) or a new console's."""
        shared = self.switch("NoNewWindow")
        options: dict[str, Any] = {
            "stdout": self.session.process.stdout if shared else (lambda data: None),
            "stderr": self.session.process.stderr if shared else (lambda data: None),
        }
        for parameter, name in (("RedirectStandardOutput", "stdout"), ("RedirectStandardError", "stderr")):
            if unwrap(self.get(parameter)) is not None:
                options[name] = self._to_file(core.file_path(self.session, str(unwrap(self.get(parameter)))))
        if unwrap(self.get("RedirectStandardInput")) is not None:
            path = core.file_path(self.session, str(unwrap(self.get("RedirectStandardInput"))))
            options["stdin"] = bytes(self.session.host.files.read(path))
        return options

    def _to_file(self, path: str) -> Any:
        try:
            io_files.write_bytes(self.session, path, b"")
        except NetError as failure:
            kind = failure.exception.type_name
            raise self.fail(kind, failure.exception.message, "NotSpecified", kind) from failure
        host = self.session.host
        return lambda data: host.files.write(path, data, append=True)

    def _wait(self, started: NetProcess, job: Job) -> None:
        """-Wait waits for the process and all that it started (a job object)."""
        while started.associated.exit_code is None or job.processes():
            self.session.process.check()
            for one in [started.associated, *job.processes()]:
                if one.exit_code is None:
                    one.wait(0.25 * self.session.host.clock.speed)
                    break


_CREATE_PARAMETERS = (
    "Credential",
    "LoadUserProfile",
    "NoNewWindow",
    "RedirectStandardError",
    "RedirectStandardInput",
    "RedirectStandardOutput",
    "UseNewEnvironment",
)
