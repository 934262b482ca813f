"""The host's one network adapter, as cmdlets, CIM and ipconfig show it: one state, the same answer everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from windows_script import host, ids, out

from winbake.rehearsal.windows.adapter import leased

_NOT_FOUND = "CmdletizationQuery_NotFound"


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("$a = Get-NetAdapter; $a.Name; $a.Status; $a.ifDesc; $a.LinkSpeed; $a.ifAlias",
         ["Ethernet", "Up", "Amazon Elastic Network Adapter", "10 Gbps", "Ethernet"]),
        ("@(Get-NetAdapter -Name E* -Physical).Count", [1]),
        ("(Get-NetIPAddress -AddressFamily IPv4 -InterfaceAlias Loop*).IPAddress", ["127.0.0.1"]),
        ("[string](Get-NetIPAddress ::1).AddressFamily; [int](Get-NetIPAddress ::1).AddressFamily", ["IPv6", 23]),
        ("[string](Get-NetIPAddress -AddressFamily IPv4 -PrefixOrigin Dhcp).SuffixOrigin", ["Dhcp"]),
        ("(Get-NetIPAddress 127.0.0.1).ValidLifetime -eq [TimeSpan]::MaxValue", [True]),
        ("(Get-NetRoute 169.254.169.254/32).RouteMetric -as [int]", [20]),
        ("(Get-NetRoute 0.0.0.0/0).NextHop -eq (Get-NetIPConfiguration).IPv4DefaultGateway.NextHop", [True]),
        ("(Get-DnsClientServerAddress -InterfaceAlias Ethernet -AddressFamily IPv4).ServerAddresses", ["172.31.0.2"]),
        ("[string](Get-NetConnectionProfile).NetworkCategory", ["Public"]),
        ("(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetAdapter).Name", ["Ethernet"]),
        ("$ip = (Get-NetIPAddress -PrefixOrigin Dhcp).IPAddress; "
         "@(ipconfig | Where-Object { $_ -like \"   IPv4 Address. . . . . . . . . . . : $ip\" }).Count", [1]),
        ("@(ipconfig /all | Where-Object { $_ -eq '   Primary Dns Suffix  . . . . . . . :' }).Count", [1]),
        ("@(ipconfig /all | Where-Object { $_ -eq '   DHCP Enabled. . . . . . . . . . . : Yes' }).Count", [1]),
        ("(netstat -ano | Where-Object { $_ -match ':135 ' }).Trim()",
         ["TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       4"]),
    ],
)  # fmt: skip
def test_the_adapter_answers(script: str, wanted: list[Any]) -> None:
    assert out(script) == wanted


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-NetAdapter Wi-Fi", [f"{_NOT_FOUND}_Name,Get-NetAdapter"]),
        ("Get-NetAdapter Wi*", []),
        ("Get-NetIPAddress 1.2.3.4", [f"{_NOT_FOUND}_IPAddress,Get-NetIPAddress"]),
        ("Get-NetIPAddress 1.2.3.4 -InterfaceIndex 3", [f"{_NOT_FOUND},Get-NetIPAddress"]),
        ("Get-NetRoute -DestinationPrefix 10.0.0.0/8", [f"{_NOT_FOUND}_DestinationPrefix,Get-NetRoute"]),
    ],
)
def test_what_is_not_there_has_windows_id(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


def test_tables_look_as_on_a_windows_host() -> None:
    shown = "\n".join(out("Get-DnsClientServerAddress -InterfaceAlias Ethernet | Out-String")).splitlines()
    assert [line.rstrip() for line in shown if line.strip()] == [
        "InterfaceAlias               Interface Address ServerAddresses",
        "                             Index     Family",
        "--------------               --------- ------- ---------------",
        "Ethernet                             3 IPv4    {172.31.0.2}",
        "Ethernet                             3 IPv6    {}",
    ]


def test_another_lease_shows_everywhere_at_once() -> None:
    network = host().network
    before = network.adapter
    network.adapter = leased("10.9.8.7", seed="x", subnet="10.9.8.0/24", vpc="10.9.0.0/16", region="eu-west-1")
    try:
        assert out("$c = Get-NetIPConfiguration; $c.IPv4Address.IPAddress; $c.DNSServer.ServerAddresses; "
                   "(ipconfig /all) -match 'compute.internal$' | Select-Object -First 1") == [
            "10.9.8.7", "10.9.0.2", "   DNS Suffix Search List. . . . . . : eu-west-1.compute.internal",
        ]  # fmt: skip
    finally:
        network.adapter = before
