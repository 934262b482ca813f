"""The last step: how the run came in is read, temporary folders are emptied, and the host closes the way in by itself."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from agent_coverage import Tracer, statements
from agent_stage import Stage

from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN
from winbake.rehearsal.windows.certificates import make_certificate
from winbake.rehearsal.windows.files import READ_ONLY
from winbake.rehearsal.windows.firewall import TCP, FirewallRule
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.listeners import Listener
from winbake.resources.lockdown import TASK, Lockdown
from winbake.resources.model import Identity
from winbake.resources.state import state_from_facts

CANARY = "Canary-4711-Nest!"
POLICIES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"


@pytest.fixture
def open_host(host: WindowsHost) -> WindowsHost:
    """With what user data leaves: listener, certificate, firewall rule, an account of its own for the bake."""
    thumbprint = host.certificates.add(make_certificate("MASTER"))
    host.listeners.put(Listener("HTTPS", thumbprint=thumbprint))
    host.firewall.add(FirewallRule("r-1", "WinRM over HTTPS", protocol=TCP, local_ports=("5986",)))
    host.accounts.add_user("baker", CANARY)
    host.accounts.add_member("Administrators", "baker")
    host.registry.write(POLICIES, "LocalAccountTokenFilterPolicy", 1)
    return host


def as_baker(host: WindowsHost) -> Stage:
    return Stage(host, host.logon("baker", CANARY))


def lock_down(stage: Stage, delay: int = 30, account: bool = True) -> str:
    """Plans as winbake does and hands the operation to the agent; the arguments of the task that it left."""
    resource = Lockdown(Identity("lockdown", "winrm"), delay, account)
    queries = list(resource.queries())
    run = stage.run([{"kind": q.kind, "arguments": dict(q.arguments)} for q in queries])
    state = state_from_facts([(q, run.answer(f"q{i}")) for i, q in enumerate(queries)])
    (operation,) = resource.decide(state).operations
    stage.do(operation.kind, **operation.arguments)
    task = stage.host.tasks.get(TASK)
    assert task is not None and task.user == "SYSTEM"
    return task.actions[0].arguments


def wait_for(what: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_how_the_run_came_in(open_host: WindowsHost) -> None:
    (thumbprint,) = open_host.certificates.thumbprints()
    answer = as_baker(open_host).ask("remote_access")
    assert answer["listeners"] == [
        {"address": "*", "port": 5986, "thumbprint": thumbprint, "subject": "CN=MASTER"}
    ]  # fmt: skip
    assert (answer["account"], answer["sid"]) == ("baker", open_host.accounts.must_user("baker").sid)


def test_without_https_there_is_no_listener_to_close(stage: Stage) -> None:
    answer = stage.ask("remote_access")
    assert answer["listeners"] == []
    assert (answer["account"], answer["sid"][-4:]) == ("Administrator", "-500")


def test_a_listener_whose_certificate_is_gone_is_still_named(open_host: WindowsHost, stage: Stage) -> None:
    (thumbprint,) = open_host.certificates.thumbprints()
    open_host.certificates.remove(thumbprint, with_key=True)
    assert stage.ask("remote_access")["listeners"][0]["subject"] == ""


def test_an_account_of_a_domain_is_none_of_this_machine(host: WindowsHost) -> None:
    assert Stage(host, SYSTEM_TOKEN).ask("remote_access")["account"] == ""


def test_the_host_closes_the_way_in_after_the_delay_and_forgets_that_it_did(open_host: WindowsHost) -> None:
    thumbprint = open_host.certificates.thumbprints()[0]
    sid = open_host.accounts.must_user("baker").sid
    lock_down(as_baker(open_host))
    assert open_host.listeners.get("HTTPS") is not None, "the run that says so is not cut"
    wait_for(lambda: open_host.tasks.get(TASK) is None)
    assert open_host.listeners.get("HTTPS") is None
    assert open_host.listeners.get("HTTP") is not None, "Windows' own listener is left alone"
    assert open_host.certificates.thumbprints() == []
    assert not open_host.certificates.has_key(thumbprint)
    assert open_host.firewall.get("r-1") is None
    assert open_host.accounts.user("baker") is None
    assert not open_host.files.exists(r"C:\Users\baker")
    assert open_host.registry.open(rf"HKEY_USERS\{sid}") is None
    assert open_host.registry.read(POLICIES, "LocalAccountTokenFilterPolicy") is None


def test_a_restart_in_between_does_not_keep_it_open(open_host: WindowsHost) -> None:
    lock_down(as_baker(open_host), delay=3600)
    open_host.reboot()
    wait_for(lambda: open_host.tasks.get(TASK) is None)
    assert open_host.listeners.get("HTTPS") is None
    assert open_host.certificates.thumbprints() == []
    assert open_host.accounts.user("baker") is None


def test_a_listener_with_another_certificate_by_then_is_left_alone(open_host: WindowsHost) -> None:
    """A clone whose image was taken too early: its own user data has opened WinRM anew."""
    (old,) = open_host.certificates.thumbprints()
    arguments = lock_down(Stage(open_host), delay=3600)
    new = open_host.certificates.add(make_certificate("WS07"))
    open_host.listeners.put(Listener("HTTPS", thumbprint=new))
    run = open_host.start(f"powershell.exe {arguments}", token=SYSTEM_TOKEN)
    assert run.wait(3600) and run.exit_code == 0, run.stderr.getvalue()
    assert open_host.certificates.thumbprints() == [new]
    found = open_host.listeners.get("HTTPS")
    assert found is not None and found.thumbprint == new
    assert not open_host.certificates.has_key(old)


def test_the_built_in_administrator_stays(open_host: WindowsHost) -> None:
    lock_down(Stage(open_host))
    wait_for(lambda: open_host.tasks.get(TASK) is None)
    assert open_host.listeners.get("HTTPS") is None
    assert open_host.accounts.user("Administrator") is not None
    assert open_host.files.exists(r"C:\Users\Administrator")


def test_a_step_that_fails_leaves_the_listener_open_and_the_task_still_goes(open_host: WindowsHost) -> None:
    """The account's process never ends: its profile cannot be deleted, so the port goes on answering, which is seen."""
    stage = as_baker(open_host)
    arguments = lock_down(stage)
    open_host.add_resident(r"C:\Windows\System32\cmd.exe", 0, open_host.accounts.token("baker"))
    run = open_host.start(f"powershell.exe {arguments}", token=SYSTEM_TOKEN)
    assert run.wait(3600)
    assert run.exit_code == 1
    assert "Generic failure" in run.stderr.getvalue().decode()
    assert open_host.listeners.get("HTTPS") is not None
    assert open_host.tasks.get(TASK) is None


