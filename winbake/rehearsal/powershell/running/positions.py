"""InvocationInfo, call stack frames, script stack traces: where in the source something happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.syntax import Source
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.frame import Frame


class InvocationInfo(NetObject):
    """System.Management.Automation.InvocationInfo (`$MyInvocation`, `$_.InvocationInfo`)."""

    net_type_name = "System.Management.Automation.InvocationInfo"

    def __init__(
        self,
        command: Any = None,
        name: str = "",
        source: Source | None = None,
        start: int = 0,
        end: int = 0,
        frame: Frame | None = None,
    ) -> None:
        self.command = command
        self.invocation_name = name
        self.source = source
        self.start = start
        self.end = end
        self.bound: Any = None
        self.unbound: list[Any] = []
        self.expecting_input = False
        self.pipeline_length = 1
        self.pipeline_position = 1
        self.history_id = 1
        self.caller_file: str | None = frame.file if frame is not None else None

    def of_record(self) -> InvocationInfo:
        """As an error record keeps it."""
        made = InvocationInfo(self.command, self.invocation_name, self.source, self.start, self.end)
        made.caller_file = self.caller_file
        made.pipeline_length = made.pipeline_position = 0
        return made

    def of_argument(self, node: Any) -> InvocationInfo:
        """What a binding error has: the command under its own name, at one argument or (None) at the whole call."""
        found = self if node is None else node
        made = InvocationInfo(self.command, "", found.source, found.start, found.end)
        made.caller_file = self.caller_file
        made.pipeline_length = made.pipeline_position = 0
        return made

    @property
    def script_line_number(self) -> int:
        return self.source.line(self.start) if self.source is not None else 0

    @property
    def offset_in_line(self) -> int:
        return self.source.column(self.start) if self.source is not None else 0

    @property
    def line(self) -> str:
        if self.source is None:
            return ""
        text = self.source.line_text(self.script_line_number)
        last = self.source.text.count("\n") + 1
        return text if self.script_line_number == last else text + "\n"

    @property
    def script_name(self) -> str:
        return (self.source.file if self.source is not None else None) or ""

    @property
    def extent_text(self) -> str:
        return self.source.text[self.start : self.end] if self.source is not None else ""

    @property
    def position_message(self) -> str:
        """`At line:1 char:1`, the line, and the tildes under what failed."""
        if self.source is None:
            return ""
        return position_message(self.source, self.start, self.end)


_LONGEST_LINE = 69  # characters of a source line that a position shows
_WANTED_BEFORE, _WANTED_AFTER = 12, 8


def position_message(source: Source, start: int, end: int) -> str:
    """`At line:1 char:1`, the line (cut round the place if it is long), and the tildes under what failed."""
    number, column = source.line(start), source.column(start)
    where = f"{source.file or 'line'}:{number}"
    line = source.line_text(number).rstrip()
    before = column - 1
    length = end - start if source.line(max(start, end)) == number else len(line) - before
    if not line:
        return f"At {where} char:{column}\n+ "
    failed = line[before : before + length].replace("\t", "    ")
    after = line[before + length :].replace("\t", "    ")
    head = line[:before].replace("\t", "    ")
    before, length, line = len(head), max(length, len(failed)) if failed else length, head + failed + after
    dots_before = dots_after = ""
    if len(line) > _LONGEST_LINE:
        total_after = len(line) - length - before
        prefix, suffix = min(before, _WANTED_BEFORE), min(total_after, _WANTED_AFTER)
        if prefix + length + suffix >= _LONGEST_LINE:
            length = min(length, _LONGEST_LINE - prefix)
            dots_after = " ..."
        else:
            prefix += min(before - prefix, _LONGEST_LINE - prefix - length - suffix)
            suffix += min(total_after, _LONGEST_LINE - prefix - length - suffix)
            dots_after = " ..." if suffix < total_after else ""
        dots_before = "... " if prefix < before else ""
        line = line[before - prefix : before - prefix + _LONGEST_LINE]
        before = prefix
        length = min(length, _LONGEST_LINE - before)
    tildes = " " * (before + len(dots_before)) + "~" * max(length, 1)
    return f"At {where} char:{column}\n+ {dots_before}{line}{dots_after}\n+ {tildes}"


def invocation_at(source: Source, start: int, end: int) -> InvocationInfo:
    return InvocationInfo(None, "", source, start, end)


class CallStackFrame(NetObject):
    """System.Management.Automation.CallStackFrame."""

    net_type_name = "System.Management.Automation.CallStackFrame"

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        position = frame.position
        self.source = position.source if position is not None else None
        self.start = position.start if position is not None else 0
        self.end = position.end if position is not None else 0

    @property
    def command(self) -> str:
        return self.frame.command_name or "<ScriptBlock>"

    @property
    def function_name(self) -> str:
        return self.frame.function_name

    @property
    def line_number(self) -> int:
        return self.source.line(self.start) if self.source is not None else 0

    @property
    def location(self) -> str:
        file = self.source.file if self.source is not None else None
        if file:
            leaf = file.rsplit("\\", 1)[-1]
            return f"{leaf}: line {self.line_number}"
        return "<No file>"

    def __str__(self) -> str:
        file = (self.source.file if self.source is not None else None) or "<No file>"
        return f"at {self.function_name}, {file}: line {self.line_number}"


def call_stack(frame: Frame | None) -> list[CallStackFrame]:
    frames = []
    while frame is not None:
        if frame.block is not None:
            frames.append(CallStackFrame(frame))
        frame = frame.caller
    return frames


def script_stack_trace(frame: Frame | None) -> str:
    return "\r\n".join(str(f) for f in call_stack(frame))
