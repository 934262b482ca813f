"""The .NET members of Uri, and UriBuilder."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import string_array
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, out_of_range
from winbake.rehearsal.powershell.dotnet.uri import (
    ABSOLUTE,
    RELATIVE_OR_ABSOLUTE,
    RESERVED,
    UNRESERVED,
    Uri,
    escape,
    unescape,
)
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import NetObject

URI, BUILDER = "System.Uri", "System.UriBuilder"
_HOST_UNKNOWN, _HOST_BASIC, _HOST_DNS, _HOST_IPV4, _HOST_IPV6 = range(5)


# ---- System.Uri: making -----------------------------------------------------------------------------------


@constructor(URI, "String")
def new_uri(text: str | None) -> Uri:
    if text is None:
        raise argument_null("uriString")
    return Uri(text)


@constructor(URI, "String, UriKind")
def new_uri_of_kind(text: str | None, kind: EnumValue) -> Uri:
    if text is None:
        raise argument_null("uriString")
    return Uri(text, kind.value)


@constructor(URI, "Uri, String")
@constructor(URI, "Uri, Uri")
def new_combined(base: Uri | None, relative: Any) -> Uri:
    if base is None:
        raise argument_null("baseUri")
    if not base.is_absolute:
        raise out_of_range("baseUri")
    if isinstance(relative, Uri):
        return relative if relative.is_absolute else base.combine(relative.original)
    return base.combine(relative or "")


def _try(result: Any, make: Callable[[], Uri]) -> bool:
    try:
        result.value = make()
    except NetError:
        result.value = None
        return False
    return True


@static(URI, "TryCreate", "String, UriKind, Uri")
def try_create(text: str | None, kind: EnumValue, result: Any) -> bool:
    return _try(result, lambda: new_uri_of_kind(text, kind))


@static(URI, "TryCreate")
def try_combine(base: Uri | None, relative: Any, result: Any) -> bool:
    return _try(result, lambda: new_combined(base, relative))


# ---- System.Uri: text -------------------------------------------------------------------------------------


@static(URI, "EscapeDataString")
def escape_data(text: str | None) -> str:
    if text is None:
        raise argument_null("stringToEscape")
    return escape(text, UNRESERVED)


@static(URI, "EscapeUriString")
def escape_uri(text: str | None) -> str:
    if text is None:
        raise argument_null("stringToEscape")
    return escape(text, UNRESERVED + RESERVED)


@static(URI, "UnescapeDataString")
def unescape_data(text: str | None) -> str:
    if text is None:
        raise argument_null("stringToUnescape")
    return unescape(text)


@static(URI, "HexEscape")
def hex_escape(character: str) -> str:
    if ord(character) > 255:
        raise out_of_range("character")
    return f"%{ord(character):02X}"


@static(URI, "IsHexDigit")
def is_hex_digit(character: str) -> bool:
    return re.fullmatch("[0-9A-Fa-f]", character) is not None


@static(URI, "IsHexEncoding")
def is_hex_encoding(pattern: str, index: int) -> bool:
    return re.match("%[0-9A-Fa-f]{2}", pattern[index:]) is not None


@static(URI, "CheckSchemeName")
def check_scheme_name(name: str | None) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*", name or "") is not None


def _host_kind(host: str) -> int:
    if host.startswith("["):
        return _HOST_IPV6
    try:
        return _HOST_IPV4 if ipaddress.ip_address(host).version == 4 else _HOST_IPV6
    except ValueError:
        pass
    if re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?", host):
        return _HOST_DNS
    return _HOST_BASIC if host else _HOST_UNKNOWN


@static(URI, "CheckHostName")
def check_host_name(name: str | None) -> EnumValue:
    kind = _host_kind(name or "")
    return enum_value("System.UriHostNameType", _HOST_UNKNOWN if kind == _HOST_BASIC else kind)


@static(URI, "IsWellFormedUriString")
def is_well_formed(text: str | None, kind: EnumValue) -> bool:
    try:
        uri = Uri(text or "", kind.value)
    except NetError:
        return False
    return is_well_formed_original(uri)


@method(URI, "IsWellFormedOriginalString")
def is_well_formed_original(value: Uri) -> bool:
    """Nothing in it would have to be escaped, and no backslash or bare file path stands for something else."""
    text = value.original
    if re.search(r"%(?![0-9A-Fa-f]{2})", text) or "\\" in text:
        return False
    if value.is_absolute and not text.lower().startswith(value.scheme + ":"):
        return False
    return escape(text, UNRESERVED + RESERVED + "%[]") == text


def _constant(name: str, text: str) -> None:
    static_getter(URI, name)(lambda: text)


_constant("SchemeDelimiter", "://")
for _scheme in ("File", "Ftp", "Gopher", "Http", "Https", "Mailto", "News", "Nntp"):
    _constant(f"UriScheme{_scheme}", _scheme.lower())
_constant("UriSchemeNetPipe", "net.pipe")
_constant("UriSchemeNetTcp", "net.tcp")


def _property(name: str, read: Callable[[Uri], Any]) -> None:
    getter(URI, name)(read)


for _name, _read in {
    "IsAbsoluteUri": lambda u: u.is_absolute,
    "OriginalString": lambda u: u.original,
    "UserEscaped": lambda u: False,
    "Scheme": lambda u: u.scheme,
    "Host": lambda u: u.host,
    "DnsSafeHost": lambda u: u.host.strip("[]"),
    "IdnHost": lambda u: u.host.strip("[]"),
    "Port": lambda u: u.port,
    "IsDefaultPort": lambda u: u.is_default_port,
    "Authority": lambda u: u.authority,
    "UserInfo": lambda u: u.parts.user_info,
    "AbsolutePath": lambda u: u.path,
    "PathAndQuery": lambda u: u.path + u.query,
    "Query": lambda u: u.query,
    "Fragment": lambda u: u.fragment,
    "AbsoluteUri": lambda u: u.absolute_uri,
    "LocalPath": lambda u: u.local_path,
    "IsFile": lambda u: u.is_file,
    "IsUnc": lambda u: u.parts.is_unc,
    "IsLoopback": lambda u: u.host in ("localhost", "127.0.0.1", "[::1]", "loopback") or (u.is_file and not u.host),
    "Segments": lambda u: string_array(re.findall(r"[^/]*/|[^/]+$", u.path)),
    "HostNameType": lambda u: enum_value(
        "System.UriHostNameType", _HOST_BASIC if u.is_file and not u.host else _host_kind(u.host)
    ),
}.items():
    _property(_name, _read)


@method(URI, "ToString")
def uri_text(value: Uri) -> str:
    return str(value)


@method(URI, "Equals")
def uri_equals(value: Uri, other: Any) -> bool:
    if isinstance(other, str):
        try:
            other = Uri(other, RELATIVE_OR_ABSOLUTE)
        except NetError:
            return False
    return bool(value == other)


@method(URI, "GetLeftPart")
def get_left_part(value: Uri, part: EnumValue) -> str:
    parts = value.parts
    scheme = f"{parts.scheme}://" if parts.has_authority else f"{parts.scheme}:"
    user = f"{parts.user_info}@" if parts.user_info else ""
    match part.value:
        case 0:
            return scheme
        case 1:
            return scheme + user + value.authority if parts.has_authority else ""
        case 2:
            return scheme + user + value.authority + value.path
    return scheme + user + value.authority + value.path + value.query


@method(URI, "IsBaseOf")
def is_base_of(value: Uri, other: Uri | None) -> bool:
    if other is None:
        raise argument_null("uri")
    if not other.is_absolute:
        return True
    folder = value.path[: value.path.rfind("/") + 1]
    same_place = (value.scheme, value.authority) == (other.scheme, other.authority)
    return same_place and other.path.startswith(folder)


@method(URI, "MakeRelativeUri")
def make_relative_uri(value: Uri, other: Uri | None) -> Uri:
    if other is None:
        raise argument_null("uri")
    if (value.scheme, value.authority) != (other.scheme, other.authority):
        return other
    own, wanted = value.path.split("/"), other.path.split("/")
    shared = 0
    while shared < min(len(own), len(wanted)) - 1 and own[shared] == wanted[shared]:
        shared += 1
    path = "../" * (len(own) - shared - 1) + "/".join(wanted[shared:])
    if value.path == other.path:
        path = ""
    return Uri(path + other.query + other.fragment, RELATIVE_OR_ABSOLUTE)


@method(URI, "GetComponents")
def get_components(value: Uri, components: EnumValue, form: EnumValue) -> str:
    raise NotModelled("[uri].GetComponents()")


# ---- System.UriBuilder ------------------------------------------------------------------------------------


class UriBuilder(NetObject):
    """A URI in parts that can be changed; port -1 is the scheme's own."""

    net_type_name = BUILDER

    def __init__(self, uri: Uri | None = None) -> None:
        self.scheme, self.host, self.port = "http", "localhost", -1
        self.path, self.query, self.fragment = "/", "", ""
        self.user_name = self.password = ""
        if uri is not None:
            self.scheme, self.host, self.port = uri.scheme, uri.host, uri.port
            self.path, self.query, self.fragment = uri.path, uri.query, uri.fragment
            self.user_name, _, self.password = uri.parts.user_info.partition(":")

    def __str__(self) -> str:
        user = self.user_name + (f":{self.password}" if self.password else "")
        mark = "://" if self.scheme not in ("mailto", "news") else ":"
        port = f":{self.port}" if self.port != -1 and self.host else ""
        path = self.path if self.path.startswith("/") or not self.host else "/" + self.path
        return f"{self.scheme}{mark}{user + '@' if user else ''}{self.host}{port}{path}{self.query}{self.fragment}"


