"""The key pair: AWS tells its private half once. A lost answer leaves a pair that opens nothing, and is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from winbake.aws import tags
from winbake.aws.errors import AwsError
from winbake.aws.instances import USER_DATA_LIMIT, Launch, launch
from winbake.aws.keys import KeyPair
from winbake.aws.session import AwsSession
from winbake.rehearsal.aws.cloud import AnswerLost, Cloud
from winbake.rehearsal.aws.query import Call

IMAGE = "winbake-imaging"
NAME = f"winbake-{IMAGE}"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with Cloud(1.0) as cloud:  # no instance gets as far as Windows here
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield cloud


def fingerprints() -> list[str]:
    return [one["KeyFingerprint"] for one in boto3.client("ec2").describe_key_pairs()["KeyPairs"]]


def refusal(pair: KeyPair) -> AwsError:
    with pytest.raises(AwsError) as caught:
        pair.ensure()
    return caught.value


def test_a_pair_without_its_file_that_nothing_uses_is_made_anew(cloud: Cloud, tmp_path: Path) -> None:
    said: list[str] = []
    pair = KeyPair(AwsSession(), IMAGE, None, tmp_path, said.append)
    pair.ensure()
    (first,) = fingerprints()
    assert pair.ensure() == NAME and fingerprints() == [first] and said == []
    pair.file.unlink()
    pair.ensure()
    (second,) = fingerprints()
    assert second != first and pair.file.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert said == [f"the key pair {NAME} had no file here and no instance: it is made anew"]


def test_a_lost_answer_is_recovered_in_the_same_run(cloud: Cloud, tmp_path: Path) -> None:
    """botocore asks a second time, and hears that the pair is there."""
    lost: list[Call] = []

    def drop(call: Call) -> None:
        if call.action == "CreateKeyPair" and not lost:
            lost.append(call)
            raise AnswerLost

    cloud.after_call = drop
    pair = KeyPair(AwsSession(), IMAGE, None, tmp_path)
    assert pair.ensure() == NAME
    assert lost and len(fingerprints()) == 1 and pair.file.is_file()


def test_a_pair_that_an_instance_needs_is_left_alone(cloud: Cloud, tmp_path: Path) -> None:
    pair = KeyPair(AwsSession(), IMAGE, None, tmp_path)
    pair.ensure()
    before = fingerprints()
    image = next(iter(cloud.machines.backend().amis))
    made = boto3.client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, KeyName=NAME)
    pair.file.unlink()
    error = refusal(pair)
    assert made["Instances"][0]["InstanceId"] in error.what and "copy the file from the computer" in error.next_step
    assert fingerprints() == before


def test_a_pair_of_somebody_else_is_left_alone(cloud: Cloud, tmp_path: Path) -> None:
    boto3.client("ec2").create_key_pair(KeyName=NAME)
    before = fingerprints()
    said = refusal(KeyPair(AwsSession(), IMAGE, None, tmp_path)).next_step
    assert "delete the key pair in EC2 if nothing uses it" in said
    assert "copy it there" in refusal(KeyPair(AwsSession(), IMAGE, NAME, tmp_path)).next_step
    assert fingerprints() == before


def test_a_first_script_that_aws_would_not_take_is_said_before_the_launch(cloud: Cloud) -> None:
    session = AwsSession()
    image = next(iter(cloud.machines.backend().amis))
    subnet = boto3.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    text = "ä" * (USER_DATA_LIMIT // 2)  # two bytes each: just what fits
    asked = Launch(tags.CLONE, "ws01", image, "m7i.large", subnet, (), None, text, disk_gb=60)
    assert launch(session, IMAGE, asked).id
    cloud.calls.clear()
    with pytest.raises(AwsError) as caught:
        launch(session, IMAGE, Launch(tags.CLONE, "ws02", image, "m7i.large", subnet, (), None, text + "x", disk_gb=60))
    assert "ws02 cannot be launched" in caught.value.what and f"has {USER_DATA_LIMIT + 1} bytes" in caught.value.what
    assert cloud.calls == []
