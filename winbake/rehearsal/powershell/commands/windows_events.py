"""Get-EventLog, Write-EventLog, New-EventLog and Get-WinEvent over the host's event logs.

Error ids: PowerShell 2016 (GetEventLogCommand.cs, GetEventCommand.cs). Get-WinEvent by log name and by hash table only;
its objects carry the properties that people ask for. The security log is not modelled. Assumed: the id of
Write-EventLog's error.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, DateTime
from winbake.rehearsal.powershell.dotnet.event_log_entries import EventLogEntry
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import Int64, PSArray, custom_object, unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard
from winbake.rehearsal.windows.event_log import ERROR, INFORMATION, SECURITY, WARNING, Event

_KINDS = {"error": ERROR, "warning": WARNING, "information": INFORMATION}
_LEVELS = {ERROR: (2, "Error"), WARNING: (3, "Warning"), INFORMATION: (4, "Information")}
_RECORD = "System.Diagnostics.Eventing.Reader.EventLogRecord"


class EventCommand(Cmdlet):
    known: tuple[str, ...] = ()

    def begin(self) -> None:
        for name in self.bound:
            if name not in (*self.known, "ErrorAction", "ErrorVariable"):
                raise NotModelled(f"{self.name} -{name}")

    def numbers(self, name: str) -> set[int]:
        value = unwrap(self.get(name))
        if value is None:
            return set()
        return {int(unwrap(one)) for one in (value if isinstance(value, PSArray) else [value])}

    def log_of(self, name: str) -> str | None:
        if name.lower() == SECURITY.lower():
            raise NotModelled("the security log")
        found: str | None = self.session.host.event_log.name_of(name)
        return found


def _fits_text(patterns: Iterable[str], text: str) -> bool:
    given = list(patterns)
    return not given or any(Wildcard(pattern).matches(text) for pattern in given)


@cmdlet("Get-EventLog")
class GetEventLog(EventCommand):
    known = ("LogName", "Newest", "EntryType", "Source", "After", "Before", "InstanceId", "Index", "Message")

    def process(self) -> None:
        name = str(unwrap(self.get("LogName")))
        log = self.log_of(name)
        if log is None:
            kind = "System.InvalidOperationException"
            message = f"The event log '{name}' on computer '.' does not exist."
            raise self.fail(kind, message, "NotSpecified", kind)
        found = [event for event in self.session.host.event_log.events(log) if self._fits(event)]
        if self.has("Newest"):
            found = found[: int(unwrap(self.get("Newest")))]
        if not found:
            self.error("GetEventLogNoEntriesFound", "No matches found", "ObjectNotFound", "System.ArgumentException")
        for event in found:
            self.emit(EventLogEntry(self.session.host, event))

    def _fits(self, event: Event) -> bool:
        kinds = {_KINDS.get(text.lower()) for text in texts(self.get("EntryType"))}
        ids, indexes = self.numbers("InstanceId"), self.numbers("Index")
        after, before = unwrap(self.get("After")), unwrap(self.get("Before"))
        message = texts(self.get("Message"))
        return (
            (not kinds or event.kind in kinds)
            and (not ids or event.id in ids)
            and (not indexes or event.index in indexes)
            and (after is None or event.time > after.to_utc_datetime())
            and (before is None or event.time < before.to_utc_datetime())
            and _fits_text(texts(self.get("Source")), event.source)
            and _fits_text(message, event.message)
        )


@cmdlet("New-EventLog")
class NewEventLog(EventCommand):
    known = ("LogName", "Source")

    def process(self) -> None:
        log = str(unwrap(self.get("LogName")))
        for source in texts(self.get("Source")):
            if source.lower() in self.session.host.event_log.sources:
                message = f'The "{source}" source is already registered on the "localhost" computer.'
                self.error("Source Exists", message, "InvalidOperation", "System.InvalidOperationException", source)
                continue
            self.session.host.event_log.add_source(source, self.log_of(log) or log)


@cmdlet("Write-EventLog")
class WriteEventLog(EventCommand):
    known = ("LogName", "Source", "EventId", "EntryType", "Message", "Category")

    def process(self) -> None:
        source, name = str(unwrap(self.get("Source"))), str(unwrap(self.get("LogName")))
        logs = self.session.host.event_log
        log = logs.sources.get(source.lower())
        if log is None or log.lower() != name.lower():
            message = (f'The source name "{source}" does not exist on computer "localhost".' if log is None
                       else f"The source '{source}' is not registered in log '{name}'.")  # fmt: skip
            self.error("SourceDoesNotExist", message, "InvalidOperation", "System.InvalidOperationException")
            return
        kind = _KINDS.get(word(self.get("EntryType")).lower()) if self.has("EntryType") else INFORMATION
        if kind is None:
            raise NotModelled("audit events")
        logs.write(log, source, int(unwrap(self.get("EventId"))), str(unwrap(self.get("Message"))), kind)


@cmdlet("Get-WinEvent")
class GetWinEvent(EventCommand):
    known = ("LogName", "MaxEvents", "Oldest", "FilterHashtable")

    def process(self) -> None:
        filters = unwrap(self.get("FilterHashtable"))
        table = filters[0] if isinstance(filters, list) else filters
        if isinstance(table, PSArray):
            table = unwrap(table.items[0])
        wanted = self._filter(table) if isinstance(table, Dictionary) else {"logname": texts(self.get("LogName"))}
        found: list[Event] = []
        for name in wanted["logname"]:
            log = self.log_of(name)
            if log is None:
                message = f'There is not an event log on the localhost computer that matches "{name}".'
                self.error("NoMatchingLogsFound", message, "ObjectNotFound", "System.Exception", name)
                continue
            found += [event for event in self.session.host.event_log.events(log) if self._fits(event, wanted)]
        if not found:
            message = "No events were found that match the specified selection criteria."
            self.error("NoMatchingEventsFound", message, "ObjectNotFound", "System.Exception")
            return
        if self.switch("Oldest"):
            found.reverse()
        limit = int(unwrap(self.get("MaxEvents"))) if self.has("MaxEvents") else len(found)
        for event in found[:limit]:
            self.emit(self._record(event))

    def _filter(self, table: Dictionary) -> dict[str, Any]:
        wanted: dict[str, Any] = {"logname": []}
        for key, value in table.items():
            name = convert.to_text(key, self.session).lower()
            if name not in ("logname", "id", "level", "providername", "starttime", "endtime"):
                raise NotModelled(f"Get-WinEvent -FilterHashtable with {name}")
            plain = unwrap(value)
            if name in ("starttime", "endtime"):
                wanted[name] = convert.convert(value, get_type("System.DateTime"), self.session)
            else:
                wanted[name] = texts(plain)
        if not wanted["logname"]:
            raise NotModelled("Get-WinEvent -FilterHashtable without LogName")
        return wanted

    def _fits(self, event: Event, wanted: dict[str, Any]) -> bool:
        start, end = wanted.get("starttime"), wanted.get("endtime")
        return (
            ("id" not in wanted or str(event.id) in wanted["id"])
            and ("level" not in wanted or str(_LEVELS[event.kind][0]) in wanted["level"])
            and _fits_text(wanted.get("providername", ()), event.source)
            and (not isinstance(start, DateTime) or event.time >= start.to_utc_datetime())
            and (not isinstance(end, DateTime) or event.time <= end.to_utc_datetime())
        )

    def _record(self, event: Event) -> Any:
        level, shown = _LEVELS[event.kind]
        return custom_object([
            ("Message", event.message), ("Id", event.id), ("Level", level), ("RecordId", Int64(event.index)),
            ("ProviderName", event.source), ("LogName", event.log), ("MachineName", self.session.host.computer_name),
            ("UserId", None), ("TimeCreated", DateTime.from_datetime(event.time, LOCAL)), ("LevelDisplayName", shown),
        ], _RECORD)  # fmt: skip
