"""Objects as CLIXML ([MS-PSRP] 2.2.5): what Export-Clixml and PSSerializer write."""

from __future__ import annotations

import base64
import decimal
from typing import Any

from winbake.rehearsal.powershell import convert, formatting, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.dotnet.collections import Dictionary, Queue, Stack
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, TimeSpan
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid, Version
from winbake.rehearsal.powershell.dotnet.secure_strings import SecureString
from winbake.rehearsal.powershell.dotnet.uri import Uri
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.hosting.clixml import OPENING, encode_text
from winbake.rehearsal.powershell.running.functions import ScriptBlock

_NUMBERS: dict[type, str] = {
    int: "I32",
    v.Byte: "By",
    v.SByte: "SB",
    v.Int16: "I16",
    v.UInt16: "U16",
    v.UInt32: "U32",
    v.Int64: "I64",
    v.UInt64: "U64",
}


class Writer:
    """One `<Objs>` document. `depth` levels of an object's properties are written as objects, deeper ones as text."""

    def __init__(self, session: Any, depth: int) -> None:
        self._session = session
        self._depth = depth
        self._lines: list[str] = [OPENING]
        self._objects: dict[int, tuple[int, Any]] = {}
        self._type_names: dict[tuple[str, ...], int] = {}

    def write(self, value: Any) -> None:
        self._value(value, None, self._depth, 1)

    def text(self) -> str:
        return "\r\n".join([*self._lines, "</Objs>"])

    def _line(self, level: int, text: str) -> None:
        self._lines.append("  " * level + text)

    def _element(self, level: int, tag: str, name: str | None, text: str) -> None:
        self._line(
            level, f"<{tag}{_named(name)} />" if text == "" and tag != "S" else f"<{tag}{_named(name)}>{text}</{tag}>"
        )

    def _value(self, outer: Any, name: str | None, depth: int, level: int) -> None:
        value = outer.base if type(outer) is v.PSObject else outer
        if objects.is_null(outer):
            self._line(level, f"<Nil{_named(name)} />")
            return
        primitive = simple(value)
        notes = outer.members if type(outer) is v.PSObject and value is not v.CUSTOM else None
        if primitive is not None and not notes:
            self._element(level, primitive[0], name, primitive[1])
            return
        if primitive is None and self._reference(outer, name, level):
            return
        if primitive is None and depth < 1 and not _is_container(value):
            self._element(level, "S", name, encode_text(convert.to_text(outer, self._session)))
            return
        self._object(outer, value, primitive, name, depth, level)

    def _reference(self, outer: Any, name: str | None, level: int) -> bool:
        known = self._objects.get(id(_identity(outer)))
        if known is None:
            return False
        self._line(level, f'<Ref{_named(name)} RefId="{known[0]}" />')
        return True

    def _object(
        self, outer: Any, value: Any, primitive: tuple[str, str] | None, name: str | None, depth: int, level: int
    ) -> None:
        number = len(self._objects)
        identity = _identity(outer)
        self._objects[id(identity)] = (number, identity)
        self._line(level, f'<Obj{_named(name)} RefId="{number}">')
        self._names(outer, level + 1)
        if primitive is not None:
            self._element(level + 1, primitive[0], None, primitive[1])
        elif isinstance(value, types.EnumValue):
            self._element(level + 1, "ToString", None, encode_text(value.name))
            self._element(level + 1, "I32", None, str(value.value))
        elif isinstance(value, Dictionary):
            self._dictionary(value, depth, level + 1)
        elif (items := convert.enumerate_items(value)) is not None:
            tag = "QUE" if isinstance(value, Queue) else "STK" if isinstance(value, Stack) else "LST"
            self._line(level + 1, f"<{tag}>")
            for item in items:
                self._value(item, None, depth - 1, level + 2)
            self._line(level + 1, f"</{tag}>")
        elif value is not v.CUSTOM:
            self._element(level + 1, "ToString", None, encode_text(convert.to_text(outer, self._session)))
        self._properties(outer, value, primitive, depth, level + 1)
        self._line(level, "</Obj>")

    def _names(self, outer: Any, level: int) -> None:
        names = tuple(objects.type_names(self._session, outer))
        known = self._type_names.get(names)
        if known is not None:
            self._line(level, f'<TNRef RefId="{known}" />')
            return
        self._type_names[names] = len(self._type_names)
        self._line(level, f'<TN RefId="{self._type_names[names]}">')
        for one in names:
            self._line(level + 1, f"<T>{encode_text(one)}</T>")
        self._line(level, "</TN>")

    def _dictionary(self, table: Dictionary, depth: int, level: int) -> None:
        self._line(level, "<DCT>")
        for key, value in table.items():
            self._line(level + 1, "<En>")
            self._value(key, "Key", depth - 1, level + 2)
            self._value(value, "Value", depth - 1, level + 2)
            self._line(level + 1, "</En>")
        self._line(level, "</DCT>")

    def _properties(self, outer: Any, value: Any, primitive: tuple[str, str] | None, depth: int, level: int) -> None:
        views = objects.properties(self._session, outer)
        plain = primitive is not None or _is_container(value) or isinstance(value, types.EnumValue)
        for tag, kept in (
            ("Props", [] if plain else [view for view in views if view.kind == "Property"]),
            ("MS", _added(outer, views)),
        ):
            if not kept:
                continue
            self._line(level, f"<{tag}>")
            for view in kept:
                self._value(view.read_or_null(), view.name, depth - 1, level + 1)
            self._line(level, f"</{tag}>")


