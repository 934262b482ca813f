"""What is so on a host, or will be: the facts in typed form. Immutable; a prediction is a new State."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from winbake.resources.model import Query

_PERCENT = re.compile(r"%([^%;]+)%")


@dataclass(frozen=True)
class System:
    """Who the host is. Times are UTC, ISO 8601; sizes in bytes."""

    computer: str = ""
    os: str = ""
    build: int = 0
    boot_time: str = ""
    now: str = ""
    free_bytes: int = 0
    powershell: str = ""
    administrator: bool = False
    pending_reboot: tuple[str, ...] = ()


@dataclass(frozen=True)
class UninstallEntry:
    """One key under …\\CurrentVersion\\Uninstall. `view` is 64, 32 or "user"."""

    key: str
    view: str
    name: str
    version: str = ""
    publisher: str = ""
    location: str = ""
    uninstall: str = ""
    quiet_uninstall: str = ""
    msi: bool = False


@dataclass(frozen=True)
class Value:
    """A registry value as it lies there. `kind`: String, ExpandString, DWord, QWord, MultiString, Binary."""

    kind: str
    data: Any


@dataclass(frozen=True)
class FileFact:
    exists: bool
    directory: bool = False
    size: int = 0
    sha256: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class CommandFact:
    """What a command answered; `found` false: no such program."""

    found: bool
    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True)
class ServiceFact:
    """start: auto, delayed, manual, disabled, boot, system. state: running, stopped, paused, or a pending one."""

    name: str
    start: str = "auto"
    state: str = "running"
    display_name: str = ""


@dataclass(frozen=True)
class FirewallRule:
    """One rule of the local store. Empty tuples mean "any"; `id` is its InstanceID."""

    id: str
    name: str
    enabled: bool = True
    direction: str = "in"
    action: str = "allow"
    protocol: str = "any"
    local_ports: tuple[str, ...] = ()
    remote_addresses: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    program: str = ""


@dataclass(frozen=True)
class State:
    """Facts by kind. Names of files, keys, services and variables are compared without case."""

    system: System = System()
    uninstall: tuple[UninstallEntry, ...] = ()
    environment: Mapping[str, Value] = field(default_factory=dict)
    environment_names: Mapping[str, str] = field(default_factory=dict)
    path_exists: Mapping[str, bool] = field(default_factory=dict)
    registry: Mapping[tuple[int, str, str], Value | None] = field(default_factory=dict)
    files: Mapping[str, FileFact] = field(default_factory=dict)
    listings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: Mapping[str, CommandFact] = field(default_factory=dict)
    services: Mapping[str, ServiceFact | None] = field(default_factory=dict)
    firewall: tuple[FirewallRule, ...] = ()
    predicted_tools: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Query key → fact, of the kinds in FACT_TYPES: those that no other resource shares."""
    changed: bool = False
    """Something before, in this plan, changes the host."""

    # ---- reading ------------------------------------------------------------------------------------

    def variable(self, name: str) -> Value | None:
        return self.environment.get(name.lower())

    def file(self, path: str) -> FileFact:
        return self.files.get(path.lower(), FileFact(False))

    def registry_value(self, key: str, name: str, view: int = 64) -> Value | None:
        return self.registry.get((view, key.lower(), name.lower()))

    def service(self, name: str) -> ServiceFact | None:
        return self.services.get(name.lower())

    def listing(self, pattern: str) -> tuple[str, ...]:
        """The full paths that a wildcard found."""
        return self.listings.get(pattern.lower(), ())

    def command(self, query: Query) -> CommandFact:
        return self.commands.get(query.key, CommandFact(False))

    def fact(self, query: Query) -> Any:
        """The fact that answers a query of a kind in FACT_TYPES. Raises KeyError if it was not asked."""
        return self.facts[query.key]

    def expand(self, text: str) -> str:
        """`%SystemRoot%` and its like by the machine's variables; an unknown one stays as it stands."""

        def value(found: re.Match[str]) -> str:
            known = self.variable(found[1])
            if known is not None and found[1].lower() not in ("path",):
                return str(known.data)
            return {"systemroot": r"C:\Windows", "systemdrive": "C:"}.get(found[1].lower(), found[0])

        return _PERCENT.sub(value, text)

    # ---- predicting ---------------------------------------------------------------------------------

    def with_variable(self, name: str, value: Value | None) -> State:
        environment, names = dict(self.environment), dict(self.environment_names)
        if value is None:
            environment.pop(name.lower(), None)
        else:
            environment[name.lower()] = value
            names.setdefault(name.lower(), name)
        return replace(self, environment=environment, environment_names=names)

    def with_registry(self, key: str, name: str, view: int, value: Value | None) -> State:
        return replace(self, registry={**self.registry, (view, key.lower(), name.lower()): value})

    def with_file(self, path: str, fact: FileFact) -> State:
        files = {**self.files, path.lower(): fact}
        listings = dict(self.listings)
        for pattern, found in self.listings.items():
            if fnmatch.fnmatchcase(path.lower(), pattern):
                rest = tuple(f for f in found if f.lower() != path.lower())
                listings[pattern] = (*rest, path) if fact.exists else rest
        exists = {entry: fact.exists if entry.lower() == path.lower() else e for entry, e in self.path_exists.items()}
        return replace(self, files=files, listings=listings, path_exists=exists)

    def with_service(self, name: str, fact: ServiceFact | None) -> State:
        return replace(self, services={**self.services, name.lower(): fact})

    def with_firewall(self, remove: Iterable[str], add: FirewallRule | None) -> State:
        gone = {i.lower() for i in remove}
        rules = tuple(r for r in self.firewall if r.id.lower() not in gone)
        return replace(self, firewall=(*rules, add) if add else rules)

    def with_fact(self, query: Query, fact: Any) -> State:
        return replace(self, facts={**self.facts, query.key: fact})

    def with_tool(self, tool_id: str, version: str) -> State:
        return replace(self, predicted_tools={**self.predicted_tools, tool_id: version})


