"""The host's network: fetching a URL through the local mirror, and who listens on which port.

DNS and TLS are simulated: any http or https URL is asked of the mirror at 127.0.0.1 with real HTTP, the URL's host
in the Host header. Without a mirror, or for a host the mirror does not serve, the name does not resolve.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from winbake.rehearsal.windows.adapter import Adapter, leased
from winbake.rehearsal.windows.clock import Clock
from winbake.rehearsal.windows.failures import NotModelled, ProcessKilled, Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process

UNKNOWN_HOST_HEADER = "X-Rehearsal-Unknown-Host"
SIZE_HEADER = "X-Rehearsal-Size"  # how large the file is that the mirror's small stand-in plays, bytes
BYTES_PER_SECOND = 60_000_000  # of host time; about what an EC2 instance gets from a CDN
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")
CLOSED = "The underlying connection was closed: The connection was closed unexpectedly."
MAX_REDIRECTS = 50
PIECES = 20  # an answer whose length is known comes in about so many
CHUNK = 65_536


class NetworkFailure(Exception):
    """No HTTP answer came. `kind` is the WebExceptionStatus name: NameResolutionFailure, ConnectFailure, Timeout,
    ConnectionClosed, ReceiveFailure."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Response:
    """An HTTP answer, read whole. `truncated`: the connection ended before Content-Length bytes came."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    url: str
    truncated: bool = False
    requested: list[str] = field(default_factory=list)


class Network:
    """One host's network. `mirror_port`: where the mirror listens on 127.0.0.1; None: no network. `name` decides the
    address of a host that nobody leases one."""

    def __init__(self, clock: Clock, mirror_port: int | None = None, name: str = "") -> None:
        self._clock = clock
        self.mirror_port = mirror_port
        self.adapter: Adapter = leased(seed=name)
        self.bytes_per_second = BYTES_PER_SECOND
        self.outside_ports: set[int] = set()
        """Ports of 127.0.0.1 that are not the host's own: the rehearsal's AWS stands there."""
        self._sites: dict[int, dict[str, str]] = {}
        self._listeners: dict[int, tuple[Process | None, str]] = {}
        self.fetched: list[str] = []
        """Every URL that was asked for, in order."""

    # Fetching.

    def fetch(
        self,
        url: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        redirects: bool = True,
        timeout: float = 100.0,
        process: Process | None = None,
        on_bytes: Callable[[bytes], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Response:
        """Ask for a URL. `timeout` is real seconds without a byte; `on_bytes` gets a good answer's body as it comes; a
        set `stop` ends the exchange. Raises NetworkFailure; ProcessKilled when `process` is ended meanwhile."""
        asked: list[str] = []
        for _ in range(MAX_REDIRECTS):
            asked.append(url)
            reader = _Reader(self._clock, process, on_bytes, stop)
            response = self._once(url, method, headers or {}, body, timeout, reader)
            response.requested = asked
            location = response.headers.get("location")
            if not redirects or response.status not in (301, 302, 303, 307, 308) or not location:
                return response
            url = urljoin(url, location)
            if response.status == 303:
                method, body = "GET", None
        raise NetworkFailure("ProtocolError", "Too many automatic redirections were attempted.")

    def _once(
        self,
        url: str,
        method: str,
        headers: dict[str, str],
        body: bytes | None,
        timeout: float,
        reader: _Reader,
    ) -> Response:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NetworkFailure("ProtocolError", f"The URI prefix is not recognized: {url}")
        self.fetched.append(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.hostname.lower() not in LOCAL_NAMES:
            if self.mirror_port is None:
                raise _unresolved(parts.hostname)
            port = self.mirror_port
        elif port not in self.outside_ports:
            return self._local(url, port, parts.path or "/")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", parts.netloc.rpartition("@")[2])
            connection.putheader("X-Forwarded-Proto", parts.scheme)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            if answer.headers.get(UNKNOWN_HOST_HEADER):
                raise _unresolved(parts.hostname)
            size = int(answer.headers.get(SIZE_HEADER) or 0) if method != "HEAD" and answer.status < 300 else 0
            content, truncated = reader.read(answer, size / self.bytes_per_second)
        except TimeoutError as late:
            raise NetworkFailure("Timeout", "The operation has timed out") from late
        except (ConnectionError, http.client.HTTPException) as broken:
            raise NetworkFailure("ConnectionClosed", CLOSED) from broken
        finally:
            connection.close()
        fields = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, answer.reason, fields, content, url, truncated)

    def _local(self, url: str, port: int, path: str) -> Response:
        """A request to the host itself: answered by the program that listens, if its stand-in says what."""
        if self.owner(port) is None:
            raise NetworkFailure("ConnectFailure", "Unable to connect to the remote server")
        site = self._sites.get(port)
        if site is None:
            raise NotModelled(f"what {url} answers")
        if path not in site:
            return Response(404, "Not Found", {"content-type": "text/plain"}, b"", url)
        kind = "application/json" if site[path][:1] in "{[" else "text/plain"
        return Response(200, "OK", {"content-type": kind}, site[path].encode("utf-8"), url)

    def resolves(self, name: str) -> bool:
        """Whether a name has an address: the machine's own names do, others when the mirror serves them."""
        if name.lower() in LOCAL_NAMES:
            return True
        try:
            self.fetch(f"http://{name}/", "HEAD", redirects=False)
        except NetworkFailure as failure:
            return failure.kind != "NameResolutionFailure"
        return True

    # Listening.

    def listen(
        self, process: Process | None, ports: list[int], label: str = "", site: dict[str, str] | None = None
    ) -> None:
        """Take ports for a process; `site` is what the first of them answers to HTTP (path → body).

        Raises Win32Failure 10048 when another one has one of them."""
        for port in ports:
            if self.owner(port) is not None:
                raise Win32Failure(10048, str(port))
        for port in ports:
            self._listeners[port] = (process, label)
            self._sites.pop(port, None)
        if ports and site:
            self._sites[ports[0]] = site

    def owner(self, port: int) -> tuple[Process | None, str] | None:
        """Who listens on a TCP port; a port whose process ended is free."""
        found = self._listeners.get(port)
        if found is None or (found[0] is not None and found[0].exit_code is not None):
            return None
        return found

    def listening(self) -> dict[int, int]:
        """TCP port → process id (4, the System process, for the kernel's own)."""
        return {
            port: (process.id if process else 4)
            for port, (process, _) in sorted(self._listeners.items())
            if process is None or process.exit_code is None
        }

    def release(self, port: int) -> None:
        self._listeners.pop(port, None)

    def reset(self) -> None:
        """What a shutdown does."""
        self._listeners.clear()


