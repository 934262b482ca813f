"""The network's classes of root/StandardCimv2: connections that listen, adapter, addresses, routes, DNS servers.

Sources: MicrosoftDocs/win32 and the cmdlets' pages (names, numbers of the enums); recorded output of the cmdlets for
what they show. Assumed: every program listens on all IPv4 addresses, shown as 0.0.0.0 (real ones often show a second
row for `::`); the medium that Amazon's driver reports, and that the network's profile is public and called "Network".
Nothing is said of the driver's version: it differs from image to image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.access.type_data import add_type_members
from winbake.rehearsal.powershell.cim.instance import CIM, CimInstance, generated_enum, generated_value
from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.values import AliasProperty, Byte, PSArray, UInt16, UInt32, UInt64
from winbake.rehearsal.windows import adapter as model
from winbake.rehearsal.windows.adapter import Adapter

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

NAMESPACE = "root/standardcimv2"
STATE = {
    "Closed": 1, "Listen": 2, "SynSent": 3, "SynReceived": 4, "Established": 5, "FinWait1": 6, "FinWait2": 7,
    "CloseWait": 8, "Closing": 9, "LastAck": 10, "TimeWait": 11, "DeleteTCB": 12, "Bound": 100,
}  # fmt: skip
FAMILY = {"IPv4": 2, "IPv6": 23}
ADDRESS_TYPE = {"Unicast": 1, "Anycast": 2}
PREFIX_ORIGIN = {"Other": 0, "Manual": 1, "WellKnown": 2, "Dhcp": 3, "RouterAdvertisement": 4}
SUFFIX_ORIGIN = {"Other": 0, "Manual": 1, "WellKnown": 2, "Dhcp": 3, "Link": 4, "Random": 5}
ADDRESS_STATE = {"Invalid": 0, "Tentative": 1, "Duplicate": 2, "Deprecated": 3, "Preferred": 4}
STORE = {"PersistentStore": 0, "ActiveStore": 1}
CATEGORY = {"Public": 0, "Private": 1, "DomainAuthenticated": 2}
CONNECTIVITY = {"Disconnected": 0, "NoTraffic": 1, "Subnet": 2, "LocalNetwork": 3, "Internet": 4}
ADMIN_STATUS = {"Up": 1, "Down": 2, "Testing": 3}
FOREVER = 2**63 - 1  # TimeSpan.MaxValue, in ticks
TICKS = 10_000_000  # a second

CLASSES: dict[str, tuple[str, Callable[[Session], Iterable[CimInstance]]]] = {}
Properties = list[tuple[str, Any]]


def network_class(
    name: str, keys: tuple[str, ...]
) -> Callable[[Callable[[Session], Iterable[Properties]]], Callable[[Session], Iterable[CimInstance]]]:
    def register(function: Callable[[Session], Iterable[Properties]]) -> Callable[[Session], Iterable[CimInstance]]:
        def instances(session: Session) -> Iterable[CimInstance]:
            for properties in function(session):
                yield CimInstance(
                    name, properties, namespace=NAMESPACE, keys=keys, computer=session.host.computer_name
                )

        CLASSES[name.lower()] = (name, instances)
        return instances

    return register


def _enum(module: str, name: str, numbers: dict[str, int], value: str) -> Any:
    return generated_value(generated_enum(module, name, numbers), numbers[value])


def _strings(*items: object) -> PSArray:
    return PSArray([str(item) for item in items], "System.String")


@network_class("MSFT_NetTCPConnection", ("LocalAddress", "LocalPort", "RemoteAddress", "RemotePort"))
def listeners(session: Session) -> Iterable[Properties]:
    """One instance for each TCP port that somebody listens on."""
    for port, process_id in session.host.network.listening().items():
        yield [
            ("LocalAddress", "0.0.0.0"),
            ("LocalPort", UInt16(port)),
            ("RemoteAddress", "0.0.0.0"),
            ("RemotePort", UInt16(0)),
            ("State", _enum("NetTCPConnection", "State", STATE, "Listen")),
            ("AppliedSetting", None),
            ("OwningProcess", UInt32(process_id)),
        ]


@network_class("MSFT_NetAdapter", ("CreationClassName", "DeviceID", "SystemCreationClassName", "SystemName"))
def adapters(session: Session) -> Iterable[Properties]:
    one = session.host.network.adapter
    bare = one.mac.replace("-", "")
    yield [
        ("Name", one.name),
        ("InterfaceDescription", one.description),
        ("InterfaceIndex", UInt32(one.index)),
        ("Status", "Up"),
        ("MacAddress", one.mac),
        ("LinkSpeed", f"{one.link_speed // 10**9} Gbps"),
        ("MediaType", "802.3"),
        ("PhysicalMediaType", "802.3"),
        ("AdminStatus", _enum("NetAdapter", "NetAdapterAdminStatus", ADMIN_STATUS, "Up")),
        ("InterfaceOperationalStatus", UInt32(1)),
        ("InterfaceAdminStatus", UInt32(1)),
        ("MediaConnectionState", "Connected"),
        ("MediaConnectState", UInt32(1)),
        ("ConnectorPresent", True),
        ("Virtual", False),
        ("Hidden", False),
        ("HardwareInterface", True),
        ("EndPointInterface", False),
        ("InterfaceGuid", one.guid),
        ("DeviceID", one.guid),
        ("DeviceName", f"\\Device\\{one.guid}"),
        ("InterfaceName", "ethernet_32769"),
        ("InterfaceType", UInt32(6)),
        ("MtuSize", UInt32(one.mtu)),
        ("ActiveMaximumTransmissionUnit", UInt64(one.mtu)),
        ("FullDuplex", True),
        ("Speed", UInt64(one.link_speed)),
        ("ReceiveLinkSpeed", UInt64(one.link_speed)),
        ("TransmitLinkSpeed", UInt64(one.link_speed)),
        ("PermanentAddress", bare),
        ("NetworkAddresses", _strings(bare)),
        ("NetLuidIndex", UInt32(32769)),
        ("State", UInt32(2)),
        ("EnabledState", UInt16(5)),
        ("RequestedState", UInt16(12)),
        ("CreationClassName", "MSFT_NetAdapter"),
        ("SystemCreationClassName", "CIM_NetworkPort"),
        ("SystemName", session.host.computer_name),
        ("DriverDescription", one.description),
        ("DriverProvider", "Amazon Inc."),
    ]


def _lease_left(session: Session) -> TimeSpan:
    """DHCP renews at half the time: what is left is between a half and the whole."""
    clock = session.host.clock
    passed = int((clock.now() - session.host.boot_time).total_seconds()) % (model.LEASE_SECONDS // 2)
    return TimeSpan((model.LEASE_SECONDS - passed) * TICKS)


@network_class("MSFT_NetIPAddress", ("IPAddress", "InterfaceIndex"))
def addresses(session: Session) -> Iterable[Properties]:
    one = session.host.network.adapter
    forever = TimeSpan(FOREVER)
    left = _lease_left(session)
    rows = [
        (f"{one.link_local}%{one.index}", one.index, one.name, "IPv6", 64, "WellKnown", "Link", forever),
        ("::1", model.LOOPBACK_INDEX, model.LOOPBACK, "IPv6", 128, "WellKnown", "WellKnown", forever),
        (str(one.address), one.index, one.name, "IPv4", one.network.prefixlen, "Dhcp", "Dhcp", left),
        ("127.0.0.1", model.LOOPBACK_INDEX, model.LOOPBACK, "IPv4", 8, "WellKnown", "WellKnown", forever),
    ]
    for address, index, alias, family, length, prefix, suffix, lifetime in rows:
        yield [
            ("IPAddress", address),
            ("InterfaceIndex", UInt32(index)),
            ("InterfaceAlias", alias),
            ("AddressFamily", _enum("NetIPAddress", "AddressFamily", FAMILY, family)),
            ("Type", _enum("NetIPAddress", "Type", ADDRESS_TYPE, "Unicast")),
            ("PrefixLength", Byte(length)),
            ("PrefixOrigin", _enum("NetIPAddress", "PrefixOrigin", PREFIX_ORIGIN, prefix)),
            ("SuffixOrigin", _enum("NetIPAddress", "SuffixOrigin", SUFFIX_ORIGIN, suffix)),
            ("AddressState", _enum("NetIPAddress", "AddressState", ADDRESS_STATE, "Preferred")),
            ("ValidLifetime", lifetime),
            ("PreferredLifetime", lifetime),
            ("SkipAsSource", False),
            ("PolicyStore", "ActiveStore"),
            ("Store", Byte(STORE["ActiveStore"])),
            ("IPv4Address", address if family == "IPv4" else None),
            ("IPv6Address", address if family == "IPv6" else None),
        ]


@network_class("MSFT_NetRoute", ("DestinationPrefix", "InterfaceIndex", "NextHop"))
def routes(session: Session) -> Iterable[Properties]:
    one = session.host.network.adapter
    for route in model.routes(one):
        loop = route.index == model.LOOPBACK_INDEX
        family = "IPv6" if ":" in route.destination else "IPv4"
        yield [
            ("InterfaceIndex", UInt32(route.index)),
            ("InterfaceAlias", model.LOOPBACK if loop else one.name),
            ("DestinationPrefix", route.destination),
            ("NextHop", route.next_hop),
            ("RouteMetric", UInt16(route.metric)),
            ("InterfaceMetric", UInt32(model.interface_metric(route.index))),
            ("AddressFamily", _enum("NetRoute", "AddressFamily", FAMILY, family)),
            ("PolicyStore", "ActiveStore"),
            ("Store", Byte(STORE["ActiveStore"])),
        ]


@network_class("MSFT_DNSClientServerAddress", ("CreationClassName", "Name"))
def dns_servers(session: Session) -> Iterable[Properties]:
    one = session.host.network.adapter
    site_local = ("fec0:0:0:ffff::1", "fec0:0:0:ffff::2", "fec0:0:0:ffff::3")
    for index, alias, family, servers in (
        (one.index, one.name, "IPv4", (one.dns,)),
        (one.index, one.name, "IPv6", ()),
        (model.LOOPBACK_INDEX, model.LOOPBACK, "IPv4", ()),
        (model.LOOPBACK_INDEX, model.LOOPBACK, "IPv6", site_local),
    ):
        found = _strings(*servers)
        yield [
            ("InterfaceAlias", alias),
            ("InterfaceIndex", UInt32(index)),
            ("AddressFamily", UInt16(FAMILY[family])),
            ("ServerAddresses", found),
            ("Address", found),
            ("ElementName", alias),
            ("Name", str(index)),
            ("CreationClassName", ""),
        ]


@network_class("MSFT_NetConnectionProfile", ("InstanceID",))
def profiles(session: Session) -> Iterable[Properties]:
    one = session.host.network.adapter
    module = "NetConnectionProfile"
    yield [
        ("Name", "Network"),
        ("InterfaceAlias", one.name),
        ("InterfaceIndex", UInt32(one.index)),
        ("NetworkCategory", _enum(module, "NetworkCategory", CATEGORY, "Public")),
        ("IPv4Connectivity", _enum(module, "IPv4Connectivity", CONNECTIVITY, "Internet")),
        ("IPv6Connectivity", _enum(module, "IPv6Connectivity", CONNECTIVITY, "NoTraffic")),
        ("InstanceID", one.guid),
    ]


def interface(session: Session, family: str) -> CimInstance:
    """MSFT_NetIPInterface of the adapter, what Get-NetIPConfiguration carries of it."""
    one: Adapter = session.host.network.adapter
    return CimInstance(
        "MSFT_NetIPInterface",
        [
            ("InterfaceIndex", UInt32(one.index)),
            ("InterfaceAlias", one.name),
            ("AddressFamily", _enum("NetIPInterface", "AddressFamily", FAMILY, family)),
            ("NlMtu", UInt32(one.mtu)),
            ("InterfaceMetric", UInt32(model.METRIC)),
            ("Dhcp", _enum("NetIPInterface", "Dhcp", {"Disabled": 0, "Enabled": 1}, "Enabled")),
            ("ConnectionState",
             _enum("NetIPInterface", "ConnectionState", {"Disconnected": 0, "Connected": 1}, "Connected")),
            ("PolicyStore", "ActiveStore"),
        ],
        namespace=NAMESPACE,
        keys=("InterfaceIndex", "AddressFamily"),
        computer=session.host.computer_name,
    )  # fmt: skip


def _aliases(class_name: str, **names: str) -> None:
    add_type_members(f"{CIM}#{class_name}", *(AliasProperty(new, old) for new, old in names.items()))


_aliases("MSFT_NetAdapter", ifIndex="InterfaceIndex", ifAlias="Name", InterfaceAlias="Name",
         ifDesc="InterfaceDescription", ifOperStatus="InterfaceOperationalStatus")  # fmt: skip
_aliases("MSFT_NetIPAddress", ifIndex="InterfaceIndex", ifAlias="InterfaceAlias")
_aliases("MSFT_NetRoute", ifIndex="InterfaceIndex", ifAlias="InterfaceAlias", ifMetric="InterfaceMetric")