def test_every_statement_of_the_closing_is_run(open_host: WindowsHost) -> None:
    arguments = lock_down(as_baker(open_host), delay=3600)
    encoded = re.search(r"-EncodedCommand (\S+)$", arguments)
    assert encoded is not None
    assert len(arguments) < 30_000, "Windows takes 32,767 characters"
    script = base64.b64decode(encoded[1]).decode("utf-16-le")
    assert "winbake" not in arguments and CANARY not in script
    busy = open_host.add_resident(r"C:\Windows\System32\cmd.exe", 0, open_host.accounts.token("baker"))
    tracer = Tracer(script)
    tracer.start()
    try:
        run = open_host.start(f"powershell.exe {arguments}", token=SYSTEM_TOKEN)
        time.sleep(0.3)
        busy.kill()
        assert run.wait(3600) and run.exit_code == 0, run.stderr.getvalue()
    finally:
        tracer.stop()
    assert [node.text for node in statements(script) if node.start not in tracer.offsets] == []
    assert script.startswith("& {" + (files("winbake.resources") / "lockdown.ps1").read_text(encoding="utf-8"))


# ---- temporary folders --------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_empty(stage: Stage) -> None:
    assert stage.ask("folder_content", path=r"C:\Nowhere\Temp") == {"files": 0, "folders": 0, "size": 0, "in_use": 0}
    stage.do("empty_folder", path=r"C:\Nowhere\Temp")


def test_temporary_folders_of_all_users_are_emptied(stage: Stage, host: WindowsHost) -> None:
    for user in ("Administrator", "Default"):
        host.files.make_directory(rf"C:\Users\{user}\AppData\Local\Temp\deep\er")
        host.files.write(rf"C:\Users\{user}\AppData\Local\Temp\deep\er\a.log", b"12345")
    pattern = r"C:\Users\*\AppData\Local\Temp"
    answer = stage.ask("folder_content", path=pattern)
    assert (answer["files"], answer["folders"], answer["size"]) == (2, 4, 10)
    stage.do("empty_folder", path=pattern)
    assert stage.ask("folder_content", path=pattern) == {"files": 0, "folders": 0, "size": 0, "in_use": 0}
    assert host.files.is_directory(r"C:\Users\Default\AppData\Local\Temp"), "the folder itself stays"


def test_what_a_program_holds_open_stays_and_is_said(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\Windows\Temp\svc")
    host.files.write(r"C:\Windows\Temp\svc\held.log", b"1")
    host.files.write(r"C:\Windows\Temp\free[1].log", b"1")
    host.files.set_attributes(r"C:\Windows\Temp\free[1].log", READ_ONLY)
    opened = r"$f = [IO.File]::Open('C:\Windows\Temp\svc\held.log', 'Open', 'Read', 'Read'); Start-Sleep 7200"
    holder = host.start(f'powershell.exe -Command "{opened}"')
    wait_for(lambda: host.files.lock_table and any("held" in one.path for one in host.files.lock_table))
    assert stage.ask("folder_content", path=r"%SystemRoot%\Temp") == {"files": 1, "folders": 0, "size": 1, "in_use": 1}
    stage.do("empty_folder", path=r"%SystemRoot%\Temp")
    assert host.files.exists(r"C:\Windows\Temp\svc\held.log")
    assert not host.files.exists(r"C:\Windows\Temp\free[1].log")
    assert stage.ask("folder_content", path=r"%SystemRoot%\Temp")["files"] == 0
    holder.kill()
