"""Reads the CLIXML that Windows PowerShell writes on a redirected stderr, and keeps what a person needs.

`powershell.exe -EncodedCommand` with redirected streams writes `#< CLIXML` and then one `<Objs>` document per
start, whose `<S S="Error">` elements carry the error view in pieces and whose `<Obj S="progress">` are noise.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

MARK = b"#< CLIXML"
_NAMESPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
# [MS-PSRP] 2.2.5.3.2: characters that XML cannot carry are written as _xHHHH_, surrogates one by one.
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_PREFIXES = {"warning": "WARNING: ", "verbose": "VERBOSE: ", "debug": "DEBUG: "}


def error_text(stderr: bytes) -> str:
    """The text of a PowerShell's stderr: plain text as it is, CLIXML read, progress records dropped."""
    parts = []
    for piece in re.split(rb"(?=#< CLIXML)", stderr):
        parts.append(_read_piece(piece) if piece.startswith(MARK) else _decode(piece))
    return "".join(parts).replace("\r\n", "\n").strip()


def _read_piece(piece: bytes) -> str:
    body = _decode(piece[len(MARK) :])
    # Native programs write to the same stream, so text may stand before, between and after the documents.
    parts: list[str] = []
    position = 0
    for match in re.finditer(r"<Objs\b.*?</Objs>", body, re.DOTALL):
        parts.append(_loose_text(body[position : match.start()]))
        parts.append(_read_document(match.group()))
        position = match.end()
    parts.append(_loose_text(body[position:]))
    return "".join(parts)


def _loose_text(text: str) -> str:
    return text if text.strip() else ""


def _read_document(document: str) -> str:
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return document  # cut or damaged: better raw than lost
    lines = []
    for element in root:
        stream = element.get("S", "").lower()
        if stream == "progress":
            continue
        text = _unescape(element.text or "") if element.tag == f"{_NAMESPACE}S" else _object_text(element)
        if text:
            lines.append(text if stream not in _PREFIXES else f"{_PREFIXES[stream]}{text}\n")
    return "".join(lines)


def _object_text(element: ElementTree.Element) -> str:
    """What an object on the error or information stream says of itself."""
    shown = element.find(f"{_NAMESPACE}ToString")
    return f"{_unescape(shown.text)}\n" if shown is not None and shown.text else ""


def _unescape(text: str) -> str:
    units = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _decode(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
