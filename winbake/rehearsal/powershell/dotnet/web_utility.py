"""System.Net.WebUtility."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from urllib.parse import unquote_to_bytes

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.dotnet.text_writers import TextWriter
from winbake.rehearsal.powershell.dotnet.uri import escape
from winbake.rehearsal.powershell.values import PSArray

WEB = "System.Net.WebUtility"
_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!*()"
_NAMED = {"<": "&lt;", ">": "&gt;", '"': "&quot;", "&": "&amp;", "'": "&#39;"}
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]*));")


@static(WEB, "UrlEncode")
def url_encode(text: str | None) -> str | None:
    return None if text is None else escape(text, _SAFE + " ").replace(" ", "+")


@static(WEB, "UrlDecode")
def url_decode(text: str | None) -> str | None:
    return None if text is None else unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


@static(WEB, "UrlEncodeToBytes")
def url_encode_bytes(data: PSArray | None, offset: int, count: int) -> PSArray | None:
    if data is None:
        return None
    encoded = "".join(
        chr(byte) if chr(byte) in _SAFE else "+" if byte == 32 else f"%{byte:02X}"
        for byte in bytes_of(data)[offset : offset + count]
    )
    return byte_array(encoded.encode("ascii"))


@static(WEB, "UrlDecodeToBytes")
def url_decode_bytes(data: PSArray | None, offset: int, count: int) -> PSArray | None:
    if data is None:
        return None
    return byte_array(unquote_to_bytes(bytes_of(data)[offset : offset + count].replace(b"+", b" ")))


@static(WEB, "HtmlEncode", "String")
def html_encode(text: str | None) -> str | None:
    if text is None:
        return None
    return "".join(_NAMED.get(c) or (f"&#{ord(c)};" if 160 <= ord(c) <= 255 or ord(c) > 0xFFFF else c) for c in text)


def _decoded(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        code = 39 if name == "apos" else name2codepoint.get(name, 0)
    else:
        code = int(decimal) if decimal else int(hexadecimal, 16)
    valid = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if valid else found[0]


@static(WEB, "HtmlDecode", "String")
def html_decode(text: str | None) -> str | None:
    return None if text is None else _ENTITY.sub(_decoded, text)


@static(WEB, "HtmlEncode", "String, TextWriter")
def html_encode_to(text: str | None, writer: TextWriter) -> None:
    writer.put(html_encode(text) or "")


@static(WEB, "HtmlDecode", "String, TextWriter")
def html_decode_to(text: str | None, writer: TextWriter) -> None:
    writer.put(html_decode(text) or "")
