"""What `pacs check` found, as a screen of 80 columns shows it, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from winbake.cli.screen import marked
from winbake.cli.station_board import ranges
from winbake.pacs.check import CheckResult, Finding, PairResult

_PER_BLOCK = 20
"""Columns of three characters beside a name of at most 15: less than 80."""


def show(screen: Console, found: CheckResult) -> None:
    for one in found.pacs:
        _finding(screen, one)
    screen.print("\nstation          AE title          C-ECHO from PACS  C-MOVE arrived")
    for row in found.stations:
        echo, move = ("✗" if row.echo else "✓"), ("✗" if row.move_problem else "✓")
        station = row.station
        screen.print(
            f"{station.name:<16} {station.ae_title:<17} {echo:<17} {move} {row.move.count} of {row.sent}"
        )
    _matrix(screen, found)
    _reasons(screen, found)
    if found.public:
        screen.print("\nPublic nodes (a failure is a warning)")
    for one in found.public:
        _finding(screen, one)
    unseen = sum(1 for one in found.pairs if one.not_looked_at)
    right = f"✓ all that was looked at is as wanted, {unseen} pairs were not" if unseen else "✓ everything is as wanted"
    screen.print(right if found.ok else "✗ not everything is as wanted")


def as_json(found: CheckResult) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "pacs": [_finding_as_json(one) for one in found.pacs],
        "stations": [
            {
                "station": one.station.name,
                "ae_title": one.station.ae_title,
                "echo_from_pacs": one.echo or "ok",
                "move": one.move_problem or "ok",
                "arrived": one.move.count,
                "sent": one.sent,
            }
            for one in found.stations
        ],
        "pairs": [{"caller": one.caller, "called": one.called, "echo": _pair_in_words(one)} for one in found.pairs],
        "public": [_finding_as_json(one) for one in found.public],
    }


def _pair_in_words(one: PairResult) -> str:
    return f"not looked at: {one.not_looked_at}" if one.not_looked_at else one.problem or "ok"


def _finding(screen: Console, one: Finding) -> None:
    mark = "✓" if one.ok else "!" if one.warning else "✗"
    screen.print(marked(mark, f"{one.subject}: {one.problem or one.detail}"))


def _finding_as_json(one: Finding) -> dict[str, str]:
    return {"subject": one.subject, "result": one.problem or "ok", "detail": one.detail}


def _matrix(screen: Console, found: CheckResult) -> None:
    """A row is who is called, a column whose AE title calls."""
    if not found.pairs:
        return
    names = [one.station.name for one in found.stations]
    marks = {
        (one.caller, one.called): "?" if one.not_looked_at else "✗" if one.problem else "✓" for one in found.pairs
    }
    screen.print("\nC-ECHO of each pair, sent from this machine with the AE title of the column")
    for start in range(0, len(names), _PER_BLOCK):
        columns = names[start : start + _PER_BLOCK]
        numbers = [f"{start + n + 1:02}"[-2:] for n in range(len(columns))]
        screen.print(f"{'':<16} {' '.join(numbers)}")
        for row in names:
            cells = ("·" if one == row else marks[one, row] for one in columns)
            screen.print(f"{row:<16} {' '.join(f'{cell:<2}' for cell in cells)}".rstrip())


def _reasons(screen: Console, found: CheckResult) -> None:
    """Each reason once, with all whom it concerns."""
    groups: dict[str, list[str]] = {}
    for row in found.stations:
        if row.echo:
            groups.setdefault(f"C-ECHO from the PACS: {row.echo}", []).append(row.station.name)
        if row.move_problem:
            groups.setdefault(f"C-MOVE: {row.move_problem}", []).append(row.station.name)
    pairs: dict[tuple[str, str], list[str]] = {}
    for one in found.pairs:
        if one.problem:
            pairs.setdefault((one.called, one.problem), []).append(one.caller)
    for words, names in groups.items():
        screen.print(marked("✗", f"{_ranges(names)}: {words}"))
    for (called, problem), callers in pairs.items():
        screen.print(marked("✗", f"{called}, called as {_ranges(callers)}: {problem}"))
    unseen = {one.called: one.not_looked_at for one in found.pairs if one.not_looked_at}
    reasons: dict[str, list[str]] = {}
    for called, reason in unseen.items():
        # Without the address the reason is the same for all of them.
        reasons.setdefault(re.sub(r" at \S+", "", reason), []).append(called)
    for reason, stations in reasons.items():
        screen.print(marked("?", f"not looked at, as this machine does not reach {_ranges(stations)}: {reason}"))


def _ranges(names: Iterable[str]) -> str:
    return ranges(list(dict.fromkeys(names)))
