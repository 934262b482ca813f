"""TextWriter, StringWriter and StreamWriter."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import text_of
from winbake.rehearsal.powershell.dotnet.encodings import UNICODE, UTF8_NO_BOM, Encoding
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.string_builder import StringBuilder
from winbake.rehearsal.powershell.dotnet.tasks import NetTask
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed
from winbake.rehearsal.powershell.values import NetObject, PSArray

WRITER, STRING_WRITER, STREAM_WRITER = "System.IO.TextWriter", "System.IO.StringWriter", "System.IO.StreamWriter"
_BUFFER_CHARACTERS = 1024


class TextWriter(NetObject):
    """Takes text. A subclass says where it goes in `put`."""

    net_type_name = WRITER
    encoding: Encoding = UNICODE

    def __init__(self, provider: Any = None) -> None:
        self.new_line = "\r\n"
        self.provider = provider
        self.closed = False

    def put(self, text: str) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class StringWriter(TextWriter):
    net_type_name = STRING_WRITER

    def __init__(self, builder: StringBuilder | None = None, provider: Any = None) -> None:
        super().__init__(provider)
        self.builder = builder if builder is not None else StringBuilder()

    def put(self, text: str) -> None:
        if self.closed:
            raise disposed(None, "Cannot write to a closed TextWriter.")
        self.builder.append(text)


class StreamWriter(TextWriter):
    """Encodes into a stream. The encoding's preamble is written first, if the stream stands at its start."""

    net_type_name = STREAM_WRITER

    def __init__(self, stream: NetStream, encoding: Encoding = UTF8_NO_BOM, leave_open: bool = False) -> None:
        super().__init__()
        self.stream = stream
        self.encoding = encoding
        self.leave_open = leave_open
        self.auto_flush = False
        self._buffer: list[str] = []
        self._buffered = 0
        self._preamble = encoding.preamble if not stream.can_seek or stream.position == 0 else b""

    def put(self, text: str) -> None:
        if self.closed:
            raise disposed(None, "Cannot write to a closed TextWriter.")
        self._buffer.append(text)
        self._buffered += len(text)
        if self.auto_flush:
            self.flush()
        elif self._buffered >= _BUFFER_CHARACTERS:
            self._encode()

    def _encode(self) -> None:
        data = self.encoding.encode("".join(self._buffer))
        if data:
            self.stream.write(self._preamble + data)
            self._preamble = b""
        self._buffer, self._buffered = [], 0

    def flush(self) -> None:
        if self.closed:
            raise disposed(None, "Cannot write to a closed TextWriter.")
        self._encode()
        self.stream.flush()

    def close(self) -> None:
        if self.closed:
            return
        self._encode()
        self.closed = True
        if not self.leave_open:
            self.stream.close()


# ---- members ----------------------------------------------------------------------------------------------


@constructor(STRING_WRITER)
def new_string_writer(*arguments: Any) -> StringWriter:
    builder = next((item for item in arguments if isinstance(item, StringBuilder)), None)
    provider = next((item for item in arguments if not isinstance(item, StringBuilder)), None)
    return StringWriter(builder, provider)


@constructor(STREAM_WRITER, "Stream")
@constructor(STREAM_WRITER, "Stream, Encoding")
@constructor(STREAM_WRITER, "Stream, Encoding, Int32")
@constructor(STREAM_WRITER, "Stream, Encoding, Int32, Boolean")
def new_stream_writer(stream: NetStream | None, *options: Any) -> StreamWriter:
    if stream is None:
        raise argument_null("stream")
    if not stream.can_write:
        raise argument("Stream was not writable.")
    encoding = next((item for item in options if isinstance(item, Encoding)), UTF8_NO_BOM)
    return StreamWriter(stream, encoding, any(item is True for item in options))


def shown_item(value: TextWriter, item: Any) -> str:
    """What Write(item) writes."""
    from winbake.rehearsal.powershell.formatting import format_value

    if item is None:
        return ""
    if isinstance(item, PSArray) and item.element_type == "System.Char":
        return text_of(item)
    return format_value(item, None, value.provider)


def composed(value: TextWriter, text: str | None, arguments: Any) -> str:
    """What Write(format, arguments…) writes."""
    from winbake.rehearsal.powershell.formatting import composite

    return composite(text, list(arguments), value.provider)


def _register_write(name: str, line: bool) -> None:
    """Write and WriteLine, with all their overloads."""

    def put(value: TextWriter, text: str) -> None:
        value.put(text + value.new_line if line else text)

    @method(WRITER, name)
    def write(value: TextWriter, item: Any = None) -> None:
        put(value, shown_item(value, item))

    @method(WRITER, name, "Char[], Int32, Int32")
    def write_characters(value: TextWriter, buffer: PSArray, index: int, count: int) -> None:
        put(value, text_of(buffer.items[index : index + count]))

    @method(WRITER, name, "String, Object")
    @method(WRITER, name, "String, Object, Object")
    @method(WRITER, name, "String, Object, Object, Object")
    def write_format(value: TextWriter, text: str | None, *arguments: Any) -> None:
        put(value, composed(value, text, arguments))

    @method(WRITER, name, "String, Object[]")
    def write_format_array(value: TextWriter, text: str | None, arguments: PSArray | None) -> None:
        put(value, composed(value, text, arguments or ()))

    @method(WRITER, f"{name}Async")
    def write_async(value: TextWriter, item: Any = None) -> NetTask:
        put(value, shown_item(value, item))
        return NetTask.completed()


_register_write("Write", line=False)
_register_write("WriteLine", line=True)


@method(WRITER, "Flush")
def flush(value: TextWriter) -> None:
    value.flush()


@method(WRITER, "FlushAsync")
def flush_async(value: TextWriter) -> NetTask:
    value.flush()
    return NetTask.completed()


@method(WRITER, "Close")
@method(WRITER, "Dispose")
def close(value: TextWriter) -> None:
    value.close()


@getter(WRITER, "NewLine")
def new_line(value: TextWriter) -> str:
    return value.new_line


@setter(WRITER, "NewLine")
def set_new_line(value: TextWriter, text: str | None) -> None:
    value.new_line = "\r\n" if text is None else text


@getter(WRITER, "Encoding")
def encoding(value: TextWriter) -> Encoding:
    return value.encoding


@getter(STREAM_WRITER, "AutoFlush")
def auto_flush(value: StreamWriter) -> bool:
    return value.auto_flush


@setter(STREAM_WRITER, "AutoFlush")
def set_auto_flush(value: StreamWriter, wanted: bool) -> None:
    value.auto_flush = wanted
    if wanted:
        value.flush()


@getter(STREAM_WRITER, "BaseStream")
def base_stream(value: StreamWriter) -> NetStream:
    return value.stream


@method(STRING_WRITER, "ToString")
def string_writer_text(value: StringWriter) -> str:
    return value.builder.text


@method(STRING_WRITER, "GetStringBuilder")
def string_writer_builder(value: StringWriter) -> StringBuilder:
    return value.builder
