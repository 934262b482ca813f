"""A web server on 127.0.0.1 for the tests of lock and outdated: files with ETag and Range, and what goes wrong."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest


def keep_to_itself(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The verbs run in this folder, with a cache of its own, and nothing of the person's network settings counts."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WINBAKE_CACHE", str(folder / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "REQUESTS_CA_BUNDLE", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@dataclass
class Answer:
    """One answer. cut: only so many bytes of the body are sent, then the connection ends."""

    status: int = 200
    body: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Page:
    """What stands at a path. validators: whether ETags are sent. first: answers that come before the page itself."""

    body: bytes
    etag: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    first: deque[Answer] = field(default_factory=deque)
    during: Callable[[int], None] | None = None


@dataclass(frozen=True)
class Request:
    path: str
    fields: dict[str, str]
    status: int


class Web:
    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        self._server: ThreadingHTTPServer | None = None

    def put(self, path: str, body: bytes, etag: str = "", **fields: str) -> str:
        self.pages[path] = Page(body, etag, {name.replace("_", "-"): value for name, value in fields.items()})
        return self.url + path

    def fail(self, path: str, *answers: Answer) -> None:
        self.pages.setdefault(path, Page(b"")).first.extend(answers)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *arguments: object) -> None:
                """Requests are kept in Web.requests."""

            def do_GET(self) -> None:
                web._answer(self)

            def do_CONNECT(self) -> None:
                web._send(self, Answer(407, b"", {"Proxy-Authenticate": "Basic"}))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        page = self.pages.get(handler.path)
        if page is None:
            self._send(handler, Answer(404, b"Not Found", {"Content-Type": "text/plain"}))
        elif page.first:
            self._send(handler, page.first.popleft())
        else:
            self._send_page(handler, page)

    def _send_page(self, handler: BaseHTTPRequestHandler, page: Page) -> None:
        fields = dict(page.fields)
        if page.etag:
            fields["ETag"] = f'"{page.etag}"'
        asked, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
        if page.etag and handler.headers.get("If-None-Match") == fields["ETag"]:
            self._send(handler, Answer(304, b"", fields))
        elif asked and (condition is None or condition == fields.get("ETag")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(page.body):
                self._send(handler, Answer(416, b"", {"Content-Range": f"bytes */{len(page.body)}"}))
                return
            fields["Content-Range"] = f"bytes {start}-{len(page.body) - 1}/{len(page.body)}"
            self._send(handler, Answer(206, page.body[start:], fields), page.during)
        else:
            self._send(handler, Answer(200, page.body, fields), page.during)

    def _send(
        self, handler: BaseHTTPRequestHandler, answer: Answer, during: Callable[[int], None] | None = None
    ) -> None:
        self.requests.append(Request(handler.path, dict(handler.headers), answer.status))
        handler.send_response(answer.status)
        for name, value in answer.fields.items():
            handler.send_header(name, value)
        if answer.status != 304:
            handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        try:
            for start in range(0, len(body), 16_384):
                handler.wfile.write(body[start : start + 16_384])
                if during is not None:
                    handler.wfile.flush()
                    during(start)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if answer.cut is not None:
            handler.close_connection = True