# ---- from the agent's answers ---------------------------------------------------------------------------

FACT_TYPES: dict[str, Callable[[Any], Any]] = {}
"""Query kind → what makes a typed, immutable fact of the agent's answer. A resource's file adds its own kinds."""


def state_from_facts(answers: Iterable[tuple[Query, Any]]) -> State:
    """Builds the state from each query's answer (JSON). Raises KeyError for an answer of unknown shape."""
    builder = _Builder()
    for query, answer in answers:
        if query.kind in FACT_TYPES:
            builder.state = builder.state.with_fact(query, FACT_TYPES[query.kind](answer))
        else:
            _FOLD[query.kind](builder, query, answer)
    return builder.state


class _Builder:
    def __init__(self) -> None:
        self.state = State()

    def system(self, query: Query, a: Any) -> None:
        system = System(
            computer=a["computer"], os=a["os"], build=int(a["build"]), boot_time=a["boot_time"], now=a["now"],
            free_bytes=int(a["free_bytes"]), powershell=a["powershell"], administrator=bool(a["administrator"]),
            pending_reboot=tuple(a["pending_reboot"]),
        )  # fmt: skip
        self.state = replace(self.state, system=system)

    def uninstall(self, query: Query, a: Any) -> None:
        self.state = replace(self.state, uninstall=tuple(UninstallEntry(**entry) for entry in a))

    def environment(self, query: Query, a: Any) -> None:
        self.state = replace(
            self.state,
            environment={e["name"].lower(): Value(e["kind"], e["data"]) for e in a["variables"]},
            environment_names={e["name"].lower(): e["name"] for e in a["variables"]},
            path_exists={e["entry"]: bool(e["exists"]) for e in a["path"]},
        )

    def registry_value(self, query: Query, a: Any) -> None:
        arguments = query.arguments
        place = (int(arguments.get("view", 64)), arguments["key"].lower(), arguments["name"].lower())
        value = Value(a["kind"], _registry_data(a)) if a["exists"] else None
        self.state = replace(self.state, registry={**self.state.registry, place: value})

    def file(self, query: Query, a: Any) -> None:
        path = query.arguments["path"].lower()
        known = self.state.file(path)  # another resource may have asked for more of the same file
        fact = FileFact(
            bool(a["exists"]),
            bool(a["directory"]),
            int(a["size"]),
            a.get("sha256") or known.sha256,
            a.get("version") or known.version,
        )
        self.state = replace(self.state, files={**self.state.files, path: fact})

    def listing(self, query: Query, a: Any) -> None:
        listings = {**self.state.listings, query.arguments["pattern"].lower(): tuple(a)}
        self.state = replace(self.state, listings=listings)

    def command(self, query: Query, a: Any) -> None:
        fact = CommandFact(bool(a["found"]), int(a["exit_code"]), a["stdout"], a["stderr"])
        self.state = replace(self.state, commands={**self.state.commands, query.key: fact})

    def service(self, query: Query, a: Any) -> None:
        fact = ServiceFact(a["name"], a["start"], a["state"], a["display_name"]) if a["exists"] else None
        self.state = replace(self.state, services={**self.state.services, query.arguments["name"].lower(): fact})

    def firewall(self, query: Query, a: Any) -> None:
        rules = tuple(r for r in (parse_firewall_rule(e["id"], e["rule"]) for e in a) if r is not None)
        self.state = replace(self.state, firewall=rules)


