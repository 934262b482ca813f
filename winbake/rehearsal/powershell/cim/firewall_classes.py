"""MSFT_NetFirewallRule and its filters over the host's firewall store (MicrosoftDocs/win32, FWP/wmi/wfascimprov)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.cim.instance import CimInstance, generated_enum, generated_value
from winbake.rehearsal.powershell.values import PSArray, UInt32
from winbake.rehearsal.windows.firewall import PROTOCOL_NAMES, FirewallRule

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

NAMESPACE = "root/standardcimv2"
MODULE = "NetSecurity"
ENABLED = {"True": 1, "False": 2}
DIRECTION = {"Inbound": 1, "Outbound": 2}
ACTION = {"NotConfigured": 0, "Allow": 2, "AllowBypass": 3, "Block": 4}
PROFILE = {"Any": 0, "Domain": 1, "Private": 2, "Public": 4, "NotApplicable": 65535}
EDGE = {"Block": 0, "Allow": 1, "DeferToUser": 2, "DeferToApp": 3}
PRIMARY_STATUS = {"Unknown": 0, "OK": 1, "Inactive": 2, "Error": 3}
STORE_TYPE = {"None": 0, "Local": 1, "GroupPolicy": 2, "Dynamic": 3, "Generated": 4, "Hardcoded": 5}
GPO_BOOLEAN = {"False": 0, "True": 1, "NotConfigured": 2}
MODEL_ACTIONS = {"Allow": "Allow", "Block": "Block", "AllowBypass": "ByPass"}

CLASSES: dict[str, tuple[str, Callable[[Session], Iterable[CimInstance]]]] = {}


def enum(name: str, values: dict[str, int], number: int, flags: bool = False) -> Any:
    return generated_value(generated_enum(MODULE, name, values, flags), number)


def many(items: Iterable[str]) -> Any:
    """Nothing is "Any", one value a scalar, several an array."""
    found = list(items)
    if not found:
        return "Any"
    return found[0] if len(found) == 1 else PSArray(found, "System.String")


def rule_instance(session: Session, rule: FirewallRule) -> CimInstance:
    firewall = session.host.firewall
    action = next(n for n, model in MODEL_ACTIONS.items() if model == rule.action)
    group = rule.group or None
    properties: list[tuple[str, Any]] = [
        ("Name", rule.id),
        ("ID", rule.id),
        ("DisplayName", firewall.display_name(rule)),
        ("Group", group),
        ("Enabled", enum("Enabled", ENABLED, 1 if rule.enabled else 2)),
        ("Profile", enum("Profile", PROFILE, rule.profile_bits, True)),
        ("Platform", PSArray([], "System.String")),
        ("Direction", enum("Direction", DIRECTION, 1 if rule.inbound else 2)),
        ("Action", enum("Action", ACTION, ACTION[action])),
        ("EdgeTraversalPolicy", enum("EdgeTraversal", EDGE, 1 if rule.edge else 0)),
        ("LSM", False),
        ("PrimaryStatus", enum("PrimaryStatus", PRIMARY_STATUS, 1)),
        ("Status", "The rule was parsed successfully from the store. (65536)"),
        ("EnforcementStatus", "NotApplicable"),
        ("PolicyStoreSourceType", enum("PolicyStoreType", STORE_TYPE, 1)),
        ("Caption", None),
        ("Description", session.host.strings.resolve(rule.description) if rule.description else None),
        ("ElementName", rule.name),
        ("InstanceID", rule.id),
        ("CommonName", None),
        ("PolicyKeywords", None),
        ("PolicyDecisionStrategy", None),
        ("PolicyRoles", None),
        ("ConditionListType", None),
        ("CreationClassName", f"MSFT|FW|FirewallRule|{rule.id}"),
        ("ExecutionStrategy", None),
        ("Mandatory", None),
        ("PolicyRuleName", None),
        ("Priority", None),
        ("RuleUsage", None),
        ("SequencedActions", None),
        ("SystemCreationClassName", None),
        ("SystemName", None),
        ("DisplayGroup", firewall.display_group(rule) if rule.group else None),
        ("LocalOnlyMapping", False),
        ("LooseSourceMapping", False),
        ("Owner", None),
        ("PolicyStoreSource", "PersistentStore"),
        ("Profiles", None),
        ("RuleGroup", group),
        ("StatusCode", UInt32(65536)),
    ]
    return CimInstance("MSFT_NetFirewallRule", properties, namespace=NAMESPACE, keys=("InstanceID",),
                       computer=session.host.computer_name, model=rule)  # fmt: skip


def _filter(session: Session, name: str, rule: FirewallRule, properties: list[tuple[str, Any]]) -> CimInstance:
    head: list[tuple[str, Any]] = [
        ("Caption", None),
        ("Description", None),
        ("ElementName", None),
        ("InstanceID", rule.id),
        ("CreationClassName", f"MSFT|FW|FirewallRule|{rule.id}"),
    ]
    return CimInstance(name, [*head, *properties], namespace=NAMESPACE, keys=("InstanceID",),
                       computer=session.host.computer_name, model=rule)  # fmt: skip


def port_filter(session: Session, rule: FirewallRule) -> CimInstance:
    protocol = "Any" if rule.protocol is None else PROTOCOL_NAMES.get(rule.protocol, str(rule.protocol))
    return _filter(session, "MSFT_NetProtocolPortFilter", rule, [
        ("Protocol", protocol),
        ("LocalPort", many(rule.local_ports)),
        ("RemotePort", many(rule.remote_ports)),
        ("IcmpType", many(rule.icmp)),
        ("DynamicTarget", "Any"),
        ("DynamicTransport", "Any"),
    ])  # fmt: skip


def address_filter(session: Session, rule: FirewallRule) -> CimInstance:
    return _filter(session, "MSFT_NetAddressFilter", rule, [
        ("LocalAddress", many(rule.local_addresses)),
        ("RemoteAddress", many(rule.remote_addresses)),
    ])  # fmt: skip


def application_filter(session: Session, rule: FirewallRule) -> CimInstance:
    return _filter(session, "MSFT_NetApplicationFilter", rule, [
        ("Program", rule.program or "Any"),
        ("AppPath", rule.program or "Any"),
        ("Package", None),
    ])  # fmt: skip


def service_filter(session: Session, rule: FirewallRule) -> CimInstance:
    return _filter(session, "MSFT_NetServiceFilter", rule, [
        ("Service", rule.service or "Any"),
        ("ServiceName", rule.service or "Any"),
    ])  # fmt: skip


def profile_instance(session: Session, name: str) -> CimInstance:
    enabled = session.host.firewall.profile_enabled(name)
    return CimInstance("MSFT_NetFirewallProfile", [
        ("Name", name),
        ("Profile", name),
        ("Enabled", enum("GpoBoolean", GPO_BOOLEAN, int(enabled))),
        ("DefaultInboundAction", enum("Action", ACTION, 0)),
        ("DefaultOutboundAction", enum("Action", ACTION, 0)),
        ("AllowInboundRules", enum("GpoBoolean", GPO_BOOLEAN, 2)),
        ("AllowLocalFirewallRules", enum("GpoBoolean", GPO_BOOLEAN, 2)),
        ("AllowLocalIPsecRules", enum("GpoBoolean", GPO_BOOLEAN, 2)),
        ("AllowUserApps", enum("GpoBoolean", GPO_BOOLEAN, 2)),
        ("AllowUserPorts", enum("GpoBoolean", GPO_BOOLEAN, 2)),
        ("NotifyOnListen", enum("GpoBoolean", GPO_BOOLEAN, 0)),
        ("LogFileName", "%systemroot%\\system32\\LogFiles\\Firewall\\pfirewall.log"),
        ("LogMaxSizeKilobytes", UInt32(4096)),
        ("LogAllowed", enum("GpoBoolean", GPO_BOOLEAN, 0)),
        ("LogBlocked", enum("GpoBoolean", GPO_BOOLEAN, 0)),
        ("InstanceID", f"MSFT|FW|FirewallProfile|{name}"),
    ], namespace=NAMESPACE, keys=("InstanceID",), computer=session.host.computer_name, model=name)  # fmt: skip


def _rules(make: Callable[[Session, FirewallRule], CimInstance]) -> Callable[[Session], Iterable[CimInstance]]:
    return lambda session: (make(session, rule) for rule in session.host.firewall.rules())


CLASSES.update({
    "msft_netfirewallrule": ("MSFT_NetFirewallRule", _rules(rule_instance)),
    "msft_netprotocolportfilter": ("MSFT_NetProtocolPortFilter", _rules(port_filter)),
    "msft_netaddressfilter": ("MSFT_NetAddressFilter", _rules(address_filter)),
    "msft_netapplicationfilter": ("MSFT_NetApplicationFilter", _rules(application_filter)),
    "msft_netservicefilter": ("MSFT_NetServiceFilter", _rules(service_filter)),
    "msft_netfirewallprofile": (
        "MSFT_NetFirewallProfile",
        lambda session: (profile_instance(session, name) for name in ("Domain", "Private", "Public")),
    ),
})  # fmt: skip
