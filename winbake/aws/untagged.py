"""What a teardown takes away beside what carries the tag: things that are known as the project's in another way.

DNS records by their markers, the key pair's file by its name; media in a bucket stand in media.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from winbake.aws import tags
from winbake.aws.dns import NO_ZONE, Dns
from winbake.aws.errors import AwsError, in_words
from winbake.aws.holdings import Holding, Kind
from winbake.aws.keys import KeyPair
from winbake.aws.session import AwsSession


@dataclass(frozen=True)
class Left:
    """What could not be deleted."""

    holding: Holding
    reason: str
    next_step: str


class Shelf(Protocol):
    """Things that carry no tag but are known as the project's in another way: DNS records, media in a bucket."""

    kind: Kind

    def holdings(self) -> list[Holding]:
        """Raises AwsError."""

    def delete(self, found: Sequence[Holding]) -> list[Left]:
        """Deletes these and gives what could not be. Raises AwsError if none could."""


class KeyFileShelf:
    """The private half of the key pair on this machine, once AWS has no such pair any more."""

    kind = Kind.KEY_FILE

    def __init__(self, session: AwsSession, image: str, key: KeyPair) -> None:
        self._session = session
        self._image = image
        self._key = key

    def holdings(self) -> list[Holding]:
        """Empty for a key pair that the instructor brought (aws.key_pair), and while a pair of that name stays."""
        if self._key.own and self._key.file.is_file() and not any(tag != self._image for tag in self._pairs()):
            return [Holding(Kind.KEY_FILE, str(self._key.file), self._key.name, self._session.region or "")]
        return []

    def delete(self, found: Sequence[Holding]) -> list[Left]:
        left = []
        for one in found:
            if self._pairs():
                left.append(Left(one, f"AWS still has the key pair {self._key.name}", "see there"))
                continue
            try:
                self._key.file.unlink(missing_ok=True)
            except OSError as error:
                left.append(Left(one, f"it cannot be deleted: {error.strerror}", "delete it by hand"))
        return left

    def _pairs(self) -> list[str]:
        """Of the pairs of that name in AWS, the project by the tag, "" without one."""
        with in_words():
            wanted = [{"Name": "key-name", "Values": [self._key.name]}]
            there = self._session.client("ec2").describe_key_pairs(Filters=wanted)["KeyPairs"]
        return [tags.as_dict(one.get("Tags")).get(tags.IMAGE, "") for one in there]


class DnsShelf:
    """The records of the stations, which dns.py knows by the marker beside each."""

    kind = Kind.RECORD

    def __init__(self, dns: Dns) -> None:
        self._dns = dns

    def holdings(self) -> list[Holding]:
        """Raises AwsError."""
        try:
            return [Holding(Kind.RECORD, one.name, one.address, "", state="A") for one in self._dns.names()]
        except AwsError as error:
            if error.code == NO_ZONE:
                return []  # records go with their zone
            raise

    def delete(self, found: Sequence[Holding]) -> list[Left]:
        """Raises AwsError."""
        removed = {one.name for one in self._dns.make_true([])}
        return [
            Left(one, "Route 53 keeps it", "look at it in Route 53") for one in found if one.id not in removed
        ]
