"""A local HTTP server that serves the stand-ins' files under their real urls, by Host header and path.

    with Mirror(load_standins()) as mirror:
        host.network.mirror_port = mirror.port

Every url it serves, with digest and size: `mirror.urls()`. Faults (faults.MIRROR_FAULTS): `mirror.faults.add(…)`.
"""

from __future__ import annotations

import hashlib
import re
import socket
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from winbake.rehearsal.standins.build import build_artifact, media_file, package_tree
from winbake.rehearsal.standins.model import StandIn, load_standins
from winbake.rehearsal.windows.faults import MIRROR_FAULTS, Faults
from winbake.rehearsal.windows.network import SIZE_HEADER, UNKNOWN_HOST_HEADER

BLOCK = 16_384
_KINDS = {"zip": "application/zip", "msi": "application/x-msi", "jar": "application/java-archive"}
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
# What SourceForge and others send, with status 200, for a file they do not have.
HTML_PAGE = (
    b"<!doctype html>\n<html><head><title>Download</title></head>\n"
    b"<body><p>Your download will start shortly.</p></body></html>\n"
)


@dataclass(frozen=True)
class Artifact:
    """One file on offer. `size` is the real file's, in bytes; `data` the small stand-in for it."""

    tool: str
    version: str
    kind: str
    data: bytes
    size: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Mirror:
    """Serves on 127.0.0.1 from `start` to `stop`. `bytes_per_second`: real bandwidth; None: as fast as it goes."""

    def __init__(
        self, standins: list[StandIn] | None = None, port: int = 0, bytes_per_second: float | None = None
    ) -> None:
        self.standins = standins if standins is not None else load_standins()
        self.bytes_per_second = bytes_per_second
        self.faults = Faults(MIRROR_FAULTS)
        self.requests: list[tuple[str, str, int]] = []
        """(method, url, status) of every request that was answered."""
        self._wanted_port = port
        self._server: _Server | None = None
        self._by_url: dict[tuple[str, str], Artifact] = {}
        self._spelled: dict[str, Artifact] = {}
        for standin in self.standins:
            self.add(standin)

    def add(self, standin: StandIn) -> None:
        """Serve one more stand-in; a tree of packages also file by file."""
        if standin.mirror_base:
            for path, data in package_tree(standin, standin.versions[-1]).items():
                self.add_file(standin.mirror_base.rstrip("/") + "/" + path, data, tool=standin.id)
        for version in standin.versions:
            urls = standin.urls_of(version)
            if not urls:
                continue
            artifact = Artifact(
                standin.id,
                version.version,
                standin.kind,
                build_artifact(standin, version.version),
                version.size or standin.size,
            )
            for url in urls:
                self._by_url[_key(url)] = artifact
                self._spelled[url] = artifact

    def move_on(self, tool: str, version: str) -> None:
        """The vendor has a new version: the tool's evergreen urls give it from now on. Raises KeyError, ValueError."""
        standin = {one.id: one for one in self.standins}[tool]
        one = standin.version(version)
        pinned = {url for other in standin.versions if other is not standin.newest for url in standin.urls_of(other)}
        evergreen = [url for url in standin.urls if url in self._spelled and url not in pinned]
        if not evergreen:
            raise ValueError(f"{tool} has no evergreen url")
        artifact = Artifact(tool, version, standin.kind, build_artifact(standin, version), one.size or standin.size)
        for url in evergreen:
            self._by_url[_key(url)] = artifact
            self._spelled[url] = artifact

    def add_file(self, url: str, data: bytes, size: int = 0, tool: str = "file") -> None:
        """Serve some bytes under a url (a script, a media file from a bucket)."""
        artifact = Artifact(tool, "", "file", data, size or len(data))
        self._by_url[_key(url)] = artifact
        self._spelled[url] = artifact

    def write_media(self, folder: Path) -> list[Path]:
        """Fill a media folder with the files of all tools that have no url, as an instructor would by hand."""
        folder.mkdir(parents=True, exist_ok=True)
        written: list[Path] = []
        for standin in self.standins:
            if standin.media:
                name, data = media_file(standin)
                (folder / name).write_bytes(data)
                written.append(folder / name)
        return written

    def urls(self) -> dict[str, tuple[str, int]]:
        """Every url that is served → (sha256 in hex, bytes) of what is really sent."""
        return {url: (artifact.sha256, len(artifact.data)) for url, artifact in self._spelled.items()}

    def artifacts(self) -> dict[str, Artifact]:
        """Every url that is served → what stands behind it."""
        return dict(self._spelled)

    @property
    def port(self) -> int:
        """Raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the mirror is not started")
        return int(self._server.server_address[1])

    def start(self) -> Self:
        self._server = _Server(self, self._wanted_port)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="mirror", daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def find(self, host: str, target: str) -> Artifact | None:
        """The artifact of a request; a query must be the same too when the url has one."""
        parts = urlsplit(target)
        name = host.partition(":")[0].lower()
        path = unquote(parts.path)
        return self._by_url.get((name, path + ("?" + parts.query if parts.query else ""))) or self._by_url.get(
            (name, path)
        )

    def knows_host(self, host: str) -> bool:
        name = host.partition(":")[0].lower()
        return any(known == name for known, _ in self._by_url)


def _key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) + ("?" + parts.query if parts.query else "")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mirror: Mirror, port: int) -> None:
        self.mirror = mirror
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is nothing to tell of; everything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are kept in Mirror.requests, not printed."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, with_body: bool) -> None:
        mirror = self.server.mirror
        host = self.headers.get("Host", "")
        scheme = self.headers.get("X-Forwarded-Proto", "http")
        self._url = f"{scheme}://{host}{self.path}"
        artifact = mirror.find(host, self.path)
        tool = artifact.tool if artifact else ""
        if not mirror.knows_host(host) or mirror.faults.take("no_network", tool=tool):
            self._send(502, b"", {UNKNOWN_HOST_HEADER: "1"}, with_body)
        elif artifact is None or mirror.faults.take("not_found", tool=tool):
            self._send(404, b"<html><body>Not Found</body></html>", {"Content-Type": "text/html"}, with_body)
        elif mirror.faults.take("server_error", tool=tool):
            self._send(503, b"<html><body>Service Unavailable</body></html>", {"Content-Type": "text/html"}, with_body)
        elif mirror.faults.take("html_instead_of_zip", tool=tool):
            self._send(200, HTML_PAGE, {"Content-Type": "text/html; charset=utf-8"}, with_body)
        else:
            self._send_artifact(artifact, with_body)

    def _send_artifact(self, artifact: Artifact, with_body: bool) -> None:
        mirror, data = self.server.mirror, artifact.data
        if mirror.faults.take("wrong_hash", tool=artifact.tool):
            data = data[:-1] + bytes([data[-1] ^ 1])
        fields = {
            "Content-Type": _KINDS.get(artifact.kind, "application/octet-stream"),
            "Accept-Ranges": "bytes",
            "ETag": f'"{artifact.sha256[:16]}"',
            SIZE_HEADER: str(artifact.size),
        }
        wanted = _RANGE.match(self.headers.get("Range", ""))
        status = 200
        if wanted is not None and (wanted[1] or wanted[2]):
            start = int(wanted[1]) if wanted[1] else max(len(data) - int(wanted[2]), 0)
            end = min(int(wanted[2]), len(data) - 1) if wanted[1] and wanted[2] else len(data) - 1
            if start > end:
                self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"}, with_body)
                return
            fields["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            fields[SIZE_HEADER] = str(artifact.size * (end + 1 - start) // len(data))
            data, status = data[start : end + 1], 206
        cut = len(data)
        if mirror.faults.take("truncated_download", tool=artifact.tool):
            cut = len(data) // 2
        slow = mirror.faults.take("slow_download", tool=artifact.tool)
        self._send(status, data, fields, with_body, cut, float(slow.get("seconds", 0.5)) if slow else 0.0)

    def _send(
        self,
        status: int,
        data: bytes,
        fields: dict[str, str],
        with_body: bool,
        cut: int | None = None,
        pause: float = 0.0,
    ) -> None:
        mirror = self.server.mirror
        mirror.requests.append((self.command, self._url, status))
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not with_body:
            return
        cut = len(data) if cut is None else cut
        try:
            for start in range(0, cut, BLOCK):
                block = data[start : min(start + BLOCK, cut)]
                self.wfile.write(block)
                if pause or mirror.bytes_per_second:
                    self.wfile.flush()
                    time.sleep(pause + (len(block) / mirror.bytes_per_second if mirror.bytes_per_second else 0.0))
            if cut < len(data):
                self.wfile.flush()
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
