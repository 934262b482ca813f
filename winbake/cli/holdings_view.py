"""What a project has in AWS, as lines by kind and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from winbake.aws.costs import Costs, plural
from winbake.aws.holdings import Holding, Kind, Unread
from winbake.cli.screen import marked, room, shortened

_NAME = 34
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
        for row in rows:
            cells = [text.ljust(width) for text, width in zip(row, widths, strict=True) if width]
            screen.print(marked(mark, shortened("  ".join(cells).rstrip(), max(room(screen) - 4, 40))))


def _row(one: Holding, costs: Costs, now: datetime) -> tuple[str, ...]:
    size = f"{one.size} GiB" if one.size is not None else ""
    what = " ".join(part for part in (size, one.type, one.state) if part)
    name = "" if one.kind in _NAMED_ONCE or one.name == one.id else shortened(one.name, _NAME)
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


def show_unread(screen: Console, unread: Iterable[Unread]) -> None:
    for one in unread:
        screen.print(marked("✗", f"{plural(one.kind)} in {one.region} could not be looked at: {one.what}"))
        if one.next_step:
            screen.print(f"    Next: {one.next_step}")


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
