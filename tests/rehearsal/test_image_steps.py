"""The steps from a baked master to its images and copies, against the rehearsal's AWS; what happens on the host is
played by a sealer that shuts it down at once. The host's own part is in test_snapshot.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from bake_stage import PROJECT
from cloud_stage import login_ends_after, wait

from winbake.aws import images, tags
from winbake.aws.distribution import Distribution, Place, distribute, outlived
from winbake.aws.errors import AwsError
from winbake.aws.images import Image
from winbake.aws.instances import Instance
from winbake.aws.master import Master
from winbake.aws.session import AwsSession
from winbake.aws.snapshot import Origin, Snapshot, SnapshotOptions
from winbake.config.manifest import load_manifest
from winbake.rehearsal.aws.cloud import AnswerLost, Cloud
from winbake.rehearsal.aws.query import Call

SPEED = 400.0
OTHER = "us-east-1"
KEY, OTHER_KEY = "alias/classroom", "arn:aws:kms:us-east-1:123456789012:key/1"
ACCOUNT = "210987654321"


class PlayedSealer:
    """Lets the host shut itself down, which is what a sealed one does."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.sealed = 0
        self.hangs = False

    def refusals(self, master: Instance) -> list[str]:
        return []

    def reachable(self, master: Instance) -> bool:
        return not self.sealed

    def seal(self, master: Instance) -> str:
        self.sealed += 1
        if not self.hangs:
            self.cloud.machines.running[master.id].host.shutdown()
        return "EC2Launch v2"


class Bench:
    """One master, and what is said on the way."""

    def __init__(self, cloud: Cloud, keys: Path) -> None:
        self.cloud = cloud
        self.ec2 = boto3.client("ec2")
        manifest, _ = load_manifest(PROJECT / "manifest.yaml")
        self.session = AwsSession()
        self.said: list[str] = []
        self.master = Master(self.session, manifest, keys, self.said.append)
        self.sealer = PlayedSealer(cloud)

    def launch(self) -> str:
        """A master that runs."""
        given = {"ImageId": next(iter(self.cloud.machines.backend().amis)), "MinCount": 1, "MaxCount": 1}
        named = tags.specifications(("instance",), self.master.image, tags.MASTER, "the master")
        instance = str(self.ec2.run_instances(**given, TagSpecifications=named)["Instances"][0]["InstanceId"])
        wait(lambda: instance in self.cloud.machines.running)
        return instance

    def snapshot(self, digest: str = "0123456789abcdef", **options: Any) -> Image:
        origin = Origin(digest, "m" * 64, "l" * 64, "", (("7zip", "26.02"),))
        wanted = SnapshotOptions(**{"max_wait": 20, **options})
        return Snapshot(self.master, origin, wanted, self.sealer, self.said.append).run()

    def distribute(self, image: Image, *places: Place, **wanted: Any) -> list[Image]:
        return distribute(self.session, image, Distribution(places, **wanted), 20, self.said.append)

    def images(self, region: str | None = None) -> list[Image]:
        return images.find(self.session, self.master.image, region)

    def snapshots(self) -> set[str]:
        return {one["SnapshotId"] for one in self.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}

    def calls(self, action: str) -> int:
        return sum(1 for call in self.cloud.calls if call.action == action)

    def made_by_hand(self, instance: str, name: str, state: str = "available") -> str:
        """An image of the project that another run has made."""
        named = tags.specifications(("image", "snapshot"), self.master.image, tags.BAKED, name)
        made = str(self.ec2.create_image(InstanceId=instance, Name=name, TagSpecifications=named)["ImageId"])
        wait(lambda: images.by_id(self.session, made).state == state)
        return made


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with Cloud(SPEED) as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield Bench(cloud, tmp_path / "keys")


@pytest.mark.parametrize("lost", ["CreateTags", "CreateImage"])
def test_a_call_whose_answer_is_lost_is_not_made_twice(bench: Bench, lost: str) -> None:
    """botocore asks again by itself; EC2 has done it the first time."""
    bench.launch()
    dropped = []

    def drop(call: Call) -> None:
        if call.action == lost and not dropped:
            dropped.append(call)
            raise AnswerLost

    bench.cloud.after_call = drop
    image = bench.snapshot()
    assert dropped and image.state == "available"
    assert [one.id for one in bench.images()] == [image.id]


