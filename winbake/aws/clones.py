"""The stations of a classroom: clones of one image, each an instance of its own, found by tag and launched once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from winbake.aws import classroom_checks, images, instances, network, tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.images import Image
from winbake.aws.instances import Instance
from winbake.aws.keys import KeyPair
from winbake.aws.network import RDP, WINRM, Opening, Subnet
from winbake.aws.prices import hourly_price
from winbake.aws.session import AwsSession
from winbake.aws.stations import Failed, Making, Ready, Stations, TellStation
from winbake.config.classroom import Classroom, Station
from winbake.config.manifest import Manifest
from winbake.engine.errors import EngineError
from winbake.hosts.errors import HostError

PROOF_LOOKS = 4
PROOF_EVERY = 20.0
"""Seconds between two verifications of the first station."""
USUAL_MINUTES = "10 to 20 minutes"
"""One station as a canary, then all others at once."""


@dataclass(frozen=True)
class Intent:
    """What `up` would do, for the question before it. present: station → its instance. until: aware."""

    stations: tuple[Station, ...]
    present: Mapping[str, Instance]
    image: Image
    subnet: Subnet
    type: str
    price: float | None
    until: datetime | None

    @property
    def missing(self) -> list[Station]:
        return [one for one in self.stations if one.name not in self.present]

    @property
    def stopped(self) -> list[Station]:
        return [one for one in self.stations if self._state(one) in ("stopped", "stopping")]

    @property
    def older(self) -> list[str]:
        """Stations that run another image than the one that would be taken now."""
        return [name for name, one in self.present.items() if one.image != self.image.id]

    def _state(self, station: Station) -> str:
        return self.present[station.name].state if station.name in self.present else ""


Proof = Callable[[Ready], list[str]]
"""Verifies a station that is up: what is wrong, in words. Raises EngineError and HostError if it is not read."""


class Clones:
    """The classroom of one manifest. keys: the folder of private keys. tell: gets a line for everybody."""

    def __init__(
        self, session: AwsSession, manifest: Manifest, keys: Path, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self.session = session
        self.manifest = manifest
        self.image = manifest.image.name
        self.classroom: Classroom = manifest.classroom
        self.key = KeyPair(session, self.image, manifest.aws.key_pair, keys, tell)
        self.tell = tell

    def find(self) -> dict[str, Instance]:
        """Station → its live instance. Raises AwsError, also if a station is there twice."""
        found: dict[str, Instance] = {}
        for one in instances.find(self.session, self.image, tags.CLONE):
            if one.station in found:
                raise AwsError(
                    f"{one.station} is there twice: {found[one.station].id} and {one.id}",
                    "terminate one of them in EC2",
                )
            found[one.station] = one
        return found

    def intent(self, stations: Iterable[Station], image_id: str | None, until: datetime | None) -> Intent:
        """Raises AwsError with everything that stands in the way, before anything is made."""
        wanted = tuple(stations)
        image = images.launchable(self.session, self.image, image_id)
        subnet = network.find_subnet(self.session, self.manifest.aws, wanted[0].address)
        there = self.find()
        present = {one.name: there[one.name] for one in wanted if one.name in there}
        found = classroom_checks.problems(self.session, subnet, wanted, present)
        if found:
            raise AwsError(
                "the classroom cannot come up:" + "".join(f"\n  {one}" for one in found),
                "mend these (classroom: and aws: in the manifest), then run the same command again",
            )
        kind = self.classroom.instance_type
        return Intent(wanted, present, image, subnet, kind, hourly_price(self.session, kind), until)

    def up(
        self, intent: Intent, known: Path | None, tell: TellStation, proof: Proof | None = None
    ) -> list[Ready | Failed]:
        """Launches what is missing, starts what is stopped, and waits until each is as it shall be.

        One comes first as the canary, unless one of this image has passed before: only if it is well, by `proof` too,
        the others follow, all at once. Raises AwsError for what concerns all of them, and for the canary.
        """
        making = Making(
            image_id=intent.image.id,
            type=intent.type,
            subnet=intent.subnet.id,
            group=self._group(intent.subnet.vpc),
            key=self.key.ensure(),
            disk_gb=intent.image.disk_gb,
            until=intent.until,
        )
        work = Stations(self.session, self.image, self.key.file, known, tell)
        first = self._canary(intent)
        done: list[Ready | Failed] = []
        if first is not None:
            self.tell(f"{first.name} comes first; the others follow when it is well")
            outcome = work.bring_up([first], intent.present, making)[0]
            if isinstance(outcome, Failed):
                raise AwsError(
                    f"{first.name}, which came first, did not come up, so no other was launched: {outcome.error.what}",
                    outcome.error.next_step or "mend that, then run the same command again",
                    getattr(outcome.error, "code", ""),
                )
            if proof is not None:
                self._prove(outcome, proof)
            done.append(outcome)
        rest = [one for one in intent.stations if one != first]
        return sorted(done + work.bring_up(rest, intent.present, making), key=lambda one: one.station.number)

    def start(
        self, stations: Iterable[Station], until: datetime | None, known: Path | None, tell: TellStation
    ) -> list[Ready | Failed]:
        """Starts stations that are there, and waits for them. Raises AwsError for what concerns all."""
        there = self.find()
        work = Stations(self.session, self.image, self.key.file, known, tell)
        return work.bring_up([one for one in stations if one.name in there], there, Making(until=until))

    def stop(self, chosen: Iterable[Instance], tell: TellStation) -> list[Instance]:
        """Raises AwsError."""
        running = [one for one in chosen if one.state in ("pending", "running")]
        if running:
            with in_words():
                self.session.client("ec2").stop_instances(InstanceIds=[one.id for one in running])
        return self._wait(list(chosen), "stopped", tell)

    def down(self, chosen: Iterable[Instance], tell: TellStation) -> list[Instance]:
        """Terminates them, with their volumes. Raises AwsError."""
        gone = list(chosen)
        if gone:
            with in_words():
                self.session.client("ec2").terminate_instances(InstanceIds=[one.id for one in gone])
        return self._wait(gone, "terminated", tell)

    # Parts.

    def _wait(self, chosen: list[Instance], state: str, tell: TellStation) -> list[Instance]:
        return [instances.wait_for(self.session, one.id, state, partial(tell, one.station)) for one in chosen]

    def _canary(self, intent: Intent) -> Station | None:
        """Who comes first while others must be launched: one of this image that is there, else the first missing one.

        None if one of this image has passed its verification before.
        """
        of_image = [one for one in intent.present.values() if one.image == intent.image.id]
        if not intent.missing or any(one.tags.get(tags.VERIFIED) == intent.image.id for one in of_image):
            return None
        there = {one.station for one in of_image}
        return next((one for one in intent.stations if one.name in there), intent.missing[0])

    def _prove(self, first: Ready, proof: Proof) -> None:
        """Looks more than once: what starts with Windows by itself may need its time. Raises AwsError."""
        name = first.station.name
        for left in reversed(range(PROOF_LOOKS)):
            wrong, next_step = _wrong_with(first, proof)
            if not wrong:
                break
            if not left:
                raise AwsError(
                    f"{name}, which came first, does not pass its verification, so no other was launched: {wrong}",
                    next_step or f"python bake.py clones verify --limit {name} says all of it; clones down, mend the "
                    "master and make a new image. --skip-verify launches the others all the same",
                )
            self.tell(f"{name} does not pass yet, looking again: {wrong}")
            time.sleep(self.session.pause(PROOF_EVERY))
        with in_words():
            self.session.client("ec2").create_tags(
                Resources=[first.instance.id], Tags=[{"Key": tags.VERIFIED, "Value": first.instance.image}]
            )

    def _group(self, vpc: str) -> str:
        """Between stations only DICOM is open; participants get in by RDP, the instructor by RDP and WinRM."""
        aws, room = self.manifest.aws, self.classroom
        own = {network.own_network(self.session), *aws.allow_from}
        openings = [
            Opening(RDP, tuple(sorted(own | set(room.rdp_from)))),
            Opening(WINRM, tuple(sorted(own))),
            Opening(room.dicom_port, own=True),
        ]
        name = f"winbake-{self.image}-classroom"
        return network.ensure_group(self.session, self.image, name, vpc, openings, self.tell)


def _wrong_with(first: Ready, proof: Proof) -> tuple[str, str]:
    """(what is wrong, what to do next); "" where nothing is."""
    try:
        wrong = proof(first)
    except AwsError:
        raise
    except (EngineError, HostError) as error:
        return error.what, error.next_step
    more = f"; and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    return "; ".join(wrong[:4]) + more, ""


def noted_until(instance: Instance) -> datetime | None:
    """When it stops by itself, as its tag says; None without a tag, or where that moment has passed."""
    noted = instance.tags.get(tags.UNTIL)
    if not noted:
        return None
    at = datetime.fromisoformat(noted)
    return at if at > datetime.now(UTC) else None
