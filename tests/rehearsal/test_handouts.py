"""`handouts`: what participants type into Remote Desktop, with and without running stations, a domain and AWS."""

from __future__ import annotations

import csv
import re

import pytest
from clone_stage import classroom
from cloud_stage import PARTICIPANT, CloudStage, wait

from winbake.aws import tags
from winbake.rehearsal.aws.machines import amazon_image


def connects(stage: CloudStage) -> dict[str, str]:
    text = (stage.root / "handouts" / "stations.csv").read_text()
    return {row["station"]: row["connect"] for row in csv.DictReader(text.splitlines())}


def launch(stage: CloudStage, station: str, address: str) -> None:
    """Only what EC2 knows of a station matters here."""
    stage.cloud.machines.silent.add(address)  # no Windows is needed behind it
    image = stage.manifest()["image"]["name"]
    subnet = stage.ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.0.0/20"]}])["Subnets"][0]
    stage.ec2.run_instances(
        ImageId=amazon_image("2022"), MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"], PrivateIpAddress=address,
        TagSpecifications=tags.specifications(["instance"], image, tags.CLONE, station, {tags.STATION: station}),
    )  # fmt: skip


def test_a_running_station_is_reached_at_its_public_address_the_others_are_said(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    launch(cloud_stage, "ws02", "172.31.15.12")
    wait(lambda: len(cloud_stage.instances("running")) == 1)
    ran = cloud_stage.must("handouts")
    # In the rehearsal an instance is reached at its private address on loopback.
    told = connects(cloud_stage)
    assert re.fullmatch(r"127\.\d+\.15\.12", told.pop("ws02"))
    assert told == {"ws01": "172.31.15.1", "ws03": "172.31.15.3"}
    assert "2 stations have neither a DNS name nor a public address now" in ran.text


def test_with_a_domain_it_is_the_name_also_when_aws_cannot_be_asked(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, domain="kurs.example.org")
    cloud_stage.cloud.faults.add("UnauthorizedOperation", "DescribeInstances")
    ran = cloud_stage.must("handouts")
    assert connects(cloud_stage)["ws03"] == "ws03.kurs.example.org"
    assert "AWS does not tell which stations run" in ran.text and "DescribeInstances" in ran.text


def test_without_aws_it_is_not_asked(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage, domain="kurs.example.org")
    body = cloud_stage.json("handouts", "--no-aws", "-o", "out")
    assert [one["station"] for one in body["stations"]] == ["ws01", "ws02", "ws03"]
    assert cloud_stage.cloud.calls == []
    assert (cloud_stage.root / "out" / "cards.html").is_file()


def test_the_password_is_asked_for_by_name(cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom(cloud_stage)
    cloud_stage.must("handouts", "--no-aws")
    cards = cloud_stage.root / "handouts" / "cards.html"
    assert PARTICIPANT not in cards.read_text()
    cloud_stage.must("handouts", "--no-aws", "--with-password")
    assert len(re.findall(re.escape(PARTICIPANT), cards.read_text())) == 3
    ran = cloud_stage.run("handouts", "--no-aws", "--password-in-tables")
    assert ran.code == 1 and "goes with --with-password" in ran.text
    monkeypatch.delenv("WINBAKE_PARTICIPANT_PASSWORD")
    ran = cloud_stage.run("handouts", "--no-aws", "--with-password")
    assert ran.code == 1 and "set WINBAKE_PARTICIPANT_PASSWORD" in ran.text


def test_json_on_the_screen_has_the_password_only_with_the_tables(cloud_stage: CloudStage) -> None:
    classroom(cloud_stage)
    body = cloud_stage.json("handouts", "--no-aws", "--with-password")
    assert "password" not in body["stations"][0]
