"""Out-String, Out-File, Out-Host, Out-Default, Out-Null: where objects become text."""

from __future__ import annotations

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.file_text import TextFile
from winbake.rehearsal.powershell.display import Display
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.providers import encodings

WIDTH_WITHOUT_CONSOLE = 120
CONSOLE_WIDTH = 79
"""What the console host lays out to when its output goes nowhere that has a width: one less than 80."""


def file_width(command: Cmdlet) -> int:
    """Characters a line of Out-String and Out-File has: -Width, else the screen buffer's width - 1, else 120."""
    given = v.unwrap(command.get("Width"))
    if given:
        return int(given)
    buffer = getattr(command.session, "buffer_width", None)
    return buffer - 1 if isinstance(buffer, int) else WIDTH_WITHOUT_CONSOLE


@cmdlet("Out-Null")
class OutNull(Cmdlet):
    pass


@cmdlet("Out-String")
class OutString(Cmdlet):
    def begin(self) -> None:
        self._lines: list[str] = []
        write = self.emit if self.switch("Stream") else self._lines.append
        self._display = Display(self.session, file_width(self), write)

    def process(self) -> None:
        if self.has("InputObject"):
            self._display.process(self.get("InputObject"))

    def end(self) -> None:
        self._display.end()
        if not self.switch("Stream"):
            self.emit("".join(line + "\r\n" for line in self._lines))


@cmdlet("Out-File")
class OutFile(Cmdlet):
    """UTF-16 unless told otherwise."""

    def begin(self) -> None:
        self._file: TextFile | None = None
        self._lines: list[str] = []
        literal = self.has("LiteralPath")
        path = str(v.unwrap(self.get("LiteralPath" if literal else "FilePath")))
        self._display = Display(self.session, file_width(self), self._lines.append)
        if not self.should_process(path, "Output to File"):
            return
        name = str(v.unwrap(self.get("Encoding", "unicode"))).lower()
        self._file = TextFile(
            self,
            path,
            literal,
            encodings.CMDLET_ENCODINGS[name],
            append=self.switch("Append"),
            force=self.switch("Force"),
            no_clobber=self.switch("NoClobber"),
        )

    def process(self) -> None:
        if self.has("InputObject"):
            self._display.process(self.get("InputObject"))
            self._flush()

    def end(self) -> None:
        self._display.end()
        self._flush()

    def _flush(self) -> None:
        lines = self._lines
        if not lines:
            return
        if self._file is not None:
            end = "" if self.switch("NoNewline") else "\r\n"
            self._file.write("".join(line + end for line in lines))
        lines.clear()

    def dispose(self) -> None:
        if getattr(self, "_file", None) is not None:
            assert self._file is not None
            self._file.close()


class HostWriter(Cmdlet):
    """Lines go to the session's console; without one nobody sees them."""

    def begin(self) -> None:
        buffer = getattr(self.session, "buffer_width", None)
        width = buffer - 1 if isinstance(buffer, int) else CONSOLE_WIDTH
        self._display = Display(self.session, width, self._write)

    def _write(self, line: str) -> None:
        if self.session.console is not None:
            self.session.console.write_line(line)

    def process(self) -> None:
        if self.has("InputObject"):
            self._display.process(self.get("InputObject"))

    def end(self) -> None:
        self._display.end()


@cmdlet("Out-Host")
class OutHost(HostWriter):
    def begin(self) -> None:
        if self.switch("Paging"):
            raise NotModelled("Out-Host -Paging")
        super().begin()


@cmdlet("Out-Default")
class OutDefault(HostWriter):
    def begin(self) -> None:
        if self.switch("Transcript"):
            raise NotModelled("Out-Default -Transcript")
        super().begin()
