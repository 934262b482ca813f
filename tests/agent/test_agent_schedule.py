"""Several operations at once: what waits for what, what never runs beside what, and how a run ends when one fails."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from typing import Any

import pytest
from agent_stage import NOTHING, Run, Stage, operation
from test_extraction import extraction, with_7zip  # noqa: F401
from test_extraction import put as put_standin
from test_installers import LOG, STANDINS, arguments, put, put_program, unzip

from winbake.rehearsal.standins.model import StandIn
from winbake.rehearsal.windows.archives import UNPACK_BYTES_PER_SECOND, size_comment
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Output

FOUND = {**NOTHING, "file": r"C:\Windows\System32\cmd.exe"}


@pytest.fixture(autouse=True)
def slower(host: WindowsHost) -> None:
    """What is meant to overlap lasts some real tenths of a second, on a busy machine too."""
    host.clock.speed = 30


def setup(
    host: WindowsHost, name: str, seconds: float = 10, code: int = 0, limit: int = 600, **order: Any
) -> dict[str, Any]:
    """An installer that takes so many seconds."""
    put_program(host, rf"C:\dl\{name}.exe", Output(seconds=seconds, exit_code=code))
    order = {"holds": "program", **order}
    return operation("installer", limit, **order, **arguments(rf"C:\dl\{name}.exe", "/S", detect=FOUND))


def msi(host: WindowsHost, tool: StandIn, **order: Any) -> dict[str, Any]:
    detect = {**NOTHING, "product_code": tool.newest.product_code}
    order = {"holds": "msi", **order}
    return operation("msi", 600, **order, **arguments(put(host, tool), "/qn /norestart", detect=detect))


def brief(line: str = "exit 0", **order: Any) -> dict[str, Any]:
    return operation("command", **order, line=line, shell="cmd", directory=None, stdin=None, exit_codes=[0])


def story(run: Run) -> list[str]:
    """`started o0`, `done o0`, … as they came."""
    return [f"{e['event']} {e['id']}" for e in run.events if e["event"] in ("started", "done", "failed")]


def overlapped(run: Run, one: str, other: str) -> bool:
    lines = story(run)
    return all(
        lines.index(f"started {a}") < min(lines.index(e) for e in (f"done {b}", f"failed {b}") if e in lines)
        for a, b in ((one, other), (other, one))
    )


def two_msis() -> list[StandIn]:
    return [STANDINS["7zip"], STANDINS["weasis"]]


def test_two_msis_never_overlap_and_an_exe_runs_beside_them(stage: Stage, host: WindowsHost) -> None:
    first, second = two_msis()
    run = stage.run(operations=[msi(host, first), msi(host, second), setup(host, "a", 15)])
    assert run.envelope is not None and run.envelope["ok"] is True
    assert not overlapped(run, "o0", "o1")
    assert overlapped(run, "o0", "o2") and overlapped(run, "o1", "o2")
    assert not [e for e in run.events if e["event"] == "note"], "no 1618 was met"


def test_at_most_three_programs_run_at_once_and_an_msi_beside_them(stage: Stage, host: WindowsHost) -> None:
    operations = [setup(host, name) for name in "abcd"]
    run = stage.run(operations=[*operations, msi(host, STANDINS["7zip"])])
    lines = story(run)
    first_end = next(i for i, line in enumerate(lines) if line.startswith("done"))
    assert lines[:first_end] == ["started o0", "started o1", "started o2", "started o4"]
    assert "done o3" in lines


def test_what_is_required_has_ended_before(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "late", 1, after=("o1",)), setup(host, "first", 10), brief(after=("o0", "o1"))])
    lines = story(run)
    assert lines == ["started o1", "done o1", "started o0", "done o0", "started o2", "done o2"]


def test_brief_operations_are_carried_out_while_an_installer_runs(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "a", 30), brief(), brief()])
    assert story(run) == ["started o0", "started o1", "done o1", "started o2", "done o2", "done o0"]


def test_what_runs_when_one_fails_is_let_end_and_nothing_new_begins(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "bad", 3, code=1603), setup(host, "good", 12), brief(after=("o0",))])
    assert run.failed("o0")["message"] == "installer exit 1603"
    assert run.done("o1")["exit_code"] == 0
    assert run.of("o2") == []
    assert run.envelope is not None and run.envelope["ok"] is False


def test_two_that_fail_are_both_told(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "bad", 3, code=1603), setup(host, "worse", 6, code=1602)])
    assert [run.failed(i)["exit_code"] for i in ("o0", "o1")] == [1603, 1602]


def test_the_limit_ends_only_the_one_that_met_it(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "slow", 1000, limit=8), setup(host, "good", 20)])
    assert run.failed("o0")["message"].startswith("still running after 8 s")
    assert run.done("o1")["exit_code"] == 0
    assert not host.processes.named("slow.exe")


def test_the_events_of_several_are_told_apart(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "a", 14), setup(host, "b", 14)])
    for one in ("o0", "o1"):
        names = run.of(one)
        assert names[0] == "started" and names[-1] == "done" and "progress" in names
    told = [e["id"] for e in run.events if e["event"] == "progress"]
    assert told[:2] == ["o0", "o1"]


def test_an_exe_that_meets_1618_waits_until_no_msi_of_ours_runs(stage: Stage, host: WindowsHost) -> None:
    host.clock.speed = 60
    chrome = STANDINS["google-chrome"]
    detect = {**NOTHING, "display_name": "^Google Chrome$"}
    run = stage.run(operations=[
        operation("msi", 600, holds="msi", **arguments(put(host, chrome), "/qn /norestart", detect=detect)),
        setup(host, "wraps", 1, code=1618, limit=40),
    ])  # fmt: skip
    lines = story(run)
    assert lines.index("done o0") < lines.index("failed o1")
    assert run.failed("o1")["message"] == "installer exit 1618"
    notes = [e["text"] for e in run.events if e["event"] == "note"]
    assert notes[0] == "another installation is running (1618): waiting 15 s"


def test_an_uninstall_waits_for_another_installation_too(stage: Stage, host: WindowsHost) -> None:
    stage.run(operations=[msi(host, STANDINS["7zip"])])
    host.faults.add("msi_busy", times=1)
    code = STANDINS["7zip"].newest.product_code
    gone = {"product_code": code, "key": code, "view": "64", "arguments": "/qn /norestart", "log": LOG}
    run = stage.run(operations=[operation("msi_uninstall", 600, holds="msi", **gone)])
    assert run.done()["exit_code"] == 0
    assert run.of("o0") == ["started", "note", "done"]


def test_nothing_begins_once_an_installer_has_begun_to_restart_the_machine(stage: Stage, host: WindowsHost) -> None:
    run = stage.run(operations=[setup(host, "a", 2, code=1641), brief(after=("o0",))])
    assert run.done("o0")["reboot"] is True
    assert run.of("o1") == []
    assert run.envelope is not None and run.envelope["ok"] is True


def test_operations_that_wait_for_one_another_are_named(stage: Stage) -> None:
    run = stage.run(operations=[brief(after=("o1",)), brief(after=("o0",))])
    assert run.envelope is not None and run.envelope["ok"] is False
    assert run.envelope["message"] == "these operations wait for one another: o0, o1"


def test_a_half_filled_folder_that_cannot_be_deleted_is_told(with_7zip: Stage, host: WindowsHost) -> None:  # noqa: F811
    host.clock.speed = 5
    asked = extraction(put_standin(host, "postman", "postman.exe"), root=r"lib\net99")
    process = with_7zip.start(operations=[operation("extract", 600, holds="program", **asked)])
    held: list[object] = []

    def hold() -> None:
        """Another program opens what came out of the installer."""
        file = rf"{asked['destination']}.winbake-outer\{asked['inside']}"
        deadline = time.monotonic() + 20
        while not held and time.monotonic() < deadline and process.exit_code is None:
            if host.files.exists(file):
                held.append(host.files.lock(file, share_read=True, share_write=True, share_delete=False))
            time.sleep(0.01)

    watcher = threading.Thread(target=hold)
    watcher.start()
    run = with_7zip.finish(process)
    watcher.join()
    assert held, "the file was never seen"
    assert run.failed()["message"].startswith(r"there is no folder 'lib\net99'")
    assert any(e["event"] == "note" and e["text"].startswith("a half-filled folder stays: ") for e in run.events)


def test_an_installer_is_not_kept_waiting_by_a_service_that_is_slow(stage: Stage, host: WindowsHost) -> None:
    restart = operation("service", name="Spooler", start=None, state="restarted")
    run = stage.run(operations=[restart, brief(), brief(after=("o0",))])
    assert story(run) == ["started o0", "started o1", "done o1", "done o0", "started o2", "done o2"]


def test_brief_operations_are_carried_out_while_an_archive_is_unpacked(stage: Stage, host: WindowsHost) -> None:
    host.clock.speed = 5
    run = stage.run(operations=[operation("unzip", holds="program", **unzip(large_zip(host), None)), brief()])
    assert story(run) == ["started o0", "started o1", "done o1", "done o0"]


def test_an_archive_has_a_time_limit_and_leaves_nothing_half_done(stage: Stage, host: WindowsHost) -> None:
    failed = stage.refuse("unzip", 1, **unzip(large_zip(host), None))
    assert failed["message"].startswith("still running after 1 s")
    assert not host.files.exists(r"C:\tools\dcmtk.winbake-new")
    assert not host.files.exists(r"C:\tools\dcmtk")


def large_zip(host: WindowsHost) -> str:
    """Takes 10 s to unpack."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.comment = size_comment(10 * UNPACK_BYTES_PER_SECOND)
        made.writestr("bin/x.txt", "new")
    host.files.make_directory(r"C:\dl")
    host.files.write(r"C:\dl\a.zip", written.getvalue())
    return r"C:\dl\a.zip"


