"""Tee-Object."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet


@cmdlet("Tee-Object")
class TeeObject(Cmdlet):
    """Files are written as Out-File does, at the end; a variable holds one object as itself, more as an array."""

    def begin(self) -> None:
        self._seen: list[Any] = []

    def process(self) -> None:
        value = self.get("InputObject")
        self._seen.append(value)
        self.emit(value)

    def end(self) -> None:
        if self.has("Variable"):
            self._set_variable()
            return
        arguments: dict[str, Any] = {"Append": True} if self.switch("Append") else {}
        if self.has("LiteralPath"):
            arguments["LiteralPath"] = self.get("LiteralPath")
        else:
            arguments["FilePath"] = self.get("FilePath")
        self.session.run_command("Out-File", arguments, input=self._seen)

    def _set_variable(self) -> None:
        seen = self._seen
        if self.switch("Append"):
            before = self.session.get_variable(self.get("Variable"))
            seen = [*([] if before is None else self.session.enumerate(before)), *seen]
        if not seen:
            return
        self.session.set_variable(self.get("Variable"), seen[0] if len(seen) == 1 else v.PSArray(seen))
