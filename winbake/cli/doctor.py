"""`doctor`: which layer between here and a host fails, and the likely causes with a test for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from winbake.cli.after_lockdown import why_closed
from winbake.cli.failures import print_json
from winbake.cli.options import connection_options
from winbake.cli.screen import console, marked
from winbake.cli.targets import Targets
from winbake.hosts.errors import NotYetSupported
from winbake.hosts.probe import ProbeStep, Status, probe

_MARKS = {Status.OK: "✓", Status.FAILED: "✗", Status.NOT_REACHED: "·"}


@click.command("doctor")
@click.argument("host", required=False)
@click.option("-i", "--inventory", type=click.Path(dir_okay=False, path_type=Path), help="Inventory. [inventory.yaml]")
@click.option("--limit", metavar="HOSTS", help="Only these hosts or groups.")
@connection_options
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON on standard output.")
def command(
    host: str | None,
    inventory: Path | None,
    limit: str | None,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    as_json: bool,
) -> int:
    """Probe HOST (or every host) layer by layer and name the first that fails.

    Exit code: 0 all well, 1 something failed.
    """
    targets = Targets.load(
        None,
        inventory,
        None,
        limit,
        among=host or "all",
        accept_new=accept_new_certificates,
        known_certificates=known_certificates,
    )
    screen = console()
    addresses = targets.addresses()
    bodies = []
    failed = False
    for index, target in enumerate(targets.hosts):
        if target.connection != "winrm":
            raise NotYetSupported(f"connections by {target.connection} are not there yet", target.name)
        address = addresses[target.name]
        steps = []
        if not as_json:
            screen.print(f"{chr(10) if index else ''}{target.name}  {address.endpoint.removesuffix('/wsman')}")
        for step in probe(address, targets.certificates(target)):
            steps.append(step)
            if not as_json:
                _show(screen, step)
        failed = failed or any(step.status is Status.FAILED for step in steps)
        closed = why_closed(targets.project.runs, address) if steps[-1].status is Status.NOT_REACHED else None
        if closed and not as_json:
            screen.print(f"  {closed}")
        bodies.append({"host": target.name, "steps": [_as_json(step) for step in steps], "locked_down": closed})
    if as_json:
        print_json({"hosts": bodies})
    return 1 if failed else 0


def _show(screen: Any, step: ProbeStep) -> None:
    mark = "!" if step.remark and step.status is Status.OK else _MARKS[step.status]
    detail = step.detail or ("not reached" if step.status is Status.NOT_REACHED else "")
    screen.print(marked(mark, f"{step.layer:<15} {detail}"))
    for number, cause in enumerate(step.causes):
        word = "Likely" if number == 0 else "Or"
        screen.print(f"      {word}: {cause.text}")
        screen.print(f"        Test: {cause.test}")


def _as_json(step: ProbeStep) -> dict[str, Any]:
    return {
        "layer": step.layer,
        "status": step.status.value,
        "detail": step.detail,
        "remark": step.remark,
        "causes": [{"cause": c.text, "test": c.test} for c in step.causes],
    }
