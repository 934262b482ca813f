"""Verifies one host: every group's checks, judged by one reading."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from winbake.config.inventory import InventoryHost
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.wish import load_wish
from winbake.hosts.session import AgentSession
from winbake.resources.from_manifest import filled_tools
from winbake.verify.checks import Outcome, Status, outcome_of
from winbake.verify.generated import Group, groups, participant
from winbake.verify.reading import Question, read
from winbake.verify.station import station_group


@dataclass(frozen=True)
class Wanted:
    """What is to be checked on one host, and as whom programs are looked up."""

    groups: Sequence[Group]
    account: str

    @property
    def count(self) -> int:
        return sum(len(group.checks) for group in self.groups)


@dataclass(frozen=True)
class Verdict:
    """One check of one host."""

    subject: str
    title: str
    outcome: Outcome


@dataclass(frozen=True)
class Verified:
    """What a verification found. broken: why the reading ended early, "" if it did not. seconds: how long it took."""

    host: str
    verdicts: tuple[Verdict, ...]
    account: str
    seconds: float
    broken: str = ""

    def of(self, status: Status) -> list[Verdict]:
        return [one for one in self.verdicts if one.outcome.status is status]

    @property
    def counted(self) -> int:
        """All but the skipped ones."""
        return len(self.verdicts) - len(self.of(Status.SKIPPED))

    @property
    def ok(self) -> bool:
        return len(self.of(Status.PASSED)) == self.counted


def wanted_of(project: Project, host: InventoryHost, account: str | None = None) -> Wanted:
    """account: instead of the one that the playbook makes. Raises ConfigError."""
    wish = load_wish(project, host)
    shared, document = load_manifest(project.manifest)
    manifest = shared.for_host(host.variables)
    made = groups(manifest, filled_tools(manifest, document), wish)
    own = station_group(host.variables)
    return Wanted([*made, own] if own else made, participant(wish) if account is None else account)


def verify_host(session: AgentSession, name: str, wanted: Wanted) -> Verified:
    """One call to the host. Raises HostError and AgentFailed if it said nothing at all."""
    began = time.monotonic()
    reading = read(session, questions_of(wanted.groups), wanted.account)
    verdicts = []
    for group in wanted.groups:
        rule = group.installed if group.optional else None
        missing = rule is not None and outcome_of(rule, reading.answers).absent
        for check in group.checks:
            skipped = Outcome(Status.SKIPPED, "optional, and not installed")
            outcome = skipped if missing else outcome_of(check, reading.answers)
            verdicts.append(Verdict(check.subject, check.title, outcome))
        verdicts += [Verdict(group.subject, title, Outcome(Status.SKIPPED, why)) for title, why in group.left_out]
    broken = reading.broken.what if reading.broken else ""
    return Verified(name, tuple(verdicts), wanted.account, round(time.monotonic() - began, 1), broken)


def questions_of(those: Iterable[Group]) -> list[Question]:
    """Each once. Commands come last: what is quick to read is there even if the host goes in the middle of them."""
    asked = dict.fromkeys(q for group in those for check in group.checks for q in check.questions())
    return sorted(asked, key=lambda question: question.kind == "command")
