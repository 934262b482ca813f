"""`status`: what there is, what it costs, what is out of step; what may not be looked at is said and hides nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from clone_stage import classroom
from cloud_stage import CloudStage, wait

from winbake.aws import tags
from winbake.rehearsal.aws.machines import amazon_image


def launch(stage: CloudStage, station: str, address: str, **more: str) -> str:
    """Only what EC2 knows of a station matters here."""
    stage.cloud.machines.silent.add(address)
    image = stage.manifest()["image"]["name"]
    subnet = stage.ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.0.0/20"]}])["Subnets"][0]
    own = {tags.STATION: station, **more}
    made = stage.ec2.run_instances(
        ImageId=amazon_image("2022"), InstanceType="m7i.large", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"],
        PrivateIpAddress=address,
        TagSpecifications=tags.specifications(["instance", "volume"], image, tags.CLONE, station, own),
    )  # fmt: skip
    return str(made["Instances"][0]["InstanceId"])


def subjects(body: dict[str, Any]) -> dict[str, list[str]]:
    return {one["what"].partition(": ")[2]: one["subjects"] for one in body["out_of_step"]}


def status(stage: CloudStage, code: int) -> dict[str, Any]:
    ran = stage.run("status", "--json")
    assert ran.code == code, ran.text
    body: dict[str, Any] = json.loads(ran.out)
    return body


def test_an_empty_account_says_what_comes_next(cloud_stage: CloudStage) -> None:
    ran = cloud_stage.must("status")
    assert "There is nothing of winbake-imaging" in ran.text and "master up" in ran.text


def test_what_exists_and_what_it_costs(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=2)
    first, second = launch(cloud_stage, "ws01", "172.31.15.11"), launch(cloud_stage, "ws02", "172.31.15.12")
    ran = cloud_stage.run("status")
    assert first in ran.text and second in ran.text
    assert "m7i.large" in ran.text and "0.220 USD an hour" in ran.text
    assert "It costs about 0.44 USD an hour, without gp2 (unknown)." in ran.text
    body = status(cloud_stage, 2)
    assert body["usd_an_hour"] == 0.44 and body["price_unknown_of"] == ["gp2"]
    assert {one["kind"] for one in body["found"]} == {"instance", "volume"}
    assert all(one["since"] for one in body["found"])


def test_prices_that_may_not_be_asked_are_unknown_and_no_sum_is_made_up(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=1)
    launch(cloud_stage, "ws01", "172.31.15.1")
    cloud_stage.cloud.faults.add("AccessDeniedException", "GetProducts")
    ran = cloud_stage.run("status")
    assert "unknown price" in ran.text and "m7i.large and gp2 (unknown)" in ran.text


def test_missing_stopped_and_late_stations_are_out_of_step(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, count=4)
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="seconds")
    launch(cloud_stage, "ws01", "172.31.15.1", **{tags.UNTIL: past})
    stopped = launch(cloud_stage, "ws02", "172.31.15.2")
    wait(lambda: len(cloud_stage.instances("running")) == 2)
    cloud_stage.ec2.stop_instances(InstanceIds=[stopped])
    found = subjects(status(cloud_stage, 2))
    assert found["missing of 4"] == ["ws03", "ws04"]
    assert found["stopped"] == ["ws02"]
    assert found["running past the time at which it should stop"] == ["ws01"]


def test_a_name_that_differs_is_out_of_step_and_status_changes_nothing(cloud_stage: CloudStage) -> None:
    domain = "kurs.example.org"
    classroom(cloud_stage, count=1, domain=domain)
    boto3.client("route53").create_hosted_zone(Name=domain, CallerReference="one")
    launch(cloud_stage, "ws01", "172.31.15.1")
    wait(lambda: cloud_stage.instances("running"))
    assert f"ws01.{domain}" in [name for names in subjects(status(cloud_stage, 2)).values() for name in names]
    cloud_stage.must("clones", "dns")
    before = len(cloud_stage.cloud.calls)
    body = status(cloud_stage, 0)
    assert [one["id"] for one in body["found"] if one["kind"] == "DNS record"] == [f"ws01.{domain}"]
    asked = {call.action for call in cloud_stage.cloud.calls[before:]}
    assert all(one.startswith(("Describe", "Get")) or not one for one in asked), asked


def test_an_image_of_another_manifest_is_out_of_step(cloud_stage: CloudStage) -> None:
    launch(cloud_stage, "ws01", "172.31.15.1")
    classroom(cloud_stage, count=1)
    (instance,) = cloud_stage.instances()
    image = cloud_stage.manifest()["image"]["name"]
    ami = cloud_stage.ec2.create_image(InstanceId=instance["InstanceId"], Name="baked")["ImageId"]
    digest = hashlib.sha256((cloud_stage.root / "manifest.yaml").read_bytes()).hexdigest()
    more = {"winbake:manifest": digest}
    cloud_stage.ec2.create_tags(Resources=[ami], Tags=tags.tags(image, tags.BAKED, "baked", more))
    other = f"of another image than the newest, {ami}"
    assert set(subjects(status(cloud_stage, 2))) == {other}
    cloud_stage.change_manifest(lambda body: body["image"].update(description="changed"))
    assert len(status(cloud_stage, 2)["out_of_step"]) == 2


@pytest.mark.parametrize(
    ("action", "kind", "still"),
    [
        ("DescribeInstances", "instance", "volume"),
        ("DescribeImages", "image", "instance"),
        ("DescribeKeyPairs", "key pair", "instance"),
    ],
)
def test_a_kind_that_may_not_be_looked_at_is_said_and_the_rest_is_shown(
    cloud_stage: CloudStage, action: str, kind: str, still: str
) -> None:
    classroom(cloud_stage, count=1)
    launch(cloud_stage, "ws01", "172.31.15.1")
    cloud_stage.cloud.faults.add("UnauthorizedOperation", action)
    ran = cloud_stage.run("status")
    assert ran.code == 1
    assert f"{kind}s in eu-central-1 could not be looked at" in ran.text
    assert f"have {action} allowed for it by its IAM policy" in ran.text
    assert still in {one["kind"] for one in status(cloud_stage, 1)["found"]}


def test_an_expired_login_is_said_once(cloud_stage: CloudStage) -> None:
    cloud_stage.cloud.faults.add("ExpiredToken")
    ran = cloud_stage.run("status")
    assert ran.code == 1 and ran.text.count("the AWS login has expired") == 1
