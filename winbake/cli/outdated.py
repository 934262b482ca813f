"""`outdated`: which tools have a newer version, who says so, and what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from winbake.cli.failures import print_json
from winbake.cli.options import cache_folder, manifest_option, release_files
from winbake.cli.screen import console, marked, shortened
from winbake.config.errors import nearest
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.engine.releases.answers import Answers, age_in_words
from winbake.engine.releases.files import Files
from winbake.engine.releases.newest import Asking, Outcome

AT_ONCE = 4
_FILE = click.Path(dir_okay=False, path_type=Path)
_MARKS = {"newest": "✓", "newer": "~", "failed": "✗", "not asked yet": "·", "cannot be asked": "·"}


@click.command("outdated")
@click.argument("tools", nargs=-1, metavar="[TOOL]...")
@manifest_option
@click.option("--offline", is_flag=True, help="Ask nobody: answers kept from before, and the files given.")
@click.option("--again", is_flag=True, help="Ask also what was asked within the last hour.")
@release_files
@click.option("--json", "as_json", is_flag=True, help="The table as JSON on standard output.")
def command(
    tools: tuple[str, ...],
    manifest: Path | None,
    offline: bool,
    again: bool,
    winget: tuple[Path, ...],
    choco: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Ask for the newest version of every tool (or of these): GitHub releases, winget, Chocolatey.

    Whom to ask stands in the manifest (releases:). Answers are kept and shown with their age. GITHUB_TOKEN is used if
    it is set. More: docs/lock.md. Exit code: 0 nothing newer, 2 something newer, 1 an error.
    """
    screen = console(stderr=as_json)
    loaded, _ = load_manifest(Project.at(Path.cwd(), manifest).manifest)
    for tool in tools:
        if tool not in loaded.tools:
            raise EngineError(f"no tool is called {tool}{nearest(tool, loaded.tools)}", "see manifest.yaml")
    asking = Asking(open_answers(screen), Files(winget, choco), offline=offline, again=again)
    asked = [(tool, loaded.tools[tool]) for tool in tools or loaded.tools]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda pair: asking.about(*pair), asked))
    if not offline:
        try:
            asking.answers.save()
        except OSError as error:
            screen.print(f"The answers could not be kept: {asking.answers.path}: {error.strerror}")
    if as_json:
        print_json([asdict(outcome) for outcome in outcomes])
    else:
        _show(screen, outcomes)
    if any(outcome.state == "failed" for outcome in outcomes):
        return 1
    return 2 if any(outcome.state == "newer" for outcome in outcomes) else 0


def open_answers(screen: Console) -> Answers:
    """The answers kept in the cache; says so if they cannot be read."""
    answers = Answers(cache_folder() / "releases.json")
    if answers.damaged:
        screen.print(marked("!", f"{answers.path} was damaged; it is begun anew"))
    return answers


def _show(screen: Console, outcomes: list[Outcome]) -> None:
    rows = [("Tool", "Here", "Newest", "Source asked", "When", "What to do")] + [_row(one) for one in outcomes]
    widths = [min(max(len(row[column]) for row in rows), 44) for column in range(5)]
    for row, outcome in zip(rows, [None, *outcomes], strict=True):
        cells = [shortened(text, width).ljust(width) for text, width in zip(row[:5], widths, strict=True)]
        line = "  ".join([*cells, row[5]]).rstrip()
        if outcome is None:
            screen.print(f"    {line}", style="bold")
        else:
            screen.print(marked(_MARKS[outcome.state], line))
    counts = {state: sum(one.state == state for one in outcomes) for state in _MARKS}
    words = {"newer": "with a newer version", "newest": "up to date", "failed": "failed"}
    told = [f"{count} {words.get(state, state)}" for state, count in counts.items() if count]
    screen.print(", ".join(told) + ".")


def _row(one: Outcome) -> tuple[str, str, str, str, str, str]:
    newest = one.newest or (one.state if one.state != "failed" else "?")
    when = age_in_words(one.asked) if one.asked is not None else ""
    todo = "; ".join(part for part in (one.problem, one.todo) if part)
    return one.tool, one.here, newest, one.source or "-", when, todo
