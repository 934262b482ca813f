"""Whom to ask about a tool, as the manifest says: GitHub releases, winget, Chocolatey."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from winbake.config.manifest import Tool
from winbake.config.versions import compare_versions

Source = Literal["github", "winget", "choco"]
NAMES: dict[Source, str] = {"github": "GitHub releases", "winget": "winget", "choco": "Chocolatey"}
_GITHUB = re.compile(r"^https://github\.com/([\w.-]+/[\w.-]+)/releases/download/(.+?)/[^/]+$")
_VERSION = re.compile(r"\{\{\s*version\s*\}\}")
_ANY_TAG = r"\D*(\d.*)"
_UNFINISHED = re.compile(r"(?i)(alpha|beta|preview|nightly|rc\.?\d)")


@dataclass(frozen=True)
class Question:
    """name: owner/repo or package id. tag: regular expression on the whole tag, group 1 is the version."""

    source: Source
    name: str
    tag: str = _ANY_TAG

    @property
    def key(self) -> str:
        return f"{self.source}:{self.name}"

    @property
    def words(self) -> str:
        return f"{NAMES[self.source]} {self.name}"

    def newest(self, tags: list[str]) -> str | None:
        """The highest version among the tags; unfinished ones do not count."""
        best: str | None = None
        for tag in tags:
            found = re.fullmatch(self.tag, tag)
            if not found or not found[1] or _UNFINISHED.search(tag):
                continue
            if best is None or compare_versions(found[1], best) > 0:
                best = found[1]
        return best


def questions_of(tool: Tool) -> list[Question]:
    """In the order in which they are asked: what the manifest names, else the GitHub releases its url points to."""
    named = tool.releases
    found: list[Question] = []
    if named is not None:
        tag = named.tag or _ANY_TAG
        if named.github:
            found.append(Question("github", named.github, named.tag or _tag_in_url(tool) or _ANY_TAG))
        if named.winget:
            found.append(Question("winget", named.winget, _ANY_TAG if named.github else tag))
        if named.choco:
            found.append(Question("choco", named.choco, _ANY_TAG if named.github else tag))
    if not found:
        in_url = _GITHUB.match(tool.source.url or "")
        if in_url:
            tag = (named.tag if named else None) or _tag_in_url(tool) or _ANY_TAG
            found.append(Question("github", in_url[1], tag))
    return found


def page_of(tool: Tool) -> str | None:
    """Where a person looks."""
    if tool.releases is not None and tool.releases.page:
        return tool.releases.page
    github = next((q.name for q in questions_of(tool) if q.source == "github"), None)
    return tool.source.page or (f"https://github.com/{github}/releases" if github else None)


def _tag_in_url(tool: Tool) -> str | None:
    """`…/download/v{{ version }}/…` says how tags are written."""
    in_url = _GITHUB.match(tool.source.url or "")
    if in_url is None or len(_VERSION.findall(in_url[2])) != 1:
        return None
    before, after = _VERSION.split(in_url[2])
    return f"{re.escape(before)}(\\d.*){re.escape(after)}"
