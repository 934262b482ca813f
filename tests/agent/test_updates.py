"""Windows updates through the task that runs as SYSTEM: searched, installed, refused, ended at the limit, left behind."""

from __future__ import annotations

from typing import Any

from agent_stage import Run, Stage, operation, query

from winbake.rehearsal.windows.fresh_updates import update_id
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.updates import REBOOT_REQUIRED, Update

SECURITY = ["Security Updates"]


def search(stage: Stage, categories: list[str]) -> dict[str, Any]:
    asked = stage.run([query("updates", server=0, categories=categories, limit_seconds=900)])
    assert_nothing_left(stage.host)
    answer = asked.answer()
    return dict(answer)


def install(stage: Stage, *kbs: str, limit: int = 3600, reboot: bool = True) -> Run:
    ids = [update_id(kb) for kb in kbs]
    run = stage.run(operations=[operation("updates", limit, server=0, ids=ids, reboot=reboot)])
    assert_nothing_left(stage.host)
    return run


def assert_nothing_left(host: WindowsHost) -> None:
    assert host.tasks.get("winbake") is None
    assert folders(host) == []


def folders(host: WindowsHost) -> list[str]:
    return [entry.name for entry in host.files.list(r"C:\Windows\Temp") if entry.name.startswith("winbake-")]


def wait_until(host: WindowsHost, what: Any) -> None:
    for _ in range(2000):
        if what():
            return
        host.clock.sleep(2)
    raise AssertionError("waited in vain")


def test_pending_updates_of_the_categories_are_read(stage: Stage, host: WindowsHost) -> None:
    answer = search(stage, ["security updates", "Update Rollups"])
    assert answer["restart"] is False
    assert [one["kb"] for one in answer["updates"]] == ["KB9900001", "KB9900002", "KB890830"]
    assert answer["updates"][0] == {
        "id": update_id("KB9900001"), "kb": "KB9900001", "title": host.updates.get("KB9900001").title,
        "categories": ["Security Updates", "Microsoft Server operating system-21H2"], "size": 360_000_000,
        "optional": False, "waits": False,
    }  # fmt: skip


def test_every_category_and_none(stage: Stage) -> None:
    assert len(search(stage, ["*"])["updates"]) == 5
    assert search(stage, ["Service Packs"])["updates"] == []


def test_where_a_network_logon_may_not_search_the_system_does(host: WindowsHost) -> None:
    newer = WindowsHost("NEWER", "2025", host.clock.speed)
    answer = search(Stage(newer), SECURITY)
    assert [one["kb"] for one in answer["updates"]] == ["KB9900001", "KB9900002"]
    newer.faults.add("update_search_fails", code="0x80072EE2")
    asked = {"kind": "updates", "arguments": {"server": 0, "categories": ["*"], "limit_seconds": 900}}
    assert "0x80072EE2" in Stage(newer).run([asked]).fact_failure()
    assert_nothing_left(newer)
    newer.power.stop_now()


def test_an_update_without_a_number_goes_by_its_title(stage: Stage, host: WindowsHost) -> None:
    host.updates.offer(Update("id", "", "Contoso - Display - 1.2.3.4", ("Drivers",), kind="Driver"))
    assert [one["kb"] for one in search(stage, ["drivers"])["updates"]] == ["Contoso - Display - 1.2.3.4"]


def test_a_title_in_another_language_comes_back_as_it_is(stage: Stage, host: WindowsHost) -> None:
    title = "2026-11 Sicherheitsupdate für Windows – 日本 (KB890830)"
    host.updates.get("KB890830").title = title
    host.faults.add("update_fails", kb="KB890830")
    assert install(stage, "KB890830").failed()["message"] == f"KB890830 failed with 0x80070643 ({title})"


