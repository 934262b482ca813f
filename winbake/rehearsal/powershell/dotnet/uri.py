"""The value Uri: an address split, normalised and escaped as System.Uri of .NET Framework does it in powershell.exe.

powershell.exe is a native program that declares no target framework, so the Framework keeps its older URI rules there
(referencesource, UriParser.ShouldUseLegacyV2Quirks): RFC 2396's characters, and no IRI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from winbake.rehearsal.powershell.dotnet.throwing import invalid_operation
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject

URI_FORMAT = "System.UriFormatException"
ABSOLUTE, RELATIVE, RELATIVE_OR_ABSOLUTE = 1, 2, 0
"""System.UriKind."""

DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "ftp": 21,
    "gopher": 70,
    "nntp": 119,
    "news": -1,
    "mailto": 25,
    "ldap": 389,
    "telnet": 23,
    "net.tcp": 808,
    "net.pipe": -1,
    "file": -1,
}
NEEDS_HOST = {"http", "https", "ws", "wss", "ftp", "gopher", "nntp", "net.tcp", "net.pipe", "telnet"}
_NO_QUERY = {"ftp", "gopher", "telnet", "nntp"}
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
RESERVED = ";/?:@&=+$,#"
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_NAME = re.compile(r"[^\s/?#@:\\<>\"^`{|}%*]+(?<!\.\.)\.?")
_IPV4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})")


@dataclass(frozen=True)
class _Parts:
    scheme: str
    user_info: str = ""
    host: str = ""
    port: int = -1
    path: str = ""
    query: str = ""
    fragment: str = ""
    has_authority: bool = False
    is_unc: bool = False
    is_dos_path: bool = False


class Uri(NetObject):
    """System.Uri. A relative one keeps only its text; asking it for parts raises InvalidOperationException."""

    net_type_name = "System.Uri"

    def __init__(self, text: str, kind: int = ABSOLUTE) -> None:
        """Raises UriFormatException when `text` is not a URI of that kind."""
        self.original = text
        self._parts: _Parts | None = None
        if kind == RELATIVE:
            if _looks_absolute(text):
                raise NetError(
                    URI_FORMAT,
                    "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI.",
                )
            return
        try:
            self._parts = _split(text)
        except NetError as error:
            undetermined = "could not be determined" in error.exception.message or not text
            if kind == RELATIVE_OR_ABSOLUTE and undetermined:
                return
            raise

    @property
    def is_absolute(self) -> bool:
        return self._parts is not None

    @property
    def parts(self) -> _Parts:
        if self._parts is None:
            raise invalid_operation("This operation is not supported for a relative URI.")
        return self._parts

    @property
    def scheme(self) -> str:
        return self.parts.scheme

    @property
    def host(self) -> str:
        return self.parts.host

    @property
    def port(self) -> int:
        return self.parts.port if self.parts.port >= 0 else DEFAULT_PORTS.get(self.scheme, -1)

    @property
    def is_default_port(self) -> bool:
        return self.parts.port < 0 or self.parts.port == DEFAULT_PORTS.get(self.scheme, -1)

    @property
    def authority(self) -> str:
        return self.host if self.is_default_port else f"{self.host}:{self.port}"

    @property
    def path(self) -> str:
        """AbsolutePath: escaped."""
        return self.parts.path

    @property
    def query(self) -> str:
        return self.parts.query

    @property
    def fragment(self) -> str:
        return self.parts.fragment

    @property
    def is_file(self) -> bool:
        return self.scheme == "file"

    @property
    def local_path(self) -> str:
        parts = self.parts
        plain = unescape(parts.path)
        if parts.is_unc:
            return rf"\\{parts.host}" + plain.replace("/", "\\")
        if parts.is_dos_path:
            return plain.lstrip("/").replace("/", "\\")
        return plain

    @property
    def absolute_uri(self) -> str:
        parts = self.parts
        head = parts.scheme + ":"
        if parts.has_authority:
            head += "//" + (f"{parts.user_info}@" if parts.user_info else "") + self.authority
        return head + parts.path + parts.query + parts.fragment

    def combine(self, relative: str) -> Uri:
        """The address `relative` means when it stands in this one (RFC 3986, 5.2)."""
        if _looks_absolute(relative):
            return Uri(relative)
        parts = self.parts
        text, mark, fragment = relative.partition("#")
        text, query_mark, query = text.partition("?")
        text = text.replace("\\", "/")
        root = f"{parts.scheme}:" + (
            "//" + (f"{parts.user_info}@" if parts.user_info else "") + self.authority if parts.has_authority else ""
        )
        tail = (query_mark + query) + (mark + fragment)
        if text.startswith("//"):
            return Uri(f"{parts.scheme}:{text}{tail}")
        if text.startswith("/"):
            return Uri(root + text + tail)
        if text:
            return Uri(root + parts.path[: parts.path.rfind("/") + 1] + text + tail)
        return Uri(root + parts.path + (tail if query_mark else parts.query + mark + fragment))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Uri) or self.is_absolute != other.is_absolute:
            return False
        if not self.is_absolute:
            return self.original == other.original
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity() if self.is_absolute else self.original)

    def _identity(self) -> str:
        without_fragment = self.absolute_uri[: len(self.absolute_uri) - len(self.fragment)]
        return without_fragment.lower() if self.is_file else without_fragment

    def __str__(self) -> str:
        """Uri.ToString(): readable, with what can be unescaped safely unescaped."""
        if self._parts is None:
            return self.original
        return unescape(self.absolute_uri, keep=RESERVED + "%\\")

    def __repr__(self) -> str:
        return f"Uri({self.original!r})"


def escape(text: str, keep: str) -> str:
    """Percent-encodes (UTF-8, upper-case hex) every character that is not in `keep`."""
    return "".join(c if c in keep else "".join(f"%{byte:02X}" for byte in _utf8(c)) for c in text)


def unescape(text: str, keep: str = "") -> str:
    """Undoes percent-encoding of valid UTF-8; what decodes to a character in `keep` or a control stays."""

    def decode(found: re.Match[str]) -> str:
        decoded = unquote_to_bytes(found[0]).decode("utf-8", "surrogateescape")
        result = ""
        for character in decoded:
            if 0xDC80 <= ord(character) <= 0xDCFF:
                result += f"%{ord(character) - 0xDC00:02X}"
            elif keep and (character in keep or ord(character) < 32 or 127 <= ord(character) < 160):
                result += escape(character, "")
            else:
                result += character
        return result

    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", decode, text)


def _utf8(character: str) -> bytes:
    return character.encode("utf-8", "surrogatepass")


def _looks_absolute(text: str) -> bool:
    found = _SCHEME.match(text)
    return bool(found and (len(found[1]) > 1 or re.match(r"\s*[A-Za-z]:[\\/]", text))) or text.startswith("\\\\")


def _split(text: str) -> _Parts:
    trimmed = text.strip()
    if not trimmed:
        raise NetError(URI_FORMAT, "Invalid URI: The URI is empty.")
    if re.match(r"[A-Za-z][:|][\\/]", trimmed):
        return _Parts(
            "file",
            path="/" + _path(trimmed.replace("|", ":", 1), "file"),
            has_authority=True,
            is_dos_path=True,
        )
    if re.match(r"[\\/]{2}[^\\/]", trimmed) and trimmed.startswith("\\"):
        return _unc(trimmed)
    found = _SCHEME.match(trimmed)
    if not found:
        raise NetError(URI_FORMAT, "Invalid URI: The format of the URI could not be determined.")
    if len(found[1]) == 1:
        raise NetError(
            URI_FORMAT,
            "Invalid URI: The URI scheme is not valid."
            if trimmed[2:3]
            else "Invalid URI: The format of the URI could not be determined.",
        )
    scheme = found[1].lower()
    rest = trimmed[found.end() :]
    slashes = "/\\" if scheme in NEEDS_HOST or scheme == "file" else "/"
    rest, fragment = _cut(rest, "#")
    query = ""
    if scheme not in _NO_QUERY:
        rest, query = _cut(rest, "?")
    query, fragment = _normalise(query), _normalise(fragment)
    if len(rest) >= 2 and rest[0] in slashes and rest[1] in slashes:
        end = next((i for i in range(2, len(rest)) if rest[i] in slashes), len(rest))
        authority, path = rest[2:end], rest[end:]
        if scheme == "file":
            return replace(_file(authority, path), query=query, fragment=fragment)
        user_info, host, port = _authority(authority, scheme)
        full_path = _path(path, scheme) or ("/" if scheme in DEFAULT_PORTS and scheme != "mailto" else "")
        return _Parts(scheme, user_info, host, port, full_path, query, fragment, has_authority=True)
    if scheme in NEEDS_HOST:
        raise NetError(URI_FORMAT, "Invalid URI: The Authority/Host could not be parsed.")
    if scheme == "mailto" and "@" in rest:
        user, _, host = rest.rpartition("@")
        return _Parts(scheme, _normalise(user), host.lower(), query=query, fragment=fragment)
    return _Parts(scheme, path=_normalise(rest), query=query, fragment=fragment)


def _unc(text: str) -> _Parts:
    host, _, path = text.replace("\\", "/")[2:].partition("/")
    return _Parts("file", host=host.lower(), path=_path("/" + path, "file"), has_authority=True, is_unc=True)


def _file(authority: str, path: str) -> _Parts:
    if re.fullmatch(r"[A-Za-z][:|]", authority):
        return _Parts(
            "file",
            path="/" + _path(authority[0] + ":" + path, "file"),
            has_authority=True,
            is_dos_path=True,
        )
    dos = re.match(r"[\\/][A-Za-z][:|]", path) is not None
    if dos:
        path = path[:2] + ":" + path[3:]
    return _Parts(
        "file",
        host=authority.lower(),
        path=_path(path, "file") or "/",
        has_authority=True,
        is_unc=bool(authority),
        is_dos_path=dos,
    )


def _authority(text: str, scheme: str) -> tuple[str, str, int]:
    user_info, at, host = text.rpartition("@")
    if not at:
        user_info = ""
    port = -1
    bracket = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\])(?::(.*))?", host)
    name, port_text = (bracket[1], bracket[2] or "") if bracket else (host.partition(":")[0], host.partition(":")[2])
    if port_text:
        if not port_text.isascii() or not port_text.isdigit() or int(port_text) > 65535:
            raise NetError(URI_FORMAT, "Invalid URI: Invalid port specified.")
        port = int(port_text)
    if not bracket and (not name or not _NAME.fullmatch(name)):
        if scheme in NEEDS_HOST or name:
            raise NetError(URI_FORMAT, "Invalid URI: The hostname could not be parsed.")
    return _normalise(user_info), name.lower(), port


def _path(path: str, scheme: str) -> str:
    if scheme in NEEDS_HOST or scheme == "file":
        path = path.replace("\\", "/")
    return _normalise(_without_dots(path))


def _without_dots(path: str) -> str:
    kept: list[str] = []
    pieces = path.split("/")
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        if piece == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif piece == ".":
            if last:
                kept.append("")
        else:
            kept.append(piece)
    return "/".join(kept)


def _normalise(text: str) -> str:
    """Escapes what may not stand in a URI; escapes that are there stay as they are."""
    kept = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(piece if index % 2 else escape(piece, UNRESERVED + RESERVED) for index, piece in enumerate(kept))


def _cut(text: str, mark: str) -> tuple[str, str]:
    index = text.find(mark)
    if index < 0:
        return text, ""
    tail = text[index:]
    return text[:index], tail if len(tail) > 1 else mark
