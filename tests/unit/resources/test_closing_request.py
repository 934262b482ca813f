"""What the closing of the way in is told, and what a plan says while it is only scheduled."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from winbake.config.errors import ConfigError
from winbake.config.playbook import Task
from winbake.resources.from_tasks import wanted_of_tasks
from winbake.resources.lockdown import TASK, Lockdown
from winbake.resources.model import Identity, Query
from winbake.resources.state import State, state_from_facts

WAITING = {
    "exists": True, "enabled": True, "user": "SYSTEM", "highest": True, "limit": "PT10M", "description": "",
    "actions": [], "triggers": [], "other_actions": 0,
}  # fmt: skip


def state(task: dict[str, Any]) -> State:
    listener = {"address": "*", "port": 5986, "thumbprint": "AB12", "subject": "CN=MASTER"}
    access = {"sid": "S-1-5-21-1-2-3-1004", "account": "baker", "listeners": [listener]}
    return state_from_facts(
        [(Query("remote_access"), access), (Query("scheduled_task", {"path": "\\", "name": TASK}), task)]
    )


def test_before_it_is_scheduled_it_is_a_change_like_any_other() -> None:
    decision = Lockdown(Identity("lockdown", "winrm")).decide(state({"exists": False}))
    assert decision.changes and decision.scheduled is None
    assert {change.reason for change in decision.changes} == {"by the host itself, 60 s after the run"}


def test_while_the_task_waits_it_is_scheduled_and_not_right() -> None:
    decision = Lockdown(Identity("lockdown", "winrm")).decide(state(WAITING))
    assert decision.scheduled == "account baker, certificate CN=MASTER AB12, listener HTTPS *:5986"
    assert not decision.right


def test_the_host_is_told_what_was_planned_and_nothing_more() -> None:
    (operation,) = Lockdown(Identity("lockdown", "winrm"), delay=90).decide(state({"exists": False})).operations
    definition = operation.arguments["definition"]
    assert definition["triggers"] == [
        {"type": "registration", "enabled": True, "delay": "PT90S"},
        {"type": "boot", "enabled": True, "delay": ""},
    ]
    encoded = re.search(r"-EncodedCommand (\S+)$", definition["actions"][0]["arguments"])
    assert encoded is not None
    script = base64.b64decode(encoded[1]).decode("utf-16-le")
    request = re.search(r"-Request '([A-Za-z0-9+/=]+)'$", script)
    assert request is not None
    assert json.loads(base64.b64decode(request[1])) == {
        "task": TASK,
        "sid": "S-1-5-21-1-2-3-1004",
        "token_policy": False,
        "listeners": [{"address": "*", "thumbprint": "AB12"}],
        "rules": [],
    }


@pytest.mark.parametrize("path", ["C:", "C:\\", r"C:\*", r"C:\Users\*", r"C:\Windows", r"*\Temp\x", "", r"Windows\Temp\x"])
def test_a_path_that_names_too_much_is_refused(path: str) -> None:
    task = Task("it", "win_empty_folder", {"path": path}, "roles/it/tasks/main.yml", 1, Path())
    with pytest.raises(ConfigError, match="names no folder to empty"):
        wanted_of_tasks((task,), frozenset())
