"""Installers that fail, hang, lie or want a restart."""

from __future__ import annotations

import pytest
from bake_stage import Stage, numbers_of


@pytest.mark.parametrize(
    ("fault", "tool", "words", "log"),
    [
        ("installer_exit:tool=7zip,code=1603", "7zip", "exit 1603 (fatal error during installation)", "Return value 3"),
        ("installer_exit:tool=orthanc,code=1", "orthanc", "exit 1 (setup could not start)", "Setup exit code: 1"),
        ("installer_lies:7zip", "7zip", "but the tool is not there: no uninstall entry", "returning 0"),
        ("installer_lies:orthanc", "orthanc", "but the tool is not there: no uninstall entry", "Setup exit code: 0"),
    ],
)
def test_a_failed_installer_is_told_with_its_log(stage: Stage, fault: str, tool: str, words: str, log: str) -> None:
    stage.lab.add_fault(fault)
    ran = stage.apply("--tags", tool)
    assert ran.code == 1
    assert words in ran.line(f"✗ master: tool {tool}")
    assert rf"last lines of C:\ProgramData\winbake\logs\{tool}.log:" in ran.text
    assert log in ran.text
    assert "Next:" in ran.text
    assert stage.host.files.exists(rf"C:\ProgramData\winbake\logs\{tool}.log")
    stage.assert_no_tool({"7zip": "7-Zip", "orthanc": "Orthanc"}[tool])
    stage.host.faults.clear()
    stage.assert_converges("--tags", tool)


def test_a_tool_that_was_only_downloaded_counts_as_not_begun(stage: Stage) -> None:
    stage.lab.add_fault("installer_exit:tool=7zip,code=1603")
    ran = stage.apply("--tags", "7zip,dcmtk")
    assert ran.code == 1
    assert "tool dcmtk" in ran.line("Not begun:").partition("Not begun:")[2]
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def test_another_installation_is_waited_for(stage: Stage) -> None:
    stage.lab.add_fault("msi_busy:tool=7zip,times=2")
    ran = stage.apply("--tags", "7zip")
    assert ran.code == 0, ran.text
    assert ran.text.count("another installation is running (1618)") == 2
    stage.assert_nothing_to_change("--tags", "7zip")


def test_restarts_are_batched_into_one_and_proved(stage: Stage) -> None:
    stage.lab.add_fault("reboot_required:tool=7zip")
    stage.lab.add_fault("reboot_required:tool=orthanc")
    boots, booted = stage.host.power.boots, stage.host.boot_time
    ran = stage.apply("--tags", "7zip,dcmtk,orthanc")
    assert ran.code == 0, ran.text
    assert ran.text.count("exit 3010: a restart is wanted") >= 1
    assert stage.host.power.boots == boots + 1
    assert stage.host.boot_time != booted
    last_step = ran.text.rindex("  ✓ ")
    assert last_step < ran.text.index("restarting the host"), "the restart comes after every step"
    assert "new boot time" in ran.text
    stage.assert_nothing_to_change("--tags", "7zip,dcmtk,orthanc")


def test_an_installer_that_restarts_the_machine_does_not_end_the_run(stage: Stage) -> None:
    stage.lab.add_fault("reboot_required:tool=7zip,code=1641,times=1")
    boots = stage.host.power.boots
    ran = stage.apply("--tags", "7zip,dcmtk")
    assert ran.code == 0, ran.text
    assert stage.host.power.boots == boots + 1
    assert stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0\bin\dcmdump.exe")
    stage.assert_nothing_to_change("--tags", "7zip,dcmtk")


def test_an_installer_that_hangs_is_ended_with_its_tree(stage: Stage) -> None:
    stage.lab.add_fault("installer_hangs:orthanc")
    ran = stage.apply("--tags", "orthanc")
    assert ran.code == 1
    said = ran.line("✗ master: tool orthanc")
    assert "still running after 600 s, so it and its child processes were ended" in said
    assert "a window is open: 'Setup'" in said
    stage.assert_nothing_left_running()
    stage.host.faults.clear()
    stage.assert_converges("--tags", "orthanc")


def test_a_service_that_does_not_start_fails_the_proof(stage: Stage) -> None:
    stage.lab.add_fault("service_does_not_start:service=Orthanc")
    ran = stage.apply("--tags", "orthanc")
    assert ran.code == 1
    assert numbers_of(ran.text, r"facts read again, (\d+) of (\d+) are not as wanted") == (1, 4)
    assert "service Orthanc: state is stopped, wanted running" in ran.text
    assert "Next:" in ran.text
    stage.host.faults.clear()
    stage.assert_converges("--tags", "orthanc")


def test_a_host_that_reboots_slowly_is_waited_for(stage: Stage) -> None:
    stage.lab.add_fault("reboot_required:tool=7zip,times=1")
    stage.lab.add_fault("reboot_slow:seconds=200,times=1")
    ran = stage.apply("--tags", "7zip")
    assert ran.code == 0, ran.text
    assert "waiting 0:00 of 0:30: no answer yet" in ran.text


def test_a_host_that_never_comes_back_is_an_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from winbake.engine.reboot import RebootWait

    short = RebootWait(limit=1.0, first_pause=0.1, pause=0.1, delay=1)
    monkeypatch.setattr("winbake.engine.apply.RebootWait", lambda: short)
    stage.lab.add_fault("reboot_required:tool=7zip,times=1")
    stage.lab.add_fault("reboot_hangs")
    ran = stage.apply("--tags", "7zip")
    assert ran.code == 1
    assert "did not come back from its restart within 1 s (last seen: no answer yet" in ran.text
    assert "EC2 console" in ran.text
