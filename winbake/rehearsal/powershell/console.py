"""powershell.exe: the console host of Windows PowerShell 5.1 as a program of the Windows model.

What it does with its streams: output goes to standard output as text; errors go to standard error as text, or,
when the host was started with -EncodedCommand, as CLIXML together with warnings, verbose, progress and information
records. Standard input is `$input`, line by line, if the command uses `$input`; with `-Command -` it is the script.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable
from typing import Any

from winbake.rehearsal.powershell.binding.binder import Argument
from winbake.rehearsal.powershell.display import Display
from winbake.rehearsal.powershell.display.error_view import DEFAULT_BUFFER_WIDTH, error_text
from winbake.rehearsal.powershell.display.text import wrap
from winbake.rehearsal.powershell.display.view import read
from winbake.rehearsal.powershell.errors import ErrorRecord, NotModelled, ScriptError
from winbake.rehearsal.powershell.hosting.clixml import ClixmlWriter, Progress, streams_in
from winbake.rehearsal.powershell.hosting.console_arguments import BAD_PARAMETER, Options, parse_arguments
from winbake.rehearsal.powershell.hosting.console_streams import ConsoleStreams, streams_of
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.parsing.walk import descendants
from winbake.rehearsal.powershell.running.streams import HostMessage, InformationRecord
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.powershell.syntax import ParseError, Variable
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.windows.programs import program

NOT_MODELLED = 70  # exit code: the script met something that the rehearsal does not model
RECURSION_LIMIT = 50_000
_LINE_WIDTH = DEFAULT_BUFFER_WIDTH - 1
_HOME = "WindowsPowerShell\\v1.0\\powershell.exe"
_UNFINISHED = frozenset(
    (
        "MissingEndCurlyBrace",
        "TerminatorExpectedAtEndOfString",
        "WhitespaceBeforeHereStringFooter",
        "IncompleteHashLiteral",
        "MissingTerminatorMultiLineComment",
        "IncompleteDollarSubexpressionReference",
    )
)
_UNFINISHED_AT_END = ("Missing", "Expected", "EmptyPipeElement", "IfStatementMissing", "PipelineValueRequired")
_NEVER_UNFINISHED = ("MissingArgument", "MissingFileSpecification", "MissingEqualsInHashLiteral", "MissingThis")
_USAGE = (
    "PowerShell[.exe] [-PSConsoleFile <file> | -Version <version>] [-NoLogo] [-NoExit] [-Sta] [-Mta] [-NoProfile]",
    "    [-NonInteractive] [-InputFormat {Text | XML}] [-OutputFormat {Text | XML}] [-WindowStyle <style>]",
    "    [-EncodedCommand <Base64EncodedCommand>] [-ConfigurationName <string>] [-File <filePath> <args>]",
    "    [-ExecutionPolicy <ExecutionPolicy>] [-Command { - | <script-block> [-args <arg-array>]",
    "        | <string> [<CommandParameters>] } ]",
)


@program(rf"C:\Windows\System32\{_HOME}", rf"C:\Windows\SysWOW64\{_HOME}")
def run_console(process: Any) -> int:
    """powershell.exe. Gives its exit code."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    streams = streams_of(process)
    try:
        options = parse_arguments(process.arguments[1:])
        if options.error is not None:
            streams.write_error(options.error + "\r\n")
            return BAD_PARAMETER
        if options.help:
            for line in _USAGE:
                streams.write_line(line)
            return 0
        return ConsoleHost(process, streams, options).run()
    except NotModelled as refusal:
        return refused(streams, refusal)


def refused(streams: ConsoleStreams, refusal: NotModelled) -> int:
    """Says what is not modelled and in which line. Gives the exit code for it."""
    where = f" (line {refusal.line})" if refusal.line else ""
    streams.write_error(f"{refusal}{where}\r\n")
    return NOT_MODELLED


