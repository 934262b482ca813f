"""The host's one network adapter, and the routes that follow from its lease.

Its facts are those of an EC2 instance: name, description, index, metrics, routes as `ipconfig /all` and `route print`
of a Windows instance of 2025 were published; the lease comes from the subnet (gateway and DHCP server are its first
address, the DNS server is the VPC's third: AWS, VPC DHCP option sets). Assumed: a host that is not in the rehearsal's
AWS is in the default VPC's first subnet of us-east-1, and a lease is an hour, taken at the start.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from uuid import UUID

DEFAULT_SUBNET, DEFAULT_VPC, DEFAULT_REGION = "172.31.0.0/20", "172.31.0.0/16", "us-east-1"
LEASE_SECONDS = 3600
METRIC, LOOPBACK_METRIC = 20, 75
ON_LINK = 256
LOOPBACK, LOOPBACK_INDEX = "Loopback Pseudo-Interface 1", 1
# Where EC2's launch agent adds routes to (metadata, time, DNS, KMS, activation), metric 20.
AMAZON_ROUTES = ("169.254.169.123", "169.254.169.249", "169.254.169.250", "169.254.169.251", "169.254.169.253",
                 "169.254.169.254")  # fmt: skip


@dataclass(frozen=True)
class Adapter:
    """An adapter with its lease. `link_speed`: bits per second."""

    address: IPv4Address
    network: IPv4Network
    dns: IPv4Address
    suffix: str
    mac: str
    guid: str
    link_local: IPv6Address
    region: str = DEFAULT_REGION
    name: str = "Ethernet"
    description: str = "Amazon Elastic Network Adapter"
    service: str = "ena"
    index: int = 3
    link_speed: int = 10_000_000_000
    mtu: int = 9001

    @property
    def gateway(self) -> IPv4Address:
        return self.network.network_address + 1

    @property
    def dhcp_server(self) -> IPv4Address:
        return self.gateway

    @property
    def suffixes(self) -> tuple[str, str]:
        """The search list of EC2's launch agent."""
        return self.suffix, f"{self.region}.ec2-utilities.amazonaws.com"


@dataclass(frozen=True)
class Route:
    """One row of the routing table; the next hop of a route on the link is 0.0.0.0 or ::."""

    destination: str
    next_hop: str
    metric: int
    index: int


def leased(
    address: str = "",
    *,
    seed: str,
    subnet: str = DEFAULT_SUBNET,
    vpc: str = DEFAULT_VPC,
    region: str = DEFAULT_REGION,
    mac: str = "",
) -> Adapter:
    """The adapter of an instance with this private address; without one, an address of the subnet by the seed."""
    digest = hashlib.sha256(seed.encode("utf-8")).digest()
    network = IPv4Network(subnet)
    free = network.num_addresses - 5  # AWS keeps the first four and the last
    chosen = IPv4Address(address) if address else network[4 + int.from_bytes(digest[:4], "big") % free]
    hardware = mac.replace(":", "-").upper() or "-".join(f"{byte:02X}" for byte in (0x0A, *digest[4:9]))
    return Adapter(
        address=chosen,
        network=network,
        dns=IPv4Network(vpc).network_address + 2,
        suffix="ec2.internal" if region == DEFAULT_REGION else f"{region}.compute.internal",
        mac=hardware,
        guid=f"{{{str(UUID(bytes=digest[:16], version=4)).upper()}}}",
        link_local=IPv6Address(bytes.fromhex("fe80000000000000") + digest[16:24]),
        region=region,
    )


def routes(adapter: Adapter) -> list[Route]:
    """The active routes, in the order of Get-NetRoute: the longest IPv6 first, then IPv4 from the top down."""
    on, loop = adapter.index, LOOPBACK_INDEX
    network, address = adapter.network, adapter.address
    return [
        Route("255.255.255.255/32", "0.0.0.0", ON_LINK, on),
        Route("255.255.255.255/32", "0.0.0.0", ON_LINK, loop),
        Route("224.0.0.0/4", "0.0.0.0", ON_LINK, on),
        Route("224.0.0.0/4", "0.0.0.0", ON_LINK, loop),
        Route(f"{network.broadcast_address}/32", "0.0.0.0", ON_LINK, on),
        Route(f"{address}/32", "0.0.0.0", ON_LINK, on),
        Route(str(network), "0.0.0.0", ON_LINK, on),
        *(Route(f"{one}/32", "0.0.0.0", METRIC, on) for one in reversed(AMAZON_ROUTES)),
        Route("127.255.255.255/32", "0.0.0.0", ON_LINK, loop),
        Route("127.0.0.1/32", "0.0.0.0", ON_LINK, loop),
        Route("127.0.0.0/8", "0.0.0.0", ON_LINK, loop),
        Route("0.0.0.0/0", str(adapter.gateway), 0, on),
        Route("ff00::/8", "::", ON_LINK, on),
        Route("ff00::/8", "::", ON_LINK, loop),
        Route(f"{adapter.link_local}/128", "::", ON_LINK, on),
        Route("fe80::/64", "::", ON_LINK, on),
        Route("::1/128", "::", ON_LINK, loop),
    ]


def interface_metric(index: int) -> int:
    return LOOPBACK_METRIC if index == LOOPBACK_INDEX else METRIC
