"""`master`: launched once, found again, pinned, stopped and started; what goes wrong is said before money is spent."""

from __future__ import annotations

import os
import stat

import pytest
from cloud_stage import CloudStage

from winbake.rehearsal.aws.query import Call


def test_up_launches_a_machine_that_can_be_planned_for(cloud_stage: CloudStage) -> None:
    ran = cloud_stage.must("master", "up", "--yes")
    assert "Launch m7i.xlarge in eu-central-1, the rehearsal on this machine" in ran.text
    assert "about 0.44 USD an hour" in ran.text
    assert "usually takes 5 to 10 minutes" in ran.text
    (instance,) = cloud_stage.instances()
    assert instance["PrivateIpAddress"] == "172.31.15.250"
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    (disk,) = cloud_stage.ec2.describe_volumes()["Volumes"]
    assert (disk["VolumeType"], disk["Encrypted"], disk["Size"]) == ("gp3", True, 60)
    planned = cloud_stage.run("plan", "--tags", "7zip", "--accept-new-certificates")
    assert planned.code == 2, planned.text
    assert "+ install  26.02" in planned.text


def test_only_this_machine_is_let_in(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    group = cloud_stage.instances()[0]["NetworkInterfaces"][0]["Groups"][0]["GroupId"]
    rules = cloud_stage.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    opened = {(rule["FromPort"], one["CidrIp"]) for rule in rules for one in rule["IpRanges"]}
    assert opened == {(3389, "127.0.0.1/32"), (5986, "127.0.0.1/32")}


def test_up_again_launches_nothing(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    ran = cloud_stage.must("master", "up")
    assert "is there: i-" in ran.text
    assert cloud_stage.calls("RunInstances") == 1


def test_without_a_yes_nothing_is_launched(cloud_stage: CloudStage) -> None:
    ran = cloud_stage.run("master", "up")
    assert ran.code == 1
    assert "add --yes" in ran.text
    assert cloud_stage.instances() == []


def test_the_password_is_opened_by_the_key_which_only_this_user_can_read(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    (machine,) = cloud_stage.cloud.machines.running.values()
    assert cloud_stage.must("master", "password").out == machine.password + "\n"
    (key,) = (cloud_stage.root.parent / "config" / "winbake" / "keys").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name == "nt"
    assert not [p for p in cloud_stage.root.rglob("*") if p.is_file() and machine.password.encode() in p.read_bytes()]


def test_stop_start_and_down(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    assert "is stopped" in cloud_stage.must("master", "stop").text
    assert cloud_stage.json("master", "start", "--yes")["state"] == "running"
    assert cloud_stage.run("plan", "--tags", "7zip", "--accept-new-certificates").code == 2
    cloud_stage.must("master", "down", "--yes")
    assert cloud_stage.instances() == []
    ran = cloud_stage.run("master", "stop")
    assert "there is no master of" in ran.text and "master up" in ran.text


def test_rdp_writes_a_file_without_a_password(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    cloud_stage.must("master", "rdp", "-o", "m.rdp")
    text = (cloud_stage.root / "m.rdp").read_text()
    address = cloud_stage.cloud.address_of("172.31.15.250")
    assert f"full address:s:{address}" in text and "username:s:Administrator" in text
    assert "password" not in text


def test_a_run_that_was_killed_after_the_launch_goes_on_with_that_machine(cloud_stage: CloudStage) -> None:
    def fail(call: Call) -> None:
        if call.action == "RunInstances":
            cloud_stage.cloud.faults.add("ExpiredToken", times=1)

    cloud_stage.cloud.after_call = fail
    ran = cloud_stage.run("master", "up", "--yes")
    assert ran.code == 1 and "the AWS login has expired" in ran.text
    cloud_stage.cloud.after_call = lambda call: None
    cloud_stage.must("master", "up", "--yes")
    assert len(cloud_stage.instances()) == 1


def test_a_certificate_that_is_another_one_later_is_refused(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    (machine,) = cloud_stage.cloud.machines.running.values()
    machine.endpoint.change_certificate()
    machine.endpoint.drop_connections()
    (cloud_stage.root.parent / "config" / "winbake" / "known_certificates").unlink()
    ran = cloud_stage.run("master", "up")
    assert ran.code == 1
    assert "shows another certificate" in ran.text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("UnauthorizedOperation", "AWS does not allow this account RunInstances"),
        ("VcpuLimitExceeded", "a quota of the AWS account is used up"),
        ("InsufficientInstanceCapacity", "AWS has no room for such an instance"),
    ],
)
def test_what_aws_refuses_is_said_with_the_next_step(cloud_stage: CloudStage, code: str, words: str) -> None:
    cloud_stage.cloud.faults.add(code, "RunInstances")
    ran = cloud_stage.run("master", "up", "--yes")
    assert ran.code == 1
    assert words in ran.text and "Next: " in ran.text


def test_an_address_that_cannot_be_had_is_said_before_anything_is_made(cloud_stage: CloudStage) -> None:
    cloud_stage.change_manifest(lambda body: body.update(aws={"master_address": "10.0.0.1"}))
    ran = cloud_stage.run("master", "up", "--yes")
    assert ran.code == 1
    assert "10.0.0.1 is in none of the subnets" in ran.text
    assert cloud_stage.calls("RunInstances") == cloud_stage.calls("CreateSecurityGroup") == 0


def test_a_key_pair_without_its_file_is_said(cloud_stage: CloudStage) -> None:
    cloud_stage.ec2.create_key_pair(KeyName=f"winbake-{cloud_stage.manifest()['image']['name']}")
    ran = cloud_stage.run("master", "up", "--yes")
    assert ran.code == 1
    assert "but its private half is not in" in ran.text
    assert cloud_stage.instances() == []


def test_a_key_that_does_not_fit_is_said(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    (key,) = (cloud_stage.root.parent / "config" / "winbake" / "keys").iterdir()
    key.write_text(cloud_stage.ec2.create_key_pair(KeyName="other")["KeyMaterial"])
    ran = cloud_stage.run("master", "password")
    assert ran.code == 1
    assert "does not hold the private key that the instance was launched with" in ran.text


def test_host_vars_that_a_person_wrote_are_left_alone(cloud_stage: CloudStage) -> None:
    (cloud_stage.root / "host_vars").mkdir()
    path = cloud_stage.root / "host_vars" / "master.yaml"
    path.write_text("ansible_host: 10.1.2.3\n")
    ran = cloud_stage.run("master", "up", "--yes")
    assert ran.code == 1 and "was not written by winbake" in ran.text
    assert path.read_text() == "ansible_host: 10.1.2.3\n"
