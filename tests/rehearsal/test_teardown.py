"""`teardown`: all of the project goes, its neighbours stay, a killed run is gone on with, what stays is named."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from cloud_stage import CloudStage

from winbake.aws import network, teardown
from winbake.aws.dns import Dns
from winbake.aws.instances import Instance
from winbake.aws.network import Opening
from winbake.aws.session import AwsSession
from winbake.aws.tags import tags
from winbake.rehearsal.aws.machines import amazon_image
from winbake.rehearsal.aws.query import Call

IMAGE = "winbake-five-tools"


def tag(kind: str, image: str, role: str = "network") -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags(image, role, f"a {kind}")}]


@dataclasses.dataclass
class Account:
    """Ids of one of every kind, by kind."""

    ids: dict[str, str]

    def alive(self, ec2: Any) -> dict[str, str]:
        """Those that there still are."""
        def live(key: str, found: list[dict[str, Any]]) -> set[str]:
            return {one[key] for one in found}

        instances = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
        there = live("InstanceId", [one for one in instances if one["State"]["Name"] not in ("terminated",)])
        there |= live("VolumeId", ec2.describe_volumes()["Volumes"])
        there |= live("NetworkInterfaceId", ec2.describe_network_interfaces()["NetworkInterfaces"])
        there |= live("AllocationId", ec2.describe_addresses()["Addresses"])
        there |= live("ImageId", ec2.describe_images(Owners=["self"])["Images"])
        there |= live("SnapshotId", ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"])
        there |= live("GroupId", ec2.describe_security_groups()["SecurityGroups"])
        there |= live("KeyPairId", ec2.describe_key_pairs()["KeyPairs"])
        return {kind: identity for kind, identity in self.ids.items() if identity in there}


def one_of_each(ec2: Any, image: str, first_address: str) -> Account:
    """An account's worth: two groups that name each other, a machine, its image, things that lie about.

    image: "" for things without any tag."""
    def specified(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": tag(kind, image)} if image else {}

    label = image or "nobody"
    subnet = ec2.describe_subnets(Filters=[{"Name": "cidrBlock", "Values": ["172.31.0.0/20"]}])["Subnets"][0]
    groups = []
    for name in ("one", "two"):
        made = ec2.create_security_group(
            GroupName=f"{label}-{name}", Description=name, VpcId=subnet["VpcId"], **specified("security-group")
        )
        groups.append(made["GroupId"])
    for own, other in (groups, reversed(groups)):
        rule = {"IpProtocol": "tcp", "FromPort": 104, "ToPort": 104, "UserIdGroupPairs": [{"GroupId": other}]}
        ec2.authorize_security_group_ingress(GroupId=own, IpPermissions=[rule])
    key = ec2.create_key_pair(KeyName=f"{label}-key", **specified("key-pair"))
    (machine,) = ec2.run_instances(
        ImageId=amazon_image("2022"), InstanceType="m7i.large", MinCount=1, MaxCount=1, KeyName=f"{label}-key",
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": groups[:1],
                            "PrivateIpAddress": first_address, "DeleteOnTermination": True}],
        TagSpecifications=[*tag("instance", image), *tag("volume", image)] if image else [],
    )["Instances"]  # fmt: skip
    volume = ec2.create_volume(AvailabilityZone=subnet["AvailabilityZone"], Size=10, **specified("volume"))
    interface = ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=groups[1:])["NetworkInterface"]
    address = ec2.allocate_address(Domain="vpc")
    baked = ec2.create_image(InstanceId=machine["InstanceId"], Name=f"{label}-1")["ImageId"]
    (described,) = ec2.describe_images(ImageIds=[baked])["Images"]
    snapshot = described["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    loose = ec2.create_snapshot(VolumeId=volume["VolumeId"])["SnapshotId"]
    if image:
        tagged = [interface["NetworkInterfaceId"], address["AllocationId"], baked, snapshot, loose]
        ec2.create_tags(Resources=tagged, Tags=tags(image, "image", "lies about"))
    return Account(
        {
            "group": groups[0], "other group": groups[1], "key": key["KeyPairId"], "instance": machine["InstanceId"],
            "volume": volume["VolumeId"], "interface": interface["NetworkInterfaceId"],
            "address": address["AllocationId"], "image": baked, "snapshot": snapshot, "loose snapshot": loose,
        }
    )  # fmt: skip


@pytest.fixture(autouse=True)
def named_project(cloud_stage: CloudStage) -> None:
    cloud_stage.change_manifest(lambda body: body["image"].update(name=IMAGE))


def test_all_of_the_project_goes_and_every_neighbour_stays(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    neighbours = [
        one_of_each(cloud_stage.ec2, name, f"172.31.1.{11 + at}")
        for at, name in enumerate(["", f"{IMAGE}-2", "other"])
    ]
    ran = cloud_stage.must("teardown", "--yes")
    assert own.alive(cloud_stage.ec2) == {}
    for neighbour in neighbours:
        assert neighbour.alive(cloud_stage.ec2) == neighbour.ids
    for identity in own.ids.values():
        assert ran.text.count(identity) >= 2, "listed before, told after"
    assert "nothing is left" in ran.text
    assert "Nothing in eu-central-1" in cloud_stage.must("teardown").text


def test_what_master_up_made_is_gone_with_its_key_file(cloud_stage: CloudStage) -> None:
    cloud_stage.must("master", "up", "--yes")
    ran = cloud_stage.must("teardown", "--yes")
    assert cloud_stage.instances() == []
    assert cloud_stage.ec2.describe_volumes()["Volumes"] == []
    assert cloud_stage.ec2.describe_key_pairs()["KeyPairs"] == []
    assert list((cloud_stage.root.parent / "config" / "winbake" / "keys").iterdir()) == []
    groups = cloud_stage.ec2.describe_security_groups()["SecurityGroups"]
    assert {one["GroupName"] for one in groups} == {"default"}
    assert "about 0.45 USD an hour" in ran.text  # m7i.xlarge and 60 GiB of gp3


def test_it_is_listed_and_asked_for_before(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    ran = cloud_stage.run("teardown")
    assert ran.code == 1 and "add --yes" in ran.text
    assert own.ids["instance"] in ran.text
    assert cloud_stage.must("teardown", "--dry-run").code == 0
    listed = cloud_stage.json("teardown", "--dry-run")["would_delete"]
    assert set(own.ids.values()) <= {one["id"] for one in listed}
    assert own.alive(cloud_stage.ec2) == own.ids


def test_images_can_be_kept_with_their_snapshots(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    cloud_stage.must("teardown", "--yes", "--keep-images")
    assert set(own.alive(cloud_stage.ec2)) == {"image", "snapshot", "loose snapshot"}


def test_copies_in_other_regions_go_too(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    away = boto3.client("ec2", "us-east-1")
    copies = {}
    for name in (IMAGE, "other"):
        copies[name] = away.copy_image(SourceImageId=own.ids["image"], SourceRegion="eu-central-1", Name=name)["ImageId"]
        away.create_tags(Resources=[copies[name]], Tags=tags(name, "image", "copy"))
    cloud_stage.must("teardown", "--yes")
    assert [one["ImageId"] for one in away.describe_images(Owners=["self"])["Images"]] == [copies["other"]]


def test_a_volume_of_somebody_else_that_an_instance_would_take_with_it_stays(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    (machine,) = cloud_stage.instances()
    zone = machine["Placement"]["AvailabilityZone"]
    foreign = cloud_stage.ec2.create_volume(AvailabilityZone=zone, Size=5)["VolumeId"]
    cloud_stage.ec2.attach_volume(InstanceId=own.ids["instance"], VolumeId=foreign, Device="xvdf")
    spared = {"DeviceName": "xvdf", "Ebs": {"DeleteOnTermination": True}}
    cloud_stage.ec2.modify_instance_attribute(InstanceId=own.ids["instance"], BlockDeviceMappings=[spared])
    ran = cloud_stage.must("teardown", "--yes")
    assert [one["VolumeId"] for one in cloud_stage.ec2.describe_volumes()["Volumes"]] == [foreign]
    assert f"{foreign}, attached to {own.ids['instance']}, does not carry the tag: it stays" in ran.text


def test_a_protected_instance_is_named_and_the_rest_goes(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    cloud_stage.ec2.modify_instance_attribute(
        InstanceId=own.ids["instance"], DisableApiTermination={"Value": True}
    )
    ran = cloud_stage.run("teardown", "--yes")
    assert ran.code == 1
    assert f"instance {own.ids['instance']} is left" in ran.text
    assert "turn its termination protection off" in ran.text
    # Its group and the key pair that opens its password are needed; what lies about is not.
    assert set(own.alive(cloud_stage.ec2)) == {"instance", "group", "key"}
    cloud_stage.ec2.modify_instance_attribute(
        InstanceId=own.ids["instance"], DisableApiTermination={"Value": False}
    )
    cloud_stage.must("teardown", "--yes")
    assert own.alive(cloud_stage.ec2) == {}


def test_a_group_to_which_a_neighbour_refers_is_named_with_that_neighbour(
    cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teardown, "WAITS", 1)
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    other = one_of_each(cloud_stage.ec2, "other", "172.31.1.11")
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": own.ids["group"]}]}
    cloud_stage.ec2.authorize_security_group_ingress(GroupId=other.ids["group"], IpPermissions=[rule])
    ran = cloud_stage.run("teardown", "--yes")
    assert ran.code == 1
    assert f"security group {own.ids['group']} is left" in ran.text
    assert f"it is still used by {other.ids['group']}" in ran.text
    assert set(own.alive(cloud_stage.ec2)) == {"group"}
    assert other.alive(cloud_stage.ec2) == other.ids


def test_an_address_that_a_neighbour_uses_is_not_taken_from_it(
    cloud_stage: CloudStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teardown, "WAITS", 1)
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    other = one_of_each(cloud_stage.ec2, "other", "172.31.1.11")
    cloud_stage.ec2.associate_address(InstanceId=other.ids["instance"], AllocationId=own.ids["address"])
    ran = cloud_stage.run("teardown", "--yes")
    assert ran.code == 1
    assert f"is still used by {other.ids['instance']}" in ran.text
    assert set(own.alive(cloud_stage.ec2)) == {"address"}


def test_a_kind_that_may_not_be_looked_at_is_said_and_the_others_go(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    cloud_stage.cloud.faults.add("UnauthorizedOperation", "DescribeAddresses")
    result = cloud_stage.run("teardown", "--yes", "--json")
    assert result.code == 1
    (unread,) = json.loads(result.out)["unread"]
    cloud_stage.cloud.faults.clear()
    assert unread["kind"] == "elastic address" and "DescribeAddresses" in unread["next"]
    assert set(own.alive(cloud_stage.ec2)) == {"address"}


def test_what_may_not_be_deleted_is_named_with_the_action_that_is_missing(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    cloud_stage.cloud.faults.add("UnauthorizedOperation", "DeregisterImage")
    ran = cloud_stage.run("teardown", "--yes")
    assert ran.code == 1
    assert f"image {own.ids['image']} is left" in ran.text
    assert "have DeregisterImage allowed" in ran.text
    assert set(own.alive(cloud_stage.ec2)) <= {"image", "snapshot"}


def test_an_expired_login_ends_it_and_the_next_run_goes_on(cloud_stage: CloudStage) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    cloud_stage.cloud.faults.add("ExpiredToken", "DeleteVolume", times=1)
    ran = cloud_stage.run("teardown", "--yes")
    assert ran.code == 1 and "the AWS login has expired" in ran.text
    cloud_stage.must("teardown", "--yes")
    assert own.alive(cloud_stage.ec2) == {}


CHANGING = (
    "TerminateInstances", "ReleaseAddress", "DeleteNetworkInterface", "DeleteVolume", "DeregisterImage",
    "DeleteSnapshot", "RevokeSecurityGroupIngress", "DeleteSecurityGroup",
)  # fmt: skip


@pytest.mark.parametrize("action", CHANGING)
def test_killed_after_any_call_the_next_run_takes_the_rest(cloud_stage: CloudStage, action: str) -> None:
    own = one_of_each(cloud_stage.ec2, IMAGE, "172.31.1.10")
    neighbour = one_of_each(cloud_stage.ec2, "other", "172.31.1.11")

    def kill(call: Call) -> None:
        if call.action == action:
            cloud_stage.cloud.faults.add("ExpiredToken")  # nothing more is carried out

    cloud_stage.cloud.after_call = kill
    assert cloud_stage.run("teardown", "--yes").code == 1
    cloud_stage.cloud.after_call = lambda call: None
    cloud_stage.cloud.faults.clear()
    cloud_stage.run("teardown", "--yes")
    assert own.alive(cloud_stage.ec2) == {}
    assert neighbour.alive(cloud_stage.ec2) == neighbour.ids


def test_a_key_file_that_a_killed_run_left_goes(cloud_stage: CloudStage) -> None:
    keys = cloud_stage.root.parent / "config" / "winbake" / "keys"
    keys.mkdir(parents=True)
    file = keys / f"winbake-{IMAGE}.eu-central-1.pem"
    file.write_text("of a pair that AWS has no more")
    assert str(file) in cloud_stage.must("teardown", "--yes").text
    assert not file.exists()


def test_media_go_only_when_asked_and_nothing_else_in_the_bucket(cloud_stage: CloudStage) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    media = f"winbake/media/{'a' * 64}/ginkgo.exe"
    others = ["winbake/media/readme.txt", "theirs/ginkgo.exe", f"winbake/media/{'b' * 64}/sub/other.exe"]
    for key in (media, *others):
        s3.put_object(Bucket="media", Key=key, Body=b"x")
    add_to_inventory(cloud_stage.root, "media")
    cloud_stage.must("teardown", "--yes")
    assert len(s3.list_objects_v2(Bucket="media")["Contents"]) == 4
    ran = cloud_stage.must("teardown", "--yes", "--media")
    assert "another project that uses the bucket uploads them again" in ran.text
    assert {one["Key"] for one in s3.list_objects_v2(Bucket="media")["Contents"]} == set(others)


def add_to_inventory(root: Path, bucket: str) -> None:
    body = yaml.safe_load((root / "inventory.yaml").read_text())
    body["all"].setdefault("vars", {})["winbake_media_bucket"] = bucket
    (root / "inventory.yaml").write_text(yaml.safe_dump(body))


def test_a_key_pair_that_the_instructor_brought_stays_with_its_file(cloud_stage: CloudStage) -> None:
    cloud_stage.change_manifest(lambda body: body.update(aws={"key_pair": "mine"}))
    keys = cloud_stage.root.parent / "config" / "winbake" / "keys"
    keys.mkdir(parents=True)
    file = keys / "mine.eu-central-1.pem"
    file.write_text(cloud_stage.ec2.create_key_pair(KeyName="mine")["KeyMaterial"])
    cloud_stage.must("teardown", "--yes")
    assert len(cloud_stage.ec2.describe_key_pairs()["KeyPairs"]) == 1
    cloud_stage.ec2.delete_key_pair(KeyName="mine")
    cloud_stage.must("teardown", "--yes")
    assert file.exists()


def test_a_key_file_whose_pair_is_somebody_elses_by_now_stays(cloud_stage: CloudStage) -> None:
    keys = cloud_stage.root.parent / "config" / "winbake" / "keys"
    keys.mkdir(parents=True)
    file = keys / f"winbake-{IMAGE}.eu-central-1.pem"
    file.write_text(cloud_stage.ec2.create_key_pair(KeyName=f"winbake-{IMAGE}")["KeyMaterial"])
    assert "Nothing in eu-central-1" in cloud_stage.must("teardown", "--yes").text
    assert file.exists()


def test_groups_with_rules_as_the_classroom_has_them_go(cloud_stage: CloudStage) -> None:
    session = AwsSession()
    vpc = cloud_stage.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    network.ensure_group(session, IMAGE, f"winbake-{IMAGE}-stations", vpc, [Opening(11112, own=True)])
    cloud_stage.must("teardown", "--yes")
    groups = cloud_stage.ec2.describe_security_groups()["SecurityGroups"]
    assert {one["GroupName"] for one in groups} == {"default"}


def test_dns_records_of_the_project_go_and_no_others(cloud_stage: CloudStage) -> None:
    domain = "kurs.example.org"
    cloud_stage.change_manifest(lambda body: body.update(classroom={"count": 2, "domain": domain}))
    assert "nothing in" in cloud_stage.must("teardown", "--yes").text.lower()  # a zone that is not there holds nothing
    route53 = boto3.client("route53")
    zone = route53.create_hosted_zone(Name=domain, CallerReference="one")["HostedZone"]["Id"]
    theirs = {"Name": f"pacs.{domain}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.9"}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": theirs}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    station = Instance(
        "i-1", "running", "clone", "ws01", "ws01", "172.31.15.1", "198.51.100.1", "m7i.large", "ami-1", "",
        datetime.now(UTC),
    )  # fmt: skip
    for image in (IMAGE, "other"):
        Dns(AwsSession(), image, domain).make_true([dataclasses.replace(station, station=image[-5:])])
    ran = cloud_stage.must("teardown", "--yes")
    assert f"DNS record tools.{domain} is gone (198.51.100.1)" in ran.text
    there = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert {one["Name"] for one in there if one["Type"] == "A"} == {f"pacs.{domain}.", f"other.{domain}."}
