"""Firewall rules in the registry, in the form of [MS-GPFAS] 2.2.2.19."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.firewall import RULES_KEY, FirewallRule, parse_rule
from winbake.rehearsal.windows.host import WindowsHost

TEXT = (
    "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private|LPort=8042|"
    r"LPort2_10=11112-11131|RA4=LocalSubnet|RA6=LocalSubnet|App=%ProgramFiles%\Orthanc Server\Orthanc.exe|"
    "Name=Orthanc|Desc=REST|EmbedCtxt=WinBake|"
)


def test_a_rule_reads_and_writes_the_same_text() -> None:
    rule = parse_rule("orthanc", TEXT)
    assert rule.local_ports == ("8042", "11112-11131")
    assert (rule.profiles, rule.profile_bits) == (("Domain", "Private"), 3)
    assert rule.remote_addresses == ("LocalSubnet",)
    assert rule.format() == TEXT


def test_fields_without_a_name_here_are_kept() -> None:
    text = "v2.31|Action=Block|Active=FALSE|Dir=Out|Name=x|TTK=ProxyLoopback|LUAuth=O:LSD:(A;;CC;;;S-1-5-32-544)|"
    assert parse_rule("x", text).format() == text


@pytest.mark.parametrize("text", ["", "Action=Allow|Dir=In|", "v2.31|Name=x|", "v2.31|Action=Allow|Dir=In|junk|"])
def test_what_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rule("x", text)


def test_all_default_rules_round_trip(host: WindowsHost) -> None:
    rules = host.firewall.rules()
    assert len(rules) > 40
    for rule in rules:
        assert parse_rule(rule.id, rule.format()) == rule


def test_default_groups(host: WindowsHost) -> None:
    remote = host.firewall.in_group("Remote Desktop")
    assert {rule.id for rule in remote} == {
        "RemoteDesktop-UserMode-In-TCP",
        "RemoteDesktop-UserMode-In-UDP",
        "RemoteDesktop-Shadow-In-TCP",
    }
    assert remote == host.firewall.in_group("@FirewallAPI.dll,-28752")
    assert host.firewall.named("Windows Remote Management (HTTP-In)")
    assert host.firewall.allows(5985, profile="Private")
    assert not host.firewall.allows(8042)


def test_store(host: WindowsHost) -> None:
    host.firewall.add(FirewallRule("orthanc", "Orthanc", protocol=6, local_ports=("8042",)))
    with pytest.raises(Win32Failure) as refused:
        host.firewall.add(FirewallRule("ORTHANC", "Orthanc"))
    assert refused.value.code == 183
    second = host.firewall.add(FirewallRule("", "Orthanc", protocol=6, local_ports=("4242",)))
    assert second.id.startswith("{") and len(host.firewall.named("orthanc")) == 2
    assert host.firewall.allows(8042) and host.firewall.allows(4242)
    host.firewall.add(FirewallRule("deny", "deny", action="Block", protocol=6, local_ports=("8000-8100",)))
    assert not host.firewall.allows(8042)
    host.firewall.remove("deny")
    host.registry.write(RULES_KEY, "by-hand", "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1|Name=h|")
    assert host.firewall.get("by-hand") is not None
    with pytest.raises(Win32Failure):
        host.firewall.remove("none")