def _unresolved(name: str) -> NetworkFailure:
    return NetworkFailure("NameResolutionFailure", f"The remote name could not be resolved: '{name}'")


class _Reader:
    """Reads one answer in pieces, as slowly as the pretended size asks for."""

    def __init__(
        self,
        clock: Clock,
        process: Process | None,
        on_bytes: Callable[[bytes], None] | None,
        stop: threading.Event | None,
    ) -> None:
        self._clock = clock
        self._process = process
        self._on_bytes = on_bytes
        self._stop = stop

    def read(self, answer: http.client.HTTPResponse, seconds: float) -> tuple[bytes, bool]:
        """The body, and whether it was cut. `seconds` of host time pass meanwhile, spread over the pieces."""
        expected = int(answer.headers.get("Content-Length") or 0)
        piece = max(1, min(CHUNK, -(-expected // PIECES))) if expected else CHUNK
        content = bytearray()
        if not expected:
            self._clock.sleep(seconds, self._process)
        while True:
            self._check()
            try:
                chunk = answer.read1(piece)
            except http.client.IncompleteRead as cut:
                return bytes(content + cut.partial), True
            if not chunk:
                break
            if expected:
                self._clock.sleep(seconds * len(chunk) / expected, self._process)
            content += chunk
            if self._on_bytes is not None and answer.status < 300:
                self._on_bytes(chunk)
        whole = not expected or answer.status == 304 or not content or len(content) >= expected
        return bytes(content), not whole

    def _check(self) -> None:
        if self._process is not None and self._process.killed.is_set():
            raise ProcessKilled
        if self._stop is not None and self._stop.is_set():
            raise NetworkFailure("RequestCanceled", "The request was aborted: The request was canceled.")
