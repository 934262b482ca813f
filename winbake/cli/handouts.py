"""`handouts`: what participants get: cards to print, .rdp files, tables."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich.console import Console

from winbake.aws import instances, tags
from winbake.aws.errors import AwsError
from winbake.aws.instances import Instance, reachable
from winbake.aws.session import AwsSession
from winbake.cli.failures import print_json
from winbake.cli.options import manifest_option
from winbake.cli.screen import console, marked
from winbake.config.classroom import Station
from winbake.config.manifest import Manifest, load_manifest
from winbake.config.project import Project
from winbake.config.secret import Secret
from winbake.engine.errors import EngineError
from winbake.report import handouts
from winbake.report.handouts import Card, Handout

PASSWORD_VARIABLE = "WINBAKE_PARTICIPANT_PASSWORD"
MOST_STATIONS = 200


@click.command("handouts")
@manifest_option
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder. [handouts]")
@click.option("--with-password", is_flag=True, help=f"On the cards, from {PASSWORD_VARIABLE}.")
@click.option("--password-in-tables", is_flag=True, help="With it also stations.csv and stations.json.")
@click.option("--no-aws", is_flag=True, help="Do not ask AWS which stations run.")
@click.option("--json", "as_json", is_flag=True, help="stations.json on standard output too.")
def command(
    manifest: Path | None,
    output: Path | None,
    with_password: bool,
    password_in_tables: bool,
    no_aws: bool,
    as_json: bool,
) -> int:
    """Write the handouts: cards.html to print (A4, four stations a page), a .rdp file and a text a station, tables.

    Participants connect to the DNS name where the classroom has a domain; else to the public address of the running
    station. The password is left out unless asked for. More: docs/handouts.md.
    """
    if password_in_tables and not with_password:
        raise EngineError("--password-in-tables goes with --with-password", "give both")
    project = Project.at(Path.cwd(), manifest)
    loaded, _ = load_manifest(project.manifest)
    screen = console(stderr=as_json)
    session = AwsSession.of(loaded.aws)
    there = {} if no_aws else _stations_there(screen, session, loaded)
    cards = tuple(_card(session, one, there.get(one.name)) for one in loaded.classroom.stations())
    handout = Handout(
        title=loaded.image.description or loaded.image.name,
        user=loaded.classroom.user,
        cards=cards,
        pacs=loaded.classroom.pacs,
        nodes=tuple(loaded.pacs_nodes),
        password=_password() if with_password else None,
        password_in_tables=password_in_tables,
    )
    folder = output or project.root / "handouts"
    handouts.write(handout, folder, loaded.classroom.stations(MOST_STATIONS))
    _tell(screen, handout, folder)
    if as_json:
        print_json(json.loads(handout.json()))
    return 0


def _stations_there(screen: Console, session: AwsSession, manifest: Manifest) -> dict[str, Instance]:
    try:
        return {one.station: one for one in instances.find(session, manifest.image.name, tags.CLONE)}
    except AwsError as error:
        screen.print(marked("!", f"AWS does not tell which stations run: {error.what}"))
        return {}


def _card(session: AwsSession, station: Station, there: Instance | None) -> Card:
    public = reachable(session, there) if there is not None and there.state == "running" else ""
    connect = station.dns_name or public or station.address
    return Card(station, connect, there.state if there else "", public)


def _password() -> Secret:
    given = os.environ.get(PASSWORD_VARIABLE)
    if not given:
        raise EngineError("there is no password to print", f"set {PASSWORD_VARIABLE}, or leave --with-password out")
    return Secret(given, PASSWORD_VARIABLE)


def _tell(screen: Console, handout: Handout, folder: Path) -> None:
    cards = handout.cards
    screen.print(f"✓ {len(cards)} stations in {folder}{os.sep}")
    screen.print(f"  {handouts.CARDS}  to print on A4, four stations a page")
    screen.print(f"  {cards[0].station.name}.rdp, {cards[0].station.name}.txt …  one a station")
    screen.print(f"  {handouts.CSV}, {handouts.JSON}  the same as tables")
    private = [one.station.name for one in cards if one.connect == one.station.address and not one.public]
    if private:
        screen.print(
            marked("!", f"{len(private)} stations have neither a DNS name nor a public address now: their private one ")
        )
        screen.print("    stands there, which is reached inside AWS only.")
        screen.print("    Next: run this again when the stations run, or set classroom.domain in the manifest")
    elif not cards[0].station.dns_name:
        screen.print(marked("!", "Public addresses change when a station is stopped and started: print on the day."))
    if handout.password:
        screen.print(marked("!", "The password stands in the cards: do not put that file where others read it."))
    else:
        screen.print("  The password is not in them: participants write it on the card (--with-password prints it).")
