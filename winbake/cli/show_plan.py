"""A plan on the screen: every change as old → new, what is skipped and why, and one line that sums up."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from winbake.cli.screen import MARKS, STYLES, room, shortened
from winbake.engine.plan import Item, Plan
from winbake.engine.saved import summary

_PLAIN = ("version", "rule", "command", "content", "Path")  # properties that their values alone name
_REBOOT_KINDS = ("msi", "installer", "msi_uninstall", "uninstaller")


def show_plan(screen: Console, plan: Plan, address: str, saved_as: str | None = None, hint: bool = True) -> None:
    """The whole plan of one host."""
    counts = summary(plan)
    system = plan.system
    screen.print(
        Text.assemble(
            (plan.host, "bold"),
            f"  {address}  {system.os.replace('Microsoft ', '')}{f' ({system.build})' if system.build else ''}  "
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
    names = [len(item.identity.id) for item in _shown(plan)]
    layout = _Layout(room(screen), min(max(30, room(screen) // 3), max(names, default=10)))
    for item in _shown(plan):
        for row in layout.rows(item):
            screen.print(row)
    screen.print()
    screen.print(f"  Plan: {_totals(counts)}.")
    screen.print(f"  {_reboot_words(plan)}")
    if any(item.decision.closes for item in plan.items):
        screen.print("  The last step closes the way in: afterwards winbake cannot reach this host any more.")
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


class _Layout:
    """Rows of `name  mark verb  old → new   reason`; a reason that does not fit goes below."""

    def __init__(self, columns: int, names: int) -> None:
        self.columns = columns
        self.names = names

    def rows(self, item: Item) -> list[Text]:
        decision = item.decision
        if decision.problem:
            return [self._row(item, "✗", "problem", decision.problem)]
        if decision.skipped:
            return [self._row(item, "!", "skipped", decision.skipped)]
        rows = []
        for index, change in enumerate(decision.changes):
            values = _values(change.old, change.new)
            if change.property not in _PLAIN:
                values = f"{change.property} {values}"
            mark = MARKS.get(change.action, "~")
            rows.append(self._row(item, mark, change.action, values, change.reason, first=index == 0))
        return rows

    def _row(self, item: Item, mark: str, verb: str, text: str, reason: str = "", first: bool = True) -> Text:
        name = _fitted(item, self.names) if first else ""
        row = Text(f"  {name:<{self.names}}  ")
        row.append(f"{mark} {verb:<8}", style=STYLES.get(mark, "red" if mark == "✗" else ""))
        lines = text.split("\n")
        row.append(f" {lines[0]}")
        for line in lines[1:]:
            row.append(f"\n  {'':<{self.names}}    {line}")
        self._append_reason(row, reason)
        return row

    def _append_reason(self, row: Text, reason: str) -> None:
        left = self.columns - len(row.plain.rpartition("\n")[2]) - 3
        if not reason:
            return
        if len(reason) <= left:
            row.append(f"   {reason}")
        elif left >= 24:
            row.append(f"   {shortened(reason, left)}")
        else:
            below = self.columns - self.names - 13
            row.append(f"\n  {'':<{self.names}}           {shortened(reason, max(24, below))}")


def _fitted(item: Item, width: int) -> str:
    """Paths are cut in the middle, names at their end."""
    text = item.identity.id
    if len(text) <= width or "\\" in text:
        return shortened(text, width)
    return text[: width - 1] + "…"


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
    if any(step.operation.kind == "restart" or step.operation.rounds > 1 for step in plan.steps):
        return "Restart: in its place, if something asks for one; after updates in each of their rounds."
    if any(step.operation.kind in _REBOOT_KINDS for step in plan.steps):
        return "Restart: only if an installer asks for one, then once, at the end."
    return "No restart expected."


def _show_notes(screen: Console, plan: Plan) -> None:
    for item in plan.items:
        for note in item.decision.notes:
            screen.print(f"  Note: {note}")


def _show_unselected(screen: Console, counts: dict[str, int]) -> None:
    if counts["not_selected"]:
        screen.print(f"  Not looked at: {counts['not_selected']} resources that --tags or --skip leave out.")