class ConsoleHost:
    """One run of the host; it is also the session's `console`."""

    def __init__(self, process: Any, streams: ConsoleStreams, options: Options) -> None:
        self.process = process
        self.streams = streams
        self.options = options
        self.clixml = ClixmlWriter(streams.write_error) if options.encoded else None
        self._check()
        if options.execution_policy is not None:
            process.environment["PSExecutionPolicyPreference"] = options.execution_policy
        self.session = Session(host=process.host, process=process)
        self.session.console = self
        self.width = _LINE_WIDTH
        """Characters a line has: one less than the screen buffer is wide."""
        self._connect()

    def _check(self) -> None:
        options = self.options
        if options.no_exit:
            raise NotModelled("powershell.exe -NoExit")
        if options.output_format == "xml" or options.input_format == "xml":
            raise NotModelled("powershell.exe with XML as its format of input or output")
        if options.command is None and options.file is None and not options.from_stdin:
            raise NotModelled("an interactive powershell.exe")

    def run(self) -> int:
        try:
            if self.options.from_stdin:
                return self._run_stdin()
            if self.options.file is not None:
                return self._run_file(self.options.file)
            return self._run_command(self.options.command or "")
        except NotModelled as refusal:
            self._close()
            return refused(self.streams, refusal)
        finally:
            self._close()

    def _close(self) -> None:
        if self.clixml is not None:
            self.clixml.close()

    # ---- what is run ----------------------------------------------------------------------------------------

    def _run_command(self, text: str) -> int:
        """The command as one pipeline. It fails if an error ended it or `$?` is false at its end."""
        if not text.strip():
            return 0
        lines: Iterable[str] | None = None
        if self.options.input_format != "none" and uses_input(text):
            lines = self.streams.read_lines()
        exit_code, failed = self._execute(text, lines)
        if exit_code is not None:
            return exit_code
        return 0 if self.session.ok and not failed else 1

    def _run_file(self, name: str) -> int:
        """A script file with arguments: it fails only if an error ends it."""
        files = self.process.host.files
        from winbake.rehearsal.windows import paths

        path = paths.absolute(name, self.process.directory)
        if not path.lower().endswith(".ps1"):
            return self._bad_file(f"Processing -File '{name}' failed: the file has no '.ps1' extension.")
        entry = files.entry(path)
        if entry is None or entry.is_directory:
            return self._bad_file(f"The argument '{name}' to the -File parameter does not exist.")
        exit_code, failed = self._execute("", None, script=entry.full_path)
        if exit_code is not None:
            return exit_code
        return 1 if failed else 0

    def _bad_file(self, message: str) -> int:
        self.streams.write_error(message + " Provide the path to an existing '.ps1' file.\r\n")
        return BAD_PARAMETER

    def _run_stdin(self) -> int:
        """Each line is a command; one that is unfinished goes on to the next empty line."""
        block: list[str] = []
        failed = False
        while (line := self.streams.read_line()) is not None:
            if block:
                if line.strip():
                    block.append(line)
                    continue
                text, block = "\n".join(block), []
            else:
                text = line
                if not text.strip():
                    continue
                if is_unfinished(text):
                    block = [line]
                    continue
            exit_code, failed = self._execute(text, None)
            if exit_code is not None:
                return exit_code
        return 0 if self.session.ok and not failed else 1

    def _execute(self, text: str, lines: Iterable[str] | None, script: str | None = None) -> tuple[int | None, bool]:
        """Runs text and shows what it gives. The exit code if it called `exit`, and whether an error ended it."""
        session = self.session
        display = Display(session, self.width, self.write_line)
        session.exit_code = 0
        failed = False
        ended: int | None = None
        try:
            ended = run_in_session(session, text, display.process, lines, script, self.options.file_arguments)
        except ScriptError as error:
            failed = True
            self.session.ok = False
            self._error(error.record)
        finally:
            display.end()
        return ended, failed

    # ---- streams --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        sinks = self.session.sinks
        sinks[2] = self._error
        sinks[3] = lambda record: self._message("WARNING: ", "warning", record)
        sinks[4] = lambda record: self._message("VERBOSE: ", "verbose", record)
        sinks[5] = lambda record: self._message("DEBUG: ", "debug", record)
        sinks[6] = self._information

    def _error(self, record: Any) -> None:
        inner = unwrap(record)
        text = error_text(self.session, inner) if isinstance(inner, ErrorRecord) else str(inner)
        for line in wrap(text, self.width):
            if self.clixml is not None:
                self.clixml.text("Error", line + "\r\n")
            else:
                self.streams.write_error(line + "\r\n")

    def _message(self, prefix: str, stream: str, record: Any) -> None:
        text = str(getattr(unwrap(record), "message", record))
        if self.clixml is not None:
            self.clixml.text(stream, text)
        else:
            self.write_line(prefix + text)

    def _information(self, record: Any) -> None:
        found = unwrap(record)
        if not isinstance(found, InformationRecord):
            self.write_line(str(found))
            return
        data = found.data
        if isinstance(data, HostMessage):
            self.write(data.message if data.no_newline else data.message + "\r\n")
        else:
            self.write_line(found.message)
        if self.clixml is not None:
            self.clixml.information(found.message, found.source, list(found.tags))

    def write(self, text: str) -> None:
        self.streams.write(text)

    def write_line(self, text: str) -> None:
        self.streams.write(text + "\r\n")

    def write_progress(self, record: Any) -> None:
        """Nobody sees the progress bar of a redirected host; only CLIXML carries it."""
        if self.clixml is None:
            return

        def of(name: str, missing: Any) -> Any:
            value = unwrap(record.get(name) if isinstance(record, dict) else read(self.session, record, name))
            return missing if value is None else value

        kind = str(getattr(of("RecordType", ""), "name", ""))
        self.clixml.progress(
            Progress(
                activity=str(of("Activity", "")),
                status=str(of("Status", of("StatusDescription", "Processing"))),
                activity_id=int(of("Id", of("ActivityId", 0))),
                parent_id=int(of("ParentId", of("ParentActivityId", -1))),
                percent=int(of("PercentComplete", -1)),
                seconds_remaining=int(of("SecondsRemaining", -1)),
                operation=None if of("CurrentOperation", None) is None else str(of("CurrentOperation", "")),
                completed=bool(of("Completed", False)) or kind == "Completed",
            )
        )


