"""HistoryInfo: a command that a person typed."""

from __future__ import annotations

from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.values import Int64, NetObject

_TYPE = "Microsoft.PowerShell.Commands.HistoryInfo"


class HistoryInfo(NetObject):
    """`ended` is the start until the command is done."""

    net_type_name = _TYPE

    def __init__(self, id: int, command_line: str, started: DateTime) -> None:
        self.id = id
        self.command_line = command_line
        self.started = self.ended = started

    def __str__(self) -> str:
        return self.command_line


@getter(_TYPE, "Id")
def history_id(entry: HistoryInfo) -> Int64:
    return Int64(entry.id)


@getter(_TYPE, "CommandLine")
def history_command_line(entry: HistoryInfo) -> str:
    return entry.command_line


@getter(_TYPE, "StartExecutionTime")
def history_started(entry: HistoryInfo) -> DateTime:
    return entry.started


@getter(_TYPE, "EndExecutionTime")
def history_ended(entry: HistoryInfo) -> DateTime:
    return entry.ended


@method(_TYPE, "ToString")
def history_text(entry: HistoryInfo) -> str:
    return entry.command_line
