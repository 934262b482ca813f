"""Reboot, shutdown, the clock, the saved state."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from winbake.rehearsal.windows import images, state
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output, ServiceBehaviour
from winbake.rehearsal.windows.power import CBS_PENDING, WINLOGON_CHECKED

CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"


def restart(host: WindowsHost) -> None:
    down = threading.Event()
    host.on_down(down.set)
    host.reboot()
    assert host.clock.wait(down, 120)
    assert host.wait_up(600)


def code_of(action: object, *arguments: object) -> int:
    with pytest.raises(Win32Failure) as refused:
        action(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_a_reboot_ends_processes_and_drops_volatile_keys(host: WindowsHost) -> None:
    host.files.write(r"C:\w.exe", images.build_executable(Image(behaviour=[Output(waits=True)])))
    process = host.start(r"C:\w.exe")
    host.registry.create(r"HKLM\SOFTWARE\WinBake\Kept")
    host.registry.create(r"HKLM\SOFTWARE\WinBake\Volatile", volatile=True)
    before, ids = host.boot_time, {one.id for one in host.processes}
    events: list[str] = []
    host.on_down(lambda: events.append("down"))
    host.on_up(lambda: events.append("up"))
    restart(host)
    assert events == ["down", "up"]
    assert process.exit_code is not None
    assert host.registry.open(r"HKLM\SOFTWARE\WinBake\Volatile") is None
    assert host.registry.open(r"HKLM\SOFTWARE\WinBake\Kept") is not None
    assert (host.boot_time - before).total_seconds() > 10
    assert not ids & {one.id for one in host.processes}
    assert host.services.must("WinRM").status == 4


def test_winrm_answers_before_the_logon_screen_is_reached(host: WindowsHost) -> None:
    assert host.registry.open(WINLOGON_CHECKED) is not None
    restart(host)
    assert host.registry.open(WINLOGON_CHECKED) is None
    for _ in range(100):
        if host.registry.open(WINLOGON_CHECKED) is not None:
            break
        host.clock.sleep(2)
    key = host.registry.open(WINLOGON_CHECKED)
    assert key is not None and key.volatile


def test_shutdown_codes(host: WindowsHost) -> None:
    assert code_of(host.abort_shutdown) == 1116
    host.reboot(3600)
    assert code_of(host.reboot) == 1190
    host.abort_shutdown()
    assert code_of(host.abort_shutdown) == 1116
    host.shutdown()
    assert host.power.off.wait(10)
    assert code_of(host.reboot) == 1115
    assert code_of(host.start, "msiexec") == 1115
    assert not host.is_up
    host.power.power_on()
    assert host.wait_up(600)


def test_pending_renames_are_done_at_the_next_start(host: WindowsHost) -> None:
    host.files.write(r"C:\old.txt", b"old")
    host.files.write(r"C:\new.txt", b"new")
    host.files.write(r"C:\gone.txt", b"")
    host.power.add_pending_rename(r"C:\new.txt", r"C:\old.txt")
    host.power.add_pending_rename(r"C:\gone.txt")
    pending = host.registry.read(CONTROL + r"\Session Manager", "PendingFileRenameOperations")
    assert pending == [r"\??\C:\new.txt", r"!\??\C:\old.txt", r"\??\C:\gone.txt", ""]
    restart(host)
    assert host.files.read(r"C:\old.txt") == b"new"
    assert not host.files.exists(r"C:\gone.txt")
    assert host.registry.read(CONTROL + r"\Session Manager", "PendingFileRenameOperations") is None


def test_pending_servicing_and_a_new_name_are_finished_by_a_reboot(host: WindowsHost) -> None:
    host.registry.create(CBS_PENDING)
    host.registry.write(CONTROL + r"\ComputerName\ComputerName", "ComputerName", "MASTER")
    assert host.computer_name.startswith("EC2AMAZ-")
    restart(host)
    assert host.registry.open(CBS_PENDING) is None
    assert host.computer_name == "MASTER"
    assert host.environment.block(host.default_token)["COMPUTERNAME"] == "MASTER"


def test_automatic_services_come_back(host: WindowsHost) -> None:
    host.files.write(r"C:\svc.exe", images.build_executable(Image(service=ServiceBehaviour(ports=[9000]))))
    host.services.create("Mine", r"C:\svc.exe", start_type=2)
    assert host.network.owner(9000) is None
    restart(host)
    assert host.services.wait_for("Mine", 4, 120)
    assert host.network.owner(9000) is not None


def test_the_clock_runs_as_fast_as_told(host: WindowsHost) -> None:
    for speed in (host.clock.speed, 1000.0):
        host.clock.speed = speed
        start, before = time.monotonic(), host.clock.now()
        host.clock.sleep(100)
        passed = (host.clock.now() - before).total_seconds()
        assert 100 <= passed <= (time.monotonic() - start) * speed


@pytest.mark.parametrize(
    ("release", "build", "shown"), [("2019", "17763", None), ("2022", "20348", "21H2"), ("2025", "26100", "24H2")]
)
def test_releases(release: str, build: str, shown: str | None) -> None:
    made = WindowsHost("X", release, 500)
    key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    assert made.registry.read(key, "CurrentBuild") == build
    assert made.registry.read(key, "DisplayVersion") == shown
    assert made.registry.read(key, "ProductName") == f"Windows Server {release} Datacenter"
    made.power.stop_now()


def test_state_round_trip(host: WindowsHost, tmp_path: Path) -> None:
    host.registry.write(r"HKLM\SOFTWARE\WinBake", "v", b"\0\1")
    host.registry.create(r"HKLM\SOFTWARE\WinBake\Volatile", volatile=True)
    host.files.write(r"C:\a.txt", b"content")
    host.files.write(r"C:\a.txt:Zone.Identifier", b"[ZoneTransfer]")
    host.accounts.add_user("student", "Aachen-2026")
    state.save(host, tmp_path / "master.json")
    clone = state.load_file(tmp_path / "master.json", name="WS01", speed=500)
    assert clone.name == "WS01" and clone.computer_name == host.computer_name
    assert clone.registry.read(r"HKLM\SOFTWARE\WinBake", "v") == b"\0\1"
    assert clone.registry.open(r"HKLM\SOFTWARE\WinBake\Volatile") is None
    assert clone.files.read(r"C:\a.txt") == b"content"
    assert clone.files.read(r"C:\a.txt:Zone.Identifier") == b"[ZoneTransfer]"
    assert clone.files.free_bytes() == host.files.free_bytes()
    assert code_of(clone.logon, "student", "Aachen-2026") == 1326  # the file holds no password
    clone.accounts.set_password("student", "Aachen-2026")
    assert clone.logon("student", "Aachen-2026").user == "student"
    assert clone.is_up and clone.services.must("WinRM").status == 4
    assert clone.clock.now() >= host.clock.boot_time
    clone.power.stop_now()


def test_clones_share_contents_but_not_changes(host: WindowsHost) -> None:
    host.files.write(r"C:\a.txt", b"content")
    host.accounts.add_user("student", "Aachen-2026")
    saved = host.state()
    clones = [WindowsHost.from_state(saved, name=f"WS{n:02}", speed=500, blobs=host.files.blobs) for n in range(3)]
    clones[0].files.write(r"C:\a.txt", b"changed")
    assert [clone.files.read(r"C:\a.txt") for clone in clones] == [b"changed", b"content", b"content"]
    assert host.files.read(r"C:\a.txt") == b"content"
    assert clones[2].logon("student", "Aachen-2026").user == "student"
    for clone in clones:
        clone.power.stop_now()


def test_a_state_of_another_format_is_refused(tmp_path: Path) -> None:
    for text, words in (
        ('{"format": 99}', "another version of winbake .format 99"),
        (f'{{"format": {state.FORMAT}, "files": {{}}}}', "another version of winbake .it has no"),
        ("[]", "no state of a rehearsal host"),
        ("half a f", "no state of a rehearsal host"),
    ):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(ValueError, match=words):
            state.load_file(tmp_path / "x.json")
