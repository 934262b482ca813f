"""Which stations `clones` means: ranges, wildcards, counts, and a time of day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from winbake.cli.station_board import ranges
from winbake.cli.station_choice import chosen, counted, until
from winbake.config.classroom import Classroom
from winbake.engine.errors import EngineError

NAMES = [f"ws{n:02}" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [
        (None, NAMES),
        ("ws03,ws05-ws07", ["ws03", "ws05", "ws06", "ws07"]),
        ("ws1*", ["ws10", "ws11", "ws12"]),
        ("WS02 , ws01", ["ws01", "ws02"]),
    ],
)
def test_a_limit_leaves_names_ranges_and_wildcards(limit: str | None, wanted: list[str]) -> None:
    assert chosen(limit, NAMES) == wanted


def test_names_with_hyphens_have_ranges_too() -> None:
    assert chosen("lab-1-lab-3", ["lab-1", "lab-2", "lab-3", "lab-4"]) == ["lab-1", "lab-2", "lab-3"]


def test_a_station_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(EngineError, match="there is no station ws99"):
        chosen("ws01,ws99", NAMES)


def test_until_is_the_next_time_that_the_clock_shows_this() -> None:
    now = datetime(2026, 11, 24, 9, 58).astimezone()
    at = until("18:00", now)
    assert at == now.replace(hour=18, minute=0)
    assert until("9:30", now) == now.replace(hour=9, minute=30) + timedelta(days=1)
    assert until(None) is None


@pytest.mark.parametrize("text", ["18", "25:00", "6pm", "18:60"])
def test_what_is_no_time_of_day_is_an_error(text: str) -> None:
    with pytest.raises(EngineError, match="is no time of day"):
        until(text)


def test_a_count_is_checked_as_the_manifests_own() -> None:
    assert len(counted(Classroom(), 7).stations()) == 7
    with pytest.raises(EngineError, match="at most 16"):
        counted(Classroom(count=1, ae_title="WORKSHOP-STATION{n}".replace("STATION", "STATIO")), 10)


def test_neighbours_are_said_as_a_range() -> None:
    assert ranges(["ws03", "ws01", "ws02", "ws07"]) == "ws01-ws03, ws07"
