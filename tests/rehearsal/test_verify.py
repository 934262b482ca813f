"""A baked host passes its verification; what is broken afterwards is found by its check, with found and wanted."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

from bake_stage import ENVIRONMENT, Ran, Stage, at_once

from winbake.rehearsal.windows.registry import REG_EXPAND_SZ

SHORTCUT = {"name": "Seven", "target": r"C:\Program Files\7-Zip\7z.exe"}
DCMTK = r"C:\Tools\dcmtk-3.7.0\bin"


def failures(ran: Ran) -> list[str]:
    """The lines of failed checks."""
    return [line.strip() for line in ran.out.splitlines() if line.startswith("  ✗")]


def broken(stage: Stage, break_it: Callable[[], object], mend_it: Callable[[], object]) -> str:
    """The one failure that comes of it; none is left when it is mended."""
    break_it()
    ran = stage.run("verify")
    mend_it()
    assert ran.code == 1, ran.text
    (line,) = failures(ran)
    return line


def powershell(stage: Stage, text: str) -> None:
    process = stage.host.start(f'powershell.exe -NoProfile -Command "{text}"')
    assert process.wait(600)
    assert process.exit_code == 0, process.stderr.getvalue().decode()


def test_what_is_broken_after_the_bake_is_found_one_by_one(stage: Stage) -> None:
    stage.change_tool("7zip", lambda tool: tool.update(shortcuts=[SHORTCUT]))
    stage.bake()
    stage.one.endpoint.reset_counters()
    ran = stage.run("verify")
    assert ran.code == 0, ran.text
    assert "master ✓ " in ran.out
    counted = stage.one.endpoint.counters_json()
    assert (counted["powershell_starts"], counted["commands"]) == (1, 1), "everything is read in one call"

    host = stage.host
    path = ";".join(stage.machine_path())
    host.files.make_directory(r"C:\Other")
    host.files.copy(rf"{DCMTK}\echoscu.exe", r"C:\Other\echoscu.exe")
    line = broken(
        stage,
        lambda: host.registry.write(ENVIRONMENT, "Path", rf"C:\Other;{path}", REG_EXPAND_SZ),
        lambda: host.registry.write(ENVIRONMENT, "Path", path, REG_EXPAND_SZ),
    )
    assert r"echoscu resolves  C:\Other\echoscu.exe, wanted C:\Tools\dcmtk-3.7.0\bin\echoscu.exe" in line

    line = broken(
        stage,
        lambda: powershell(stage, "Set-Service Orthanc -StartupType Manual"),
        lambda: powershell(stage, "Set-Service Orthanc -StartupType Automatic"),
    )
    assert "service Orthanc  running, start manual, wanted running, start auto" in line

    line = broken(
        stage,
        lambda: powershell(stage, "Disable-NetFirewallRule -DisplayName orthanc-tcp-8042"),
        lambda: powershell(stage, "Enable-NetFirewallRule -DisplayName orthanc-tcp-8042"),
    )
    assert "firewall lets tcp 8042 in  rule orthanc-tcp-8042 is off, wanted a rule that is on and allows 8042" in line

    target, gone = SHORTCUT["target"], SHORTCUT["target"] + ".gone"
    host.files.copy(target, gone)
    point = "$l = (New-Object -ComObject WScript.Shell).CreateShortcut('C:\\Users\\Public\\Desktop\\Seven.lnk'); $l.TargetPath = '{}'; $l.Save()"
    line = broken(
        stage, lambda: powershell(stage, point.format(gone)), lambda: powershell(stage, point.format(target))
    )
    assert f"shortcut Seven  points to {gone}, wanted {target}" in line

    host.files.delete(gone)
    line = broken(
        stage,
        lambda: (powershell(stage, point.format(gone)), stage.change_tool("7zip", lambda tool: tool["shortcuts"][0].update(target=gone))),
        lambda: (powershell(stage, point.format(target)), stage.change_tool("7zip", lambda tool: tool.update(shortcuts=[SHORTCUT]))),
    )
    assert f"shortcut Seven  {gone} is not there, wanted {gone}" in line

    sid = host.accounts.user("participant").sid
    line = broken(
        stage,
        lambda: host.accounts.remove_member("Remote Desktop Users", sid),
        lambda: host.accounts.add_member("Remote Desktop Users", sid),
    )
    assert "participant is in S-1-5-32-555  Remote Desktop Users has no members, wanted participant in it" in line

    assert stage.run("verify").code == 0, "all is mended"
    stage.edit_manifest('version: 1.0.20260724', 'version: 1.0.20260725')
    first, second = failures(stage.run("verify"))
    assert "dcm2niix 1.0.20260725 is installed" in first and "1.0.20260724, wanted 1.0.20260725" in first
    assert "dcm2niix --version answers" in second


def test_a_stopped_service_is_said_where_its_port_does_not_listen(stage: Stage) -> None:
    stage.bake("--tags", "orthanc,participant")
    stage.only_tools("orthanc")
    stage.write_tasks([])
    powershell(stage, "Stop-Service Orthanc")
    found = "\n".join(failures(stage.run("verify")))
    assert "port 4242 listens" in found and "nothing listens on 4242; service Orthanc is stopped" in found


WRITTEN = r'''
import pytest


def test_it_is_so(host):
    assert host.service("WinRM").is_running


@pytest.mark.parametrize("port", [104, 5985])
def test_somebody_listens(host, port):
    assert host.socket(f"tcp://{port}").is_listening


def test_later(host):
    pytest.skip("not yet")
'''


def test_written_checks_are_told_with_the_others(stage: Stage) -> None:
    stage.only_tools()
    stage.write_tasks([])
    folder = stage.root / "tests" / "image"
    folder.mkdir(parents=True)
    (folder / "test_mine.py").write_text(WRITTEN, encoding="utf-8")
    (folder / "test_broken.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    ran = stage.run("verify")
    assert ran.code == 1
    assert "somebody listens (104)" in ran.out
    assert "AssertionError: assert False, wanted what tests.image.test_mine says" in ran.out
    assert "tests.image.test_broken" in ran.out and "collection failure" in ran.out
    assert "2 of 4 passed, 1 skipped" in ran.out
    assert stage.run("verify", "--skip-written").code == 0


def test_an_optional_tool_that_is_not_there_is_skipped_with_the_reason(stage: Stage) -> None:
    stage.only_tools("dcm2niix")
    stage.write_tasks([])
    assert stage.run("verify").code == 1
    stage.change_tool("dcm2niix", lambda tool: tool.update(optional=True))
    ran = stage.run("verify", "--json")
    assert ran.code == 0, ran.text
    assert {check["reason"] for check in ran.json["hosts"][0]["checks"]} == {"optional, and not installed"}


def test_a_check_that_hangs_meets_its_limit_and_the_others_are_judged(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.write_tasks([])
    stage.bake()
    hanging = {"command": ["powershell", "-Command", "Start-Sleep 99999"]}
    stage.change_tool("7zip", lambda tool: tool["checks"].insert(0, hanging))
    ran = stage.run("verify")
    (line,) = failures(ran)
    assert "powershell -Command Start-Sleep 99999 answers  still running after 60 s, so it was ended" in line
    assert not [p for p in stage.host.processes if "99999" in p.command_line]


def test_one_broken_host_never_hides_the_others(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(hosts=2)
    stage.only_tools("7zip")
    stage.write_tasks([])
    stage.bake()
    stage.lab.hosts[1].host.power.stop_now()
    xml = stage.root / "verify.xml"
    ran = stage.run("verify", "--junit", str(xml))
    assert ran.code == 1
    assert "master ✓ " in ran.out
    assert "master2" in ran.err
    suites = {suite.get("name"): suite for suite in ElementTree.parse(xml).getroot()}
    assert (suites["master"].get("failures"), suites["master2"].get("errors")) == ("0", "1")


def test_a_host_that_goes_in_the_middle_is_said_with_what_was_read_before(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.write_tasks([])
    stage.bake()
    hanging = {"command": ["powershell", "-Command", "Start-Sleep 99999"]}
    stage.change_tool("7zip", lambda tool: tool.update(checks=[{"command": ["powershell", "-Command", "Start-Sleep 25"]}, hanging]))
    with at_once(lambda: any("99999" in p.command_line for p in stage.host.processes), stage.host.power.stop_now):
        ran = stage.run("verify", "--json")
    assert ran.code == 1
    (host,) = ran.json["hosts"]
    assert host["broken"]
    statuses = {check["check"]: check["status"] for check in host["checks"]}
    assert statuses["powershell -Command Start-Sleep 99999 answers"] == "unread"
    assert statuses["7z resolves"] == "passed"
