"""`lock`: fetch each source once and write what was seen into manifest.lock.yaml, for review."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from winbake.cli.failures import print_json
from winbake.cli.screen import console, is_live, marked
from winbake.config.lock import Lock, LockedSource, load_lock, write_lock
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.engine.locking import Wanted, see_source
from winbake.resources.from_manifest import sources_of_manifest

AT_ONCE = 4
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("lock")
@click.option("-m", "--manifest", type=_FILE, help="Manifest. [manifest.yaml]")
@click.option("--upgrade", "again", multiple=True, metavar="TOOL", help="See this tool's source again.")
@click.option("--json", "as_json", is_flag=True, help="What was seen, as JSON on standard output.")
def command(manifest: Path | None, again: tuple[str, ...], as_json: bool) -> int:
    """Fetch every source that the lock has not seen yet, check it, and write sha256 and size into the lock.

    Review the lock as you review any lock file, and keep it in git. Exit code: 0 all seen, 1 something is wrong.
    """
    project = Project.at(Path.cwd(), manifest)
    loaded, document = load_manifest(project.manifest)
    lock = load_lock(project.lock)
    sources = sources_of_manifest(loaded, document)
    unknown = set(again) - {tool for tool, _, _, _ in sources}
    if unknown:
        raise EngineError(f"no tool with a url is called {', '.join(sorted(unknown))}", "see manifest.yaml")
    wanted = [
        Wanted(tool, url, kind, sha256)
        for tool, url, kind, sha256 in sources
        if tool in again or lock.source(url) is None
    ]
    screen = console(stderr=as_json)
    seen, failures = _see_all(screen, wanted, forget=set(again))
    kept = {url: lock.sources[url] for _, url, _, _ in sources if url in lock.sources}
    fresh = Lock(schema=1, sources={**kept, **{source.url: source for source in seen}})
    if seen:
        write_lock(project.lock, fresh)
    for failure in failures:
        console(stderr=True).print(f"✗ {failure.what}\n  Next: {failure.next_step}", style="red")
    screen.print(f"{project.lock.name}: {len(seen)} seen now, {len(kept)} known before, {len(failures)} failed.")
    if as_json:
        print_json({"seen": [s.model_dump() for s in seen], "errors": [f.what for f in failures]})
    return 1 if failures else 0


def cache_folder() -> Path:
    """Where fetched files are kept: WINBAKE_CACHE, else the user's cache folder."""
    given = os.environ.get("WINBAKE_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "winbake"


def _see_all(screen: Console, wanted: list[Wanted], forget: set[str]) -> tuple[list[LockedSource], list[EngineError]]:
    seen: list[LockedSource] = []
    failures: list[EngineError] = []
    name = TextColumn("{task.description}", markup=False)
    columns = (name, BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=screen, transient=True, disable=not is_live(screen)) as bars:
        tasks = {one.tool: bars.add_task(one.tool, total=None) for one in wanted}

        def see(one: Wanted) -> LockedSource | EngineError:
            def progress(_: Wanted, have: int, total: int | None) -> None:
                bars.update(tasks[one.tool], completed=have, total=total)

            try:
                return see_source(one, cache_folder(), progress, fresh=one.tool in forget)
            except EngineError as error:
                return error

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for one, result in zip(wanted, pool.map(see, wanted), strict=True):
                if isinstance(result, EngineError):
                    failures.append(result)
                    continue
                seen.append(result)
                pin = "as pinned" if one.sha256 else "first seen now: compare it with what the vendor publishes"
                screen.print(
                    marked("✓", f"{one.tool:<20} {result.size / 1e6:>8.1f} MB  sha256 {result.sha256[:16]}…  {pin}")
                )
    return seen, failures
