"""`pacs plan` and `pacs deploy` to a Windows machine over WinRM: the PACS, and the stations' own Orthancs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from bake_stage import Stage

PASSWORD = "Canary-Pacs-7!"
FOLDER = r"C:\Program Files\Orthanc Server\Configuration"
FILE = FOLDER + r"\orthanc.json"


def classroom(stage: Stage, **pacs: Any) -> None:
    path = stage.root / "manifest.yaml"
    body = yaml.safe_load(path.read_text())
    body["classroom"] = {"count": 3, "pacs": {"ae_title": "ORTHANC", "host": "172.31.15.240", **pacs}}
    path.write_text(yaml.safe_dump(body, sort_keys=False))


@pytest.fixture
def windows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A Windows host with Orthanc from its installer; in the inventory's group pacs, and a station of the classroom."""
    monkeypatch.setenv("WINBAKE_PACS_PASSWORD", PASSWORD)
    stage.bake("--tags", "orthanc")
    body = yaml.safe_load(stage.inventory.read_text())
    groups = body["all"]["children"]
    groups["pacs"] = {"hosts": {"pacs": groups["masters"]["hosts"]["master"]}}
    groups["stations"] = {"hosts": {"ws02": groups["masters"]["hosts"].pop("master")}}
    stage.inventory.write_text(yaml.safe_dump(body))
    classroom(stage)
    return stage


def settings(stage: Stage) -> Any:
    return json.loads(stage.host.files.read(FILE))


def process(stage: Stage) -> int:
    return int(stage.host.services.must("Orthanc").process_id)


def test_a_plan_then_the_deployment_then_nothing_to_change(windows: Stage) -> None:
    before, first = windows.host.files.read(FILE), process(windows)
    planned = windows.run("pacs", "plan")
    assert planned.code == 2 and "ORTHANC, ports 4242 and 8042, 3 nodes known, user workshop" in planned.out, planned.text
    assert windows.host.files.read(FILE) == before
    deployed = windows.run("pacs", "deploy", "--yes")
    assert deployed.code == 0 and "facts read again, 2 of 2 as wanted" in deployed.out, deployed.text
    second = process(windows)
    assert second != first
    assert settings(windows)["RegisteredUsers"] == {"workshop": PASSWORD}
    assert list(settings(windows)["DicomModalities"]) == ["workstation01", "workstation02", "workstation03"]
    assert windows.run("pacs", "plan").code == 0
    again = windows.run("pacs", "deploy", "--yes")
    assert again.code == 0 and process(windows) == second, "what is right is not restarted"
    assert PASSWORD not in planned.text + deployed.text + again.text
    windows.assert_not_written(PASSWORD)
    asked = windows.plan("--json", "--tags", "7zip")
    assert [host["host"] for host in asked.json["hosts"]] == ["ws02"], "the image is not baked on the PACS"


def test_where_orthanc_does_not_start_the_old_configuration_is_back(windows: Stage) -> None:
    windows.host.files.write(FOLDER + r"\mine.json", b'{"Name": "twice"}')  # Orthanc refuses a name in two files
    before = windows.host.files.read(FILE)
    windows.host.files.write(FILE, b'{"HttpPort": 8042}')
    ran = windows.run("pacs", "deploy", "--yes")
    assert ran.code == 1, ran.text
    assert "the service does not run with the new configuration: it stopped again while it started" in ran.out
    assert "the old one is back and runs" in ran.out
    assert windows.host.files.read(FILE) == b'{"HttpPort": 8042}' != before
    assert windows.host.services.must("Orthanc").status == 4
    windows.host.files.delete(FOLDER + r"\mine.json")
    assert windows.run("pacs", "deploy", "--yes").code == 0
    windows.assert_not_written(PASSWORD)


def test_a_station_gets_an_orthanc_of_its_own(windows: Stage) -> None:
    ran = windows.run("pacs", "deploy", "--stations", "--yes", "--json")
    assert ran.code == 0, ran.text
    assert [host["host"] for host in ran.json["hosts"]] == ["ws02"]
    assert (settings(windows)["DicomAet"], settings(windows)["DicomPort"]) == ("WORKSTATION02", 11112)
    assert list(settings(windows)["DicomModalities"]) == ["pacs", "workstation01", "workstation03"]
    assert windows.host.network.owner(11112) is not None
    assert windows.run("pacs", "plan", "--stations").code == 0
    ran = windows.run("pacs", "plan", "--stations", "--limit", "pacs")
    assert ran.code == 1 and "none of the manifest's stations is in lab.yaml" in ran.err
