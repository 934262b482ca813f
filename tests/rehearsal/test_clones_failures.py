"""`clones up` when AWS fails: killed after any change, throttled, without room, without a login half way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from clone_stage import classroom, make_image, stations
from cloud_stage import CloudStage

from winbake.aws import tags
from winbake.aws.session import AwsSession
from winbake.aws.stations import Making, Ready, Stations
from winbake.config.classroom import Classroom
from winbake.rehearsal.aws.query import Call

DOMAIN = "kurs.example.org"
CHANGES = ("CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateKeyPair", "RunInstances", "CreateTags")


def is_change(call: Call) -> bool:
    return call.action in CHANGES or (call.service == "route53" and call.method == "POST")


def killed_after_its_first_change(stage: CloudStage) -> tuple[str, int]:
    """Runs `clones up`; after its first changing call AWS answers nothing more. Which that was, "" for none; exit code."""
    seen: list[str] = []

    def after(call: Call) -> None:
        if not seen and is_change(call):
            seen.append(call.action or call.path)
            stage.cloud.faults.add("ExpiredToken")

    stage.cloud.after_call = after
    ran = stage.run("clones", "up", "--yes", "--until", "23:59")
    stage.cloud.after_call = lambda call: None
    stage.cloud.faults.clear()
    assert ran.code == (1 if seen else 0), ran.text
    assert not seen or "the AWS login has expired" in ran.text, ran.text
    return (seen[0] if seen else ""), ran.code


def test_killed_after_each_change_it_goes_on_and_makes_nothing_twice(cloud_stage: CloudStage) -> None:
    """Every run is ended after the first thing that it changes; the last one finds nothing left to do."""
    classroom(cloud_stage, count=2, domain=DOMAIN)
    zone = boto3.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference=str(datetime.now(UTC)))
    make_image(cloud_stage)
    launched = cloud_stage.calls("RunInstances")
    ends = []
    for _ in range(30):
        last, code = killed_after_its_first_change(cloud_stage)
        if code == 0:
            break
        ends.append(last)
    else:
        raise AssertionError(f"it does not converge: {ends}")
    assert {*CHANGES} <= set(ends) and any("rrset" in one for one in ends), ends
    there = stations(cloud_stage)
    assert set(there) == {"ws01", "ws02"} and cloud_stage.calls("RunInstances") == launched + 2
    assert all(tags.CERTIFICATE in tags.as_dict(one["Tags"]) for one in there.values())
    groups = cloud_stage.ec2.describe_security_groups()["SecurityGroups"]
    (group,) = [one for one in groups if one["GroupName"].startswith("winbake-")]
    assert {rule["FromPort"] for rule in group["IpPermissions"]} == {3389, 5986, 11112}
    assert len(cloud_stage.ec2.describe_key_pairs()["KeyPairs"]) == 1
    found = boto3.client("route53").list_resource_record_sets(HostedZoneId=zone["HostedZone"]["Id"])
    assert sum(1 for one in found["ResourceRecordSets"] if one["Type"] == "A") == 2


def test_an_instance_that_ec2_lists_late_is_found_by_its_address(cloud_stage: CloudStage) -> None:
    """A run was killed right after the launch; the next one does not see the instance yet, and asks for its address."""
    classroom(cloud_stage, count=1)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add("ExpiredToken", "GetPasswordData")
    assert cloud_stage.run("clones", "up", "--yes").code == 1
    cloud_stage.cloud.faults.clear()
    (first,) = [one["InstanceId"] for one in stations(cloud_stage).values()]
    session = AwsSession()
    making = making_of(cloud_stage)
    work = Stations(session, "winbake-imaging", key_file(cloud_stage), None, lambda station, text: None)
    (outcome,) = work.bring_up(Classroom(count=1).stations(), {}, making)
    assert isinstance(outcome, Ready) and outcome.instance.id == first
    assert list(stations(cloud_stage)) == ["ws01"]


def key_file(stage: CloudStage) -> Path:
    (path,) = (stage.root.parent / "config" / "winbake" / "keys").iterdir()
    return path


def making_of(stage: CloudStage) -> Making:
    """What the station was launched with, but for the time at which it stops: no client token says that it is the same."""
    instance = stations(stage)["ws01"]
    return Making(
        image_id=instance["ImageId"], type=instance["InstanceType"], subnet=instance["SubnetId"],
        group=instance["NetworkInterfaces"][0]["Groups"][0]["GroupId"], key=instance["KeyName"],
        until=datetime.now(UTC) + timedelta(hours=5),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InsufficientInstanceCapacity", "AWS has no room for such an instance"),
        ("UnauthorizedOperation", "AWS does not allow this account RunInstances"),
    ],
)
def test_what_stops_the_canary_is_said_and_nothing_else_is_launched(
    cloud_stage: CloudStage, code: str, words: str
) -> None:
    classroom(cloud_stage)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add(code, "RunInstances")
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "ws01, which came first, did not come up, so no other was launched" in ran.text
    assert words in ran.text and "Next: " in ran.text
    assert stations(cloud_stage) == {}


def test_throttling_is_waited_out(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=2)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add("RequestLimitExceeded", "RunInstances", times=2)
    cloud_stage.cloud.faults.add("RequestLimitExceeded", "DescribeInstances", times=2)
    assert "2 of 2 stations are ready" in cloud_stage.must("clones", "up", "--yes").text


def test_a_login_that_expires_half_way_keeps_what_is_there(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=3)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add("ExpiredToken", "RunInstances", after=2)
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "2 of 3 stations are ready" in ran.text
    assert "the AWS login has expired" in ran.text and "aws sso login" in ran.text
    cloud_stage.cloud.faults.clear()
    before = {one["InstanceId"] for one in stations(cloud_stage).values()}
    cloud_stage.must("clones", "up", "--yes")
    assert before < {one["InstanceId"] for one in stations(cloud_stage).values()}


def test_an_address_that_is_taken_meanwhile_is_said(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=2)
    make_image(cloud_stage)
    cloud_stage.cloud.faults.add(
        "InvalidIPAddress.InUse", "RunInstances", message="Address 172.31.15.2 is in use.", after=1
    )
    ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 1
    assert "1 of 2 stations are ready" in ran.text
    assert "ws02: 172.31.15.2 is taken" in ran.text and "network interfaces of the subnet" in ran.text


def test_ctrl_c_leaves_what_is_launched_for_the_next_run(
    cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom(cloud_stage, count=2)
    make_image(cloud_stage)

    def interrupted(*_: object, **__: object) -> None:
        if stations(cloud_stage):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("winbake.aws.stations.wait", interrupted)
        ran = cloud_stage.run("clones", "up", "--yes")
    assert ran.code == 130 and "Interrupted." in ran.text
    (before,) = [one["InstanceId"] for one in stations(cloud_stage).values()]
    assert "2 of 2 stations are ready" in cloud_stage.must("clones", "up", "--yes").text
    assert stations(cloud_stage)["ws01"]["InstanceId"] == before
