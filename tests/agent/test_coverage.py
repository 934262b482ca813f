"""Every statement of the agent, and of the script of `verify`, is run by their tests. Runs last; skipped when only some of
them were chosen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from agent_coverage import Tracer, not_run, offsets, saved_name, statements

from winbake import agent
from winbake.rehearsal.powershell.session import Session
from winbake.verify import script

HERE = Path(__file__).parent
VERIFY = HERE / "test_verify_script.py"
PATIENCE = 120.0  # real seconds for the tests that other processes still run

# Statements that no test can reach, each with the reason. This list may only shrink.
ALLOWED: dict[tuple[str, str], str] = {}


def test_every_statement_of_the_agent_is_run(request: pytest.FixtureRequest, coverage_share: Path) -> None:
    mine = [item for item in request.session.items if item.path.parent == HERE and item.path != request.node.path]
    chosen, there = {item.path for item in mine}, set(HERE.glob("test_*.py")) - {request.node.path}
    if chosen != there:
        pytest.skip("only some of the agent's tests were chosen")
    saved = when_there(coverage_share / saved_name(item.nodeid) for item in mine)
    missed = [s for s in not_run(saved) if (s.file, s.text) not in ALLOWED]
    assert not missed, "never run by a test:\n" + "\n".join(map(str, missed))


def test_every_statement_of_the_script_of_verify_is_run(request: pytest.FixtureRequest, coverage_share: Path) -> None:
    mine = [item for item in request.session.items if item.path == VERIFY]
    if len(mine) < VERIFY.read_text(encoding="utf-8").count("\ndef test_"):
        pytest.skip("only some of the tests of verify's script were chosen")
    saved = when_there(coverage_share / saved_name(f"verify {item.nodeid}") for item in mine)
    seen = offsets(saved)
    missed = [node for node in statements(script.source()) if node.start not in seen]
    assert not missed, "never run by a test:\n" + "\n".join(node.text.splitlines()[0] for node in missed)


def when_there(paths: Iterable[Path]) -> list[Path]:
    """What tests have left, also those that other processes still run; after PATIENCE, what there is."""
    wanted = list(paths)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not all(path.exists() for path in wanted):
        time.sleep(0.2)
    return [path for path in wanted if path.exists()]


def test_the_allow_list_names_statements_that_exist() -> None:
    from agent_coverage import wanted

    there = {(s.file, s.text) for s in wanted().values()}
    assert set(ALLOWED) <= there


def test_a_statement_that_is_not_run_is_found() -> None:
    text = "if ($false) { 1 } else { 2 }; foreach ($i in 1..2) { $i }"
    tracer = Tracer(text)
    tracer.start()
    try:
        Session().run_script(text, lambda value: None)
    finally:
        tracer.stop()
    assert {node.text for node in statements(text) if node.start not in tracer.offsets} == {"1"}
    assert agent.source() != text
