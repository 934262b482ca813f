"""`clones verify` and the canary's verification: a station is as the master was, but with its own name and AE title."""

from __future__ import annotations

from typing import Any

import yaml
from bake_stage import Ran
from clone_stage import classroom, host_of, make_image, stations
from cloud_stage import CloudStage

from winbake.aws import tags
from winbake.config.inventory import load_inventory
from winbake.config.project import Project
from winbake.engine.wish import load_wish
from winbake.resources.files import FileContent
from winbake.resources.machine import ComputerName

ENVIRONMENT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
ORTHANC = r"C:\Program Files\Orthanc Server\Configuration\orthanc.json"


def set_variable(stage: CloudStage, station: str, name: str, value: str) -> None:
    host_of(stage, station).registry.write(ENVIRONMENT, name, value)


def failed(ran: Ran) -> dict[str, list[str]]:
    """Station → the titles of the checks that failed there."""
    return {
        host["host"]: [check["check"] for check in host["checks"] if check["status"] == "failed"]
        for host in ran.json["hosts"]
    }


def verified(stage: CloudStage, station: str) -> bool:
    one = stations(stage)[station]
    return tags.as_dict(one["Tags"]).get(tags.VERIFIED) == one["ImageId"]


def test_the_first_is_verified_before_the_others_are_launched(cloud_stage: CloudStage) -> None:
    """The manifest wants a variable that the image lacks."""
    classroom(cloud_stage, count=2)
    make_image(cloud_stage)
    cloud_stage.change_manifest(lambda body: body.update(environment={"COURSE": "pet"}))
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    said = "ws01, which came first, does not pass its verification, so no other was launched: variable COURSE: not set"
    assert said in ran.text and "--skip-verify" in ran.text, ran.text
    assert list(stations(cloud_stage)) == ["ws01"] and not verified(cloud_stage, "ws01")
    assert cloud_stage.run("clones", "up", "--yes").code == 1, "that it is there makes it no better"
    assert list(stations(cloud_stage)) == ["ws01"]

    set_variable(cloud_stage, "ws01", "COURSE", "pet")
    ran = cloud_stage.must("clones", "up", "--yes")
    assert "ws01 comes first" in ran.text and verified(cloud_stage, "ws01")
    assert list(stations(cloud_stage)) == ["ws01", "ws02"]
    assert "ws01 comes first" not in cloud_stage.must("clones", "up", "--yes", "--count", "3").text


def test_every_station_is_verified_and_a_broken_one_hides_no_other(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=4)
    make_image(cloud_stage)
    cloud_stage.change_manifest(lambda body: body.update(environment={"COURSE": "pet"}))
    cloud_stage.must("clones", "up", "--yes", "--skip-verify")
    assert not verified(cloud_stage, "ws01")
    for name in ("ws01", "ws02", "ws03"):
        set_variable(cloud_stage, name, "COURSE", "pet")
    ran = cloud_stage.run("clones", "verify", "--limit", "ws01-ws03")
    assert ran.code == 0, ran.text
    assert "ws01 ✓ 4   ws02 ✓ 4   ws03 ✓ 4" in ran.out and "12 of 12 passed" in ran.out
    assert "ws02 ✓ 4" in cloud_stage.must("verify", "-i", "classroom.yaml", "--limit", "ws02").out

    set_variable(cloud_stage, "ws02", "WORKSHOP_AE_TITLE", "WORKSTATION01")
    cloud_stage.must("clones", "stop", "--limit", "ws03")
    host_of(cloud_stage, "ws04").power.stop_now()
    ran = cloud_stage.run("clones", "verify", "--json")
    assert ran.code == 1
    assert failed(ran) == {"ws01": [], "ws02": ["variable WORKSHOP_AE_TITLE"]}
    errors: dict[str, dict[str, Any]] = {error["host"]: error for error in ran.json["errors"]}
    assert set(errors) == {"ws03", "ws04"}
    assert errors["ws03"]["error"] == "ws03 is stopped" and "clones start --limit ws03" in errors["ws03"]["next"]


def test_what_a_station_shall_be_is_the_masters_but_for_its_name_and_title(cloud_stage: CloudStage) -> None:
    """The file that the first start makes of the master's Orthanc is the one that a plan wants: nothing to change."""
    root = cloud_stage.root
    wanted = {"path": ORTHANC, "template": "orthanc.json.j2"}
    roles = [{"name": "Image", "hosts": "masters", "roles": ["base"], "vars_files": ["vars/workshop.yml"]}]
    tools = {"orthanc": {**cloud_stage.manifest()["tools"]["orthanc"], "files": [wanted]}}
    variables = {"orthanc_name": "Workshop", "ae_title": "ORTHANC"}
    cloud_stage.change_manifest(lambda body: body.update(variables=variables, tools=tools, classroom={"count": 1}))
    (root / "playbooks" / "master.yml").write_text(yaml.safe_dump(roles), encoding="utf-8")

    def resource(inventory: str, host: str, kind: type) -> Any:
        project = Project.at(root, inventory=root / inventory)
        wish = load_wish(project, load_inventory(project.inventory).select(host, "all")[0])
        return next(one.resource for one in wish.wanted if isinstance(one.resource, kind))

    masters = resource("inventory.yaml", "master", FileContent).content
    assert b'"DicomAet": "ORTHANC"' in masters

    def prepare(host: Any) -> None:
        host.files.make_directory(ORTHANC.rpartition("\\")[0])
        host.files.write(ORTHANC, masters)

    make_image(cloud_stage, prepare=prepare)
    cloud_stage.must("clones", "up", "--yes", "--skip-verify")
    found = host_of(cloud_stage, "ws01").files.read(ORTHANC)
    assert b'"DicomAet": "WORKSTATION01"' in found
    assert resource("classroom.yaml", "ws01", FileContent).content == found
    assert resource("classroom.yaml", "ws01", ComputerName).name.lower() == "ws01"
    assert resource("inventory.yaml", "master", ComputerName).name == "WORKSHOP"
