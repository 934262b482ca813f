"""SOAP envelopes of WS-Management as the Windows service writes and reads them ([MS-WSMV], [DSP0226])."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "cfg": "http://schemas.microsoft.com/wbem/wsman/1/config",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
DEFAULT_OPERATION_TIMEOUT = 60.0  # MaxTimeoutms, windows_facts: 60000


class Malformed(Exception):
    """The message is not XML, or not a SOAP 1.2 envelope."""


@dataclass(frozen=True)
class Envelope:
    """One request as the service needs it."""

    action: str
    resource: str
    message_id: str
    body: ElementTree.Element
    selectors: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    """Names in upper case."""
    operation_timeout: float = DEFAULT_OPERATION_TIMEOUT
    max_envelope_size: int | None = None
    to: str = ""

    def option(self, name: str) -> bool:
        return self.options.get(name, "").upper() in ("TRUE", "1")


def read_envelope(data: bytes) -> Envelope:
    """Parse a request. Raises Malformed."""
    if b"<!DOCTYPE" in data:
        raise Malformed("a document type declaration")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise Malformed(str(error)) from error
    body = root.find("s:Body", NS)
    if root.tag != f"{{{NS['s']}}}Envelope" or body is None:
        raise Malformed("not a SOAP 1.2 envelope")
    header = root.find("s:Header", NS)
    if header is None:
        header = ElementTree.Element("Header")
    timeout = _text(header, "w:OperationTimeout")
    size = _text(header, "w:MaxEnvelopeSize")
    return Envelope(
        action=_text(header, "a:Action"),
        resource=_text(header, "w:ResourceURI"),
        message_id=_text(header, "a:MessageID"),
        body=body,
        selectors={
            item.get("Name", "").lower(): (item.text or "").strip()
            for item in header.iterfind("w:SelectorSet/w:Selector", NS)
        },
        options={
            item.get("Name", "").upper(): (item.text or "").strip()
            for item in header.iterfind("w:OptionSet/w:Option", NS)
        },
        operation_timeout=seconds(timeout) if timeout else DEFAULT_OPERATION_TIMEOUT,
        max_envelope_size=int(size) if size.isdigit() else None,
        to=_text(header, "a:To"),
    )


def _text(header: ElementTree.Element, path: str) -> str:
    return (header.findtext(path, default="", namespaces=NS) or "").strip()


_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def seconds(duration: str) -> float:
    """An xs:duration (days and below) in seconds. Raises Malformed."""
    match = _DURATION.fullmatch(duration.strip())
    if not match or duration.strip() in ("P", "PT"):
        raise Malformed(f"not a duration: {duration!r}")
    parts = {name: float(value or 0) for name, value in match.groupdict().items()}
    return parts["days"] * 86400 + parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"]


def write_envelope(action: str, body: str, relates_to: str = "") -> bytes:
    """A response envelope around ready XML."""
    spaces = " ".join(f'xmlns:{prefix}="{NS[prefix]}"' for prefix in ("s", "a", "x", "n", "w", "rsp", "p"))
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f'<s:Envelope xml:lang="en-US" {spaces}><s:Header><a:Action>{escape(action)}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>{related}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def element(name: str, text: str | None = None, **attributes: str) -> str:
    """One XML element as text, escaped; without text, an empty one."""
    rest = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{rest}/>" if text is None else f"<{name}{rest}>{escape(text)}</{name}>"


def children(parent: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Children of the shell namespace by local name."""
    return parent.iterfind(f"rsp:{name}", NS)
