"""Get-NetTCPConnection, Test-NetConnection (NetTCPIP), Resolve-DnsName (DnsClient) and Test-Connection.

The model has listening ports and names, no connections and no addresses but the machine's own: what would need more
is refused. Sources: MicrosoftDocs/windows-powershell-docs (the cmdlets' pages with their sample output). Assumed: the
machine's own names answer over the loopback interface with IPv4 only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.cim import network_classes
from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.cdxml_query import CdxmlQuery
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import NoteProperty, custom_object, unwrap
from winbake.rehearsal.windows.network import LOCAL_NAMES

_LOOPBACK = "Loopback Pseudo-Interface 1"
_COMMON_PORTS = {"http": 80, "rdp": 3389, "smb": 445, "winrm": 5985}


def is_own_name(session: Any, name: str) -> bool:
    return name.lower() in (*LOCAL_NAMES, ".", session.host.computer_name.lower())


@cmdlet("Get-NetTCPConnection", "Get-NetTCPConnection")
class GetNetTCPConnection(CdxmlQuery):
    cim_class = "MSFT_NetTCPConnection"
    filters: ClassVar[Mapping[str, str]] = {
        name: name
        for name in ("LocalAddress", "LocalPort", "RemoteAddress", "RemotePort", "State", "OwningProcess")
    }  # fmt: skip
    wild = frozenset({"LocalAddress", "RemoteAddress"})

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.listeners(self.session)


@cmdlet("Test-NetConnection", "Test-NetConnection")
class TestNetConnection(Cmdlet):
    """A function of the module NetTCPIP: an object with what it found, warnings where something failed."""

    def process(self) -> None:
        for name in ("TraceRoute", "DiagnoseRouting", "ConstrainInterface", "ConstrainSourceAddress"):
            if self.has(name):
                raise NotModelled(f"Test-NetConnection -{name}")
        name = str(unwrap(self.get("ComputerName")) or "internetbeacon.msedge.net")
        common = str(unwrap(self.get("CommonTCPPort")) or "").lower()
        port = _COMMON_PORTS[common] if common else int(unwrap(self.get("Port")) or 0)
        level = str(unwrap(self.get("InformationLevel")) or "Standard").lower()
        if level == "detailed":
            raise NotModelled("Test-NetConnection -InformationLevel Detailed")
        found = self._local(name, port) if is_own_name(self.session, name) else self._elsewhere(name)
        succeeded = found["TcpTestSucceeded" if port else "PingSucceeded"]
        if level == "quiet":
            self.emit(bool(succeeded))
            return
        shown = custom_object(found.items(), "TestNetConnectionResult")
        self.emit(shown)

    def _local(self, name: str, port: int) -> dict[str, Any]:
        address = convert.convert("127.0.0.1", get_type("System.Net.IPAddress"), self.session)
        head: dict[str, Any] = {"ComputerName": name, "RemoteAddress": address}
        if port:
            head["RemotePort"] = port
        head |= {"InterfaceAlias": _LOOPBACK, "SourceAddress": address}
        open_port = port and self.session.host.network.owner(port) is not None
        if open_port:
            return head | {"TcpTestSucceeded": True}
        if port:
            self.write_warning(f"TCP connect to (127.0.0.1 : {port}) failed")
        head |= {"PingSucceeded": True, "PingReplyDetails (RTT)": "0 ms"}
        return head | {"TcpTestSucceeded": False} if port else head

    def _elsewhere(self, name: str) -> dict[str, Any]:
        if self.session.host.network.resolves(name):
            raise NotModelled(f"a connection to {name}: the rehearsal's network only fetches by HTTP")
        self.write_warning(f"Name resolution of {name} failed")
        return {
            "ComputerName": name, "RemoteAddress": None, "InterfaceAlias": None, "SourceAddress": None,
            "PingSucceeded": False, "TcpTestSucceeded": False,
        }  # fmt: skip


@cmdlet("Resolve-DnsName", "Microsoft.DnsClient.Commands.ResolveDnsName")
class ResolveDnsName(Cmdlet):
    def process(self) -> None:
        unknown = [name for name in self.bound if name not in ("Name", "Type", "ErrorAction", "DnsOnly", "NoHostsFile")]
        if unknown:
            raise NotModelled(f"Resolve-DnsName -{unknown[0]}")
        name = str(unwrap(self.get("Name")))
        if not is_own_name(self.session, name):
            if self.session.host.network.resolves(name):
                raise NotModelled(f"the addresses of {name}: the rehearsal's network only fetches by HTTP")
            self.error("DNS_ERROR_RCODE_NAME_ERROR", f"{name} : DNS name does not exist", "ResourceUnavailable",
                       "System.ComponentModel.Win32Exception", name, NativeErrorCode=9003)  # fmt: skip
            return
        wanted = word(self.get("Type")).upper() if self.has("Type") else "A_AAAA"
        records = [("AAAA", "::1"), ("A", "127.0.0.1")] if name.lower() == "localhost" else [("A", "127.0.0.1")]
        for kind, address in records:
            if wanted in (kind, "A_AAAA", "ALL"):
                self.emit(custom_object([
                    ("Name", name), ("Type", kind), ("TTL", 1200), ("Section", "Question"), ("IPAddress", address),
                ], "Microsoft.DnsClient.Commands.DnsRecord_A"))  # fmt: skip


@cmdlet("Test-Connection")
class TestConnection(Cmdlet):
    """Win32_PingStatus of the machine itself; another one has no address here."""

    def process(self) -> None:
        unknown = [n for n in self.bound if n not in ("ComputerName", "Count", "Quiet", "ErrorAction", "Delay")]
        if unknown:
            raise NotModelled(f"Test-Connection -{unknown[0]}")
        for name in texts(self.get("ComputerName")):
            own = is_own_name(self.session, name)
            if not own and self.session.host.network.resolves(name):
                raise NotModelled(f"a ping of {name}: the rehearsal's network only fetches by HTTP")
            if self.switch("Quiet"):
                self.emit(own)
            elif own:
                for _ in range(int(unwrap(self.get("Count")) or 4)):
                    self.emit(self._status(name))
            else:
                message = f"Testing connection to computer '{name}' failed: No such host is known"
                self.error("TestConnectionException", message, "ResourceUnavailable",
                           "System.Net.NetworkInformation.PingException", name)  # fmt: skip

    def _status(self, name: str) -> Any:
        status = custom_object([
            ("Address", name), ("BufferSize", 32), ("ProtocolAddress", "127.0.0.1"), ("ReplySize", 32),
            ("ResponseTime", 0), ("ResponseTimeToLive", 128), ("StatusCode", 0), ("TimeToLive", 80),
        ], r"System.Management.ManagementObject#root\cimv2\Win32_PingStatus")  # fmt: skip
        status.members.add(NoteProperty("PSComputerName", self.session.host.computer_name))
        return status
