"""System.Net.WebRequest, HttpWebRequest and HttpWebResponse: one exchange, answered whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.io_streams import memory_stream
from winbake.rehearsal.powershell.dotnet.net_protocol import WebHeaderCollection, request
from winbake.rehearsal.powershell.dotnet.registry import getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.streams import MemoryStream
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, not_supported
from winbake.rehearsal.powershell.dotnet.uri import Uri
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject
from winbake.rehearsal.windows.network import Response

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

REQUEST = "System.Net.HttpWebRequest"
RESPONSE = "System.Net.HttpWebResponse"


class HttpWebRequest(NetObject):
    net_type_name = REQUEST

    def __init__(self, session: Session, url: str) -> None:
        self.session = session
        self.url = url
        self.method = "GET"
        self.headers = WebHeaderCollection()
        self.timeout = 100_000
        self.read_write_timeout = 300_000
        self.allow_auto_redirect = True
        self.keep_alive = True
        self.use_default_credentials = False
        self.credentials: Any = None
        self.proxy: Any = None
        self.body: MemoryStream | None = None
        self.automatic_decompression: Any = None


class HttpWebResponse(NetObject):
    net_type_name = RESPONSE

    def __init__(self, answer: Response, method_name: str = "GET") -> None:
        self.answer = answer
        self.method = method_name


def url_text(address: Any) -> str:
    """A Uri or text. Raises NetError UriFormatException for a text that is none."""
    if address is None:
        raise argument_null("address")
    if isinstance(address, Uri):
        return address.absolute_uri
    return str(address)


@static("System.Net.WebRequest", "Create")
@static("System.Net.WebRequest", "CreateHttp")
def _create(address: Any, *, session: Session) -> HttpWebRequest:
    url = url_text(address)
    if not url.lower().startswith(("http:", "https:")):
        raise not_supported("The URI prefix is not recognized.")
    return HttpWebRequest(session, url)


@method(REQUEST, "GetResponse")
def _get_response(value: HttpWebRequest) -> HttpWebResponse:
    body = bytes(value.body.data) if value.body is not None else None
    answer = request(
        value.session,
        value.url,
        value.method,
        value.headers.as_dict(),
        body,
        redirects=value.allow_auto_redirect,
        timeout=value.timeout / 1000,
    )
    return HttpWebResponse(answer, value.method)


@method(REQUEST, "GetRequestStream")
def _get_request_stream(value: HttpWebRequest) -> MemoryStream:
    if value.body is None:
        value.body = MemoryStream()
    return value.body


def _plain(member: str, field: str) -> None:
    @getter(REQUEST, member)
    def read(value: HttpWebRequest) -> Any:
        return getattr(value, field)

    @setter(REQUEST, member)
    def write(value: HttpWebRequest, new: Any) -> None:
        setattr(value, field, new)


for _member, _field in (
    ("Method", "method"),
    ("Headers", "headers"),
    ("Timeout", "timeout"),
    ("ReadWriteTimeout", "read_write_timeout"),
    ("AllowAutoRedirect", "allow_auto_redirect"),
    ("KeepAlive", "keep_alive"),
    ("UseDefaultCredentials", "use_default_credentials"),
    ("Credentials", "credentials"),
    ("Proxy", "proxy"),
    ("AutomaticDecompression", "automatic_decompression"),
):
    _plain(_member, _field)


def _header(member: str, name: str) -> None:
    @getter(REQUEST, member)
    def read(value: HttpWebRequest) -> str | None:
        return value.headers.get(name)

    @setter(REQUEST, member)
    def write(value: HttpWebRequest, text: str | None) -> None:
        value.headers.set(name, text)


for _member, _name in (
    ("UserAgent", "User-Agent"),
    ("Accept", "Accept"),
    ("ContentType", "Content-Type"),
    ("Referer", "Referer"),
    ("Host", "Host"),
):
    _header(_member, _name)


@getter(REQUEST, "RequestUri")
@getter(REQUEST, "Address")
def _request_uri(value: HttpWebRequest) -> Any:
    return make_uri(value.url, value.session)


def make_uri(url: str, session: Any = None) -> Any:
    from winbake.rehearsal.powershell.convert import convert

    return convert(url, get_type("System.Uri"), session)


# ---- responses ----------------------------------------------------------------------------------------------------


@getter(RESPONSE, "StatusCode")
def _status_code(value: HttpWebResponse) -> EnumValue:
    return enum_value(get_type("System.Net.HttpStatusCode"), value.answer.status)


@getter(RESPONSE, "StatusDescription")
def _status_description(value: HttpWebResponse) -> str:
    return value.answer.reason


@getter(RESPONSE, "Headers")
def _headers(value: HttpWebResponse) -> WebHeaderCollection:
    return WebHeaderCollection.of(value.answer.headers)


@method(RESPONSE, "GetResponseHeader")
def _get_response_header(value: HttpWebResponse, name: str) -> str:
    return value.answer.headers.get(name.lower(), "")


@getter(RESPONSE, "ContentLength")
def _content_length(value: HttpWebResponse) -> Int64:
    return Int64(int(value.answer.headers.get("content-length", "-1")))


@getter(RESPONSE, "ContentType")
def _content_type(value: HttpWebResponse) -> str:
    return value.answer.headers.get("content-type", "")


@getter(RESPONSE, "Server")
def _server(value: HttpWebResponse) -> str:
    return value.answer.headers.get("server", "")


@getter(RESPONSE, "Method")
def _method(value: HttpWebResponse) -> str:
    return value.method


@getter(RESPONSE, "ResponseUri")
def _response_uri(value: HttpWebResponse) -> Any:
    return make_uri(value.answer.url)


@method(RESPONSE, "GetResponseStream")
def _get_response_stream(value: HttpWebResponse) -> Any:
    return memory_stream(value.answer.body)


@method(RESPONSE, "Close")
@method(RESPONSE, "Dispose")
def _close(value: HttpWebResponse) -> None:
    """The answer is read whole; nothing is held."""
