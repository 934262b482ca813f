"""ConvertFrom-StringData."""

from __future__ import annotations

import re

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.errors import ScriptError

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[@-_a-z]|[0-7]{1,3}|.|$)", re.S)
_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@cmdlet("ConvertFrom-StringData")
class ConvertFromStringData(Cmdlet):
    """`name = value` lines; backslashes in values are escapes as in a regular expression."""

    def process(self) -> None:
        table = Hashtable(ignore_case=True)
        for line in (self.get("StringData") or "").split("\n"):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise self._invalid(f"Data line '{line}' is not in 'name=value' format. ")
            if table.contains(name.strip()):
                raise self._invalid(f"Data item '{name.strip()}' in line '{line}' is already defined. ")
            table.set(name.strip(), self._unescaped(value.strip()))
        self.emit(table)

    def _invalid(self, message: str) -> ScriptError:
        kind = "System.Management.Automation.PSInvalidOperationException"
        return self.fail("InvalidOperation", message, "InvalidOperation", kind)

    def _unescaped(self, text: str) -> str:
        """Regex.Unescape."""

        def one(match: re.Match[str]) -> str:
            body = match[1]
            if body[:1] in ("x", "u") and len(body) > 1:
                return chr(int(body[1:], 16))
            if body[:1] == "c" and len(body) > 1:
                return chr(ord(body[1].upper()) - 64)
            if body[:1].isdigit() and body[0] < "8":
                return chr(int(body, 8))
            if body in _LETTERS:
                return _LETTERS[body]
            if not body or body.isalnum() or body == "_":
                what = f"Unrecognized escape sequence \\{body}." if body else "Illegal \\ at end of pattern."
                kind = "System.ArgumentException"
                raise self.fail("System.ArgumentException", f'parsing "{text}" - {what}', "NotSpecified", kind)
            return body

        return _ESCAPE.sub(one, text)
