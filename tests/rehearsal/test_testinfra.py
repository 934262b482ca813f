"""`pytest --hosts=winbake://…`: checks written with testinfra's `host` against simulated hosts, as an instructor runs them."""

from __future__ import annotations

import re
from collections.abc import Callable

from bake_stage import Stage

MOST_REQUESTS = 10
"""For 20 checks; testinfra's own winrm:// needs 140 (benchmarks/verify.py measures it)."""

TWENTY_CHECKS = r'''
import pytest

SYSTEM = r"C:\Windows\System32"


@pytest.mark.parametrize("name", ["W32Time", "WinRM", "EventLog", "LanmanServer"])
def test_service(host, name):
    assert host.service(name).exists


def test_service_more(host):
    assert host.service("WinRM").is_running
    assert host.service("WinRM").is_enabled
    assert not host.service("NoSuch").exists


@pytest.mark.parametrize("name", ["cmd.exe", "whoami.exe", "msiexec.exe"])
def test_file(host, name):
    file = host.file(rf"{SYSTEM}\{name}")
    assert file.is_file and not file.is_directory and file.size > 0
    assert file.version.startswith("10.0.")
    assert "Microsoft" in file.signer


def test_sha256(host):
    assert len(host.file(rf"%SystemRoot%\System32\cmd.exe").sha256) == 64
    assert rf"{SYSTEM}\cmd.exe".lower() == host.file(rf"{SYSTEM}\cmd.exe").path.lower()


def test_hosts(host):
    text = host.file(rf"{SYSTEM}\drivers\etc\hosts").content_string
    assert host.file(rf"{SYSTEM}\drivers\etc\hosts").exists and isinstance(text, str)


def test_folder(host):
    assert host.file("C:\\").is_directory
    assert "Windows" in host.file("C:\\").listdir()


def test_run(host):
    assert host.run("echo %s & exit 3", "a b").rc == 3
    assert host.check_output("echo hello") == "hello"


def test_program(host):
    assert host.find_command("whoami").lower() == rf"{SYSTEM}\whoami.exe".lower()
    assert host.exists("cmd") and not host.exists("no-such-program")


def test_user(host):
    assert host.user("Administrator").is_enabled
    assert "S-1-5-32-544" in host.user("Administrator").group_sids


def test_group(host):
    assert any(name.endswith("Administrator") for name in host.group("S-1-5-32-544").members)


def test_registry(host):
    assert host.registry(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion").value("CurrentBuild").isdigit()
    assert not host.registry(r"HKLM\SOFTWARE\NoSuch").exists


def test_environment(host):
    assert host.environment()["SYSTEMROOT"].lower() == r"c:\windows"
    assert SYSTEM.lower() in [folder.lower() for folder in host.environment.path]


def test_firewall(host):
    assert host.firewall.allows(5986)
    assert not host.firewall.allows(104)
    assert not host.firewall_rule("no such rule").exists


def test_socket(host):
    assert host.socket("tcp://5985").is_listening
    assert not host.socket("tcp://104").is_listening


def test_process(host):
    assert host.process.get(pid=4)["name"] == "System"
    assert host.process.filter(name="lsass.exe")
'''

FAULTS = r'''
import pytest


def test_hangs(host):
    host.run("powershell -Command Start-Sleep 999", limit=3)


def test_wrong(host):
    assert host.file(r"C:\none.txt").size == 1


@pytest.mark.one_by_one
def test_changes(host):
    assert host.run("echo done> C:\\done.txt").rc == 0
    host.backend.answers.forget()
    assert host.file(r"C:\done.txt").content_string.strip() == "done"
'''


def write(stage: Stage, text: str) -> None:
    (stage.root / "test_checks.py").write_text(text, encoding="utf-8")


def test_twenty_checks_cost_at_most_ten_requests(stage: Stage) -> None:
    write(stage, TWENTY_CHECKS)
    ran = stage.pytest("--hosts=winbake://master", "test_checks.py")
    assert ran.code == 0, ran.text
    assert "20 passed" in ran.out
    counted = stage.one.endpoint.counters_json()
    assert counted["powershell_starts"] == 1
    assert int(str(counted["requests"])) <= MOST_REQUESTS, counted
    assert counted["actions"]["Delete"] == 1, "the shell is closed at the end"  # type: ignore[index]


def test_one_broken_host_never_hides_the_others_and_nothing_is_a_traceback(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(hosts=3)
    write(stage, FAULTS)
    stage.lab.hosts[1].endpoint.stop()
    stage.change_inventory(lambda host: host.update(ansible_password="Wrong-1234"), "master3")
    ran = stage.pytest("--hosts=winbake://masters", "test_checks.py", "-rN")
    assert ran.code == 1
    assert "8 failed, 1 passed" in ran.out, ran.text
    assert "powershell -Command Start-Sleep 999: still running after 3 s, so it was ended" in ran.out
    assert r"<file C:\none.txt> is not there" in ran.out
    assert len(re.findall(r"^master2: .* does not take connections$", ran.out, re.MULTILINE)) == 3
    assert len(re.findall("^master3: 401 for Administrator by NTLM$", ran.out, re.MULTILINE)) == 3
    assert "winbake/hosts" not in ran.out and "Error" not in ran.text.replace("AssertionError", ""), ran.text
    refused = stage.lab.hosts[2].endpoint.counters_json()["logins_refused"]
    assert refused == 1, "a wrong password is tried once, else the account is locked out"
