"""What can go wrong while a tool is fetched and installed: the words a person sees, and that a re-run converges."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bake_stage import SPEED, Stage

URL = "https://dicom.offis.de/download/dcmtk/dcmtk370/bin/dcmtk-3.7.0-win64-dynamic.zip"
ZIP = f"the download of {URL} failed: "


@pytest.mark.parametrize(
    ("fault", "tags", "words"),
    [
        ("wrong_hash:dcmtk", "dcmtk", f"the file from {URL} has sha256 "),
        ("truncated_download:dcmtk", "dcmtk", ZIP + "The underlying connection was closed"),
        ("html_instead_of_zip:dcmtk", "dcmtk", f"{URL} answered with a page of HTML (120 bytes) instead of a zip file"),
        ("not_found:dcmtk", "dcmtk", ZIP + "The remote server returned an error: (404) Not Found."),
        ("server_error:dcmtk", "dcmtk", ZIP + "The remote server returned an error: (503)"),
        ("no_network:dcmtk", "dcmtk", ZIP + "The remote name could not be resolved: 'dicom.offis.de'"),
        ("disk_full:drive=C:", "dcmtk", "There is not enough space on the disk."),
        ("installer_exit:tool=7zip,code=1603", "7zip", "installer exit 1603 (fatal error during installation)"),
        ("installer_exit:tool=orthanc,code=1", "orthanc", "installer exit 1 (setup could not start)"),
        ("installer_hangs:orthanc", "orthanc", "still running after 600 s, so it and its child processes were ended"),
        ("installer_lies:orthanc", "orthanc", "ended with exit 0, but the tool is not there: no uninstall entry"),
        ("installer_lies:7zip", "7zip", "ended with exit 0 (done), but the tool is not there: no uninstall entry"),
    ],
)
def test_one_fault(stage: Stage, fault: str, tags: str, words: str) -> None:
    stage.lab.add_fault(fault)
    ran = stage.apply("--tags", tags)
    assert ran.code == 1
    assert ran.line("✗ master: ").count(words) == 1
    assert "done before it: " in ran.text
    assert "Next: a re-run reads the host anew and goes on from there" in ran.text
    assert "Proof" not in ran.text
    stage.assert_nothing_left_running()
    stage.host.faults.clear()
    stage.lab.mirror.faults.clear()
    stage.assert_converges("--tags", tags)


@pytest.mark.parametrize("fault", ["wrong_hash:dcmtk", "truncated_download:dcmtk", "html_instead_of_zip:dcmtk"])
def test_a_bad_file_never_gets_its_name(stage: Stage, fault: str) -> None:
    stage.lab.add_fault(fault)
    stage.apply("--tags", "dcmtk")
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")
    assert not [e for e in stage.host.files.walk("C:\\ProgramData") if e.name.endswith((".part", ".zip"))]


def test_the_log_of_a_failed_installer_is_shown(stage: Stage) -> None:
    stage.lab.add_fault("installer_exit:tool=7zip,code=1603")
    ran = stage.apply("--tags", "7zip")
    assert r"last lines of C:\ProgramData\winbake\logs\7zip.log:" in ran.text
    assert stage.host.files.is_file(r"C:\ProgramData\winbake\logs\7zip.log")


def test_what_was_not_begun_is_named(stage: Stage) -> None:
    stage.change_tool("orthanc", lambda tool: tool.update(requires=["temurin-jre-17"]))
    stage.change_tool("dcmtk", lambda tool: tool.update(requires=["orthanc"]))
    stage.lab.add_fault("installer_exit:tool=orthanc,code=1")
    ran = stage.apply("--tags", "temurin-jre-17,orthanc,dcmtk")
    assert "done before it: tool temurin-jre-17. Not begun: " in ran.text
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def test_what_runs_beside_a_tool_that_fails_is_let_end(stage: Stage) -> None:
    stage.host.clock.speed = 20
    stage.lab.add_fault("installer_exit:tool=orthanc,code=1")  # after 10 s; the other takes 14 s
    ran = stage.apply("--tags", "temurin-jre-17,orthanc")
    assert ran.code == 1
    assert "✓ tool           temurin-jre-17" in ran.text
    assert r"Not begun: path C:\Program Files\Eclipse Adoptium\jre-17\bin" in ran.text
    stage.host.clock.speed = SPEED
    stage.assert_nothing_left_running()
    stage.host.faults.clear()
    stage.assert_converges("--tags", "temurin-jre-17,orthanc")


def test_another_installation_is_waited_for(stage: Stage) -> None:
    stage.lab.add_fault("msi_busy:tool=7zip,times=2")
    ran = stage.apply("--tags", "7zip")
    assert ran.code == 0
    assert ran.text.count("another installation is running (1618): waiting 15 s") == 2


@pytest.mark.parametrize("code", ["", ",code=1641"])
def test_a_restart_is_made_once_and_proved(stage: Stage, code: str) -> None:
    before = stage.host.boot_time
    stage.lab.add_fault(f"reboot_required:tool=7zip{code}")
    ran = stage.apply("--tags", "7zip,dcmtk")
    assert ran.code == 0, ran.text
    assert ran.text.count("restarted in ") == 1
    assert "1 restarted" in ran.line("Proof: master")
    assert stage.host.boot_time != before
    stage.assert_nothing_to_change("--tags", "7zip,dcmtk")


def test_a_host_that_does_not_come_back_is_said(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.lab.add_fault("reboot_required:tool=7zip")
    stage.lab.add_fault("reboot_hangs")
    with pytest.MonkeyPatch.context() as patch:
        from winbake.engine.reboot import RebootWait

        patch.setattr("winbake.engine.apply.RebootWait", lambda: RebootWait(1.0, 0.1, 0.1, 1))
        ran = stage.apply("--tags", "7zip")
    assert ran.code == 1
    assert "the host did not come back from its restart within 1 s (last seen: no answer yet" in ran.text
    assert "look at its screen" in ran.text


def test_a_service_that_does_not_start_is_found_by_the_proof(stage: Stage) -> None:
    stage.lab.add_fault("service_does_not_start:service=Orthanc")
    ran = stage.apply("--tags", "orthanc")
    assert ran.code == 1
    assert "facts read again, 1 of 4 are not as wanted:" in ran.text
    assert "service Orthanc: state is stopped, wanted running" in ran.text
    stage.host.faults.clear()
    stage.assert_converges("--tags", "orthanc")


def test_an_older_orthanc_is_uninstalled_first(stage: Stage) -> None:
    url = "https://orthanc.uclouvain.be/downloads/windows-64/installers/OrthancInstaller-Win64-24.12.0.exe"
    assert url in stage.lab.mirror.urls()
    stage.edit_manifest('version: "25.8.1"', 'version: "24.12.0"')
    stage.bake("--tags", "orthanc")
    stage.edit_manifest('version: "24.12.0"', 'version: "25.8.1"')
    plan = stage.plan("--tags", "orthanc")
    assert plan.code == 2
    assert "24.12.0 → 25.8.1" in plan.text
    ran = stage.apply("--tags", "orthanc")
    assert ran.code == 0, ran.text
    assert "✓ uninstall " in ran.text
    stage.assert_nothing_to_change("--tags", "orthanc")


def test_a_left_over_mark_would_make_the_installer_hang_so_nothing_is_touched(stage: Stage) -> None:
    key = stage.host.registry.create(r"HKEY_LOCAL_MACHINE\SOFTWARE\Orthanc\Orthanc Server", 32)
    key.set("Installed", 4, 1)
    ran = stage.apply()
    assert ran.code == 1
    assert "Its installer would open a dialog and wait for ever." in ran.text
    assert "nothing was touched" in ran.text
    assert not stage.host.files.exists(r"C:\Tools")


@pytest.mark.parametrize("optional", [True, False])
def test_missing_media(stage: Stage, optional: bool) -> None:
    def by_hand(tool: dict[str, object]) -> None:
        tool["source"] = {"media": "mango.zip", "page": "https://mangoviewer.com/download.html", "licence": "free"}
        tool["optional"] = optional

    stage.change_tool("dcm2niix", by_hand)
    ran = stage.apply("--tags", "dcm2niix,dcmtk")
    assert "media/mango.zip is missing: fetch it from https://mangoviewer.com/download.html" in ran.text
    assert ran.code == (1 if not optional else ran.code)
    assert stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0") is optional
