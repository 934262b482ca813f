"""The last step before the image is taken: what baking left is gone, and the way in is closed."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bake_stage import Stage, ctrl_c_when

from winbake.engine.closing import ClosingWait
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.listeners import Listener
from winbake.resources.lockdown import TASK

PLAYBOOK = ("-p", "playbooks/lockdown.yml")
CANARY = "Canary-4711-Nest!"
TYPED = "Typed-0815-Canary!"
"""A password that winbake is never told: it lies on the host because somebody typed it there."""


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.engine.closing.ClosingWait", lambda: ClosingWait(limit=20, pause=0.1, connect=2))


def bake_as(stage: Stage, user: str) -> None:
    """The bake has an account of its own, as user data may make one."""
    stage.host.accounts.add_user(user, CANARY)
    stage.host.accounts.add_member("Administrators", user)
    stage.host.registry.write(
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System", "LocalAccountTokenFilterPolicy", 1
    )
    stage.change_inventory(lambda host: host.update(ansible_user=user, ansible_password=CANARY))


def litter(host: WindowsHost) -> None:
    """What a bake and the person at it leave."""
    host.files.write(r"C:\Windows\Temp\setup.log", b"log")
    host.files.make_directory(r"C:\Users\Administrator\AppData\Local\Temp\7z")
    host.files.write(r"C:\Users\Administrator\AppData\Local\Temp\7z\x.bin", b"x")
    host.files.make_directory(r"C:\ProgramData\winbake\media")
    host.files.write(r"C:\ProgramData\winbake\media\viewer.exe", b"MZ")
    history = r"C:\Users\Administrator\AppData\Roaming\Microsoft\Windows\PowerShell\PSReadLine"
    host.files.make_directory(history)
    host.files.write(history + r"\ConsoleHost_history.txt", f"net user x {TYPED}".encode())
    winlogon = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"
    host.registry.write(winlogon, "DefaultPassword", TYPED)


def refuses(stage: Stage) -> bool:
    try:
        socket.create_connection(("127.0.0.1", stage.one.port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False


def found_in_state(host: WindowsHost, word: str) -> list[str]:
    """Every file, key, value and task of the host that names or holds the word, without looking at case; the mark by
    which a stand-in's program is known does not count."""
    low = word.lower()
    found = []
    for entry in host.files.walk("C:\\"):
        data = b"" if entry.is_directory else host.files.read(entry.full_path).lower()
        if low in entry.full_path.lower() or low.encode() in data.replace(b"winbake-stand-in", b""):
            found.append(entry.full_path)
    found += [text for text in _texts(host.registry.state()) if low in text.lower()]
    found += [text for text in _texts([host.tasks.dump(), host.tasks.dump_folders()]) if low in text.lower()]
    return found


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    else:
        yield str(node)


