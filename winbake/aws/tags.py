"""Tags: how winbake finds what is its own. There is no state file; what AWS says counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

IMAGE = "winbake:image"
"""The manifest's image.name: everything of one project."""
ROLE = "winbake:role"
STATION = "winbake:station"
CERTIFICATE = "winbake:certificate"
"""SHA-256 of the certificate that WinRM showed at the instance's first start, lower-case hex."""
VERIFIED = "winbake:verified"
"""On a station that came first and passed its verification: the image that it proved good."""
SEAL = "winbake:seal"
"""On the master, before it is locked down: from which files, in which run of the instance, sealed by which agent."""
WISH = "winbake:wish"
"""On an image: the digest of every file that it was made of."""
MANIFEST = "winbake:manifest"
"""On an image: the SHA-256 of the manifest's file, for people and for `status`."""
LOCK = "winbake:lock"
"""On an image: the SHA-256 of the lock, `none` where there was none."""
GIT, SYSPREP = "winbake:git", "winbake:sysprep"
COPY_OF = "winbake:copy-of"
KMS_KEY = "winbake:kms-key"
AE_TITLE = "winbake:ae-title"
UNTIL = "winbake:until"
"""When the station stops by itself, ISO 8601 with its offset."""
MASTER, CLONE, BAKED, NETWORK, KEY = "master", "clone", "image", "network", "key"


def tags(image: str, role: str, name: str, more: dict[str, str] | None = None) -> list[dict[str, str]]:
    """What every resource of this role carries, as boto3 takes it."""
    all_tags = {"Name": name, IMAGE: image, ROLE: role, **(more or {})}
    return [{"Key": key, "Value": value} for key, value in all_tags.items()]


def specifications(
    kinds: Iterable[str], image: str, role: str, name: str, more: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """TagSpecifications: the tags of a resource from its first moment. kinds: instance, volume, image, snapshot …"""
    return [{"ResourceType": kind, "Tags": tags(image, role, name, more)} for kind in kinds]


def filters(image: str, role: str | None = None) -> list[dict[str, Any]]:
    """Filters of the describe calls for what carries them."""
    found = [{"Name": f"tag:{IMAGE}", "Values": [image]}]
    return found + ([{"Name": f"tag:{ROLE}", "Values": [role]}] if role else [])


def as_dict(found: Iterable[dict[str, str]] | None) -> dict[str, str]:
    """The tags of an answer."""
    return {one["Key"]: one["Value"] for one in found or ()}
