"""`lock`: see each source once and write what was seen into manifest.lock.yaml, for review; --upgrade: a newer one."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from winbake.cli.failures import print_json
from winbake.cli.lock_view import Looking, media_in_words, megabytes, show_seen
from winbake.cli.options import cache_folder, manifest_option, release_files
from winbake.cli.outdated import open_answers
from winbake.cli.screen import console, marked
from winbake.cli.upgrading import Upgrading
from winbake.config.lock import Lock, LockedSource, WantedSource, load_lock, write_lock
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.contents import can_read
from winbake.engine.download import Cache
from winbake.engine.errors import EngineError
from winbake.engine.locking import Seen, checked, needs_look, see_media
from winbake.engine.releases.files import Files
from winbake.engine.releases.newest import Asking
from winbake.resources.from_manifest import sources_of_manifest

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("lock")
@manifest_option
@click.option(
    "--upgrade",
    "upgrades",
    multiple=True,
    metavar="TOOL",
    help="Ask for this tool's newest version, write it into the manifest, and lock it. Repeatable.",
)
@click.option("--yes", is_flag=True, help="With --upgrade: do not ask before the manifest is changed.")
@click.option("--dry-run", is_flag=True, help="With --upgrade: show old and new version, change nothing.")
@click.option("--again", is_flag=True, help="Look also at what the lock knows, and compare.")
@click.option("--offline", is_flag=True, help="Ask no server: say what the lock and the cache have of each source.")
@click.option("--json", "as_json", is_flag=True, help="What was seen, as JSON on standard output.")
@release_files
def command(
    manifest: Path | None,
    upgrades: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    again: bool,
    offline: bool,
    as_json: bool,
    winget: tuple[Path, ...],
    choco: tuple[Path, ...],
) -> int:
    """Fetch every source that the lock has not seen yet, check it, and write sha256, size and version into the lock.

    Evergreen addresses (signer instead of sha256) are asked each time whether they have changed. Files for media/ are
    recorded if they are there, else listed with the page to get them from. Review the lock as you review any lock
    file, and keep it in git. More: docs/lock.md. Exit code: 0 all is right, 1 something is wrong, 130 interrupted.
    """
    project = Project.at(Path.cwd(), manifest)
    screen = console(stderr=as_json)
    if (yes or dry_run) and not upgrades:
        raise EngineError("--yes and --dry-run go with --upgrade", "lock alone changes the lock only")
    if upgrades:
        if offline or again:
            raise EngineError("--upgrade asks the network: it does not go with --offline or --again")
        asking = Asking(open_answers(screen), Files(winget, choco), again=True)
        upgrading = Upgrading(project, screen, asking, Cache(cache_folder()))
        if not upgrading.run(upgrades, yes=yes, dry_run=dry_run):
            return 0
    locking = Locking(project, screen, only=frozenset(upgrades))
    code = locking.show_offline() if offline else locking.run(again=again)
    if as_json:
        print_json(locking.as_json())
    return code


class Locking:
    """One run over the sources of a project. Raises ConfigError for a manifest or lock that cannot be read."""

    def __init__(self, project: Project, screen: Console, only: frozenset[str] = frozenset()) -> None:
        """only: look at these tools' sources; what the lock says of others stays. Empty: all."""
        self.project = project
        self.screen = screen
        self.only = only
        self.cache = Cache(cache_folder())
        manifest, document = load_manifest(project.manifest)
        # Two tools may share a file; it is one source.
        self.sources = list({one.url: one for one in reversed(sources_of_manifest(manifest, document))}.values())[::-1]
        self.lock = load_lock(project.lock)
        self.seen: list[Seen] = []
        self.failures: list[EngineError] = []
        self.missing: list[WantedSource] = []

    def run(self, *, again: bool = False) -> int:
        """Looks at what needs it, writes the lock. Gives the exit code."""
        wanted = [one for one in self._looked_at() if again or needs_look(one, self.lock.source(one.url))]
        self._media()
        looking = Looking(self.screen, self.cache, self.lock.sources)
        try:
            looking.look([one for one in wanted if one.media is None], again=again)
        except KeyboardInterrupt:
            self.seen += looking.seen
            self._write()
            self.screen.print(f"\nThe parts fetched so far stay in {self.cache.folder}; lock goes on with them.")
            raise
        self.seen += looking.seen
        self.failures += looking.failures
        for url in sorted(self.cache.damaged):
            self.screen.print(marked("!", f"the cache's copy of {url} was damaged; it was thrown away"))
        self._write()
        self._say_failures()
        kept = sum(1 for one in self.sources if one.url in self.lock.sources)
        words = f"{self.project.lock.name}: {len(self.seen)} seen now, {kept} known before"
        self.screen.print(f"{words}, {len(self.failures)} failed, {len(self.missing)} to be fetched by hand.")
        if self.seen and not can_read():
            self.screen.print("Versions, product codes and signers were not read: python -m pip install -e '.[lock]'")
        return 1 if self.failures else 0

    def show_offline(self) -> int:
        """What there is of each source without a network. A whole file in the cache that fits is recorded."""
        self._media()
        for one in self._looked_at():
            if one.media is None:
                self._offline(one)
        self._write()
        self._say_failures()
        return 1 if self.failures else 0

    def as_json(self) -> dict[str, object]:
        return {
            "seen": [
                {"tool": one.wanted.tool, "trust": one.trust, **one.locked.model_dump(exclude_none=True)}
                | ({"before": one.before.model_dump(exclude_none=True)} if one.before else {})
                for one in self.seen
            ],
            "missing": [{"tool": one.tool, "media": one.media, "page": one.page} for one in self.missing],
            "errors": [one.what for one in self.failures],
        }

    def _looked_at(self) -> list[WantedSource]:
        return [one for one in self.sources if not self.only or one.tool in self.only]

    def _media(self) -> None:
        for one in self._looked_at():
            if one.media is None:
                continue
            try:
                seen = see_media(one, self.lock.source(one.url), self.project.media)
            except EngineError as error:
                self.failures.append(error)
                continue
            if seen is not None:
                self.seen.append(seen)
                show_seen(self.screen, seen)
            else:
                self.missing.append(one)
                self.screen.print(marked("!", media_in_words(one, self.project.media)))

    def _offline(self, one: WantedSource) -> None:
        known = self.lock.source(one.url)
        file = self.cache.find(one.url)
        if file is not None:
            try:
                seen = checked(one, known, file)
            except EngineError as error:
                self.failures.append(error)
                return
            self.seen.append(seen)
            show_seen(self.screen, seen)
            return
        has = [f"locked, sha256 {known.sha256[:16]}…" if known else _without_lock(one)]
        part = self.cache.part_size(one.url)
        has.append(f"{megabytes(part)} of it are in the cache" if part else "no file in the cache")
        if one.url in self.cache.damaged:
            has.append("a damaged one was thrown away")
        self.screen.print(marked("·", f"{one.tool:<20} {', '.join(has)}"))

    def _write(self) -> None:
        known: dict[str, LockedSource] = {
            one.url: self.lock.sources[one.url] for one in self.sources if one.url in self.lock.sources
        }
        fresh = Lock(schema=1, sources=known | {one.locked.url: one.locked for one in self.seen})
        if not self.seen or fresh == self.lock:
            return
        try:
            write_lock(self.project.lock, fresh)
        except OSError as error:
            what = f"{self.project.lock} cannot be written: {error.strerror}"
            raise EngineError(what, "what was fetched is in the cache: run lock again when it can be") from None

    def _say_failures(self) -> None:
        for failure in self.failures:
            console(stderr=True).print(f"✗ {failure.what}\n  Next: {failure.next_step}", style="red")


def _without_lock(one: WantedSource) -> str:
    if one.sha256:
        return f"pinned in the manifest, sha256 {one.sha256[:16]}…, not seen yet"
    return "evergreen, not seen yet" if one.evergreen else "not seen yet: a bake needs its hash"
