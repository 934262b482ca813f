"""A plan as a file: reviewed by people, applied exactly, refused if host or wish have moved since.

No secrets: operations marked secret are kept without their arguments and taken from the fresh plan when applying.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from winbake import __version__
from winbake.engine.errors import EngineError, HostMoved
from winbake.engine.facts import Facts
from winbake.engine.plan import Plan, Selection, Step
from winbake.resources.model import Operation

FORMAT = 1


@dataclass(frozen=True)
class SavedPlan:
    """What was planned for one host, and on what grounds."""

    host: str
    made: str
    wish_digest: str
    fingerprints: Mapping[str, str]
    selection: Selection
    steps: tuple[Mapping[str, Any], ...]


def plan_as_json(plan: Plan, facts: Facts, wish_digest: str, selection: Selection) -> dict[str, Any]:
    """One host's plan: for people (resources, changes) and for `apply` (steps, fingerprints)."""
    return {
        "host": plan.host,
        "system": {"computer": plan.system.computer, "os": plan.system.os, "build": plan.system.build},
        "made": plan.system.now,
        "wish": wish_digest,
        "rehearsal": plan.rehearsal,
        "selection": {"tags": sorted(selection.tags), "skip": sorted(selection.skip)},
        "summary": summary(plan),
        "resources": [item_as_json(item) for item in plan.items if not item.decision.right],
        "steps": [step_as_json(step) for step in plan.steps],
        "fingerprints": facts.fingerprints(),
    }


def summary(plan: Plan) -> dict[str, int]:
    installs = [i for i in plan.changed if any(c.action in ("install", "upgrade") for c in i.decision.changes)]
    return {
        "resources": len(plan.items),
        "install_or_upgrade": len(installs),
        "change": len(plan.changed) - len(installs),
        "right": len(plan.right),
        "skipped": len(plan.skipped),
        "problems": len(plan.problems),
        "not_selected": plan.unselected,
        "condition_false": plan.conditional,
    }


def item_as_json(item: Any) -> dict[str, Any]:
    decision = item.decision
    return {
        "id": item.identity.id,
        "kind": item.identity.kind,
        "name": item.identity.name,
        "where": item.identity.where,
        "handler": item.handler,
        "changes": [
            {"action": c.action, "property": c.property, "old": c.old, "new": c.new, "reason": c.reason}
            for c in decision.changes
        ],
        "skipped": decision.skipped,
        "problem": decision.problem,
        "notes": list(decision.notes),
        "scheduled": decision.scheduled,
    }


def step_as_json(step: Step) -> dict[str, Any]:
    operation = step.operation
    body: dict[str, Any] = {
        "id": step.id,
        "kind": operation.kind,
        "title": operation.title,
        "limit_seconds": operation.limit_seconds,
        "needs": list(step.needs),
        "secret": operation.secret,
    }
    if not operation.secret:
        body["arguments"] = dict(operation.arguments)
    return body


def write_plans(path: Path, plans: list[dict[str, Any]]) -> None:
    """Raises EngineError if the file cannot be written."""
    body = {"format": FORMAT, "winbake": __version__, "hosts": plans}
    try:
        path.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise EngineError(f"{path}: cannot be written: {error.strerror}", "choose another place with -o") from None


def read_plans(path: Path) -> dict[str, SavedPlan]:
    """Host → its plan. Raises EngineError for a file that is no plan of this format."""
    again = "make it anew: python bake.py plan -o FILE"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror}", "name a file made by: plan -o FILE") from None
    except ValueError:
        raise EngineError(f"{path}: is not a saved plan (no JSON)", again) from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise EngineError(f"{path}: is not a saved plan of this version of winbake", again)
    try:
        plans = [
            SavedPlan(
                host=p["host"],
                made=p["made"],
                wish_digest=p["wish"],
                fingerprints=p["fingerprints"],
                selection=Selection(frozenset(p["selection"]["tags"]), frozenset(p["selection"]["skip"])),
                steps=tuple(_whole_step(step) for step in p["steps"]),
            )
            for p in body["hosts"]
        ]
    except (KeyError, TypeError):
        raise EngineError(f"{path}: is damaged: a part is missing", again) from None
    return {plan.host: plan for plan in plans}


def _whole_step(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """The step as it is. Raises KeyError if `check_saved` would miss a part of it."""
    needed = ["id", "kind", "title", "limit_seconds", "needs", "secret"]
    for key in needed if step["secret"] else [*needed, "arguments"]:
        step[key]
    return step


def check_saved(saved: SavedPlan, fresh: Plan, facts: Facts, wish_digest: str) -> tuple[Step, ...]:
    """The steps to run, exactly as saved. Raises HostMoved if anything that the plan leaned on is different now."""
    again = "python bake.py plan -o FILE, look at it, then apply it"
    if saved.wish_digest != wish_digest:
        raise HostMoved("manifest, lock, playbook or a role changed since the plan was made", again)
    now = facts.fingerprints()
    moved = sorted(key for key in saved.fingerprints.keys() | now.keys() if saved.fingerprints.get(key) != now.get(key))
    if moved:
        what = ", ".join(_key_words(key) for key in moved[:4]) + (" …" if len(moved) > 4 else "")
        raise HostMoved(f"the host is not as it was when the plan was made: {what}", again)
    fresh_steps = {step.id: step for step in fresh.steps}
    steps = []
    for body in saved.steps:
        own = fresh_steps.get(body["id"])
        if own is None or own.operation.kind != body["kind"]:
            raise HostMoved("the plan would be another one now", again)
        arguments = own.operation.arguments if body["secret"] else body["arguments"]
        operation = Operation(body["kind"], arguments, body["title"], body["limit_seconds"], body["secret"])
        operation = replace(operation, rounds=own.operation.rounds)
        steps.append(Step(body["id"], own.item, operation, tuple(body["needs"])))
    return tuple(steps)


def _key_words(key: str) -> str:
    kind, arguments = json.loads(key)
    words = [str(v) for v in arguments.values() if isinstance(v, str)]
    return " ".join([kind, *words])
