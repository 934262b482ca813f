"""`clones`: the stations of a classroom: up, list, start, stop, down, dns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from winbake.aws import tags
from winbake.aws.clones import USUAL_MINUTES, Clones, Intent, noted_until
from winbake.aws.dns import Dns, DnsChange
from winbake.aws.instances import Instance, reachable
from winbake.aws.keys import keys_folder
from winbake.aws.prices import in_dollars
from winbake.aws.session import AwsSession
from winbake.aws.stations import Failed, Ready
from winbake.cli import classroom_inventory
from winbake.cli.failures import print_json, words_of
from winbake.cli.options import known_certificates_option, manifest_option, result_option, yes_option
from winbake.cli.screen import ask, clock, console, marked
from winbake.cli.station_board import StationBoard, ranges
from winbake.cli.station_choice import chosen, counted, until
from winbake.config.classroom import Station
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError

F = Callable[..., Any]


def _options(*wanted: F) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for one in reversed(wanted):
            function = one(function)
        return function

    return decorate


_limit = click.option("--limit", metavar="STATIONS", help="Only these: ws03,ws05-ws07 or ws1*.")
_until = click.option("--until", "until_text", metavar="HH:MM", help="When the stations stop by themselves.")


@click.group("clones")
def command() -> None:
    """The stations of a classroom: clones of the image with fixed addresses, names and AE titles."""


@command.command("up")
@_options(manifest_option, yes_option, result_option, _limit, _until, known_certificates_option)
@click.option("--count", type=click.IntRange(1, 200), help="How many stations. [classroom.count]")
@click.option("--image", "image_id", metavar="AMI", help="The image. [the newest of this project]")
def up(
    manifest: Path | None,
    yes: bool,
    as_json: bool,
    limit: str | None,
    until_text: str | None,
    known_certificates: Path | None,
    count: int | None,
    image_id: str | None,
) -> int:
    """Launch the stations that are missing, start those that are stopped, and wait until all are ready.

    One comes first; only if it is well, the others follow, all at once. Exit code: 0 all are ready, 1 some are not.
    """
    room = _Room(manifest, as_json)
    stations = room.wanted(limit, count)
    intent = room.clones.intent(stations, image_id, until(until_text))
    room.screen.print(_intent_in_words(room, intent))
    if intent.missing or intent.stopped:
        ask("Go on?", yes)
    began = time.monotonic()
    with StationBoard(room.screen, [one.name for one in stations]) as board:
        results = room.clones.up(intent, known_certificates, board.tell)
    return room.finish(results, time.monotonic() - began)


@command.command("start")
@_options(manifest_option, result_option, _limit, _until, known_certificates_option)
def start(
    manifest: Path | None,
    as_json: bool,
    limit: str | None,
    until_text: str | None,
    known_certificates: Path | None,
) -> int:
    """Start stopped stations, and wait until they are ready. Their public addresses are other ones then."""
    room = _Room(manifest, as_json)
    there = room.must_be_there(limit)
    stations = room.stations_of(there)
    began = time.monotonic()
    with StationBoard(room.screen, [one.name for one in stations]) as board:
        results = room.clones.start(stations, until(until_text), known_certificates, board.tell)
    return room.finish(results, time.monotonic() - began)


@command.command("stop")
@_options(manifest_option, result_option, _limit)
def stop(manifest: Path | None, as_json: bool, limit: str | None) -> int:
    """Stop stations: their disks stay and cost a little, the machines cost nothing."""
    room = _Room(manifest, as_json)
    there = room.must_be_there(limit)
    with StationBoard(room.screen, [one.station for one in there]) as board:
        stopped = room.clones.stop(there, board.tell)
    room.screen.print(marked("✓", f"stopped: {ranges([one.station for one in stopped])}"))
    room.after_change()
    if as_json:
        print_json({"stations": [room.as_json_of(one) for one in stopped]})
    return 0


@command.command("down")
@_options(manifest_option, yes_option, result_option, _limit)
def down(manifest: Path | None, yes: bool, as_json: bool, limit: str | None) -> int:
    """Terminate stations, with their disks. The image stays."""
    room = _Room(manifest, as_json)
    there = room.must_be_there(limit)
    names = ranges([one.station for one in there])
    room.screen.print(f"{names} ({len(there)}) and what participants left on their disks will be gone for good.")
    ask("Terminate them?", yes)
    with StationBoard(room.screen, [one.station for one in there]) as board:
        gone = room.clones.down(there, board.tell)
    room.screen.print(marked("✓", f"terminated: {names}"))
    room.after_change()
    if as_json:
        print_json({"stations": [room.as_json_of(one) for one in gone]})
    return 0


@command.command("list")
@_options(manifest_option, result_option, _limit)
def list_(manifest: Path | None, as_json: bool, limit: str | None) -> int:
    """The stations that there are: state, addresses, AE title, since when, until when. Changes nothing."""
    room = _Room(manifest, as_json)
    there = room.clones.find()
    found = [there[name] for name in chosen(limit, sorted(there))] if there else []
    if as_json:
        print_json({"stations": [room.as_json_of(one) for one in found]})
        return 0
    if not found:
        room.screen.print(f"There are no stations of {room.clones.image} in {room.session.region}.")
    for one in found:
        ends = noted_until(one)
        room.screen.print(
            f"  {one.station:<15} {one.state:<9} {one.private:<15} {one.public or '-':<15} "
            f"{room.ae_title(one):<16} since {one.launched.astimezone():%H:%M}"
            f"{f', until {ends.astimezone():%H:%M}' if ends else ''}  {one.id}"
        )
    return 0


@command.command("dns")
@_options(manifest_option, result_option)
def dns(manifest: Path | None, as_json: bool) -> int:
    """Make the stations' DNS names true: A records of the running ones, none of others.

    up, start, stop and down do this too. Records that winbake did not make are left alone.
    """
    room = _Room(manifest, as_json)
    domain = room.clones.classroom.domain
    if not domain:
        raise EngineError("the classroom has no DNS domain", "write classroom.domain into the manifest")
    changes = room.names_made_true(room.clones.find())
    if not changes:
        room.screen.print(f"✓ all names below {domain} are right")
    if as_json:
        print_json({"changes": [{"name": one.name, "address": one.address or None} for one in changes]})
    return 0


# ---- shared ---------------------------------------------------------------------------------------------


class _Room:
    """One call's project, classroom and screen."""

    def __init__(self, manifest: Path | None, as_json: bool) -> None:
        self.project = Project.at(Path.cwd(), manifest)
        loaded, _ = load_manifest(self.project.manifest)
        self.session = AwsSession.of(loaded.aws)
        self.as_json = as_json
        self.screen = console(stderr=as_json)
        self.clones = Clones(
            self.session, loaded, keys_folder(), lambda text: self.screen.print(marked("·", text))
        )

    def wanted(self, limit: str | None, count: int | None) -> list[Station]:
        stations = counted(self.clones.classroom, count).stations()
        names = set(chosen(limit, [one.name for one in stations]))
        return [one for one in stations if one.name in names]

    def must_be_there(self, limit: str | None) -> list[Instance]:
        there = self.clones.find()
        if not there:
            raise EngineError(
                f"there are no stations of {self.clones.image} in {self.session.region}", "python bake.py clones up"
            )
        return [there[name] for name in chosen(limit, sorted(there))]

    def stations_of(self, there: Iterable[Instance]) -> list[Station]:
        """What the manifest says of stations that there are, also beyond its count. Raises EngineError."""
        known = {one.name: one for one in self.clones.classroom.stations(200)}
        names = [one.station for one in there]
        strange = [name for name in names if name not in known]
        if strange:
            raise EngineError(
                f"the manifest knows no {ranges(strange)} (classroom.name)", "terminate them: clones down --limit …"
            )
        return [known[name] for name in names]

    def finish(self, results: list[Ready | Failed], seconds: float) -> int:
        """Says what is ready and what is not, writes the inventory, and gives the exit code."""
        ready = [one for one in results if isinstance(one, Ready)]
        failed = [one for one in results if isinstance(one, Failed)]
        mark = "✗" if failed else "✓"
        self.screen.print(f"{mark} {len(ready)} of {len(results)} stations are ready, {clock(seconds)}")
        for words, names in _by_words(failed).items():
            self.screen.print(marked("✗", f"{ranges(names)}: {words[0]}"))
            if words[1]:
                self.screen.print(f"    Next: {words[1]}")
        self.after_change()
        if failed:
            self.screen.print("  What is ready stays. The same command again launches and starts only what is missing.")
        else:
            self.screen.print(f"  Next: python bake.py doctor -i {classroom_inventory.NAME}")
        if self.as_json:
            print_json(
                {
                    "stations": [self.as_json_of(one.instance) for one in ready],
                    "failed": [{"station": one.station.name, "error": _words(one)[0]} for one in failed],
                }
            )
        return 1 if failed else 0

    def after_change(self) -> None:
        """The inventory and the DNS names say what there is now. Raises EngineError."""
        stations, there = self.clones.classroom.stations(200), self.clones.find()
        path = classroom_inventory.write(self.project, self.session, self.clones.key.file, stations, there)
        self.screen.print(f"  The running stations are in {path.name}.")
        self.names_made_true(there)

    def names_made_true(self, there: Mapping[str, Instance]) -> list[DnsChange]:
        """Nothing without a domain. Raises EngineError."""
        domain = self.clones.classroom.domain
        if not domain:
            return []
        changes = Dns(self.session, self.clones.image, domain, self.clones.tell).make_true(there.values())
        for one in changes:
            self.screen.print(marked("✓", f"{one.name} is {one.address}" if one.address else f"{one.name} is removed"))
        return changes

    def ae_title(self, instance: Instance) -> str:
        return instance.tags.get(tags.AE_TITLE, "")

    def as_json_of(self, one: Instance) -> dict[str, Any]:
        ends = noted_until(one)
        return {
            "station": one.station,
            "id": one.id,
            "state": one.state,
            "private": one.private,
            "address": reachable(self.session, one) if one.state == "running" else "",
            "ae_title": self.ae_title(one),
            "type": one.type,
            "image": one.image,
            "until": ends.isoformat() if ends else None,
        }


