"""A version bump for the rehearsal: which tool of the manifest has a newer stand-in, and the manifest with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from winbake.config.edit import Edit, edited_text
from winbake.config.manifest import Manifest
from winbake.config.templates import render
from winbake.config.versions import compare_versions
from winbake.rehearsal.standins.mirror import Mirror


@dataclass(frozen=True)
class Bump:
    tool: str
    old: str
    new: str
    made_up: bool
    """The new version exists in the rehearsal only."""


def find_bump(manifest: Manifest, mirror: Mirror, wanted: str | None = None) -> Bump | None:
    """The first tool (or the `wanted` one) whose url follows its version and for which a newer stand-in is served."""
    urls = mirror.urls()
    for tool_id, tool in manifest.tools.items():
        url = tool.source.url
        if url is None or "{{" not in url or (wanted and tool_id != wanted):
            continue
        for standin in mirror.standins:
            for version in standin.versions:
                names = {**manifest.variables, "version": version.version, "id": tool_id}
                if compare_versions(version.version, tool.version) > 0 and render(url, names) in urls:
                    return Bump(tool_id, tool.version, version.version, bool(version.rehearsal_only))
    return None


def bumped_manifest(path: Path, bump: Bump) -> str:
    """The manifest's text with that one version changed, all else as it stands. Raises ConfigError."""
    edit = Edit(("tools", bump.tool, "version"), bump.new)
    return edited_text(path.read_text(encoding="utf-8"), path.name, [edit])
