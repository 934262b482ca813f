"""The six streams of a session and the records that go through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.values import NetObject

NUMBERS = {"error": 2, "warning": 3, "verbose": 4, "debug": 5, "information": 6}


class Streams(dict[int, Callable[[Any], None]]):
    """Stream number → where its records go. `collectors` are the -ErrorVariable (and other) lists in force."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.collectors: dict[int, list[Any]] = {}
        self.merged: set[int] = set()
        """Streams that a redirection of this command takes."""

    def child(self) -> Streams:
        twin = Streams(self)
        twin.collectors = {number: list(lists) for number, lists in self.collectors.items()}
        return twin

    def collect(self, number: int, record: Any) -> None:
        for collector in self.collectors.get(number, ()):
            collector(record)

    def send(self, number: int, record: Any) -> None:
        sink = self.get(number)
        if sink is not None:
            sink(record)


class StreamRecord(NetObject):
    """WarningRecord, VerboseRecord, DebugRecord: a message and the command it came from."""

    def __init__(self, message: str, invocation: Any = None) -> None:
        self.message = message
        self.invocation = invocation

    def __str__(self) -> str:
        return self.message


class WarningRecord(StreamRecord):
    net_type_name = "System.Management.Automation.WarningRecord"


class VerboseRecord(StreamRecord):
    net_type_name = "System.Management.Automation.VerboseRecord"


class DebugRecord(StreamRecord):
    net_type_name = "System.Management.Automation.DebugRecord"


class HostMessage(NetObject):
    """HostInformationMessage: what Write-Host sends, with its colours."""

    net_type_name = "System.Management.Automation.HostInformationMessage"

    def __init__(self, message: str, no_newline: bool = False, foreground: Any = None, background: Any = None) -> None:
        self.message = message
        self.no_newline = no_newline
        self.foreground = foreground
        self.background = background

    def __str__(self) -> str:
        return self.message


class InformationRecord(NetObject):
    """`data` is any object; `message` its text."""

    net_type_name = "System.Management.Automation.InformationRecord"

    def __init__(self, data: Any, message: str, source: str = "", tags: list[str] | None = None) -> None:
        self.data = data
        self.message = message
        self.source = source
        self.tags = tags or []
        self.time: Any = None

    def __str__(self) -> str:
        return self.message
