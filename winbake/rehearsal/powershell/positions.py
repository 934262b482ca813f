"""InvocationInfo, call stack frames, script stack traces: where in the source something happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.syntax import Source
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.frame import Frame


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
        number, column = self.script_line_number, self.offset_in_line
        where = self.script_name + f":{number}" if self.script_name else f"line:{number}"
        text = self.source.line_text(number)
        length = max(1, min(self.end - self.start, len(text) - column + 1))
        before, after = "", ""
        start = column - 1
        if len(text) > 69:
            shown = min(69, len(text))
            if start + length > shown:
                first = max(0, min(start, len(text) - shown))
                if start - first > 12 and length < shown:
                    first = max(0, start - 12)
                text_out = text[first : first + shown]
                before = "... " if first > 0 else ""
                after = " ..." if first + shown < len(text) else ""
                start -= first
                text = text_out
            else:
                text = text[:shown]
                after = " ..."
            length = max(1, min(length, len(text) - start))
        under = " " * (start + len(before)) + "~" * length
        return f"At {where} char:{column}\n+ {before}{text}{after}\n+ {under}"


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
        frames.append(CallStackFrame(frame))
        frame = frame.caller
    return frames


def script_stack_trace(frame: Frame | None) -> str:
    return "\r\n".join(str(f) for f in call_stack(frame))
