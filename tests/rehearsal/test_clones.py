"""`clones`: a canary first, the others at once, each a station of its own; what is there is not made twice."""

from __future__ import annotations

import re

import pytest
import yaml
from clone_stage import classroom, host_of, make_image, stations
from cloud_stage import CloudStage, wait

from winbake.aws import tags

ENVIRONMENT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
ORTHANC = r"C:\Program Files\Orthanc Server\Configuration\orthanc.json"


def with_orthanc(host: object) -> None:
    host.files.make_directory(ORTHANC.rpartition("\\")[0])  # type: ignore[attr-defined]
    text = b'{\r\n  "Name" : "Workshop",\r\n  "DicomAet" : "ORTHANC",\r\n  "DicomPort" : 4242\r\n}\r\n'
    host.files.write(ORTHANC, text)  # type: ignore[attr-defined]


def test_up_makes_stations_of_their_own(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    image = make_image(cloud_stage, prepare=with_orthanc)
    ran = cloud_stage.must("clones", "up", "--yes")
    assert "3 × m7i.large in eu-central-1a, the rehearsal on this machine from baked" in ran.text
    assert "about 0.66 USD an hour" in ran.text
    assert "The 3 addresses from 172.31.15.1 to .3 are free" in ran.text
    assert "3 of 3 stations are ready" in ran.text
    there = stations(cloud_stage)
    assert {name: one["PrivateIpAddress"] for name, one in there.items()} == {
        "ws01": "172.31.15.1", "ws02": "172.31.15.2", "ws03": "172.31.15.3",
    }  # fmt: skip
    for number, (name, one) in enumerate(sorted(there.items()), 1):
        host = host_of(cloud_stage, name)
        title = f"WORKSTATION{number:02}"
        assert one["ImageId"] == image
        assert host.computer_name.lower() == name
        assert host.registry.read(ENVIRONMENT, "WORKSHOP_AE_TITLE") == title
        assert host.registry.read(ENVIRONMENT, "WORKSHOP_STATION") == name
        assert f'"DicomAet" : "{title}",\r\n  "DicomPort" : 4242'.encode() in host.files.read(ORTHANC)
        assert not any(task.name == "winbake idle guard" for task in host.tasks.all()), "nobody said --until"
    shown = {tags.as_dict(one["Tags"])[tags.CERTIFICATE] for one in there.values()}
    assert len(shown) == 3, "each station has a certificate of its own"


def test_the_first_is_well_before_the_others_are_launched(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    cloud_stage.cloud.calls.clear()
    cloud_stage.must("clones", "up", "--yes")
    calls = [call.action for call in cloud_stage.cloud.calls]
    first = calls.index("RunInstances")
    second = calls.index("RunInstances", first + 1)
    assert "CreateTags" in calls[first:second], "the canary's certificate was noted before the next launch"
    assert calls.count("RunInstances") == 3


def test_a_canary_that_is_not_well_ends_it(cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    monkeypatch.setattr("winbake.aws.first_contact.PASSWORD_LIMIT", 2.0)
    cloud_stage.cloud.machines.silent.add("172.31.15.1")
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "ws01, which came first, did not come up, so no other was launched" in ran.text
    assert "has not told a password" in ran.text
    assert list(stations(cloud_stage)) == ["ws01"]


def test_one_that_never_answers_does_not_hide_the_others(
    cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    monkeypatch.setattr("winbake.aws.first_contact.PASSWORD_LIMIT", 12.0)
    cloud_stage.cloud.machines.silent.add("172.31.15.2")
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "2 of 3 stations are ready" in ran.text
    assert "ws02: ws02 has not told a password" in ran.text
    inventory = yaml.safe_load((cloud_stage.root / "classroom.yaml").read_text())
    hosts = inventory["all"]["children"]["masters"]["children"]["stations"]["hosts"]
    assert {"ws01", "ws03"} <= set(hosts)


def test_a_second_run_launches_what_is_missing_and_starts_what_is_stopped(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    cloud_stage.must("clones", "up", "--yes", "--count", "2")
    before = stations(cloud_stage)
    cloud_stage.must("clones", "stop", "--limit", "ws02")
    assert stations(cloud_stage)["ws02"]["State"]["Name"] == "stopped"
    ran = cloud_stage.must("clones", "up", "--yes")
    assert "2 × m7i.large" in ran.text and "(1 to launch, 1 to start)" in ran.text
    after = stations(cloud_stage)
    assert [after[name]["InstanceId"] for name in ("ws01", "ws02")] == [
        before[name]["InstanceId"] for name in ("ws01", "ws02")
    ]
    assert {one["State"]["Name"] for one in after.values()} == {"running"}
    launched = cloud_stage.calls("RunInstances")
    assert "All 3 stations are there and run" in cloud_stage.must("clones", "up").text
    assert cloud_stage.calls("RunInstances") == launched


def test_the_inventory_leads_doctor_and_plan_to_the_stations(cloud_stage: CloudStage) -> None:
    tools = cloud_stage.manifest()["tools"]
    classroom(cloud_stage, count=1)
    make_image(cloud_stage)
    cloud_stage.must("clones", "up", "--yes")
    text = (cloud_stage.root / "classroom.yaml").read_text()
    assert "lookup(''env'', ''WINBAKE_PASSWORD'')" in text, "a lookup stays a lookup"
    host = yaml.safe_load(text)["all"]["children"]["masters"]["children"]["stations"]["hosts"]["ws01"]
    assert host["ansible_host"].endswith(".15.1")
    assert host["ae_title"] == "WORKSTATION01" and host["dicom_port"] == 11112
    doctor = cloud_stage.must("doctor", "-i", "classroom.yaml")
    assert "WS01\\Administrator" in doctor.text
    cloud_stage.change_manifest(lambda body: body.update(tools=tools))
    planned = cloud_stage.run("plan", "-i", "classroom.yaml", "--tags", "7zip")
    assert planned.code == 2 and "+ install  26.02" in planned.text


def test_between_stations_only_dicom_is_open(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=1, rdp_from=["198.51.100.0/24"])
    make_image(cloud_stage)
    cloud_stage.must("clones", "up", "--yes")
    group = stations(cloud_stage)["ws01"]["NetworkInterfaces"][0]["Groups"][0]["GroupId"]
    rules = cloud_stage.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    networks = {(rule["FromPort"], one["CidrIp"]) for rule in rules for one in rule["IpRanges"]}
    members = {(rule["FromPort"], one["GroupId"]) for rule in rules for one in rule["UserIdGroupPairs"]}
    assert networks == {(3389, "127.0.0.1/32"), (3389, "198.51.100.0/24"), (5986, "127.0.0.1/32")}
    assert members == {(11112, group)}


def test_list_stop_start_and_down(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    assert "There are no stations" in cloud_stage.must("clones", "list").text
    cloud_stage.must("clones", "up", "--yes")
    listed = cloud_stage.must("clones", "list", "--limit", "ws02-ws03").text
    assert re.search(r"ws02 +running +172\.31\.15\.2 .* WORKSTATION02 ", listed) and "ws01" not in listed
    cloud_stage.must("clones", "stop", "--limit", "ws01,ws03")
    assert {one["station"]: one["state"] for one in cloud_stage.json("clones", "list")["stations"]} == {
        "ws01": "stopped", "ws02": "running", "ws03": "stopped",
    }  # fmt: skip
    ran = cloud_stage.run("clones", "start", "--limit", "ws01,ws03")
    assert ran.code == 1 and "add --yes" in ran.text
    assert "To start: ws01, ws03 (2 × m7i.large) in eu-central-1" in ran.text, ran.text
    assert "about 0.44 USD an hour, once they run" in ran.text
    assert "2 of 2 stations are ready" in cloud_stage.must("clones", "start", "--limit", "ws01,ws03", "--yes").text
    assert "terminated: ws02" in cloud_stage.must("clones", "down", "--yes", "--limit", "ws02").text
    assert set(stations(cloud_stage)) == {"ws01", "ws03"}
    ran = cloud_stage.run("clones", "down", "--yes", "--limit", "ws02")
    assert ran.code == 1 and "there is no station ws02" in ran.text


def test_everything_in_the_way_is_said_at_once_and_nothing_is_made(cloud_stage: CloudStage) -> None:
    make_image(cloud_stage)
    subnet = cloud_stage.ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.0.0/20"]}])
    cloud_stage.ec2.create_network_interface(
        SubnetId=subnet["Subnets"][0]["SubnetId"], PrivateIpAddress="172.31.15.253", Description="the printer"
    )
    classroom(cloud_stage, count=4, base_address="172.31.15.252")
    launched = cloud_stage.calls("RunInstances")
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "ws02: 172.31.15.253 is taken by the printer, eni-" in ran.text
    assert "ws04: 172.31.15.255 is one of the five addresses" in ran.text
    assert "Next: " in ran.text
    assert cloud_stage.calls("RunInstances") == launched
    assert cloud_stage.calls("CreateSecurityGroup") == 0


def test_without_an_image_the_next_step_is_said(cloud_stage: CloudStage) -> None:
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "there is no image of winbake-imaging in eu-central-1 yet" in ran.text and "snapshot" in ran.text
    ran = cloud_stage.run("clones", "up", "--yes", "--image", "ami-12345678")
    assert ran.code == 1 and "ami-12345678" in ran.text


def test_a_quota_in_the_middle_keeps_what_is_up(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=4)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add("VcpuLimitExceeded", "RunInstances", after=2)
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "2 of 4 stations are ready" in ran.text
    assert "a quota of the AWS account is used up" in ran.text and "Service Quotas" in ran.text
    assert "launches and starts only what is missing" in ran.text
    cloud_stage.cloud.faults.clear()
    assert "4 of 4 stations are ready" in cloud_stage.must("clones", "up", "--yes").text


def test_without_a_yes_nothing_is_launched(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    ran = cloud_stage.run("clones", "up")
    assert ran.code == 1 and "add --yes" in ran.text
    assert stations(cloud_stage) == {}


def test_a_count_whose_titles_are_too_long_is_said_before_aws_is_asked(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, ae_title="WORKSHOP-STATION{n}")
    ran = cloud_stage.run("clones", "up", "--yes", "--count", "9")
    assert ran.code == 1 and "17 characters, an AE title has at most 16" in ran.text


def test_the_idle_guard_stops_a_station_at_its_time(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=1)
    make_image(cloud_stage)
    assert ", until 23:59" in cloud_stage.must("clones", "up", "--yes", "--until", "23:59").text
    host = host_of(cloud_stage, "ws01")
    (guard,) = [task for task in host.tasks.all() if task.name == "winbake idle guard"]
    assert guard.triggers[0].at is not None and guard.user == "SYSTEM"
    assert tags.as_dict(stations(cloud_stage)["ws01"]["Tags"])[tags.UNTIL] == guard.triggers[0].at.isoformat()
    host.tasks.run(guard.name)
    wait(lambda: stations(cloud_stage)["ws01"]["State"]["Name"] == "stopped")
    cloud_stage.must("clones", "start", "--until", "23:58", "--yes")
    (moved,) = [task for task in host.tasks.all() if task.name == "winbake idle guard"]
    assert moved.triggers[0].at is not None and moved.triggers[0].at != guard.triggers[0].at
    assert tags.as_dict(stations(cloud_stage)["ws01"]["Tags"])[tags.UNTIL] == moved.triggers[0].at.isoformat()
