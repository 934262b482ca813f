"""A newer version of one tool in the manifest: what would change, the file that proves it, and the edit itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from winbake.config.document import Document
from winbake.config.edit import Edit, check_writable, edit_file, places_of
from winbake.config.lock import WantedSource
from winbake.config.manifest import Manifest
from winbake.engine.contents import can_read
from winbake.engine.download import Cache
from winbake.engine.errors import EngineError
from winbake.engine.locking import Progress, see_source
from winbake.engine.releases.newest import Outcome, follows_version, what_to_do
from winbake.resources.from_manifest import sources_of_manifest


@dataclass(frozen=True)
class Upgrade:
    """old, new: versions. moved: (source now, source of the new version) for every address that changes."""

    tool: str
    old: str
    new: str
    asked: str
    moved: tuple[tuple[WantedSource, WantedSource], ...]


def find_upgrade(manifest: Manifest, document: Document, outcome: Outcome) -> Upgrade | None:
    """None if nothing is newer. Raises EngineError if the address cannot be filled in for the new version."""
    tool = manifest.tools[outcome.tool]
    if outcome.newest is None:
        why = outcome.problem or "nobody was asked"
        raise EngineError(f"{outcome.tool}: its newest version is not known: {why}", outcome.todo)
    if outcome.problem:
        raise EngineError(f"{outcome.tool}: {outcome.problem}", "ask again when it answers")
    if outcome.state != "newer":
        return None
    if not follows_version(tool):
        found = f"{outcome.newest} is out"
        raise EngineError(f"{outcome.tool}: {found}, nothing was changed", what_to_do(outcome.tool, tool))
    newer = tool.model_copy(update={"version": outcome.newest})
    other = manifest.model_copy(update={"tools": {**manifest.tools, outcome.tool: newer}})
    pairs = zip(
        (one for one in sources_of_manifest(manifest, document) if one.tool == outcome.tool),
        (one for one in sources_of_manifest(other, document) if one.tool == outcome.tool),
        strict=True,
    )
    moved = tuple((old, new) for old, new in pairs if old.url != new.url or new.evergreen)
    return Upgrade(outcome.tool, tool.version, outcome.newest, outcome.source, moved)


def carry_out(
    upgrade: Upgrade, manifest: Manifest, document: Document, path: Path, cache: Cache, progress: Progress | None
) -> list[str]:
    """Fetches the new files, then writes version, sha256 and product code into the manifest; none if one fails.

    Gives the lines that may need a look. Raises EngineError and ConfigError.
    """
    check_writable(path)
    tool = manifest.tools[upgrade.tool]
    under = ("tools", upgrade.tool)
    edits = [Edit((*under, "version"), upgrade.new)]
    for old, new in upgrade.moved:
        try:
            seen = see_source(replace(new, sha256=None), None, cache, progress)
        except EngineError as error:
            raise EngineError(f"{error.what}; nothing was changed in {path.name}", error.next_step) from None
        if old.sha256 is not None:
            edits += [Edit(place, seen.locked.sha256) for place in places_of(document, under, old.sha256)]
        code = tool.detect.product_code
        if code is not None and new.kind == "msi":
            if seen.locked.product_code is None:
                step = "look at the file" if can_read() else "python -m pip install -e '.[lock]'"
                what = f"{upgrade.tool}: the product code of {new.url} cannot be read; nothing was changed"
                raise EngineError(what, step)
            edits += [Edit(place, seen.locked.product_code) for place in places_of(document, under, code)]
    edit_file(path, edits)
    return _left_behind(upgrade, path)


def _left_behind(upgrade: Upgrade, path: Path) -> list[str]:
    """Lines of the tool that still hold the old version as text: only a person knows whether they should."""
    from winbake.config.document import load_document

    after = load_document(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    first = after.line(("tools", upgrade.tool))
    others = [after.line(("tools", one)) for one in after.data["tools"]]
    end = min((line for line in others if line > first), default=len(lines) + 1)
    return [
        f"{path.name}:{number}: {lines[number - 1].strip()}"
        for number in range(first, end)
        if upgrade.old in lines[number - 1]
    ]
