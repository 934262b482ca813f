"""The rehearsal's AWS, through boto3: what EC2 refuses is refused, what takes time takes time, hosts stand behind."""

from __future__ import annotations

import base64
import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cloud_stage import wait
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from winbake.rehearsal.aws.cloud import Cloud
from winbake.rehearsal.aws.machines import Machine
from winbake.rehearsal.windows import ec2launch

SPEED = 200.0
USER_DATA = r"""<powershell>
$ErrorActionPreference = 'Stop'
$certificate = New-SelfSignedCertificate -CertStoreLocation Cert:\LocalMachine\My -DnsName $env:COMPUTERNAME
$selectors = @{ Transport = 'HTTPS'; Address = '*' }
$values = @{ CertificateThumbprint = $certificate.Thumbprint }
$null = New-WSManInstance -ResourceURI winrm/config/listener -SelectorSet $selectors -ValueSet $values
'done' | Set-Content -Path C:\user-data.txt
</powershell>"""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with Cloud(SPEED) as started:
        for name, value in started.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield started


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return boto3.client("ec2")


def windows_image() -> str:
    name = "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
    return str(boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def subnet(ec2: Any) -> str:
    found = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.0.0/20"]}])["Subnets"]
    return str(found[0]["SubnetId"])


def launch(ec2: Any, address: str = "172.31.15.250", **more: Any) -> str:
    given = {"ImageId": windows_image(), "SubnetId": subnet(ec2), "PrivateIpAddress": address, **more}
    answer = ec2.run_instances(MinCount=1, MaxCount=1, **given)
    assert answer["Instances"][0]["State"]["Name"] == "pending"
    return str(answer["Instances"][0]["InstanceId"])


def state_of(ec2: Any, instance: str) -> str:
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def machine(cloud: Cloud, instance: str) -> Machine:
    wait(lambda: instance in cloud.machines.running and cloud.machines.running[instance].password)
    return cloud.machines.running[instance]


def refused(code: str, call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    assert error.value.response["Error"]["Code"] == code
    return str(error.value.response["Error"]["Message"])


def test_an_instance_starts_windows_runs_its_user_data_and_tells_its_password(cloud: Cloud, ec2: Any) -> None:
    key = load_pem_private_key(ec2.create_key_pair(KeyName="k")["KeyMaterial"].encode(), None)
    instance = launch(ec2, KeyName="k", UserData=USER_DATA)
    assert ec2.get_password_data(InstanceId=instance)["PasswordData"] == ""
    sealed = wait(lambda: ec2.get_password_data(InstanceId=instance)["PasswordData"])
    password = key.decrypt(base64.b64decode(sealed), padding.PKCS1v15()).decode()  # type: ignore[union-attr]
    host = machine(cloud, instance).host
    assert host.logon("Administrator", password).elevated
    assert host.files.read(r"C:\user-data.txt") == b"done\r\n"
    with socket.create_connection((cloud.address_of("172.31.15.250"), 5986), timeout=5):
        pass


def test_without_user_data_nothing_listens_for_https(cloud: Cloud, ec2: Any) -> None:
    machine(cloud, launch(ec2))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((cloud.address_of("172.31.15.250"), 5986), timeout=5)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("InvalidParameterValue", {"PrivateIpAddress": "172.31.99.1"}),
        ("InvalidParameterValue", {"PrivateIpAddress": "172.31.0.3"}),
        ("InvalidAMIID.NotFound", {"ImageId": "ami-12345678"}),
        ("InvalidKeyPair.NotFound", {"KeyName": "nobody"}),
        ("InvalidParameterValue", {"UserData": "x" * 17_000}),
    ],
)
def test_what_ec2_refuses(cloud: Cloud, ec2: Any, code: str, given: dict[str, str]) -> None:
    refused(code, lambda: launch(ec2, **{"address": given.pop("PrivateIpAddress", "172.31.15.9"), **given}))
    assert cloud.machines.instances() == []


def test_an_address_is_taken_until_its_instance_is_terminated(cloud: Cloud, ec2: Any) -> None:
    instance = launch(ec2)
    message = refused("InvalidIPAddress.InUse", lambda: launch(ec2))
    assert "172.31.15.250" in message
    ec2.terminate_instances(InstanceIds=[instance])
    assert state_of(ec2, instance) == "shutting-down"
    refused("InvalidIPAddress.InUse", lambda: launch(ec2))
    wait(lambda: state_of(ec2, instance) == "terminated")
    assert launch(ec2) != instance


