"""Get-NetTCPConnection (NetTCPIP, a CDXML module over MSFT_NetTCPConnection): what listens on the host."""

from __future__ import annotations

from winbake.rehearsal.powershell.cim import network_classes
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import PSArray, unwrap

_JOB = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"
_MODELLED = {"State", "LocalPort", "ErrorAction"}


@cmdlet("Get-NetTCPConnection", "Get-NetTCPConnection")
class GetNetTCPConnection(Cmdlet):
    def process(self) -> None:
        unknown = [name for name in self.bound if name not in _MODELLED]
        if unknown:
            raise NotModelled(f"Get-NetTCPConnection -{unknown[0]}")
        given = unwrap(self.get("State"))
        states = [word(one).lower() for one in (given if isinstance(given, PSArray) else [given])] if given else []
        if states != ["listen"]:
            raise NotModelled("Get-NetTCPConnection of other connections than listening ones (-State Listen)")
        wanted = {int(port) for port in texts(self.get("LocalPort"))}
        found = list(network_classes.listeners(self.session))
        kept = [one for one in found if not wanted or int(one.get("LocalPort")) in wanted]
        for one in kept:
            self.emit(one)
        for port in sorted(wanted - {int(one.get("LocalPort")) for one in kept}):
            message = (f"No MSFT_NetTCPConnection objects found with property 'LocalPort' equal to '{port}'.  "
                       "Verify the value of the property and retry.")  # fmt: skip
            self.error("CmdletizationQuery_NotFound_LocalPort", message, "ObjectNotFound", _JOB, port)
