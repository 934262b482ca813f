"""`master`: the instance that is baked: up, rdp, password, stop, start, down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from winbake.aws.instances import Instance, reachable
from winbake.aws.keys import keys_folder
from winbake.aws.master import USUAL_MINUTES, Intent, Master, Ready
from winbake.aws.prices import in_dollars
from winbake.aws.session import AwsSession
from winbake.cli.failures import print_json
from winbake.cli.options import known_certificates_option, manifest_option, result_option, yes_option
from winbake.cli.screen import ask, clock, console, marked
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.report.rdp import write_rdp

HOST = "master"
"""The host of the inventory that the master is."""
_HEAD = "# Written by `bake.py master up`, which overwrites it.\n"


@click.group("master")
def command() -> None:
    """The machine that is baked: one EC2 instance, found by its tags."""


@command.command("up")
@manifest_option
@yes_option
@result_option
@known_certificates_option
@click.option("--from-image", metavar="ID", help="Start from an image of this project: its id, or newest.")
def up(
    manifest: Path | None, yes: bool, as_json: bool, known_certificates: Path | None, from_image: str | None
) -> int:
    """Launch the master, or start it, and wait until it can be baked.

    Its address goes to host_vars/master.yaml, beside the inventory; plan and apply find it there.
    """
    master, project = _master(manifest, quiet=as_json)
    screen = console(stderr=as_json)
    intent = master.intent(from_image)
    screen.print(_intent_in_words(master, intent))
    if intent.existing is None or intent.existing.state != "running":
        ask("Go on?", yes)
    ready = master.up(intent, known_certificates)
    written = _write_host_vars(project, master, ready)
    screen.print(f"✓ {ready.instance.name} is ready at {ready.address}, {clock(ready.seconds)}")
    place = f"{written.parent.name}/{written.name}"
    screen.print(f"  certificate SHA-256 {ready.fingerprint[:16]}…, pinned; address in {place}")
    screen.print("  Next: python bake.py plan")
    if as_json:
        print_json(_as_json(ready.instance, ready.address) | {"certificate": ready.fingerprint})
    return 0


@command.command("start")
@manifest_option
@yes_option
@result_option
@known_certificates_option
@click.pass_context
def start(context: click.Context, /, **options: Any) -> int:
    """Start the stopped master again; the same as up."""
    return int(context.invoke(up, **options))


@command.command("stop")
@manifest_option
@result_option
def stop(manifest: Path | None, as_json: bool) -> int:
    """Stop the master: its disk stays and costs a little, the machine costs nothing."""
    master, _ = _master(manifest, quiet=as_json)
    stopped = master.stop()
    console(stderr=as_json).print(f"✓ {stopped.name} ({stopped.id}) is stopped")
    if as_json:
        print_json(_as_json(stopped, ""))
    return 0


@command.command("down")
@manifest_option
@yes_option
@result_option
def down(manifest: Path | None, yes: bool, as_json: bool) -> int:
    """Terminate the master, with its disk. Images made from it stay."""
    master, _ = _master(manifest, quiet=as_json)
    found = master.must_find()
    console(stderr=as_json).print(f"{found.name} ({found.id}, {found.state}) and its disk will be gone for good.")
    ask("Terminate it?", yes)
    gone = master.down()
    console(stderr=as_json).print(f"✓ {gone.name} ({gone.id}) is terminated")
    if as_json:
        print_json(_as_json(gone, ""))
    return 0


@command.command("password")
@manifest_option
def password(manifest: Path | None) -> int:
    """Print Administrator's first password, opened with the key pair. Nothing else is printed."""
    master, _ = _master(manifest, quiet=True)
    click.echo(master.password().reveal())
    return 0


@command.command("rdp")
@manifest_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the .rdp file only.")
def rdp(manifest: Path | None, output: Path | None) -> int:
    """Open Remote Desktop to the master: writes master.rdp and, on Windows and macOS, opens it."""
    master, project = _master(manifest, quiet=False)
    found = master.must_find()
    if found.state != "running":
        raise EngineError(f"{found.name} is {found.state}", "python bake.py master start")
    path = output or project.root / "master.rdp"
    write_rdp(path, reachable(master.session, found), "Administrator")
    click.echo(f"{path}: Administrator at {reachable(master.session, found)}; the password: bake.py master password")
    opener = {"win32": ["mstsc", str(path)], "darwin": ["open", str(path)]}.get(sys.platform)
    if opener and output is None:
        subprocess.run(opener, check=False)
    return 0


# ---- shared ---------------------------------------------------------------------------------------------


def _master(manifest: Path | None, quiet: bool) -> tuple[Master, Project]:
    project = Project.at(Path.cwd(), manifest)
    loaded, _ = load_manifest(project.manifest)
    session = AwsSession.of(loaded.aws)
    screen = console(stderr=quiet)
    return Master(session, loaded, keys_folder(), lambda text: screen.print(marked("·", text))), project


def _intent_in_words(master: Master, intent: Intent) -> str:
    where = master.session.shown()
    price = in_dollars(intent.price)
    if intent.existing is None:
        assert intent.image is not None
        return (
            f"Launch {intent.type} in {where} from {intent.image.name}, {master.manifest.aws.disk_gb} GB: {price} "
            f"while it runs. Until it can be baked it usually takes {USUAL_MINUTES}."
        )
    found = intent.existing
    return f"{found.name} is there: {found.id}, {found.type}, {found.state}, in {where}; {price} while it runs."


def _write_host_vars(project: Project, master: Master, ready: Ready) -> Path:
    """The master's address for the inventory. A file that a person wrote is left alone."""
    path = project.inventory.parent / "host_vars" / f"{HOST}.yaml"
    if path.exists() and not path.read_text(encoding="utf-8").startswith(_HEAD):
        raise EngineError(
            f"{path} was not written by winbake, so it is left as it is",
            f"write into it: ansible_host: {ready.address}; or delete it and run master up again",
        )
    path.parent.mkdir(exist_ok=True)
    body = {
        "ansible_host": ready.address,
        "winbake_instance": ready.instance.id,
        "winbake_region": master.session.region,
        "winbake_key": str(master.key.file),
    }
    path.write_text(_HEAD + yaml.safe_dump(body, sort_keys=False), encoding="utf-8")
    return path


def _as_json(instance: Instance, address: str) -> dict[str, Any]:
    return {
        "id": instance.id,
        "name": instance.name,
        "state": instance.state,
        "type": instance.type,
        "private": instance.private,
        "address": address,
    }