def _added(outer: Any, views: list[objects.PropertyView]) -> list[objects.PropertyView]:
    """The properties of the object itself (of strings and lists not those of type data)."""
    value = outer.base if type(outer) is v.PSObject else outer
    if value is v.CUSTOM or not (_is_container(value) or simple(value) is not None):
        return [view for view in views if view.kind != "Property"]
    own = outer.members if type(outer) is v.PSObject else getattr(value, "ps_members", None)
    return [view for view in views if own is not None and view.name in own]


def _identity(outer: Any) -> Any:
    return (
        outer.base
        if type(outer) is v.PSObject and isinstance(outer.base, v.NetObject) and outer.base is not v.CUSTOM
        else outer
    )


def _named(name: str | None) -> str:
    return "" if name is None else f' N="{encode_text(name)}"'.replace('"', '"')


def _is_container(value: Any) -> bool:
    return isinstance(value, Dictionary) or (not isinstance(value, str) and convert.enumerate_items(value) is not None)


def simple(value: Any) -> tuple[str, str] | None:
    """Tag and text of the types that CLIXML has elements for."""
    if isinstance(value, bool):
        return "B", "true" if value else "false"
    if isinstance(value, v.Char):
        return "C", str(ord(value))
    if isinstance(value, str):
        return "S", encode_text(value)
    if type(value) in _NUMBERS:
        return _NUMBERS[type(value)], str(int(value))
    if isinstance(value, float):
        return ("Sg" if isinstance(value, v.Single) else "Db"), formatting.format_value(value, "R")
    if isinstance(value, decimal.Decimal):
        return "D", formatting.net_to_string(value)
    if isinstance(value, DateTime):
        return "DT", formatting.format_value(value, "o")
    if isinstance(value, TimeSpan):
        return "TS", duration(value.ticks)
    if isinstance(value, Guid):
        return "G", str(value)
    if isinstance(value, Version):
        return "Version", str(value)
    if isinstance(value, Uri):
        return "URI", encode_text(formatting.net_to_string(value))
    if isinstance(value, ScriptBlock):
        return "SBK", encode_text(value.text)
    if isinstance(value, v.PSArray) and value.element_type == "System.Byte":
        return "BA", base64.b64encode(bytes(value.items)).decode("ascii")
    if isinstance(value, SecureString):
        raise NotModelled("a SecureString in CLIXML: encryption with DPAPI")
    return None


def duration(ticks: int) -> str:
    """XmlConvert.ToString(TimeSpan): `P1DT2H3M4.5S`."""
    if ticks == 0:
        return "PT0S"
    sign, rest = ("-", -ticks) if ticks < 0 else ("", ticks)
    days, rest = divmod(rest, 864_000_000_000)
    hours, rest = divmod(rest, 36_000_000_000)
    minutes, rest = divmod(rest, 600_000_000)
    seconds, fraction = divmod(rest, 10_000_000)
    text = f"{sign}P" + (f"{days}D" if days else "")
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += str(seconds) + (f".{fraction:07d}".rstrip("0") if fraction else "") + "S"
    return text + (f"T{clock}" if clock else "")
