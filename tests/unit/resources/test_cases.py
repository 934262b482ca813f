"""Runs the case files beside this module: one YAML file a behaviour.

    about: what must be so, in the user's words
    resource: {type: path, entry: 'C:\\Tools\\x\\bin'}       the type is the folder's, the rest its parameters; in a
                                                           folder named as an Ansible module, they are the module's
    state: {path: 'C:\\Windows;C:\\old', …}                    see `_state`
    changes: [[add, Path, null, 'C:\\Tools\\x\\bin']]         action, property, old, new; [] means right already
    operations: [{kind: path, edits: […]}]                   each a part of what must come out; may be left out
    problem / skipped: text that the decision holds

In every case with changes, the state predicted must be right for the same resource: a prediction that does not
satisfy its own wish would make the next plan wrong.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from winbake.config.manifest import Detect, Install
from winbake.config.playbook import Task
from winbake.resources.archives import DataArchive
from winbake.resources.detection import Detection
from winbake.resources.files import FileContent, FilePresence
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.from_tasks import wanted_of_tasks
from winbake.resources.model import Decision, Identity, Query, Resource
from winbake.resources.package import Download, Package
from winbake.resources.path import EnvironmentVariable, PathEntryResource, PathTidy
from winbake.resources.sending import LocalMedia
from winbake.resources.settings import Command, RegistryValue, WindowsService
from winbake.resources.state import State, state_from_facts

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_case(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    resource = _resource(path.parent.name, case["resource"])
    state = _state(case.get("state", {}))
    decision = resource.decide(state)

    assert [[c.action, c.property, c.old, c.new] for c in decision.changes] == case.get("changes", [])
    for name in ("problem", "skipped"):
        text = getattr(decision, name)
        assert (case[name] in (text or "")) if name in case else text is None
    assert list(decision.notes) == case.get("notes", [])
    if "operations" in case:
        _check_operations(decision, case["operations"])
    if decision.changes and not decision.always_runs and not case.get("repeats"):
        assert resource.decide(resource.predict(state)).right, "the prediction does not satisfy its own wish"


def test_there_are_cases_of_every_type() -> None:
    assert {p.parent.name for p in CASES} >= {
        "command", "environment", "file", "firewall", "package", "path", "registry", "service",
    }  # fmt: skip


def _check_operations(decision: Decision, wanted: list[dict[str, Any]]) -> None:
    assert [o.kind for o in decision.operations] == [w["kind"] for w in wanted]
    for operation, parts in zip(decision.operations, wanted, strict=True):
        for key, value in parts.items():
            if key != "kind":
                assert operation.arguments[key] == value


def _resource(kind: str, body: dict[str, Any]) -> Resource:
    body = dict(body)
    if kind.startswith("win_"):
        task = Task("it", kind, body, "roles/it/tasks/main.yml", 1, Path())
        (wanted,) = wanted_of_tasks((task,), frozenset())
        return wanted.resource
    identity = Identity(kind, str(body.pop("id", "it")), no_log=bool(body.pop("no_log", False)))
    for name in ("earlier", "later", "local_ports", "remote_addresses", "profiles", "exit_codes", "services", "variables"):
        if name in body:
            body[name] = tuple(body[name])
    if kind == "path":
        return PathTidy(identity) if body.pop("tidy", False) else PathEntryResource(identity, **body)
    if kind == "file":
        if "content" in body:
            return FileContent(identity, body["path"], body["content"].encode())
        return FilePresence(identity, **body)
    if kind == "package":
        install, detect = Install(**body.pop("install")), Detect(**body.pop("detect"))
        siblings, source = body.pop("siblings", None), body.pop("source", None)
        detection = Detection(detect, body["version"], siblings, body.get("dir"))
        if "media" in body:
            body["media"] = LocalMedia(**body["media"])
        return Package(identity, install=install, detection=detection, source=Download(**source) if source else None, **body)
    types: dict[str, Any] = {
        "environment": EnvironmentVariable,
        "registry": RegistryValue,
        "firewall": FirewallRuleResource,
        "service": WindowsService,
        "command": Command,
        "data_archive": DataArchive,
    }
    made: Resource = types[kind](identity, **body)
    return made


def _state(body: dict[str, Any]) -> State:
    """path (raw text), path_kind, variables {name: value or [kind, value]}, dead [entries], registry [[key, name, kind, data]],
    files {path: fact or true}, listings {pattern: [paths]}, uninstall [{…}], services [{…}], missing_services [names],
    rules {id: text as in the registry}, commands [{argv, …}], facts [[kind, arguments, answer]]."""
    facts: list[tuple[Query, Any]] = [(Query(kind, arguments), answer) for kind, arguments, answer in body.get("facts", [])]
    variables = [{"name": "Path", "kind": body.get("path_kind", "ExpandString"), "data": body["path"]}] if "path" in body else []
    for name, value in body.get("variables", {}).items():
        kind, data = value if isinstance(value, list) else ("String", value)
        variables.append({"name": name, "kind": kind, "data": data})
    entries = [{"entry": e, "exists": e not in body.get("dead", [])} for e in body.get("path", "").split(";") if e]
    facts.append((Query("environment"), {"variables": variables, "path": entries}))
    for key, name, kind, data in body.get("registry", []):
        answer = {"exists": kind is not None, "kind": kind, "data": data}
        facts.append((Query("registry_value", {"key": key, "name": name, "view": 64}), answer))
        facts.append((Query("registry_value", {"key": key, "name": name, "view": 32}), answer))
    for path, fact in body.get("files", {}).items():
        answer = {"exists": True, "directory": False, "size": 0, "sha256": "", "version": ""}
        facts.append((Query("file", {"path": path}), answer | (fact if isinstance(fact, dict) else {})))
    for pattern, paths in body.get("listings", {}).items():
        facts.append((Query("listing", {"pattern": pattern}), paths))
    facts.append((Query("uninstall"), [{"view": "64", **entry} for entry in body.get("uninstall", [])]))
    for service in body.get("services", []):
        answer = {"exists": True, "display_name": "", **service}
        facts.append((Query("service", {"name": service["name"]}), answer))
    facts.append((Query("firewall"), [{"id": i, "rule": rule} for i, rule in body.get("rules", {}).items()]))
    for command in body.get("commands", []):
        argv = command.pop("argv")
        answer = {"found": True, "exit_code": 0, "stdout": "", "stderr": "", **command}
        facts.append((Query("command", {"argv": argv, "limit_seconds": 30}), answer))
    return state_from_facts(facts)


def test_a_file_operation_carries_the_bytes() -> None:
    resource = FileContent(Identity("file", "x"), r"C:\x.txt", b"\x00\xff")
    (operation,) = resource.decide(State()).operations
    assert base64.b64decode(operation.arguments["content"]) == b"\x00\xff"
