"""TextReader, StringReader and StreamReader."""

from __future__ import annotations

import codecs
from typing import Any

from winbake.rehearsal.powershell.dotnet.encodings import UTF8, Encoding, detect_by_preamble
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.tasks import NetTask
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed
from winbake.rehearsal.powershell.values import Char, NetObject, PSArray

READER, STRING_READER, STREAM_READER = "System.IO.TextReader", "System.IO.StringReader", "System.IO.StreamReader"
_CHUNK = 4096


class TextReader(NetObject):
    """Characters one after the other. A subclass gives them piece by piece in `fill`."""

    net_type_name = READER

    def __init__(self) -> None:
        self.pending = ""
        self.closed = False

    def fill(self) -> str:
        """The next piece, or "" at the end."""
        return ""

    def close(self) -> None:
        self.closed = True

    def _more(self) -> bool:
        piece = self.fill()
        self.pending += piece
        return bool(piece)

    def check_open(self) -> None:
        if self.closed:
            raise disposed(None, "Cannot read from a closed TextReader.")

    def peek(self) -> str:
        """The next character without taking it, or ""."""
        self.check_open()
        while not self.pending and self._more():
            pass
        return self.pending[:1]

    def read(self, count: int) -> str:
        """Up to `count` characters; "" at the end."""
        self.check_open()
        while not self.pending and self._more():
            pass
        text, self.pending = self.pending[:count], self.pending[count:]
        return text

    def read_line(self) -> str | None:
        """Without its end (`\\r`, `\\n` or `\\r\\n`); None at the end."""
        self.check_open()
        while True:
            ends = [place for mark in "\r\n" if (place := self.pending.find(mark)) >= 0]
            if ends:
                end = min(ends)
                if self.pending[end] == "\r" and end + 1 == len(self.pending) and self._more():
                    continue
                after = end + (2 if self.pending[end : end + 2] == "\r\n" else 1)
                line, self.pending = self.pending[:end], self.pending[after:]
                return line
            if not self._more():
                line, self.pending = self.pending, ""
                return line or None

    def read_to_end(self) -> str:
        self.check_open()
        pieces = [self.pending]
        while piece := self.fill():
            pieces.append(piece)
        self.pending = ""
        return "".join(pieces)


class StringReader(TextReader):
    net_type_name = STRING_READER

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pending = text


class StreamReader(TextReader):
    """Decodes a stream; a byte order mark at its start decides the encoding unless `detect` is off."""

    net_type_name = STREAM_READER

    def __init__(
        self, stream: NetStream, encoding: Encoding = UTF8, detect: bool = True, leave_open: bool = False
    ) -> None:
        super().__init__()
        self.stream = stream
        self.encoding = encoding
        self.leave_open = leave_open
        self._detect = detect
        self._decoder: codecs.IncrementalDecoder | None = None
        self._finished = False

    def fill(self) -> str:
        if self._finished:
            return ""
        data = self.stream.read(_CHUNK)
        if self._decoder is None:
            data = self._begin(data)
        assert self._decoder is not None
        while True:
            self._finished = not data
            text = self._decoder.decode(data, final=self._finished)
            if text or self._finished:
                return text
            data = self.stream.read(_CHUNK)

    def _begin(self, data: bytes) -> bytes:
        while 0 < len(data) < 4 and (more := self.stream.read(4 - len(data))):
            data += more
        found = detect_by_preamble(data) if self._detect else None
        if found is not None:
            self.encoding = found
        preamble = found.preamble if found is not None else self.encoding.preamble
        self._decoder = self.encoding.incremental_decoder()
        return data[len(preamble) :] if preamble and data.startswith(preamble) else data

    def discard(self) -> None:
        """DiscardBufferedData: what was read ahead is forgotten; the stream's position counts again."""
        self.pending = ""
        self._finished = False
        if self._decoder is not None:
            self._decoder.reset()

    def close(self) -> None:
        if not self.closed and not self.leave_open:
            self.stream.close()
        self.closed = True


# ---- members ----------------------------------------------------------------------------------------------


@constructor(STRING_READER)
def new_string_reader(text: str | None) -> StringReader:
    if text is None:
        raise argument_null("s")
    return StringReader(text)


@constructor(STREAM_READER, "Stream")
@constructor(STREAM_READER, "Stream, Boolean")
@constructor(STREAM_READER, "Stream, Encoding")
@constructor(STREAM_READER, "Stream, Encoding, Boolean")
@constructor(STREAM_READER, "Stream, Encoding, Boolean, Int32")
@constructor(STREAM_READER, "Stream, Encoding, Boolean, Int32, Boolean")
def new_stream_reader(stream: NetStream | None, *options: Any) -> StreamReader:
    if stream is None:
        raise argument_null("stream")
    if not stream.can_read:
        raise argument("Stream was not readable.")
    encoding = next((item for item in options if isinstance(item, Encoding)), UTF8)
    flags = [item for item in options if isinstance(item, bool)]
    return StreamReader(stream, encoding, flags[0] if flags else True, flags[1] if len(flags) > 1 else False)


@method(READER, "Peek")
def peek(value: TextReader) -> int:
    character = value.peek()
    return ord(character) if character else -1


@method(READER, "Read", "")
def read(value: TextReader) -> int:
    character = value.read(1)
    return ord(character) if character else -1


@method(READER, "Read", "Char[], Int32, Int32")
@method(READER, "ReadBlock", "Char[], Int32, Int32")
def read_into(value: TextReader, buffer: PSArray | None, index: int, count: int) -> int:
    if buffer is None:
        raise argument_null("buffer", "Buffer cannot be null.")
    if index + count > len(buffer):
        raise argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from "
            "index to the end of the source collection."
        )
    text = value.read(count)
    while len(text) < count and (more := value.read(count - len(text))):
        text += more
    buffer.items[index : index + len(text)] = [Char(character) for character in text]
    return len(text)


@method(READER, "ReadLine")
def read_line(value: TextReader) -> str | None:
    return value.read_line()


@method(READER, "ReadToEnd")
def read_to_end(value: TextReader) -> str:
    return value.read_to_end()


@method(READER, "ReadLineAsync")
def read_line_async(value: TextReader) -> NetTask:
    return NetTask.run(value.read_line, "System.String")


@method(READER, "ReadToEndAsync")
def read_to_end_async(value: TextReader) -> NetTask:
    return NetTask.run(value.read_to_end, "System.String")


@method(READER, "Close")
@method(READER, "Dispose")
def close(value: TextReader) -> None:
    value.close()


@getter(STREAM_READER, "EndOfStream")
def end_of_stream(value: StreamReader) -> bool:
    return value.peek() == ""


@getter(STREAM_READER, "BaseStream")
def base_stream(value: StreamReader) -> NetStream:
    return value.stream


@getter(STREAM_READER, "CurrentEncoding")
def current_encoding(value: StreamReader) -> Encoding:
    return value.encoding


@method(STREAM_READER, "DiscardBufferedData")
def discard_buffered_data(value: StreamReader) -> None:
    value.discard()
