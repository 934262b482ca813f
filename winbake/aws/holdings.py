"""What a project has in AWS: everything that carries its tag, of every kind. `teardown` and `status` begin here.

A kind that this account may not look at is said to be unread; the others are read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession

AT_ONCE = 8


class Kind(StrEnum):
    """In the order in which a teardown takes them away."""

    RECORD = "DNS record"
    INSTANCE = "instance"
    ADDRESS = "elastic address"
    INTERFACE = "network interface"
    VOLUME = "volume"
    IMAGE = "image"
    SNAPSHOT = "snapshot"
    GROUP = "security group"
    KEY_PAIR = "key pair"
    KEY_FILE = "key file"
    MEDIA = "media object"


@dataclass(frozen=True)
class Holding:
    """One thing. type: of an instance or volume. uses: ids of what it is attached to, or made of.

    size: gibibytes of a volume or snapshot, None for other kinds."""

    kind: Kind
    id: str
    name: str
    region: str
    state: str = ""
    since: datetime | None = None
    type: str = ""
    size: int | None = None
    uses: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return self.tags.get(tags.ROLE, "")

    @property
    def station(self) -> str:
        return self.tags.get(tags.STATION, "")


@dataclass(frozen=True)
class Unread:
    """A kind that could not be looked at, and why."""

    kind: Kind
    region: str
    what: str
    next_step: str


@dataclass(frozen=True)
class Holdings:
    found: tuple[Holding, ...]
    unread: tuple[Unread, ...]

    def of(self, *kinds: Kind) -> list[Holding]:
        return [one for one in self.found if one.kind in kinds]


def read(session: AwsSession, image: str, *, other_regions: bool = False) -> Holdings:
    """Everything with the project's tag. other_regions: images, and their snapshots, of other regions too.

    Raises AwsError where AWS does not take the login at all."""
    home = session.region or ""
    wanted = [(kind, home) for kind in READERS]
    unread: list[Unread] = []
    if other_regions:
        try:
            wanted += [(kind, region) for region in _other_regions(session) for kind in (Kind.IMAGE, Kind.SNAPSHOT)]
        except AwsError as error:
            if error.of_login:
                raise
            unread.append(Unread(Kind.IMAGE, "other regions", error.what, error.next_step))
    found: list[Holding] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(lambda pair: _read_or_say(session, image, *pair), wanted):
            if isinstance(result, Unread):
                unread.append(result)
            else:
                found += result
    return Holdings(tuple(found), tuple(_together(unread)))


def read_kind(session: AwsSession, image: str, kind: Kind, region: str | None = None) -> list[Holding]:
    """Those of one kind; instances without the terminated ones. Raises AwsError."""
    region = region or session.region or ""
    with in_words():
        all_of_kind = list(READERS[kind](session.client("ec2", region), tags.filters(image), region))
    # The filter has said so already; a thing without the tag must never get further than here.
    return sorted(
        (one for one in all_of_kind if one.tags.get(tags.IMAGE) == image), key=lambda one: (one.station, one.name)
    )


def _read_or_say(session: AwsSession, image: str, kind: Kind, region: str) -> list[Holding] | Unread:
    try:
        return read_kind(session, image, kind, region)
    except AwsError as error:
        # A login may be good here and not in a region that was turned on later (AWS: v1 session tokens).
        if error.of_login and region == session.region:
            raise
        return Unread(kind, region, error.what, error.next_step)


def _together(unread: Iterable[Unread]) -> list[Unread]:
    """One line for what is refused in the same words in many regions."""
    regions: dict[tuple[Kind, str, str], list[str]] = {}
    for one in unread:
        regions.setdefault((one.kind, one.what, one.next_step), []).append(one.region)
    return [Unread(kind, ", ".join(where), what, step) for (kind, what, step), where in regions.items()]


def _other_regions(session: AwsSession) -> list[str]:
    """Those that the account has turned on: only there can a copy of an image be."""
    with in_words():
        answer = session.client("ec2").describe_regions()["Regions"]
    return sorted(str(one["RegionName"]) for one in answer if one["RegionName"] != session.region)


# ---- one reader a kind ----------------------------------------------------------------------------------

_Filters = list[dict[str, Any]]


def _pages(ec2: Any, call: str, key: str, filters: _Filters, **more: Any) -> Iterator[dict[str, Any]]:
    for page in ec2.get_paginator(call).paginate(Filters=filters, **more):
        yield from page[key]


def _instances(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for reservation in _pages(ec2, "describe_instances", "Reservations", filters):
        for one in reservation["Instances"]:
            if one["State"]["Name"] != "terminated":
                disks = [d["Ebs"]["VolumeId"] for d in one.get("BlockDeviceMappings", []) if "Ebs" in d]
                yield _holding(
                    Kind.INSTANCE, one["InstanceId"], one, region, state=one["State"]["Name"],
                    since=one["LaunchTime"], type=one["InstanceType"], uses=tuple(disks),
                )  # fmt: skip


def _volumes(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in _pages(ec2, "describe_volumes", "Volumes", filters):
        yield _holding(
            Kind.VOLUME, one["VolumeId"], one, region, state=one["State"], since=one["CreateTime"],
            type=one.get("VolumeType", ""), size=one["Size"],
            uses=tuple(a["InstanceId"] for a in one.get("Attachments", []) if a.get("InstanceId")),
        )  # fmt: skip


def _interfaces(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in _pages(ec2, "describe_network_interfaces", "NetworkInterfaces", filters):
        attached = (one.get("Attachment") or {}).get("InstanceId")
        yield _holding(
            Kind.INTERFACE, one["NetworkInterfaceId"], one, region, state=one.get("Status", ""),
            uses=(attached,) if attached else (),
        )  # fmt: skip


def _addresses(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in ec2.describe_addresses(Filters=filters)["Addresses"]:
        user = one.get("InstanceId") or one.get("NetworkInterfaceId")
        yield _holding(
            Kind.ADDRESS, one["AllocationId"], one, region, name=one["PublicIp"],
            state="in use" if user else "not used", uses=(user,) if user else (),
        )  # fmt: skip


def _images(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in _pages(
        ec2, "describe_images", "Images", filters, Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True
    ):
        disks = [disk.get("Ebs", {}).get("SnapshotId") for disk in one.get("BlockDeviceMappings", [])]
        yield _holding(
            Kind.IMAGE, one["ImageId"], one, region, name=one["Name"], state=one["State"],
            since=moment(one.get("CreationDate")), uses=tuple(disk for disk in disks if disk),
        )  # fmt: skip


def _snapshots(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in _pages(ec2, "describe_snapshots", "Snapshots", filters, OwnerIds=["self"]):
        yield _holding(
            Kind.SNAPSHOT, one["SnapshotId"], one, region, state=one["State"], since=one["StartTime"],
            size=one["VolumeSize"],
        )  # fmt: skip


def _groups(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in _pages(ec2, "describe_security_groups", "SecurityGroups", filters):
        yield _holding(Kind.GROUP, one["GroupId"], one, region, name=one["GroupName"])


def _key_pairs(ec2: Any, filters: _Filters, region: str) -> Iterator[Holding]:
    for one in ec2.describe_key_pairs(Filters=filters)["KeyPairs"]:
        yield _holding(
            Kind.KEY_PAIR, one["KeyPairId"], one, region, name=one["KeyName"], since=moment(one.get("CreateTime"))
        )


READERS: dict[Kind, Callable[[Any, _Filters, str], Iterable[Holding]]] = {
    Kind.INSTANCE: _instances,
    Kind.ADDRESS: _addresses,
    Kind.INTERFACE: _interfaces,
    Kind.VOLUME: _volumes,
    Kind.IMAGE: _images,
    Kind.SNAPSHOT: _snapshots,
    Kind.GROUP: _groups,
    Kind.KEY_PAIR: _key_pairs,
}


def _holding(kind: Kind, identity: str, described: dict[str, Any], region: str, name: str = "", **more: Any) -> Holding:
    found = tags.as_dict(described.get("Tags") or described.get("TagSet"))
    return Holding(kind, identity, name or found.get("Name", ""), region, tags=found, **more)


def moment(value: Any) -> datetime | None:
    """A time of an answer: images tell theirs as text, the other kinds as a time."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value if isinstance(value, datetime) else None
