"""The stations' DNS names: what differs is changed, what is gone is removed, what is somebody else's is left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from clone_stage import classroom, make_image, stations
from cloud_stage import CloudStage

from winbake.aws.dns import Dns, DnsChange
from winbake.aws.errors import AwsError
from winbake.aws.instances import Instance
from winbake.aws.session import AwsSession

DOMAIN = "kurs.example.org"


def zone(private: bool = False) -> str:
    more: dict[str, Any] = {}
    if private:
        vpc = boto3.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        more = {"VPC": {"VPCRegion": "eu-central-1", "VPCId": vpc}, "HostedZoneConfig": {"PrivateZone": True}}
    made = boto3.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference=str(datetime.now(UTC)), **more)
    return str(made["HostedZone"]["Id"])


def records(zone_id: str, kind: str = "A") -> dict[str, str]:
    found = boto3.client("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    return {
        one["Name"].removesuffix(f".{DOMAIN}."): one["ResourceRecords"][0]["Value"] for one in found
        if one["Type"] == kind
    }  # fmt: skip


def put(zone_id: str, name: str, kind: str, value: str) -> None:
    record = {"Name": f"{name}.{DOMAIN}", "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]}
    boto3.client("route53").change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )


def station(number: int, state: str = "running", public: str = "") -> Instance:
    return Instance(
        f"i-{number}", state, "clone", f"ws{number:02}", f"ws{number:02}", f"172.31.15.{number}",
        public or f"198.51.100.{number}", "m7i.large", "ami-1", "key", datetime.now(UTC),
    )  # fmt: skip


def dns() -> Dns:
    return Dns(AwsSession(), "winbake-imaging", DOMAIN)


def test_what_differs_is_changed_and_nothing_else(cloud_stage: CloudStage) -> None:
    here = zone()
    assert dns().make_true([station(1), station(2)]) == [
        DnsChange(f"ws01.{DOMAIN}", "198.51.100.1"), DnsChange(f"ws02.{DOMAIN}", "198.51.100.2"),
    ]  # fmt: skip
    assert records(here) == {"ws01": "198.51.100.1", "ws02": "198.51.100.2"}
    before = len(cloud_stage.cloud.calls)
    assert dns().make_true([station(1), station(2)]) == []
    assert not [call for call in cloud_stage.cloud.calls[before:] if call.method == "POST"], "nothing was changed"
    moved = dns().make_true([station(1), station(2, public="198.51.100.99")])
    assert moved == [DnsChange(f"ws02.{DOMAIN}", "198.51.100.99")]
    assert records(here) == {"ws01": "198.51.100.1", "ws02": "198.51.100.99"}


def test_a_station_that_is_stopped_or_gone_has_no_public_name(cloud_stage: CloudStage) -> None:
    here = zone()
    dns().make_true([station(1), station(2), station(3)])
    assert dns().make_true([station(1), station(2, "stopped")]) == [
        DnsChange(f"ws02.{DOMAIN}", ""), DnsChange(f"ws03.{DOMAIN}", ""),
    ]  # fmt: skip
    assert records(here) == {"ws01": "198.51.100.1"}
    assert set(records(here, "TXT")) == {"_winbake.ws01"}


def test_in_a_private_zone_names_are_private_addresses_also_of_stopped_ones(cloud_stage: CloudStage) -> None:
    here = zone(private=True)
    dns().make_true([station(1), station(2, "stopped")])
    assert records(here) == {"ws01": "172.31.15.1", "ws02": "172.31.15.2"}


def test_records_of_somebody_else_are_left_and_named(cloud_stage: CloudStage) -> None:
    here = zone()
    put(here, "www", "A", "203.0.113.1")
    put(here, "ws02", "A", "203.0.113.2")
    put(here, "ws03", "CNAME", "www.example.org")
    with pytest.raises(AwsError, match=rf"were left: ws02\.{DOMAIN}, ws03\.{DOMAIN}"):
        dns().make_true([station(1), station(2), station(3)])
    assert records(here) == {"www": "203.0.113.1", "ws01": "198.51.100.1", "ws02": "203.0.113.2"}
    dns().make_true([])
    assert records(here) == {"www": "203.0.113.1", "ws02": "203.0.113.2"}
    assert records(here, "CNAME") == {"ws03": "www.example.org"}


def test_another_images_stations_in_the_same_zone_are_left(cloud_stage: CloudStage) -> None:
    here = zone()
    Dns(AwsSession(), "another-image", DOMAIN).make_true([station(9)])
    dns().make_true([station(1)])
    dns().make_true([])
    assert records(here) == {"ws09": "198.51.100.9"}


def test_no_zone_and_two_zones_are_said(cloud_stage: CloudStage) -> None:
    with pytest.raises(AwsError, match="Route 53 has no hosted zone"):
        dns().make_true([station(1)])
    zone()
    zone(private=True)
    with pytest.raises(AwsError, match="2 hosted zones") as error:
        dns().make_true([station(1)])
    assert "public" in error.value.what and "private" in error.value.what


def test_names_that_are_answered_otherwise_are_said(cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch) -> None:
    zone()
    elsewhere = {"recorddata": "203.0.113.9"}
    from winbake.rehearsal.aws import dns_answers
    from winbake.rehearsal.aws.query import Answer, Call

    real = dns_answers.answer

    def other(account: str, call: Call) -> Answer:
        given = real(account, call)
        return Answer(given.status, given.body.replace(b"198.51.100.1", elsewhere["recorddata"].encode()))

    monkeypatch.setattr(dns_answers, "answer", other)
    with pytest.raises(AwsError, match=rf"ws01\.{DOMAIN} is 203\.0\.113\.9, not 198\.51\.100\.1"):
        dns().make_true([station(1)])


def test_names_follow_the_stations_through_stop_start_and_down(cloud_stage: CloudStage) -> None:
    here = zone()
    classroom(cloud_stage, count=2, domain=DOMAIN)
    make_image(cloud_stage)
    ran = cloud_stage.must("clones", "up", "--yes")
    public = {name: one["PublicIpAddress"] for name, one in stations(cloud_stage).items()}
    assert records(here) == public
    assert f"ws01.{DOMAIN} is {public['ws01']}" in ran.text
    assert f"all names below {DOMAIN} are right" in cloud_stage.must("clones", "dns").text
    cloud_stage.must("clones", "stop", "--limit", "ws01")
    assert set(records(here)) == {"ws02"}
    cloud_stage.must("clones", "start", "--limit", "ws01", "--yes")
    again = {name: one["PublicIpAddress"] for name, one in stations(cloud_stage).items()}
    assert again["ws01"] != public["ws01"] and records(here) == again
    cloud_stage.must("clones", "down", "--yes")
    assert records(here) == {} and records(here, "TXT") == {}


def test_without_a_domain_dns_says_so(cloud_stage: CloudStage) -> None:
    ran = cloud_stage.run("clones", "dns")
    assert ran.code == 1 and "the classroom has no DNS domain" in ran.text and "classroom.domain" in ran.text
