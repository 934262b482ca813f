"""`snapshot`: a baked master becomes one image, whatever happens on the way; no image holds the bake's private key."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from cloud_stage import CloudStage, login_ends_after

from winbake.engine.closing import ClosingWait
from winbake.rehearsal.windows import ec2launch, sysprep
from winbake.rehearsal.windows.host import WindowsHost

FOLDER = r"C:\Data"


@pytest.fixture
def release() -> str:
    return "2022"


@pytest.fixture
def stage(cloud_stage: CloudStage, release: str, monkeypatch: pytest.MonkeyPatch) -> CloudStage:
    """A master that is baked: one tool, one folder."""
    monkeypatch.setattr("winbake.engine.closing.ClosingWait", lambda: ClosingWait(limit=30, pause=0.1, connect=2))
    tools = cloud_stage.manifest()["tools"]
    cloud_stage.change_manifest(lambda body: body.update(tools={"7zip": tools["7zip"]}))
    aws = {**cloud_stage.manifest()["aws"], "windows": release}
    cloud_stage.change_manifest(lambda body: body.update(aws=aws))
    urls = cloud_stage.cloud.mirror.urls()
    sources = {url: {"url": url, "sha256": sha, "size": size} for url, (sha, size) in urls.items()}
    lock = {"schema": 1, "rehearsal": True, "sources": sources}
    (cloud_stage.root / "manifest.lock.yaml").write_text(yaml.safe_dump(lock), encoding="utf-8")
    write_playbook(cloud_stage, {"name": "Data", "ansible.windows.win_file": {"path": FOLDER, "state": "directory"}})
    lockdown = cloud_stage.root / "playbooks" / "lockdown.yml"
    # The host's clock runs 200 times as fast as this one: the usual minute would be over before the run is proved.
    text = lockdown.read_text(encoding="utf-8")
    lockdown.write_text(text.replace("  vars:\n", "  vars:\n    lockdown_delay: 500\n"), encoding="utf-8")
    cloud_stage.must("master", "up", "--yes")
    cloud_stage.must("apply", "--yes")
    return cloud_stage


def write_playbook(stage: CloudStage, *tasks: dict[str, Any]) -> None:
    play = {"name": "Image", "hosts": "masters", "gather_facts": True, "tasks": list(tasks)}
    (stage.root / "playbooks" / "master.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")


SNAPSHOT = ("snapshot", "--max-wait", "0.5")


def images(stage: CloudStage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.ec2.describe_images(Owners=["self"])["Images"]
    return found


def tags_of(described: dict[str, Any]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in described["Tags"]}


def host_of(stage: CloudStage) -> WindowsHost:
    (machine,) = stage.cloud.machines.running.values()
    return machine.host


def test_a_baked_master_becomes_an_image_that_holds_no_way_in(stage: CloudStage) -> None:
    ran = stage.must(*SNAPSHOT)
    (image,) = images(stage)
    assert f"image {image['ImageId']}" in ran.text and "is available in eu-central-1" in ran.text
    for words in ("nothing is left to do", "checks passed", "sysprep by EC2Launch v2", "no longer answers"):
        assert words in ran.text, ran.text
    assert re.search(r"its snapshot at [1-9]0 %", ran.text), ran.text
    found = tags_of(image)
    assert found["winbake:tools-1"] == "7zip=26.02"
    assert found["winbake:role"] == "image" and len(found["winbake:manifest"]) == 64
    (disk,) = image["BlockDeviceMappings"]
    (snapshot,) = stage.ec2.describe_snapshots(SnapshotIds=[disk["Ebs"]["SnapshotId"]])["Snapshots"]
    assert tags_of(snapshot) == found

    held = stage.cloud.machines.images[image["ImageId"]]
    assert held.generalized
    host = host_of(stage)
    assert sysprep.AS_SYSTEM not in [text for _, text in host.events]
    assert not host.is_up and host.listeners.get("HTTPS") is None and host.certificates.thumbprints() == []
    assert [task for task in host.tasks.dump() if "winbake" in str(task)] == []
    assert host.files.is_directory(FOLDER)
    assert image["ImageId"] in stage.must("images").text


def test_a_plan_that_is_not_empty_is_no_image(stage: CloudStage) -> None:
    host_of(stage).files.delete(FOLDER)
    ran = stage.run(*SNAPSHOT)
    assert ran.code == 1
    assert "the plan is not empty: file C:\\Data" in ran.text and "--anyway" in ran.text
    assert images(stage) == [] and host_of(stage).is_up
    stage.must(*SNAPSHOT, "--anyway")
    assert len(images(stage)) == 1


def test_a_master_that_fails_its_verification_is_no_image(stage: CloudStage) -> None:
    """The plan takes 7-Zip's entry among the installed programs for 7-Zip; only verify looks for the program."""
    host_of(stage).files.delete(r"C:\Program Files\7-Zip\7z.exe")
    assert "Nothing to change" in stage.must("plan").text
    ran = stage.run(*SNAPSHOT)
    assert ran.code == 1
    assert "verify fails: 7z resolves: nothing of that name on PATH" in ran.text and "7z i answers" in ran.text, ran.text
    assert "plan is not empty" not in ran.text and "--anyway" in ran.text
    assert images(stage) == [] and host_of(stage).is_up
    ran = stage.must(*SNAPSHOT, "--skip-verify")
    assert "nothing is left to do" in ran.text and "the master is not verified" in ran.text
    assert len(images(stage)) == 1


