"""The image that stations are made of: the project's newest, found by its tags, or one by its id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession

_SNAPSHOT = "python bake.py snapshot"


@dataclass(frozen=True)
class CloneImage:
    """An image that can be launched. made: when it was begun. disk_gb: of its root volume, None if it does not say."""

    id: str
    name: str
    made: datetime
    disk_gb: int | None = None


def find(session: AwsSession, image: str, wanted: str | None = None) -> CloneImage:
    """wanted: the id of an image; None takes the newest that carries the project's tags. Raises AwsError."""
    if wanted is not None:
        return _by_id(session, wanted)
    with in_words():
        described = session.client("ec2").describe_images(Owners=["self"], Filters=tags.filters(image, tags.BAKED))
    found = sorted(described["Images"], key=lambda one: str(one["CreationDate"]), reverse=True)
    available = [one for one in found if one["State"] == "available"]
    if available:
        return _of(available[0])
    if not found:
        raise AwsError(f"there is no image of {image} in {session.region} yet", _SNAPSHOT)
    newest = found[0]
    raise AwsError(
        f"the image {newest['ImageId']} of {image} is {newest['State']}, not available",
        "wait until it is available, then run the same command again" if newest["State"] == "pending" else _SNAPSHOT,
    )


def _by_id(session: AwsSession, image_id: str) -> CloneImage:
    with in_words():
        described = session.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    if not described:
        raise AwsError(f"there is no image {image_id} in {session.region}", "python bake.py status lists the images")
    found = described[0]
    if found["State"] != "available":
        raise AwsError(f"the image {image_id} is {found['State']}, not available", "wait, or take another one")
    return _of(found)


def _of(described: dict[str, Any]) -> CloneImage:
    made = datetime.fromisoformat(str(described["CreationDate"]).replace("Z", "+00:00"))
    root = described.get("RootDeviceName")
    sizes = [one["Ebs"].get("VolumeSize") for one in described["BlockDeviceMappings"] if one.get("DeviceName") == root]
    return CloneImage(described["ImageId"], described["Name"], made, sizes[0] if sizes else None)
