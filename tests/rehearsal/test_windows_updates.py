"""Windows updates over WinRM: rounds with restarts between, updates that fail or hang, and runs that are cut."""

from __future__ import annotations

from typing import Any

import pytest
from bake_stage import SPEED, Stage, at_once, ctrl_c_when, numbers_of

from winbake.rehearsal.windows import fresh_updates
from winbake.rehearsal.windows.updates import ALWAYS_REQUIRES_REBOOT, Update


def wants(stage: Stage, *more: dict[str, Any], **parameters: Any) -> None:
    """The host is offered updates; the playbook is one task that wants the security updates, and what comes after it."""
    fresh_updates.install(stage.host)
    stage.only_tools("7zip")
    task = {"name": "Security", "win_updates": {"category_names": ["SecurityUpdates"], "reboot": True, **parameters}}
    stage.write_tasks([task, *more])


def installed(stage: Stage) -> list[str]:
    return [one.kb for one in stage.host.updates.all() if one.installed]


def test_rounds_go_on_until_nothing_is_left_and_each_restart_is_proved(stage: Stage) -> None:
    wants(stage, {"name": "Folder", "win_file": {"path": r"C:\after", "state": "directory"}})
    stage.host.updates.get("KB9900001").reboot = ALWAYS_REQUIRES_REBOOT
    boots = stage.host.power.boots
    ran = stage.apply("--skip", "tools")
    assert ran.code == 0, ran.text
    assert installed(stage) == ["KB9900001", "KB9900002", "KB9900004"]
    assert stage.host.power.boots == boots + 1
    assert "KB9900004" not in ran.text[: ran.text.index("restarted in")], "Windows offers it only after the restart"
    assert ran.text.index("looking what is left after round 2") < ran.text.index(ran.line("✓ file"))
    assert "installing KB9900002 (1 of 2), 25 %" in ran.text
    done = [r for r in stage.records() if r["line"] == "done" and r["title"] == "updates Security"]
    assert [r["installed"] for r in done] == [["KB9900002", "KB9900001"], ["KB9900004"]]
    stage.assert_nothing_to_change("--skip", "tools")


def test_a_second_restart_is_made_where_the_second_round_asks_for_it(stage: Stage) -> None:
    wants(stage)
    stage.host.updates.get("KB9900004").wants_restart = True
    boots = stage.host.power.boots
    stage.bake()
    assert stage.host.power.boots == boots + 2
    stage.assert_nothing_to_change()


def test_updates_that_keep_coming_end_the_run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.resources.updates.ROUNDS", 2)
    wants(stage, reject_list=["KB9900001"])
    for number in range(10, 14):
        before = "KB9900002" if number == 10 else f"KB99000{number - 1}"
        stage.host.updates.offer(
            Update(f"id-{number}", f"KB99000{number}", f"Late update {number}", ("Security Updates",), after=(before,))
        )
    ran = stage.apply()
    assert ran.code == 1
    assert "updates Security: after 2 rounds this is still to do: KB9900011" in ran.text


def test_an_update_that_fails_is_named_with_its_code_and_what_that_means(stage: Stage) -> None:
    wants(stage, reject_list=["KB9900001"])
    stage.host.updates.get("KB9900002").wants_restart = False
    stage.lab.add_fault("update_fails:kb=KB9900002,code=0x80070643,times=1")
    ran = stage.apply()
    assert ran.code == 1
    assert "updates Security: KB9900002 failed with 0x80070643, fatal error during installation (2026-11 Cumul" in ran.text
    stage.assert_converges()


def test_one_that_fails_before_a_restart_is_tried_again_after_it(stage: Stage) -> None:
    wants(stage)
    stage.lab.add_fault("update_fails:kb=KB9900002,times=1")
    ran = stage.apply()
    assert ran.code == 0, ran.text
    assert "tried again after the restart" in ran.text
    assert installed(stage) == ["KB9900001", "KB9900002", "KB9900004"]


def test_an_update_that_hangs_is_ended_at_the_limit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.resources.updates.ROUND_LIMIT", 400)
    wants(stage)
    stage.lab.add_fault("update_hangs:kb=KB9900001,times=1")
    ran = stage.apply()
    assert ran.code == 1
    assert "still running after 400 s, so its task was ended: installing KB9900001" in ran.text
    assert stage.host.tasks.get("winbake") is None


