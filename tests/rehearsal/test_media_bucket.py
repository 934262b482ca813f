"""Large files through an S3 bucket: uploaded once, fetched by the host itself, the signed address told to nobody."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests
import yaml
from bake_stage import Stage, ctrl_c_when
from moto.server import ThreadedMotoServer
from test_media import WORK, with_big_file

from winbake.aws.media import S3MediaStore
from winbake.engine.sending import Offer
from winbake.hosts.session import AgentSession
from winbake.hosts.transfer import LocalFile

BUCKET = "winbake-media-test"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An AWS on loopback with one bucket; gives its port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    requests.post(f"http://{host}:{port}/moto-api/reset", timeout=10).raise_for_status()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal-secret",
        "AWS_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
    s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield port
    server.stop()


def s3() -> Any:
    return boto3.client("s3", region_name="eu-central-1")


def objects() -> list[str]:
    return [one["Key"] for one in s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def name_bucket(stage: Stage, bucket: str = BUCKET) -> None:
    body = yaml.safe_load(stage.inventory.read_text())
    body["all"].setdefault("vars", {})["winbake_media_bucket"] = bucket
    stage.inventory.write_text(yaml.safe_dump(body))


def test_the_host_fetches_a_large_file_from_the_bucket(stage: Stage, aws: int) -> None:
    stage.host.network.outside_ports.add(aws)
    content = with_big_file(stage)
    name_bucket(stage)
    before = stage.one.endpoint.counters["body_bytes_in"]
    ran = stage.apply("--tags", "atlas")
    assert ran.code == 0, ran.text
    assert stage.host.files.read(r"C:\Data\atlas.nii") == content
    assert not stage.host.files.exists(WORK), "nothing is left behind"
    assert stage.one.endpoint.counters["body_bytes_in"] - before < 1_000_000, "the file did not go through WinRM"
    (key,) = objects()
    assert f"s3://{BUCKET}/{key} uploaded" in ran.text
    signed = [url for url in stage.host.network.fetched if "X-Amz-Signature" in url]
    assert len(signed) == 1
    told = ran.text + "".join(path.read_text() for path in (stage.root / "runs").iterdir())
    assert "X-Amz" not in told, "the signed address is a secret"


def test_it_is_uploaded_once_for_any_number_of_runs(stage: Stage, aws: int) -> None:
    stage.host.network.outside_ports.add(aws)
    with_big_file(stage)
    name_bucket(stage)
    stage.bake("--tags", "atlas")
    first = s3().head_object(Bucket=BUCKET, Key=objects()[0])["LastModified"]
    stage.host.files.delete(r"C:\Data\atlas.nii")
    ran = stage.apply("--tags", "atlas")
    assert ran.code == 0, ran.text
    assert "is there already" in ran.text
    assert s3().head_object(Bucket=BUCKET, Key=objects()[0])["LastModified"] == first


def test_a_bucket_that_is_not_there_is_named_before_anything_is_touched(stage: Stage, aws: int) -> None:
    with_big_file(stage)
    name_bucket(stage, "no-such-bucket-here")
    ran = stage.apply("--tags", "atlas")
    assert ran.code == 1
    assert "bucket no-such-bucket-here: there is no such bucket" in ran.text
    assert "then media go through WinRM" in ran.text
    assert not stage.host.files.exists(r"C:\Data")


def test_ctrl_c_while_a_file_goes_up_ends_the_run(stage: Stage, aws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.host.network.outside_ports.add(aws)
    with_big_file(stage)
    name_bucket(stage)
    under_way = threading.Event()
    offer = S3MediaStore.offer

    def held(self: S3MediaStore, file: LocalFile, on_bytes: Callable[[int], None]) -> Offer:
        def told(count: int) -> None:
            under_way.set()
            interrupted.wait(10)
            on_bytes(count)

        return offer(self, file, told)

    interrupted = threading.Event()
    interrupt = AgentSession.interrupt

    def noted(session: AgentSession) -> None:
        interrupt(session)
        interrupted.set()

    monkeypatch.setattr(AgentSession, "interrupt", noted)
    monkeypatch.setattr(S3MediaStore, "offer", held)
    with ctrl_c_when(under_way.is_set):
        ran = stage.apply("--tags", "atlas")
    assert ran.code == 130, ran.text
    assert "cut off: the upload was interrupted" in ran.text
    assert not stage.host.files.exists(r"C:\Data")


def test_an_address_that_the_host_cannot_reach_fails_in_words_without_the_signature(stage: Stage, aws: int) -> None:
    with_big_file(stage)
    name_bucket(stage)
    ran = stage.apply("--tags", "atlas")  # the host's network does not lead to the bucket
    assert ran.code == 1
    assert f"the download of s3://{BUCKET}/" in ran.text
    assert "X-Amz" not in ran.text


def test_without_a_login_nothing_is_touched(stage: Stage, aws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with_big_file(stage)
    name_bucket(stage)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    ran = stage.apply("--tags", "atlas")
    assert ran.code == 1
    assert "no AWS login was found" in ran.text
    assert not stage.host.files.exists(r"C:\Data")
