"""What an apply says of tools it did not reach, and restarts that installers ask for."""

from __future__ import annotations

from bake_stage import Stage


def test_a_tool_that_was_only_downloaded_counts_as_not_begun(stage: Stage) -> None:
    stage.change_tool("dcmtk", lambda tool: tool.update(requires=["7zip"]))
    stage.lab.add_fault("installer_exit:tool=7zip,code=1603")
    ran = stage.apply("--tags", "7zip,dcmtk")
    assert ran.code == 1
    assert "tool dcmtk" in ran.line("Not begun:").partition("Not begun:")[2]
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


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


def test_a_host_that_reboots_slowly_is_waited_for(stage: Stage) -> None:
    stage.lab.add_fault("reboot_required:tool=7zip,times=1")
    stage.lab.add_fault("reboot_slow:seconds=200,times=1")
    ran = stage.apply("--tags", "7zip")
    assert ran.code == 0, ran.text
    assert "waiting 0:00 of 0:30: no answer yet" in ran.text
