"""Baked images: found by tag in any region, waited for with the percentage of their snapshots, removed with them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Tell
from winbake.aws.session import AwsSession

TAG_VALUE = 256
"""Characters of a tag's value (EC2 guide, "Tag your resources")."""
_NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]", re.ASCII)
_APPEARS = 60.0
"""Seconds until a new image is known everywhere in EC2 (eventual consistency)."""


@dataclass(frozen=True)
class Image:
    """One AMI as EC2 describes it. created: ISO 8601, UTC."""

    id: str
    name: str
    state: str
    created: str
    snapshots: tuple[str, ...]
    region: str
    reason: str = ""
    tags: dict[str, str] = field(default_factory=dict)

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


def wait_for(session: AwsSession, image: Image, max_wait: float, tell: Tell) -> Image:
    """Waits until it is available; says the percentage of its snapshots. Raises AwsError if it fails, or does not come.

    max_wait: seconds; a first image of a large disk may take an hour and more."""
    began = time.monotonic()
    said = -1
    while True:
        now = _look(session, image, time.monotonic() - began)
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
        if time.monotonic() - began > session.limit(max_wait):
            raise AwsError(
                f"image {now.id} is still pending after {max_wait / 60:.0f} minutes, its snapshot at {percent} %",
                "AWS goes on with it: run the same command again to wait on; --max-wait MINUTES waits longer",
            )
        time.sleep(session.pause(15))


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
    disks = [one.get("Ebs", {}).get("SnapshotId") for one in described.get("BlockDeviceMappings", [])]
    return Image(
        id=described["ImageId"],
        name=described.get("Name", ""),
        state=described["State"],
        created=described.get("CreationDate", ""),
        snapshots=tuple(disk for disk in disks if disk),
        region=region,
        reason=described.get("StateReason", {}).get("Message", ""),
        tags=tags.as_dict(described.get("Tags")),
    )
