"""Get-, New- and Remove-WSManInstance for winrm/config/Listener: the listeners of this machine's WinRM service.

An answer is XML in the namespace of [MS-WSMV] 2.2.4.23, with the fields that `winrm enumerate` prints. An error's
message is the fault itself, as the cmdlets hand it out; codes and texts: wsmerror.h. Other resources and other machines
are refused.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.dotnet.xml_nodes import XmlDocument
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.windows.listeners import Listener
from winbake.rehearsal.windows.services import RUNNING

_NAMESPACE = "http://schemas.microsoft.com/wbem/wsman/1/config/listener"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_HERE = ("Enumerate", "ResourceURI", "SelectorSet", "ValueSet")
_NEW_VALUES = ("certificatethumbprint", "enabled", "hostname", "port")
_FAULTS = {
    5: "Access is denied. ",
    2150858752: "The WS-Management service cannot process the request. The service cannot find the resource identified "
    "by the resource URI and selectors. ",
    2150858803: "The WS-Management service cannot create the resource because it already exists. ",
    2150858882: "The WS-Management service cannot find the certificate that was requested. ",
    2150858770: "The client cannot connect to the destination specified in the request. Verify that the service on the "
    "destination is running and is accepting requests. ",
}
NOT_FOUND, NO_SERVICE, DENIED = 2150858752, 2150858770, 5
EXISTS, NO_CERTIFICATE = 2150858803, 2150858882


class _WSManCommand(Cmdlet):
    def check(self) -> None:
        """Raises the cmdlet's error when it cannot ask; refuses what is not modelled."""
        for name in self.bound:
            if name not in _HERE:
                raise NotModelled(f"{self.name} -{name}")
        resource = to_text(self.get("ResourceURI"), self.session)
        if resource.lower().rstrip("/") != "winrm/config/listener":
            raise NotModelled(f"{self.name} of {resource}; only winrm/config/Listener")
        host = self.session.host
        if host.services.must("WinRM").status != RUNNING:
            raise self._fault(NO_SERVICE)
        if not self.session.process.token.elevated:
            raise self._fault(DENIED)

    def table(self, parameter: str) -> dict[str, Any]:
        """A hashtable parameter, its names in lower case."""
        return {str(unwrap(k)).lower(): unwrap(v) for k, v in unwrap(self.get(parameter)).items()}

    def selectors(self) -> tuple[str, str]:
        """Transport and address."""
        given = self.table("SelectorSet")
        if set(given) != {"address", "transport"}:
            raise NotModelled(f"{self.name} with other selectors than Address and Transport")
        return str(given["transport"]), str(given["address"])

    def listeners(self) -> list[Listener]:
        """Those of the selectors, or all; raises the cmdlet's error when it finds none."""
        self.check()
        host = self.session.host
        if not self.has("SelectorSet"):
            return list(host.listeners.all())
        found = host.listeners.get(*self.selectors())
        if found is None:
            raise self._fault(NOT_FOUND)
        return [found]

    def _fault(self, code: int) -> ScriptError:
        machine = escape(self.session.host.computer_name)
        text = (
            '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
            f'Code="{code}" Machine="{machine}"><f:Message>{_FAULTS[code]}</f:Message></f:WSManFault>'
        )
        resource = unwrap(self.get("ResourceURI"))
        return self.fail("WsManError", text, "InvalidOperation", "System.InvalidOperationException", resource)


@cmdlet("Get-WSManInstance", "Microsoft.WSMan.Management.GetWSManInstanceCommand")
class GetWSManInstance(_WSManCommand):
    def process(self) -> None:
        if not self.has("Enumerate") and not self.has("SelectorSet"):
            raise NotModelled("Get-WSManInstance of the whole configuration; -Enumerate or -SelectorSet")
        for one in self.listeners():
            self.emit(_element(one))


@cmdlet("New-WSManInstance", "Microsoft.WSMan.Management.NewWSManInstanceCommand")
class NewWSManInstance(_WSManCommand):
    """Makes a listener. Refused as the service does: one of this kind is there, or its certificate is not."""

    def process(self) -> None:
        self.check()
        transport, address = self.selectors()
        values = self.table("ValueSet") if self.has("ValueSet") else {}
        for name in values:
            if name not in _NEW_VALUES:
                raise NotModelled(f"New-WSManInstance of a listener with the value {name}")
        host = self.session.host
        thumbprint = str(values.get("certificatethumbprint", "")).upper()
        if host.listeners.get(transport, address) is not None:
            raise self._fault(EXISTS)
        if transport.upper() == "HTTPS" and host.certificates.with_key(thumbprint) is None:
            raise self._fault(NO_CERTIFICATE)
        made = Listener(
            transport.upper(),
            address,
            int(values.get("port", 0)),
            str(values.get("hostname", "")),
            to_text(values.get("enabled", True), self.session).lower() == "true",
            thumbprint,
        )
        host.listeners.put(made)
        self.emit(_element(made))


@cmdlet("Remove-WSManInstance", "Microsoft.WSMan.Management.RemoveWSManInstanceCommand")
class RemoveWSManInstance(_WSManCommand):
    def process(self) -> None:
        for one in self.listeners():
            self.session.host.listeners.remove(one)


def _element(one: Listener) -> Any:
    fields = {
        "Address": one.address,
        "Transport": one.transport,
        "Port": str(one.port),
        "Hostname": one.hostname,
        "Enabled": "true" if one.enabled else "false",
        "URLPrefix": "wsman",
        "CertificateThumbprint": one.thumbprint,
        "ListeningOn": "127.0.0.1",
    }
    inner = "".join(
        f"<cfg:{name}>{escape(text)}</cfg:{name}>" if text else f"<cfg:{name}/>" for name, text in fields.items()
    )
    document = XmlDocument()
    head = f'xmlns:cfg="{_NAMESPACE}" xmlns:xsi="{_INSTANCE}" xml:lang="en-US"'
    document.load(f"<cfg:Listener {head}>{inner}</cfg:Listener>")
    return document.root
