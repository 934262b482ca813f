"""ConvertFrom-StringData."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.regex import unescape


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
        try:
            return unescape(text)
        except NetError as failure:
            kind = failure.exception.type_name
            raise self.fail(kind, failure.exception.message, "NotSpecified", kind) from None
