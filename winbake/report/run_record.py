"""Run records read back: what a run was, planned, did and found. What of a file cannot be read is said, not hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from winbake.config.errors import nearest
from winbake.engine.errors import EngineError

_DAMAGED = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a line of the wrong shape raises."""


@dataclass(frozen=True)
class Checked:
    """One check of one host. status: passed, failed, skipped, unread."""

    subject: str
    title: str
    status: str
    found: str = ""
    wanted: str = ""
    output: str = ""


@dataclass(frozen=True)
class HostChecks:
    """What verify found on one host. error: why there is nothing or not all of it, "" otherwise."""

    host: str
    checks: tuple[Checked, ...] = ()
    account: str = ""
    seconds: float = 0.0
    error: str = ""

    def count(self, status: str) -> int:
        return sum(one.status == status for one in self.checks)

    @property
    def counted(self) -> int:
        return len(self.checks) - self.count("skipped")

    @property
    def ok(self) -> bool:
        return not self.error and self.count("passed") == self.counted


@dataclass(frozen=True)
class StepRun:
    """One step of an apply. start, end: seconds since the run began, by this machine's clock; end None: none was seen.
    host_seconds: how long it took by the host's clock."""

    title: str
    kind: str
    start: float
    end: float | None = None
    host_seconds: float = 0.0
    failure: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """Reading, restarting: what is not a step."""

    kind: str
    title: str
    start: float
    end: float


@dataclass(frozen=True)
class Changed:
    """One line of a plan. mark: what is done (install, change …), skipped, or problem."""

    resource: str
    mark: str
    property: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""


@dataclass
class Run:
    """All that one record tells."""

    path: Path
    verb: str = ""
    hosts: tuple[str, ...] = ()
    at: datetime | None = None
    winbake: str = ""
    seconds: float = 0.0
    ended: bool = False
    damage: list[str] = field(default_factory=list)
    system: str = ""
    rehearsal: bool = False
    summary: Mapping[str, int] | None = None
    changes: list[Changed] = field(default_factory=list)
    steps: dict[str, StepRun] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    cut: str = ""
    proved: bool | None = None
    differs: list[str] = field(default_factory=list)
    checks: list[HostChecks] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def of(self) -> str:
        """Its hosts, by name if they are few."""
        return ", ".join(self.hosts) if len(self.hosts) < 4 else f"{len(self.hosts)} hosts"

    @property
    def failed_steps(self) -> list[StepRun]:
        return [one for one in self.steps.values() if one.failure]

    @property
    def partial(self) -> list[str]:
        """Why this record does not tell all, in words."""
        if self.ended:
            return self.damage
        return [*self.damage, "the record has no end: the run was killed, or is still running"]

    @property
    def state(self) -> str:
        """ok, failed, or unfinished."""
        failed = self.failed_steps or self.cut or self.proved is False or any(not one.ok for one in self.checks)
        failed = failed or (self.summary or {}).get("problems", 0) > 0
        if failed:
            return "failed"
        if not self.ended:
            return "unfinished"
        nothing_known = self.summary is None and not self.checks and self.verb in ("apply", "verify")
        undone = bool(self.steps) and self.proved is None
        return "failed" if nothing_known or undone else "ok"

    @property
    def result(self) -> str:
        """In a few words."""
        if self.checks:
            good, bad = sum(one.ok for one in self.checks), sum(not one.ok for one in self.checks)
            words = f"{good} of {good + bad} hosts passed"
        elif self.failed_steps:
            words = f"{len(self.failed_steps)} failed: {self.failed_steps[0].title}"
        elif self.cut:
            words = f"cut: {self.cut}"
        elif self.proved is False:
            words = f"not proved: {len(self.differs)} still differ"
        elif self.proved:
            words = f"{sum(one.end is not None for one in self.steps.values())} steps done, proved"
        elif self.summary is None:
            words = "ended before the host was read" if self.verb == "apply" and self.ended else "nothing recorded"
        elif self.summary.get("problems"):
            words = f"{self.summary['problems']} problems in the plan, nothing done"
        elif not self.changes:
            words = "nothing to change"
        else:
            words = "planned, not carried out" if not self.steps else "carried out, not proved"
        return words if self.ended else f"not finished; {words}"


def read_run(path: Path) -> Run:
    """Raises EngineError for a file that is no run record at all; of a damaged one, what can be read."""
    run = Run(path)
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}", "python bake.py runs lists the records") from None
    begun = False
    for number, line in _lines(text, run.damage):
        try:
            begun = _take(run, line) or begun
        except _DAMAGED:
            run.damage.append(f"line {number} ({line.get('line', '?')}) is not as winbake writes it; left out")
    if not begun:
        raise EngineError(f"{path} is not a run record of winbake", "python bake.py runs lists the records")
    return run