def test_a_client_token_launches_once(cloud: Cloud, ec2: Any) -> None:
    first = launch(ec2, ClientToken="one")
    assert launch(ec2, ClientToken="one") == first
    refused("IdempotentParameterMismatch", lambda: launch(ec2, ClientToken="one", InstanceType="m7i.xlarge"))
    assert len(cloud.machines.instances()) == 1


def test_stop_and_start_keep_the_machine(cloud: Cloud, ec2: Any) -> None:
    instance = launch(ec2)
    host = machine(cloud, instance).host
    host.files.write(r"C:\kept.txt", b"kept")
    ec2.stop_instances(InstanceIds=[instance])
    assert state_of(ec2, instance) == "stopping"
    wait(lambda: state_of(ec2, instance) == "stopped")
    ec2.start_instances(InstanceIds=[instance])
    wait(lambda: state_of(ec2, instance) == "running" and host.is_up)
    assert machine(cloud, instance).host is host and host.files.read(r"C:\kept.txt") == b"kept"


def imaged(cloud: Cloud, ec2: Any, instance: str) -> str:
    image = str(ec2.create_image(InstanceId=instance, Name="baked")["ImageId"])
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "pending"
    refused("InvalidAMIName.Duplicate", ec2.create_image, InstanceId=instance, Name="baked")
    refused("InvalidAMIID.Unavailable", lambda: launch(ec2, "172.31.15.7", ImageId=image))
    wait(lambda: ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available")
    return image


def test_sysprep_makes_an_image_whose_clones_are_machines_of_their_own(cloud: Cloud, ec2: Any) -> None:
    instance = launch(ec2)
    master = machine(cloud, instance).host
    master.files.write(r"C:\tool.txt", b"baked")
    master.start(r'"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe" sysprep --shutdown=true').wait(600)
    wait(lambda: state_of(ec2, instance) == "stopped")
    image = imaged(cloud, ec2, instance)
    clones = [machine(cloud, launch(ec2, f"172.31.15.{n}", ImageId=image, UserData=USER_DATA)) for n in (7, 8)]
    for clone in clones:
        assert clone.host.files.read(r"C:\tool.txt") == b"baked"
        assert clone.host.files.exists(r"C:\user-data.txt")
        assert not ec2launch.is_generalized(clone.host)
    sids = {one.accounts.must_user("Administrator").sid for one in (master, clones[0].host, clones[1].host)}
    names = {one.computer_name for one in (master, clones[0].host, clones[1].host)}
    assert len(sids) == len(names) == 3
    assert clones[0].password != clones[1].password


def test_without_sysprep_clones_have_no_new_password_and_run_no_user_data(cloud: Cloud, ec2: Any) -> None:
    instance = launch(ec2)
    machine(cloud, instance)
    ec2.stop_instances(InstanceIds=[instance])
    wait(lambda: state_of(ec2, instance) == "stopped")
    image = imaged(cloud, ec2, instance)
    clone = launch(ec2, "172.31.15.7", ImageId=image, UserData=USER_DATA)
    wait(lambda: clone in cloud.machines.running)
    time.sleep(120 / SPEED)
    assert ec2.get_password_data(InstanceId=clone)["PasswordData"] == ""
    assert not cloud.machines.running[clone].host.files.exists(r"C:\user-data.txt")


def test_an_image_can_fail(cloud: Cloud, ec2: Any) -> None:
    instance = launch(ec2)
    machine(cloud, instance)
    cloud.machines.fail_next_image = True
    image = ec2.create_image(InstanceId=instance, Name="baked")["ImageId"]
    wait(lambda: ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "failed")


def test_faults_come_as_often_and_as_late_as_they_were_asked_for(cloud: Cloud, ec2: Any) -> None:
    cloud.faults.add("VcpuLimitExceeded", "RunInstances", times=1, after=1)
    launch(ec2, "172.31.15.7")
    refused("VcpuLimitExceeded", lambda: launch(ec2, "172.31.15.8"))
    launch(ec2, "172.31.15.9")
    cloud.faults.add("RequestLimitExceeded", "DescribeInstances", times=2)
    assert ec2.describe_instances()["Reservations"], "botocore tries again"


def test_nothing_of_this_machines_own_aws_settings_is_used(cloud: Cloud) -> None:
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert boto3.Session().get_credentials().access_key == "rehearsal"


def test_two_clouds_on_one_machine_keep_apart(cloud: Cloud) -> None:
    with Cloud(SPEED) as other:
        assert other.network != cloud.network
        assert other.address_of("172.31.15.7").endswith(".15.7")
        assert other.environment()["WINBAKE_REHEARSAL_NETWORK"] == other.network
