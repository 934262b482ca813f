"""System.Net.WebClient: downloads, also as tasks, into the host's file system."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import io_files, io_paths
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.io_failures import from_failure
from winbake.rehearsal.powershell.dotnet.io_streams import memory_stream
from winbake.rehearsal.powershell.dotnet.net_protocol import (
    NameValueCollection,
    NetworkCredential,
    WebHeaderCollection,
    WebProxy,
    request,
    web_error,
)
from winbake.rehearsal.powershell.dotnet.net_requests import url_text
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.dotnet.tasks import NetTask
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, not_supported
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.providers import encodings
from winbake.rehearsal.powershell.values import NetObject, PSArray
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.network import Response

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

CLIENT = "System.Net.WebClient"
_WRAPPED = "An exception occurred during a WebClient request."


class WebClient(NetObject):
    net_type_name = CLIENT

    def __init__(self, session: Session) -> None:
        self.session = session
        self.headers = WebHeaderCollection()
        self.query = NameValueCollection()
        self.response_headers: WebHeaderCollection | None = None
        self.encoding: Any = None
        self.credentials: Any = None
        self.use_default_credentials = False
        self.proxy: Any = None
        self.base_address = ""
        self.cache_policy: Any = None
        self.busy = False
        self.cancelled = threading.Event()

    def send(
        self,
        address: Any,
        method_name: str = "GET",
        body: bytes | None = None,
        on_bytes: Callable[[bytes], None] | None = None,
    ) -> Response:
        """Raises NetError WebException, also when it is cancelled."""
        url = url_text(address)
        if self.base_address and "://" not in url:
            url = self.base_address + url
        if not url.lower().startswith(("http:", "https:")):
            raise not_supported("The URI prefix is not recognized.")
        if isinstance(self.proxy, WebProxy) and self.proxy.address is not None:
            raise NotModelled("WebClient through a proxy")
        if len(self.query):
            pairs = "&".join(f"{name}={value}" for name, value in self.query.as_dict().items())
            url += ("&" if "?" in url else "?") + pairs
        headers = self.headers.as_dict()
        if isinstance(self.credentials, NetworkCredential):
            pair = f"{self.credentials.user_name}:{self.credentials.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        answer = request(self.session, url, method_name, headers, body, on_bytes=on_bytes, stop=self.cancelled)
        self.response_headers = WebHeaderCollection.of(answer.headers)
        return answer

    def text(self, answer: Response) -> str:
        """By the charset of Content-Type, a byte order mark, or the client's Encoding (ANSI)."""
        kind = answer.headers.get("content-type", "").lower()
        if "charset=" in kind:
            charset = kind.partition("charset=")[2].split(";")[0].strip(' "')
            return answer.body.decode({"utf-8": "utf-8-sig"}.get(charset, charset), "replace")
        return encodings.decode_marked(answer.body, self.encoding or encodings.ANSI)


@constructor(CLIENT)
def _new(*, session: Session) -> WebClient:
    return WebClient(session)


def _complete(answer: Response) -> bytes:
    if answer.truncated:
        raise web_error(
            "The underlying connection was closed: The connection was closed unexpectedly.", "ConnectionClosed"
        )
    return answer.body


@method(CLIENT, "DownloadString")
def _download_string(client: WebClient, address: Any) -> str:
    answer = client.send(address)
    _complete(answer)
    return client.text(answer)


@method(CLIENT, "DownloadData")
def _download_data(client: WebClient, address: Any) -> PSArray:
    return byte_array(_complete(client.send(address)))


@method(CLIENT, "DownloadFile")
def _download_file(client: WebClient, address: Any, name: str | None) -> None:
    """The file is made first and deleted again when the download fails."""
    path = _target(client, name)
    try:
        io_files.write_bytes(client.session, path, _complete(client.send(address)))
    except NetError as failure:
        if client.session.host.files.is_file(path):
            client.session.host.files.delete(path)
        raise _as_web_error(failure) from failure


