"""`clones verify`: every station against manifest and playbook, and whether it is itself: name and AE title."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from winbake.aws.instances import Instance
from winbake.cli.classroom_room import Room
from winbake.cli.failures import print_json
from winbake.cli.fleet import Fleet, Result
from winbake.cli.options import known_certificates_option, manifest_option, result_option
from winbake.cli.plan import errors_as_json, show_errors
from winbake.cli.screen import console
from winbake.cli.verify import note_unread, show, verified_as_json, verify_all, verify_record, wanted_of_all
from winbake.engine.errors import EngineError
from winbake.verify.run import Verified


@click.command("verify")
@manifest_option
@click.option("-p", "--playbook", type=click.Path(dir_okay=False, path_type=Path), help="[playbooks/master.yml]")
@click.option("--limit", metavar="STATIONS", help="Only these: ws03,ws05-ws07 or ws1*.")
@click.option("--user", metavar="NAME", help="Look programs up as this account. [the one the playbook makes]")
@known_certificates_option
@result_option
def command(
    manifest: Path | None,
    playbook: Path | None,
    limit: str | None,
    user: str | None,
    known_certificates: Path | None,
    as_json: bool,
) -> int:
    """Check every station against manifest and playbook, and that it has its own name and AE title. Changes nothing.

    Exit code: 0 all passed, 1 some failed, or a station does not run or could not be read.
    """
    room = Room(manifest, as_json)
    there = room.must_be_there(limit)
    began = time.monotonic()
    results = _verify(room, there, known_certificates, playbook, user)
    seconds = time.monotonic() - began
    verified = [one.value for one in results if one.value is not None]
    errors = errors_as_json(results)
    if as_json:
        print_json({"hosts": [verified_as_json(one) for one in verified], "errors": errors})
    else:
        show(console(), verified, seconds)
        show_errors(results)
    return 0 if all(one.ok for one in verified) and not errors else 1


def _verify(
    room: Room, there: Sequence[Instance], known: Path | None, playbook: Path | None, user: str | None
) -> list[Result[Verified]]:
    """The results in the stations' order; one that is not there, or tells no password, never hides the others."""
    found = {one.station: _not_running(one) for one in there if one.state != "running"}
    running = [one.station for one in there if one.state == "running"]
    if running:
        room.stations_of(one for one in there if one.station in running)
        room.write_inventory(room.clones.find())
        targets = room.targets(running, known, playbook)
        asked = Fleet().run(running, targets.address_of)
        found |= {one.host: Result(one.host, error=one.error) for one in asked if one.error is not None}
        addresses = {one.host: one.value for one in asked if one.value is not None}
        if addresses:
            reached = replace(targets, hosts=[host for host in targets.hosts if host.name in addresses])
            wanted = wanted_of_all(reached, user)
            with verify_record(reached, addresses, list(found)) as record:
                for name, result in found.items():
                    if result.error is not None:
                        note_unread(record, name, result.error)
                for one in verify_all(reached, wanted, addresses, record, console(stderr=True)):
                    found[one.host] = one
                record.write("end")
    return [found[one.station] for one in there]


def _not_running(one: Instance) -> Result[Verified]:
    step = f"python bake.py clones start --limit {one.station}"
    return Result(one.station, error=EngineError(f"{one.station} is {one.state}", step))
