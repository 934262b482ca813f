"""What an apply shows while it runs, several steps at once."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from winbake.cli.progress import ApplyView
from winbake.engine.apply import StepEvent
from winbake.engine.plan import Item, Plan, Step
from winbake.resources.model import Decision, Identity, Operation
from winbake.resources.state import System

ITEMS = tuple(Item(Identity("tool", name), Decision()) for name in ("chrome", "orthanc", "postman"))
CHROME = Step("o1", 0, Operation("msi", {}, "tool chrome 152.0", 600))
ORTHANC = Step("o2", 1, Operation("installer", {}, "tool orthanc 25.8.1", 900))
POSTMAN = Step("o3", 2, Operation("download", {}, "download postman", 3600))
OTHER = Step("o4", 1, Operation("download", {}, "download orthanc", 3600))
STEPS = (CHROME, ORTHANC, POSTMAN, OTHER)


def drawn(view: ApplyView, width: int = 100) -> list[str]:
    out = Console(width=width, file=io.StringIO(), legacy_windows=False)
    out.print(view._picture())
    assert isinstance(out.file, io.StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def started(width: int = 100, several: bool = False) -> tuple[ApplyView, Console]:
    screen = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None, legacy_windows=False)
    view = ApplyView(screen, several=several)
    view.__enter__()
    view.begin(Plan("master", System(), ITEMS, STEPS), STEPS)
    return view, screen


def tell(view: ApplyView, *events: tuple[str, Step, float, dict[str, Any]]) -> None:
    for kind, step, seconds, data in events:
        view.event("master", StepEvent(kind, step, seconds, data))


def test_each_step_under_way_has_a_line_and_the_downloads_share_one() -> None:
    view, _ = started()
    tell(view, *[("started", step, 0.0, {}) for step in STEPS])
    tell(view, ("progress", CHROME, 65.0, {}), ("progress", POSTMAN, 4.0, {"bytes": 45_000_000}))
    lines = drawn(view)
    view.__exit__(None, None, None)
    assert "master" in lines[0] and "0/4" in lines[0]
    assert lines[1:] == [
        f"    tool           {'chrome 152.0':<46} 1:05 of at most 10:00",
        "    tool           orthanc 25.8.1",
        "    download       postman 45.0 MB, orthanc",
    ]


def test_what_has_ended_leaves_the_bottom_of_the_screen_and_stands_above_it() -> None:
    view, screen = started()
    tell(view, ("started", CHROME, 0.0, {}), ("started", ORTHANC, 0.0, {}))
    tell(view, ("done", CHROME, 30.0, {}), ("failed", ORTHANC, 9.0, {"message": "installer exit 1"}))
    lines = drawn(view)
    view.__exit__(None, None, None)
    assert len(lines) == 1 and "2/4" in lines[0]
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert text.index("✓ tool           chrome 152.0") < text.index("✗ tool           orthanc 25.8.1")


def test_a_narrow_screen_cuts_a_line_and_wraps_none() -> None:
    view, _ = started(width=40)
    tell(view, *[("started", step, 0.0, {}) for step in STEPS])
    tell(view, ("progress", CHROME, 65.0, {}))
    lines = drawn(view, 40)[1:]
    view.__exit__(None, None, None)
    assert len(lines) == 3 and max(map(len, lines)) <= 40


def test_of_several_hosts_each_has_one_line_with_what_runs_in_short() -> None:
    view, _ = started(width=140, several=True)
    tell(view, *[("started", step, 0.0, {}) for step in (POSTMAN, OTHER, CHROME, ORTHANC)])
    lines = drawn(view, 140)
    view.__exit__(None, None, None)
    assert len(lines) == 1
    assert lines[0].endswith("chrome 152.0, orthanc 25.8.1 and 2 more")


def test_a_step_of_several_parts_shows_the_one_at_hand_and_counts_once() -> None:
    view, screen = started()
    part = {"text": "installing KB9900002 (1 of 2)", "percent": 25}
    tell(view, ("started", CHROME, 0.0, {}), ("progress", CHROME, 65.0, part))
    assert drawn(view)[1] == f"    tool           {'installing KB9900002 (1 of 2), 25 %':<46} 1:05 of at most 10:00"
    tell(view, *[("done", CHROME, 70.0, {"installed": ["KB9900002"], "restart_owed": True})] * 2)
    assert "1/4" in drawn(view)[0]
    view.__exit__(None, None, None)
    assert isinstance(screen.file, io.StringIO)
    assert "1 installed, a restart is" in screen.file.getvalue()
