"""netsh advfirewall firewall: add, delete, show, set rule. Text on standard output; exit 0 `Ok.`, 1 otherwise."""

from __future__ import annotations

import uuid
from dataclasses import replace

from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.firewall import PROTOCOL_NAMES, FirewallRule
from winbake.rehearsal.windows.native.console_text import out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program

NO_MATCH = "\nNo rules match the specified criteria.\n"
_PROTOCOLS = {"any": None, "tcp": 6, "udp": 17, "icmpv4": 1, "icmpv6": 58}
_PROFILES = {"domain": "Domain", "private": "Private", "public": "Public"}


@program(r"C:\Windows\System32\netsh.exe")
def main(process: Process) -> int:
    words = process.arguments[1:]
    low = [w.lower() for w in words]
    if low[:2] != ["advfirewall", "firewall"] or low[3:4] != ["rule"]:
        raise NotModelled(f"netsh {' '.join(words[:4])}")
    verbs = {"add": _add, "delete": _delete, "show": _show, "set": _set}
    if low[2] not in verbs:
        raise NotModelled(f"netsh advfirewall firewall {low[2]}")
    return verbs[low[2]](process, words[4:])


def _pairs(words: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals and name.lower() not in ("new", "verbose"):
            raise NotModelled(f"netsh … rule {word}")
        pairs[name.lower()] = value
    return pairs


def _add(process: Process, words: list[str]) -> int:
    pairs = _pairs(words)
    if not {"name", "dir", "action"} <= set(pairs):
        out(process, "\nThe syntax supplied for this command is not valid. Check help for the correct syntax.\n")
        return 1
    rule = _changed(
        FirewallRule(
            id="{" + str(uuid.UUID(int=process.host.random.getrandbits(128))).upper() + "}", name=pairs["name"]
        ),
        pairs,
    )
    process.host.firewall.add(rule)
    out(process, "Ok.\n")
    return 0


def _changed(rule: FirewallRule, pairs: dict[str, str]) -> FirewallRule:
    """The rule with what the pairs say."""
    for name, value in pairs.items():
        low = value.lower()
        if name == "name":
            rule = replace(rule, name=value)
        elif name == "dir":
            rule = replace(rule, inbound=low == "in")
        elif name == "action":
            rule = replace(rule, action={"allow": "Allow", "block": "Block", "bypass": "ByPass"}[low])
        elif name == "enable":
            rule = replace(rule, enabled=low == "yes")
        elif name == "protocol":
            rule = replace(rule, protocol=_PROTOCOLS[low] if low in _PROTOCOLS else int(low))
        elif name == "localport":
            rule = replace(rule, local_ports=() if low == "any" else tuple(value.split(",")))
        elif name == "remoteport":
            rule = replace(rule, remote_ports=() if low == "any" else tuple(value.split(",")))
        elif name == "remoteip":
            rule = replace(rule, remote_addresses=() if low == "any" else tuple(value.split(",")))
        elif name == "localip":
            rule = replace(rule, local_addresses=() if low == "any" else tuple(value.split(",")))
        elif name == "profile":
            rule = replace(rule, profiles=() if low == "any" else tuple(_PROFILES[p] for p in low.split(",")))
        elif name == "program":
            rule = replace(rule, program=value)
        elif name == "description":
            rule = replace(rule, description=value)
        else:
            raise NotModelled(f"netsh … rule {name}=")
    return rule


def _matching(process: Process, pairs: dict[str, str]) -> list[FirewallRule]:
    firewall = process.host.firewall
    name = pairs.get("name", "")
    rules = list(firewall) if name.lower() == "all" else firewall.named(name)
    if "dir" in pairs:
        rules = [r for r in rules if r.inbound == (pairs["dir"].lower() == "in")]
    if "protocol" in pairs:
        rules = [r for r in rules if r.protocol == _PROTOCOLS.get(pairs["protocol"].lower())]
    if "localport" in pairs:
        rules = [r for r in rules if r.local_ports == tuple(pairs["localport"].split(","))]
    return rules


def _delete(process: Process, words: list[str]) -> int:
    rules = _matching(process, _pairs(words))
    if not rules:
        out(process, NO_MATCH)
        return 1
    for rule in rules:
        process.host.firewall.remove(rule.id)
    out(process, f"\nDeleted {len(rules)} rule(s).\nOk.\n")
    return 0


def _set(process: Process, words: list[str]) -> int:
    at = next((i for i, w in enumerate(words) if w.lower() == "new"), len(words))
    rules = _matching(process, _pairs(words[:at]))
    if not rules:
        out(process, NO_MATCH)
        return 1
    for rule in rules:
        process.host.firewall.update(_changed(rule, _pairs(words[at + 1 :])))
    out(process, f"\nUpdated {len(rules)} rule(s).\nOk.\n")
    return 0


def _show(process: Process, words: list[str]) -> int:
    pairs = _pairs([w for w in words if w.lower() != "verbose"])
    rules = _matching(process, pairs)
    if not rules:
        out(process, NO_MATCH)
        return 1
    for rule in rules:
        for label, value in _rows(process, rule):
            out(process, "-" * 70 if label == "-" else f"{label + ':':<38}{value}")
        out(process)
    out(process, "Ok.\n")
    return 0


def _rows(process: Process, rule: FirewallRule) -> list[tuple[str, str]]:
    firewall = process.host.firewall
    protocol = "Any" if rule.protocol is None else PROTOCOL_NAMES.get(rule.protocol, str(rule.protocol))
    rows = [
        ("\nRule Name", firewall.display_name(rule)),
        ("-", ""),
        ("Enabled", "Yes" if rule.enabled else "No"),
        ("Direction", "In" if rule.inbound else "Out"),
        ("Profiles", ",".join(rule.profiles or ("Domain", "Private", "Public"))),
        ("Grouping", firewall.display_group(rule)),
        ("LocalIP", ",".join(rule.local_addresses) or "Any"),
        ("RemoteIP", ",".join(rule.remote_addresses) or "Any"),
        ("Protocol", protocol),
    ]
    if rule.protocol in (6, 17):
        rows += [
            ("LocalPort", ",".join(rule.local_ports) or "Any"),
            ("RemotePort", ",".join(rule.remote_ports) or "Any"),
        ]
    return [*rows, ("Edge traversal", "Yes" if rule.edge else "No"), ("Action", rule.action)]
