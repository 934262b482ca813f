"""System.Console of a process whose standard streams are redirected: text in and out, and its encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell import formatting
from winbake.rehearsal.powershell.console_streams import ConsoleStreams, streams_of
from winbake.rehearsal.powershell.dotnet.encodings import Encoding
from winbake.rehearsal.powershell.dotnet.registry import method, static, static_getter, static_setter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.values import NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

CONSOLE = "System.Console"
WRITER = "System.IO.TextWriter"
READER = "System.IO.TextReader"


class ConsoleWriter(NetObject):
    """[Console]::Out or [Console]::Error."""

    net_type_name: ClassVar[str] = WRITER

    def __init__(self, streams: ConsoleStreams, is_error: bool) -> None:
        self.streams = streams
        self.is_error = is_error

    def write_text(self, text: str) -> None:
        if self.is_error:
            self.streams.write_error(text)
        else:
            self.streams.write(text)


class ConsoleReader(NetObject):
    """[Console]::In."""

    net_type_name: ClassVar[str] = READER

    def __init__(self, streams: ConsoleStreams) -> None:
        self.streams = streams


def _streams(session: Session) -> ConsoleStreams:
    return streams_of(session.process)


def written(arguments: tuple[Any, ...]) -> str:
    """The text that Write(…) with these arguments writes: a value, or a composite format and its arguments."""
    if not arguments:
        return ""
    first = arguments[0]
    if len(arguments) == 1:
        if first is None:
            return ""
        if isinstance(first, PSArray):
            return "".join(str(char) for char in first.items)
        return formatting.net_to_string(first)
    if first is None:
        raise argument_null("format")
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
    return ConsoleReader(_streams(session))


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


@method(WRITER, "Write")
def writer_write(value: Any, *arguments: Any) -> None:
    value.write_text(written(arguments))


@method(WRITER, "WriteLine")
def writer_write_line(value: Any, *arguments: Any) -> None:
    value.write_text(written(arguments) + "\r\n")


@method(WRITER, "Flush")
def writer_flush(value: Any) -> None:
    """Nothing is held back."""


@method(READER, "ReadLine")
def reader_read_line(value: Any) -> str | None:
    return value.streams.read_line()  # type: ignore[no-any-return]


@method(READER, "ReadToEnd")
def reader_read_to_end(value: Any) -> str:
    return value.streams.read_all()  # type: ignore[no-any-return]