def _lines(text: str, damage: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    texts = text.split("\n")
    for number, one in enumerate(texts, 1):
        if not one.strip():
            continue
        try:
            line = json.loads(one)
        except ValueError:
            last = number == len(texts)
            damage.append(f"line {number} {'ends in its middle' if last else 'is not JSON'}; left out")
            continue
        if isinstance(line, dict):
            yield number, line
        else:
            damage.append(f"line {number} is not a line of a record; left out")


def _take(run: Run, line: Mapping[str, Any]) -> bool:
    """Takes one line in. True for the line a record begins with."""
    kind, t = str(line["line"]), float(line["t"])
    run.seconds = max(run.seconds, t)
    if kind == "run":
        run.verb, run.winbake = str(line["verb"]), str(line["winbake"])
        run.hosts = tuple(str(one) for one in line.get("hosts") or [line["host"]])
        run.at = datetime.fromisoformat(line["at"])
        return True
    if kind == "facts":
        run.spans.append(Span("read", f"read {int(line['queries'])} facts", max(0.0, t - float(line["seconds"])), t))
    elif kind == "plan":
        _take_plan(run, line)
    elif kind in ("started", "done", "failed"):
        _take_step(run, kind, t, line)
    elif kind == "reboot":
        run.spans.append(Span("restart", "restart, proved", max(0.0, t - float(line["seconds"])), t))
    elif kind == "cut":
        run.cut = str(line["message"])
    elif kind == "applied":
        run.cut = str(line.get("cut") or run.cut)
    elif kind == "proof":
        run.proved, run.differs = bool(line["ok"]), [str(one["id"]) for one in line["differs"]]
        since = max([one.end or 0.0 for one in run.steps.values()] + [one.end for one in run.spans], default=t)
        run.spans.append(Span("read", "facts read again: proof", since, t))
    elif kind == "verified":
        told = _host_checks(line)  # with the written checks, later, once more
        run.checks = [*(one for one in run.checks if one.host != told.host), told]
    elif kind == "unreachable":
        run.checks.append(HostChecks(str(line["host"]), error=str(line["error"])))
    elif kind == "end":
        run.ended = True
    return False


def _take_plan(run: Run, line: Mapping[str, Any]) -> None:
    system = line["system"]
    run.system, run.rehearsal = f"{system['computer']}, {system['os']} ({system['build']})", bool(line["rehearsal"])
    run.summary = {str(name): int(number) for name, number in line["summary"].items()}
    for item in line["resources"]:
        name = str(item["id"])
        for change in item["changes"]:
            words = {key: _words(change[key]) for key in ("old", "new", "reason")}
            run.changes.append(Changed(name, str(change["action"]), _words(change["property"]), **words))
        for mark in ("skipped", "problem"):
            if item[mark]:
                run.changes.append(Changed(name, mark, reason=str(item[mark])))


def _take_step(run: Run, kind: str, t: float, line: Mapping[str, Any]) -> None:
    known = run.steps.get(str(line["step"]))
    title = str(line["title"])
    start = known.start if known is not None else t
    if line["step"] is None:
        return
    if kind == "started":
        run.steps[str(line["step"])] = StepRun(title, kind_of(title, str(line.get("operation", ""))), start)
        return
    failure = str(line.get("message") or "failed") if kind == "failed" else ""
    log = tuple(str(one) for one in line.get("log_tail") or ())
    run.steps[str(line["step"])] = StepRun(
        title, kind_of(title, str(line.get("operation", ""))), start, t, float(line["seconds"]), failure, log
    )


def kind_of(title: str, operation: str) -> str:
    """download, send, install, restart, or change; by its operation, in older records by its title."""
    first = title.split(" ", 1)[0]
    if operation in ("restart", "reboot"):
        return "restart"
    return {"download": "download", "send": "download", "tool": "install"}.get(first, "change")


def _host_checks(line: Mapping[str, Any]) -> HostChecks:
    checks = tuple(
        Checked(
            str(one["subject"]),
            str(one["check"]),
            str(one["status"]),
            str(one.get("found") or one.get("reason") or ""),
            str(one.get("wanted") or ""),
            str(one.get("output") or ""),
        )
        for one in line["checks"]
    )
    broken = str(line["broken"] or "")
    return HostChecks(str(line["host"]), checks, str(line["account"]), float(line["seconds"]), broken)


def _words(value: Any) -> str:
    """A property's value as a person would write it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# ---- the folder -----------------------------------------------------------------------------------------


def record_files(runs: Path) -> list[Path]:
    """The records of a folder, newest first."""
    return sorted(runs.glob("*.jsonl"), key=lambda one: (one.stat().st_mtime_ns, one.name), reverse=True)


def find_record(runs: Path, name: str | None) -> Path:
    """By path, by name, by the only name that begins so; None is the newest. Raises EngineError."""
    known = record_files(runs)
    if name is None:
        if not known:
            raise EngineError(f"there is no run record in {runs}", "python bake.py apply and verify write them")
        return known[0]
    for path in (Path(name), runs / name, runs / f"{name}.jsonl"):
        if path.is_file():
            return path
    begins = [one for one in known if one.name.startswith(name)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        some = ", ".join(one.stem for one in begins[:4])
        raise EngineError(f"{name}: {len(begins)} runs begin so: {some}", "write more of the name")
    near = nearest(name, [one.stem for one in known])
    raise EngineError(f"no run of the name {name} in {runs}{near}", "python bake.py runs lists them")


def newest_bake(runs: Path, hosts: tuple[str, ...]) -> Run | None:
    """The newest record that carried steps out: of one of these hosts if there is one, else of any."""
    other: Run | None = None
    for path in record_files(runs):
        try:
            run = read_run(path)
        except EngineError:  # some other file with this ending; `report` says so where it is asked for
            continue
        if run.verb == "apply" and run.steps:
            if set(run.hosts) & set(hosts):
                return run
            other = other or run
    return other