def test_a_search_that_did_not_end_well_is_a_failure(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_search_fails", result=4)
    asked = {"kind": "updates", "arguments": {"server": 0, "categories": ["*"], "limit_seconds": 900}}
    assert stage.run([asked]).fact_failure() == "the search for updates ended with result 4"


def test_a_search_over_the_network_leaves_the_host_as_it_is(stage: Stage, host: WindowsHost) -> None:
    written: list[str] = []
    host.files.on_write(written.append)
    search(stage, SECURITY)
    assert written == []


def test_a_search_that_fails_says_windows_code(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_search_fails", code="0x8024402C")
    asked = {"kind": "updates", "arguments": {"server": 0, "categories": ["*"], "limit_seconds": 900}}
    assert "0x8024402C" in stage.run([asked]).fact_failure()
    assert_nothing_left(host)


def test_updates_are_installed_with_progress_and_a_restart_is_owed(stage: Stage, host: WindowsHost) -> None:
    host.updates.get("KB9900002").eula_accepted = False
    host.updates.get("KB9900002").reboot = None  # Windows may say nothing of it
    run = install(stage, "KB9900001", "KB9900002", "KB890830")
    done = run.done()
    assert done["installed"] == ["KB890830", "KB9900001", "KB9900002"], "what never restarts comes first"
    assert (done["reboot"], done["restart_owed"]) == (True, True)
    told = [(e["text"], e["percent"]) for e in run.events if e["event"] == "progress"]
    assert told[:3] == [("searching", 0), ("downloading KB890830 (1 of 3)", 0), ("installing KB890830 (1 of 3)", 17)]
    assert ("installing KB9900002 (3 of 3)", 84) in told
    assert search(stage, SECURITY)["restart"] is True
    assert [one["waits"] for one in search(stage, SECURITY)["updates"]] == [True]


def test_without_leave_to_restart_it_is_only_said(stage: Stage) -> None:
    done = install(stage, "KB9900001", reboot=False).done()
    assert (done["reboot"], done["restart_owed"]) == (False, True)


def test_nothing_is_installed_while_a_restart_is_owed(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(REBOOT_REQUIRED)
    done = install(stage, "KB890830").done()
    assert (done["installed"], done["reboot"]) == ([], True)
    assert not host.updates.get("KB890830").installed


def test_after_one_that_always_restarts_the_others_wait_for_the_next_round(stage: Stage, host: WindowsHost) -> None:
    for kb in ("KB9900001", "KB9900002"):
        host.updates.get(kb).reboot = 1
    done = install(stage, "KB9900001", "KB9900002").done()
    assert (done["installed"], done["reboot"]) == (["KB9900001"], True)


def test_one_that_fails_is_named_with_its_code_and_the_others_go_on(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_fails", kb="KB890830", code="0x800F0922")
    run = install(stage, "KB890830", "KB9900002")
    assert run.failed()["message"] == (
        "KB890830 failed with 0x800F0922 (Windows Malicious Software Removal Tool x64 - v5.130 (KB890830))"
    )
    assert host.updates.get("KB9900002").installed


def test_what_fails_before_a_restart_is_tried_again_after_it(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_fails", kb="KB890830")
    run = install(stage, "KB890830", "KB9900001")
    assert run.done()["reboot"] is True
    assert [e["text"].endswith("tried again after the restart") for e in run.events if e["event"] == "note"] == [True]


def test_an_update_that_hangs_is_ended_at_the_limit(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_hangs", kb="KB890830")
    message = install(stage, "KB890830", limit=400).failed()["message"]
    assert message == "still running after 400 s, so its task was ended: installing KB890830 (1 of 1)"
    assert not running(host), "its script is gone too"
    waiting = install(stage, "KB9900002", limit=400).failed()["message"]
    assert waiting.endswith("waiting for another installation before KB9900002 (1 of 1)")


def running(host: WindowsHost) -> list[Process]:
    return [p for p in host.processes.named("powershell.exe") if p.exit_code is None]


def test_a_task_that_ends_without_a_word_is_a_failure(stage: Stage, host: WindowsHost) -> None:
    process = stage.start(operations=[operation("updates", 3600, server=0, ids=[update_id("KB9900001")], reboot=True)])
    wait_until(host, lambda: host.updates.is_busy)
    for one in running(host):
        if one.token.is_system:
            one.kill(exit_code=3)
    message = stage.finish(process).failed()["message"]
    assert message == (
        "the task that runs as SYSTEM ended with result 0x00000003 and did not say how it went (installing KB9900001 (1 of 1))"
    )
    assert_nothing_left(host)


def test_when_the_agent_is_gone_the_task_ends_after_the_update_at_hand(stage: Stage, host: WindowsHost) -> None:
    ids = [update_id(kb) for kb in ("KB890830", "KB9900001", "KB9900002")]
    process = stage.start(operations=[operation("updates", 3600, server=0, ids=ids, reboot=True)])
    wait_until(host, lambda: host.updates.is_busy)
    process.kill(tree=True)
    wait_until(host, lambda: not running(host))
    assert_nothing_left(host)
    assert [one.kb for one in host.updates.all() if one.installed] == ["KB890830"]


def test_what_an_interrupted_run_left_is_cleared_away(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("update_hangs", kb="KB9900001")
    process = stage.start(operations=[operation("updates", 3600, server=0, ids=[update_id("KB9900001")], reboot=True)])
    wait_until(host, lambda: host.updates.is_busy)
    process.kill(tree=True)
    host.clock.sleep(30)
    assert running(host), "it is still at the update, which hangs"
    assert host.tasks.get("winbake") is not None and len(folders(host)) == 1
    assert "waiting for another installation" in install(stage, "KB890830", limit=400).failed()["message"]
    assert not running(host)