def test_another_run_goes_on_with_the_image_that_is_on_its_way(bench: Bench) -> None:
    bench.launch()
    with pytest.raises(AwsError, match="still pending after"):
        bench.snapshot(max_wait=0.3)
    bench.sealer.sealed = 1
    image = bench.snapshot()
    assert f"{image.id} is on its way already" in bench.said
    assert bench.calls("CreateImage") == 1


def test_an_image_that_fails_is_said_and_made_again_of_the_same_master(bench: Bench) -> None:
    bench.launch()
    bench.cloud.machines.fail_next_image = True
    with pytest.raises(AwsError, match=r"is failed: .*the snapshot could not be completed") as failed:
        bench.snapshot()
    assert "run the same command again" in failed.value.next_step
    broken = bench.images()[0]
    image = bench.snapshot()
    assert bench.sealer.sealed == 1
    assert [one.id for one in bench.images()] == [image.id]
    assert not set(broken.snapshots) & bench.snapshots(), "its snapshot went with it"


def test_a_master_that_never_stops_names_the_log_of_sysprep(bench: Bench) -> None:
    bench.launch()
    bench.sealer.hangs = True
    with pytest.raises(AwsError, match=r"is still running after .* sysprep failed or hangs") as failed:
        bench.snapshot(max_wait=0.5)
    assert r"C:\Windows\System32\Sysprep\Panther\setupact.log" in failed.value.next_step
    assert bench.images() == []


def test_a_sealed_master_that_was_stopped_from_outside_is_no_image(bench: Bench) -> None:
    instance = bench.launch()
    bench.sealer.hangs = True
    with pytest.raises(AwsError):
        bench.snapshot(max_wait=0.5)
    bench.ec2.stop_instances(InstanceIds=[instance])
    with pytest.raises(AwsError, match=r"stopped from outside .* may hold the private key"):
        bench.snapshot()
    assert bench.images() == []


def test_a_sealed_master_that_was_started_again_is_no_image(bench: Bench) -> None:
    instance = bench.launch()
    bench.snapshot()
    bench.ec2.start_instances(InstanceIds=[instance])
    wait(lambda: bench.master.must_find().state == "running")
    bench.ec2.stop_instances(InstanceIds=[instance])
    wait(lambda: bench.master.must_find().state == "stopped")
    with pytest.raises(AwsError, match="started again after it had been sealed"):
        bench.snapshot(again=True)
    assert len(bench.images()) == 1


def test_a_master_that_was_only_stopped_is_to_be_started(bench: Bench) -> None:
    instance = bench.launch()
    bench.ec2.stop_instances(InstanceIds=[instance])
    wait(lambda: bench.master.must_find().state == "stopped")
    with pytest.raises(AwsError, match="not sealed") as refused:
        bench.snapshot()
    assert "master start" in refused.value.next_step


def test_files_that_changed_after_the_sealing_are_said(bench: Bench) -> None:
    bench.launch()
    bench.snapshot()
    with pytest.raises(AwsError, match="was sealed for other files"):
        bench.snapshot(digest="f" * 16)


@pytest.mark.parametrize(
    ("code", "action", "words"),
    [
        ("UnauthorizedOperation", "CreateImage", "AWS does not allow this account CreateImage"),
        ("UnauthorizedOperation", "DescribeImages", "AWS does not allow this account DescribeImages"),
        ("PendingSnapshotLimitExceeded", "CreateImage", "a quota of the AWS account is used up"),
        ("ResourceLimitExceeded", "CreateImage", "a quota of the AWS account is used up"),
        ("ExpiredToken", "DescribeSnapshots", "the AWS login has expired"),
        ("InvalidAMIName.Duplicate", "CreateImage", "it is not of this project"),
    ],
)
def test_what_aws_refuses_is_said_in_words(bench: Bench, code: str, action: str, words: str) -> None:
    bench.launch()
    bench.cloud.faults.add(code, action)
    with pytest.raises(AwsError, match=words):
        bench.snapshot()
    bench.cloud.faults.clear()
    bench.snapshot()
    assert len(bench.images()) == 1


def test_many_tools_fit_into_the_tags() -> None:
    made = images.tool_tags((f"tool-number-{n}", "2026.01+build;7") for n in range(100))
    assert 1 < len(made) < 40
    assert all(len(value) <= 256 and ";" not in value for value in made.values())
    assert sum(len(value.split()) for value in made.values()) == 100