def run_in_session(
    session: Session,
    text: str,
    emit: Any,
    lines: Iterable[Any] | None = None,
    script: str | None = None,
    arguments: list[str] | None = None,
) -> int | None:
    """Runs text (or a script file) in the session's global scope; `lines` are its `$input`. Gives the exit code if it
    called `exit`. Raises ScriptError for what ends it, and NotModelled."""
    if script is not None:
        from winbake.rehearsal.powershell.providers.encodings import ANSI, decode_marked

        text = decode_marked(session.host.files.read(script), ANSI)
    given = file_arguments(arguments or []) if script is not None else ()
    session.run_script(text, emit, file=script, input=lines, arguments=given)
    return session.exit_code if session.exited else None


def file_arguments(words: list[str]) -> list[Argument]:
    """The arguments behind `-File script.ps1`: `-Name value`, `-Name:value` and plain ones; all values are text."""
    arguments: list[Argument] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word[:1] not in ("-", "\u2013", "\u2014") or len(word) < 2 or not (word[1].isalpha() or word[1] == "_"):
            arguments.append(Argument(None, word))
            continue
        name, colon, value = word[1:].partition(":")
        if colon and not value and rest:
            value = rest.pop(0)
        if colon:
            arguments.append(Argument(name, value, True, colon=True))
        else:
            arguments.append(Argument(name, None, False))
    return arguments


def uses_input(text: str) -> bool:
    """Whether the host would read standard input for this command: it names `$input` somewhere."""
    script, _ = parse(text)
    return any(isinstance(node, Variable) and node.path.lower() == "input" for node in descendants(script))


def is_unfinished(text: str) -> bool:
    """Whether a line could go on: what is wrong with it is missing at its end."""
    _, errors = parse(text)
    return any(_at_end(error, text) for error in errors)


def _at_end(error: ParseError, text: str) -> bool:
    if error.id in _UNFINISHED:
        return True
    could = error.id.startswith(_UNFINISHED_AT_END) and error.id not in _NEVER_UNFINISHED
    return could and error.end >= len(text.rstrip())


# ---- for the corpus -----------------------------------------------------------------------------------------


def run_console_case(how: str, script: str, stdin: str | None) -> tuple[int, list[str], list[str]]:
    """Runs powershell.exe on a fresh host as console.jsonl says: exit code, lines of standard output, and what is in
    standard error: nothing, "text", or the streams of its CLIXML."""
    from winbake.rehearsal.windows.host import WindowsHost

    host = WindowsHost(name="CORPUS", release="2022", speed=1000.0)
    if how == "EncodedCommand":
        given = base64.b64encode(script.encode("utf-16-le")).decode("ascii")
    elif script == "-":
        given = "-"
    else:
        given = '"' + script.replace('"', '\\"') + '"'
    out, err = bytearray(), bytearray()
    process = host.start(
        f"powershell.exe -NoProfile -NonInteractive -{how} {given}",
        stdin=(stdin or "").encode("utf-8"),
        stdout=out.extend,
        stderr=err.extend,
    )
    process.wait()
    code = process.exit_code or 0
    text = _decoded(bytes(out)).replace("\r\n", "\n")
    lines = text.removesuffix("\n").split("\n") if text else []
    errors = _decoded(bytes(err))
    kinds = streams_in(errors) if errors.startswith("#< CLIXML") else (["text"] if errors else [])
    return code - 2**32 if code >= 2**31 else code, lines, kinds


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp437")
