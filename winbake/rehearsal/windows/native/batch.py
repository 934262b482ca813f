"""Batch files: lines, blocks in parentheses over several lines, labels, goto, call :label, shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.windows.native.cmd import Shell


class Goto(Exception):
    """Control goes to a label."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label


class BatchFile:
    """One running batch file. `arguments[0]` is the file as it was called."""

    def __init__(self, file: str, arguments: list[str], text: str) -> None:
        self.file = file
        self.arguments = arguments
        self.lines = text.split("\n")
        self.directory = paths.parent(file)

    def run(self, shell: Shell, start: int = 0) -> None:
        """Runs from a line to the end. Raises cmd.Exit."""
        index = start
        while index < len(self.lines):
            line, index = self._whole_line(index)
            if not line.strip() or line.lstrip().startswith(":"):
                continue
            try:
                shell.run_line(line)
            except Goto as jump:
                if jump.label.lower() == "eof":
                    return
                found = self.find(jump.label)
                if found is None:
                    raise Win32Failure(2, f"label {jump.label}") from None
                index = found

    def find(self, label: str) -> int | None:
        """The line after a label, or None."""
        wanted = label.lower().lstrip(":")
        for index, line in enumerate(self.lines):
            text = line.strip()
            if text.startswith(":") and text[1:].lower().split(maxsplit=1)[:1] == [wanted]:
                return index + 1
        return None

    def _whole_line(self, index: int) -> tuple[str, int]:
        """A line with those that belong to it: parentheses left open, or a caret at its end."""
        line = self.lines[index]
        index += 1
        while index < len(self.lines) and (_open_parentheses(line) > 0 or line.endswith("^")):
            line = (line[:-1] if line.endswith("^") else line + "\n") + self.lines[index]
            index += 1
        return line, index


def _open_parentheses(text: str) -> int:
    depth, quoted = 0, False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted:
            if character == "(" and (position == 0 or text[position - 1] in " \t(\n" or depth):
                depth += 1
            elif character == ")" and depth:
                depth -= 1
    return depth
