"""Indirect strings: `@FirewallAPI.dll,-28752` in the registry means a text inside a DLL.

Only the texts that this model's own rules and services use are here; another id is shown as it is written,
as Windows does when the DLL cannot be loaded.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"^@(?:%\w+%\\)?(?:[^,]*\\)?([^,\\]+),\s*-(\d+)$")

FIREWALL_TEXTS: dict[int, str] = {
    25000: "Core Networking",
    25001: "Core Networking - Packet Too Big (ICMPv6-In)",
    25008: "Core Networking - Router Solicitation (ICMPv6-Out)",
    25009: "Core Networking - Router Solicitation (ICMPv6-In)",
    25012: "Core Networking - Router Advertisement (ICMPv6-In)",
    25019: "Core Networking - Neighbor Discovery Solicitation (ICMPv6-In)",
    25026: "Core Networking - Neighbor Discovery Advertisement (ICMPv6-In)",
    25110: "Core Networking - Destination Unreachable (ICMPv6-In)",
    25113: "Core Networking - Time Exceeded (ICMPv6-In)",
    25116: "Core Networking - Parameter Problem (ICMPv6-In)",
    25251: "Core Networking - Destination Unreachable Fragmentation Needed (ICMPv4-In)",
    25301: "Core Networking - Dynamic Host Configuration Protocol (DHCP-In)",
    25302: "Core Networking - Dynamic Host Configuration Protocol (DHCP-Out)",
    25304: "Core Networking - Dynamic Host Configuration Protocol for IPv6(DHCPV6-In)",
    25326: "Core Networking - Teredo (UDP-In)",
    25351: "Core Networking - IPv6 (IPv6-In)",
    25376: "Core Networking - Internet Group Management Protocol (IGMP-In)",
    25405: "Core Networking - DNS (UDP-Out)",
    25426: "Core Networking - IPHTTPS (TCP-In)",
    28502: "File and Printer Sharing",
    28503: "File and Printer Sharing (NB-Session-In)",
    28511: "File and Printer Sharing (SMB-In)",
    28519: "File and Printer Sharing (NB-Name-In)",
    28527: "File and Printer Sharing (NB-Datagram-In)",
    28535: "File and Printer Sharing (Spooler Service - RPC)",
    28539: "File and Printer Sharing (Spooler Service - RPC-EPMAP)",
    28543: "File and Printer Sharing (Echo Request - ICMPv4-In)",
    28545: "File and Printer Sharing (Echo Request - ICMPv6-In)",
    28548: "File and Printer Sharing (LLMNR-UDP-In)",
    28752: "Remote Desktop",
    28775: "Remote Desktop - User Mode (TCP-In)",
    28776: "Remote Desktop - User Mode (UDP-In)",
    28778: "Remote Desktop - Shadow (TCP-In)",
    29252: "Remote Event Log Management",
    29253: "Remote Event Log Management (RPC)",
    29257: "Remote Event Log Management (NP-In)",
    29265: "Remote Event Log Management (RPC-EPMAP)",
    29502: "Remote Service Management",
    29503: "Remote Service Management (RPC)",
    29507: "Remote Service Management (NP-In)",
    29515: "Remote Service Management (RPC-EPMAP)",
    30002: "Windows Firewall Remote Management",
    30003: "Windows Firewall Remote Management (RPC)",
    30007: "Windows Firewall Remote Management (RPC-EPMAP)",
    30252: "Windows Remote Management (Compatibility)",
    30253: "Windows Remote Management (HTTP-In)",
    30256: "Inbound rule for Windows Remote Management via WS-Management. [TCP 5985]",
    30267: "Windows Remote Management",
    32752: "Network Discovery",
    32753: "Network Discovery (SSDP-In)",
    32761: "Network Discovery (UPnP-In)",
    32769: "Network Discovery (NB-Name-In)",
    32777: "Network Discovery (NB-Datagram-In)",
    32785: "Network Discovery (WSD-In)",
    32801: "Network Discovery (LLMNR-UDP-In)",
    32809: "Network Discovery (Pub-WSD-In)",
    32813: "Network Discovery (WSD EventsSecure-In)",
    32817: "Network Discovery (WSD Events-In)",
    33252: "Remote Scheduled Tasks Management",
    33253: "Remote Scheduled Tasks Management (RPC)",
    33257: "Remote Scheduled Tasks Management (RPC-EPMAP)",
    34251: "Windows Management Instrumentation (WMI)",
    34252: "Windows Management Instrumentation (DCOM-In)",
    34254: "Windows Management Instrumentation (WMI-In)",
    34256: "Windows Management Instrumentation (ASync-In)",
    37302: "mDNS",
    37303: "mDNS (UDP-In)",
}


class IndirectStrings:
    """Texts by DLL and id; `resolve` gives the text, or the reference itself when it is unknown."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[int, str]] = {"firewallapi.dll": FIREWALL_TEXTS}

    def add(self, library: str, texts: dict[int, str]) -> None:
        self._texts.setdefault(library.lower(), {}).update(texts)

    def resolve(self, text: str) -> str:
        if not text.startswith("@"):
            return text
        found = _FORM.match(text)
        if found is None:
            return text
        return self._texts.get(found[1].lower(), {}).get(int(found[2]), text)
