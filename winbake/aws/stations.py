"""Bringing stations up, all at once: launched or started, waited for, checked, each with its own outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from winbake.aws import first_contact, first_start, instances, tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.guard import set_guard
from winbake.aws.identity import lacks
from winbake.aws.instances import Instance, Launch
from winbake.aws.keys import KeyFile
from winbake.aws.network import WINRM
from winbake.aws.session import AwsSession
from winbake.config.classroom import Station
from winbake.engine.errors import EngineError
from winbake.hosts.errors import HostError
from winbake.hosts.model import HostAddress

RUNNING_LIMIT = 15 * 60.0
LAUNCHES_AT_ONCE = 4
"""EC2 lets in few RunInstances a second (EC2 API reference, request throttling); the waiting is what takes long."""
TellStation = Callable[[str, str], None]
"""Gets a station's name and what it is at."""


@dataclass(frozen=True)
class Making:
    """What stations are launched with; an empty one only starts. until: when they stop by themselves."""

    image_id: str = ""
    type: str = ""
    subnet: str = ""
    group: str = ""
    key: str | None = None
    disk_gb: int | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Ready:
    """A station that is as it shall be. seconds: how long it took."""

    station: Station
    instance: Instance
    address: str
    fingerprint: str
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A station that is not. error: what happened, and what to do."""

    station: Station
    error: EngineError | HostError


class Stations:
    """The stations of one classroom while they come up. known: file of pinned certificates."""

    def __init__(
        self, session: AwsSession, image: str, key: Path, known: Path | None, tell: TellStation
    ) -> None:
        self._session = session
        self._image = image
        self._key = KeyFile(key)
        self._known = known
        self._tell = tell
        self._launching = threading.Semaphore(LAUNCHES_AT_ONCE)
        self._watch = _Watch(session, image)

    def bring_up(
        self, stations: Iterable[Station], present: Mapping[str, Instance], making: Making
    ) -> list[Ready | Failed]:
        """The outcome of each, in their order; one that fails never hides the others. Ctrl-C leaves what is launched.
        """
        wanted = list(stations)
        if not wanted:
            return []
        self._watch.look()
        pool = ThreadPoolExecutor(max_workers=len(wanted), thread_name_prefix="station")
        try:
            futures = [pool.submit(self._one, one, present.get(one.name), making) for one in wanted]
            while not all(one.done() for one in futures):
                wait(futures, timeout=0.2)  # a bounded wait, so that Ctrl-C is heard on every system
        except BaseException:
            self._session.cancelled.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return [one.result() for one in futures]

    def _one(self, station: Station, present: Instance | None, making: Making) -> Ready | Failed:
        began = time.monotonic()
        try:
            ready = self._bring_up(station, present, making, began)
        except (EngineError, HostError) as error:
            self._tell(station.name, f"✗ {error.what}")
            return Failed(station, error)
        self._tell(station.name, "✓ ready")
        return ready

    def _bring_up(self, station: Station, present: Instance | None, making: Making, began: float) -> Ready:
        def tell(text: str) -> None:
            self._tell(station.name, text)

        instance = present or self._launch(station, making)
        if instance.state in ("stopping", "stopped"):
            self._start(instance, tell)
        instance = self._wait_for(instance, "running", tell)
        password = first_contact.wait_for_password(self._session, instance, self._key, tell)
        address = instances.reachable(self._session, instance)
        host = HostAddress(name=instance.name, address=address, port=WINRM, password=password)
        fingerprint = first_contact.wait_for_winrm(
            self._session, instance, host, self._known, tell, lambda to, pins: lacks(station, to, pins)
        )
        if making.until is not None and instance.tags.get(tags.UNTIL) != first_start.moment(making.until):
            set_guard(self._session, instance, host, fingerprint, making.until)
            tell(f"stops by itself at {making.until.astimezone():%H:%M}")
        return Ready(station, instance, address, fingerprint, time.monotonic() - began)

    def _launch(self, station: Station, making: Making) -> Instance:
        until = {tags.UNTIL: first_start.moment(making.until)} if making.until else {}
        wanted = Launch(
            role=tags.CLONE,
            name=station.name,
            image_id=making.image_id,
            type=making.type,
            subnet=making.subnet,
            groups=(making.group,),
            key=making.key,
            user_data=first_start.clone(station, making.until),
            address=station.address,
            station=station.name,
            disk_gb=making.disk_gb,
            more_tags={tags.AE_TITLE: station.ae_title, **until},
        )
        with self._launching:
            self._session.check()
            try:
                made = instances.launch(self._session, self._image, wanted, self._watch.gone(station.name))
            except AwsError as error:
                made = self._already_there(station, error)
        self._tell(station.name, f"launched {made.id}")
        return made

    def _already_there(self, station: Station, error: AwsError) -> Instance:
        """A run that was killed may have launched it a moment ago, and AWS lists it late: its address says so."""
        if error.code != "InvalidIPAddress.InUse":
            raise error
        found = [one for one in instances.find(self._session, self._image, tags.CLONE) if one.station == station.name]
        if not found:
            raise AwsError(
                f"{station.address} is taken: {error.what}",
                "the network interfaces of the subnet in EC2 say by whom; free it, or take another base address",
                error.code,
            ) from error
        return found[0]

    def _start(self, instance: Instance, tell: Callable[[str], None]) -> None:
        if instance.state == "stopping":
            self._wait_for(instance, "stopped", tell)
        with in_words():
            self._session.client("ec2").start_instances(InstanceIds=[instance.id])
        self._watch.look()
        tell("is started")

    def _wait_for(self, instance: Instance, state: str, tell: Callable[[str], None]) -> Instance:
        seen = ""
        for _ in self._session.looks(RUNNING_LIMIT, 5):
            now = self._watch.of(instance.id) or instance
            if now.state == state:
                return now
            if now.state != seen:
                seen = now.state
                tell(f"is {now.state}, waiting for {state}")
            if state == "running" and now.state in ("shutting-down", "terminated", "stopped"):
                raise AwsError(
                    f"{now.name} ({now.id}) is {now.state} instead of {state}: {now.reason or 'no reason given'}",
                    "look at it in the EC2 console, then run the same command again",
                )
        raise AwsError(
            f"{now.name} ({now.id}) is still {now.state} after {RUNNING_LIMIT / 60:.0f} minutes",
            "look at it in the EC2 console, then run the same command again: it goes on from there",
        )


class _Watch:
    """The stations' instances as AWS lists them, asked once for all who wait: a call for each would be throttled."""

    EVERY = 5.0

    def __init__(self, session: AwsSession, image: str) -> None:
        self._session = session
        self._image = image
        self._lock = threading.Lock()
        self._looked = 0.0
        self._found: dict[str, Instance] = {}

    def look(self) -> None:
        """Ask now."""
        with self._lock:
            self._ask()

    def of(self, instance_id: str) -> Instance | None:
        """None while AWS does not list it, as in its first seconds."""
        with self._lock:
            if time.monotonic() - self._looked >= self._session.pause(self.EVERY):
                self._ask()
            return self._found.get(instance_id)

    def gone(self, station: str) -> int:
        """How many instances of a station there were and are gone."""
        with self._lock:
            return sum(1 for one in self._found.values() if one.station == station and not one.live)

    def _ask(self) -> None:
        found = instances.find(self._session, self._image, tags.CLONE, all_states=True)
        self._found = {one.id: one for one in found}
        self._looked = time.monotonic()


