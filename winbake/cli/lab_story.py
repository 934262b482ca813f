"""The story on hosts alone: bake, prove, raise versions, lock down. No cloud."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from winbake.cli.lab_files import write_lab_files
from winbake.cli.story import Story
from winbake.config.project import Project
from winbake.rehearsal.lab import Lab


class LabStory(Story):
    """Played on the hosts of a laboratory."""

    def __init__(self, lab: Lab, project: Project, bump: Sequence[str], quiet: bool) -> None:
        super().__init__(lab, project, bump, quiet)
        self.lab = lab

    def play(self, folder: Path) -> None:
        project = self._copied(folder)
        write_lab_files(self.lab, project.inventory, password_known=False)
        self._say_host()
        lockdown = project.playbook.with_name("lockdown.yml")
        if self.bake_twice_and_raise(project) and lockdown.exists():
            self._lock_down(replace(project, playbook=lockdown))

    def _copied(self, folder: Path) -> Project:
        """The manifest is copied because versions are raised in it; media/ holds stand-ins, not real installers."""
        shutil.copy(self.project.manifest, folder / "manifest.yaml")
        if self.project.templates.is_dir():
            shutil.copytree(self.project.templates, folder / self.project.templates.name)
        self.lab.mirror.write_media(folder / self.project.media.name)
        return replace(self.project, manifest=folder / "manifest.yaml", inventory=folder / "lab.yaml")

    def _lock_down(self, project: Project) -> None:
        title = "Lock down: the last step before the image is taken"
        self.bake(project, title, expect_changes=True)
        left = [one.name for one in self.lab.hosts if one.host.listeners.get("HTTPS") is not None]
        if left:
            self.failures.append(f"{title}: {', '.join(left)} still listens over HTTPS")

    def _say_host(self) -> None:
        one = self.lab.hosts[0]
        self.screen.print(
            f"Rehearsal: {len(self.lab.hosts)} simulated {one.host.release.caption} behind WinRM at "
            f"{one.endpoint.https_url}, clock {one.host.clock.speed:g} times as fast as real."
        )
        self.screen.print("Installers are stand-ins; what this does and does not show: docs/rehearsal.md")
