"""The applier alone: what it makes of the agent's events."""

from __future__ import annotations

from typing import Any

import pytest

from winbake.engine.apply import Applier, StepEvent
from winbake.engine.plan import Item, Plan, Step
from winbake.engine.record import RunRecord
from winbake.resources.model import Change, Decision, Identity, Operation
from winbake.resources.state import System
from winbake.resources.wish import Wish

STEPS = (
    Step("o1", 0, Operation("download", {"path": "x"}, "download thing")),
    Step("o2", 0, Operation("installer", {"file": "x"}, "tool thing 1"), ("o1",)),
    Step("o3", 1, Operation("registry", {}, "setting after")),
)


def applier(seen: list[StepEvent]) -> Applier:
    change = Decision((Change("install", "version", None, "1"),))
    items = (Item(Identity("tool", "thing"), change), Item(Identity("setting", "after"), change))
    plan = Plan("master", System(), items, STEPS)
    no_session: Any = None
    return Applier(no_session, plan, Wish(()), STEPS, RunRecord("master", "apply", None), seen.append)


def event(kind: str, step: str, **data: Any) -> dict[str, Any]:
    return {"nonce": "n", "event": kind, "id": step, "seconds": 1.0, **data}


@pytest.mark.parametrize("code", [-1073741510, 0xC000013A])
def test_an_installer_that_ctrl_c_ended_is_half_done_and_not_failed(code: int) -> None:
    one = applier([])
    one._on_event(event("started", "o2"))
    one._on_event(event("failed", "o2", message=f"installer exit {code}", exit_code=code))
    assert one.outcome.failed == {}
    assert one.outcome.half_done == ["o2"]
    assert one.outcome.cut == "ended by Ctrl-C"
    assert not one.outcome.ok


def test_an_exit_code_is_put_into_words() -> None:
    one = applier([])
    one._on_event(event("failed", "o2", message="installer exit 1603", exit_code=1603, log="C:\\l", log_tail=["why"]))
    assert one.outcome.failed == {"o2": "installer exit 1603 (fatal error during installation)"}
    assert one.outcome.log_tails["o2"] == ("C:\\l", ("why",))


def test_after_a_restart_the_downloads_of_what_is_left_are_fetched_again() -> None:
    one = applier([])
    one._on_event(event("done", "o1", bytes=1))
    assert [step.id for step in one._left()] == ["o1", "o2", "o3"]
    one._on_event(event("done", "o2"))
    assert [step.id for step in one._left()] == ["o3"]
