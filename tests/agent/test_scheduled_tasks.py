"""Scheduled tasks: read, made, changed, disabled, removed, on the simulated host."""

from __future__ import annotations

from typing import Any

from agent_stage import Stage

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.tasks import Action, Task, Trigger

FOLDER = r"\Microsoft\Windows\Server Manager"


def definition(**given: Any) -> dict[str, Any]:
    return {"highest": None, "limit": None, "description": None, "actions": None, "triggers": None, **given}


def change(stage: Stage, name: str, path: str = "\\", **given: Any) -> None:
    stage.do("scheduled_task", name=name, path=path, **{"present": True, "enabled": None, "definition": None, "user": None, **given})


def test_what_windows_brings_is_read(stage: Stage) -> None:
    assert stage.ask("scheduled_task", path=FOLDER.upper(), name="servermanager") == {
        "exists": True, "enabled": True, "user": "Administrators", "highest": True, "limit": "PT72H", "description": "",
        "actions": [{"path": r"%windir%\system32\ServerManagerLauncher.exe", "arguments": "", "directory": ""}],
        "other_actions": 0, "triggers": [{"type": "logon", "enabled": True, "delay": ""}],
    }  # fmt: skip


def test_a_task_or_folder_that_is_not_there(stage: Stage) -> None:
    assert stage.ask("scheduled_task", path=r"\No\Such", name="T") == {"exists": False}
    assert stage.ask("scheduled_task", path="\\", name="T") == {"exists": False}


def test_a_trigger_of_another_kind_is_its_number(stage: Stage, host: WindowsHost) -> None:
    host.tasks.register(Task("T", actions=[Action("a.exe")], triggers=[Trigger("daily", enabled=False)]))
    assert stage.ask("scheduled_task", path="\\", name="T")["triggers"] == [{"type": "2", "enabled": False, "delay": ""}]


def test_disabling_touches_nothing_else(stage: Stage, host: WindowsHost) -> None:
    before = stage.ask("scheduled_task", path=FOLDER, name="ServerManager")
    change(stage, "ServerManager", FOLDER, enabled=False)
    assert stage.ask("scheduled_task", path=FOLDER, name="ServerManager") == {**before, "enabled": False}
    change(stage, "ServerManager", FOLDER, enabled=True)
    assert stage.ask("scheduled_task", path=FOLDER, name="ServerManager") == before


def test_a_task_is_made_and_its_program_runs_as_system_at_the_next_start(stage: Stage, host: WindowsHost) -> None:
    wanted = definition(
        highest=True, limit="PT5M", description="Writes who it is",
        actions=[{"path": "cmd.exe", "arguments": "/c whoami > who.txt", "directory": "C:\\"}],
        triggers=[{"type": "boot", "enabled": True, "delay": "PT5S"}, {"type": "logon", "enabled": False, "delay": ""}],
    )  # fmt: skip
    change(stage, "Who", r"\Workshop\Own", user="SYSTEM", logon_type=5, definition=wanted, enabled=True)
    assert stage.ask("scheduled_task", path=r"\workshop\own", name="who") == {
        "exists": True, "enabled": True, "user": "SYSTEM", "highest": True, "limit": "PT5M", "description": "Writes who it is",
        "actions": [{"path": "cmd.exe", "arguments": "/c whoami > who.txt", "directory": "C:\\"}], "other_actions": 0,
        "triggers": [{"type": "boot", "enabled": True, "delay": "PT5S"}, {"type": "logon", "enabled": False, "delay": ""}],
    }  # fmt: skip
    host.reboot()
    for _ in range(600):
        if host.files.is_file(r"C:\who.txt") and host.files.read(r"C:\who.txt"):
            break
        host.clock.sleep(1)
    assert host.files.read(r"C:\who.txt").strip() == rb"nt authority\system"


def test_a_change_leaves_the_rest_of_the_definition(stage: Stage) -> None:
    change(stage, "T", user="SYSTEM", logon_type=5, definition=definition(actions=[{"path": "a.exe", "arguments": "", "directory": ""}]))
    change(stage, "T", user="LOCAL SERVICE", logon_type=5, definition=definition(limit="PT1H"))
    answer = stage.ask("scheduled_task", path="\\", name="T")
    assert (answer["user"], answer["limit"], answer["actions"][0]["path"]) == ("LOCAL SERVICE", "PT1H", "a.exe")


def test_a_removed_task_takes_its_empty_folder_along(stage: Stage, host: WindowsHost) -> None:
    change(stage, "T", r"\Gone", user="SYSTEM", logon_type=5, definition=definition(actions=[{"path": "a.exe", "arguments": "", "directory": ""}]))
    stage.do("scheduled_task", path=r"\Gone", name="T", present=False)
    assert host.tasks.folder(r"\Gone") is None
    assert stage.refuse("scheduled_task", path=r"\Gone", name="T", present=False)["message"]


def test_a_task_that_windows_refuses_is_a_failure_with_its_code(stage: Stage) -> None:
    event = stage.refuse("scheduled_task", path="\\", name="T", present=True, enabled=None, user="SYSTEM", logon_type=5, definition=definition())
    assert "0x80041319" in event["message"]
