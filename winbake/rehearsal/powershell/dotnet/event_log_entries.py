"""System.Diagnostics.EventLogEntry: one event as Get-EventLog gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, DateTime
from winbake.rehearsal.powershell.dotnet.registry import getter
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import Int16, Int64, NetObject, PSArray
from winbake.rehearsal.windows.event_log import Event

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

ENTRY = "System.Diagnostics.EventLogEntry"


class EventLogEntry(NetObject):
    net_type_name = ENTRY

    def __init__(self, host: WindowsHost, event: Event) -> None:
        self.host = host
        self.event = event


@getter(ENTRY, "Index")
def _index(value: EventLogEntry) -> int:
    return value.event.index


@getter(ENTRY, "InstanceId")
def _instance_id(value: EventLogEntry) -> Int64:
    return Int64(value.event.id)


code_property(ENTRY, "EventID", lambda value: value.event.id, "ScriptProperty")  # of types.ps1xml


@getter(ENTRY, "EventID")
def _event_id(value: EventLogEntry) -> int:
    return value.event.id


@getter(ENTRY, "EntryType")
def _entry_type(value: EventLogEntry) -> EnumValue:
    return enum_value("System.Diagnostics.EventLogEntryType", value.event.kind)


@getter(ENTRY, "Source")
def _source(value: EventLogEntry) -> str:
    return value.event.source


@getter(ENTRY, "Message")
def _message(value: EventLogEntry) -> str:
    return value.event.message


@getter(ENTRY, "ReplacementStrings")
def _replacements(value: EventLogEntry) -> PSArray:
    """Assumed: the whole text, as of an event that a script wrote."""
    return PSArray([value.event.message], "System.String")


@getter(ENTRY, "TimeGenerated")
@getter(ENTRY, "TimeWritten")
def _time(value: EventLogEntry) -> DateTime:
    """Whole seconds, as the log keeps them."""
    return DateTime.from_datetime(value.event.time.replace(microsecond=0), LOCAL)


@getter(ENTRY, "MachineName")
def _machine_name(value: EventLogEntry) -> str:
    return str(value.host.computer_name)


@getter(ENTRY, "UserName")
def _user_name(value: EventLogEntry) -> None:
    return None


@getter(ENTRY, "Category")
def _category(value: EventLogEntry) -> str:
    return "(0)"


@getter(ENTRY, "CategoryNumber")
def _category_number(value: EventLogEntry) -> Any:
    return Int16(0)


@getter(ENTRY, "Data")
def _data(value: EventLogEntry) -> PSArray:
    return PSArray([], "System.Byte")