# ---- copies, sharing, retention -----------------------------------------------------------------------------


def test_copies_are_encrypted_tagged_and_made_once(bench: Bench) -> None:
    bench.launch()
    image = bench.snapshot()
    places = (Place("eu-central-1", KEY), Place(OTHER, OTHER_KEY))
    copies = bench.distribute(image, *places)
    assert [one.region for one in copies] == ["eu-central-1", OTHER]
    for copy, place in zip(copies, places, strict=True):
        assert copy.state == "available" and copy.tags[tags.COPY_OF] == image.id
        client = boto3.client("ec2", region_name=place.region)
        (snapshot,) = client.describe_snapshots(SnapshotIds=list(copy.snapshots))["Snapshots"]
        assert (snapshot["Encrypted"], snapshot["KmsKeyId"]) == (True, place.key)
        assert tags.as_dict(snapshot["Tags"])[tags.WISH] == image.tags[tags.WISH]
    assert [one.id for one in bench.distribute(image, *places)] == [one.id for one in copies]
    assert bench.calls("CopyImage") == 2


def test_killed_after_any_call_copies_are_made_once(bench: Bench) -> None:
    bench.launch()
    image = bench.snapshot()
    runs = 0
    while True:
        runs += 1
        try:
            with login_ends_after(bench.cloud, runs):
                bench.distribute(image, Place(OTHER, OTHER_KEY), Place("eu-central-1", KEY), deprecate_after=30)
        except AwsError as error:
            assert "expired" in error.what
            continue
        break
    assert runs > 4
    assert len(bench.images(OTHER)) == 1 and len(bench.images()) == 2


def test_a_shared_image_may_be_launched_by_the_other_account(bench: Bench) -> None:
    bench.launch()
    image = bench.snapshot()
    (copy,) = bench.distribute(image, Place("eu-central-1", KEY), accounts=(ACCOUNT,))
    answer = bench.ec2.describe_image_attribute(ImageId=copy.id, Attribute="launchPermission")
    assert answer["LaunchPermissions"] == [{"UserId": ACCOUNT}]
    own = bench.ec2.describe_image_attribute(ImageId=image.id, Attribute="launchPermission")
    assert own["LaunchPermissions"] == [], "what is under the account's default key cannot be shared"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Distribution(accounts=(ACCOUNT,)), "encrypted under the account's default key"),
        (Distribution((Place("eu-central-1", KEY), Place(OTHER)), (ACCOUNT,)), f"the image in {OTHER}"),
        (Distribution((Place("eu-central-1", KEY),), ("12",)), "'12' is no AWS account"),
    ],
)
def test_sharing_that_cannot_be_is_refused_before_anything_is_made(wanted: Distribution, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        wanted.check("eu-central-1")


def test_a_deprecation_date_counts_from_the_making(bench: Bench) -> None:
    bench.launch()
    image = bench.snapshot()
    bench.distribute(image, deprecate_after=30)
    first = bench.ec2.describe_images(ImageIds=[image.id])["Images"][0]["DeprecationTime"]
    bench.distribute(image, deprecate_after=30)
    assert bench.ec2.describe_images(ImageIds=[image.id])["Images"][0]["DeprecationTime"] == first
    assert first[:10] > image.created[:10]


def test_only_older_images_go_each_with_its_snapshot_and_copies(bench: Bench) -> None:
    instance = bench.launch()
    old, middle = bench.made_by_hand(instance, "a, the oldest"), bench.made_by_hand(instance, "b, a younger one")
    (copy,) = bench.distribute(images.by_id(bench.session, old), Place(OTHER))
    stranger = str(bench.ec2.create_image(InstanceId=instance, Name="somebody else's")["ImageId"])
    image = bench.snapshot()
    going = outlived(bench.session, image, bench.master.image, 2, [OTHER])
    assert [one.id for one in going] == [old, copy.id]
    for one in going:
        images.remove(bench.session, one)
        images.remove(bench.session, one)  # what is gone is gone
    assert {one.id for one in bench.images()} == {middle, image.id} and bench.images(OTHER) == []
    assert bench.ec2.describe_images(ImageIds=[stranger])["Images"]
    assert not {disk for one in going for disk in one.snapshots} & bench.snapshots()