def test_a_baked_host_is_locked_down_by_its_own_account_and_nothing_of_the_bake_is_left(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage()
    bake_as(stage, "baker")
    stage.bake()
    litter(stage.host)
    thumbprint = stage.one.endpoint.certificate.thumbprint

    planned = stage.plan(*PLAYBOOK)
    assert planned.code == 2, planned.text
    for words in ("account baker → gone", "HTTPS *:5986 → gone", "WinRM over HTTPS → gone", "CN="):
        assert words in planned.text
    assert "firefox" not in planned.text.lower(), "the playbook goes without the manifest's tools"

    ran = stage.apply(*PLAYBOOK)
    assert ran.code == 0, ran.text
    assert "Scheduled, not proved by facts: master removes by itself: account baker" in ran.text
    assert "master: locked down: its port no longer answers" in ran.text

    host = stage.host
    assert refuses(stage)
    stage.wait_for(lambda: host.tasks.get(TASK) is None, "the task's end")
    assert host.listeners.get("HTTPS") is None
    assert host.certificates.thumbprints() == [] and not host.certificates.has_key(thumbprint)
    assert host.accounts.user("baker") is None and not host.files.exists(r"C:\Users\baker")
    assert host.accounts.user("Administrator") is not None
    assert [e.full_path for e in host.files.list(r"C:\Windows\Temp")] == []
    assert found_in_state(host, CANARY) == []
    assert found_in_state(host, TYPED) == []
    left = [text for text in found_in_state(host, "winbake") if not text.startswith(r"C:\Windows\Installer")]
    # docs/lockdown.md, what stays: the ids of the image's own firewall rules, and where Windows Installer says that a
    # package came from.
    assert {re.sub("^winbake-.*", "winbake-", text) for text in left} == {"winbake-", "C:\\ProgramData\\winbake\\cache\\"}
    stage.assert_not_written(CANARY, but=("lab.yaml",))
    stage.assert_not_written(TYPED)
    assert TYPED not in planned.text + ran.text, "what an automatic logon would have used is shown to nobody"


def test_afterwards_plan_says_that_the_host_was_locked_down(stage: Stage) -> None:
    before = stage.plan(*PLAYBOOK)
    assert before.code == 2
    stage.bake(*PLAYBOOK)
    for arguments in ((), PLAYBOOK):
        ran = stage.plan(*arguments)
        assert ran.code == 1
        assert "master was locked down" in ran.text
        assert "runs" in ran.text
    (error,) = stage.plan("--json").json["errors"]
    assert "was locked down" in error["error"]
    assert "master was locked down" in stage.run("doctor").text


def test_a_host_that_nobody_locked_down_is_not_said_to_be(stage: Stage) -> None:
    stage.host.listeners.remove(Listener("HTTPS"))
    ran = stage.plan()
    assert ran.code == 1
    assert "locked down" not in ran.text


def test_without_the_listener_a_second_lockdown_changes_nothing(stage: Stage) -> None:
    litter(stage.host)
    ran = stage.apply(*PLAYBOOK, "--skip", "listener")
    assert ran.code == 0, ran.text
    assert "Scheduled" not in ran.text
    stage.assert_nothing_to_change(*PLAYBOOK, "--skip", "listener")
    assert not refuses(stage)


def test_a_closing_that_fails_is_said(stage: Stage) -> None:
    """A profile that stays in use holds the closing up; the port answers on, and the run does not call that a success."""
    bake_as(stage, "baker")
    stage.host.logon("baker", CANARY)
    stage.host.add_resident(r"C:\Windows\System32\cmd.exe", 0, stage.host.accounts.token("baker"))
    ran = stage.apply(*PLAYBOOK, "--tags", "listener")
    assert ran.code == 1
    assert "master: its port still answers after" in ran.text
    assert "Next:" in ran.text
    record = [line for line in stage.records() if line["line"] == "locked_down"]
    assert record[0]["closed"] is False
    assert "was locked down" not in stage.plan().text


def test_who_does_not_wait_is_not_told_that_it_is_closed(stage: Stage) -> None:
    path = stage.root / "playbooks" / "lockdown.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  vars:\n", "  vars:\n    lockdown_delay: 3600\n"), encoding="utf-8")
    with ctrl_c_when(lambda: stage.host.tasks.get(TASK) is not None and not stage.one.endpoint.shells):
        ran = stage.apply(*PLAYBOOK)
    assert ran.code == 130
    assert "ended by Ctrl-C" in ran.text
    assert not refuses(stage)


def test_what_was_proved_and_what_was_only_scheduled_is_in_the_json(stage: Stage) -> None:
    ran = stage.apply(*PLAYBOOK, "--json")
    (one,) = ran.json["hosts"]
    assert one["ok"] is True
    assert one["proof"]["scheduled"][0]["id"] == "lockdown winrm"
    assert one["locked_down"]["closed"] is True


def test_a_closing_over_http_is_proved_by_reading_once_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.engine.closing.ClosingWait", lambda: ClosingWait(limit=4, pause=0.1, connect=2))
    stage.change_inventory(
        lambda host: host.update(ansible_port=stage.one.endpoint.http_port, ansible_winrm_scheme="http")
    )
    ran = stage.apply(*PLAYBOOK)
    assert ran.code == 0, ran.text
    assert "facts read again, all of it is gone" in ran.text
    stage.assert_nothing_to_change(*PLAYBOOK)


def test_over_http_nobody_can_read_the_rest_once_the_account_is_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winbake.engine.closing.ClosingWait", lambda: ClosingWait(limit=4, pause=0.1, connect=2))
    bake_as(stage, "baker")
    stage.change_inventory(
        lambda host: host.update(ansible_port=stage.one.endpoint.http_port, ansible_winrm_scheme="http")
    )
    ran = stage.apply(*PLAYBOOK)
    assert ran.code == 1
    assert "the account is gone, so nobody can read the rest" in ran.text


def test_another_host_of_the_same_name_is_not_said_to_be_locked_down(stage: Stage) -> None:
    """A rehearsal's master and the real one share a name and a folder of run records."""
    stage.bake(*PLAYBOOK)
    port = stage.one.endpoint.http_port
    stage.one.endpoint.stop()
    stage.change_inventory(lambda host: host.update(ansible_port=port))
    ran = stage.plan()
    assert ran.code == 1
    assert "locked down" not in ran.text


def test_the_closing_comes_last_wherever_its_task_stands(stage: Stage) -> None:
    closing = {"name": "Close", "winbake.windows.win_lockdown": {"delay": 60}}
    folder = {"name": "Data", "ansible.windows.win_file": {"path": r"C:\Data", "state": "directory"}}
    stage.only_tools()
    stage.write_tasks([closing, folder])
    planned = stage.plan()
    assert "afterwards winbake cannot reach this host any more" in planned.text
    kinds = [step["kind"] for step in stage.plan("--json").json["hosts"][0]["steps"]]
    assert kinds == ["directory", "scheduled_task"]