@constructor(BUILDER)
def new_builder(*arguments: Any) -> UriBuilder:
    if not arguments:
        return UriBuilder()
    if len(arguments) == 1:
        first = arguments[0]
        if first is None:
            raise argument_null("uri")
        uri = first if isinstance(first, Uri) else Uri(first, RELATIVE_OR_ABSOLUTE)
        return UriBuilder(uri if uri.is_absolute else Uri("http://" + uri.original, ABSOLUTE))
    builder = UriBuilder()
    set_scheme(builder, arguments[0])
    set_host(builder, arguments[1])
    if len(arguments) > 2:
        set_port(builder, arguments[2])
    if len(arguments) > 3:
        set_path(builder, arguments[3])
    if len(arguments) > 4:
        extra = arguments[4] or ""
        if extra.startswith("#"):
            builder.fragment = extra
        elif extra.startswith("?"):
            builder.query, mark, rest = extra.partition("#")
            builder.fragment = mark + rest
        elif extra:
            raise NetError("System.ArgumentException", "Extra portion of URI not valid.\r\nParameter name: extraValue")
    return builder


def _builder_property(name: str, field: str) -> None:
    getter(BUILDER, name)(lambda value: getattr(value, field))


for _name, _field in {
    "Scheme": "scheme",
    "Host": "host",
    "Port": "port",
    "Path": "path",
    "Query": "query",
    "Fragment": "fragment",
    "UserName": "user_name",
    "Password": "password",
}.items():
    _builder_property(_name, _field)


