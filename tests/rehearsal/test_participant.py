"""roles/participant: the account that participants log on with, and where its password is not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from bake_stage import PROJECT, Stage

from winbake.rehearsal.windows.process import Process

CANARY = "Hush-Canary-5w!"
TAGS = ("--tags", "participant")


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """The inventory reads the password as the project's own does."""
    stage = make_stage()
    inventory = yaml.safe_load((PROJECT / "inventory.yaml").read_text(encoding="utf-8"))
    lookup = inventory["all"]["vars"]["participant_password"]
    stage.change_inventory(lambda host: host.update(participant_password=lookup))
    return stage


def test_the_password_is_the_variables_and_nowhere_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINBAKE_PARTICIPANT_PASSWORD", CANARY)
    lines: list[str] = []
    add = stage.host.processes.add

    def note(process: Process) -> Any:
        lines.append(process.command_line)
        return add(process)

    monkeypatch.setattr(stage.host.processes, "add", note)
    planned = stage.plan(*TAGS, "-o", "plan.json")
    applied = stage.run("apply", "plan.json")
    assert applied.code == 0, applied.text
    user = stage.host.accounts.check_logon("participant", CANARY)
    for group in ("S-1-5-32-544", "S-1-5-32-555"):
        assert user.sid in stage.host.accounts.must_group(group).members
    assert CANARY not in planned.text + applied.text
    assert len(lines) >= 2 and CANARY not in "".join(lines)
    stage.assert_not_written(CANARY)


def test_without_the_variable_nothing_is_touched_and_it_is_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WINBAKE_PARTICIPANT_PASSWORD", raising=False)
    ran = stage.apply()
    assert ran.code == 1
    assert "set the environment variable WINBAKE_PARTICIPANT_PASSWORD" in ran.text
    assert stage.host.accounts.user("participant") is None
    stage.assert_no_tool("7-Zip")
    stage.bake("--tags", "7zip")


def test_a_later_run_neither_needs_the_variable_nor_changes_the_password(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBAKE_PARTICIPANT_PASSWORD", CANARY)
    stage.bake(*TAGS)
    monkeypatch.setenv("WINBAKE_PARTICIPANT_PASSWORD", "Another-9t!")
    stage.assert_nothing_to_change(*TAGS)
    monkeypatch.delenv("WINBAKE_PARTICIPANT_PASSWORD")
    stage.assert_nothing_to_change(*TAGS)
    assert stage.host.accounts.check_logon("participant", CANARY).name == "participant"


def test_a_password_in_the_middle_of_a_text_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINBAKE_PARTICIPANT_PASSWORD", CANARY)
    task = {"name": "Leak", "ansible.windows.win_copy": {"content": "pw={{ participant_password }}", "dest": "C:\\a"}}
    stage.write_tasks([task])
    ran = stage.plan()
    assert ran.code == 1
    assert "a password cannot be a part of a text" in ran.text and CANARY not in ran.text
