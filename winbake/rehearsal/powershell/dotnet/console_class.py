"""System.Console of a process whose standard streams are redirected: text in and out, and its encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import formatting
from winbake.rehearsal.powershell.console_streams import ConsoleStreams, streams_of
from winbake.rehearsal.powershell.dotnet.byte_arrays import text_of
from winbake.rehearsal.powershell.dotnet.encodings import Encoding
from winbake.rehearsal.powershell.dotnet.registry import static, static_getter, static_setter
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.text_readers import TextReader
from winbake.rehearsal.powershell.dotnet.text_writers import TextWriter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.values import PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

CONSOLE = "System.Console"


class ConsoleWriter(TextWriter):
    """[Console]::Out or [Console]::Error."""

    def __init__(self, streams: ConsoleStreams, is_error: bool) -> None:
        super().__init__()
        self.streams = streams
        self.is_error = is_error

    @property
    def encoding(self) -> Encoding:  # type: ignore[override]
        return self.streams.output_encoding

    def put(self, text: str) -> None:
        if self.is_error:
            self.streams.write_error(text)
        else:
            self.streams.write(text)


class ConsoleReader(TextReader):
    """[Console]::In. It takes no more from standard input than what is asked for, line by line."""

    def __init__(self, streams: ConsoleStreams) -> None:
        super().__init__()
        self.streams = streams

    def fill(self) -> str:
        return self.streams.read_piece()


class StandardStream(NetStream):
    """The bytes of standard input, output or error."""

    net_type_name = "System.IO.Stream"

    def __init__(self, streams: ConsoleStreams, name: str) -> None:
        super().__init__()
        self.streams = streams
        self.name = name

    @property
    def can_read(self) -> bool:  # type: ignore[override]
        return self.name == "stdin"

    @property
    def can_write(self) -> bool:  # type: ignore[override]
        return self.name != "stdin"

    def read(self, count: int) -> bytes:
        data: bytes = self.streams.process.stdin.read(count)
        return data

    def write(self, data: bytes) -> None:
        getattr(self.streams.process, self.name).write(data)


def _streams(session: Session) -> ConsoleStreams:
    return streams_of(session.process)


def written(arguments: tuple[Any, ...]) -> str:
    """The text that Write(…) with these arguments writes: a value, or a composite format and its arguments."""
    if not arguments or arguments[0] is None:
        return ""
    first = arguments[0]
    if len(arguments) == 1:
        return text_of(first) if isinstance(first, PSArray) else formatting.net_to_string(first)
    if isinstance(first, PSArray):
        return text_of(PSArray(first.items[arguments[1] : arguments[1] + arguments[2]], first.element_type))
    rest = arguments[1:]
    values = list(rest[0].items) if len(rest) == 1 and isinstance(rest[0], PSArray) else list(rest)
    return formatting.composite(first, values)


@static(CONSOLE, "Write")
def write(*arguments: Any, session: Session) -> None:
    _streams(session).write(written(arguments))


@static(CONSOLE, "WriteLine")
def write_line(*arguments: Any, session: Session) -> None:
    _streams(session).write(written(arguments) + "\r\n")


@static(CONSOLE, "ReadLine")
def read_line(*, session: Session) -> str | None:
    return _streams(session).read_line()


@static_getter(CONSOLE, "Out")
def out(*, session: Session) -> ConsoleWriter:
    return ConsoleWriter(_streams(session), False)


@static_getter(CONSOLE, "Error")
def error(*, session: Session) -> ConsoleWriter:
    return ConsoleWriter(_streams(session), True)


@static_getter(CONSOLE, "In")
def in_(*, session: Session) -> ConsoleReader:
    streams = _streams(session)
    if streams.reader is None:
        streams.reader = ConsoleReader(streams)
    reader: ConsoleReader = streams.reader
    return reader


@static(CONSOLE, "OpenStandardInput")
def open_standard_input(size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(_streams(session), "stdin")


@static(CONSOLE, "OpenStandardOutput")
def open_standard_output(size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(_streams(session), "stdout")


@static(CONSOLE, "OpenStandardError")
def open_standard_error(size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(_streams(session), "stderr")


@static_getter(CONSOLE, "OutputEncoding")
def output_encoding(*, session: Session) -> Encoding:
    return _streams(session).output_encoding


@static_setter(CONSOLE, "OutputEncoding")
def set_output_encoding(value: Encoding | None, *, session: Session) -> None:
    if value is None:
        raise argument_null("value")
    _streams(session).output_encoding = value


@static_getter(CONSOLE, "InputEncoding")
def input_encoding(*, session: Session) -> Encoding:
    return _streams(session).input_encoding


@static_setter(CONSOLE, "InputEncoding")
def set_input_encoding(value: Encoding | None, *, session: Session) -> None:
    if value is None:
        raise argument_null("value")
    _streams(session).input_encoding = value


@static_getter(CONSOLE, "IsInputRedirected")
@static_getter(CONSOLE, "IsOutputRedirected")
@static_getter(CONSOLE, "IsErrorRedirected")
def is_redirected() -> bool:
    return True
