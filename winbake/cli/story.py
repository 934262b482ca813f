"""What every story of `rehearse` has: bakes whose outcome is checked against what the story says, and a summary."""

from __future__ import annotations

import re
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from rich.console import Console

from winbake.cli.apply import Applied, ApplyRun
from winbake.cli.bump import bumped_text, find_bumps
from winbake.cli.screen import clock, console
from winbake.cli.targets import Targets
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.engine.plan import Selection
from winbake.engine.reboot import RebootWait
from winbake.rehearsal.standins.mirror import Mirror

TITLE_WIDTH = 30
MOST_SHOWN = 5
"""Failures of one part that are listed; the rest is counted."""


class Ground(Protocol):
    """Where a story is played: a Lab of hosts, or a Cloud."""

    @property
    def mirror(self) -> Mirror:
        """What serves the stand-ins."""
        ...

    @property
    def speed(self) -> float:
        """How much faster than real time the hosts' clocks run."""
        ...

    def counters(self) -> dict[str, int]:
        """Totals over all hosts."""
        ...


class Story(ABC):
    """Parts that are told one after the other; the first one that goes wrong is the last."""

    def __init__(self, ground: Ground, project: Project, bump: Sequence[str], quiet: bool) -> None:
        """bump: tools whose version is raised, empty for all that can. quiet: everything to standard error."""
        self.ground = ground
        self.project = project
        self.screen: Console = console(stderr=quiet)
        self.quiet = quiet
        self.manifest, _ = load_manifest(project.manifest)
        self.bumps = find_bumps(self.manifest, ground.mirror, bump)
        self.rows: list[dict[str, object]] = []
        self.failures: list[str] = []
        self.notes: list[str] = []
        """Lines for the summary."""
        missing = [tool for tool in bump if tool not in {b.tool for b in self.bumps}]
        if missing:
            raise EngineError(f"no newer stand-in is served for {missing[0]}", "see winbake/rehearsal/standins/")

    def tell(self) -> int:
        """The exit code."""
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="winbake-rehearsal-") as name:
            self.play(Path(name))
        self._summary(time.monotonic() - started)
        return 1 if self.failures else 0

    @abstractmethod
    def play(self, folder: Path) -> None:
        """All parts, in a folder of their own."""

    def as_json(self) -> dict[str, object]:
        return {"ok": not self.failures, "parts": self.rows, "notes": self.notes, "failures": self.failures}

    # Parts.

    def bake_twice_and_raise(self, project: Project) -> bool:
        """Bake, plan again (nothing), raise versions (those only), plan again (nothing). False once one goes wrong.

        The manifest is changed: it must be a copy.
        """
        if not self.bake(project, "Bake", expect_changes=True):
            return False
        if not self.bake(project, "Plan again: nothing may be left to do", expect_changes=False):
            return False
        if not self.bumps:
            return True
        text = project.manifest.read_text(encoding="utf-8")
        project.manifest.write_text(bumped_text(text, project.manifest.name, self.bumps), encoding="utf-8")
        raised = ", ".join(f"{b.tool} {b.old} → {b.new}{' (made up)' if b.made_up else ''}" for b in self.bumps)
        title = f"Raise versions: {raised}; the plan must touch nothing else"
        if not self.bake(project, title, expect_changes=True, only={bump.tool for bump in self.bumps}):
            return False
        return self.bake(project, "Plan again: nothing may be left to do", expect_changes=False)

    def bake(self, project: Project, title: str, *, expect_changes: bool, only: Set[str] = frozenset()) -> bool:
        """One plan and apply; checks what it did against what the story says. True if it is so."""
        part = self.begin(title)
        targets = Targets.load(
            project.manifest,
            project.inventory,
            project.playbook,
            None,
            accept_new=True,
            known_certificates=project.manifest.with_name("known_certificates"),
        )
        run = ApplyRun(targets, Selection(), quiet=self.quiet, wait=self._restart_wait())
        results = run.execute(ask=False)
        if run.interrupted:
            raise KeyboardInterrupt
        part["changed"] = sum(len(r.value.planned.plan.changed) for r in results if r.value)
        failures = []
        for result in results:
            if result.value is None or not result.value.ok:
                failures.append(f"{result.host} is not as wanted")
            elif not expect_changes and result.value.planned.plan.changed:
                failures.append(f"{result.host} had something to change")
            elif only:
                failures += _others_touched(result.value, only)
        return self.end(part, failures)

    def begin(self, title: str) -> dict[str, object]:
        """Says what comes, and begins to count."""
        self.screen.print()
        numbered = f"{len(self.rows) + 1}. {title}"
        self.screen.print(numbered, style="bold")
        return {"part": numbered, "started": time.monotonic(), **self.ground.counters()}

    def end(self, part: dict[str, object], failures: Sequence[str]) -> bool:
        """Notes what the part cost and what went wrong in it. True if nothing did."""
        title = str(part["part"])
        row: dict[str, object] = {"part": title, "seconds": round(time.monotonic() - float(str(part["started"])), 1)}
        row |= {name: count - int(str(part[name])) for name, count in self.ground.counters().items()}
        if "changed" in part:
            row["changed"] = part["changed"]
        self.rows.append(row)
        self.failures += [f"{title}: {failure}" for failure in failures[:MOST_SHOWN]]
        if len(failures) > MOST_SHOWN:
            self.failures.append(f"{title}: and {len(failures) - MOST_SHOWN} more")
        return not failures

    def _restart_wait(self) -> RebootWait:
        """The usual waits, in the hosts' time."""
        usual, speed = RebootWait(), self.ground.speed
        return replace(usual, first_pause=usual.first_pause / speed, pause=usual.pause / speed)

    def _summary(self, seconds: float) -> None:
        self.screen.print()
        self.screen.print("Summary", style="bold")
        self.screen.print(
            f"  {'':{TITLE_WIDTH}} {'changed':>7} {'requests':>8} {'starts':>6} {'sent':>9} {'received':>9} {'time':>6}"
        )
        for row in self.rows:
            title = re.split("[:,]", str(row["part"]))[0]
            changed = row.get("changed", "")
            self.screen.print(
                f"  {title:{TITLE_WIDTH}} {changed:>7} {row['requests']:>8} {row['powershell_starts']:>6} "
                f"{_kilobytes(row['wire_bytes_in'])} {_kilobytes(row['wire_bytes_out'])} "
                f"{clock(float(str(row['seconds']))):>6}"
            )
        self.screen.print("  requests: HTTP to WinRM; starts: PowerShell processes; sent, received: bytes on the wire")
        for note in self.notes:
            self.screen.print(f"  {note}")
        for failure in self.failures:
            self.screen.print(f"✗ {failure}", style="red")
        if not self.failures:
            self.screen.print(f"✓ The rehearsal went as it should, in {clock(seconds)}.", style="green")


def _others_touched(applied: Applied, tools: Set[str]) -> list[str]:
    plan = applied.planned.plan
    foreign = [item.identity.id for item in plan.changed if not tools & item.identity.tags]
    untouched = tools - {item.identity.name for item in plan.changed}
    if not foreign and not untouched:
        return []
    what = ", ".join([*foreign, *(f"nothing of {tool}" for tool in sorted(untouched))])
    return [f"{plan.host} would change {what}"]


def _kilobytes(value: object) -> str:
    return f"{int(str(value)) / 1000:>6.0f} kB"
