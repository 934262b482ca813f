"""HTTP for .NET's classes and the web cmdlets: header collections, security protocols, failures as WebException."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet.registry import (
    constructor,
    getter,
    method,
    setter,
    static_getter,
    static_setter,
)
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.errors import NetError, NetException
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray
from winbake.rehearsal.windows.network import NetworkFailure, Response

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

MANAGER = "System.Net.ServicePointManager"
HEADERS = "System.Net.WebHeaderCollection"
VALUES = "System.Collections.Specialized.NameValueCollection"
SSL3, TLS10, TLS11, TLS12, TLS13 = 48, 192, 768, 3072, 12288
_STRONG_KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\.NETFramework\v4.0.30319"

_PROTOCOLS: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def security_protocol(session: Session) -> int:
    """ServicePointManager.SecurityProtocol of this session. powershell.exe of Server 2019 starts with SSL 3 and TLS 1.0
    unless SchUseStrongCrypto is set; later servers leave the choice to the system (0)."""
    if session in _PROTOCOLS:
        return _PROTOCOLS[session]
    if session.host.registry.read(_STRONG_KEY, "SchUseStrongCrypto") == 1:
        return TLS10 | TLS11 | TLS12
    return SSL3 | TLS10 if session.host.release.year == "2019" else 0


@static_getter(MANAGER, "SecurityProtocol")
def _get_protocol(*, session: Session) -> EnumValue:
    return enum_value(get_type("System.Net.SecurityProtocolType"), security_protocol(session))


@static_setter(MANAGER, "SecurityProtocol")
def _set_protocol(value: EnumValue, *, session: Session) -> None:
    if value.value & ~(SSL3 | TLS10 | TLS11 | TLS12 | TLS13):
        raise NetError("System.NotSupportedException", "The requested security protocol is not supported.")
    _PROTOCOLS[session] = value.value


def _plain_settings() -> None:
    """Settings without an effect on the model, kept as they are set."""
    for name, start in (
        ("Expect100Continue", True),
        ("UseNagleAlgorithm", True),
        ("CheckCertificateRevocationList", False),
        ("DefaultConnectionLimit", 2),
        ("MaxServicePointIdleTime", 100_000),
        ("DnsRefreshTimeout", 120_000),
        ("ServerCertificateValidationCallback", None),
    ):
        _plain_setting(name, start)


def _plain_setting(name: str, start: Any) -> None:
    kept: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    @static_getter(MANAGER, name)
    def read(*, session: Session) -> Any:
        return kept.get(session, start)

    @static_setter(MANAGER, name)
    def write(value: Any, *, session: Session) -> None:
        kept[session] = value


_plain_settings()


# ---- requests --------------------------------------------------------------------------------------------------


def web_error(message: str, status: str, response: Any = None, inner: NetException | None = None) -> NetError:
    kind = enum_value(get_type("System.Net.WebExceptionStatus"), status)
    return NetError("System.Net.WebException", message, inner, Status=kind, Response=response)


_CLOSED = {
    "NameResolutionFailure": None,
    "ConnectFailure": "Unable to connect to the remote server",
    "Timeout": "The operation has timed out",
    "ConnectionClosed": "The underlying connection was closed: The connection was closed unexpectedly.",
    "ReceiveFailure": "The underlying connection was closed: An unexpected error occurred on a receive.",
}


def request(
    session: Session,
    url: str,
    method_name: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    *,
    redirects: bool = True,
    timeout: float = 100.0,
    on_bytes: Callable[[bytes], None] | None = None,
    stop: threading.Event | None = None,
) -> Response:
    """One HTTP exchange over the host's network (on_bytes, stop: as Network.fetch has them).

    Raises NetError WebException; a status of 400 or more too, with the response on it.
    """
    protocol = security_protocol(session)
    if url.lower().startswith("https:") and protocol and not protocol & (TLS12 | TLS13):
        raise web_error("The request was aborted: Could not create SSL/TLS secure channel.", "SecureChannelFailure")
    try:
        answer: Response = session.host.network.fetch(
            url,
            method_name,
            headers,
            body,
            redirects=redirects,
            timeout=timeout,
            process=session.process,
            on_bytes=on_bytes,
            stop=stop,
        )
    except NetworkFailure as failure:
        raise web_error(_CLOSED.get(failure.kind) or str(failure), failure.kind) from failure
    if answer.status >= 400:
        from winbake.rehearsal.powershell.dotnet.net_requests import HttpWebResponse

        message = f"The remote server returned an error: ({answer.status}) {answer.reason}."
        raise web_error(message, "ProtocolError", HttpWebResponse(answer, method_name))
    return answer


# ---- headers ---------------------------------------------------------------------------------------------------


class NameValueCollection(NetObject):
    """Names (without case) with one or more texts; enumerated it gives the names."""

    net_type_name = VALUES

    def __init__(self) -> None:
        self.pairs: dict[str, tuple[str, list[str]]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self.pairs.values()])

    def __len__(self) -> int:
        return len(self.pairs)

    def get(self, name: str) -> str | None:
        found = self.pairs.get(name.lower())
        return ",".join(found[1]) if found else None

    def set(self, name: str, value: str | None) -> None:
        self.pairs[name.lower()] = (name, [value or ""])

    def add(self, name: str, value: str | None) -> None:
        self.pairs.setdefault(name.lower(), (name, []))[1].append(value or "")

    def remove(self, name: str) -> None:
        self.pairs.pop(name.lower(), None)

    def as_dict(self) -> dict[str, str]:
        return {name: ",".join(values) for name, values in self.pairs.values()}


class WebHeaderCollection(NameValueCollection):
    net_type_name = HEADERS

    @classmethod
    def of(cls, headers: dict[str, str]) -> WebHeaderCollection:
        """Names in the spelling servers use (`Content-Length`)."""
        made = cls()
        for name, value in headers.items():
            made.set("-".join(part.capitalize() for part in name.split("-")), value)
        return made


_HEADER_ENUMS = {"UserAgent": "User-Agent", "ContentType": "Content-Type", "IfModifiedSince": "If-Modified-Since"}


def _header_name(name: Any) -> str:
    """A text, or HttpRequestHeader.ContentType."""
    if name is None:
        raise argument_null("name")
    if not isinstance(name, EnumValue):
        return str(name)
    spelled = _HEADER_ENUMS.get(str(name.name))
    return spelled or "".join(f"-{c}" if c.isupper() and i else c for i, c in enumerate(str(name.name)))


@constructor(VALUES)
def _new_values() -> NameValueCollection:
    return NameValueCollection()


@constructor(HEADERS)
def _new_headers() -> WebHeaderCollection:
    return WebHeaderCollection()


def _collection_members(type_name: str) -> None:
    @method(type_name, "Add")
    def add(value: NameValueCollection, name: Any, text: str | None = None) -> None:
        if text is None and isinstance(name, str) and ":" in name:
            name, _, text = (part.strip() for part in name.partition(":"))
        value.add(_header_name(name), text)

    @method(type_name, "Set")
    @setter(type_name, "Item")
    def set_item(value: NameValueCollection, name: Any, text: str | None) -> None:
        value.set(_header_name(name), text)

    @method(type_name, "Get")
    @getter(type_name, "Item")
    def get_item(value: NameValueCollection, name: Any) -> str | None:
        if isinstance(name, int):
            return value.get(list(value)[name])
        return value.get(_header_name(name))

    @method(type_name, "GetValues")
    def get_values(value: NameValueCollection, name: Any) -> PSArray | None:
        found = value.pairs.get(_header_name(name).lower())
        return PSArray(found[1], "System.String") if found else None

    @method(type_name, "GetKey")
    def get_key(value: NameValueCollection, index: int) -> str:
        return list(value)[index]

    @method(type_name, "Remove")
    def remove(value: NameValueCollection, name: Any) -> None:
        value.remove(_header_name(name))

    @method(type_name, "Clear")
    def clear(value: NameValueCollection) -> None:
        value.pairs.clear()

    @getter(type_name, "Count")
    def count(value: NameValueCollection) -> int:
        return len(value)

    @getter(type_name, "AllKeys")
    @getter(type_name, "Keys")
    def all_keys(value: NameValueCollection) -> PSArray:
        return PSArray(value, "System.String")

    @method(type_name, "ToString")
    def to_string(value: NameValueCollection) -> str:
        return "".join(f"{name}: {text}\r\n" for name, text in value.as_dict().items()) + "\r\n"


_collection_members(VALUES)
_collection_members(HEADERS)

# ---- credentials and proxies -------------------------------------------------------------------------------------

CREDENTIAL = "System.Net.NetworkCredential"
PROXY = "System.Net.WebProxy"


class NetworkCredential(NetObject):
    net_type_name = CREDENTIAL

    def __init__(self, user_name: str = "", password: str = "", domain: str = "") -> None:
        self.user_name = user_name
        self.password = password
        self.domain = domain


@constructor(CREDENTIAL)
def _new_credential(user: str = "", password: Any = "", domain: str = "") -> NetworkCredential:
    if not isinstance(password, str) and password is not None:
        from winbake.rehearsal.powershell.dotnet.secure_strings import plain_text

        password = plain_text(password)
    return NetworkCredential(user or "", password or "", domain or "")


def _credential_fields() -> None:
    for member, field in (("UserName", "user_name"), ("Password", "password"), ("Domain", "domain")):
        _credential_field(member, field)


def _credential_field(member: str, field: str) -> None:
    @getter(CREDENTIAL, member)
    def read(value: NetworkCredential) -> str:
        return str(getattr(value, field))

    @setter(CREDENTIAL, member)
    def write(value: NetworkCredential, text: str | None) -> None:
        setattr(value, field, text or "")


_credential_fields()


class WebProxy(NetObject):
    """Kept, but the model's network has no proxies: whoever sends through one is refused."""

    net_type_name = PROXY

    def __init__(self, address: Any = None) -> None:
        self.address = address


@constructor(PROXY)
def _new_proxy(address: Any = None, *more: Any) -> WebProxy:
    return WebProxy(address)


@getter(PROXY, "Address")
def _proxy_address(value: WebProxy) -> Any:
    return value.address
