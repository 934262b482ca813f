"""ConvertFrom-Json as 5.1 has it: JavaScriptSerializer's reader (after .NET Framework's JavaScriptObjectDeserializer).

Wider than JSON (`'single'` quotes, bare keys), narrower in places (no trailing comma, no comment)."""

from __future__ import annotations

import decimal
import re
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.datetime import UTC, DateTime
from winbake.rehearsal.powershell.errors import ScriptError

_DEPTH_LIMIT = 102
_DATE = re.compile(r'"\\/Date\((?P<ms>-?[0-9]+)(?:[a-zA-Z]|[+-][0-9]{4})?\)\\/"')
_UNIX_EPOCH_TICKS = 621_355_968_000_000_000
_MAXIMUM_DECIMAL = 2**96 - 1
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<digits>[0-9]*\.?[0-9]*)(?P<behind>[+-]?)")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


_ESCAPES = {'"': '"', "'": "'", "/": "/", "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class BadJson(Exception):
    """The text is not what the reader takes; the message is the Framework's."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> Any:
        value = self._value(0)
        if self._next() is not None:
            raise BadJson(f"Invalid JSON primitive: {self.text[self.at :]}.")
        return value

    def _next(self) -> str | None:
        """The next character that is no white space, consumed."""
        while self.at < len(self.text):
            c = self.text[self.at]
            self.at += 1
            if not c.isspace():
                return c
        return None

    def _bad(self, message: str) -> BadJson:
        return BadJson(f"{message} ({self.at}): {self.text}")

    def _value(self, depth: int) -> Any:
        depth += 1
        if depth > _DEPTH_LIMIT:
            raise self._bad("RecursionLimit exceeded.")
        c = self._next()
        if c is None:
            return None
        self.at -= 1
        if self.text.startswith('"\\/Date(', self.at):
            return self._date()
        if c == "{":
            return self._dictionary(depth)
        if c == "[":
            return self._list(depth)
        if c in "\"'":
            return self._string()
        return self._primitive()

    def _list(self, depth: int) -> list[Any]:
        self.at += 1
        items: list[Any] = []
        expect_more = False
        while (c := self._next()) is not None and c != "]":
            self.at -= 1
            items.append(self._value(depth))
            expect_more = False
            c = self._next()
            if c == "]":
                break
            expect_more = True
            if c != ",":
                raise self._bad("Invalid array passed in, ',' expected.")
        if expect_more:
            raise self._bad("Invalid array passed in, extra trailing ','.")
        if c != "]":
            raise self._bad("Invalid array passed in, ']' expected.")
        return items

    def _dictionary(self, depth: int) -> dict[str, Any]:
        self.at += 1
        entries: dict[str, Any] | None = None
        while (c := self._next()) is not None:
            self.at -= 1
            if c == ":":
                raise self._bad("Invalid object passed in, member name expected.")
            name: str | None = None
            if c != "}":
                name = self._member_name()
                if self._next() != ":":
                    raise self._bad("Invalid object passed in, ':' or '}' expected.")
            if entries is None:
                entries = {}
                if name is None:
                    c = self._next()
                    break
            value = self._value(depth)
            entries[name or ""] = value
            c = self._next()
            if c == "}":
                break
            if c != ",":
                raise self._bad("Invalid object passed in, ':' or '}' expected.")
        if c != "}":
            raise self._bad("Invalid object passed in, ':' or '}' expected.")
        return entries or {}

    def _member_name(self) -> str:
        c = self._next()
        if c is None:
            return ""
        self.at -= 1
        return self._string() if c in "\"'" else self._token()

    def _string(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.text):
            c = self.text[self.at]
            self.at += 1
            if c == quote:
                return "".join(parts)
            parts.append(self._escape() if c == "\\" else c)
        raise self._bad("Unterminated string passed in.")

    def _escape(self) -> str:
        if self.at >= len(self.text):
            raise self._bad("Unterminated string passed in.")
        c = self.text[self.at]
        self.at += 1
        if c == "u":
            digits = self.text[self.at : self.at + 4]
            if not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
                raise self._bad("Unrecognized escape sequence.")
            self.at += 4
            return chr(int(digits, 16))
        if c not in _ESCAPES:
            raise self._bad("Unrecognized escape sequence.")
        return _ESCAPES[c]

    def _date(self) -> Any:
        match = _DATE.match(self.text, self.at)
        if match is None:
            return self._string()
        self.at = match.end()
        return DateTime(int(match["ms"]) * 10_000 + _UNIX_EPOCH_TICKS, UTC)

    def _token(self) -> str:
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in ".-_+"):
            self.at += 1
        return self.text[start : self.at]

    def _primitive(self) -> Any:
        token = self._token()
        words = {"null": None, "true": True, "false": False}
        if token in words:
            return words[token]
        number = number_of(token)
        if number is None:
            raise BadJson(f"Invalid JSON primitive: {token}.")
        return number


def number_of(token: str) -> Any:
    """Int32, else Int64, else Decimal, else Double; with an exponent Double at once. None: no number."""
    if "e" not in token.lower():
        if "." not in token and _INTEGER.fullmatch(token):
            number = int(token)
            if -(2**31) <= number < 2**31:
                return number
            if -(2**63) <= number < 2**63:
                return v.Int64(number)
        match = _NUMBER.fullmatch(token)
        if match is not None and match["digits"].strip(".") and not (match["sign"] and match["behind"]):
            exact = decimal.Decimal(("-" if "-" in (match["sign"], match["behind"]) else "") + match["digits"])
            fitted = _as_decimal(exact)
            if fitted is not None:
                return fitted
    if _FLOAT.fullmatch(token):
        double = float(token)
        return None if double in (float("inf"), float("-inf")) else double
    return {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.get(token)


def _as_decimal(exact: decimal.Decimal) -> decimal.Decimal | None:
    """Rounded to the 28 or 29 digits that System.Decimal holds; None if the number is too great."""
    context = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_EVEN)
    if abs(exact) > _MAXIMUM_DECIMAL:
        return None
    places = max(0, min(28, -int(exact.as_tuple().exponent)))
    while True:
        rounded = exact.quantize(decimal.Decimal(1).scaleb(-places), context=context)
        if abs(int(rounded.scaleb(places, context=context))) <= _MAXIMUM_DECIMAL:
            return rounded
        places -= 1


@cmdlet("ConvertFrom-Json")
class ConvertFromJson(Cmdlet):
    """A top-level array goes out as one object."""

    def begin(self) -> None:
        self._lines: list[str] = []

    def process(self) -> None:
        self._lines.append(self.get("InputObject") or "")

    def end(self) -> None:
        if not self._lines:
            return
        if len(self._lines) == 1:
            self._convert(self._lines[0])
            return
        try:
            first = _Reader(self._lines[0]).read()
        except BadJson:
            first = None
        else:
            self._write(first)
        if first is None:
            self._convert("\r\n".join(self._lines))
            return
        for line in self._lines[1:]:
            self._convert(line)

    def _convert(self, text: str) -> None:
        try:
            value = _Reader(text).read()
        except BadJson as failure:
            kind = "System.ArgumentException"
            raise self.fail("System.ArgumentException", str(failure), "NotSpecified", kind) from None
        self._write(value)

    def _write(self, value: Any) -> None:
        made = self._objects(value)
        self.emit(v.PSObject(made) if isinstance(made, v.PSArray) else made)

    def _objects(self, value: Any) -> Any:
        if isinstance(value, list):
            return v.PSArray([self._objects(item) for item in value])
        if not isinstance(value, dict):
            return value
        table = v.MemberTable()
        for name, item in value.items():
            if not name:
                raise self._empty_key()
            there = table.get(name)
            if there is not None:
                message = (
                    "Cannot convert the JSON string because a dictionary that was converted from the string "
                    f"contains the duplicated keys '{there.name}' and '{name}'."
                )
                kind = "System.InvalidOperationException"
                raise self.fail("DuplicateKeysInJsonString", message, "InvalidOperation", kind)
            table.add(v.NoteProperty(name, self._objects(item)))
        return v.PSObject(v.CUSTOM, table)

    def _empty_key(self) -> ScriptError:
        message = (
            'Cannot process argument because the value of argument "name" is not valid. Change the value of the "name" '
            "argument and run the operation again."
        )
        kind = "System.Management.Automation.PSArgumentException"
        return self.fail("Argument", message, "InvalidArgument", kind)
