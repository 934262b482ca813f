"""CLIXML as powershell.exe writes its error stream when it was started with -EncodedCommand: lines of errors,
warnings and so on as texts, progress and information records as objects ([MS-PSRP] 2.2.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

HEADER = "#< CLIXML\r\n"
OPENING = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
CLOSING = "</Objs>"
_STRING_LIST = (
    "System.Collections.Generic.List`1[[System.String, mscorlib, Version=4.0.0.0, Culture=neutral, "
    "PublicKeyToken=b77a5c561934e089]]"
)
_ENCODED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def encode_text(text: str) -> str:
    """A string as CLIXML writes it: control characters as `_x000D_`, and what looks like one of those escaped."""
    encoded = _ENCODED.sub(lambda match: f"_x{ord(match.group()):04X}_", text)
    return escape(encoded)


def decode_text(text: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match.group(1), 16)), text)


class ClixmlWriter:
    """Writes one `<Objs>` document; nothing at all if nothing is written."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open = False
        self._references = 0

    def _begin(self) -> None:
        if not self._open:
            self._open = True
            self._write(HEADER + OPENING)

    def text(self, stream: str, text: str) -> None:
        """A text of a stream; "Error" has a capital, "warning", "verbose" and "debug" have none."""
        self._begin()
        self._write(f'<S S="{stream}">{encode_text(text)}</S>')

    def progress(self, record: Any, source_id: int = 1) -> None:
        """A ProgressRecord, read by its properties' lower-case names."""

        def of(name: str, missing: Any = None) -> Any:
            value = getattr(record, name, missing)
            return missing if value is None else value

        self._begin()
        operation = of("current_operation")
        current = "<Nil />" if not operation else f"<S>{encode_text(str(operation))}</S>"
        state = "Completed" if getattr(of("record_type"), "name", of("record_type")) == "Completed" else "Processing"
        self._write(
            f'<Obj S="progress" RefId="{self._reference()}"><TN RefId="0">'
            "<T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN><MS>"
            f'<I64 N="SourceId">{source_id}</I64><PR N="Record"><AV>{encode_text(str(of("activity", "")))}</AV>'
            f"<AI>{int(of('activity_id', 0))}</AI>{current}<PI>{int(of('parent_activity_id', -1))}</PI>"
            f"<PC>{int(of('percent_complete', -1))}</PC><T>{state}</T><SR>{int(of('seconds_remaining', -1))}</SR>"
            f"<SD>{encode_text(str(of('status_description', of('status', ''))))}</SD></PR></MS></Obj>"
        )

    def information(self, text: str, source: str, tags: list[str]) -> None:
        """An InformationRecord of Write-Host or Write-Information: its text, where it came from, its tags."""
        self._begin()
        listed = "".join(f"<S>{encode_text(tag)}</S>" for tag in tags)
        self._write(
            f'<Obj S="information" RefId="{self._reference()}"><TN RefId="1">'
            "<T>System.Management.Automation.InformationRecord</T><T>System.Object</T></TN>"
            f"<ToString>{encode_text(text)}</ToString><Props>"
            f'<S N="MessageData">{encode_text(text)}</S><S N="Source">{encode_text(source)}</S>'
            f'<Obj N="Tags" RefId="{self._reference()}"><TN RefId="2"><T>{_STRING_LIST}</T><T>System.Object</T></TN>'
            f"<LST>{listed}</LST></Obj></Props></Obj>"
        )

    def _reference(self) -> int:
        self._references += 1
        return self._references - 1

    def close(self) -> None:
        if self._open:
            self._write(CLOSING)
            self._open = False


def streams_in(document: str) -> list[str]:
    """The names of the streams that a CLIXML document holds, in lower case, each once."""
    return list(dict.fromkeys(name.lower() for name in re.findall(r'<(?:S|Obj) S="(\w+)"', document)))
