"""The stations' DNS names: A records in a Route 53 zone, made true, and nothing of anybody else's touched.

Beside each record of ours stands a TXT record `_winbake.<name>` with the image's name; only what has one is changed or
deleted. Both go in one change batch, which Route 53 carries out whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Instance
from winbake.aws.session import AwsSession

TTL = 60
NO_ZONE = "NoSuchHostedZone"
"""The code of the error; Route 53's own for an unknown id."""
IN_SYNC_LIMIT = 300.0
"""Seconds; usually a change is everywhere within 60 (Route 53 developer guide, "How quickly changes propagate")."""
_PAIRS = 200
"""Stations in a batch: each makes two elements, an UPSERT counts twice, and 1,000 are taken (Route 53 quotas)."""
_MARKER = "_winbake."


@dataclass(frozen=True)
class Zone:
    id: str
    name: str
    private: bool


@dataclass(frozen=True)
class DnsChange:
    """What was done with one name. address: "" where the record was removed."""

    name: str
    address: str


@dataclass(frozen=True)
class _Record:
    type: str
    values: tuple[str, ...]
    ttl: int
    simple: bool
    """Neither an alias nor one of several of its name (weighted, by region …)."""
    described: Mapping[str, Any]


class Dns:
    """The names of one project's stations below one domain."""

    def __init__(
        self, session: AwsSession, image: str, domain: str, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self._session = session
        self._domain = domain.strip(".").lower()
        self._marker = f'"winbake {image}"'
        self._tell = tell

    def make_true(self, stations: Iterable[Instance]) -> list[DnsChange]:
        """Every running station has its record, no other has one; waits until Route 53 answers so.

        Names that belong to somebody else are left, and named in the error after the others are done. Raises AwsError.
        """
        zone = self.zone()
        records = self._records(zone)
        wanted = self._wanted(stations, zone)
        foreign = [name for name in wanted if self._is_foreign(name, records)]
        changes = {
            name: elements
            for name in sorted(set(wanted) | self._owned(records))
            if name not in foreign and (elements := self._elements(name, wanted.get(name, ""), records))
        }
        done = [DnsChange(name, wanted.get(name, "")) for name in changes]
        if changes:
            self._tell(f"{len(changes)} DNS names of {zone.name} change")
            self._carry_out(zone, list(changes.values()))
            self._check(zone, {one.name: one.address for one in done if one.address})
        if foreign:
            raise AwsError(
                f"{zone.name} has records that winbake did not make, which were left: {', '.join(foreign)}",
                "delete them in Route 53 if they are old, or take other names: classroom.name in the manifest",
            )
        return done

    def would_change(self, stations: Iterable[Instance]) -> list[DnsChange]:
        """What `make_true` would do. Raises AwsError."""
        zone = self.zone()
        records = self._records(zone)
        wanted = self._wanted(stations, zone)
        return [
            DnsChange(name, wanted.get(name, ""))
            for name in sorted(set(wanted) | self._owned(records))
            if not self._is_foreign(name, records) and self._elements(name, wanted.get(name, ""), records)
        ]

    def names(self) -> list[DnsChange]:
        """The names that are the project's, with their addresses. Raises AwsError."""
        records = self._records(self.zone())
        addresses = {
            name: [value for one in records.get(name, []) if one.type == "A" for value in one.values]
            for name in sorted(self._owned(records))
        }
        return [DnsChange(name, ", ".join(values)) for name, values in addresses.items()]

    def zone(self) -> Zone:
        """The hosted zone of the domain. Raises AwsError if there is none, or more than one."""
        with in_words():
            listed = self._session.client("route53").list_hosted_zones_by_name(DNSName=self._domain)["HostedZones"]
        found = [
            Zone(one["Id"].rpartition("/")[2], self._domain, bool(one.get("Config", {}).get("PrivateZone")))
            for one in listed
            if one["Name"].rstrip(".").lower() == self._domain
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            raise AwsError(
                f"Route 53 has no hosted zone {self._domain}",
                "create it there, or change classroom.domain in the manifest (empty: no DNS names)",
                NO_ZONE,
            )
        kinds = ", ".join(f"{one.id} ({'private' if one.private else 'public'})" for one in found)
        raise AwsError(
            f"Route 53 has {len(found)} hosted zones {self._domain}: {kinds}",
            "take a domain of its own for the classroom: classroom.domain in the manifest",
        )

    # What is there, and what shall be.

    def _wanted(self, stations: Iterable[Instance], zone: Zone) -> dict[str, str]:
        names = {f"{one.station}.{self._domain}".lower(): _address(one, zone) for one in stations}
        return {name: address for name, address in names.items() if address}

    def _records(self, zone: Zone) -> dict[str, list[_Record]]:
        with in_words():
            pages = self._session.client("route53").get_paginator("list_resource_record_sets").paginate(
                HostedZoneId=zone.id
            )
            listed = [one for page in pages for one in page["ResourceRecordSets"]]
        records: dict[str, list[_Record]] = {}
        for one in listed:
            values = tuple(value["Value"] for value in one.get("ResourceRecords", []))
            simple = "AliasTarget" not in one and "SetIdentifier" not in one
            name = one["Name"].rstrip(".").lower()
            records.setdefault(name, []).append(_Record(one["Type"], values, int(one.get("TTL", 0)), simple, one))
        return records

    def _owned(self, records: Mapping[str, list[_Record]]) -> set[str]:
        return {
            name.removeprefix(_MARKER)
            for name, found in records.items()
            if name.startswith(_MARKER) and any(one.type == "TXT" and self._marker in one.values for one in found)
        }

    def _is_foreign(self, name: str, records: Mapping[str, list[_Record]]) -> bool:
        found = [one for one in records.get(name, []) if one.type in ("A", "CNAME")]
        marked = any(one.type == "TXT" for one in records.get(_MARKER + name, []))
        if not found and not marked:
            return False
        return name not in self._owned(records) or any(one.type == "CNAME" or not one.simple for one in found)

    # What to do.

    def _elements(self, name: str, address: str, records: Mapping[str, list[_Record]]) -> list[dict[str, Any]]:
        """The change elements of one name, none if it is right."""
        there = [one for one in records.get(name, []) if one.type == "A" and one.simple]
        marker = [one for one in records.get(_MARKER + name, []) if one.type == "TXT"]
        if not address:
            return [{"Action": "DELETE", "ResourceRecordSet": dict(one.described)} for one in (*there, *marker)]
        if marker and any(one.values == (address,) and one.ttl == TTL for one in there):
            return []
        return [_upsert(name, "A", address), *([] if marker else [_upsert(_MARKER + name, "TXT", self._marker)])]

    def _carry_out(self, zone: Zone, changes: list[list[dict[str, Any]]]) -> None:
        route53 = self._session.client("route53")
        for at in range(0, len(changes), _PAIRS):
            batch = [element for one in changes[at : at + _PAIRS] for element in one]
            with in_words():
                info = route53.change_resource_record_sets(
                    HostedZoneId=zone.id, ChangeBatch={"Comment": "winbake", "Changes": batch}
                )["ChangeInfo"]
            self._wait_until_in_sync(info["Id"])

    def _wait_until_in_sync(self, change: str) -> None:
        for _ in self._session.looks(IN_SYNC_LIMIT, 5):
            with in_words():
                status = self._session.client("route53").get_change(Id=change)["ChangeInfo"]["Status"]
            if status == "INSYNC":
                return
        raise AwsError(
            f"Route 53 has not carried out the change {change} after {IN_SYNC_LIMIT / 60:.0f} minutes",
            "python bake.py clones dns looks again",
        )

    def _check(self, zone: Zone, wanted: Mapping[str, str]) -> None:
        """Asks Route 53 itself what it answers; of a private zone it tells nobody outside. Raises AwsError."""
        if zone.private:
            return
        wrong = []
        for name, address in wanted.items():
            with in_words():
                answer = self._session.client("route53").test_dns_answer(
                    HostedZoneId=zone.id, RecordName=name, RecordType="A"
                )
            if answer["RecordData"] != [address]:
                wrong.append(f"{name} is {', '.join(answer['RecordData']) or answer['ResponseCode']}, not {address}")
        if wrong:
            raise AwsError(f"Route 53 answers otherwise: {'; '.join(wrong)}", "python bake.py clones dns tries again")


def _address(one: Instance, zone: Zone) -> str:
    """A stopped station has given its public address back: somebody else may get it."""
    if zone.private:
        return one.private if one.live else ""
    return one.public if one.state in ("pending", "running") else ""


def _upsert(name: str, kind: str, value: str) -> dict[str, Any]:
    record = {"Name": f"{name}.", "Type": kind, "TTL": TTL, "ResourceRecords": [{"Value": value}]}
    return {"Action": "UPSERT", "ResourceRecordSet": record}
