"""The standard streams of simulated processes: byte pipes with an end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from winbake.rehearsal.windows.failures import ProcessKilled, Win32Failure


class Pipe:
    """Bytes from a writer to a reader. The reader blocks until there are some, or the writer closed it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._closed = False
        self._changed = threading.Condition()

    def write(self, data: bytes) -> None:
        """Raises Win32Failure 232 once the pipe is closed."""
        with self._changed:
            if self._closed:
                raise Win32Failure(232)
            self._buffer += data
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    def read(self, size: int = -1, stop: threading.Event | None = None) -> bytes:
        """At most `size` bytes, as soon as there are any; -1: all until the end; b'' at the end. A set `stop`
        ends the wait as if the pipe had been closed."""
        with self._changed:
            while True:
                ended = self._closed or (stop is not None and stop.is_set())
                if size < 0:
                    if ended:
                        return self._take(len(self._buffer))
                elif self._buffer or ended or size == 0:
                    return self._take(min(size, len(self._buffer)))
                self._changed.wait(0.2 if stop is not None else None)

    def readline(self, stop: threading.Event | None = None) -> bytes:
        """Up to and with the next LF, or what is left at the end."""
        with self._changed:
            while True:
                at = self._buffer.find(b"\n")
                if at >= 0:
                    return self._take(at + 1)
                if self._closed or (stop is not None and stop.is_set()):
                    return self._take(len(self._buffer))
                self._changed.wait(0.2 if stop is not None else None)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


class ByteReader:
    """A process's standard input. Without a source it is empty."""

    def __init__(self, source: Pipe | bytes | None = None) -> None:
        if not isinstance(source, Pipe):
            content, source = source, Pipe()
            source.write(content or b"")
            source.close()
        self.pipe = source
        self.stop: threading.Event | None = None

    def read(self, size: int = -1) -> bytes:
        return self.pipe.read(size, self.stop)

    def readline(self) -> bytes:
        return self.pipe.readline(self.stop)

    def readall(self) -> bytes:
        return self.pipe.read(-1, self.stop)


class ByteWriter:
    """A process's standard output or error: calls `sink(data)` for each write, or keeps the bytes (`getvalue`)."""

    def __init__(self, sink: Callable[[bytes], None] | Pipe | None = None) -> None:
        self._kept = bytearray()
        self._keeps = sink is None
        self._sink: Callable[[bytes], None] = sink.write if isinstance(sink, Pipe) else (sink or self._keep)
        self.stop: threading.Event | None = None

    def write(self, data: bytes) -> None:
        """Raises ProcessKilled in the thread of a process that was ended."""
        if self.stop is not None and self.stop.is_set():
            raise ProcessKilled
        if data:
            self._sink(data)

    def _keep(self, data: bytes) -> None:
        self._kept += data

    def getvalue(self) -> bytes:
        """What was written so far, when no sink was given."""
        return bytes(self._kept)
