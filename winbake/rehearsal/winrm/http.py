"""HTTP/1.1 on a socket, plain or TLS, with every byte counted: what HTTP.sys does for the WinRM service.

Written out because the login belongs to the connection, faults must be able to cut it at any byte, and the bytes
on the wire are one of the rehearsal's results.
"""

from __future__ import annotations

import contextlib
import email.utils
import os
import socket
import ssl
import struct
from dataclasses import dataclass, field

from winbake.rehearsal.winrm.counters import Counters

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 32 * 1024 * 1024
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Request Entity Too Large",
    500: "",
    503: "Service Unavailable",
}


class ConnectionGone(Exception):
    """The client has closed the connection, or it was cut."""


class BadRequest(Exception):
    """The request cannot be read as HTTP; status is what to answer before closing."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case; a repeated header's values are joined with commas."""
    body: bytes = b""

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "application/soap+xml;charset=UTF-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Further headers; names may repeat, as WWW-Authenticate does."""
    close: bool = False
    cut_after: int | None = None
    """Fault injection: send only this many bytes of the response, then reset the connection."""


class Stream:
    """Bytes of one TCP connection, counted; with a context, a TLS session on it."""

    def __init__(self, sock: socket.socket, counters: Counters, context: ssl.SSLContext | None = None) -> None:
        self._sock = sock
        self._counters = counters
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._is_cut = False
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True) if context else None

    @property
    def peer(self) -> str:
        with contextlib.suppress(OSError):
            return str(self._sock.getpeername()[0])
        return ""

    def handshake(self) -> None:
        """Raises ConnectionGone if no TLS session comes about."""
        if self._tls is None:
            return
        while True:
            try:
                self._tls.do_handshake()
                self._flush()
                return
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError as error:
                self._flush()
                raise ConnectionGone(str(error)) from error

    def read(self, size: int = 65536) -> bytes:
        """At least one byte; raises ConnectionGone at the end."""
        if self._tls is None:
            return self._receive()
        while True:
            try:
                data = self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError as error:
                raise ConnectionGone(str(error)) from error
            else:
                if not data:
                    raise ConnectionGone("TLS session closed")
                return data

    def write(self, data: bytes) -> None:
        if self._tls is None:
            self._send(data)
            return
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view[:16384]) :]
            self._flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def cut(self) -> None:
        """Close as a crash or a pulled cable would: the client sees a reset, not an orderly end."""
        self._is_cut = True  # what comes in between the shutdown and the close is not read any more
        with contextlib.suppress(OSError):
            linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        with contextlib.suppress(OSError):
            # Wakes a thread that waits in recv; closing alone would not.
            self._sock.shutdown(socket.SHUT_RD)
        self._sock.close()

    def _fill(self) -> None:
        self._incoming.write(self._receive())

    def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            self._send(pending)

    def _receive(self) -> bytes:
        try:
            data = self._sock.recv(65536)
        except OSError as error:
            raise ConnectionGone(str(error)) from error
        if not data or self._is_cut:
            raise ConnectionGone("closed by the client")
        self._counters.add("wire_bytes_in", len(data))
        return data

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise ConnectionGone(str(error)) from error
        self._counters.add("wire_bytes_out", len(data))


class HttpConnection:
    """Requests and responses on a stream, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._buffer = b""

    def read_request(self) -> Request:
        """The next request, whole. Raises ConnectionGone or BadRequest."""
        head = self._read_head()
        first, *lines = head.split("\r\n")
        parts = first.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise BadRequest(400)
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise BadRequest(400)
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if headers.get("expect", "").lower() == "100-continue":
            self.stream.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(parts[0], parts[1], headers, self._read_body(parts[0], headers))

    def write_response(self, response: Response, *, head_only: bool = False) -> None:
        """Send it whole, or cut the connection where the response says so (ConnectionGone then)."""
        lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}"]
        if response.body or response.status == 200:
            lines.append(f"Content-Type: {response.content_type}")
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines.append("Server: Microsoft-HTTPAPI/2.0")
        lines.append(f"Date: {email.utils.formatdate(usegmt=True)}")
        if response.close:
            lines.append("Connection: close")
        lines.append(f"Content-Length: {len(response.body)}")
        data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if head_only else response.body)
        if response.cut_after is not None:
            self.stream.write(data[: response.cut_after])
            self.stream.cut()
            raise ConnectionGone("cut by fault injection")
        self.stream.write(data)

    def _read_head(self) -> str:
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise BadRequest(400)
            self._buffer += self.stream.read()
            if not self._buffer[:1].isalpha():  # a TLS greeting on the plain port, for one
                raise BadRequest(400)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def _read_body(self, method: str, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = headers.get("content-length", "")
        if not length:
            if method == "POST":
                raise BadRequest(411)
            return b""
        if not length.isdigit():
            raise BadRequest(400)
        if int(length) > MAX_BODY_BYTES:
            raise BadRequest(413)
        return self._read_exactly(int(length))

    def _read_chunks(self) -> bytes:
        body = b""
        while True:
            text = self._read_line().partition(b";")[0].strip()
            try:
                size = int(text, 16)
            except ValueError as error:
                raise BadRequest(400) from error
            if size == 0:
                while self._read_line():
                    pass
                return body
            if len(body) + size > MAX_BODY_BYTES:
                raise BadRequest(413)
            body += self._read_exactly(size)
            self._read_line()

    def _read_line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise BadRequest(400)
            self._buffer += self.stream.read()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _read_exactly(self, size: int) -> bytes:
        chunks, have = [self._buffer], len(self._buffer)
        while have < size:
            chunk = self.stream.read()
            chunks.append(chunk)
            have += len(chunk)
        data = b"".join(chunks)
        self._buffer = data[size:]
        return data[:size]
