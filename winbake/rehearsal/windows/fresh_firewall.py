"""The firewall rules of a fresh server, in part: those that scripts for servers look at. Ids, ports and string
references are Windows' own (FirewallAPI.dll)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows.firewall import ICMP4, ICMP6, POLICY_KEY, PROFILE_KEYS, TCP, UDP, FirewallRule
from winbake.rehearsal.windows.registry import REG_SZ

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

SVCHOST = r"%SystemRoot%\system32\svchost.exe"
SYSTEM = "System"
LOCAL = ("LocalSubnet",)
PRIVATE = ("Domain", "Private")


def _text(number: int) -> str:
    return f"@FirewallAPI.dll,-{number}"


def _rule(
    rule_id: str, name: int, group: int, protocol: int, port: str = "", *, active: bool = True, **more: object
) -> FirewallRule:
    ports = (port,) if port else ()
    return FirewallRule(
        id=rule_id,
        name=_text(name),
        group=_text(group),
        protocol=protocol,
        local_ports=ports,
        enabled=active,
        **more,  # type: ignore[arg-type]
    )


def rules() -> list[FirewallRule]:
    """The rules, in the store's order."""
    core, sharing, discovery, wmi = 25000, 28502, 32752, 34251
    icmp6: list[tuple[str, int, str]] = [
        ("CoreNet-ICMP6-DU-In", 25110, "1:*"),
        ("CoreNet-ICMP6-PTB-In", 25001, "2:*"),
        ("CoreNet-ICMP6-TE-In", 25113, "3:*"),
        ("CoreNet-ICMP6-PP-In", 25116, "4:*"),
        ("CoreNet-ICMP6-NDS-In", 25019, "135:*"),
        ("CoreNet-ICMP6-NDA-In", 25026, "136:*"),
        ("CoreNet-ICMP6-RA-In", 25012, "134:*"),
        ("CoreNet-ICMP6-RS-In", 25009, "133:*"),
    ]
    found = [_rule(rule_id, name, core, ICMP6, icmp=(kind,), program=SYSTEM) for rule_id, name, kind in icmp6]
    found += [
        _rule("CoreNet-ICMP4-DUFRAG-In", 25251, core, ICMP4, icmp=("3:4",), program=SYSTEM),
        _rule("CoreNet-IGMP-In", 25376, core, 2, program=SYSTEM),
        _rule("CoreNet-DHCP-In", 25301, core, UDP, "68", remote_ports=("67",), program=SVCHOST, service="dhcp"),
        _rule("CoreNet-DHCPV6-In", 25304, core, UDP, "546", remote_ports=("547",), program=SVCHOST, service="dhcp"),
        _rule("CoreNet-Teredo-In", 25326, core, UDP, "Teredo", program=SVCHOST, service="iphlpsvc"),
        _rule("CoreNet-IPHTTPS-In", 25426, core, TCP, "IPHTTPSIn", program=SYSTEM),
        _rule("CoreNet-IPv6-In", 25351, core, 41, program=SYSTEM),
        _rule(
            "CoreNet-DNS-Out-UDP",
            25405,
            core,
            UDP,
            inbound=False,
            remote_ports=("53",),
            program=SVCHOST,
            service="dnscache",
        ),
        _rule(
            "CoreNet-DHCP-Out",
            25302,
            core,
            UDP,
            "68",
            inbound=False,
            remote_ports=("67",),
            program=SVCHOST,
            service="dhcp",
        ),
        _rule("CoreNet-ICMP6-RS-Out", 25008, core, ICMP6, inbound=False, icmp=("133:*",)),
        _rule("RemoteDesktop-UserMode-In-TCP", 28775, 28752, TCP, "3389", program=SVCHOST, service="termservice"),
        _rule("RemoteDesktop-UserMode-In-UDP", 28776, 28752, UDP, "3389", program=SVCHOST, service="termservice"),
        _rule(
            "RemoteDesktop-Shadow-In-TCP",
            28778,
            28752,
            TCP,
            program=r"%SystemRoot%\system32\RdpSa.exe",
            other=(("Defer", "App"),),
        ),
        _rule(
            "WINRM-HTTP-In-TCP", 30253, 30267, TCP, "5985", profiles=PRIVATE, program=SYSTEM, description=_text(30256)
        ),
        _rule(
            "WINRM-HTTP-In-TCP-PUBLIC",
            30253,
            30267,
            TCP,
            "5985",
            profiles=("Public",),
            remote_addresses=LOCAL,
            program=SYSTEM,
            description=_text(30256),
        ),
        _rule("WINRM-HTTP-Compat-In-TCP", 30253, 30252, TCP, "80", active=False, program=SYSTEM),
    ]
    sharing_rows: list[tuple[str, int, int, str, str]] = [
        ("FPS-NB_Session-In-TCP", 28503, TCP, "139", SYSTEM),
        ("FPS-SMB-In-TCP", 28511, TCP, "445", SYSTEM),
        ("FPS-NB_Name-In-UDP", 28519, UDP, "137", SYSTEM),
        ("FPS-NB_Datagram-In-UDP", 28527, UDP, "138", SYSTEM),
        ("FPS-SpoolSvc-In-TCP", 28535, TCP, "RPC", r"%SystemRoot%\system32\spoolsv.exe"),
        ("FPS-RPCSS-In-TCP", 28539, TCP, "RPC-EPMap", SVCHOST),
        ("FPS-LLMNR-In-UDP", 28548, UDP, "5355", SVCHOST),
    ]
    found += [
        _rule(rule_id, name, sharing, protocol, port, active=False, program=program)
        for rule_id, name, protocol, port, program in sharing_rows
    ]
    found += [
        _rule("FPS-ICMP4-ERQ-In", 28543, sharing, ICMP4, active=False, icmp=("8:*",)),
        _rule("FPS-ICMP6-ERQ-In", 28545, sharing, ICMP6, active=False, icmp=("128:*",)),
    ]
    discovery_rows: list[tuple[str, int, int, str, str]] = [
        ("NETDIS-UPnPHost-In-TCP", 32761, TCP, "2869", SYSTEM),
        ("NETDIS-SSDPSrv-In-UDP", 32753, UDP, "1900", SVCHOST),
        ("NETDIS-NB_Name-In-UDP", 32769, UDP, "137", SYSTEM),
        ("NETDIS-NB_Datagram-In-UDP", 32777, UDP, "138", SYSTEM),
        ("NETDIS-FDPHOST-In-UDP", 32785, UDP, "3702", SVCHOST),
        ("NETDIS-LLMNR-In-UDP", 32801, UDP, "5355", SVCHOST),
        ("NETDIS-FDRESPUB-WSD-In-UDP", 32809, UDP, "3702", SVCHOST),
        ("NETDIS-WSDEVNTS-In-TCP", 32813, TCP, "5358", SYSTEM),
        ("NETDIS-WSDEVNT-In-TCP", 32817, TCP, "5357", SYSTEM),
    ]
    found += [
        _rule(rule_id, name, discovery, protocol, port, active=False, profiles=PRIVATE, program=program)
        for rule_id, name, protocol, port, program in discovery_rows
    ]
    found += [
        _rule("WMI-RPCSS-In-TCP", 34252, wmi, TCP, "135", active=False, program=SVCHOST, service="rpcss"),
        _rule("WMI-WINMGMT-In-TCP", 34254, wmi, TCP, active=False, program=SVCHOST, service="winmgmt"),
        _rule("WMI-ASYNC-In-TCP", 34256, wmi, TCP, active=False, program=r"%systemroot%\system32\wbem\unsecapp.exe"),
        _rule("RemoteEventLogSvc-In-TCP", 29253, 29252, TCP, "RPC", active=False, program=SVCHOST, service="Eventlog"),
        _rule("RemoteEventLogSvc-NP-In-TCP", 29257, 29252, TCP, "445", active=False, program=SYSTEM),
        _rule(
            "RemoteEventLogSvc-RPCSS-In-TCP",
            29265,
            29252,
            TCP,
            "RPC-EPMap",
            active=False,
            program=SVCHOST,
            service="RPCSS",
        ),
        _rule(
            "RemoteSvcAdmin-In-TCP",
            29503,
            29502,
            TCP,
            "RPC",
            active=False,
            program=r"%SystemRoot%\system32\services.exe",
        ),
        _rule("RemoteSvcAdmin-NP-In-TCP", 29507, 29502, TCP, "445", active=False, program=SYSTEM),
        _rule(
            "RemoteSvcAdmin-RPCSS-In-TCP",
            29515,
            29502,
            TCP,
            "RPC-EPMap",
            active=False,
            program=SVCHOST,
            service="RPCSS",
        ),
        _rule("RemoteFwAdmin-In-TCP", 30003, 30002, TCP, "RPC", active=False, program=SVCHOST, service="policyagent"),
        _rule(
            "RemoteFwAdmin-RPCSS-In-TCP", 30007, 30002, TCP, "RPC-EPMap", active=False, program=SVCHOST, service="RPCSS"
        ),
        _rule("RemoteTask-In-TCP", 33253, 33252, TCP, "RPC", active=False, program=SVCHOST, service="schedule"),
        _rule(
            "RemoteTask-RPCSS-In-TCP", 33257, 33252, TCP, "RPC-EPMap", active=False, program=SVCHOST, service="RPCSS"
        ),
        _rule(
            "MDNS-In-UDP",
            37303,
            37302,
            UDP,
            "5353",
            profiles=("Public",),
            remote_addresses=LOCAL,
            program=SVCHOST,
            service="dnscache",
        ),
    ]
    return found


def install(host: WindowsHost) -> None:
    """Write rules and profiles."""
    for rule in rules():
        host.firewall.add(rule)
    for key in PROFILE_KEYS.values():
        path = rf"{POLICY_KEY}\{key}"
        host.registry.write(path, "EnableFirewall", 1)
        host.registry.write(path, "DisableNotifications", 1)
        logging_key = path + r"\Logging"
        host.registry.write(
            logging_key, "LogFilePath", r"%systemroot%\system32\LogFiles\Firewall\pfirewall.log", REG_SZ
        )
        host.registry.write(logging_key, "LogFileSize", 4096)
        host.registry.write(logging_key, "LogDroppedPackets", 0)
        host.registry.write(logging_key, "LogSuccessfulConnections", 0)
