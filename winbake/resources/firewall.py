"""Firewall rules of the host, one a display name: doubles of the name are found and go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, shown
from winbake.resources.state import FirewallRule, State

FIREWALL = Query("firewall")
_ALL_PROFILES = frozenset({"domain", "private", "public"})


@dataclass(frozen=True)
class FirewallRuleResource:
    """The rule `name` (its display name) is so, or absent."""

    identity: Identity
    name: str
    protocol: str = "tcp"
    local_ports: tuple[str, ...] = ()
    direction: str = "in"
    action: str = "allow"
    remote_addresses: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    program: str = ""
    enabled: bool = True
    present: bool = True

    def queries(self) -> Iterable[Query]:
        return (FIREWALL,)

    def decide(self, state: State) -> Decision:
        rules = self._rules(state)
        if not self.present:
            if not rules:
                return RIGHT
            change = Change("remove", "rule", f"{len(rules)} of that name", None)
            return self._decision((change,), None, rules)
        if not rules:
            return self._decision((Change("create", "rule", None, self._words()),), None, [])
        keep = next((r for r in rules if not self._differences(r)), rules[0])
        doubles = [r for r in rules if r is not keep]
        changes = self._differences(keep)
        if doubles:
            reason = "a rule by that name stands there already"
            changes.append(Change("dedupe", "rules of that name", str(len(rules)), "1", reason))
        if not changes:
            return RIGHT
        return self._decision(tuple(changes), keep, doubles)

    def predict(self, state: State) -> State:
        rules = self._rules(state)
        ids = [r.id for r in rules]
        if not self.present:
            return state.with_firewall(ids, None)
        return state.with_firewall(ids, self._wanted(rules[0].id if rules else self.rule_id))

    @property
    def rule_id(self) -> str:
        """The InstanceID that a new rule gets: fixed, so that it is never made twice."""
        return "winbake-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", self.name)

    def _rules(self, state: State) -> list[FirewallRule]:
        return [r for r in state.firewall if r.name.lower() == self.name.lower()]

    def _wanted(self, rule_id: str) -> FirewallRule:
        return FirewallRule(
            rule_id, self.name, self.enabled, self.direction, self.action, self.protocol,
            self.local_ports, self.remote_addresses, self.profiles, self.program,
        )  # fmt: skip

    def _differences(self, rule: FirewallRule) -> list[Change]:
        pairs = (
            ("enabled", rule.enabled, self.enabled),
            ("direction", rule.direction, self.direction),
            ("action", rule.action, self.action),
            ("protocol", rule.protocol, self.protocol),
            ("local ports", _sorted(rule.local_ports), _sorted(self.local_ports)),
            ("remote addresses", _sorted(rule.remote_addresses), _sorted(self.remote_addresses)),
            ("profiles", _profiles(rule.profiles), _profiles(self.profiles)),
            ("program", rule.program.lower(), self.program.lower()),
        )
        return [Change("change", name, _any(old), _any(new)) for name, old, new in pairs if old != new]

    def _words(self) -> str:
        ports = " ".join(self.local_ports) or "any port"
        origin = f" from {', '.join(self.remote_addresses)}" if self.remote_addresses else ""
        return f"{self.action} {self.direction} {self.protocol.upper()} {ports}{origin}"

    def _decision(self, changes: tuple[Change, ...], keep: FirewallRule | None, gone: list[FirewallRule]) -> Decision:
        remove = [r.id for r in gone] + ([keep.id] if keep and len(changes) else [])
        arguments: dict[str, object] = {"remove": remove, "rule": None}
        if self.present:
            arguments["rule"] = {
                "id": keep.id if keep else self.rule_id,
                "name": self.name,
                "enabled": self.enabled,
                "direction": self.direction,
                "action": self.action,
                "protocol": self.protocol,
                "local_ports": list(self.local_ports),
                "remote_addresses": list(self.remote_addresses),
                "profiles": list(self.profiles),
                "program": self.program,
            }
        return Decision(changes, (Operation("firewall", arguments, self.identity.id),))


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(v.lower() for v in values))


def _profiles(values: tuple[str, ...]) -> tuple[str, ...]:
    """No profile and all three mean the same."""
    chosen = frozenset(v.lower() for v in values)
    return () if chosen == _ALL_PROFILES else tuple(sorted(chosen))


def _any(value: object) -> str:
    return "any" if value in ((), "") else shown(value)
