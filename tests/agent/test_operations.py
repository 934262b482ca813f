"""Settings: registry, environment, PATH, files, firewall, services, commands, restart. Effect, repetition, failure."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from agent_stage import Stage, operation, query

from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output
from winbake.rehearsal.windows.process import Process

HKLM = "HKEY_LOCAL_MACHINE"
ENVIRONMENT = HKLM + r"\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
PROBE = r"HKLM\SOFTWARE\Probe"
SZ, EXPAND, BINARY, DWORD, MULTI, QWORD = 1, 2, 3, 4, 7, 11


def value(host: WindowsHost, key: str, name: str, view: int = 64) -> tuple[int, Any] | None:
    opened = host.registry.open(HKLM + key, view)
    found = opened.get(name) if opened is not None else None
    return None if found is None else (found.kind, found.data)


# ---- the run as a whole


def test_an_unknown_operation_fails_and_stops_the_rest(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[operation("nonsense"), operation("directory", path=r"C:\never")])
    assert run.failed("o0")["message"] == "the agent knows no operation 'nonsense'"
    assert run.of("o1") == []
    assert not host.files.exists(r"C:\never")
    assert run.envelope is not None and run.envelope["ok"] is False


def test_nothing_stays_on_the_host_after_a_good_run(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\ProgramData\winbake\cache")
    host.files.make_directory(r"C:\ProgramData\winbake\logs")
    stage.do("directory", path=r"C:\made")
    assert not host.files.exists(r"C:\ProgramData\winbake")


def test_after_a_failed_run_the_logs_stay(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\ProgramData\winbake\cache")
    host.files.make_directory(r"C:\ProgramData\winbake\logs")
    stage.refuse("nonsense")
    assert host.files.exists(r"C:\ProgramData\winbake\logs")
    assert not host.files.exists(r"C:\ProgramData\winbake\cache")


def test_what_cannot_be_cleared_is_said_and_the_run_is_no_failure(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\ProgramData\winbake\cache")
    host.files.write(r"C:\ProgramData\winbake\cache\a", b"x")
    host.files.lock(r"C:\ProgramData\winbake\cache\a", share_read=True, share_write=True, share_delete=False)
    run = stage.run(operations=[operation("directory", path=r"C:\made")])
    notes = [e["text"] for e in run.events if e["event"] == "note"]
    assert len(notes) == 1 and notes[0].startswith(r"something stays in C:\ProgramData\winbake: ")
    assert run.envelope is not None and run.envelope["ok"] is True


def put_program(host: WindowsHost, path: str, *rows: Output) -> None:
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.write(path, images.build_executable(Image(behaviour=list(rows))))


def started(stage: Stage) -> Process:
    """A run whose command does not end by itself."""
    put_program(stage.host, r"C:\t\waits.exe", Output(stdout="begun\n", waits=True))
    first = stage.start(operations=[operation("command", 9000, **command(r"C:\t\waits.exe"))])
    while not stage.host.processes.named("waits.exe"):
        assert not first.wait(1)
    return first


def test_a_second_run_at_once_is_told_that_the_host_is_locked(stage: Stage) -> None:
    first = started(stage)
    second = stage.run([query("system")])
    stage.host.processes.named("waits.exe")[0].kill()
    assert second.events == []
    assert second.envelope is not None
    assert (second.envelope["ok"], second.envelope["reason"]) == (False, "locked")
    assert stage.finish(first).envelope is not None
    assert stage.run([query("system")]).answer()


def test_a_run_that_was_killed_leaves_no_lock(stage: Stage) -> None:
    started(stage).kill(tree=True)
    assert stage.run([query("system")]).answer()


def test_a_lock_whose_holder_ended_without_a_word_is_taken_over(stage: Stage, host: WindowsHost) -> None:
    """Another process has the mutex open, so it outlives its dead owner: WaitOne then says that it was abandoned."""
    script = "$m = New-Object Threading.Mutex ($false, 'Global\\winbake'); 'open'; Start-Sleep -Seconds 90000"
    other = host.start(f'powershell.exe -NoProfile -Command "{script}"')
    while b"open" not in other.stdout.getvalue():
        assert not other.wait(1)
    script = "$m = New-Object Threading.Mutex ($false, 'Global\\winbake'); $m.WaitOne(0)"
    owner = host.start(f'powershell.exe -NoProfile -Command "{script}"')
    assert owner.wait(3600)
    assert owner.stdout.getvalue().split() == [b"True"]
    assert stage.run([query("system")]).answer()
    other.kill()


def test_an_error_of_the_agent_itself_is_in_the_envelope(stage: Stage) -> None:
    run = stage.run([{"id": "q0", "kind": "service"}])
    assert run.envelope is not None
    assert (run.envelope["ok"], run.envelope["reason"]) == (False, "error")
    assert "arguments" in run.envelope["message"]


def test_a_request_that_is_no_json_gives_no_envelope_but_a_failure(stage: Stage, host: WindowsHost) -> None:
    from agent_stage import COMMAND_LINE

    from winbake import agent

    packed = agent.payload({}).split(b"\n")[0]
    process = host.start(COMMAND_LINE, stdin=packed + b"\n" + base64.b64encode(b"{nonsense") + b"\n")
    assert process.wait(600)
    assert process.exit_code == 1
    assert process.stdout.getvalue() == b""
    assert process.stderr.getvalue()


# ---- registry


@pytest.mark.parametrize(
    ("kind", "data", "stored"),
    [
        ("String", "it's ü漢😀 \"x\"", (SZ, "it's ü漢😀 \"x\"")),
        ("String", "", (SZ, "")),
        ("ExpandString", r"%TEMP%\x", (EXPAND, r"%TEMP%\x")),
        ("DWord", 1, (DWORD, 1)),
        ("DWord", 0xFFFFFFFF, (DWORD, 0xFFFFFFFF)),
        ("DWord", 0x80000000, (DWORD, 0x80000000)),
        ("DWord", -1, (DWORD, 0xFFFFFFFF)),
        ("QWord", 2**40, (QWORD, 2**40)),
        ("QWord", 5, (QWORD, 5)),
        ("QWord", -2, (QWORD, 2**64 - 2)),
        ("QWord", 2**64 - 1, (QWORD, 2**64 - 1)),
        ("MultiString", ["a", "b"], (MULTI, ["a", "b"])),
        ("MultiString", ["one"], (MULTI, ["one"])),
        ("MultiString", [], (MULTI, [])),
        ("Binary", "000aff", (BINARY, b"\x00\x0a\xff")),
        ("Binary", "", (BINARY, b"")),
    ],
)
def test_registry_value_of_each_kind(stage: Stage, host: WindowsHost, kind: str, data: Any, stored: Any) -> None:
    arguments = {"key": PROBE, "name": "v", "view": 64, "present": True, "kind": kind, "data": data}
    for _ in range(2):
        stage.do("registry", **arguments)
        assert value(host, r"\SOFTWARE\Probe", "v") == stored


def test_a_keys_other_values_and_subkeys_stay(stage: Stage, host: WindowsHost) -> None:
    key = host.registry.create(HKLM + r"\SOFTWARE\Probe")
    key.set("other", SZ, "stays")
    host.registry.create(HKLM + r"\SOFTWARE\Probe\below").set("deep", SZ, "too")
    stage.do("registry", key=PROBE, name="v", view=64, present=True, kind="DWord", data=1)
    assert value(host, r"\SOFTWARE\Probe", "other") == (SZ, "stays")
    assert value(host, r"\SOFTWARE\Probe\below", "deep") == (SZ, "too")


def test_registry_in_the_32_bit_view(stage: Stage, host: WindowsHost) -> None:
    stage.do("registry", key=PROBE, name="v", view=32, present=True, kind="String", data="x")
    assert value(host, r"\SOFTWARE\Probe", "v", 32) == (SZ, "x")
    assert value(host, r"\SOFTWARE\Probe", "v", 64) is None


def test_a_registry_value_is_removed_once_and_again(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(HKLM + r"\SOFTWARE\Probe").set("v", SZ, "x")
    for _ in range(2):
        stage.do("registry", key=PROBE, name="v", view=64, present=False)
        assert value(host, r"\SOFTWARE\Probe", "v") is None
    stage.do("registry", key=r"HKLM\SOFTWARE\Nothing", name="v", view=64, present=False)
    assert host.registry.open(HKLM + r"\SOFTWARE\Nothing") is None


def test_an_unknown_kind_changes_nothing(stage: Stage, host: WindowsHost) -> None:
    stage.refuse("registry", key=PROBE, name="v", view=64, present=True, kind="Nonsense", data="x")
    assert value(host, r"\SOFTWARE\Probe", "v") is None


# ---- environment


@pytest.mark.parametrize(("kind", "stored"), [("String", (SZ, r"%TEMP%\ü")), ("ExpandString", (EXPAND, r"%TEMP%\ü"))])
def test_a_variable_keeps_its_kind(stage: Stage, host: WindowsHost, kind: str, stored: Any) -> None:
    stage.do("environment", name="DCM", kind=kind, data=r"%TEMP%\ü")
    assert value(host, ENVIRONMENT.removeprefix(HKLM), "DCM") == stored
    for _ in range(2):
        stage.do("environment", name="DCM", kind=kind, data=None)
        assert value(host, ENVIRONMENT.removeprefix(HKLM), "DCM") is None


def test_announcing_a_change_leaves_no_variable_behind(stage: Stage, host: WindowsHost) -> None:
    before = host.environment.raw()
    stage.do("environment", name="DCM", kind="String", data="x")
    assert host.environment.raw() == {**before, "DCM": (SZ, "x")}


# ---- files


def file_arguments(path: str, content: bytes) -> dict[str, Any]:
    return {
        "path": path, "content": base64.b64encode(content).decode(), "sha256": hashlib.sha256(content).hexdigest(),
    }


@pytest.mark.parametrize("content", [b"", b"plain\r\n", "ü漢\n".encode(), bytes(range(256))])
def test_a_file_is_written_byte_for_byte(stage: Stage, host: WindowsHost, content: bytes) -> None:
    for _ in range(2):
        stage.do("file", **file_arguments(r"%SystemDrive%\new\ü deep\a.txt", content))
        assert host.files.read("C:\\new\\ü deep\\a.txt") == content
    assert [entry.name for entry in host.files.list("C:\\new\\ü deep")] == ["a.txt"]


def test_a_file_replaces_what_was_there(stage: Stage, host: WindowsHost) -> None:
    host.files.write(r"C:\a.txt", b"old and longer")
    host.files.set_attributes(r"C:\a.txt", 1)
    stage.do("file", **file_arguments(r"C:\a.txt", b"new"))
    assert host.files.read(r"C:\a.txt") == b"new"


def test_a_file_that_came_wrong_leaves_the_old_one(stage: Stage, host: WindowsHost) -> None:
    host.files.write(r"C:\a.txt", b"old")
    failed = stage.refuse("file", **{**file_arguments(r"C:\a.txt", b"new"), "sha256": "0" * 64})
    assert failed["message"].startswith("written with sha256 ")
    assert host.files.read(r"C:\a.txt") == b"old"
    assert not host.files.exists(r"C:\a.txt.winbake-new")


def test_a_file_held_open_is_a_failure_that_leaves_nothing_half(stage: Stage, host: WindowsHost) -> None:
    host.files.write(r"C:\a.txt", b"old")
    held = host.files.lock(r"C:\a.txt", share_read=True, share_write=False, share_delete=False)
    failed = stage.refuse("file", **file_arguments(r"C:\a.txt", b"new"))
    host.files.unlock(held)
    assert "used by another process" in failed["message"]
    assert host.files.read(r"C:\a.txt") == b"old"
    assert not host.files.exists(r"C:\a.txt.winbake-new")


def test_directories_are_made_and_deleted_once_and_again(stage: Stage, host: WindowsHost) -> None:
    for _ in range(2):
        stage.do("directory", path=r"%SystemDrive%\a\b [1]")
        assert host.files.is_directory(r"C:\a\b [1]")
    host.files.write(r"C:\a\b [1]\x.txt", b"x")
    for _ in range(2):
        stage.do("delete", path=r"C:\a\b [1]")
        assert not host.files.exists(r"C:\a\b [1]")
    assert host.files.is_directory(r"C:\a")


def test_a_sent_file_is_put_in_its_place_only_if_it_is_the_right_one(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\ProgramData\winbake\media")
    host.files.write(r"C:\ProgramData\winbake\media\x", b"sent")
    right = hashlib.sha256(b"sent").hexdigest()
    stage.do("place", **{"path": r"%SystemDrive%\a\x.bin", "from": r"C:\ProgramData\winbake\media\x", "sha256": right})
    assert host.files.read(r"C:\a\x.bin") == b"sent"
    assert host.files.exists(r"C:\ProgramData\winbake\media\x"), "a later part of the same apply may need it"
    wrong = {"path": r"C:\a\x.bin", "from": r"C:\ProgramData\winbake\media\x", "sha256": "0" * 64}
    assert "wanted 000" in stage.refuse("place", **wrong)["message"]
    assert host.files.read(r"C:\a\x.bin") == b"sent"
    assert not host.files.exists(r"C:\a\x.bin.winbake-new")
    stage.do("delete", path=r"C:\ProgramData\winbake\media\x")
    assert not host.files.exists(r"C:\ProgramData\winbake")


def test_a_single_file_is_deleted(stage: Stage, host: WindowsHost) -> None:
    host.files.write(r"C:\x.txt", b"x")
    host.files.set_attributes(r"C:\x.txt", 1)
    stage.do("delete", path=r"C:\x.txt")
    assert not host.files.exists(r"C:\x.txt")


# ---- firewall


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "id": "winbake-orthanc", "name": "Orthanc", "enabled": True, "direction": "in", "action": "allow",
        "protocol": "tcp", "local_ports": ["8042"], "remote_addresses": [], "profiles": [], "program": "", **changes,
    }


def test_a_rule_is_made_once_however_often(stage: Stage, host: WindowsHost) -> None:
    for remove in ([], ["winbake-orthanc"]):
        stage.do("firewall", remove=remove, rule=rule())
        assert [(r.id, r.local_ports) for r in host.firewall.named("Orthanc")] == [("winbake-orthanc", ("8042",))]


def test_a_rule_with_many_ports_and_addresses(stage: Stage, host: WindowsHost) -> None:
    program = r"C:\Program Files\Orthanc Server\Orthanc.exe"
    stage.do("firewall", remove=[], rule=rule(
        enabled=False, direction="out", action="block", protocol="udp", local_ports=["104", "4242", "11112-11120"],
        remote_addresses=["172.31.0.0/16", "10.0.0.1"], profiles=["Domain", "Private"], program=program,
    ))
    text = next(r["rule"] for r in stage.ask("firewall") if r["id"] == "winbake-orthanc")
    for part in (
        "Action=Block", "Active=FALSE", "Dir=Out", "Protocol=17", "LPort=104", "LPort=4242", "LPort2_10=11112-11120",
        "Profile=Domain", "Profile=Private", f"App={program}", "Name=Orthanc",
    ):
        assert f"|{part}|" in text, text
    assert "RA4=10.0.0.1" in text and "RA4=172.31.0.0/" in text, text


def test_rules_are_removed_and_unknown_ones_are_no_failure(stage: Stage, host: WindowsHost) -> None:
    stage.do("firewall", remove=[], rule=rule())
    for _ in range(2):
        stage.do("firewall", remove=["winbake-orthanc", "nosuch"], rule=None)
        assert host.firewall.named("Orthanc") == []


def test_a_rule_that_windows_refuses_says_so(stage: Stage, host: WindowsHost) -> None:
    assert stage.refuse("firewall", remove=[], rule=rule(local_ports=["nonsense"]))["message"]
    assert host.firewall.named("Orthanc") == []


# ---- services


@pytest.mark.parametrize(("word", "found"), [("auto", "auto"), ("delayed", "delayed"), ("manual", "manual"), ("disabled", "disabled")])
def test_a_services_start_mode(stage: Stage, word: str, found: str) -> None:
    for _ in range(2):
        stage.do("service", name="Spooler", start=word, state=None)
        assert stage.ask("service", name="Spooler")["start"] == found


def test_a_services_state(stage: Stage, host: WindowsHost) -> None:
    for state, found in (("stopped", "stopped"), ("stopped", "stopped"), ("running", "running"), ("running", "running"), ("restarted", "running")):
        stage.do("service", name="Spooler", start=None, state=state)
        assert stage.ask("service", name="Spooler")["state"] == found


@pytest.mark.parametrize(("start", "state"), [("auto", None), (None, "running")])
def test_an_unknown_service_is_a_failure(stage: Stage, start: str | None, state: str | None) -> None:
    assert "nosuch" in stage.refuse("service", name="nosuch", start=start, state=state)["message"]


def test_a_service_that_does_not_start(stage: Stage, host: WindowsHost) -> None:
    stage.do("service", name="Spooler", start=None, state="stopped")
    host.faults.add("service_does_not_start", service="Spooler")
    failed = stage.refuse("service", name="Spooler", start=None, state="running")
    assert failed["message"] == "the service Spooler stopped again while it started"


def test_a_service_that_is_too_slow_is_told_with_its_state(stage: Stage, host: WindowsHost) -> None:
    host.clock.speed = 1  # it takes half a second to stop
    failed = stage.refuse("service", 0, name="Spooler", start=None, state="restarted")
    assert failed["message"] == "the service Spooler is StopPending after 0 s, wanted Stopped"


def test_what_depends_on_a_service_runs_again_after_its_restart(stage: Stage, host: WindowsHost) -> None:
    assert [one.name for one in host.services.dependents("Dhcp") if one.status == 4] == ["NlaSvc"]
    stage.do("service", name="Dhcp", start=None, state="restarted")
    assert [host.services.must(name).status for name in ("Dhcp", "NlaSvc")] == [4, 4]


# ---- commands


def command(line: str, shell: str = "none", **more: Any) -> dict[str, Any]:
    return {"line": line, "shell": shell, "directory": None, "stdin": None, "exit_codes": [0], **more}


@pytest.mark.parametrize(
    ("shell", "line", "output"),
    [
        ("none", "cmd.exe /c echo one", ["one"]),
        ("none", r'"C:\Windows\System32\cmd.exe" /c "echo two words"', ["two words"]),
        ("cmd", 'echo a& echo "b c"', ["a", '"b c"']),
        ("powershell", "'ü ' + (1 + 1); \"it's\"", None),
        ("cmd", "exit 0", []),
        ("cmd", "for %i in (1 2 3 4 5 6 7 8 9 10 11 12) do @echo %i", [str(i) for i in range(3, 13)]),
    ],
)
def test_a_command_and_the_last_lines_of_what_it_says(stage: Stage, shell: str, line: str, output: list[str] | None) -> None:
    done = stage.do("command", **command(line, shell))
    assert done["exit_code"] == 0
    if output is not None:
        assert done["output"] == output
    else:
        assert done["output"][-1] == "it's"


def test_errors_on_standard_error_do_not_end_the_agent(stage: Stage) -> None:
    done = stage.do("command", **command("echo bad 1>&2& echo good", "cmd"))
    assert sorted(line.strip() for line in done["output"]) == ["bad", "good"]


def test_standard_input_and_directory(stage: Stage, host: WindowsHost) -> None:
    assert stage.do("command", **command("sort", "cmd", stdin="b\na\n"))["output"] == ["a", "b"]
    assert stage.do("command", **command("cd", "cmd", directory=r"C:\Users"))["output"] == [r"C:\Users"]


def test_exit_codes(stage: Stage) -> None:
    assert stage.do("command", **command("exit 3010", "cmd", exit_codes=[0, 3010]))["exit_code"] == 3010
    failed = stage.refuse("command", **command("echo why& exit 5", "cmd"))
    assert (failed["message"], failed["exit_code"], failed["log_tail"]) == ("exit 5", 5, ["why"])


def test_a_command_at_its_limit_is_ended_with_its_children(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\t\waits.exe", Output(waits=True))
    failed = stage.refuse("command", 5, **command(r"echo begun& C:\t\waits.exe", "cmd"))
    assert failed["message"] == "still running after 5 s, so it and its child processes were ended"
    assert failed["log_tail"][0] == "begun"
    assert not host.processes.named("waits.exe")
    assert not host.processes.named("cmd.exe")


@pytest.mark.parametrize(
    ("line", "said"),
    [("nosuch.exe /x", "cannot find the file"), ('"C:\\open quote', "a quote is missing in: "), (r"C:\no such\x.exe", "")],
)
def test_a_command_that_cannot_start(stage: Stage, line: str, said: str) -> None:
    assert said in stage.refuse("command", **command(line))["message"]


def test_a_program_with_spaces_and_no_quotes(stage: Stage, host: WindowsHost) -> None:
    put_program(host, r"C:\my tools\t.exe", Output(when="^/x y$", stdout="right"))
    assert stage.do("command", **command(r"C:\my tools\t.exe /x y"))["output"] == ["right"]


# ---- restart


def test_reboot_is_asked_for_and_a_second_time_is_no_failure(stage: Stage, host: WindowsHost) -> None:
    booted = host.boot_time
    run = stage.run(operations=[operation("reboot", delay_seconds=120), operation("reboot", delay_seconds=120)])
    assert run.done("o0") and run.done("o1")
    assert host.power.stop_now is not None
    for _ in range(200):
        if host.boot_time != booted:
            break
        host.clock.sleep(10)
    assert host.boot_time != booted


def test_a_restart_that_windows_refuses(stage: Stage, host: WindowsHost) -> None:
    failed = stage.refuse("reboot", delay_seconds=999_999_999)
    assert failed["message"].startswith("shutdown.exe answered ")
