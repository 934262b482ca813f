"""Get-History and Clear-History: what was typed in an interactive session. Any other session has no history."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.engine_types.history import HistoryInfo
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, unwrap


@cmdlet("Get-History")
class GetHistory(Cmdlet):
    """All of it, or the last -Count up to an id; an id that is not there is an error."""

    def process(self) -> None:
        history: list[HistoryInfo] = self.session.history
        count = int(unwrap(self.get("Count", len(history))))
        if not self.has("Id"):
            self.emit_each(history[len(history) - min(count, len(history)) :])
            return
        ids = [int(unwrap(one)) for one in self.session.enumerate(self.get("Id", AUTOMATION_NULL))]
        if len(ids) > 1 and self.has("Count"):
            raise self.fail(
                "GetHistoryNoCountWithMultipleIds",
                "The Count parameter cannot be used with multiple Ids.",
                "InvalidArgument",
                "System.ArgumentException",
            )
        for wanted in ids:
            found = [entry for entry in history if entry.id <= wanted] if self.has("Count") else []
            exact = [entry for entry in history if entry.id == wanted]
            if not exact:
                self.error(
                    "GetHistoryNoHistoryForId",
                    f"Cannot locate the history for Id {wanted}.",
                    "ObjectNotFound",
                    "System.ArgumentException",
                    wanted,
                )
            self.emit_each(found[-count:] if self.has("Count") else exact)

    def emit_each(self, entries: list[HistoryInfo]) -> None:
        for entry in entries:
            self.emit(entry)


@cmdlet("Clear-History")
class ClearHistory(Cmdlet):
    def end(self) -> None:
        for name in ("Id", "CommandLine", "Count", "Newest"):
            if self.has(name):
                raise NotModelled(f"Clear-History -{name}")
        if self.should_process("Warning", "This command will clear all the entries from the session history."):
            self.session.history.clear()
