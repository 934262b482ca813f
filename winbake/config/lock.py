"""`manifest.lock.yaml`: per tool the url, sha256, size and signer that were really seen.

A lock with `rehearsal: true` describes the rehearsal's stand-ins: its hashes take the place of the manifest's, and
every plan made with it says so. It is used only for hosts whose inventory names it (`winbake_lock`).
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from winbake.config.document import load_document
from winbake.config.errors import ConfigError
from winbake.config.manifest import Model
from winbake.config.validation import problems_of


class LockedSource(Model):
    """One file as it was seen. size in bytes."""

    url: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    signer: str | None = None


class Lock(Model):
    schema_: int = Field(1, alias="schema")
    rehearsal: bool = False
    sources: dict[str, LockedSource] = Field(default_factory=dict, description="url → what was seen")

    def source(self, url: str) -> LockedSource | None:
        return self.sources.get(url)


def write_lock(path: Path, lock: Lock) -> None:
    """Writes the lock, sorted by url, so that a review shows only what changed. Raises OSError."""
    body = {"schema": lock.schema_, "sources": {url: _plain(lock.sources[url]) for url in sorted(lock.sources)}}
    if lock.rehearsal:
        body["rehearsal"] = True
    head = "# What was really seen of each source. Written by: python bake.py lock. Review it, keep it in git.\n"
    path.write_text(head + yaml.safe_dump(body, sort_keys=False), encoding="utf-8")


def _plain(source: LockedSource) -> dict[str, object]:
    return source.model_dump(exclude_none=True)


def load_lock(path: Path) -> Lock:
    """An absent lock is an empty one. Raises ConfigError."""
    if not path.exists():
        return Lock(schema=1)
    document = load_document(path)
    try:
        return Lock.model_validate(document.data or {})
    except ValidationError as error:
        raise ConfigError(problems_of(error, Lock, document)) from None
