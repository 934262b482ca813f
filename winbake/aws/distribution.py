"""What is done with an available image: copies under another key or in other regions, sharing, a date, and retention.

Each step looks first at what is there, so that a second run adds only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from winbake.aws import images, tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.images import Image
from winbake.aws.instances import Tell
from winbake.aws.session import AwsSession

_DEFAULT_KEY = "default"


@dataclass(frozen=True)
class Place:
    """Where a copy goes. key: KMS key by id, alias or ARN; "" takes the account's default key of that region."""

    region: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.region}{f' under {self.key}' if self.key else ''}"


@dataclass(frozen=True)
class Distribution:
    """What is wanted of an image. places: copies. accounts: who may launch it. deprecate_after: days."""

    places: tuple[Place, ...] = ()
    accounts: tuple[str, ...] = ()
    deprecate_after: int | None = None

    def check(self, region: str) -> None:
        """Raises AwsError for what cannot be, before anything is made."""
        wrong = [account for account in self.accounts if not (len(account) == 12 and account.isdigit())]
        if wrong:
            raise AwsError(f"{wrong[0]!r} is no AWS account: it has 12 digits", "aws sts get-caller-identity shows one")
        bare = [place.region for place in self.places if not place.key]
        shared_as_it_is = not any(place.region == region and place.key for place in self.places)
        if self.accounts and (bare or shared_as_it_is):
            where = ", ".join([*([region] if shared_as_it_is else []), *bare])
            raise AwsError(
                f"the image in {where} is encrypted under the account's default key, and AWS shares no such image",
                "give --kms-key KEY (and --copy-to REGION=KEY), a key whose policy lets the other account use it",
            )


def distribute(session: AwsSession, image: Image, wanted: Distribution, max_wait: float, tell: Tell) -> list[Image]:
    """Copies it, waits for the copies, shares and dates all of them; gives the copies. Raises AwsError."""
    begun = [_copy(session, image, place, tell) for place in wanted.places]  # all at once, in AWS
    copies = [images.wait_for(session, copy, max_wait, tell) for copy in begun]
    for one in [image, *copies]:
        # The image under the default key cannot be shared; its copy under a key of the project's own is.
        if wanted.accounts and one.tags.get(tags.KMS_KEY, _DEFAULT_KEY) != _DEFAULT_KEY:
            _share(session, one, wanted.accounts, tell)
        if wanted.deprecate_after is not None:
            _deprecate(session, one, wanted.deprecate_after, tell)
    return copies


def outlived(session: AwsSession, newest: Image, project: str, keep: int, regions: Iterable[str]) -> list[Image]:
    """The images beyond the `keep` newest, with their copies in these regions. Raises AwsError.

    An older one than `newest` only: what is being made beside it is no business of this run."""
    here = images.find(session, project)
    originals = [one for one in here if not one.copy]
    older = [one for one in originals if (one.created, one.name) < (newest.created, newest.name)]
    kept_beside = max(keep - 1, 0)
    going = older[kept_beside:]
    ids = {one.id for one in going}
    away = [one for region in sorted(set(regions)) for one in images.find(session, project, region)]
    return going + [one for one in [*here, *away] if one.tags.get(tags.COPY_OF) in ids]


def _copy(session: AwsSession, image: Image, place: Place, tell: Tell) -> Image:
    """The copy that is there or on its way, else a new one; a failed one is removed before."""
    key = place.key or _DEFAULT_KEY
    name = image.name if place.region != image.region else f"{image.name[:118]}-encrypted"
    found = _copies(session, image, place.region, key)
    for failed in (one for one in found if one.state not in ("available", "pending")):
        tell(f"removing the copy {failed.id} in {place.region}, which {failed.state}")
        images.remove(session, failed)
    there = next((one for one in found if one.state in ("available", "pending")), None)
    if there is not None:
        return there
    own = {k: v for k, v in image.tags.items() if not k.startswith("aws:")}
    own |= {"Name": name, tags.COPY_OF: image.id, tags.KMS_KEY: key}
    listed = [{"Key": k, "Value": v} for k, v in own.items()]
    try:
        with in_words():
            answer = session.client("ec2", place.region).copy_image(
                SourceImageId=image.id,
                SourceRegion=image.region,
                Name=name,
                Encrypted=True,
                TagSpecifications=[{"ResourceType": kind, "Tags": listed} for kind in ("image", "snapshot")],
                **({"KmsKeyId": place.key} if place.key else {}),
            )
    except AwsError as error:
        lost = _copies(session, image, place.region, key) if error.code == "InvalidAMIName.Duplicate" else []
        if not lost:
            raise
        return lost[0]  # the call was carried out and its answer lost
    tell(f"{answer['ImageId']} is being copied from {image.id} to {place}")
    return Image(answer["ImageId"], name, "pending", "", (), place.region, tags=own)


def _copies(session: AwsSession, image: Image, region: str, key: str) -> list[Image]:
    found = images.find(session, image.tags.get(tags.IMAGE, ""), region)
    return [one for one in found if (one.tags.get(tags.COPY_OF), one.tags.get(tags.KMS_KEY)) == (image.id, key)]


def _share(session: AwsSession, image: Image, accounts: Iterable[str], tell: Tell) -> None:
    """By launch permission; the snapshots need none of their own for a launch (EC2 guide, sharing-amis)."""
    permissions = [{"UserId": account} for account in accounts]
    with in_words():
        session.client("ec2", image.region).modify_image_attribute(
            ImageId=image.id, LaunchPermission={"Add": permissions}
        )
    tell(f"{image.id} may be launched by {', '.join(accounts)}; the key's policy must let them use the key, too")


def _deprecate(session: AwsSession, image: Image, days: int, tell: Tell) -> None:
    """Counted from its making, so that a second run sets the same date."""
    at = datetime.fromisoformat(image.created).astimezone(UTC) + timedelta(days=days)
    with in_words():
        session.client("ec2", image.region).enable_image_deprecation(ImageId=image.id, DeprecateAt=at)
    tell(f"{image.id} is deprecated from {at:%Y-%m-%d} on: other accounts no longer see it in lists")
