"""`clones`: the stations of a classroom: up, list, start, stop, down, dns; verify has a file of its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from winbake.aws.clones import USUAL_MINUTES, Intent, noted_until
from winbake.aws.instances import Instance
from winbake.aws.prices import hourly_price, in_dollars
from winbake.cli.classroom_room import Room
from winbake.cli.clones_verify import command as verify_command
from winbake.cli.failures import print_json
from winbake.cli.options import known_certificates_option, manifest_option, result_option, yes_option
from winbake.cli.screen import ask, marked
from winbake.cli.station_board import StationBoard, ranges
from winbake.cli.station_choice import chosen, until
from winbake.config.classroom import Station
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
@click.option("--skip-verify", is_flag=True, help="Do not verify the first station before the others are launched.")
def up(
    manifest: Path | None,
    yes: bool,
    as_json: bool,
    limit: str | None,
    until_text: str | None,
    known_certificates: Path | None,
    count: int | None,
    image_id: str | None,
    skip_verify: bool,
) -> int:
    """Launch the stations that are missing, start those that are stopped, and wait until all are ready.

    One comes first; only if it is well and passes its verification, the others follow, all at once. Exit code: 0 all
    are ready, 1 some are not.
    """
    room = Room(manifest, as_json)
    stations = room.wanted(limit, count)
    intent = room.clones.intent(stations, image_id, until(until_text))
    room.screen.print(_intent_in_words(room, intent))
    if intent.missing or intent.stopped:
        ask("Go on?", yes)
    began = time.monotonic()
    proof = None if skip_verify else (lambda first: room.prove(first, known_certificates))
    with StationBoard(room.screen, [one.name for one in stations]) as board:
        results = room.clones.up(intent, known_certificates, board.tell, proof)
    return room.finish(results, time.monotonic() - began)


@command.command("start")
@_options(manifest_option, yes_option, result_option, _limit, _until, known_certificates_option)
def start(
    manifest: Path | None,
    yes: bool,
    as_json: bool,
    limit: str | None,
    until_text: str | None,
    known_certificates: Path | None,
) -> int:
    """Start stopped stations, and wait until they are ready. Their public addresses are other ones then."""
    room = Room(manifest, as_json)
    there = room.must_be_there(limit)
    stations = room.stations_of(there)
    ends = until(until_text)
    stopped = [one for one in there if one.state in ("stopping", "stopped")]
    if stopped:
        room.screen.print(_start_in_words(room, stopped, ends))
        ask("Go on?", yes)
    began = time.monotonic()
    with StationBoard(room.screen, [one.name for one in stations]) as board:
        results = room.clones.start(stations, ends, known_certificates, board.tell)
    return room.finish(results, time.monotonic() - began)


@command.command("stop")
@_options(manifest_option, result_option, _limit)
def stop(manifest: Path | None, as_json: bool, limit: str | None) -> int:
    """Stop stations: their disks stay and cost a little, the machines cost nothing."""
    room = Room(manifest, as_json)
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
    room = Room(manifest, as_json)
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
    room = Room(manifest, as_json)
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
    room = Room(manifest, as_json)
    domain = room.clones.classroom.domain
    if not domain:
        raise EngineError("the classroom has no DNS domain", "write classroom.domain into the manifest")
    changes = room.names_made_true(room.clones.find())
    if not changes:
        room.screen.print(f"✓ all names below {domain} are right")
    if as_json:
        print_json({"changes": [{"name": one.name, "address": one.address or None} for one in changes]})
    return 0


command.add_command(verify_command)


def _intent_in_words(room: Room, intent: Intent) -> str:
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
        whole = _whole_price(intent.price, intent.until, count)
        lines.append(f"{in_dollars(intent.price, count)}{whole}. {_free(intent.missing)}")
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


def _start_in_words(room: Room, stopped: list[Instance], ends: datetime | None) -> str:
    """They cost again what they are, not what the manifest would launch now."""
    count, kinds = len(stopped), Counter(one.type for one in stopped)
    prices = {kind: hourly_price(room.session, kind) for kind in kinds}
    known = [price * kinds[kind] for kind, price in prices.items() if price is not None]
    each = sum(known) / count if len(known) == len(kinds) else None
    what = ", ".join(f"{number} × {kind}" for kind, number in sorted(kinds.items()))
    return (
        f"To start: {ranges([one.station for one in stopped])} ({what}) in {room.session.shown()}"
        f"{f', until {ends:%H:%M}' if ends else ''}\n"
        f"{in_dollars(each, count)}{_whole_price(each, ends, count)}, once they run."
    )


def _whole_price(each: float | None, ends: datetime | None, count: int) -> str:
    if each is None or ends is None:
        return ""
    hours = (ends - datetime.now(UTC)).total_seconds() / 3600
    return f", {each * count * hours:.0f} USD until {ends:%H:%M}"
