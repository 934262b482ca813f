"""Run records as one HTML page that needs nothing else: no network, no other file, no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from winbake import __version__
from winbake.report.run_record import Run
from winbake.report.views import Checks, Timeline, checks_of, duration, timeline_of

MOST_OUTPUT = 20_000
"""Characters of one command's output that the page shows."""


@dataclass(frozen=True)
class Section:
    """One run on the page."""

    number: int
    run: Run
    checks: Checks | None
    timeline: Timeline | None


def html_report(runs: Sequence[Run]) -> str:
    """The first run gives the page its title."""
    script, style = (files("winbake.report").joinpath("templates", name).read_text("utf-8") for name in _PARTS)
    sections = [
        Section(number, run, checks_of(run) if run.checks else None, timeline_of(run))
        for number, run in enumerate(runs, 1)
    ]
    environment = Environment(
        loader=PackageLoader("winbake.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "cut": _cut, "printable": printable}
    return environment.get_template("report.html.j2").render(
        sections=sections,
        version=__version__,
        script=Markup(script),
        style=Markup(style),
        script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
    )


_PARTS = ("report.js.j2", "report.css.j2")


def _cut(text: str) -> str:
    if len(text) <= MOST_OUTPUT:
        return text
    return f"{text[:MOST_OUTPUT]}\n… {len(text) - MOST_OUTPUT} more characters are in the run record"


def printable(text: str) -> str:
    """Control characters as their pictures: what a program prints must not change how the rest reads."""
    return "".join(_picture(one) for one in text)


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
"""Characters that turn the direction of what follows (Unicode 9, bidirectional control)."""


def _picture(one: str) -> str:
    if one in "\n\t":
        return one
    if ord(one) < 32:
        return chr(0x2400 + ord(one)) if one != "\r" else ""
    return "�" if one in _TURNS or 0x7F <= ord(one) < 0xA0 or 0xD800 <= ord(one) < 0xE000 else one
