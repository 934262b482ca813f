"""What a project has in AWS, as lines by kind and as JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from winbake.aws.costs import Costs, plural
from winbake.aws.holdings import Holding, Kind, Unread
from winbake.cli.screen import marked, room, shortened

_NAME, _LEAST_NAME = 1, 12
"""The column that gives way on a narrow screen, and how much of it stays."""
_NAMED_ONCE = (Kind.KEY_FILE, Kind.MEDIA)
"""Kinds whose id says it all."""


def show_holdings(screen: Console, found: Sequence[Holding], costs: Costs, mark: str = "·") -> None:
    """A heading a kind, a line a thing: id, name, what it is, since when, what it costs."""
    now = datetime.now(UTC)
    for kind in Kind:
        of_kind = [one for one in found if one.kind is kind]
        if not of_kind:
            continue
        screen.print(f"{plural(kind) if len(of_kind) > 1 else kind}".capitalize(), style="bold")
        rows = [_row(one, costs, now) for one in of_kind]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        over = sum(width + 2 for width in widths if width) + 2 - room(screen)
        widths[_NAME] = min(widths[_NAME], max(widths[_NAME] - over, _LEAST_NAME))
        for row in rows:
            cells = [shortened(text, width).ljust(width) for text, width in zip(row, widths, strict=True) if width]
            screen.print(marked(mark, "  ".join(cells).rstrip()))


def _row(one: Holding, costs: Costs, now: datetime) -> tuple[str, ...]:
    size = f"{one.size} GiB" if one.size is not None else ""
    what = " ".join(part for part in (size, one.type, one.state) if part)
    name = "" if one.kind in _NAMED_ONCE or one.name == one.id else one.name
    return (one.id, name, what, age(one.since, now), costs.in_words(one))


def age(since: datetime | None, now: datetime) -> str:
    """`3 h`, `12 days`; "" where nobody tells."""
    if since is None:
        return ""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def show_point(screen: Console, mark: str, what: str, next_step: str) -> None:
    """What is not as it should be, and the next thing to do; on a terminal broken between words."""
    width = screen.width if screen.is_terminal else sys.maxsize
    lines = textwrap.wrap(f"  {mark} {what}", width, subsequent_indent="    ", break_on_hyphens=False)
    if next_step:
        lines += textwrap.wrap(f"    Next: {next_step}", width, subsequent_indent="      ", break_on_hyphens=False)
    for line in lines:
        screen.print(line)


def show_unread(screen: Console, unread: Iterable[Unread]) -> None:
    for one in unread:
        what = f"{plural(one.kind)} in {one.region} could not be looked at: {one.what}"
        show_point(screen, "✗", what, one.next_step)


def holding_as_json(one: Holding, costs: Costs | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "kind": str(one.kind),
        "id": one.id,
        "name": one.name,
        "region": one.region,
        "state": one.state,
        "since": one.since.isoformat() if one.since else None,
        "type": one.type,
        "gibibytes": one.size,
        "role": one.role,
        "station": one.station,
    }
    return body | {"usd_an_hour": costs.hourly(one)} if costs else body


def unread_as_json(unread: Iterable[Unread]) -> list[dict[str, str]]:
    return [{"kind": str(one.kind), "region": one.region, "reason": one.what, "next": one.next_step} for one in unread]
