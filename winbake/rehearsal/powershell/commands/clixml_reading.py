"""CLIXML back into objects: primitives as themselves, everything else as a "Deserialized." property bag."""

from __future__ import annotations

import base64
import decimal
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.dotnet.collections import ArrayList, Hashtable, Queue, Stack
from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid, Version
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.hosting.clixml import decode_text
from winbake.rehearsal.powershell.members import invoke_static
from winbake.rehearsal.powershell.types import get_type

_NAMESPACE = "{http://schemas.microsoft.com/powershell/2004/04}"
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?\Z")
_ROUND_TRIP = 128  # DateTimeStyles.RoundtripKind

_READERS: dict[str, Callable[[str], Any]] = {
    "S": decode_text,
    "SBK": decode_text,
    "B": lambda text: text == "true",
    "C": lambda text: v.Char(chr(int(text))),
    "I32": int,
    "By": lambda text: v.Byte(text),
    "SB": lambda text: v.SByte(text),
    "I16": lambda text: v.Int16(text),
    "U16": lambda text: v.UInt16(text),
    "U32": lambda text: v.UInt32(text),
    "I64": lambda text: v.Int64(text),
    "U64": lambda text: v.UInt64(text),
    "Db": lambda text: _double(text),
    "Sg": lambda text: v.Single(_double(text)),
    "D": decimal.Decimal,
    "TS": lambda text: TimeSpan(ticks_of(text)),
    "G": Guid.parse,
    "Version": Version.parse,
    "BA": lambda text: v.PSArray([v.Byte(b) for b in base64.b64decode(text)], "System.Byte"),
}


def _double(text: str) -> float:
    special = {"NaN": "nan", "INF": "inf", "-INF": "-inf", "Infinity": "inf", "-Infinity": "-inf"}
    return float(special.get(text, text))


def ticks_of(text: str) -> int:
    """The ticks of an XML duration."""
    match = _DURATION.match(text)
    if match is None:
        raise NetError("System.FormatException", f"The string '{text}' is not a valid TimeSpan value.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:5])
    ticks = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 10_000_000
    ticks += int(((match[6] or "") + "0000000")[:7])
    return -ticks if match[1] else ticks


class Reader:
    """Reads one document. Raises NetError (System.Xml.XmlException) for what is no CLIXML."""

    def __init__(self, session: Any, text: str) -> None:
        self._session = session
        self._objects: dict[str, Any] = {}
        self._names: dict[str, list[str]] = {}
        try:
            self._root = ElementTree.fromstring(text.lstrip("\ufeff"))
        except ElementTree.ParseError as failure:
            raise NetError("System.Xml.XmlException", str(failure)) from None
        if self._root.tag != f"{_NAMESPACE}Objs":
            raise NetError("System.Xml.XmlException", f"Element 'Objs' was not found. Found '{self._root.tag}'.")

    def read(self) -> list[Any]:
        return [self._value(element) for element in self._root]

    def _value(self, element: ElementTree.Element) -> Any:
        tag = element.tag.removeprefix(_NAMESPACE)
        text = element.text or ""
        if tag == "Nil":
            return None
        if tag == "Ref":
            return self._objects[element.get("RefId", "")]
        if tag == "Obj":
            return self._object(element)
        if tag == "DT":
            style = get_type("System.DateTime")
            return invoke_static(self._session, style, "Parse", [text, None, _ROUND_TRIP])
        if tag == "URI":
            from winbake.rehearsal.powershell.members import create

            return create(self._session, get_type("System.Uri"), [decode_text(text)])
        reader = _READERS.get(tag)
        if reader is None:
            raise NotModelled(f"the CLIXML element {tag}")
        return reader(text)

    def _object(self, element: ElementTree.Element) -> Any:
        names: list[str] | None = None
        base: Any = v.CUSTOM
        members = v.MemberTable()
        shown: str | None = None
        made: Any = None
        for child in element:
            tag = child.tag.removeprefix(_NAMESPACE)
            if tag == "TN":
                names = [deserialized(decode_text(one.text or "")) for one in child]
                self._names[child.get("RefId", "")] = names
            elif tag == "TNRef":
                names = self._names[child.get("RefId", "")]
            elif tag == "ToString":
                shown = decode_text(child.text or "")
            elif tag in ("Props", "MS"):
                for item in child:
                    members.add(v.NoteProperty(decode_text(item.get("N", "")), self._value(item)))
            elif tag in ("LST", "IE"):
                base = ArrayList([self._value(item) for item in child])
            elif tag == "QUE":
                base = Queue([self._value(item) for item in child])
            elif tag == "STK":
                base = Stack([self._value(item) for item in child])
            elif tag == "DCT":
                base = self._dictionary(child)
            else:
                base = self._value(child)
        made = self._made(base, members, names, shown)
        self._objects[element.get("RefId", "")] = made
        return made

    def _dictionary(self, element: ElementTree.Element) -> Hashtable:
        table = Hashtable(ignore_case=True)
        for entry in element:
            parts = {item.get("N"): self._value(item) for item in entry}
            table.set(v.unwrap(parts["Key"]), parts["Value"])
        return table

    def _made(self, base: Any, members: v.MemberTable, names: list[str] | None, shown: str | None) -> Any:
        if isinstance(base, (ArrayList, Hashtable, Queue, Stack)):
            base.ps_type_names = names
            if len(members):
                base.ps_members = members
            return base
        if shown is not None:
            text = v.CodeMethod("ToString", lambda _base, *_arguments: shown)
            text.hidden = True
            members.add(text)
        return v.PSObject(base, members, names)


def deserialized(name: str) -> str:
    """Type names of what came back say so; System.Object stays."""
    return name if name.startswith("Deserialized.") or not name else f"Deserialized.{name}"
