"""`pacs check`: is the PACS as wanted, does everybody answer everybody, do images arrive at every station."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from winbake.config.classroom import Classroom, Station
from winbake.config.manifest import PacsNode
from winbake.config.secret import Secret
from winbake.pacs.configuration import the_pacs, wanted_modalities
from winbake.pacs.dicom import Node, Outcome, echo, find_series, move_series
from winbake.pacs.rest import OrthancRest
from winbake.pacs.sample_series import sample_series

OWN_TITLE = "WINBAKE"
"""Under which public nodes are called."""
_AT_ONCE = 16
_NO_SERIES = "2.25.1"
"""A UID that no series has: a public node is asked for nothing that it would have to send."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. problem: "" if it is as wanted. A warning does not make the check fail."""

    subject: str
    problem: str
    detail: str = ""
    warning: bool = False

    @property
    def ok(self) -> bool:
        return not self.problem


@dataclass(frozen=True)
class StationResult:
    """One station as the PACS meets it."""

    station: Station
    echo: str
    """Why C-ECHO from the PACS failed; "" if it went well."""
    move: Outcome
    sent: int
    """How many images the PACS was asked to send."""

    @property
    def move_problem(self) -> str:
        if self.move.ok and self.move.count != self.sent:
            return f"{self.sent - self.move.count} images did not arrive"
        return self.move.problem


@dataclass(frozen=True)
class PairResult:
    """An echo with one station's AE title as caller, sent from the machine that checks, to another station."""

    caller: str
    called: str
    problem: str
    not_looked_at: str = ""
    """Why nothing can be said of this pair: the machine that checks does not reach the station, whoever calls."""


@dataclass
class CheckResult:
    """Everything that was found."""

    pacs: list[Finding] = field(default_factory=list)
    stations: list[StationResult] = field(default_factory=list)
    pairs: list[PairResult] = field(default_factory=list)
    public: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return (
            all(one.ok or one.warning for one in self.pacs)
            and not any(one.echo or one.move_problem for one in self.stations)
            and not any(one.problem for one in self.pairs)
        )


@dataclass(frozen=True)
class Limits:
    """Seconds for one call, and for one C-MOVE."""

    call: float
    move: float


def check(
    classroom: Classroom,
    public: Sequence[PacsNode],
    password: Secret | None,
    *,
    images: int,
    limits: Limits,
    tell: Tell,
) -> CheckResult:
    """Raises PacsError where the PACS cannot be asked at all (REST unreachable, wrong password)."""
    pacs, stations = the_pacs(classroom), classroom.stations()
    rest = OrthancRest(pacs.rest, pacs.user, password, limits.call)
    result = CheckResult()
    tell("the PACS, by REST")
    result.pacs += _orthanc(classroom, rest)
    node = Node(pacs.ae_title, pacs.host, pacs.port)
    caller = stations[0].ae_title
    called = echo(node, caller, limits.call)
    result.pacs.append(Finding("C-ECHO", called.problem, f"to {pacs.ae_title}, as {caller}"))
    series = sample_series("CT", images)
    tell(f"a test series of {images} images to {len(stations)} stations")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for image in series.images:
                rest.add(image)
            found = find_series(node, caller, series.uid, limits.call)
            problem = found.problem or ("" if found.count == 1 else f"the test series is found {found.count} times")
            result.pacs.append(Finding("C-FIND", problem, "the test series"))

            def station(one: Station) -> StationResult:
                answer = rest.echo(one.modality)
                moved = move_series(node, one.ae_title, series.uid, one.ae_title, limits.move)
                return StationResult(one, answer, moved, images)

            result.stations += pool.map(station, stations)
        finally:
            rest.remove_series(series.uid)
        pairs = [(one, other) for one in stations for other in stations if one is not other]
        tell(f"{len(pairs)} pairs of stations")
        result.pairs += pool.map(lambda pair: _pair(pair[0], pair[1], limits.call), pairs)
        if public:
            tell(f"{len(public)} public nodes")
        result.public += pool.map(lambda one: _public(one, limits.call), public)
    return result


def _orthanc(classroom: Classroom, rest: OrthancRest) -> list[Finding]:
    pacs = the_pacs(classroom)
    system = rest.system()
    problem = ""
    if (system.ae_title, system.dicom_port) != (pacs.ae_title, pacs.port):
        problem = f"it is {system.ae_title} at port {system.dicom_port}, wanted {pacs.ae_title} at {pacs.port}"
    loaded = rest.plugins()
    missing = [one for one in pacs.plugins if one not in loaded]
    wanted = wanted_modalities(classroom)
    known = rest.modalities(wanted)
    findings = [
        Finding("Orthanc", problem, f"{system.version}, {system.name}"),
        Finding("plugins", f"not loaded: {', '.join(missing)}" if missing else "", ", ".join(pacs.plugins)),
        Finding("modalities", "; ".join(known.problems), f"{len(wanted)} as wanted"),
    ]
    if known.extra:
        # A viewer that somebody added harms no station.
        words = f"not in the manifest: {', '.join(known.extra)}"
        findings.append(Finding("more modalities", words, warning=True))
    return findings


def _pair(one: Station, other: Station, limit: float) -> PairResult:
    called = echo(Node(other.ae_title, other.address, other.port), one.ae_title, limit)
    if not called.reached:
        return PairResult(one.name, other.name, "", called.problem)
    return PairResult(one.name, other.name, called.problem)


def _public(node: PacsNode, limit: float) -> Finding:
    """Echo, then a query for a series that nobody has."""
    if node.host is None or node.port is None:
        return Finding(node.name, f"its address is not in the manifest, see {node.page}", warning=True)
    where = Node(node.ae_title or "ANY-SCP", node.host, node.port)
    called = echo(where, OWN_TITLE, limit)
    if not called.ok:
        return Finding(node.name, f"C-ECHO: {called.problem}", warning=True)
    found = find_series(where, OWN_TITLE, _NO_SERIES, limit)
    if not found.ok:
        return Finding(node.name, f"C-FIND: {found.problem}", warning=True)
    return Finding(node.name, "", "C-ECHO and C-FIND", warning=True)


