"""ConvertTo-Json as 5.1 has it: its own walk over the objects, JavaScriptSerializer's text, then its own layout.

The rules and where they are from: `differences.md`, "ConvertTo-Json". The walk makes of everything one of: None,
bool, numbers, str, DateTime, dict and list; whether a PSObject stands round a value decides what is added to it.
"""

from __future__ import annotations

import decimal
from typing import Any

from winbake.rehearsal.powershell import convert, formatting, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, DateTimeOffset
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid
from winbake.rehearsal.powershell.dotnet.uri import Uri

MAXIMUM_DEPTH = 100
_UNIX_EPOCH_TICKS = 621_355_968_000_000_000
_WIDE_ENUMS = ("Int64", "UInt64")


@cmdlet("ConvertTo-Json")
class ConvertToJson(Cmdlet):
    def begin(self) -> None:
        self._depth: int = self.get("Depth", 2)
        if self._depth > MAXIMUM_DEPTH:
            message = f"The maximum depth allowed for serialization is {MAXIMUM_DEPTH}."
            kind = "System.InvalidOperationException"
            raise self.fail("ReachedMaximumDepthAllowed", message, "InvalidOperation", kind)
        self._input: list[Any] = []

    def process(self) -> None:
        value = self.get("InputObject")
        if not objects.is_null(value):
            # What comes down a pipeline has a PSObject round it.
            self._input.append(_Wrapped(value) if self.has_pipeline_input else value)

    def end(self) -> None:
        if not self._input:
            return
        whole = self._input[0] if len(self._input) == 1 else v.PSArray(self._input)
        compact = serialize(self._walk(whole, 0))
        self.emit(compact if self.switch("Compress") else lay_out(compact))

    # the walk

    def _walk(self, raw: Any, depth: int) -> Any:
        wrapped = isinstance(raw, _Wrapped)
        outer = raw.value if isinstance(raw, _Wrapped) else raw
        wrapped = wrapped or type(outer) is v.PSObject
        value = outer.base if type(outer) is v.PSObject else outer
        extended = type(outer) is v.PSObject or (isinstance(value, v.NetObject) and value.ps_members is not None)
        if objects.is_null(value):
            return None
        reflected = False
        if _is_plain(value):
            made = value
        elif isinstance(value, types.EnumValue):
            made = value.name if _is_wide(value) else value.value
        elif depth > self._depth:
            if value is v.CUSTOM:
                return convert.to_text(outer, self.session)
            made = convert.to_text(value, self.session)
        elif isinstance(value, Dictionary):
            made = self._walk_dictionary(value, depth)
        elif value is v.CUSTOM:
            made, reflected = {}, True
        elif (items := convert.enumerate_items(value)) is not None:
            made = [self._walk(item, depth + 1) for item in items]
        else:
            made, reflected = self._reflect(value, depth), True
        if not wrapped and not extended:
            return made
        return self._add_extended(outer, made, depth, reflected)

    def _walk_dictionary(self, table: Any, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in table.items():
            name = v.unwrap(key)
            if not isinstance(name, str) or isinstance(name, v.Char):
                kind = objects.base_type_name(table)
                message = (
                    f"The type '{kind}' is not supported for serialization or deserialization of a dictionary. "
                    "Keys must be strings."
                )
                exception = "System.InvalidOperationException"
                raise self.fail("NonStringKeyInDictionary", message, "InvalidOperation", exception, table)
            made[name] = self._walk(value, depth + 1)
        return made

    def _reflect(self, value: Any, depth: int) -> dict[str, Any]:
        """Public properties of the .NET type; one that throws is null."""
        return {
            view.name: self._walk(view.read_or_null(), depth + 1)
            for view in objects.properties(self.session, value)
            if view.kind == "Property"
        }

    def _add_extended(self, outer: Any, made: Any, depth: int, reflected: bool) -> Any:
        """Extended properties go into an object; of anything else they make `{"value": …, …}`."""
        receiver = made if isinstance(made, dict) else {"value": made}
        for view in objects.properties(self.session, outer):
            if (reflected or view.kind != "Property") and view.name not in receiver:
                receiver[view.name] = self._walk(view.read_or_null(), depth + 1)
        return made if receiver is not made and len(receiver) == 1 else receiver


class _Wrapped:
    """A value with the PSObject that the pipeline puts round it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _is_plain(value: Any) -> bool:
    if isinstance(value, v.BigInteger):
        return False
    plain = (bool, int, float, str, decimal.Decimal, DateTime, DateTimeOffset, Guid, Uri)
    return isinstance(value, plain)


def _is_wide(value: types.EnumValue) -> bool:
    return str(value.net_type.row.get("underlying", "Int32")) in _WIDE_ENUMS


# ---- text -----------------------------------------------------------------------------------------------

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ENCODED = frozenset("'<>&\u0085\u2028\u2029")


def quoted(text: str) -> str:
    """A JSON string as HttpUtility.JavaScriptStringEncode writes it."""
    parts = ['"']
    for c in text:
        if c in _ESCAPES:
            parts.append(_ESCAPES[c])
        elif c < " " or c in _ENCODED:
            parts.append(f"\\u{ord(c):04x}")
        else:
            parts.append(c)
    parts.append('"')
    return "".join(parts)


def serialize(value: Any) -> str:
    """Compact JSON of what the walk made."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(name)}:{serialize(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(serialize(one) for one in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, v.Char):
        return "null" if value == "\0" else quoted(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        return formatting.format_value(value, "R")
    if isinstance(value, (DateTime, DateTimeOffset)):
        return date(value)
    if isinstance(value, Guid):
        return quoted(str(value))
    if isinstance(value, Uri):
        return quoted(value.absolute_uri if value.is_absolute else str(value))
    return formatting.net_to_string(value)


def date(value: DateTime | DateTimeOffset) -> str:
    """`"\\/Date(ms)\\/"`, milliseconds since 1970 UTC; an unspecified kind counts as local."""
    ticks = value.utc_ticks if isinstance(value, DateTimeOffset) else value.to_universal().ticks
    return f'"\\/Date({(ticks - _UNIX_EPOCH_TICKS) // 10_000})\\/"'


# ---- layout ---------------------------------------------------------------------------------------------


def lay_out(compact: str) -> str:
    """5.1's indentation: members stand 4 columns right of their opener, which stands behind `"key":` and 2 spaces."""
    parts: list[str] = []
    i = 0
    stack: list[int] = []  # columns of the openers
    column = 0  # where the next character goes
    fresh = False  # right after an opener or a comma
    while i < len(compact):
        c = compact[i]
        if c in "]}":
            opener = stack.pop()
            parts.append("\r\n" + " " * opener + c)
            column = opener + 1
            fresh = False
            i += 1
            continue
        if fresh:
            column = stack[-1] + 4
            parts.append(" " * column)
            fresh = False
        if c in "[{":
            stack.append(column)
            parts.append(c + "\r\n")
            fresh = True
            i += 1
            if compact[i] in "]}":
                fresh = False
            continue
        if c == '"':
            end = _string_end(compact, i)
            parts.append(compact[i:end])
            column += end - i
            i = end
            continue
        if c == ",":
            parts.append(",\r\n")
            fresh = True
        elif c == ":":
            parts.append(":  ")
            column += 3
        else:
            parts.append(c)
            column += 1
        i += 1
    return "".join(parts)


def _string_end(text: str, start: int) -> int:
    i = start + 1
    while text[i] != '"':
        i += 2 if text[i] == "\\" else 1
    return i + 1