@setter(BUILDER, "Scheme")
def set_scheme(value: UriBuilder, text: str | None) -> None:
    scheme = (text or "").partition(":")[0].lower()
    if scheme and not check_scheme_name(scheme):
        raise NetError("System.ArgumentException", "Invalid URI: The URI scheme is not valid.\r\nParameter name: value")
    value.scheme = scheme


@setter(BUILDER, "Host")
def set_host(value: UriBuilder, text: str | None) -> None:
    host = text or ""
    value.host = f"[{host}]" if ":" in host and not host.startswith("[") else host


@setter(BUILDER, "Port")
def set_port(value: UriBuilder, port: int) -> None:
    if not -1 <= port <= 65535:
        raise out_of_range("value")
    value.port = port


@setter(BUILDER, "Path")
def set_path(value: UriBuilder, text: str | None) -> None:
    value.path = escape((text or "/").replace("\\", "/"), UNRESERVED + RESERVED + "%")


@setter(BUILDER, "Query")
def set_query(value: UriBuilder, text: str | None) -> None:
    value.query = "?" + text if text else ""


@setter(BUILDER, "Fragment")
def set_fragment(value: UriBuilder, text: str | None) -> None:
    value.fragment = "#" + text if text else ""


@setter(BUILDER, "UserName")
def set_user_name(value: UriBuilder, text: str | None) -> None:
    value.user_name = text or ""


@setter(BUILDER, "Password")
def set_password(value: UriBuilder, text: str | None) -> None:
    value.password = text or ""


@getter(BUILDER, "Uri")
def built_uri(value: UriBuilder) -> Uri:
    return Uri(str(value))


@method(BUILDER, "ToString")
def builder_text(value: UriBuilder) -> str:
    return str(value)
