"""Baked images: found by tag in any region, waited for with the percentage of their snapshots, removed with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Tell
from winbake.aws.session import AwsSession

_SNAPSHOT = "python bake.py snapshot"
TAG_VALUE = 256
"""Characters of a tag's value (EC2 guide, "Tag your resources")."""
_NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]", re.ASCII)
_APPEARS = 60.0
"""Seconds until a new image is known everywhere in EC2 (eventual consistency)."""


@dataclass(frozen=True)
class Image:
    """One AMI as EC2 describes it. created: ISO 8601, UTC. disk_gb: of its root volume, None if it does not say."""

    id: str
    name: str
    state: str
    created: str
    snapshots: tuple[str, ...]
    region: str
    reason: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    disk_gb: int | None = None

    @property
    def made(self) -> datetime:
        """When it was begun."""
        return datetime.fromisoformat(self.created)

    @property
    def copy(self) -> bool:
        return tags.COPY_OF in self.tags


def find(session: AwsSession, image: str, region: str | None = None) -> list[Image]:
    """The project's images of a region, the newest first. Raises AwsError."""
    with in_words():
        found = session.client("ec2", region).describe_images(
            Owners=["self"], Filters=tags.filters(image, tags.BAKED)
        )
    images = [_of(one, region or session.region or "") for one in found["Images"]]
    return sorted(images, key=lambda one: (one.created, one.name), reverse=True)


def by_id(session: AwsSession, image_id: str, region: str | None = None) -> Image:
    """Raises AwsError."""
    with in_words():
        found = session.client("ec2", region).describe_images(ImageIds=[image_id])["Images"]
    if not found:
        raise AwsError(f"there is no image {image_id}", "python bake.py images lists them", "InvalidAMIID.NotFound")
    return _of(found[0], region or session.region or "")


def launchable(session: AwsSession, image: str, wanted: str | None = None) -> Image:
    """What a machine can be launched from: the image of an id, or the project's newest. Raises AwsError."""
    if wanted is not None:
        found = by_id(session, wanted)
        if found.state != "available":
            raise AwsError(f"the image {wanted} is {found.state}, not available", "wait, or take another one")
        return found
    all_of_them = find(session, image)
    available = next((one for one in all_of_them if one.state == "available"), None)
    if available is not None:
        return available
    if not all_of_them:
        raise AwsError(f"there is no image of {image} in {session.region} yet", _SNAPSHOT)
    newest = all_of_them[0]
    raise AwsError(
        f"the image {newest.id} of {image} is {newest.state}, not available",
        "wait until it is available, then run the same command again" if newest.state == "pending" else _SNAPSHOT,
    )


def wait_for(session: AwsSession, image: Image, max_wait: float, tell: Tell) -> Image:
    """Waits until it is available; says the percentage of its snapshots. Raises AwsError if it fails, or does not come.

    max_wait: seconds; a first image of a large disk may take an hour and more."""
    said = -1
    for waited in session.looks(max_wait, 15):
        now = _look(session, image, waited)
        if now.state == "available":
            return now
        if now.state != "pending":
            raise AwsError(
                f"image {now.id} ({now.name}) is {now.state}: {now.reason or 'AWS gives no reason'}",
                "run the same command again: it removes this one and makes another of the same stopped master",
            )
        percent = _progress(session, now)
        if percent != said:
            said = percent
            tell(f"{now.id} is pending, its snapshot at {percent} %" if now.snapshots else f"{now.id} is pending")
    raise AwsError(
        f"image {now.id} is still pending after {max_wait / 60:.0f} minutes, its snapshot at {percent} %",
        "AWS goes on with it: run the same command again to wait on; --max-wait MINUTES waits longer",
    )


def remove(session: AwsSession, image: Image) -> None:
    """Deregisters it and deletes its snapshots; what is gone already is gone. Raises AwsError."""
    client = session.client("ec2", image.region)
    for action, given, gone in (
        (client.deregister_image, {"ImageId": image.id}, ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")),
        *((client.delete_snapshot, {"SnapshotId": one}, ("InvalidSnapshot.NotFound",)) for one in image.snapshots),
    ):
        try:
            with in_words():
                action(**given)
        except AwsError as error:
            if error.code not in gone:
                raise


def tool_tags(versions: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`7zip=26.02 dcmtk=3.6.9 …` in as many tags as their length asks for, since a resource has 50 at most."""
    lines: list[str] = []
    for tool, version in versions:
        word = _NOT_IN_TAGS.sub("_", f"{tool}={version}")[:TAG_VALUE]
        if lines and len(lines[-1]) + 1 + len(word) <= TAG_VALUE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return {f"winbake:tools-{number}": line for number, line in enumerate(lines, 1)}


def _look(session: AwsSession, image: Image, waited: float) -> Image:
    try:
        return by_id(session, image.id, image.region)
    except AwsError as error:
        if error.code != "InvalidAMIID.NotFound" or image.state != "pending" or waited > _APPEARS:
            raise
        return image


def _progress(session: AwsSession, image: Image) -> int:
    """The least of its snapshots', percent; 0 while it has none."""
    if not image.snapshots:
        return 0
    with in_words():
        found = session.client("ec2", image.region).describe_snapshots(SnapshotIds=list(image.snapshots))
    percents = [int(str(one.get("Progress") or "0").rstrip("%") or 0) for one in found["Snapshots"]]
    return min(percents, default=0)


def _of(described: dict[str, Any], region: str) -> Image:
    mappings = described.get("BlockDeviceMappings", [])
    disks = [one.get("Ebs", {}).get("SnapshotId") for one in mappings]
    root = described.get("RootDeviceName")
    sizes = [one.get("Ebs", {}).get("VolumeSize") for one in mappings if one.get("DeviceName") == root]
    return Image(
        id=described["ImageId"],
        name=described.get("Name", ""),
        state=described["State"],
        created=described.get("CreationDate", ""),
        snapshots=tuple(disk for disk in disks if disk),
        region=region,
        reason=described.get("StateReason", {}).get("Message", ""),
        tags=tags.as_dict(described.get("Tags")),
        disk_gb=sizes[0] if sizes else None,
    )
