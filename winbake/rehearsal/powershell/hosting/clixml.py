"""CLIXML as powershell.exe writes its error stream when it was started with -EncodedCommand: lines of errors,
warnings and so on as texts, progress and information records as objects ([MS-PSRP] 2.2.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Progress:
    """A ProgressRecord. Percent and seconds are -1 if unknown."""

    activity: str
    status: str
    activity_id: int = 0
    parent_id: int = -1
    percent: int = -1
    seconds_remaining: int = -1
    operation: str | None = None
    completed: bool = False


class ClixmlWriter:
    """Writes one `<Objs>` document; nothing at all if nothing is written."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._open = False
        self._references = 0
        self._types: dict[str, int] = {}

    def _begin(self) -> None:
        if not self._open:
            self._open = True
            self._write(HEADER + OPENING)

    def text(self, stream: str, text: str) -> None:
        """A text of a stream; "Error" has a capital, "warning", "verbose" and "debug" have none."""
        self._begin()
        self._write(f'<S S="{stream}">{encode_text(text)}</S>')

    def progress(self, record: Progress, source_id: int = 1) -> None:
        self._begin()
        operation = "<Nil />" if record.operation is None else f"<S>{encode_text(record.operation)}</S>"
        self._write(
            f'<Obj S="progress" RefId="{self._reference()}">'
            + self._type_names("System.Management.Automation.PSCustomObject")
            + f'<MS><I64 N="SourceId">{source_id}</I64><PR N="Record"><AV>{encode_text(record.activity)}</AV>'
            f"<AI>{record.activity_id}</AI>{operation}<PI>{record.parent_id}</PI><PC>{record.percent}</PC>"
            f"<T>{'Completed' if record.completed else 'Processing'}</T><SR>{record.seconds_remaining}</SR>"
            f"<SD>{encode_text(record.status)}</SD></PR></MS></Obj>"
        )

    def information(self, text: str, source: str, tags: list[str]) -> None:
        """An InformationRecord of Write-Host or Write-Information: its text, where it came from, its tags."""
        self._begin()
        listed = "".join(f"<S>{encode_text(tag)}</S>" for tag in tags)
        self._write(
            f'<Obj S="information" RefId="{self._reference()}">'
            + self._type_names("System.Management.Automation.InformationRecord")
            + f"<ToString>{encode_text(text)}</ToString><Props>"
            f'<S N="MessageData">{encode_text(text)}</S><S N="Source">{encode_text(source)}</S>'
            f'<Obj N="Tags" RefId="{self._reference()}">{self._type_names(_STRING_LIST)}'
            f"<LST>{listed}</LST></Obj></Props></Obj>"
        )

    def _reference(self) -> int:
        self._references += 1
        return self._references - 1

    def _type_names(self, name: str) -> str:
        """The names of a type and its base, spelled once a document."""
        known = self._types.get(name)
        if known is not None:
            return f'<TNRef RefId="{known}" />'
        self._types[name] = len(self._types)
        return f'<TN RefId="{self._types[name]}"><T>{name}</T><T>System.Object</T></TN>'

    def close(self) -> None:
        if self._open:
            self._write(CLOSING)
            self._open = False


def streams_in(document: str) -> list[str]:
    """The names of the streams that a CLIXML document holds, in lower case, each once."""
    return list(dict.fromkeys(name.lower() for name in re.findall(r'<(?:S|Obj) S="(\w+)"', document)))
