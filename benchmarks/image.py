"""How long the bake of the whole image takes, against one tool after the other and against the critical path.

    python benchmarks/image.py            bakes the project's manifest on a rehearsal host, shows the three times
    python benchmarks/image.py --check    exit 1 if the bake misses its limits in two runs
    python benchmarks/image.py --speed 3  a slower host clock: less of what the rehearsal's own work adds

All times are seconds of the host's clock, from the begin of the apply to its last step, without the restart after it.
The clock goes on while the rehearsal interprets the agent: a busy machine adds time and never takes any away.

How long each step takes by itself is known apart from the run: an installer as its stand-in says, a download by its
size and the network's speed, an archive by its size and the disk's. Brief steps (settings, PATH, shortcuts) are taken
as measured. One tool after the other: the sum. Critical path: the longest way through what must wait for what, where
all MSIs are one chain, since Windows Installer takes one at a time; nothing can be faster, however much runs at once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from winbake.cli.lab_files import write_lab_files
from winbake.cli.targets import Targets
from winbake.config.project import Project
from winbake.engine.apply import StepEvent
from winbake.engine.plan import Plan, Selection
from winbake.engine.reboot import RebootWait
from winbake.engine.record import RunRecord
from winbake.engine.run import apply_host, plan_host
from winbake.engine.schedule import MSI, Scheduled, scheduled
from winbake.rehearsal.lab import Lab
from winbake.rehearsal.standins.mirror import Artifact
from winbake.rehearsal.windows.archives import UNPACK_BYTES_PER_SECOND

PROJECT = Path(__file__).parents[1]
SPEED = 6.0
RESTART_SPEED = 200.0
MOST_OF_CRITICAL_PATH = 1.15
LEAST_GAIN = 1.8
WITHOUT_UPDATES = Selection(skip=frozenset({"updates"}))
"""Windows updates are as long as Microsoft makes them, one after the other, and restart the host in between."""


@dataclass(frozen=True)
class Times:
    """Seconds of host time. `slow`: the three steps that take longest, in words."""

    bake: float
    one_by_one: float
    critical: float
    steps: int
    slow: tuple[str, ...]

    @property
    def of_critical(self) -> float:
        return self.bake / self.critical

    @property
    def gain(self) -> float:
        return self.one_by_one / self.bake

    @property
    def good(self) -> bool:
        return self.of_critical <= MOST_OF_CRITICAL_PATH and self.gain >= LEAST_GAIN


def bake(speed: float) -> Times:
    """Bakes the whole image on a fresh host. Raises RuntimeError if that does not go well."""
    with tempfile.TemporaryDirectory() as folder, Lab("bench-Pa55word", speed=speed) as lab:
        inventory = Path(folder) / "lab.yaml"
        write_lab_files(lab, inventory, password_known=False)
        project = Project.at(PROJECT, None, None, None)
        targets = Targets.load(project.manifest, inventory, project.playbook, None)
        session = targets.connect(targets.hosts[0], targets.addresses()["master"])
        clock = lab.hosts[0].host.clock
        measured: dict[str, float] = {}
        ends = [clock.now()]

        def observe(event: StepEvent) -> None:
            if event.kind == "done" and event.step is not None:
                measured[event.step.id] = event.seconds
                ends.append(clock.now())
            elif event.step is None and measured:
                clock.speed = RESTART_SPEED  # the restart is not part of what is measured

        with RunRecord("master", "apply", None) as record:
            planned = plan_host(session, "master", targets.wishes()["master"], WITHOUT_UPDATES, record)
            begin = clock.now()
            wait = RebootWait(first_pause=0.1, pause=0.1, delay=1)
            outcome = apply_host(session, planned, planned.plan.steps, record, observe, wait)
        session.close()
        if not outcome.ok:
            raise RuntimeError(f"the bake went wrong: {outcome.failed or outcome.cut}")
        seconds = (ends[-1] - begin).total_seconds()
        return _times(seconds, planned.plan, lab, measured)


def _times(seconds: float, plan: Plan, lab: Lab, measured: Mapping[str, float]) -> Times:
    order = scheduled(plan, plan.steps)
    alone = {one.step.id: _alone(one, plan, lab, measured) for one in order}
    slowest = sorted(order, key=lambda one: -alone[one.step.id])[:3]
    return Times(
        seconds,
        sum(alone.values()),
        critical_path(order, alone),
        len(order),
        tuple(f"{one.step.operation.title} {alone[one.step.id]:.0f} s" for one in slowest),
    )


def _alone(one: Scheduled, plan: Plan, lab: Lab, measured: Mapping[str, float]) -> float:
    """Seconds that a step takes by itself."""
    operation = one.step.operation
    if operation.kind == "download":
        size = lab.mirror.artifacts()[str(operation.arguments["url"])].size
        return size / lab.hosts[0].host.network.bytes_per_second
    artifact = _artifact(one, plan, lab)
    if artifact is None:
        return measured[one.step.id]
    if operation.kind in ("msi", "installer"):
        return next(s for s in lab.mirror.standins if s.id == artifact.tool).seconds.install
    if operation.kind in ("unzip", "data_archive"):
        return artifact.size / UNPACK_BYTES_PER_SECOND
    return measured[one.step.id]


def _artifact(one: Scheduled, plan: Plan, lab: Lab) -> Artifact | None:
    """The file that a step needs."""
    urls = [str(s.operation.arguments["url"]) for s in plan.steps if s.id in one.step.needs]
    return lab.mirror.artifacts()[urls[0]] if urls else None


def critical_path(order: list[Scheduled], alone: Mapping[str, float]) -> float:
    """The longest of: each chain of steps that wait for one another; all MSIs in a row, with the least that must come
    before the first and after the last of them."""
    by_id = {one.step.id: one for one in order}
    before: dict[str, float] = {}
    behind = dict.fromkeys(by_id, 0.0)

    def begin(step_id: str) -> float:
        if step_id not in before:
            one = by_id[step_id]
            waits = [w for w in (*one.after, *one.step.needs) if w in by_id]
            before[step_id] = max((begin(w) + alone[w] for w in waits), default=0.0)
        return before[step_id]

    for one in sorted(order, key=lambda one: -begin(one.step.id)):
        for earlier in (*one.after, *one.step.needs):
            behind[earlier] = max(behind[earlier], alone[one.step.id] + behind[one.step.id])
    chains = [begin(i) + alone[i] for i in by_id]
    msis = [one.step.id for one in order if one.holds == MSI]
    if msis:
        chains.append(min(begin(i) for i in msis) + sum(alone[i] for i in msis) + min(behind[i] for i in msis))
    return max(chains)


def shown(times: Times, speed: float) -> str:
    return "\n".join(
        [
            f"{times.steps} steps, host clock {speed:g} times as fast as real; the longest: {', '.join(times.slow)}",
            f"  one tool after the other {times.one_by_one:>7.1f} s",
            f"  critical path            {times.critical:>7.1f} s",
            f"  bake                     {times.bake:>7.1f} s   {times.of_critical:.2f} of the critical path "
            f"(at most {MOST_OF_CRITICAL_PATH}), {times.gain:.2f} times as fast as one by one (at least {LEAST_GAIN})",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the bake misses its limits in two runs")
    parser.add_argument("--speed", type=float, default=SPEED, help="how much faster the host's clock runs")
    options = parser.parse_args()
    times = bake(options.speed)
    print(shown(times, options.speed))
    if options.check and not times.good:
        speed = options.speed / 2
        print("missed; again with a slower clock, since a busy machine only ever adds time")
        times = bake(speed)
        print(shown(times, speed))
    return 1 if options.check and not times.good else 0


if __name__ == "__main__":
    sys.exit(main())
