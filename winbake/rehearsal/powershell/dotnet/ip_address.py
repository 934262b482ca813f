"""System.Net.IPAddress."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, bad_format, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import Int16, Int64, NetObject, PSArray

ADDRESS = "System.Net.IPAddress"
_INET, _INET6 = 2, 23


class IPAddress(NetObject):
    """An address of either family, with the scope of a link-local IPv6 one."""

    net_type_name = ADDRESS

    def __init__(self, value: ipaddress.IPv4Address | ipaddress.IPv6Address, scope: int = 0) -> None:
        self.value = value
        self.scope = scope

    @classmethod
    def parse(cls, text: str) -> IPAddress:
        """Raises NetError (FormatException). IPv4 may have fewer than four parts, octal and hexadecimal ones."""
        try:
            if ":" in text:
                plain, _, scope = text.strip("[]").partition("%")
                return cls(ipaddress.IPv6Address(plain), int(scope or 0))
            return cls(ipaddress.IPv4Address(_ipv4_number(text)))
        except ValueError as error:
            raise bad_format("An invalid IP address was specified.") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IPAddress) and (self.value, self.scope) == (other.value, other.scope)

    def __hash__(self) -> int:
        return hash((self.value, self.scope))

    def __str__(self) -> str:
        mapped = self.value.ipv4_mapped if isinstance(self.value, ipaddress.IPv6Address) else None
        text = f"::ffff:{mapped}" if mapped is not None else str(self.value)
        return text + (f"%{self.scope}" if self.scope else "")


def _ipv4_number(text: str) -> int:
    parts = text.split(".")
    if not 1 <= len(parts) <= 4:
        raise ValueError(text)
    numbers = []
    for part in parts:
        if re.fullmatch("0[xX][0-9a-fA-F]+", part):
            numbers.append(int(part, 16))
        elif re.fullmatch("0[0-7]+", part):
            numbers.append(int(part, 8))
        elif re.fullmatch("0|[1-9][0-9]*", part):
            numbers.append(int(part))
        else:
            raise ValueError(text)
    *heads, last = numbers
    if any(head > 255 for head in heads) or last >= 256 ** (5 - len(numbers)):
        raise ValueError(text)
    return sum(head << (24 - 8 * index) for index, head in enumerate(heads)) + last


@constructor(ADDRESS)
def new_address(source: Any, scope: int = 0) -> IPAddress:
    if isinstance(source, PSArray):
        data = bytes_of(source)
        if len(data) not in (4, 16):
            raise argument("An invalid IP address was specified.", "address")
        return IPAddress(ipaddress.ip_address(data), int(scope))
    if not 0 <= source <= 0xFFFFFFFF:
        raise out_of_range("newAddress")
    return IPAddress(ipaddress.IPv4Address(int(source).to_bytes(4, "little")))


@static(ADDRESS, "Parse")
def parse(text: str | None) -> IPAddress:
    if text is None:
        raise argument_null("ipString")
    return IPAddress.parse(text)


@static(ADDRESS, "TryParse")
def try_parse(text: str | None, result: Any) -> bool:
    try:
        result.value = IPAddress.parse(text or "")
    except NetError:
        result.value = None
        return False
    return True


def _constant(name: str, text: str) -> None:
    static_getter(ADDRESS, name)(lambda: IPAddress(ipaddress.ip_address(text)))


for _name, _text in {
    "Any": "0.0.0.0",
    "Loopback": "127.0.0.1",
    "Broadcast": "255.255.255.255",
    "None": "255.255.255.255",
    "IPv6Any": "::",
    "IPv6Loopback": "::1",
    "IPv6None": "::",
}.items():
    _constant(_name, _text)


@static(ADDRESS, "IsLoopback")
def is_loopback(address: IPAddress | None) -> bool:
    if address is None:
        raise argument_null("address")
    return address.value.is_loopback


def _reverse(number: int, size: int) -> int:
    return int.from_bytes(int(number).to_bytes(size, "little", signed=True), "big", signed=True)


@static(ADDRESS, "HostToNetworkOrder")
@static(ADDRESS, "NetworkToHostOrder")
def swap_order(number: int) -> int:
    size = 8 if isinstance(number, Int64) else 2 if isinstance(number, Int16) else 4
    return type(number)(_reverse(number, size))


@method(ADDRESS, "GetAddressBytes")
def get_address_bytes(value: IPAddress) -> PSArray:
    return byte_array(value.value.packed)


@method(ADDRESS, "ToString")
def to_string(value: IPAddress) -> str:
    return str(value)


@method(ADDRESS, "Equals")
def equals(value: IPAddress, other: Any) -> bool:
    return bool(value == other)


@method(ADDRESS, "MapToIPv6")
def map_to_ipv6(value: IPAddress) -> IPAddress:
    if isinstance(value.value, ipaddress.IPv6Address):
        return value
    return IPAddress(ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + value.value.packed))


@method(ADDRESS, "MapToIPv4")
def map_to_ipv4(value: IPAddress) -> IPAddress:
    if isinstance(value.value, ipaddress.IPv4Address):
        return value
    return IPAddress(ipaddress.IPv4Address(value.value.packed[-4:]))


@getter(ADDRESS, "AddressFamily")
def address_family(value: IPAddress) -> EnumValue:
    return enum_value("System.Net.Sockets.AddressFamily", _INET if value.value.version == 4 else _INET6)


@getter(ADDRESS, "Address")
def address_number(value: IPAddress) -> Int64:
    if value.value.version == 6:
        raise NetError(
            "System.Net.Sockets.SocketException",
            "The attempted operation is not supported for the type of object referenced",
        )
    return Int64(int.from_bytes(value.value.packed, "little"))


@getter(ADDRESS, "ScopeId")
def scope_id(value: IPAddress) -> Int64:
    return Int64(value.scope)


@getter(ADDRESS, "IsIPv6LinkLocal")
def is_link_local(value: IPAddress) -> bool:
    return value.value.version == 6 and value.value.is_link_local


@getter(ADDRESS, "IsIPv6Multicast")
def is_multicast(value: IPAddress) -> bool:
    return value.value.version == 6 and value.value.is_multicast


@getter(ADDRESS, "IsIPv6SiteLocal")
def is_site_local(value: IPAddress) -> bool:
    return isinstance(value.value, ipaddress.IPv6Address) and value.value.is_site_local


@getter(ADDRESS, "IsIPv4MappedToIPv6")
def is_mapped(value: IPAddress) -> bool:
    return isinstance(value.value, ipaddress.IPv6Address) and value.value.ipv4_mapped is not None


code_property(ADDRESS, "IPAddressToString", str, "ScriptProperty")
