"""The NetSecurity cmdlets for firewall rules, their filters and profiles."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from winbake.rehearsal.powershell.cim import firewall_classes as classes
from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.firewall import PROTOCOL_NAMES, FirewallRule

_JOB = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"
_CIM_EXCEPTION = "Microsoft.Management.Infrastructure.CimException"
_QUERY_PARAMETERS = {
    "Name": "InstanceID",
    "DisplayName": "DisplayName",
    "DisplayGroup": "DisplayGroup",
    "Group": "RuleGroup",
}
_VALUE_FILTERS = {"Enabled": "Enabled", "Direction": "Direction", "Action": "Action"}
_NUMBERS = {"tcp": 6, "udp": 17, "icmpv4": 1, "icmpv6": 58, "igmp": 2, "gre": 47, "ipv6": 41, "any": None}
_PORT_WORDS = {"rpc", "rpcepmap", "iphttpsin", "iphttpsout", "ply2disc", "teredo", "any", "playtodiscovery"}


def words(value: Any) -> list[str]:
    plain = unwrap(value)
    if plain is None:
        return []
    return [word(one) for one in plain] if isinstance(plain, PSArray) else [word(plain)]


class FirewallCommand(Cmdlet):
    def found_rules(self) -> list[FirewallRule]:
        """Rules by -Name, -DisplayName, -Group …, an associated filter, -InputObject, or all; what a name without
        wildcards does not find is an error."""
        known = self.session.host.firewall.rules()
        given = unwrap(self.get("InputObject"))
        if given is not None:
            items = list(given) if isinstance(given, PSArray) else [given]
            ids = [str(unwrap(one).get("InstanceID")).lower() for one in items]
            return [rule for rule in known if rule.id.lower() in ids]
        for name in self.bound:
            if name.startswith("AssociatedNetFirewall") and name != "AssociatedNetFirewallProfile":
                joined = str(unwrap(self.get(name)).get("InstanceID")).lower()
                return [rule for rule in known if rule.id.lower() == joined]
        for parameter, property_name in _QUERY_PARAMETERS.items():
            if self.has(parameter):
                return self._by(property_name, texts(self.get(parameter)), known)
        return [rule for rule in known if self._fits(rule)]

    def _by(self, property_name: str, patterns: list[str], known: list[FirewallRule]) -> list[FirewallRule]:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        firewall = self.session.host.firewall
        read: dict[str, Callable[[FirewallRule], str]] = {
            "InstanceID": lambda rule: rule.id,
            "DisplayName": firewall.display_name,
            "DisplayGroup": firewall.display_group,
            "RuleGroup": lambda rule: rule.group,
        }
        hits: list[FirewallRule] = []
        for pattern in patterns:
            wild = Wildcard(pattern)
            matched = [rule for rule in known if wild.matches(read[property_name](rule)) and rule not in hits]
            hits += matched
            if not matched and not has_wildcards(pattern):
                self._not_found(property_name, pattern)
        return hits

    def _not_found(self, property_name: str, value: str) -> None:
        message = (f"No MSFT_NetFirewallRule objects found with property '{property_name}' equal to '{value}'.  "
                   "Verify the value of the property and retry.")  # fmt: skip
        self.error(f"CmdletizationQuery_NotFound_{property_name}", message, "ObjectNotFound", _JOB, value)

    def _fits(self, rule: FirewallRule) -> bool:
        instance: CimInstance | None = None
        for parameter, property_name in _VALUE_FILTERS.items():
            wanted = [one.lower() for one in words(self.get(parameter))]
            if wanted:
                instance = instance or classes.rule_instance(self.session, rule)
                if str(instance.get(property_name).name).lower() not in wanted:
                    return False
        return True

    # ---- arguments of New- and Set-

    def changes(self) -> dict[str, Any]:
        """The model's fields that the bound parameters set. Raises the cmdlet's error for a bad port or address."""
        found: dict[str, Any] = {}
        for parameter, field in (("Description", "description"), ("Program", "program"), ("Service", "service")):
            if self.has(parameter):
                text = str(unwrap(self.get(parameter)) or "")
                found[field] = "" if text.lower() == "any" else text
        if self.has("Direction"):
            found["inbound"] = word(self.get("Direction")).lower() == "inbound"
        if self.has("Action"):
            found["action"] = classes.MODEL_ACTIONS[_spelled(word(self.get("Action")), classes.MODEL_ACTIONS)]
        if self.has("Enabled"):
            found["enabled"] = word(self.get("Enabled")).lower() == "true"
        if self.has("Profile"):
            found["profiles"] = self._profiles()
        if self.has("Protocol"):
            found["protocol"] = self._protocol(str(unwrap(self.get("Protocol"))))
        for parameter, field in (("LocalPort", "local_ports"), ("RemotePort", "remote_ports"), ("IcmpType", "icmp")):
            if self.has(parameter):
                found[field] = self._ports(texts(self.get(parameter)), parameter)
        for parameter, field in (("LocalAddress", "local_addresses"), ("RemoteAddress", "remote_addresses")):
            if self.has(parameter):
                found[field] = tuple(_address(a) for a in texts(self.get(parameter)) if a.lower() != "any")
        if self.has("EdgeTraversalPolicy"):
            found["edge"] = word(self.get("EdgeTraversalPolicy")).lower() == "allow"
        for parameter in ("RemoteUser", "LocalUser", "RemoteMachine", "Package", "InterfaceAlias", "Owner"):
            if self.has(parameter):
                raise NotModelled(f"{self.name} -{parameter}")
        return found

    def _profiles(self) -> tuple[str, ...]:
        value = unwrap(self.get("Profile"))
        names = [part.strip() for part in word(value).split(",")]
        if isinstance(value, EnumValue):
            return tuple(n for n in ("Domain", "Private", "Public") if value.value & classes.PROFILE[n])
        lowered = [name.lower() for name in names]
        return tuple(name for name in ("Domain", "Private", "Public") if name.lower() in lowered)

    def _protocol(self, text: str) -> int | None:
        if text.lower() in _NUMBERS:
            return _NUMBERS[text.lower()]
        if text.isdigit() and int(text) < 256:
            return int(text)
        raise self._invalid("The protocol is invalid. ", "Windows System Error 87")

    def _invalid(self, message: str, error_id: str) -> Any:
        return self.fail(error_id, message, "InvalidArgument", _CIM_EXCEPTION, "MSFT_NetFirewallRule")

    def _ports(self, given: list[str], parameter: str) -> tuple[str, ...]:
        ports = [port for port in given if port.lower() != "any"]
        for port in ports:
            if parameter == "IcmpType":
                continue
            bounds = re.fullmatch(r"(\d+)(?:-(\d+))?", port)
            low, high = (int(bounds[1]), int(bounds[2] or bounds[1])) if bounds else (0, 0)
            if port.lower() not in _PORT_WORDS and not (bounds and low <= high <= 65535):
                raise self._invalid("The port is invalid. ", "Windows System Error 87")
        return tuple(ports)

    def check_ports(self, rule: FirewallRule) -> None:
        if (rule.local_ports or rule.remote_ports) and rule.protocol not in (6, 17):
            raise self._invalid(
                "An address is not valid, or a port or protocol does not go with the others: ports need the protocol "
                "TCP or UDP. ",
                "Windows System Error 87",
            )


def _spelled(text: str, known: dict[str, Any]) -> str:
    return next((name for name in known if name.lower() == text.lower()), text)


def _address(text: str) -> str:
    return {"localsubnet": "LocalSubnet"}.get(text.lower(), text)


@cmdlet("Get-NetFirewallRule", "Get-NetFirewallRule")
class GetNetFirewallRule(FirewallCommand):
    def process(self) -> None:
        for rule in self.found_rules():
            self.emit(classes.rule_instance(self.session, rule))


@cmdlet("New-NetFirewallRule", "New-NetFirewallRule")
class NewNetFirewallRule(FirewallCommand):
    def process(self) -> None:
        display = str(unwrap(self.get("DisplayName")))
        rule = FirewallRule(
            id=str(unwrap(self.get("Name")) or ""),
            name=display,
            group=str(unwrap(self.get("Group")) or ""),
        )
        rule = replace(rule, **self.changes())
        self.check_ports(rule)
        if not self.should_process(f"DisplayName: {display}", "New-NetFirewallRule"):
            return
        try:
            made = self.session.host.firewall.add(rule)
        except Win32Failure as failure:
            self.error(f"Windows System Error {failure.code}", failure.message, "ResourceExists"
                       if failure.code == 183 else "NotSpecified", _CIM_EXCEPTION, "MSFT_NetFirewallRule")  # fmt: skip
            return
        self.emit(classes.rule_instance(self.session, made))


@cmdlet("Set-NetFirewallRule", "Set-NetFirewallRule")
class SetNetFirewallRule(FirewallCommand):
    def process(self) -> None:
        changes = self.changes()
        if self.has("NewDisplayName"):
            changes["name"] = str(unwrap(self.get("NewDisplayName")))
        for rule in self.found_rules():
            changed = replace(rule, **changes)
            self.check_ports(changed)
            if self.should_process(rule.id, "Set-NetFirewallRule"):
                self.session.host.firewall.update(changed)
                if self.switch("PassThru"):
                    self.emit(classes.rule_instance(self.session, changed))


class _Toggle(FirewallCommand):
    enabled = True

    def process(self) -> None:
        for rule in self.found_rules():
            if self.should_process(rule.id, self.name):
                changed = replace(rule, enabled=self.enabled)
                self.session.host.firewall.update(changed)
                if self.switch("PassThru"):
                    self.emit(classes.rule_instance(self.session, changed))


@cmdlet("Enable-NetFirewallRule", "Enable-NetFirewallRule")
class EnableNetFirewallRule(_Toggle):
    pass


@cmdlet("Disable-NetFirewallRule", "Disable-NetFirewallRule")
class DisableNetFirewallRule(_Toggle):
    enabled = False


@cmdlet("Remove-NetFirewallRule", "Remove-NetFirewallRule")
class RemoveNetFirewallRule(FirewallCommand):
    def process(self) -> None:
        for rule in self.found_rules():
            if self.should_process(rule.id, "Remove-NetFirewallRule"):
                self.session.host.firewall.remove(rule.id)
                if self.switch("PassThru"):
                    self.emit(classes.rule_instance(self.session, rule))


# ---- filters and profiles ------------------------------------------------------------------------------------


class _Filter(FirewallCommand):
    make: Callable[..., CimInstance]

    def process(self) -> None:
        rules = self.session.host.firewall.rules()
        associated = unwrap(self.get("AssociatedNetFirewallRule"))
        if associated is not None:
            joined = str(associated.get("InstanceID")).lower()
            rules = [rule for rule in rules if rule.id.lower() == joined]
        for rule in rules:
            found = type(self).make(self.session, rule)
            if self.keeps(found):
                self.emit(found)

    def keeps(self, found: CimInstance) -> bool:
        protocols = [p.lower() for p in texts(self.get("Protocol"))]
        programs = [p.lower() for p in texts(self.get("Program"))]
        if protocols and str(found.get("Protocol")).lower() not in [_named_protocol(p) for p in protocols]:
            return False
        return not programs or str(found.get("Program")).lower() in programs


def _named_protocol(text: str) -> str:
    return PROTOCOL_NAMES.get(int(text), text).lower() if text.isdigit() else text


@cmdlet("Get-NetFirewallPortFilter", "Get-NetFirewallPortFilter")
class GetNetFirewallPortFilter(_Filter):
    make = staticmethod(classes.port_filter)


@cmdlet("Get-NetFirewallAddressFilter", "Get-NetFirewallAddressFilter")
class GetNetFirewallAddressFilter(_Filter):
    make = staticmethod(classes.address_filter)


@cmdlet("Get-NetFirewallApplicationFilter", "Get-NetFirewallApplicationFilter")
class GetNetFirewallApplicationFilter(_Filter):
    make = staticmethod(classes.application_filter)


@cmdlet("Get-NetFirewallServiceFilter", "Get-NetFirewallServiceFilter")
class GetNetFirewallServiceFilter(_Filter):
    make = staticmethod(classes.service_filter)


def _profile_names(command: Cmdlet) -> list[str]:
    given = [
        part.strip().lower() for one in words(command.get("Name") or command.get("Profile")) for part in one.split(",")
    ]
    return [name for name in ("Domain", "Private", "Public") if not given or name.lower() in given or "any" in given]


@cmdlet("Get-NetFirewallProfile", "Get-NetFirewallProfile")
class GetNetFirewallProfile(Cmdlet):
    def process(self) -> None:
        for name in _profile_names(self):
            self.emit(classes.profile_instance(self.session, name))


@cmdlet("Set-NetFirewallProfile", "Set-NetFirewallProfile")
class SetNetFirewallProfile(Cmdlet):
    def process(self) -> None:
        known = {"Name", "Profile", "All", "Enabled", "PassThru", "InputObject"}
        unknown = [name for name in self.bound if name not in known]
        if unknown:
            raise NotModelled(f"Set-NetFirewallProfile -{unknown[0]}")
        for name in _profile_names(self):
            if self.has("Enabled") and self.should_process(name, "Set-NetFirewallProfile"):
                self.session.host.firewall.set_profile_enabled(name, word(self.get("Enabled")).lower() == "true")
            if self.switch("PassThru"):
                self.emit(classes.profile_instance(self.session, name))