def _words(failed: Failed) -> tuple[str, str]:
    words = words_of(failed.error)
    assert words is not None, "a station fails with errors that winbake knows"
    return words


def _by_words(failed: Iterable[Failed]) -> dict[tuple[str, str], list[str]]:
    """Stations that failed for the same reason are said once."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for one in failed:
        grouped.setdefault(_words(one), []).append(one.station.name)
    return grouped


def _intent_in_words(room: _Room, intent: Intent) -> str:
    where = room.session.shown(intent.subnet.zone)
    made = intent.image.made.astimezone()
    lines = []
    count = len(intent.missing) + len(intent.stopped)
    if not count:
        lines.append(f"All {len(intent.stations)} stations are there and run, in {where}.")
    else:
        ends = f", until {intent.until:%H:%M}" if intent.until else ""
        lines.append(f"{count} × {intent.type} in {where} from {intent.image.name} ({made:%Y-%m-%d %H:%M}){ends}")
        if intent.stopped:
            lines.append(f"({len(intent.missing)} to launch, {len(intent.stopped)} to start)")
        lines.append(f"{in_dollars(intent.price, count)}{_whole_price(intent, count)}. {_free(intent.missing)}")
        lines.append(f"Until all can be used it usually takes {USUAL_MINUTES}.")
    if intent.older:
        lines.append(f"! {ranges(intent.older)} run another image than this one; down and up again renews them.")
    return "\n".join(lines)


def _free(missing: list[Station]) -> str:
    if not missing:
        return "No address is needed."
    if len(missing) == 1:
        return f"The address {missing[0].address} is free."
    first, last = missing[0].address, missing[-1].address
    return f"The {len(missing)} addresses from {first} to .{last.rpartition('.')[2]} are free."


def _whole_price(intent: Intent, count: int) -> str:
    if intent.price is None or intent.until is None:
        return ""
    hours = (intent.until - datetime.now(UTC)).total_seconds() / 3600
    return f", {intent.price * count * hours:.0f} USD until {intent.until:%H:%M}"
