"""Where the files of a project lie, by the names that people expect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """manifest.yaml, manifest.lock.yaml, inventory.yaml, playbooks/, roles/, media/ and runs/ under one folder."""

    root: Path
    manifest: Path
    inventory: Path
    playbook: Path

    @classmethod
    def at(
        cls, root: Path, manifest: Path | None = None, inventory: Path | None = None, playbook: Path | None = None
    ) -> Project:
        """The usual names under `root`, unless given."""
        return cls(
            root=root,
            manifest=manifest or root / "manifest.yaml",
            inventory=inventory or root / "inventory.yaml",
            playbook=playbook or root / "playbooks" / "master.yml",
        )

    @property
    def lock(self) -> Path:
        return self.manifest.with_name(self.manifest.stem + ".lock.yaml")

    @property
    def roles(self) -> Path:
        return self.playbook.parent.parent / "roles"

    @property
    def media(self) -> Path:
        return self.manifest.parent / "media"

    @property
    def templates(self) -> Path:
        return self.manifest.parent / "templates"

    @property
    def runs(self) -> Path:
        return self.root / "runs"
