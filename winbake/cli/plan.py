"""`plan`: what would change. Exit 0 nothing, 2 changes, 1 error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from winbake.cli.after_lockdown import told_if_locked_down
from winbake.cli.failures import print_json, words_of
from winbake.cli.fleet import Fleet, Result
from winbake.cli.options import connection_options, names, project_options, selection_options
from winbake.cli.screen import console, marked
from winbake.cli.show_plan import show_plan
from winbake.cli.targets import Targets
from winbake.engine.plan import Selection
from winbake.engine.record import RunRecord
from winbake.engine.run import Planned, plan_host
from winbake.engine.saved import plan_as_json, write_plans


@click.command("plan")
@project_options
@selection_options
@connection_options
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan to this file.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON on standard output.")
def command(
    manifest: Path | None,
    inventory: Path | None,
    playbook: Path | None,
    limit: str | None,
    tags: str | None,
    skip: str | None,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Show what would change on each host; change nothing.

    Exit code: 0 nothing to change, 2 changes, 1 error.
    """
    targets = Targets.load(
        manifest, inventory, playbook, limit, accept_new=accept_new_certificates, known_certificates=known_certificates
    )
    results = plan_all(targets, Selection(names(tags), names(skip)))
    plans = [r.value for r in results if r.value is not None]
    bodies = [plan_as_json(p.plan, p.facts, p.wish.digest, p.selection) for p in plans]
    if output is not None and len(plans) == len(results):
        write_plans(output, bodies)
    if as_json:
        print_json({"hosts": bodies, "errors": errors_as_json(results)})
    else:
        show_plans(targets, results, output)
    return exit_code_of_plans(results)


def plan_all(targets: Targets, selection: Selection) -> list[Result[Planned]]:
    """Plans every host at once. Raises ConfigError before any host is asked."""
    wishes = targets.wishes()
    addresses = targets.addresses()
    hosts = {host.name: host for host in targets.hosts}
    fleet = Fleet()

    def work(name: str) -> Planned:
        session = fleet.sessions[name] = targets.connect(hosts[name], addresses[name])
        note = note_on_screen(console(stderr=True), name)
        with RunRecord(name, "plan", None) as record, told_if_locked_down(targets.project.runs, addresses[name]):
            return plan_host(session, name, wishes[name], selection, record, note)

    return fleet.run_and_close(hosts, work)


def note_on_screen(screen: Console, host: str) -> Callable[[str], None]:
    """Tells at once what the reading of one host will take long for."""
    return lambda text: screen.print(marked("·", f"{host}  {text}"))


def errors_as_json(results: list[Result[Any]]) -> list[dict[str, str]]:
    errors = []
    for result in results:
        if result.error is not None:
            words = words_of(result.error)
            if words is None:
                raise result.error
            errors.append({"host": result.host, "error": words[0], "next": words[1]})
    return errors


def show_errors(results: list[Result[Any]]) -> None:
    screen = console(stderr=True)
    for error in errors_as_json(results):
        prefix = "" if error["error"].startswith(error["host"]) else f"{error['host']}: "
        screen.print(f"✗ {prefix}{error['error']}", style="red")
        if error["next"]:
            screen.print(f"  Next: {error['next']}")


def show_plans(
    targets: Targets, results: list[Result[Planned]], output: Path | None = None, hint: bool = True
) -> None:
    screen = console()
    addresses = {host.name: host.address for host in targets.hosts}
    for index, result in enumerate(results):
        if result.value is not None:
            if index:
                screen.print()
            show_plan(screen, result.value.plan, addresses[result.host], str(output) if output else None, hint)
    show_errors(results)


def exit_code_of_plans(results: list[Result[Planned]]) -> int:
    if any(r.value is None or r.value.plan.problems for r in results):
        return 1
    return 2 if any(r.value is not None and r.value.plan.changed for r in results) else 0
