"""Every query of the agent: what it answers, what it answers when there is nothing, and the traps."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from agent_stage import Stage, query

from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output

HKLM = "HKEY_LOCAL_MACHINE"
ENVIRONMENT = HKLM + r"\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
UNINSTALL = r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
EXPAND, BINARY, DWORD, MULTI, QWORD = 2, 3, 4, 7, 11


def test_a_run_without_queries_ends_well(stage: Stage) -> None:
    run = stage.run()
    assert (run.events, run.stray, run.process.exit_code, run.stderr) == ([], [], 0, "")
    assert run.envelope is not None and run.envelope["ok"] is True


def test_an_unknown_query_fails_alone(stage: Stage) -> None:
    run = stage.run([query("nonsense"), query("file", path=r"C:\Windows")])
    assert run.fact_failure("q0") == "the agent knows no query 'nonsense'"
    assert run.answer("q1")["exists"] is True
    assert run.envelope is not None and run.envelope["ok"] is True


# ---- system


def test_system_says_who_the_host_is(stage: Stage, host: WindowsHost) -> None:
    found = stage.ask("system")
    assert found["computer"] == host.computer_name
    assert found["os"].startswith("Microsoft Windows Server 2022")
    assert found["build"] == 20348
    assert found["powershell"].startswith("5.1.")
    assert found["administrator"] is True
    assert found["logon_ready"] is True
    assert found["servicing"] is False
    assert found["pending_reboot"] == []
    assert found["free_bytes"] == host.files.free_bytes("C:")
    assert found["boot_time"] < found["now"]
    assert found["boot_time"].endswith("Z")


@pytest.mark.parametrize(
    ("key", "name", "kind", "data", "reason"),
    [
        (r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending", "", 1, "", "Component Based Servicing"),
        (r"\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired", "", 1, "", "Windows Update"),
        (r"\SYSTEM\CurrentControlSet\Control\Session Manager", "PendingFileRenameOperations", MULTI, [r"\??\C:\a", ""], "file renames"),
        (r"\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", "ComputerName", 1, "NEWNAME", "computer name"),
    ],
)
def test_system_says_why_a_restart_is_pending(
    stage: Stage, host: WindowsHost, key: str, name: str, kind: int, data: Any, reason: str
) -> None:
    host.registry.create(HKLM + key).set(name, kind, data)
    assert stage.ask("system")["pending_reboot"] == [reason]


@pytest.mark.parametrize(("exclusive", "busy"), [(0, False), (1, True)])
def test_the_servicing_key_counts_only_by_its_value(stage: Stage, host: WindowsHost, exclusive: int, busy: bool) -> None:
    key = HKLM + r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\SessionsPending"
    host.registry.create(key).set("Exclusive", DWORD, exclusive)
    assert stage.ask("system")["servicing"] is busy


def test_servicing_without_its_key(stage: Stage, host: WindowsHost) -> None:
    key = HKLM + r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\SessionsPending"
    if host.registry.open(key) is not None:
        host.registry.delete_key(key, recursive=True)
    assert stage.ask("system")["servicing"] is False


# ---- uninstall


def entries(stage: Stage, name: str) -> list[dict[str, Any]]:
    found = stage.ask("uninstall")
    assert isinstance(found, list)
    return [entry for entry in found if entry["name"] == name]


def clear_entries(host: WindowsHost) -> None:
    for entry in host.packages.entries():
        host.packages.delete_entry(entry.key, entry.view)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_uninstall_entries_are_a_list_however_many(stage: Stage, host: WindowsHost, count: int) -> None:
    clear_entries(host)
    for number in range(count):
        host.packages.write_entry(f"tool{number}", 64, {"DisplayName": f"Tool {number}"})
    found = stage.ask("uninstall")
    assert [entry["name"] for entry in found] == [f"Tool {number}" for number in range(count)]


def test_uninstall_entry_with_all_its_values(stage: Stage, host: WindowsHost) -> None:
    values: dict[str, str | int] = {
        "DisplayName": "Größe 'x' – 1", "DisplayVersion": "1.2", "Publisher": "P & <Q>", "InstallLocation": r"C:\t",
        "UninstallString": '"C:\\t\\u.exe" /x', "QuietUninstallString": '"C:\\t\\u.exe" /S', "WindowsInstaller": 1,
    }
    host.packages.write_entry("{key}", 32, values)
    host.packages.write_entry("no name", 64, {"DisplayVersion": "1"})
    assert entries(stage, "Größe 'x' – 1") == [
        {
            "key": "{key}", "view": "32", "name": "Größe 'x' – 1", "version": "1.2", "publisher": "P & <Q>",
            "location": r"C:\t", "uninstall": '"C:\\t\\u.exe" /x', "quiet_uninstall": '"C:\\t\\u.exe" /S', "msi": True,
        }
    ]
    assert entries(stage, "") == []


def test_the_users_own_entries_are_seen(stage: Stage, host: WindowsHost) -> None:
    sid = host.default_token.sid
    host.registry.create(rf"HKEY_USERS\{sid}" + UNINSTALL + r"\mine").set("DisplayName", 1, "Mine")
    assert [entry["view"] for entry in entries(stage, "Mine")] == ["user"]


# ---- environment


def test_environment_is_raw_and_says_which_folders_are_there(stage: Stage, host: WindowsHost) -> None:
    text = r'%SystemRoot%\system32;"C:\with;semicolon";C:\gone;;"C:\Windows"; C:\Windows '
    host.registry.create(ENVIRONMENT).set("Path", EXPAND, text)
    host.files.make_directory(r"C:\with;semicolon")
    found = stage.ask("environment")
    variables = {v["name"]: v for v in found["variables"]}
    assert variables["Path"] == {"name": "Path", "kind": "ExpandString", "data": text}
    assert variables["OS"] == {"name": "OS", "kind": "String", "data": "Windows_NT"}
    assert [(e["entry"], e["exists"]) for e in found["path"]] == [
        (r"%SystemRoot%\system32", True),
        (r'"C:\with;semicolon"', True),
        (r"C:\gone", False),
        (r'"C:\Windows"', True),
        (r"C:\Windows", True),
    ]


@pytest.mark.parametrize(("text", "entries"), [("", []), (r"C:\one", [r"C:\one"]), ('"C:\\open;x', ['"C:\\open;x'])])
def test_path_entries_are_a_list_however_many(stage: Stage, host: WindowsHost, text: str, entries: list[str]) -> None:
    host.registry.create(ENVIRONMENT).set("Path", EXPAND, text)
    assert [e["entry"] for e in stage.ask("environment")["path"]] == entries


# ---- registry_value


@pytest.mark.parametrize(
    ("kind", "data", "name", "answer"),
    [
        (1, "it's <a> & \"b\" – ü漢😀", "String", "it's <a> & \"b\" – ü漢😀"),
        (EXPAND, r"%TEMP%\x", "ExpandString", r"%TEMP%\x"),
        (BINARY, b"\x00\x0a\xff", "Binary", "000aff"),
        (BINARY, b"", "Binary", ""),
        (DWORD, 7, "DWord", 7),
        (DWORD, 0xFFFFFFFF, "DWord", -1),
        (QWORD, 2**40, "QWord", 2**40),
        (QWORD, 2**64 - 1, "QWord", -1),
        (MULTI, ["a", "b"], "MultiString", ["a", "b"]),
        (MULTI, ["one"], "MultiString", ["one"]),
        (MULTI, [], "MultiString", []),
    ],
)
def test_registry_value_of_each_kind(
    stage: Stage, host: WindowsHost, kind: int, data: Any, name: str, answer: Any
) -> None:
    host.registry.create(HKLM + r"\SOFTWARE\Probe").set("v", kind, data)
    found = stage.ask("registry_value", key=r"HKLM\SOFTWARE\Probe", name="V", view=64)
    assert found == {"exists": True, "kind": name, "data": answer}


def test_registry_value_that_is_not_there(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(HKLM + r"\SOFTWARE\Probe", view=32).set("v", 1, "x")
    run = stage.run(
        [
            query("registry_value", key=r"HKLM\SOFTWARE\Nothing", name="v", view=64),
            query("registry_value", key=r"HKLM\SOFTWARE\Probe", name="v", view=64),
            query("registry_value", key=r"HKLM\SOFTWARE\Probe", name="w", view=32),
            query("registry_value", key=r"HKLM\SOFTWARE\Probe", name="v", view=32),
            query("registry_value", key="HKXX\\SOFTWARE", name="v", view=64),
        ]
    )
    assert [run.answer(f"q{i}")["exists"] for i in range(4)] == [False, False, False, True]
    assert run.fact_failure("q4")


def test_the_default_value_of_a_key(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(HKLM + r"\SOFTWARE\Probe").set("", 1, "default")
    found = stage.ask("registry_value", key=r"HKLM\SOFTWARE\Probe", name="", view=64)
    assert found == {"exists": True, "kind": "String", "data": "default"}


# ---- files


def test_file_with_hash_and_version_only_when_asked(stage: Stage, host: WindowsHost) -> None:
    content = images.build_executable(Image(file_version="3.6.8.1"))
    host.files.make_directory(r"C:\t")
    host.files.write(r"C:\t\a.exe", content)
    host.files.write(r"C:\t\plain.txt", b"x")
    run = stage.run(
        [
            query("file", path=r"C:\t\a.exe"),
            query("file", path=r"C:\t\a.exe", sha256=True, version=True),
            query("file", path=r"%SystemDrive%\t"),
            query("file", path=r"C:\t\none"),
            query("file", path=r"C:\t\plain.txt", version=True),
        ]
    )
    there = {"exists": True, "directory": False, "size": len(content)}
    assert run.answer("q0") == {**there, "sha256": "", "version": ""}
    assert run.answer("q1") == {**there, "sha256": hashlib.sha256(content).hexdigest(), "version": "3.6.8.1"}
    assert run.answer("q2") == {"exists": True, "directory": True, "size": 0, "sha256": "", "version": ""}
    assert run.answer("q3")["exists"] is False
    assert run.answer("q4")["version"] == ""


@pytest.mark.parametrize("names", [[], ["a1"], ["a1", "a2"]])
def test_listing_is_a_list_however_many(stage: Stage, host: WindowsHost, names: list[str]) -> None:
    host.files.make_directory(r"C:\tools")
    for name in [*names, "b"]:
        host.files.make_directory(rf"C:\tools\{name}")
    assert stage.ask("listing", pattern=r"C:\tools\a*") == [rf"C:\tools\{name}" for name in names]


def test_listing_of_a_folder_that_is_not_there(stage: Stage) -> None:
    assert stage.ask("listing", pattern=r"C:\nowhere\a*") == []


# ---- command


def put_program(host: WindowsHost, path: str, *rows: Output) -> None:
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.write(path, images.build_executable(Image(behaviour=list(rows))))


def test_command_is_found_on_the_path_as_it_is_now(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\my tools\dcm.exe", Output(stdout="v1.2 ü\n", stderr="warned\n", exit_code=3))
    host.registry.create(ENVIRONMENT).set("Path", EXPAND, r'%SystemRoot%\system32;"C:\my tools"')
    for name in ("dcm", "dcm.exe", r"C:\my tools\dcm.exe"):
        found = stage.ask("command", argv=[name, "--version"], limit_seconds=30)
        assert (found["found"], found["exit_code"]) == (True, 3)
        assert found["stdout"].startswith("v1.2")
        assert found["stderr"] == "warned\r\n"


def test_command_on_the_users_path(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\users tool\mine.exe", Output(stdout="mine"))
    host.registry.create(rf"HKEY_USERS\{host.default_token.sid}\Environment").set("Path", 1, r"C:\users tool")
    assert stage.ask("command", argv=["mine"], limit_seconds=30)["stdout"] == "mine"


def test_a_user_without_a_path(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(rf"HKEY_USERS\{host.default_token.sid}\Environment").delete("Path")
    assert stage.ask("command", argv=["whoami"], limit_seconds=30)["found"] is True


@pytest.mark.parametrize("name", ["nosuch", r"C:\nosuch.exe", "nosuch.exe"])
def test_a_command_that_is_not_there(stage: Stage, name: str) -> None:
    assert stage.ask("command", argv=[name], limit_seconds=30) == {
        "found": False, "exit_code": 0, "stdout": "", "stderr": "",
    }


@pytest.mark.parametrize("argument", ["plain", "two words", 'a "quoted" b', "ends with \\", "", "a\\\"b", "tab\tx"])
def test_arguments_arrive_as_they_were(stage: Stage, argument: str) -> None:
    script = "[Console]::Out.Write('<' + ($args -join '|') + '>')"
    argv = ["powershell.exe", "-NoProfile", "-File", r"C:\echo.ps1", argument, "end"]
    stage.host.files.write(r"C:\echo.ps1", script.encode())
    assert stage.ask("command", argv=argv, limit_seconds=60)["stdout"] == f"<{argument}|end>"


def test_long_output_is_cut(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\t\long.exe", Output(stdout="x" * 5000))
    assert stage.ask("command", argv=[r"C:\t\long.exe"], limit_seconds=30)["stdout"] == "x" * 4000


def test_a_command_that_never_ends_is_ended(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\t\waits.exe", Output(stdout="begun\n", waits=True))
    found = stage.ask("command", argv=[r"C:\t\waits.exe"], limit_seconds=5)
    assert found["found"] is True and found["exit_code"] != 0
    assert not host.processes.named("waits.exe")


# ---- service


def test_services_are_asked_together(stage: Stage) -> None:
    run = stage.run([query("service", name=name) for name in ("winrm", "O'Brien", "nosuch", "Spooler")])
    assert run.answer("q0")["name"] == "WinRM"
    assert (run.answer("q0")["exists"], run.answer("q0")["state"]) == (True, "running")
    assert run.answer("q1") == run.answer("q2") == {"exists": False}
    assert run.answer("q3")["display_name"] == "Print Spooler"


@pytest.mark.parametrize(("start", "delayed", "word"), [(2, 0, "auto"), (2, 1, "delayed"), (3, 0, "manual"), (4, 0, "disabled")])
def test_start_modes(stage: Stage, host: WindowsHost, start: int, delayed: int, word: str) -> None:
    key = host.registry.create(HKLM + r"\SYSTEM\CurrentControlSet\Services\Spooler")
    key.set("Start", DWORD, start)
    key.set("DelayedAutostart", DWORD, delayed)
    assert stage.ask("service", name="Spooler")["start"] == word


# ---- firewall

RULES = HKLM + r"\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"


def test_firewall_gives_what_is_not_windows_own(stage: Stage, host: WindowsHost) -> None:
    before = stage.ask("firewall")
    text = "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=8042|Name=O'rthanc|"
    host.registry.create(RULES).set("mine", 1, text)
    host.registry.create(RULES).set("theirs", 1, "v2.31|Action=Allow|Active=TRUE|Dir=In|Name=@FirewallAPI.dll,-1|")
    found = stage.ask("firewall")
    assert isinstance(before, list)
    assert [rule for rule in found if rule not in before] == [{"id": "mine", "rule": text}]


def test_firewall_without_its_key(stage: Stage, host: WindowsHost) -> None:
    host.registry.delete_key(RULES, recursive=True)
    assert stage.ask("firewall") == []
