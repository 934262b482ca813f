"""System.Console of a process whose standard streams are redirected: text in and out, and its encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet.encodings import Encoding
from winbake.rehearsal.powershell.dotnet.registry import static, static_getter, static_setter
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.text_readers import TextReader
from winbake.rehearsal.powershell.dotnet.text_writers import TextWriter, composed, shown_item
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, invalid_operation
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.hosting.console_streams import ConsoleStreams, streams_of
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

CONSOLE = "System.Console"


class ConsoleWriter(TextWriter):
    """[Console]::Out or [Console]::Error: nothing is held back."""

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

    def close(self) -> None:
        """The console's own writers stay open."""


class ConsoleReader(TextReader):
    """[Console]::In: takes whole lines from standard input, so that others may read on behind them."""

    def __init__(self, streams: ConsoleStreams) -> None:
        super().__init__()
        self.streams = streams

    def fill(self) -> str:
        return self.streams.input_encoding.decode(self.streams.process.stdin.readline())


class StandardStream(NetStream):
    """OpenStandardInput, …Output or …Error: the bytes themselves."""

    def __init__(self, source: Any = None, target: Any = None) -> None:
        super().__init__()
        self.can_read = source is not None
        self.can_write = target is not None
        self._source = source
        self._target = target

    def read(self, count: int) -> bytes:
        if self._source is None:
            return super().read(count)
        data: bytes = self._source.read(count)
        return data

    def write(self, data: bytes) -> None:
        if self._target is None:
            super().write(data)
        self._target.write(data)


class _Redirected:
    """What SetOut, SetError and SetIn chose for one process, and its one reader."""

    def __init__(self, streams: ConsoleStreams) -> None:
        self.out: TextWriter = ConsoleWriter(streams, is_error=False)
        self.error: TextWriter = ConsoleWriter(streams, is_error=True)
        self.reader: TextReader = ConsoleReader(streams)


_CONSOLES: WeakKeyDictionary[ConsoleStreams, _Redirected] = WeakKeyDictionary()


def _streams(session: Session) -> ConsoleStreams:
    return streams_of(session.process)


def _console(session: Session) -> _Redirected:
    streams = _streams(session)
    found = _CONSOLES.get(streams)
    if found is None:
        found = _CONSOLES[streams] = _Redirected(streams)
    return found


def _register_write(name: str, end: str) -> None:
    @static(CONSOLE, name)
    def write(item: Any = None, *, session: Session) -> None:
        writer = _console(session).out
        writer.put(shown_item(writer, item) + end)

    @static(CONSOLE, name, "Char[], Int32, Int32")
    def write_characters(buffer: PSArray, index: int, count: int, *, session: Session) -> None:
        write(PSArray(buffer.items[index : index + count], "System.Char"), session=session)

    @static(CONSOLE, name, "String, Object")
    @static(CONSOLE, name, "String, Object, Object")
    @static(CONSOLE, name, "String, Object, Object, Object")
    def write_format(text: str | None, *arguments: Any, session: Session) -> None:
        writer = _console(session).out
        writer.put(composed(writer, text, arguments) + end)

    @static(CONSOLE, name, "String, Object[]")
    def write_format_array(text: str | None, arguments: PSArray | None, *, session: Session) -> None:
        write_format(text, *(arguments or ()), session=session)


_register_write("Write", "")
_register_write("WriteLine", "\r\n")


@static(CONSOLE, "ReadLine")
def read_line(*, session: Session) -> str | None:
    return _console(session).reader.read_line()


@static(CONSOLE, "Read")
def read(*, session: Session) -> int:
    character = _console(session).reader.read(1)
    return ord(character) if character else -1


@static(CONSOLE, "ReadKey")
def read_key(intercept: bool = False) -> None:
    raise invalid_operation(
        "Cannot read keys when either application does not have a console or when console input has been redirected "
        "from a file. Try Console.Read."
    )


@static_getter(CONSOLE, "KeyAvailable")
def key_available() -> bool:
    raise invalid_operation(
        "Cannot see if a key has been pressed when either application does not have a console or when console input "
        "has been redirected from a file. Try Console.In.Peek."
    )


@static_getter(CONSOLE, "Out")
def out(*, session: Session) -> TextWriter:
    return _console(session).out


@static_getter(CONSOLE, "Error")
def error(*, session: Session) -> TextWriter:
    return _console(session).error


@static_getter(CONSOLE, "In")
def in_(*, session: Session) -> TextReader:
    return _console(session).reader


@static(CONSOLE, "SetOut")
def set_out(writer: TextWriter | None, *, session: Session) -> None:
    if writer is None:
        raise argument_null("newOut")
    _console(session).out = writer


@static(CONSOLE, "SetError")
def set_error(writer: TextWriter | None, *, session: Session) -> None:
    if writer is None:
        raise argument_null("newError")
    _console(session).error = writer


@static(CONSOLE, "SetIn")
def set_in(reader: TextReader | None, *, session: Session) -> None:
    if reader is None:
        raise argument_null("newIn")
    _console(session).reader = reader


@static(CONSOLE, "OpenStandardOutput")
def open_output(buffer_size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(target=_streams(session).process.stdout)


@static(CONSOLE, "OpenStandardError")
def open_error(buffer_size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(target=_streams(session).process.stderr)


@static(CONSOLE, "OpenStandardInput")
def open_input(buffer_size: int = 0, *, session: Session) -> StandardStream:
    return StandardStream(source=_streams(session).process.stdin)


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


def _register_window_size(name: str) -> None:
    @static_getter(CONSOLE, name)
    def size() -> int:
        raise NetError("System.IO.IOException", "The handle is invalid.\r\n")


for _name in ("BufferWidth", "BufferHeight", "WindowWidth", "WindowHeight", "CursorLeft", "CursorTop"):
    _register_window_size(_name)


@static(CONSOLE, "Clear")
def clear() -> None:
    raise NetError("System.IO.IOException", "The handle is invalid.\r\n")


@static_getter(CONSOLE, "ForegroundColor")
def foreground_color() -> EnumValue:
    return enum_value("System.ConsoleColor", 7)


@static_getter(CONSOLE, "BackgroundColor")
def background_color() -> EnumValue:
    return enum_value("System.ConsoleColor", 0)


@static_setter(CONSOLE, "ForegroundColor")
@static_setter(CONSOLE, "BackgroundColor")
def set_color(value: EnumValue) -> None:
    """Without a screen nothing changes."""


@static(CONSOLE, "ResetColor")
@static(CONSOLE, "Beep")
def no_effect(*arguments: Any) -> None:
    """Without a screen nothing changes."""