def test_a_search_that_fails_stops_the_plan_with_the_reason(stage: Stage) -> None:
    wants(stage)
    stage.lab.add_fault("update_search_fails:code=0x80072EE2,times=1")
    ran = stage.plan()
    assert ran.code == 1
    assert "0x80072EE2, the update server did not answer in time" in ran.text


def test_what_is_left_out_is_not_searched_for(stage: Stage) -> None:
    wants(stage)
    stage.lab.add_fault("update_search_fails")
    assert stage.plan("--skip", "Security").code == 2
    assert stage.plan().code == 1


def test_a_plan_says_that_it_searches_and_leaves_nothing_on_the_host(stage: Stage) -> None:
    wants(stage)
    written: list[str] = []
    stage.host.files.on_write(written.append)
    ran = stage.plan()
    assert "master  updates Security: asking Windows can take minutes; --skip 'Security' leaves it out" in ran.err
    assert "Restart: in its place, if something asks for one; after updates in each of their rounds." in ran.text
    assert written == []


def test_a_saved_plan_installs_exactly_its_updates_first(stage: Stage) -> None:
    wants(stage)
    assert stage.plan("-o", "plan.json").code == 2
    ran = stage.run("apply", "plan.json")
    assert ran.code == 0, ran.text
    assert installed(stage) == ["KB9900001", "KB9900002", "KB9900004"]


def busy(stage: Stage) -> bool:
    return stage.host.updates.is_busy


def test_ctrl_c_ends_the_task_after_the_update_at_hand_and_a_rerun_goes_on(stage: Stage) -> None:
    wants(stage)
    stage.host.clock.speed = 40
    with ctrl_c_when(lambda: busy(stage)):
        ran = stage.apply("--skip", "tools")
    assert ran.code == 130, ran.text
    assert "updates Security" in ran.line("half done:")
    stage.host.clock.speed = SPEED
    stage.assert_nothing_left_running()
    assert stage.host.tasks.get("winbake") is None
    assert len([one for one in stage.host.updates.all() if one.installed or one.waits]) == 1
    stage.assert_converges("--skip", "tools")
    assert installed(stage) == ["KB9900001", "KB9900002", "KB9900004"]


def test_a_cut_connection_is_survived_by_a_rerun(stage: Stage) -> None:
    wants(stage)
    stage.host.clock.speed = 40
    with at_once(lambda: busy(stage), stage.one.endpoint.drop_connections):
        ran = stage.apply("--skip", "tools")
    assert ran.code == 1, ran.text
    assert "cut off: " in ran.text
    stage.host.clock.speed = SPEED
    stage.assert_nothing_left_running()
    stage.assert_converges("--skip", "tools")


# ---- win_reboot


def test_a_restart_comes_at_its_place_and_only_where_something_asked_for_it(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.lab.add_fault("reboot_required:tool=7zip,times=1")
    folder = {"name": "Folder", "win_file": {"path": r"C:\after", "state": "directory"}}
    stage.write_tasks([{"name": "Now", "win_reboot": {"reboot_timeout": 40}}, folder, {"name": "Again", "win_reboot": {}}])
    boots = stage.host.power.boots
    ran = stage.apply()
    assert ran.code == 0, ran.text
    assert stage.host.power.boots == boots + 1
    assert ran.text.index(ran.line("✓ tool")) < ran.text.index("restarted in") < ran.text.index(ran.line("✓ file"))
    assert "restart Again: nothing waits for a restart, so none is made" in ran.text
    numbers_of(ran.text, r"waiting 0:00 of 0:(40)")
    stage.assert_nothing_to_change()


def test_a_restart_that_windows_waits_for_is_made(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.write_tasks([{"name": "Now", "win_reboot": {}}])
    stage.host.power.add_pending_rename(r"C:\no-such-file")
    ran = stage.plan("--skip", "tools")
    assert "waits for a restart (file renames) → restarted" in ran.text
    stage.bake("--skip", "tools")
    stage.assert_nothing_to_change("--skip", "tools")
