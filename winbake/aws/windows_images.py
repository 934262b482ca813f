"""Amazon's newest Windows Server image: by its public parameter, else by the list of Amazon's images."""

from __future__ import annotations

from dataclasses import dataclass

from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession

_PARAMETER = "/aws/service/ami-windows-latest/Windows_Server-{release}-English-Full-Base"
_NAME = "Windows_Server-{release}-English-Full-Base-*"


@dataclass(frozen=True)
class SourceImage:
    id: str
    name: str


def newest(session: AwsSession, release: str) -> SourceImage:
    """Raises AwsError."""
    ec2 = session.client("ec2")
    try:
        with in_words():
            found = session.client("ssm").get_parameter(Name=_PARAMETER.format(release=release))
            image_id = found["Parameter"]["Value"]
            images = ec2.describe_images(ImageIds=[image_id])["Images"]
    except AwsError:
        images = []  # no right to SSM, or no such parameter: the list of images tells too
    if not images:
        wanted = [{"Name": "name", "Values": [_NAME.format(release=release)]}]
        with in_words():
            images = ec2.describe_images(Owners=["amazon"], Filters=wanted)["Images"]
    if not images:
        raise AwsError(f"Amazon has no image of Windows Server {release} in {session.region}", "look at aws.windows")
    last = max(images, key=lambda one: str(one["CreationDate"]))
    return SourceImage(last["ImageId"], last["Name"])
