"""What each step waits for, what it holds while it runs, and which comes first. Pure: the agent only obeys.

Downloads wait for nothing. A tool waits for the tools it requires; what stands beside a tool (files, service,
shortcuts) waits for that tool. Everything else keeps the order of the plan: it waits for all that stands before it, so
PATH, which installers edit too, is put in order when none of them runs, and a role's task finds what Ansible would
have left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from winbake.engine.plan import FETCHING, Plan, Step

MSI = "msi"
"""Held by whatever uses Windows Installer: one at a time on a machine (_MSIExecute), a second one gets exit 1618."""
PROGRAM = "program"
"""Held by other installers and by archives: a few at a time."""
_PROGRAMS = frozenset({"installer", "uninstaller", "unzip", "extract", "copy_tool", "data_archive", "fetched_file"})
_UNPACKED_BYTES_PER_SECOND = 10e6
_FETCHED_BYTES_PER_SECOND = 30e6
_LIMIT_SHARE = 40
"""An installer is guessed to take a fortieth of the limit that the manifest gives it. Only the order hangs on it."""


@dataclass(frozen=True)
class Scheduled:
    """One step for the agent. `after`: ids of steps that must have ended well; `holds`: msi, program or nothing."""

    step: Step
    after: tuple[str, ...]
    holds: str


@dataclass
class _Order:
    """The steps that later ones have to wait for, while the plan is gone through once."""

    barrier: tuple[str, ...] = ()
    """The last step of what keeps the plan's order and came before the tools."""
    open: list[str] = field(default_factory=list)
    """The last steps of all that runs beside each other since then."""
    tools: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Tool → the last step of it, or of what stands beside it so far."""


def scheduled(plan: Plan, steps: tuple[Step, ...]) -> list[Scheduled]:
    """The steps in the order in which they begin when they are free to: the longest chain of work first."""
    found = _after(plan, steps)
    lengths = _lengths(found)
    return sorted(found, key=lambda one: -lengths[one.step.id])


def holds(step: Step) -> str:
    operation = step.operation
    if operation.kind in ("msi", "msi_uninstall") or operation.arguments.get("wraps_msi"):
        return MSI
    return PROGRAM if operation.kind in _PROGRAMS else ""


def _after(plan: Plan, steps: tuple[Step, ...]) -> list[Scheduled]:
    order = _Order()
    waits: dict[int, tuple[str, ...]] = {}
    out: list[Scheduled] = []
    for at, step in enumerate(steps):
        if step.operation.kind in FETCHING:
            out.append(Scheduled(step, (), ""))
            continue
        if step.item not in waits:
            waits[step.item] = _waits_for(plan, step.item, order)
        out.append(Scheduled(step, waits[step.item], holds(step)))
        waits[step.item] = (step.id,)
        if not any(later.item == step.item for later in steps[at + 1 :]):
            _note_end(plan, step, order)
    return out


def _waits_for(plan: Plan, index: int, order: _Order) -> tuple[str, ...]:
    """What the first step of an item waits for."""
    item = plan.items[index]
    if item.free:
        needed = [step_id for tool in item.requires for step_id in order.tools.get(tool, ())]
        return (*order.barrier, *needed)
    if item.tool and item.identity.kind != "path":
        return order.tools.get(item.tool) or order.barrier
    return (*order.barrier, *order.open)


def _note_end(plan: Plan, step: Step, order: _Order) -> None:
    item = plan.items[step.item]
    own = (step.id,)
    if item.free:
        order.tools[item.identity.name] = own
        order.open.append(step.id)
    elif item.tool and item.identity.kind != "path":
        order.open = [one for one in order.open if one not in order.tools.get(item.tool, ())] + [step.id]
        order.tools[item.tool] = own
    else:
        order.barrier, order.open = own, []


def _lengths(steps: list[Scheduled]) -> dict[str, float]:
    """Seconds from the begin of each step to the end of the last one that waits for it. What holds Windows Installer
    stands before all the others that do, whichever of them they are, so each counts as the whole lane."""
    expected = {one.step.id: _expected_seconds(one, steps) for one in steps}
    lane = sum(expected[one.step.id] for one in steps if one.holds == MSI)
    behind: dict[str, float] = {}
    lengths: dict[str, float] = {}
    for one in reversed(steps):
        length = (lane if one.holds == MSI else expected[one.step.id]) + behind.get(one.step.id, 0.0)
        lengths[one.step.id] = length
        for earlier in (*one.after, *one.step.needs):
            behind[earlier] = max(behind.get(earlier, 0.0), length)
    return lengths


def _expected_seconds(one: Scheduled, steps: list[Scheduled]) -> float:
    """A guess from sizes and limits; what is brief counts as nothing."""
    operation = one.step.operation
    if operation.kind == "download":
        return _size(operation.arguments) / _FETCHED_BYTES_PER_SECOND
    if not one.holds:
        return 0.0
    fetched = sum(_size(s.step.operation.arguments) for s in steps if s.step.id in one.step.needs)
    share = 0.0 if operation.kind in ("unzip", "data_archive") else operation.limit_seconds / _LIMIT_SHARE
    return share + fetched / _UNPACKED_BYTES_PER_SECOND


def _size(arguments: Mapping[str, object]) -> float:
    size = arguments.get("size")
    return float(size) if isinstance(size, int) else 0.0
