"""Members of the records that warnings, verbose, debug and information streams carry."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import GenericList
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.running.streams import HostMessage, InformationRecord, StreamRecord
from winbake.rehearsal.powershell.types import get_type

_SMA = "System.Management.Automation."


@getter(_SMA + "InformationalRecord", "Message")
def record_message(record: StreamRecord) -> str:
    return record.message


@getter(_SMA + "InformationalRecord", "InvocationInfo")
def record_invocation(record: StreamRecord) -> Any:
    return record.invocation


@method(_SMA + "InformationalRecord", "ToString")
def record_text(record: StreamRecord) -> str:
    return record.message


@getter(_SMA + "InformationRecord", "MessageData")
def information_data(record: InformationRecord) -> Any:
    return record.data


@getter(_SMA + "InformationRecord", "Source")
def information_source(record: InformationRecord) -> str:
    return record.source


@getter(_SMA + "InformationRecord", "Tags")
def information_tags(record: InformationRecord) -> Any:
    return GenericList(get_type("System.String"), record.tags)


@method(_SMA + "InformationRecord", "ToString")
def information_text(record: InformationRecord) -> str:
    return record.message


@getter(_SMA + "HostInformationMessage", "Message")
def host_message(message: HostMessage) -> str:
    return message.message


@getter(_SMA + "HostInformationMessage", "NoNewLine")
def host_message_no_newline(message: HostMessage) -> bool:
    return message.no_newline


@method(_SMA + "HostInformationMessage", "ToString")
def host_message_text(message: HostMessage) -> str:
    return message.message
