"""Instances: found by tag, launched once, waited for."""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession

LIVE = ("pending", "running", "stopping", "stopped")
USER_DATA_LIMIT = 16_384
"""Bytes before base64 (EC2 guide, user data)."""
Tell = Callable[[str], None]
"""Gets a line that says what is waited for."""


@dataclass(frozen=True)
class Instance:
    """One instance as AWS describes it. Addresses are "" where it has none."""

    id: str
    state: str
    role: str
    station: str
    name: str
    private: str
    public: str
    type: str
    image: str
    key: str
    launched: datetime
    reason: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.state in LIVE


@dataclass(frozen=True)
class Launch:
    """What to launch. disk_gb: None takes the image's. address: None lets AWS choose."""

    role: str
    name: str
    image_id: str
    type: str
    subnet: str
    groups: tuple[str, ...]
    key: str | None
    user_data: str
    address: str | None = None
    station: str = ""
    disk_gb: int | None = None
    more_tags: dict[str, str] = field(default_factory=dict)


def find(session: AwsSession, image: str, role: str | None = None, *, all_states: bool = False) -> list[Instance]:
    """The project's instances, by station and name. Raises AwsError."""
    wanted = tags.filters(image, role)
    if not all_states:
        wanted.append({"Name": "instance-state-name", "Values": list(LIVE)})
    with in_words():
        pages = session.client("ec2").get_paginator("describe_instances").paginate(Filters=wanted)
        found = [_of(one) for page in pages for r in page["Reservations"] for one in r["Instances"]]
    return sorted(found, key=lambda one: (one.station, one.name, one.launched))


def by_id(session: AwsSession, instance_id: str) -> Instance:
    """Raises AwsError."""
    with in_words():
        answer = session.client("ec2").describe_instances(InstanceIds=[instance_id])
    return _of(answer["Reservations"][0]["Instances"][0])


def launch(session: AwsSession, image: str, wanted: Launch, generation: int | None = None) -> Instance:
    """Launches one instance; the same call again, after a lost answer, launches no second one. Raises AwsError.

    generation: how many instances like it were there before and are gone; None asks AWS.
    """
    size = len(wanted.user_data.encode("utf-8"))
    if size > USER_DATA_LIMIT:
        raise AwsError(
            f"{wanted.name} cannot be launched: its first script (user data) has {size} bytes, "
            f"AWS takes {USER_DATA_LIMIT}",
            "take back what was added to winbake/aws/user_data, or put it into the image by a role",
        )
    if generation is None:
        generation = len(_like(session, image, wanted))
    asked = f"{image}|{wanted.role}|{wanted.station}|{wanted.image_id}|{generation}|{wanted.user_data}"
    token = hashlib.sha256(asked.encode())
    given: dict[str, Any] = {
        "ImageId": wanted.image_id,
        "InstanceType": wanted.type,
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": token.hexdigest(),
        "NetworkInterfaces": [_interface(wanted)],
        "UserData": wanted.user_data,
        "InstanceInitiatedShutdownBehavior": "stop",
        # IMDSv2 only: a page in a browser cannot ask the instance for its data.
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": _disk(wanted)}],
        "TagSpecifications": tags.specifications(
            ("instance", "volume"), image, wanted.role, wanted.name, _own_tags(wanted)
        ),
    }
    if wanted.key:
        given["KeyName"] = wanted.key
    with in_words():
        return _of(session.client("ec2").run_instances(**given)["Instances"][0])


def wait_for(
    session: AwsSession, instance_id: str, state: str, tell: Tell, limit_seconds: float = 900, every: float = 5.0
) -> Instance:
    """Waits for a state and says the present one when it changes. Raises AwsError if another final one comes."""
    seen = ""
    for _ in session.looks(limit_seconds, every):
        now = by_id(session, instance_id)
        if now.state == state:
            return now
        if now.state != seen:
            seen = now.state
            tell(f"{now.name} is {now.state}, waiting for {state}")
        if state != "terminated" and (now.state == "terminated" or (now.state == "stopped" and state == "running")):
            raise AwsError(
                f"{now.name} ({instance_id}) is {now.state} instead of {state}: {now.reason or 'no reason given'}",
                "look at it in the EC2 console",
            )
    raise AwsError(
        f"{now.name} ({instance_id}) is still {now.state} after {limit_seconds:.0f} s, wanted {state}",
        "look at it in the EC2 console, then run the same command again: it goes on from there",
    )


def reachable(session: AwsSession, instance: Instance) -> str:
    """The address at which this machine reaches it: the public one, else the private one.

    The rehearsal's AWS has its hosts on loopback: 172.31.15.7 answers at 127.31.15.7, or in another network, which
    WINBAKE_REHEARSAL_NETWORK names, when two of them run at once.
    """
    if session.rehearsal:
        network = os.environ.get("WINBAKE_REHEARSAL_NETWORK", "127.31")
        return str(ipaddress.IPv4Address(f"{network}.{instance.private.split('.', 2)[2]}"))
    return instance.public or instance.private


def _like(session: AwsSession, image: str, wanted: Launch) -> list[Instance]:
    found = find(session, image, wanted.role, all_states=True)
    return [one for one in found if one.station == wanted.station and not one.live]


def _own_tags(wanted: Launch) -> dict[str, str]:
    return {**({tags.STATION: wanted.station} if wanted.station else {}), **wanted.more_tags}


def _interface(wanted: Launch) -> dict[str, Any]:
    interface: dict[str, Any] = {
        "DeviceIndex": 0,
        "SubnetId": wanted.subnet,
        "Groups": list(wanted.groups),
        "AssociatePublicIpAddress": True,
        "DeleteOnTermination": True,
    }
    return {**interface, "PrivateIpAddress": wanted.address} if wanted.address else interface


def _disk(wanted: Launch) -> dict[str, Any]:
    disk: dict[str, Any] = {"VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}
    return {**disk, "VolumeSize": wanted.disk_gb} if wanted.disk_gb else disk


def _of(described: dict[str, Any]) -> Instance:
    found = tags.as_dict(described.get("Tags"))
    return Instance(
        id=described["InstanceId"],
        state=described["State"]["Name"],
        role=found.get(tags.ROLE, ""),
        station=found.get(tags.STATION, ""),
        name=found.get("Name", described["InstanceId"]),
        private=described.get("PrivateIpAddress", ""),
        public=described.get("PublicIpAddress", ""),
        type=described.get("InstanceType", ""),
        image=described.get("ImageId", ""),
        key=described.get("KeyName", ""),
        launched=described["LaunchTime"],
        reason=described.get("StateReason", {}).get("Message", "") or described.get("StateTransitionReason", ""),
        tags=found,
    )
