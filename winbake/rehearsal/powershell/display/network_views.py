"""How the network's and the disks' objects are shown, after recorded output of the cmdlets.

Left out: DriverInformation in Get-NetAdapter's list, whose version is not modelled.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.display.view import Column, Getter, View, read

_CIM = "Microsoft.Management.Infrastructure.CimInstance#"
_NET = f"{_CIM}root/standardcimv2/"
FOREVER = 2**63 - 1  # TimeSpan.MaxValue in ticks


def _lifetime(name: str) -> Getter:
    def shown(session: Any, target: Any) -> Any:
        found = v.unwrap(read(session, target, name))
        return "Infinite ([TimeSpan]::MaxValue)" if getattr(found, "ticks", 0) == FOREVER else found

    return shown


def _family(session: Any, target: Any) -> str:
    return {2: "IPv4", 23: "IPv6"}[int(v.unwrap(read(session, target, "AddressFamily")))]


def _of_each(name: str, inner: str) -> Getter:
    """A property of what a property holds, one a line."""

    def shown(session: Any, target: Any) -> str:
        held = v.unwrap(read(session, target, name))
        items = list(held) if isinstance(held, v.PSArray) else [] if held is None else [held]
        found = [read(session, item, inner) for item in items]
        texts: list[str] = []
        for one in map(v.unwrap, found):
            texts += [objects.text(session, part) for part in (one if isinstance(one, v.PSArray) else [one])]
        return "\n".join(texts)

    return shown


def _operational(session: Any, target: Any) -> str:
    return {1: "Up", 2: "Down"}[int(v.unwrap(read(session, target, "InterfaceOperationalStatus")))]


def _gigabits(session: Any, target: Any) -> Any:
    return v.UInt64(int(v.unwrap(read(session, target, "Speed"))) // 10**9)


def _list(types: str, *columns: Column | str) -> View:
    made = tuple(Column(one) if isinstance(one, str) else one for one in columns)
    return View((types,), "list", made)


VIEWS = (
    View(
        (f"{_NET}MSFT_NetAdapter",), "table",
        (
            Column("Name", width=25), Column("InterfaceDescription", width=39),
            Column("ifIndex", width=7, alignment="right"), Column("Status", width=12), Column("MacAddress", width=17),
            Column("LinkSpeed", width=14, alignment="right"),
        ),
    ),
    _list(
        f"{_NET}MSFT_NetAdapter", "Name", "InterfaceDescription", "InterfaceIndex", "MacAddress", "MediaType",
        "PhysicalMediaType", Column(_operational, "InterfaceOperationalStatus"), "AdminStatus",
        Column(_gigabits, "LinkSpeed(Gbps)"), "MediaConnectionState", "ConnectorPresent",
    ),
    _list(
        f"{_NET}MSFT_NetIPAddress", "IPAddress", "InterfaceIndex", "InterfaceAlias", "AddressFamily", "Type",
        "PrefixLength", "PrefixOrigin", "SuffixOrigin", "AddressState", Column(_lifetime("ValidLifetime"),
        "ValidLifetime"), Column(_lifetime("PreferredLifetime"), "PreferredLifetime"), "SkipAsSource", "PolicyStore",
    ),
    View(
        (f"{_NET}MSFT_DNSClientServerAddress",), "table",
        (
            Column("InterfaceAlias", width=28), Column("InterfaceIndex", "Interface\nIndex", 9, "left", "right"),
            Column(_family, "Address\nFamily", 7, "left"), Column("ServerAddresses"),
        ),
    ),
    _list(
        "NetIPConfiguration", "InterfaceAlias", "InterfaceIndex", "InterfaceDescription",
        Column(_of_each("NetProfile", "Name"), "NetProfile.Name"),
        Column(_of_each("IPv4Address", "IPAddress"), "IPv4Address"),
        Column(_of_each("IPv6DefaultGateway", "NextHop"), "IPv6DefaultGateway"),
        Column(_of_each("IPv4DefaultGateway", "NextHop"), "IPv4DefaultGateway"),
        Column(_of_each("DNSServer", "ServerAddresses"), "DNSServer"),
    ),
)  # fmt: skip