def test_the_same_files_are_not_imaged_twice(stage: CloudStage) -> None:
    stage.must(*SNAPSHOT)
    ran = stage.must(*SNAPSHOT)
    assert "nothing was built" in ran.text
    assert stage.json(*SNAPSHOT)["built"] is False
    assert len(images(stage)) == 1
    again = stage.json(*SNAPSHOT, "--again")
    assert again["built"] is True and again["state"] == "available"
    assert {one["ImageId"] for one in images(stage)} > {again["id"]} and len(images(stage)) == 2


def test_without_sysprep_it_says_what_its_clones_share(stage: CloudStage) -> None:
    ran = stage.must(*SNAPSHOT, "--no-sysprep")
    assert "not generalized" in ran.text
    (image,) = images(stage)
    assert not stage.cloud.machines.images[image["ImageId"]].generalized
    assert not ec2launch.is_generalized(host_of(stage)) and host_of(stage).listeners.get("HTTPS") is None


@pytest.mark.parametrize("release", ["2019"])
def test_server_2019_has_scripts_instead_of_the_agent(stage: CloudStage) -> None:
    assert "sysprep by EC2Launch v1" in stage.must(*SNAPSHOT).text
    (image,) = images(stage)
    assert stage.cloud.machines.images[image["ImageId"]].generalized
    stage.must("master", "down", "--yes")
    stage.must("master", "up", "--from-image", "newest", "--yes")
    assert "Nothing to change" in stage.must("plan").text


def test_a_sysprep_that_fails_names_its_log_and_makes_no_image(stage: CloudStage) -> None:
    host_of(stage).faults.add("sysprep_fails")
    ran = stage.run("snapshot", "--max-wait", "0.05")
    assert ran.code == 1 and "sysprep failed or hangs" in ran.text
    assert r"C:\Windows\System32\Sysprep\Panther\setupact.log" in ran.text
    assert images(stage) == [] and host_of(stage).listeners.get("HTTPS") is None


def test_the_next_bake_goes_on_from_the_image(stage: CloudStage) -> None:
    """The sealed master lets nobody in; a master of its image has a way in of its own, and nothing is left to do on it."""
    stage.must(*SNAPSHOT)
    ran = stage.run("master", "up", "--yes")
    assert ran.code == 1 and "was sealed for its image" in ran.text and "--from-image newest" in ran.text
    stage.must("master", "down", "--yes")
    ran = stage.must("master", "up", "--from-image", "newest", "--yes")
    (image,) = images(stage)
    assert f"from {image['Name']}" in ran.text
    assert "Nothing to change" in stage.must("plan").text
    assert stage.run("master", "up", "--from-image", "newest", "--yes").code == 1


def test_older_images_are_listed_and_go_when_a_newer_one_is_there(stage: CloudStage) -> None:
    stage.must(*SNAPSHOT)
    (old,) = images(stage)
    ran = stage.run(*SNAPSHOT, "--again", "--keep", "1")
    assert ran.code == 1 and "add --yes" in ran.text and old["ImageId"] in ran.text
    assert len(images(stage)) == 2
    ran = stage.must(*SNAPSHOT, "--keep", "1", "--yes")
    assert f"{old['ImageId']} and 1 snapshots are gone" in ran.text
    assert [one["ImageId"] for one in images(stage)] != [old["ImageId"]] and len(images(stage)) == 1


def test_killed_after_any_call_it_goes_on_and_makes_one_image(stage: CloudStage) -> None:
    """Run after run, each is killed one call later than the one before, until one comes through."""
    runs = 0
    while True:
        runs += 1
        with login_ends_after(stage.cloud, runs):
            ran = stage.run(*SNAPSHOT)
        if ran.code == 0:
            break
        assert "the AWS login has expired" in ran.text, ran.text
    assert runs > 5
    assert [one["State"] for one in images(stage)] == ["available"]
    assert "nothing was built" in stage.must(*SNAPSHOT).text
