"""The same answers from files: a checkout of winget-pkgs or of Chocolatey packages, or single manifests of them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from winbake.config.document import load_document
from winbake.config.errors import ConfigError
from winbake.engine.errors import EngineError
from winbake.engine.releases.online import winget_folder
from winbake.engine.releases.question import Question


@dataclass(frozen=True)
class Files:
    winget: tuple[Path, ...] = ()
    choco: tuple[Path, ...] = ()

    def ask(self, question: Question) -> list[str]:
        """The versions that the files know; none if they do not know the package. Raises EngineError."""
        if question.source == "winget":
            return [version for path in self.winget for version in _winget(path, question.name)]
        if question.source == "choco":
            return [version for path in self.choco for version in _choco(path, question.name)]
        return []


def _winget(path: Path, package: str) -> Iterator[str]:
    if path.is_dir():
        folder = path / winget_folder(package)
        if folder.is_dir():
            yield from (one.name for one in sorted(folder.iterdir()) if one.is_dir() and re.match(r"v?\d", one.name))
            return
    for file in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
        if path.is_dir() and not file.name.startswith(package):
            continue
        try:
            data = load_document(file).data
        except ConfigError as error:
            raise EngineError(f"winget manifest: {error}", "see --winget") from None
        if not isinstance(data, dict) or "PackageIdentifier" not in data:
            if path.is_dir():
                continue
            raise EngineError(f"{file} is not a winget manifest: it has no PackageIdentifier", "see --winget")
        if data["PackageIdentifier"] == package and "PackageVersion" in data:
            yield str(data["PackageVersion"])


def _choco(path: Path, package: str) -> Iterator[str]:
    for file in sorted(path.rglob("*.nuspec")) if path.is_dir() else [path]:
        if path.is_dir() and file.stem.lower() != package.lower():
            continue
        try:
            root = ElementTree.parse(file).getroot()
        except (ElementTree.ParseError, OSError) as error:
            raise EngineError(f"{file} cannot be read as a Chocolatey package: {error}", "see --choco") from None
        values = {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in root.iterfind(".//{*}metadata/*")}
        if values.get("id", "").lower() == package.lower() and values.get("version"):
            yield values["version"]
