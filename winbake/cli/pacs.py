"""`pacs`: the classroom's PACS: render its configuration."""

from __future__ import annotations

import os
from pathlib import Path

import click

from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.config.secret import Secret
from winbake.pacs.configuration import PASSWORD_VARIABLE, System, of_pacs, of_station

_manifest = click.option(
    "-m", "--manifest", type=click.Path(dir_okay=False, path_type=Path), help="Manifest. [manifest.yaml]"
)


@click.group("pacs")
def command() -> None:
    """The classroom's PACS, an Orthanc that knows every station."""


@command.command("render")
@_manifest
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


def password_of_pacs() -> Secret | None:
    """From the environment; None where it is not set."""
    given = os.environ.get(PASSWORD_VARIABLE)
    return Secret(given, PASSWORD_VARIABLE) if given else None
