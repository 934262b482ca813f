"""Run records as Markdown, for a wiki or an e-mail. What hosts printed is quoted, never taken as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from winbake.report.page import printable
from winbake.report.run_record import Run
from winbake.report.views import MARKS, Checks, checks_of, duration, timeline_of

_STATES = {"ok": "✓", "failed": "✗", "unfinished": "!"}
_LONGEST = 10
"""Steps that are named with their time."""


def markdown_report(runs: Sequence[Run]) -> str:
    return "\n".join(line for run in runs for line in _section(run)) + "\n"


def _section(run: Run) -> Iterable[str]:
    yield f"# {_STATES[run.state]} {_text(run.verb)} of {_text(run.of)}: {_text(run.result)}\n"
    began = run.at.strftime("%Y-%m-%d %H:%M:%S %Z") if run.at else "at a time that is not known"
    yield f"Run `{run.name}`, began {began}, took {duration(run.seconds)}, winbake {_text(run.winbake)}.\n"
    if run.rehearsal:
        yield "Rehearsal: a simulated host.\n"
    for words in run.partial:
        yield f"**Partial report:** {_text(words)}.\n"
    if run.checks:
        yield from _checks(checks_of(run))
    for step in run.failed_steps:
        yield f"- ✗ **{_text(step.title)}**: {_text(step.failure)}\n"
        yield from _quoted("\n".join(step.log))
    if run.cut:
        yield f"- ✗ the run was cut: {_text(run.cut)}\n"
    for one in run.differs:
        yield f"- ✗ not proved: {_text(one)} still differs\n"
    line = timeline_of(run)
    if line is not None:
        yield "## What took longest\n"
        longest = sorted(run.steps.values(), key=lambda one: one.host_seconds, reverse=True)[:_LONGEST]
        yield from _table(["What", "Host's time"], [[_text(one.title), duration(one.host_seconds)] for one in longest])
    if run.changes:
        yield "## Plan and changes\n"
        rows = [[one.resource, one.mark, one.property, f"{one.old} → {one.new}", one.reason] for one in run.changes]
        yield from _table(["Resource", "Action", "Property", "Old → new", "Why"], [[_text(t) for t in r] for r in rows])


def _checks(checks: Checks) -> Iterable[str]:
    yield f"{checks.passed} of {checks.counted} checks passed.\n"
    rows = []
    for one in checks.hosts:
        words = "✓ passed" if one.ok else "✗ not right"
        counts = [str(one.count(status)) for status in MARKS]
        rows.append([_text(one.host), words, *counts])
    yield from _table(["Host", "Result", *MARKS], rows)
    wrong = [row for row in checks.rows if not row.right]
    if wrong and len(checks.hosts) > 1:
        yield "## Checks that did not pass everywhere\n"
        yield "✓ passed, ✗ failed, – skipped, ? not read\n"
        body = [[_text(row.title), *(cell.mark for cell in row.cells)] for row in wrong]
        yield from _table(["Check", *(_text(one.host) for one in checks.hosts)], body)
    if checks.failures:
        yield "## What is not right\n"
    for failure in checks.failures:
        wanted = f", wanted {_text(failure.wanted)}" if failure.wanted else ""
        yield f"- ✗ **{_text(', '.join(failure.hosts))}** {_text(failure.title)}: {_text(failure.found)}{wanted}\n"
        yield from _quoted(failure.output)
    if checks.versions:
        yield "## Versions installed\n"
        everywhere = len(checks.hosts)
        rows = []
        for version in checks.versions:
            for words, on in version.found:
                where = f"all {everywhere}" if len(on) == everywhere > 1 else ", ".join(on)
                rows.append([_text(version.tool), _text(words), _text(where)])
        yield from _table(["Tool", "Version", "On"], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _text(text: str) -> str:
    """On one line, with everything that Markdown or HTML would take as a mark escaped."""
    flat = re.sub(r"\s+", " ", printable(text)).strip()
    flat = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", flat)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> Iterable[str]:
    """A code block whose fence is longer than any in the text, indented into its list item."""
    if not text.strip():
        return
    longest = max((len(one) for one in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    for line in (fence, *printable(text).splitlines(), fence):
        yield f"  {line}"
    yield ""