def test_a_child_that_outlives_its_parent_is_waited_for_while_others_begin(stage: Stage, host: WindowsHost) -> None:
    """As Cygwin's setup without --wait: it returns, and its elevated child has only begun."""
    late = setup(host, "parent", 1)
    late["arguments"]["detect"] = {**NOTHING, "file": r"C:\late\tool.exe"}
    host.files.make_directory(r"C:\late")
    process = stage.start(operations=[late, setup(host, "a", 2), setup(host, "b", 2, after=("o1",))])
    while "b.exe" not in host.processes.started_count and process.exit_code is None:
        time.sleep(0.01)
    host.files.write(r"C:\late\tool.exe", b"MZ")
    run = stage.finish(process)
    lines = story(run)
    assert lines.index("started o2") < lines.index("done o0"), "the others did not wait for it"
    assert run.done("o0")["exit_code"] == 0


@pytest.mark.parametrize(("holds", "met"), [("program", True), ("msi", False)])
def test_oracles_java_setup_has_an_msi_inside(stage: Stage, host: WindowsHost, holds: str, met: bool) -> None:
    """Unmarked it meets 1618 and comes in later; marked (`wraps_msi`) it does not begin before."""
    asked = arguments(
        put(host, STANDINS["oracle-jre-8"]),
        "/s REBOOT=0 SPONSORS=0 AUTO_UPDATE=0",
        detect={**NOTHING, "display_name": "^Java 8 Update"},
    )
    run = stage.run(operations=[msi(host, STANDINS["weasis"]), operation("installer", 600, holds=holds, **asked)])
    assert run.done("o0")["exit_code"] == run.done("o1")["exit_code"] == 0
    assert ("note" in run.of("o1")) is met
