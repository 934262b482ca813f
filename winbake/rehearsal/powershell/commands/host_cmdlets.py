"""What asks or describes the host: Read-Host, Get-Host, Get-Culture, Clear-Host, Wait-Debugger."""

from __future__ import annotations

from winbake.rehearsal.powershell import members, types
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import NotModelled

_NO_PROMPT = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
_INVALID_OPERATION = "System.Management.Automation.PSInvalidOperationException"


@cmdlet("Read-Host")
class ReadHost(Cmdlet):
    """Nobody sits at a rehearsed host: it answers as under -NonInteractive."""

    def begin(self) -> None:
        raise self.fail("InvalidOperation", _NO_PROMPT, "InvalidOperation", _INVALID_OPERATION)


@cmdlet("Get-Host")
class GetHost(Cmdlet):
    def end(self) -> None:
        self.emit(self.session.get_variable("Host"))


@cmdlet("Get-Culture")
class GetCulture(Cmdlet):
    def end(self) -> None:
        culture = types.get_type("System.Globalization.CultureInfo")
        self.emit(members.get_static(self.session, culture, "CurrentCulture"))


@cmdlet("Get-UICulture")
class GetUICulture(Cmdlet):
    def end(self) -> None:
        culture = types.get_type("System.Globalization.CultureInfo")
        self.emit(members.get_static(self.session, culture, "CurrentUICulture"))


@cmdlet("Clear-Host", "Clear-Host")
class ClearHost(Cmdlet):
    """Redirected output has no screen to clear."""


@cmdlet("Wait-Debugger")
class WaitDebugger(Cmdlet):
    def end(self) -> None:
        raise NotModelled("Wait-Debugger: no debugger is attached to a rehearsed host")
