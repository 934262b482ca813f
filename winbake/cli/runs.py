"""`runs`: the run records of this project, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from winbake.cli.failures import print_json
from winbake.cli.screen import clock, console, shortened
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.report.run_record import Run, read_run, record_files

_MARKS = {"ok": "✓", "failed": "✗", "unfinished": "!", "unreadable": "?"}


@click.command("runs")
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="All that is known of them as JSON on standard output.")
def command(number: int, as_json: bool) -> int:
    """List the run records in runs/, newest first: when, what, which hosts, how long, how it ended."""
    folder = Project.at(Path.cwd()).runs
    files = record_files(folder)
    rows = [_row(path) for path in files[:number]]
    if as_json:
        print_json({"runs": rows, "left_out": len(files) - len(rows)})
        return 0
    screen = console()
    if not rows:
        screen.print(f"There is no run record in {folder}. Next: python bake.py apply")
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        hosts = shortened(", ".join(row["hosts"]) if len(row["hosts"]) < 4 else f"{len(row['hosts'])} hosts", 20)
        what = f"{row['name']:{width}}  {row['verb']:8} {hosts:20} {clock(row['seconds']):>6}"
        screen.print(f"{_MARKS[row['state']]} {what}  {row['result']}")
    left = len(files) - len(rows)
    screen.print(f"{f'{left} older: -n {len(files)}. ' if left else ''}A report of one: python bake.py report NAME")
    return 0


def _row(path: Path) -> dict[str, Any]:
    try:
        return run_as_json(read_run(path))
    except EngineError as error:
        return {
            "name": path.stem, "verb": "?", "hosts": [], "at": None, "seconds": 0.0, "state": "unreadable",
            "result": error.what, "partial": [], "record": str(path),
        }  # fmt: skip


def run_as_json(run: Run) -> dict[str, Any]:
    """A run in short."""
    return {
        "name": run.name,
        "verb": run.verb,
        "hosts": list(run.hosts),
        "at": run.at.isoformat() if run.at else None,
        "seconds": round(run.seconds, 1),
        "state": run.state,
        "result": run.result,
        "partial": run.partial,
        "record": str(run.path),
    }
