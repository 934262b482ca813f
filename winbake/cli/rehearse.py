"""`rehearse`: the whole story on this machine, or hosts to try things on."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from pathlib import Path

import click

from winbake.cli.failures import needs_extra, print_json
from winbake.cli.lab_files import write_lab_files
from winbake.cli.lab_story import LabStory
from winbake.cli.options import manifest_option
from winbake.cli.screen import console
from winbake.cli.targets import PASSWORD_VARIABLE
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.rehearsal.lab import USER, Lab
from winbake.rehearsal.standins.model import StandInError
from winbake.rehearsal.windows.faults import FAULTS, UnknownFault

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("rehearse")
@click.option("--serve", is_flag=True, help="Keep simulated hosts up until Ctrl-C, for any WinRM client.")
@click.option("--shell", is_flag=True, help="A PowerShell prompt on a simulated host; or a script from a pipe.")
@click.option("--stations", type=click.IntRange(1, 60), default=20, show_default=True, help="Stations.")
@click.option("--bake-only", is_flag=True, help="Hosts alone: bake, raise versions, lock down; no AWS, no classroom.")
@click.option("--hosts", type=click.IntRange(1, 40), default=1, show_default=True, help="How many hosts.")
@click.option("--inventory-out", type=_FILE, help="With --serve: write an inventory that every verb takes with -i.")
@click.option("--state", type=_FILE, help="Keep the first host's state in this file between runs.")
@click.option(
    "--standins", type=_FOLDER, multiple=True, help="A folder with more stand-in installers (docs/standins.md)."
)
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME[:KEY=VALUE,…]", help="Make something go wrong; list shows what."
)
@click.option(
    "--release", type=click.Choice(["2019", "2022", "2025"]), default="2022", show_default=True, help="Windows Server."
)
@click.option(
    "--speed",
    type=click.FloatRange(1, 1000),
    default=60.0,
    show_default=True,
    help="How much faster the hosts' clocks run.",
)
@click.option("--bump", multiple=True, metavar="TOOL", help="Raise only this tool in the story. [all that can]")
@manifest_option
@click.option("-p", "--playbook", type=_FILE, help="Playbook. [playbooks/master.yml]")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
def command(
    serve: bool,
    shell: bool,
    stations: int,
    bake_only: bool,
    hosts: int,
    inventory_out: Path | None,
    state: Path | None,
    standins: tuple[Path, ...],
    faults: tuple[str, ...],
    release: str,
    speed: float,
    bump: tuple[str, ...],
    manifest: Path | None,
    playbook: Path | None,
    as_json: bool,
) -> int:
    """Play the whole story: launch a master, bake and prove it, raise versions, make the image, start the classroom,
    tear it all down.

    AWS and the hosts are simulated on this machine, the protocols are real: the code that runs is the code that ships.
    --hosts, --state and --fault rehearse the bake alone. What a rehearsal does and does not show: docs/rehearsal.md.
    Exit code: 0 the story ended as it should, 1 not.
    """
    if faults == ("list",):
        for name, words in FAULTS.items():
            click.echo(f"{name:22} {words}")
        return 0
    project = Project.at(Path.cwd(), manifest, None, playbook)
    if not (serve or shell or bake_only or hosts > 1 or state or faults):
        return _play_all(project, stations, bump, standins, release, speed, as_json)
    given = os.environ.get(PASSWORD_VARIABLE)
    password = given or secrets.token_urlsafe(12) + "aA1!"
    try:
        lab = Lab(
            password, hosts, release=release, speed=speed, standins=standins, state_file=state, fault_texts=faults
        )
    except (StandInError, UnknownFault) as error:
        raise EngineError(str(error), "see docs/standins.md and: rehearse --fault list") from None
    except ValueError as error:
        raise EngineError(str(error)) from None
    with lab:
        if shell:
            from winbake.cli.rehearsal_shell import open_shell

            try:
                return open_shell(lab.hosts[0].host)
            finally:
                lab.save()
        if serve:
            return _serve(lab, inventory_out, password_known=given is not None)
        story = LabStory(lab, project, bump, quiet=as_json)
        code = story.tell()
        lab.save()
        if as_json:
            print_json(story.as_json())
        return code


def _play_all(
    project: Project,
    stations: int,
    bump: tuple[str, ...],
    standins: tuple[Path, ...],
    release: str,
    speed: float,
    as_json: bool,
) -> int:
    with needs_extra("rehearse"):  # boto3 and moto take their time to load
        from winbake.cli.classroom_story import ClassroomStory
        from winbake.rehearsal.aws.cloud import Cloud

    try:
        cloud = Cloud(speed, standins=standins, release=release)
    except StandInError as error:
        raise EngineError(str(error), "see docs/standins.md") from None
    with cloud:
        story = ClassroomStory(cloud, project, bump, stations, quiet=as_json)
        code = story.tell()
    if as_json:
        print_json(story.as_json())
    return code


# ---- hosts to try things on -----------------------------------------------------------------------------


def _serve(lab: Lab, inventory: Path | None, *, password_known: bool) -> int:
    screen = console()
    written = write_lab_files(lab, inventory, password_known=password_known) if inventory else []
    for one in lab.hosts:
        screen.print(f"{one.name:9} {one.endpoint.https_url}  NTLM or Basic, certificate {one.certificate[:16]}…")
        screen.print(f"{'':9} {one.endpoint.http_url}  NTLM with message encryption")
    screen.print(f"User {USER}, password {'as in ' + PASSWORD_VARIABLE if password_known else lab.password}")
    if inventory:
        screen.print(f"Inventory {inventory}: python bake.py plan -i {inventory}")
    screen.print(f"Counters: GET {lab.hosts[0].endpoint.http_url.removesuffix('/wsman')}/rehearsal/counters")
    screen.print("Ctrl-C ends the hosts.")
    sys.stdout.flush()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        while not stop.wait(0.5):
            pass
    except KeyboardInterrupt:
        screen.print("\nEnding.")
    finally:
        lab.save()
        for path in written:
            path.unlink(missing_ok=True)
    return 0
