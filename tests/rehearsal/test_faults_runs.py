"""Runs that are cut, interrupted or not alone, agents that end early, and hosts that do not keep what was set."""

from __future__ import annotations

from typing import Any

import pytest
from bake_stage import SPEED, Stage, at_once, ctrl_c_when, numbers_of


def test_a_cut_connection_names_what_is_half_done_and_a_rerun_converges(stage: Stage) -> None:
    stage.lab.add_fault("installer_hangs:tool=orthanc,times=1")
    stage.host.clock.speed = 20  # slow enough that the cut comes long before the installer's time limit
    with at_once(lambda: any(p.window for p in stage.host.processes), stage.one.endpoint.drop_connections):
        ran = stage.apply("--tags", "orthanc")
    assert ran.code == 1, ran.text
    assert "cut off: " in ran.text
    assert "tool orthanc" in ran.line("half done:")
    assert "Next: a re-run reads the host anew" in ran.text
    stage.assert_nothing_left_running()
    stage.host.clock.speed = SPEED
    stage.assert_converges("--tags", "orthanc")


def test_ctrl_c_while_an_installer_runs(stage: Stage) -> None:
    stage.host.clock.speed = 20
    stage.lab.add_fault("installer_hangs:tool=orthanc,times=1")
    with ctrl_c_when(lambda: any(p.window for p in stage.host.processes)):
        ran = stage.apply("--tags", "orthanc")
    assert ran.code == 130, ran.text
    assert "tool orthanc" in ran.line("half done:")
    stage.assert_nothing_left_running()
    stage.assert_no_tool("Orthanc")
    stage.host.clock.speed = SPEED
    stage.assert_converges("--tags", "orthanc")


def hang(stage: Stage, *tools: str) -> int:
    """How many installers will show a window and wait."""
    stage.host.clock.speed = 20
    for tool in tools:
        stage.lab.add_fault(f"installer_hangs:tool={tool},times=1")
    return len(tools)


def test_ctrl_c_while_several_installers_run_ends_all_of_them(stage: Stage) -> None:
    wanted = hang(stage, "orthanc", "7zip")
    with ctrl_c_when(lambda: sum(bool(p.window) for p in stage.host.processes) == wanted):
        ran = stage.apply("--tags", "orthanc,7zip")
    assert ran.code == 130, ran.text
    assert "tool orthanc" in ran.line("half done:") and "tool 7zip" in ran.line("half done:")
    stage.assert_nothing_left_running()
    stage.host.clock.speed = SPEED
    stage.assert_converges("--tags", "orthanc,7zip")


def test_a_connection_cut_while_several_installers_run_names_them_and_a_rerun_converges(stage: Stage) -> None:
    wanted = hang(stage, "orthanc", "temurin-jre-17")
    with at_once(
        lambda: sum(bool(p.window) for p in stage.host.processes) == wanted, stage.one.endpoint.drop_connections
    ):
        ran = stage.apply("--tags", "orthanc,temurin-jre-17,dcm2niix")
    assert ran.code == 1, ran.text
    assert "tool orthanc" in ran.line("half done:") and "tool temurin-jre-17" in ran.line("half done:")
    stage.assert_nothing_left_running()
    stage.host.clock.speed = SPEED
    stage.assert_converges("--tags", "orthanc,temurin-jre-17,dcm2niix")


def test_the_record_tells_what_ran_at_the_same_time(stage: Stage) -> None:
    stage.host.clock.speed = 20
    stage.bake("--tags", "orthanc,temurin-jre-17")
    ran = [(r["line"], r["title"].split()[1]) for r in stage.records() if str(r.get("title", "")).startswith("tool ")]
    first_end = next(i for i, (line, _) in enumerate(ran) if line == "done")
    assert {tool for line, tool in ran[:first_end] if line == "started"} == {"orthanc", "temurin-jre-17"}
    assert [line for line, _ in ran].count("done") == 2


def test_a_second_run_is_told_of_the_first(stage: Stage) -> None:
    name = r"Global\winbake"
    holder = stage.host.start(
        "powershell.exe -NoProfile -Command "
        f"\"$m = New-Object Threading.Mutex ($false, '{name}'); $null = $m.WaitOne(); "
        'New-Item -ItemType File C:\\held | Out-Null; Start-Sleep -Seconds 100000"'
    )
    stage.wait_for(lambda: stage.host.files.exists(r"C:\held"), "the first run's lock")
    ran = stage.apply("--tags", "dcmtk")
    assert ran.code == 1
    assert "another run of winbake is at work on this host" in ran.line("✗ master: ")
    assert "Next: wait until it has ended" in ran.text
    holder.kill(tree=True)
    stage.assert_converges("--tags", "dcmtk")


def test_an_agent_without_envelope_is_a_failure(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.agent.bootstrap", lambda: "'hello'; exit 7")
    ran = stage.plan()
    assert ran.code == 1
    assert "the agent ended with exit 7 and no closing envelope; it said:" in ran.text
    assert "hello" in ran.text
    assert "python bake.py doctor" in ran.text


def test_what_is_undone_behind_our_back_fails_the_proof(stage: Stage) -> None:
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Internet Explorer\Main"
    registry = stage.host.registry

    def undo(path: str) -> None:
        if path.lower().endswith(r"internet explorer\main") and registry.read(key, "DisableFirstRunCustomize") == 1:
            registry.write(key, "DisableFirstRunCustomize", 0)

    registry.on_change(undo)
    ran = stage.apply("--tags", "settings")
    assert ran.code == 1
    wrong, _ = numbers_of(ran.text, r"facts read again, (\d+) of (\d+) are not as wanted")
    assert wrong == 1
    assert "IE first-run page off: DisableFirstRunCustomize is 0, wanted 1" in ran.text
    assert "Next: every step ended well and yet this differs" in ran.text


def test_nobody_to_ask_is_an_error_with_the_option_to_give(stage: Stage) -> None:
    ran = stage.run("apply", "--tags", "dcmtk")
    assert ran.code == 1
    assert "nobody is there to say yes" in ran.text
    assert "--yes" in ran.text
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def test_the_run_record_tells_the_run(stage: Stage) -> None:
    stage.bake("--tags", "dcmtk")
    lines: list[dict[str, Any]] = stage.records()
    kinds = [line["line"] for line in lines]
    assert kinds[0] == "run" and kinds[-1] == "end"
    assert {"facts", "plan", "started", "done", "applied", "proof"} <= set(kinds)
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)
