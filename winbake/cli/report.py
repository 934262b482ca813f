"""`report`: a run record as one HTML page or as Markdown. Other verbs write their reports by what is here, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from winbake.cli.failures import print_json
from winbake.cli.runs import run_as_json
from winbake.cli.screen import console, marked
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.report.markdown import markdown_report
from winbake.report.page import html_report
from winbake.report.run_record import Run, find_record, newest_bake, read_run

_FILE = click.Path(dir_okay=False, path_type=Path)


def report_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--html and --markdown."""
    for option in (
        click.option("--html", type=_FILE, help="Write a report as one HTML file (docs/report.md)."),
        click.option("--markdown", type=_FILE, help="Write a report as Markdown."),
    ):
        function = option(function)
    return function


@click.command("report")
@click.argument("run", required=False)
@report_options
@click.option("--alone", is_flag=True, help="Without the newest bake beside a verification.")
@click.option("--json", "as_json", is_flag=True, help="What the record says, in short, on standard output.")
def command(run: str | None, html: Path | None, markdown: Path | None, alone: bool, as_json: bool) -> int:
    """Make a report of RUN: a name that `runs` lists, its beginning, or a file. [the newest]

    Without --html or --markdown it is written beside the record, as HTML. A record that is cut or damaged is reported
    as far as it can be read, and the report says so. Exit code: 0 written, 1 not.
    """
    runs = Project.at(Path.cwd()).runs
    path = find_record(runs, run)
    if html is None and markdown is None:
        html = path.with_suffix(".html")
    told = write_reports(path, runs, markdown, html, alone=alone)
    written = [str(one) for one in (html, markdown) if one is not None]
    if as_json:
        print_json(run_as_json(told) | {"written": written})
        return 0
    screen = console()
    screen.print(f"{told.verb} of {told.of}: {told.result}")
    for words in told.partial:
        screen.print(marked("!", f"partial: {words}"))
    for one in written:
        screen.print(f"Report {shown_path(Path(one))}")
    return 0


def write_reports(
    record: Path, runs: Path, markdown: Path | None, html: Path | None, *, alone: bool = False
) -> Run:
    """Writes what is asked for; beside a verification stands the bake before it. Raises EngineError."""
    told = read_run(record)
    if html is None and markdown is None:
        return told
    bake = newest_bake(runs, told.hosts) if told.verb == "verify" and not alone else None
    write_report_files([told, *([bake] if bake else [])], markdown, html)
    return told


def write_report_files(told: Sequence[Run], markdown: Path | None, html: Path | None) -> None:
    """Raises EngineError if a file cannot be written."""
    for path, made in ((markdown, markdown_report), (html, html_report)):
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made(told), encoding="utf-8")
        except OSError as error:
            raise EngineError(f"{path} cannot be written: {error.strerror}", "name another file") from None


def shown_path(path: Path) -> str:
    """From here, where it lies below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
