"""`lock --upgrade`: show old and new version, ask, and write the new one into the manifest."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from winbake.cli.lock_view import download_bars
from winbake.cli.screen import can_ask, marked
from winbake.config.errors import nearest
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.download import Cache
from winbake.engine.errors import EngineError
from winbake.engine.releases.newest import Asking
from winbake.engine.upgrade import Upgrade, carry_out, find_upgrade


class Upgrading:
    def __init__(self, project: Project, screen: Console, asking: Asking, cache: Cache) -> None:
        self.project = project
        self.screen = screen
        self.asking = asking
        self.cache = cache

    def run(self, tools: Sequence[str], *, yes: bool, dry_run: bool) -> bool:
        """True if the manifest was changed. Finds all upgrades before it changes anything. Raises EngineError."""
        manifest, document = load_manifest(self.project.manifest)
        for tool in tools:
            if tool not in manifest.tools:
                raise EngineError(f"no tool is called {tool}{nearest(tool, manifest.tools)}", "see manifest.yaml")
        found: list[Upgrade] = []
        for tool in dict.fromkeys(tools):
            outcome = self.asking.about(tool, manifest.tools[tool])
            self._keep_answers()
            upgrade = find_upgrade(manifest, document, outcome)
            if upgrade is None:
                self.screen.print(marked("✓", f"{tool:<20} {outcome.here} is the newest ({outcome.source})"))
                continue
            found.append(upgrade)
            self._show(upgrade)
        if not found or dry_run:
            return False
        if not yes:
            if not can_ask():
                raise EngineError("there is no terminal to ask on; nothing was changed", "add --yes")
            if not click.confirm(f"Write this into {self.project.manifest.name}?", err=True):
                self.screen.print("Nothing was changed.")
                return False
        for upgrade in found:
            # Read anew: the upgrade before has changed lines.
            manifest, document = load_manifest(self.project.manifest)
            with download_bars(self.screen) as bars:
                left = carry_out(upgrade, manifest, document, self.project.manifest, self.cache, bars.told)
            self.screen.print(marked("~", f"{upgrade.tool}: {self.project.manifest.name} now says {upgrade.new}"))
            for line in left:
                self.screen.print(marked("!", f"still says {upgrade.old}: {line}"))
        return True

    def _show(self, upgrade: Upgrade) -> None:
        self.screen.print(marked("~", f"{upgrade.tool:<20} {upgrade.old} → {upgrade.new}   {upgrade.asked}"))
        for old, new in upgrade.moved:
            trust = "sha256 from the file as it is fetched now: compare it with the vendor's" if old.sha256 else ""
            self.screen.print(f"    {new.url}")
            if trust:
                self.screen.print(f"    {trust}")

    def _keep_answers(self) -> None:
        try:
            self.asking.answers.save()
        except OSError as error:
            self.screen.print(f"The answers could not be kept: {self.asking.answers.path}: {error.strerror}")