def _target(client: WebClient, name: str | None) -> str:
    if name is None:
        raise argument_null("fileName")
    path = io_paths.full_path(name, client.session)
    try:
        io_files.write_bytes(client.session, path, b"")
    except NetError as failure:
        raise _as_web_error(failure) from failure
    return path


def _as_web_error(failure: NetError) -> NetError:
    if failure.exception.type_name == "System.Net.WebException":
        return failure
    return web_error(_WRAPPED, "UnknownError", None, failure.exception)


@method(CLIENT, "UploadString")
def _upload_string(client: WebClient, address: Any, *rest: str) -> str:
    method_name, text = rest if len(rest) == 2 else ("POST", rest[0])
    body = (client.encoding or encodings.ANSI).encode(text)
    return client.text(client.send(address, method_name or "POST", body))


@method(CLIENT, "UploadData")
def _upload_data(client: WebClient, address: Any, *rest: Any) -> PSArray:
    method_name, data = rest if len(rest) == 2 else ("POST", rest[0])
    return byte_array(client.send(address, method_name or "POST", bytes_of(data)).body)


@method(CLIENT, "OpenRead")
def _open_read(client: WebClient, address: Any) -> Any:
    return memory_stream(_complete(client.send(address)))


# ---- tasks -------------------------------------------------------------------------------------------------------


def _run(client: WebClient, work: Callable[[], Any], result_type: str | None = None) -> NetTask:
    """A Task that runs `work` on a thread of its own."""
    client.cancelled.clear()
    client.busy = True

    def body() -> Any:
        try:
            return work()
        finally:
            client.busy = False

    return NetTask.run(body, result_type)


@method(CLIENT, "DownloadFileTaskAsync")
def _download_file_async(client: WebClient, address: Any, name: str | None) -> Any:
    """The file is there, empty and open, from the start, and grows; a failed download leaves what came."""
    path = _target(client, name)
    files = client.session.host.files
    held = [files.lock(path, share_read=True)]

    def write(data: bytes) -> None:
        # A lock does not know who holds it: it makes way for its owner's own write.
        with files.mutex:
            files.unlock(held.pop())
            try:
                files.write(path, data, append=True)
            finally:
                held.append(files.lock(path, share_read=True))

    def work() -> None:
        try:
            answer = client.send(address, on_bytes=write)
        except Win32Failure as failure:
            raise _as_web_error(from_failure(failure, path)) from failure
        finally:
            files.unlock(held.pop())
        _complete(answer)

    return _run(client, work)


@method(CLIENT, "DownloadStringTaskAsync")
def _download_string_async(client: WebClient, address: Any) -> Any:
    return _run(client, lambda: _download_string(client, address), "System.String")


@method(CLIENT, "DownloadDataTaskAsync")
def _download_data_async(client: WebClient, address: Any) -> Any:
    return _run(client, lambda: _download_data(client, address), "System.Byte[]")


@method(CLIENT, "CancelAsync")
def _cancel(client: WebClient) -> None:
    client.cancelled.set()


@method(CLIENT, "Dispose")
def _dispose(client: WebClient) -> None:
    client.cancelled.set()


# ---- settings ----------------------------------------------------------------------------------------------------


def _plain(member: str, field: str) -> None:
    @getter(CLIENT, member)
    def read(client: WebClient) -> Any:
        return getattr(client, field)

    @setter(CLIENT, member)
    def write(client: WebClient, value: Any) -> None:
        setattr(client, field, value)


for _member, _field in (
    ("Headers", "headers"),
    ("QueryString", "query"),
    ("Credentials", "credentials"),
    ("UseDefaultCredentials", "use_default_credentials"),
    ("Proxy", "proxy"),
    ("Encoding", "encoding"),
    ("BaseAddress", "base_address"),
    ("CachePolicy", "cache_policy"),
):
    _plain(_member, _field)


@getter(CLIENT, "ResponseHeaders")
def _response_headers(client: WebClient) -> WebHeaderCollection | None:
    return client.response_headers


@getter(CLIENT, "IsBusy")
def _is_busy(client: WebClient) -> bool:
    return client.busy
