"""What reports show, made from run records: matrix, failures, versions, timeline; not how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from winbake.report.run_record import Checked, HostChecks, Run

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "unread": "?"}
_INSTALLED = " is installed"
"""How the title of the check of a tool's version ends: `dcmtk 3.7.0 is installed`."""
_SHORTEST_WAIT = 0.01
"""Part of the whole below which a gap is not shown as waiting."""


@dataclass(frozen=True)
class Cell:
    """One check on one host. failure: the number of its failure in the list, None without one."""

    host: str
    status: str
    failure: int | None = None

    @property
    def mark(self) -> str:
        return MARKS[self.status]


@dataclass(frozen=True)
class Row:
    """One check over all hosts."""

    subject: str
    title: str
    cells: tuple[Cell, ...]

    @property
    def right(self) -> bool:
        return all(cell.status in ("passed", "skipped") for cell in self.cells)


@dataclass(frozen=True)
class Failure:
    """A check that did not pass, or a host that could not be read; hosts where it was the same are together."""

    number: int
    hosts: tuple[str, ...]
    title: str
    found: str
    wanted: str = ""
    output: str = ""


@dataclass(frozen=True)
class Version:
    """The versions of one tool: words → the hosts that have it so."""

    tool: str
    found: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Checks:
    """A verification of several hosts."""

    hosts: tuple[HostChecks, ...]
    rows: tuple[Row, ...]
    failures: tuple[Failure, ...]
    versions: tuple[Version, ...]

    @property
    def passed(self) -> int:
        return sum(one.count("passed") for one in self.hosts)

    @property
    def counted(self) -> int:
        return sum(one.counted for one in self.hosts)


def checks_of(run: Run) -> Checks:
    hosts = sorted(run.checks, key=lambda one: (run.hosts.index(one.host) if one.host in run.hosts else 999, one.host))
    missing = [HostChecks(name, error="the run ended before it") for name in run.hosts if _none(name, hosts)]
    hosts += missing if hosts else []
    failures = _failures(hosts)
    numbers = {(host, one.title): one.number for one in failures for host in one.hosts}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in hosts:
        for check in one.checks:
            found.setdefault((check.subject, check.title), {})[one.host] = check.status
    rows = []
    for (subject, title), of_host in found.items():
        cells = []
        for one in hosts:
            status = of_host.get(one.host, "unread" if one.error else "skipped")
            cells.append(Cell(one.host, status if status in MARKS else "unread", numbers.get((one.host, title))))
        rows.append(Row(subject, title, tuple(cells)))
    return Checks(tuple(hosts), tuple(rows), tuple(failures), tuple(_versions(hosts)))


def _none(name: str, hosts: Sequence[HostChecks]) -> bool:
    return all(one.host != name for one in hosts)


def _failures(hosts: Sequence[HostChecks]) -> list[Failure]:
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for one in hosts:
        if one.error:
            unread = one.count("unread")
            title = f"gone in the middle, {unread} checks were not read" if one.checks else "could not be verified"
            found.setdefault((title, one.error, "", ""), []).append(one.host)
        for check in one.checks:
            if check.status == "failed":
                found.setdefault((check.title, check.found, check.wanted, check.output), []).append(one.host)
    return [Failure(number, tuple(names), *words) for number, (words, names) in enumerate(found.items(), 1)]


def _versions(hosts: Sequence[HostChecks]) -> list[Version]:
    tools: dict[str, dict[str, list[str]]] = {}
    for one in hosts:
        for check in one.checks:
            words = _version_words(check)
            if words:
                tools.setdefault(check.subject, {}).setdefault(words, []).append(one.host)
    return [
        Version(tool, tuple((words, tuple(names)) for words, names in found.items())) for tool, found in tools.items()
    ]


def _version_words(check: Checked) -> str:
    start = f"{check.subject} "
    if not (check.title.startswith(start) and check.title.endswith(_INSTALLED)):
        return ""
    if check.status == "passed":
        return check.title[len(start) : -len(_INSTALLED)]
    return {"failed": f"✗ {check.found}", "skipped": "not installed (optional)"}.get(check.status, "? not read")


# ---- timeline -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """Seconds since the run began. open: no end was seen."""

    kind: str
    start: float
    end: float
    failed: bool = False
    open: bool = False


@dataclass
class Lane:
    """What was done about one thing: its download and its installation are in one lane."""

    name: str
    bars: list[Bar] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    lanes: tuple[Lane, ...]
    seconds: float
    ticks: tuple[float, ...]


def timeline_of(run: Run) -> Timeline | None:
    """None for a run without steps."""
    if not run.steps:
        return None
    lanes: dict[str, Lane] = {}
    for span in run.spans:
        lane = lanes.setdefault(span.title, Lane(span.title))
        lane.bars.append(Bar(span.kind, span.start, span.end))
        lane.words.append(f"{span.kind} {duration(span.end - span.start)}")
    for step in run.steps.values():
        name = _about(step.title, step.kind)
        lane = lanes.setdefault(name, Lane(name))
        end = run.seconds if step.end is None else step.end
        lane.bars.append(Bar(step.kind, step.start, end, bool(step.failure), step.end is None))
        state = "✗ failed after" if step.failure else "no end seen after" if step.end is None else ""
        lane.words.append(f"{step.kind} {state} {duration(step.host_seconds or end - step.start)}".replace("  ", " "))
    total = max(run.seconds, 0.001)
    waits = _waits([bar for lane in lanes.values() for bar in lane.bars], total)
    if waits:
        summed = sum(bar.end - bar.start for bar in waits)
        lanes["waiting"] = Lane("waiting: nothing ran", waits, [f"wait {duration(summed)} in all, this machine's time"])
    ordered = sorted(lanes.values(), key=lambda lane: lane.bars[0].start)
    return Timeline(tuple(ordered), total, tuple(total * part / 5 for part in range(6)))


def _about(title: str, kind: str) -> str:
    """`download dcmtk`, `tool dcmtk 3.7.0` → dcmtk; what is no tool keeps its title."""
    words = title.split(" ")
    return words[1] if kind in ("download", "install") and len(words) > 1 else title


def _waits(bars: Sequence[Bar], total: float) -> list[Bar]:
    waits, until = [], 0.0
    for bar in sorted(bars, key=lambda one: one.start):
        if bar.start - until > total * _SHORTEST_WAIT:
            waits.append(Bar("wait", until, bar.start))
        until = max(until, bar.end)
    return waits


def duration(seconds: float) -> str:
    """`0.4 s`, `31 s`, `2:05`, `1:02:05`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