def _registry_data(answer: Any) -> Any:
    if answer["kind"] == "MultiString":
        return list(answer["data"])
    return answer["data"]


_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmpv4", "58": "icmpv6"}


def parse_firewall_rule(rule_id: str, text: str) -> FirewallRule | None:
    """A rule as the registry holds it ([MS-GPFAS] 2.2.2.19): `v2.31|Action=Allow|Active=TRUE|Dir=In|…|`."""
    fields: dict[str, list[str]] = {}
    for part in text.split("|")[1:]:
        name, sign, value = part.partition("=")
        if sign:
            fields.setdefault(name.lower(), []).append(value)
    if "name" not in fields:
        return None

    def one(name: str, default: str = "") -> str:
        return fields.get(name, [default])[0]

    addresses = [a for key in ("ra4", "ra6", "ra42", "ra62") for a in fields.get(key, [])]
    ports = [p for key in ("lport", "lport2_10", "lport2_20", "lport2_24") for p in fields.get(key, [])]
    return FirewallRule(
        id=rule_id,
        name=one("name"),
        enabled=one("active", "TRUE").upper() == "TRUE",
        direction=one("dir", "In").lower(),
        action=one("action", "Allow").lower(),
        protocol=_PROTOCOLS.get(one("protocol"), one("protocol") or "any"),
        local_ports=tuple(ports),
        remote_addresses=tuple(_canonical_address(a) for a in addresses),
        profiles=tuple(p.lower() for p in fields.get("profile", [])),
        program=one("app"),
    )


def _canonical_address(text: str) -> str:
    """`10.0.0.0/255.0.0.0` and `10.0.0.0/8`, `1.2.3.4/255.255.255.255` and `1.2.3.4` are the same."""
    address, slash, mask = text.partition("/")
    if not slash:
        return text.lower()
    if "." in mask:
        bits = "".join(f"{int(part):08b}" for part in mask.split("."))
        mask = str(bits.count("1"))
    return address if mask == "32" else f"{address}/{mask}"


_FOLD: dict[str, Callable[[_Builder, Query, Any], None]] = {
    "system": _Builder.system,
    "uninstall": _Builder.uninstall,
    "environment": _Builder.environment,
    "registry_value": _Builder.registry_value,
    "file": _Builder.file,
    "listing": _Builder.listing,
    "command": _Builder.command,
    "service": _Builder.service,
    "firewall": _Builder.firewall,
}
