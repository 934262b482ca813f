"""The standard streams of a process as text: what the console host, [Console] and native commands share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet.encodings import Encoding, encoding_by_page
from winbake.rehearsal.windows.failures import ProcessKilled

OEM_PAGE = 437  # the console's code page on an en-US system


class ConsoleStreams:
    """Standard input, output and error of one process, with the encodings that [Console] has set."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.output_encoding: Encoding = encoding_by_page(OEM_PAGE)
        self.input_encoding: Encoding = encoding_by_page(OEM_PAGE)
        self.reader: Any = None
        """The one [Console]::In of this process."""

    def write(self, text: str) -> None:
        self.process.stdout.write(self.output_encoding.encode(text))

    def write_line(self, text: str) -> None:
        self.write(text + "\r\n")

    def write_error(self, text: str) -> None:
        self.process.stderr.write(self.output_encoding.encode(text))

    def read_line(self) -> str | None:
        """The next line without its end; None at the end of the input."""
        data: bytes = self.process.stdin.readline()
        if not data:
            return None
        text = self.input_encoding.decode(data)
        return text.removesuffix("\n").removesuffix("\r")

    def read_piece(self) -> str:
        """The next line with its end; "" at the end of the input."""
        return self.input_encoding.decode(self.process.stdin.readline())

    def read_all(self) -> str:
        return self.input_encoding.decode(self.process.stdin.readall())

    def read_lines(self) -> Iterator[str]:
        """Each line as soon as it is there; a line end at the very end starts no further line.

        ConsoleHost writes every line into the running pipeline as it reads it, so a process block works while the
        rest is still to come. Raises ProcessKilled: a process that was ended sees no end of its input.
        """
        while data := self.process.stdin.readline():
            if self.process.stdin.stop is not None and self.process.stdin.stop.is_set():
                raise ProcessKilled
            text = self.input_encoding.decode(data).removesuffix("\n").removesuffix("\r")
            yield from text.split("\r")
        if self.process.stdin.stop is not None and self.process.stdin.stop.is_set():
            raise ProcessKilled


_STREAMS: WeakKeyDictionary[Any, ConsoleStreams] = WeakKeyDictionary()


def streams_of(process: Any) -> ConsoleStreams:
    found = _STREAMS.get(process)
    if found is None:
        found = _STREAMS[process] = ConsoleStreams(process)
    return found
