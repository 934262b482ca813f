"""The script of `verify` on a simulated host: every reader answers, all of it is Windows PowerShell 5.1. That every
statement of it is run here, test_coverage.py holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_coverage import Tracer, saved_name
from agent_stage import COMMAND_LINE, LIMIT, NONCE, POWERSHELL
from dialect import problems

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.registry import REG_EXPAND_SZ, REG_MULTI_SZ
from winbake.verify import script

ENVIRONMENT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
SYSTEM32 = r"C:\Windows\system32"

_tracer = Tracer(script.source())


@pytest.fixture(autouse=True)
def _traced(request: pytest.FixtureRequest, coverage_share: Path) -> Iterator[None]:
    _tracer.start()
    yield
    _tracer.stop()
    _tracer.save(coverage_share / saved_name(f"verify {request.node.nodeid}"))


def ask(host: WindowsHost, *questions: dict[str, Any], account: str = "") -> list[dict[str, Any]]:
    """The lines of one run, without its end."""
    numbered = [{"id": f"q{index}", **one} for index, one in enumerate(questions)]
    request = {"nonce": NONCE, "account": account, "questions": numbered}
    process = host.start(COMMAND_LINE, application=POWERSHELL, stdin=script.payload(request))
    assert process.wait(LIMIT), "the script did not end"
    lines = [json.loads(line) for line in process.stdout.getvalue().decode("utf-8").splitlines()]
    assert lines and lines[-1] == {"end": True, "nonce": NONCE}, process.stderr.getvalue().decode("utf-8")[:2000]
    assert [line["id"] for line in lines[:-1]] == [one["id"] for one in numbered]
    return lines[:-1]


def answer(host: WindowsHost, account: str = "", /, **question: Any) -> Any:
    (line,) = ask(host, question, account=account)
    assert "error" not in line, line
    return line["answer"]


def test_the_script_is_in_the_dialect() -> None:
    assert problems(script.source()) == []


def test_a_program_is_looked_up_as_a_new_process_of_the_participant_would(host: WindowsHost) -> None:
    for folder in (r"C:\One", r"C:\Two", r"C:\Users\Administrator"):
        host.files.make_directory(folder)
        host.files.write(rf"{folder}\tool.exe", b"MZ")
    host.registry.write(ENVIRONMENT, "TOOLS", r"C:\Two")
    host.registry.write(ENVIRONMENT, "Path", r'%TOOLS%;"C:\One";;%NONE%\bin', REG_EXPAND_SZ)
    host.registry.write(r"HKEY_CURRENT_USER\Environment", "Path", "%USERPROFILE%", REG_EXPAND_SZ)
    host.files.write(r"C:\One\tool.bat", b"")
    host.files.write(r"C:\One\tool.com", b"MZ")
    host.files.write(r"C:\One\tool.txt", b"")
    none, all_of_it = ask(host, {"kind": "program", "name": "none"}, {"kind": "program", "name": "TOOL"}, account="administrator")
    assert none["answer"]["paths"] == []
    assert all_of_it["answer"]["paths"][:4] == [r"C:\Two\tool.exe", r"C:\One\tool.com", r"C:\One\tool.exe", r"C:\One\tool.bat"]
    for other in ("tool.bat", "tool.com"):
        host.files.delete(rf"C:\One\{other}")
    found = answer(host, "administrator", kind="program", name="tool")["paths"]
    assert found == [r"C:\Two\tool.exe", r"C:\One\tool.exe", r"C:\Users\Administrator\tool.exe"]
    assert answer(host, "nobody", kind="program", name="tool.exe")["paths"] == [r"C:\Two\tool.exe", r"C:\One\tool.exe"]
    assert answer(host, kind="program", name=r"%TOOLS%\tool.exe")["paths"] == [r"C:\Two\tool.exe"]
    assert answer(host, kind="program", name=r"C:\none.exe")["paths"] == []
    assert answer(host, "Administrator", kind="environment")["variables"]["USERNAME"] == "Administrator"
    # Windows expands nothing in a PATH that has become REG_SZ.
    host.registry.write(ENVIRONMENT, "Path", "%TOOLS%")
    assert answer(host, kind="program", name="tool")["paths"] == []


def test_a_command_answers_or_is_ended_at_its_limit(host: WindowsHost) -> None:
    ran = answer(host, kind="command", argv=["cmd", "/c", 'echo "a b"& exit 3'], limit=20)
    assert (ran["ended"], ran["exit_code"], ran["path"]) == (True, 3, rf"{SYSTEM32}\cmd.exe")
    assert "a b" in ran["stdout"]
    assert answer(host, kind="command", argv=["no-such-program"], limit=20) == {"found": False}
    line = answer(host, kind="command", line='echo "a & b" c| findstr c & exit 4', limit=20, most=4)
    assert (line["exit_code"], line["stdout"]) == (4, '"a &')
    hanging = answer(host, kind="command", argv=["cmd", "/c", "powershell -Command Start-Sleep 900"], limit=3)
    assert hanging["ended"] is False
    assert not [p for p in host.processes if "900" in p.command_line], "its children are ended too"


def test_files_shortcuts_registry_and_software(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\Data")
    host.files.write(r"C:\Data\a.txt", b"abc")
    told = answer(host, kind="file", path=r"C:\Data\a.txt", sha256=True, version=True, signer=True, content=True)
    assert told["sha256"].startswith("ba7816bf") and (told["size"], told["version"], told["content"]) == (3, "", "YWJj")
    assert answer(host, kind="file", path=r"C:\Data", names=True)["names"] == ["a.txt"]
    host.files.write(r"C:\Data\large.bin", bytes(1024 * 1024 + 1))
    (refused,) = ask(host, {"kind": "file", "path": r"C:\Data\large.bin", "content": True})
    assert "1048577 bytes; contents are read up to 1 MB" in refused["error"]
    system = answer(host, kind="file", path=r"%SystemRoot%\System32\cmd.exe", version=True, signer=True)
    assert system["version"].startswith("10.0.") and "Microsoft" in system["signer"]
    assert answer(host, kind="file", path=r"C:\Windows")["folder"] is True
    assert answer(host, kind="file", path=r"C:\None")["exists"] is False
    assert answer(host, kind="shortcut", path=r"C:\None.lnk") == {"exists": False}
    host.registry.write(r"HKEY_LOCAL_MACHINE\SOFTWARE\V", "b", b"\x01\xff")
    host.registry.write(r"HKEY_LOCAL_MACHINE\SOFTWARE\V", "m", ["x", "y"], REG_MULTI_SZ)
    assert answer(host, kind="registry", key=r"HKLM\SOFTWARE\V", name="b", view=64)["data"] == "01ff"
    assert answer(host, kind="registry", key=r"HKLM\SOFTWARE\V", name="m", view=64)["data"] == ["x", "y"]
    assert answer(host, kind="registry", key=r"HKLM\SOFTWARE\V", name="n", view=32)["key_exists"] is False
    assert answer(host, kind="registry", key=r"HKLM\SOFTWARE\V", name="n", view=64)["exists"] is False
    names = [entry["name"] for entry in answer(host, kind="software")["entries"]]
    assert names, "a fresh server on EC2 has Amazon's programs"


def test_a_shortcut_says_where_it_leads(host: WindowsHost) -> None:
    make = "$l = (New-Object -ComObject WScript.Shell).CreateShortcut('C:\\x.lnk'); $l.TargetPath = 'C:\\gone.exe'; $l.Save()"
    assert host.start(f'powershell.exe -Command "{make}"').wait(LIMIT)
    told = answer(host, kind="shortcut", path=r"C:\x.lnk")
    assert (told["target"], told["leads_somewhere"]) == (r"C:\gone.exe", False)


def test_services_ports_rules_and_processes(host: WindowsHost) -> None:
    assert answer(host, kind="service", name="W32Time")["exists"] is True
    assert answer(host, kind="service", name="none's")["exists"] is False
    sockets = answer(host, kind="sockets")["sockets"]
    assert {"port": 5985, "pid": 4} in [{name: one[name] for name in ("port", "pid")} for one in sockets]
    rules = "New-NetFirewallRule -DisplayName R -Direction Inbound -Action Allow -Protocol TCP -LocalPort 7000-7010,7777"
    assert host.start(f'powershell.exe -Command "{rules}"').wait(LIMIT)
    for port, there in ((7005, True), (7777, True), (7011, False)):
        found = answer(host, kind="rules", port=port, protocol="TCP")["rules"]
        assert [rule["name"] for rule in found] == (["R"] if there else [])
    assert [rule["ports"] for rule in answer(host, kind="rules", name="R")["rules"]] == [["7000-7010", "7777"]]
    assert "lsass.exe" in [one["name"] for one in answer(host, kind="processes")["processes"]]


def test_accounts_and_groups(host: WindowsHost) -> None:
    sid = host.accounts.add_user("anna", "Pass-word1!").sid
    host.accounts.add_member("Users", sid)
    told = answer(host, kind="user", name="anna")
    assert told["enabled"] is True and "S-1-5-32-545" in [group["sid"] for group in told["groups"]]
    assert answer(host, kind="user", name="nobody") == {"exists": False}
    assert sid in [one["sid"] for one in answer(host, kind="group", group="S-1-5-32-545")["members"]]
    assert answer(host, kind="group", group="nothing") == {"exists": False}


def test_what_cannot_be_read_is_said_and_the_rest_is_read(host: WindowsHost) -> None:
    nowhere = {"kind": "registry", "name": "", "view": 64}
    first, second, third = ask(host, {"kind": "weather"}, {"kind": "service", "name": "W32Time"}, {**nowhere, "key": r"NO\X"})
    assert third["error"]
    assert first["error"] == "nothing here reads 'weather'"
    assert second["answer"]["exists"] is True
