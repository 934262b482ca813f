"""A plan on the screen: every change as old → new, what is skipped and why, and one line that sums up."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from winbake.cli.screen import MARKS, STYLES
from winbake.engine.plan import Item, Plan
from winbake.engine.saved import summary

_REBOOT_KINDS = ("msi", "installer", "msi_uninstall", "uninstaller")


def show_plan(screen: Console, plan: Plan, address: str, saved_as: str | None = None, hint: bool = True) -> None:
    """The whole plan of one host."""
    counts = summary(plan)
    system = plan.system
    screen.print(
        Text.assemble(
            (plan.host, "bold"),
            f"  {address}  {system.os.replace('Microsoft ', '')} ({system.build})  "
            f"read {counts['resources']} resources in {plan.seconds:.1f} s",
        )
    )
    if plan.rehearsal:
        screen.print("  Rehearsal: sources are stand-ins, checked against their own hashes.", style="dim")
    if plan.empty and not plan.skipped:
        screen.print(f"  Nothing to change: {counts['right']} of {counts['resources']} are right already.")
        _show_notes(screen, plan)
        _show_unselected(screen, counts)
        return
    screen.print()
    width = min(44, max((len(item.identity.id) for item in _shown(plan)), default=10))
    for item in _shown(plan):
        _show_item(screen, item, width)
    screen.print()
    screen.print(f"  Plan: {_totals(counts)}. {_reboot_words(plan)}")
    _show_notes(screen, plan)
    for line in plan.decided:
        screen.print(f"  {line}")
    _show_unselected(screen, counts)
    if saved_as:
        screen.print(f"  Saved. Apply exactly this with: python bake.py apply {saved_as}")
    elif hint and plan.changed:
        screen.print("  Save with -o plan.json, apply exactly this with: python bake.py apply plan.json")


def _shown(plan: Plan) -> list[Item]:
    return [item for item in plan.items if not item.decision.right]


def _show_item(screen: Console, item: Item, width: int) -> None:
    decision = item.decision
    if decision.problem:
        screen.print(_row(item, width, "✗", "problem", decision.problem))
        return
    if decision.skipped:
        screen.print(_row(item, width, "!", "skipped", decision.skipped))
        return
    for index, change in enumerate(decision.changes):
        values = _values(change.old, change.new)
        if change.property not in ("version", "rule", "command", "content", "Path"):
            values = f"{change.property} {values}"
        reason = f"   {change.reason}" if change.reason else ""
        row = _row(item, width, MARKS.get(change.action, "~"), change.action, values + reason, first=index == 0)
        screen.print(row)


def _row(item: Item, width: int, mark: str, verb: str, rest: str, first: bool = True) -> Text:
    name = item.identity.id if first else ""
    if len(name) > width:
        name = name[: width - 1] + "…"
    text = Text(f"  {name:<{width}}  ")
    text.append(f"{mark} {verb:<9}", style=STYLES.get(mark, "red" if mark == "✗" else ""))
    lines = rest.split("\n")
    text.append(f" {lines[0]}")
    for line in lines[1:]:
        text.append(f"\n  {'':<{width}}    {line}")
    return text


def _values(old: str | None, new: str | None) -> str:
    if old is None:
        return new or ""
    return f"{old} → {new if new is not None else 'gone'}"


def _totals(counts: dict[str, int]) -> str:
    parts = [
        f"{counts['install_or_upgrade']} to install or upgrade",
        f"{counts['change']} to change",
        f"{counts['right']} right already",
    ]
    if counts["skipped"]:
        parts.append(f"{counts['skipped']} skipped")
    if counts["problems"]:
        parts.append(f"{counts['problems']} that cannot be done")
    return ", ".join(parts)


def _reboot_words(plan: Plan) -> str:
    if plan.system.pending_reboot:
        return f"The host waits for a restart already ({', '.join(plan.system.pending_reboot)})."
    if any(step.operation.kind in _REBOOT_KINDS for step in plan.steps):
        return "No restart is planned; one is made at the end if an installer asks for it."
    return "No restart expected."


def _show_notes(screen: Console, plan: Plan) -> None:
    for item in plan.items:
        for note in item.decision.notes:
            screen.print(f"  Note: {note}")


def _show_unselected(screen: Console, counts: dict[str, int]) -> None:
    if counts["not_selected"]:
        screen.print(f"  Not looked at: {counts['not_selected']} resources that --tags or --skip leave out.")
