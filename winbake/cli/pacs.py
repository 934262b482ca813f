"""`pacs`: the classroom's PACS: render, plan and deploy its configuration, check the DICOM network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from winbake.cli.apply import ApplyRun, exit_code_of_apply, results_as_json
from winbake.cli.failures import needs_extra, print_json
from winbake.cli.options import connection_options, manifest_option, yes_option
from winbake.cli.plan import errors_as_json, exit_code_of_plans, plan_all, show_plans
from winbake.cli.screen import console, marked
from winbake.cli.targets import Targets
from winbake.config.manifest import load_manifest
from winbake.config.orthanc import System
from winbake.config.project import Project
from winbake.config.secret import Secret
from winbake.engine.plan import Selection
from winbake.engine.saved import plan_as_json
from winbake.pacs.configuration import PASSWORD_VARIABLE, of_pacs, of_station


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


def _deployment_options(function: Callable[..., int]) -> Callable[..., int]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="The result as JSON on standard output."),
        click.option("--accept-new-host-keys", is_flag=True, help="Pin an SSH key never seen before, unasked."),
        connection_options,
        click.option("--stations", is_flag=True, help="The stations' own Orthancs instead of the PACS."),
        click.option("--limit", metavar="HOSTS", help="Only these hosts or groups; commas, wildcards, !not."),
        click.option("-i", "--inventory", type=click.Path(dir_okay=False, path_type=Path), help="[inventory.yaml]"),
        manifest_option,
    ):
        function = option(function)
    return function


@command.command("plan")
@_deployment_options
def plan(as_json: bool, **given: Any) -> int:
    """Show what `pacs deploy` would change on the PACS's machine; change nothing.

    Exit code: 0 nothing to change, 2 changes, 1 error.
    """
    targets = _targets(**given)
    results = plan_all(targets, Selection())
    plans = [one.value for one in results if one.value is not None]
    if as_json:
        bodies = [plan_as_json(one.plan, one.facts, one.wish.digest, one.selection) for one in plans]
        print_json({"hosts": bodies, "errors": errors_as_json(results)})
    else:
        show_plans(targets, results, hint=False)
    return exit_code_of_plans(results)


@command.command("deploy")
@_deployment_options
@yes_option
def deploy(as_json: bool, yes: bool, **given: Any) -> int:
    """Plan, ask, put Orthanc's configuration in its place, restart Orthanc, and prove it by reading the host again.

    Goes to the hosts of the inventory's group `pacs`: Windows over WinRM, Linux over SSH. Where Orthanc does not run
    with the new configuration the old one is put back. Exit code: 0 everything is as wanted, 1 not.
    """
    run = ApplyRun(_targets(**given), Selection(), quiet=as_json)
    results = run.execute(ask=not yes)
    if as_json:
        print_json(results_as_json(results))
    return exit_code_of_apply(run, results)


def _targets(
    manifest: Path | None,
    inventory: Path | None,
    limit: str | None,
    stations: bool,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    accept_new_host_keys: bool,
) -> Targets:
    from winbake.cli.pacs_targets import PacsTargets  # fabric takes its time to load

    return PacsTargets.of(
        manifest,
        inventory,
        limit,
        stations=stations,
        accept_new=accept_new_certificates,
        known_certificates=known_certificates,
        accept_new_host_keys=accept_new_host_keys,
        password=password_of_pacs(),
    )


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
