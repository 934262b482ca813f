"""`images`: what was baked, newest first."""

from __future__ import annotations

from pathlib import Path

import click

from winbake.aws import images, tags
from winbake.aws.session import AwsSession
from winbake.cli.failures import print_json
from winbake.cli.options import manifest_option
from winbake.cli.screen import console
from winbake.cli.snapshot import image_as_json
from winbake.config.manifest import load_manifest
from winbake.config.project import Project


@click.command("images")
@manifest_option
@click.option("--region", help="Look in this region. [the manifest's]")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON on standard output.")
def command(manifest: Path | None, region: str | None, as_json: bool) -> int:
    """List the images of this project, newest first."""
    loaded, _ = load_manifest(Project.at(Path.cwd(), manifest).manifest)
    session = AwsSession.of(loaded.aws)
    found = images.find(session, loaded.image.name, region)
    if as_json:
        print_json([image_as_json(one) for one in found])
        return 0
    screen = console()
    for one in found:
        git = one.tags.get(tags.GIT, "none")
        words = [one.id, one.state, one.created[:16].replace("T", " "), one.name]
        words += [f"git {git[:10]}"] if git != "none" else []
        words += [f"copy of {one.tags[tags.COPY_OF]}"] if one.copy else []
        screen.print("  ".join(words))
    if not found:
        screen.print(f"there is no image of {loaded.image.name} in {region or session.region}")
    return 0
