"""A version bump for the rehearsal: which tools of the manifest have newer stand-ins, and the manifest with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def find_bumps(manifest: Manifest, mirror: Mirror, wanted: Sequence[str] = ()) -> list[Bump]:
    """The tools (or only the `wanted`) whose url follows their version and for which a newer stand-in is served."""
    urls = mirror.urls()
    bumps = []
    for tool_id, tool in manifest.tools.items():
        url = tool.source.url
        if url is None or "{{" not in url or (wanted and tool_id not in wanted):
            continue
        for version in (version for standin in mirror.standins for version in standin.versions):
            names = {**manifest.variables, "version": version.version, "id": tool_id}
            if compare_versions(version.version, tool.version) > 0 and render(url, names) in urls:
                bumps.append(Bump(tool_id, tool.version, version.version, bool(version.rehearsal_only)))
                break
    return bumps


def bumped_text(text: str, name: str, bumps: Sequence[Bump]) -> str:
    """A manifest's text with those versions changed, all else as it stands. Raises ConfigError."""
    return edited_text(text, name, [Edit(("tools", bump.tool, "version"), bump.new) for bump in bumps])
