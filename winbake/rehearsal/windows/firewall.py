"""The firewall. Its store is the registry, one REG_SZ a rule in the form of [MS-GPFAS] 2.2.2.19.

    v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=8042|Name=Orthanc|

Fields this module has no name for are kept as they are, so that reading and writing a rule loses nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.registry import REG_SZ, Registry
from winbake.rehearsal.windows.strings import IndirectStrings

POLICY_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
RULES_KEY = POLICY_KEY + r"\FirewallRules"
PROFILE_KEYS = {"Domain": "DomainProfile", "Private": "StandardProfile", "Public": "PublicProfile"}
VERSION = "v2.31"  # policy version of Windows 10 1809 / Server 2019 and later
PROFILE_BITS = {"Domain": 1, "Private": 2, "Public": 4}
TCP, UDP, ICMP4, ICMP6 = 6, 17, 1, 58
PROTOCOL_NAMES = {1: "ICMPv4", 2: "IGMP", 6: "TCP", 17: "UDP", 41: "IPv6", 47: "GRE", 58: "ICMPv6"}


@dataclass(frozen=True)
class FirewallRule:
    """One rule. `id` is the registry value's name (InstanceID); `protocol` None is any; `profiles` empty is any.

    Ports and addresses are texts as written (`8042`, `5000-5010`, `RPC`, `LocalSubnet`); none means any. `name`,
    `description` and `group` may be indirect strings (`@FirewallAPI.dll,-28752`)."""

    id: str
    name: str
    action: str = "Allow"  # Allow, Block, ByPass
    enabled: bool = True
    inbound: bool = True
    profiles: tuple[str, ...] = ()
    protocol: int | None = None
    local_ports: tuple[str, ...] = ()
    remote_ports: tuple[str, ...] = ()
    icmp: tuple[str, ...] = ()
    local_addresses: tuple[str, ...] = ()
    remote_addresses: tuple[str, ...] = ()
    program: str = ""
    service: str = ""
    description: str = ""
    group: str = ""
    edge: bool = False
    interface_types: tuple[str, ...] = ()
    version: str = VERSION
    other: tuple[tuple[str, str], ...] = field(default=())

    @property
    def profile_bits(self) -> int:
        """MSFT_NetFirewallRule.Profiles: 0 any, else Domain 1 + Private 2 + Public 4."""
        return sum(PROFILE_BITS[profile] for profile in self.profiles)

    def format(self) -> str:
        """The registry form."""
        fields: list[tuple[str, str]] = [
            ("Action", self.action),
            ("Active", "TRUE" if self.enabled else "FALSE"),
            ("Dir", "In" if self.inbound else "Out"),
        ]
        if self.protocol is not None:
            fields.append(("Protocol", str(self.protocol)))
        fields += [("Profile", profile) for profile in self.profiles]
        fields += [("LPort2_10" if "-" in port and port[0].isdigit() else "LPort", port) for port in self.local_ports]
        fields += [("RPort2_10" if "-" in port and port[0].isdigit() else "RPort", port) for port in self.remote_ports]
        fields += [("ICMP6" if self.protocol == ICMP6 else "ICMP4", kind) for kind in self.icmp]
        fields += [(f"LA{_family(address)}", address) for address in self.local_addresses]
        for address in self.remote_addresses:
            if address[0].isdigit() or ":" in address:
                fields.append((f"RA{_family(address)}", address))
            else:
                fields += [("RA4", address), ("RA6", address)]
        fields += [("IFType", kind) for kind in self.interface_types]
        fields += [
            (key, text)
            for key, text in [
                ("App", self.program),
                ("Svc", self.service),
                ("Name", self.name),
                ("Desc", self.description),
                ("EmbedCtxt", self.group),
                ("Edge", "TRUE" if self.edge else ""),
            ]
            if text
        ]
        fields += self.other
        return self.version + "|" + "".join(f"{key}={text}|" for key, text in fields)


def _family(address: str) -> str:
    return "6" if ":" in address else "4"


def parse_rule(rule_id: str, text: str) -> FirewallRule:
    """A rule from its registry form. Raises ValueError for a text that is not one."""
    version, _, rest = text.partition("|")
    if not version.startswith("v2.") or not rest:
        raise ValueError(f"not a firewall rule: {text!r}")
    many: dict[str, list[str]] = {}
    one: dict[str, str] = {}
    other: list[tuple[str, str]] = []
    for item in rest.split("|"):
        if not item:
            continue
        key, equals, value = item.partition("=")
        if not equals:
            raise ValueError(f"not a firewall rule field: {item!r}")
        family = _MANY.get(key)
        if family is not None:
            if value not in many.setdefault(family, []):
                many[family].append(value)
        elif key in _ONE:
            one[key] = value
        else:
            other.append((key, value))
    if one.get("Action") not in ("Allow", "Block", "ByPass") or one.get("Dir") not in ("In", "Out"):
        raise ValueError(f"a firewall rule without Action or Dir: {text!r}")
    return FirewallRule(
        id=rule_id,
        name=one.get("Name", ""),
        action=one["Action"],
        enabled=one.get("Active", "FALSE").upper() == "TRUE",
        inbound=one["Dir"] == "In",
        profiles=tuple(many.get("profiles", [])),
        protocol=int(one["Protocol"]) if "Protocol" in one else None,
        local_ports=tuple(many.get("local_ports", [])),
        remote_ports=tuple(many.get("remote_ports", [])),
        icmp=tuple(many.get("icmp", [])),
        local_addresses=tuple(many.get("local_addresses", [])),
        remote_addresses=tuple(many.get("remote_addresses", [])),
        interface_types=tuple(many.get("interface_types", [])),
        program=one.get("App", ""),
        service=one.get("Svc", ""),
        description=one.get("Desc", ""),
        group=one.get("EmbedCtxt", ""),
        edge=one.get("Edge", "").upper() == "TRUE",
        version=version,
        other=tuple(other),
    )


_MANY = {
    "Profile": "profiles",
    "LPort": "local_ports",
    "LPort2_10": "local_ports",
    "RPort": "remote_ports",
    "RPort2_10": "remote_ports",
    "ICMP4": "icmp",
    "ICMP6": "icmp",
    "LA4": "local_addresses",
    "LA6": "local_addresses",
    "RA4": "remote_addresses",
    "RA6": "remote_addresses",
    "IFType": "interface_types",
}
_ONE = frozenset(["Action", "Active", "Dir", "Protocol", "App", "Svc", "Name", "Desc", "EmbedCtxt", "Edge"])


class Firewall:
    """The rules and profiles of one host, read from and written to its registry each time."""

    def __init__(self, registry: Registry, strings: IndirectStrings) -> None:
        self._registry = registry
        self._strings = strings

    def rules(self) -> list[FirewallRule]:
        """All rules in the store's order; a value that is no rule is left out, as the firewall service does."""
        key = self._registry.open(RULES_KEY)
        found: list[FirewallRule] = []
        for name in key.values() if key else []:
            value = key.get(name) if key else None
            if value is None or value.kind != REG_SZ:
                continue
            try:
                found.append(parse_rule(name, value.data))
            except ValueError:
                continue
        return found

    def __iter__(self) -> Iterator[FirewallRule]:
        return iter(self.rules())

    def get(self, rule_id: str) -> FirewallRule | None:
        return next((rule for rule in self.rules() if rule.id.lower() == rule_id.lower()), None)

    def display_name(self, rule: FirewallRule) -> str:
        return self._strings.resolve(rule.name)

    def display_group(self, rule: FirewallRule) -> str:
        return self._strings.resolve(rule.group)

    def named(self, display_name: str) -> list[FirewallRule]:
        """All rules of this display name: there may be several."""
        return [rule for rule in self.rules() if self.display_name(rule).lower() == display_name.lower()]

    def in_group(self, group: str) -> list[FirewallRule]:
        """By the group's reference or its text."""
        low = group.lower()
        return [rule for rule in self.rules() if low in (rule.group.lower(), self.display_group(rule).lower())]

    def add(self, rule: FirewallRule) -> FirewallRule:
        """Store a rule; one without an id gets a new {GUID}. Raises Win32Failure 183 for an id that is taken."""
        if not rule.id:
            rule = replace(rule, id="{" + str(uuid.uuid4()).upper() + "}")
        if self.get(rule.id) is not None:
            raise Win32Failure(183, rule.id)
        self._registry.write(RULES_KEY, rule.id, rule.format())
        return rule

    def update(self, rule: FirewallRule) -> None:
        """Write a rule that is there. Raises Win32Failure 2."""
        if self.get(rule.id) is None:
            raise Win32Failure(2, rule.id)
        self._registry.write(RULES_KEY, rule.id, rule.format())

    def remove(self, rule_id: str) -> None:
        """Raises Win32Failure 2."""
        key = self._registry.open(RULES_KEY, writable=True)
        if key is None:
            raise Win32Failure(2, rule_id)
        key.delete(rule_id)

    def profile_enabled(self, profile: str) -> bool:
        return bool(self._registry.read(f"{POLICY_KEY}\\{PROFILE_KEYS[profile]}", "EnableFirewall", 1))

    def set_profile_enabled(self, profile: str, enabled: bool) -> None:
        self._registry.write(f"{POLICY_KEY}\\{PROFILE_KEYS[profile]}", "EnableFirewall", int(enabled))

    def allows(self, port: int, protocol: int = TCP, profile: str = "Public", program: str = "") -> bool:
        """Whether a connection from another machine to this port gets in: blocked beats allowed, none is blocked."""
        if not self.profile_enabled(profile):
            return True
        allowed = False
        for rule in self.rules():
            if not (rule.enabled and rule.inbound) or (rule.profiles and profile not in rule.profiles):
                continue
            if rule.protocol not in (None, protocol) or not _port_matches(rule.local_ports, port):
                continue
            if rule.program and not _program_matches(rule, program):
                continue
            if rule.action == "Block":
                return False
            allowed = True
        return allowed


def _program_matches(rule: FirewallRule, program: str) -> bool:
    """When the listening program is not said, a rule for some program counts only if it names the port."""
    return rule.program.lower() in ("system", program.lower()) if program else bool(rule.local_ports)


def _port_matches(ports: tuple[str, ...], port: int) -> bool:
    if not ports:
        return True
    for text in ports:
        low, _, high = text.partition("-")
        if low.isdigit() and int(low) <= port <= int(high or low):
            return True
    return False
