"""A project before the rehearsal's AWS with an image of it: what `clones` begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud_stage import CloudStage, wait

from winbake.aws import tags
from winbake.aws.session import AwsSession
from winbake.aws.windows_images import newest

SYSPREP = r'"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe" sysprep --shutdown=true'


def make_image(stage: CloudStage, name: str = "baked", prepare: Callable[[Any], None] = lambda host: None) -> str:
    """An image of the project as `snapshot` leaves one: sysprepped, with the project's tags. `prepare` gets the host."""
    ec2 = stage.ec2
    amazon = newest(AwsSession(), "2022").id
    subnet = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.0.0/20"]}])["Subnets"][0]
    made = ec2.run_instances(
        ImageId=amazon, MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"], PrivateIpAddress="172.31.15.240"
    )
    instance = made["Instances"][0]["InstanceId"]
    running = stage.cloud.machines.running
    wait(lambda: instance in running and running[instance].password)
    prepare(running[instance].host)
    running[instance].host.start(SYSPREP).wait(600)
    wait(lambda: not stage.instances("running", "stopping"))
    image = stage.manifest()["image"]["name"]
    ami: str = ec2.create_image(
        InstanceId=instance, Name=name, TagSpecifications=tags.specifications(["image"], image, tags.BAKED, name)
    )["ImageId"]
    wait(lambda: ec2.describe_images(ImageIds=[ami])["Images"][0]["State"] == "available")
    ec2.terminate_instances(InstanceIds=[instance])
    return ami


def classroom(stage: CloudStage, **more: Any) -> None:
    """The manifest's classroom: three stations unless said otherwise. The image of `make_image` is not baked, so the
    manifest has no tools and there is no playbook: a station's verification is about its name and its AE title."""
    stage.change_manifest(lambda body: body.update(classroom={"count": 3, **more}, tools={}))
    (stage.root / "playbooks" / "master.yml").unlink(missing_ok=True)


def stations(stage: CloudStage) -> dict[str, dict[str, Any]]:
    """Station → its live instance, as EC2 has it."""
    found = {}
    for one in stage.instances():
        told = tags.as_dict(one.get("Tags"))
        if tags.STATION in told:
            assert told[tags.STATION] not in found, f"{told[tags.STATION]} is there twice"
            found[told[tags.STATION]] = one
    return found


def host_of(stage: CloudStage, station: str) -> Any:
    return stage.cloud.machines.running[stations(stage)[station]["InstanceId"]].host
