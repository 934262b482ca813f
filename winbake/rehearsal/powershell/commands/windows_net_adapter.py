"""Get-NetAdapter, Get-NetIPAddress, Get-NetIPConfiguration, Get-NetRoute, Get-DnsClientServerAddress,
Get-NetConnectionProfile: what the host's one adapter has (see windows/adapter.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from winbake.rehearsal.powershell.cim import network_classes
from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.cdxml_query import CdxmlQuery
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import PSArray, custom_object, unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards
from winbake.rehearsal.windows import adapter as model

_STORES = frozenset({"PolicyStore", "IncludeAllCompartments"})


class _ActiveStore(CdxmlQuery):
    """Addresses and routes that are in force; what is kept for the next start is a DHCP client's nothing."""

    quiet = _STORES

    def process(self) -> None:
        if str(unwrap(self.get("PolicyStore")) or "ActiveStore").lower() != "activestore":
            raise NotModelled(f"{self.name} -PolicyStore {unwrap(self.get('PolicyStore'))}")
        super().process()


@cmdlet("Get-NetAdapter", "Get-NetAdapter")
class GetNetAdapter(CdxmlQuery):
    """Without hidden ones: -IncludeHidden would list Windows' own miniports, which the model has not."""

    cim_class = "MSFT_NetAdapter"
    filters: ClassVar[Mapping[str, str]] = {
        name: name for name in ("Name", "InterfaceDescription", "InterfaceIndex")
    }
    wild = frozenset({"Name", "InterfaceDescription"})
    quiet = frozenset({"Physical"})

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.adapters(self.session)


@cmdlet("Get-NetIPAddress", "Get-NetIPAddress")
class GetNetIPAddress(_ActiveStore):
    cim_class = "MSFT_NetIPAddress"
    filters: ClassVar[Mapping[str, str]] = {
        name: name
        for name in ("IPAddress", "InterfaceIndex", "InterfaceAlias", "AddressFamily", "Type", "PrefixLength",
                     "PrefixOrigin", "SuffixOrigin", "AddressState", "SkipAsSource")
    }  # fmt: skip
    wild = frozenset({"InterfaceAlias", "IPAddress"})

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.addresses(self.session)


@cmdlet("Get-NetRoute", "Get-NetRoute")
class GetNetRoute(_ActiveStore):
    cim_class = "MSFT_NetRoute"
    filters: ClassVar[Mapping[str, str]] = {
        name: name
        for name in ("DestinationPrefix", "InterfaceIndex", "InterfaceAlias", "NextHop", "AddressFamily", "RouteMetric",
                     "InterfaceMetric")
    }  # fmt: skip
    wild = frozenset({"InterfaceAlias", "DestinationPrefix", "NextHop"})

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.routes(self.session)


@cmdlet("Get-DnsClientServerAddress", "Get-DnsClientServerAddress")
class GetDnsClientServerAddress(CdxmlQuery):
    cim_class = "MSFT_DNSClientServerAddress"
    filters: ClassVar[Mapping[str, str]] = {
        name: name for name in ("InterfaceAlias", "InterfaceIndex", "AddressFamily")
    }
    wild = frozenset({"InterfaceAlias"})

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.dns_servers(self.session)

    def _matches(self, name: str, value: str, actual: Any) -> bool:
        """The class keeps the family as a number."""
        if name == "AddressFamily":
            return int(actual) == network_classes.FAMILY.get(value, -1)
        return super()._matches(name, value, actual)


@cmdlet("Get-NetConnectionProfile", "Get-NetConnectionProfile")
class GetNetConnectionProfile(CdxmlQuery):
    cim_class = "MSFT_NetConnectionProfile"
    filters: ClassVar[Mapping[str, str]] = {
        name: name
        for name in ("Name", "InterfaceAlias", "InterfaceIndex", "NetworkCategory", "IPv4Connectivity",
                     "IPv6Connectivity")
    }  # fmt: skip

    def instances(self) -> Iterable[CimInstance]:
        return network_classes.profiles(self.session)


@cmdlet("Get-NetIPConfiguration", "Get-NetIPConfiguration")
class GetNetIPConfiguration(Cmdlet):
    """A function of the module: one object that gathers adapter, addresses, gateways and DNS servers."""

    def process(self) -> None:
        for name in ("All", "AllCompartments", "CompartmentId", "Detailed", "CimSession"):
            if self.has(name):
                raise NotModelled(f"Get-NetIPConfiguration -{name}")
        one = self.session.host.network.adapter
        if self.has("InterfaceIndex") and int(unwrap(self.get("InterfaceIndex"))) != one.index:
            raise NotModelled("Get-NetIPConfiguration of an interface that is not there")
        alias = str(unwrap(self.get("InterfaceAlias")) or "*")
        if not Wildcard(alias).matches(one.name):
            if not has_wildcards(alias):
                raise NotModelled("Get-NetIPConfiguration of an interface that is not there")
            return
        self.emit(self._configuration(one))

    def _configuration(self, one: model.Adapter) -> Any:
        session = self.session
        mine = [a for a in network_classes.addresses(session) if int(a.get("InterfaceIndex")) == one.index]
        servers = [s for s in network_classes.dns_servers(session) if int(s.get("InterfaceIndex")) == one.index]
        gateways = [r for r in network_classes.routes(session) if r.get("DestinationPrefix") == "0.0.0.0/0"]
        return custom_object(
            [
                ("ComputerName", session.host.computer_name),
                ("InterfaceAlias", one.name),
                ("InterfaceIndex", one.index),
                ("InterfaceDescription", one.description),
                ("NetAdapter", next(iter(network_classes.adapters(session)))),
                ("NetProfile", next(iter(network_classes.profiles(session)))),
                ("NetIPv4Interface", network_classes.interface(session, "IPv4")),
                ("NetIPv6Interface", network_classes.interface(session, "IPv6")),
                ("AllIPAddresses", _many(mine)),
                ("IPv4Address", _many([a for a in mine if a.get("IPv4Address")])),
                ("IPv6Address", _many([])),
                ("IPv6LinkLocalAddress", _many([a for a in mine if a.get("IPv6Address")])),
                ("IPv4DefaultGateway", _many(gateways)),
                ("IPv6DefaultGateway", None),
                ("DNSServer", _many(servers)),
                ("Detailed", False),
            ],
            "NetIPConfiguration",
        )


def _many(items: list[CimInstance]) -> PSArray:
    return PSArray(items, "Microsoft.Management.Infrastructure.CimInstance")
