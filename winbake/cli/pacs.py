"""`pacs`: the classroom's PACS: render its configuration, check the DICOM network."""

from __future__ import annotations

import os
from pathlib import Path

import click

from winbake.cli.failures import needs_extra, print_json
from winbake.cli.options import manifest_option
from winbake.cli.screen import console, marked
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.config.secret import Secret
from winbake.pacs.configuration import PASSWORD_VARIABLE, System, of_pacs, of_station


@click.group("pacs")
def command() -> None:
    """The classroom's PACS, an Orthanc that knows every station."""


@command.command("render")
@manifest_option
@click.option("--station", metavar="NAME", help="A station's own Orthanc instead of the PACS, as ws03.")
@click.option("--for", "system", type=click.Choice(["windows", "linux"]), help="Folders of this system. [the PACS's]")
@click.option("--with-secrets", is_flag=True, help=f"With the password of {PASSWORD_VARIABLE}; masked otherwise.")
def render(manifest: Path | None, station: str | None, system: System | None, with_secrets: bool) -> int:
    """Print Orthanc's configuration as one JSON. Changes nothing."""
    loaded, _ = load_manifest(Project.at(Path.cwd(), manifest).manifest)
    password = password_of_pacs()
    if station is None:
        wanted = of_pacs(loaded.classroom, system, password)
    else:
        wanted = of_station(loaded.classroom, station, system, password)
    click.echo(wanted.text(with_secrets=with_secrets), nl=False)
    return 0


@command.command("check")
@manifest_option
@click.option("--images", type=click.IntRange(1, 500), default=10, show_default=True, help="Of the test series.")
@click.option("--limit", type=click.FloatRange(1, 600), default=10, show_default=True, help="Seconds for one call.")
@click.option("--no-public", is_flag=True, help="Leave the public nodes alone.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON on standard output.")
def check(manifest: Path | None, images: int, limit: float, no_public: bool, as_json: bool) -> int:
    """Ask the PACS, and send a test series from it to every station. Exit code: 0 all is as wanted, 1 not.

    The echo of each pair is sent from this machine, with one station's AE title to another station's address: run this
    where the stations are reached. Public nodes are asked by C-ECHO and C-FIND; a failure there is a warning.
    The test series is removed from the PACS; stations keep what came.
    """
    # Only here: pynetdicom and pydicom are not needed for the configuration.
    with needs_extra("pacs check"):
        from winbake.cli.pacs_matrix import as_json as found_as_json
        from winbake.cli.pacs_matrix import show
        from winbake.pacs.check import Limits
        from winbake.pacs.check import check as check_classroom
    loaded, _ = load_manifest(Project.at(Path.cwd(), manifest).manifest)
    screen = console(stderr=as_json)
    found = check_classroom(
        loaded.classroom,
        () if no_public else loaded.pacs_nodes,
        password_of_pacs(),
        images=images,
        limits=Limits(limit, limit + images),
        tell=lambda text: screen.print(marked("·", text)),
    )
    if as_json:
        print_json(found_as_json(found))
    else:
        show(screen, found)
    return 0 if found.ok else 1


def password_of_pacs() -> Secret | None:
    """From the environment; None where it is not set."""
    given = os.environ.get(PASSWORD_VARIABLE)
    return Secret(given, PASSWORD_VARIABLE) if given else None
