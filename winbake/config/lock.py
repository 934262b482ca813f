"""`manifest.lock.yaml`: per source what was really seen: sha256, size, signer, and what the file says of itself.

A lock with `rehearsal: true` describes the rehearsal's stand-ins: its hashes take the place of the manifest's, and
every plan made with it says so. It is used only for hosts whose inventory names it (`winbake_lock`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, ValidationError, model_validator

from winbake.config.document import load_document
from winbake.config.errors import ConfigError
from winbake.config.validation import Model, problems_of

MEDIA_PREFIX = "media/"


@dataclass(frozen=True)
class WantedSource:
    """A source that the lock is to know. kind: the install type, or what an archive's name ends with.

    sha256, signer: what the manifest pins. url is `media/NAME` for a file fetched by hand; then page and licence
    say where it comes from, and `optional` whether the bake goes on without it."""

    tool: str
    url: str
    kind: str
    sha256: str | None = None
    signer: str | None = None
    page: str = ""
    licence: str = ""
    optional: bool = False

    @property
    def media(self) -> str | None:
        """The name in media/, or None for an address."""
        return self.url.removeprefix(MEDIA_PREFIX) if self.url.startswith(MEDIA_PREFIX) else None

    @property
    def evergreen(self) -> bool:
        """The address is known to give other files as time goes by; the signer is what stays."""
        return self.signer is not None and self.sha256 is None


class LockedSource(Model):
    """One file as it was seen. size in bytes."""

    url: str = Field(description="address, or media/NAME")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    signer: str | None = None
    product_name: str | None = None
    product_version: str | None = None
    product_code: str | None = None
    upgrade_code: str | None = None
    file_version: str | None = None


class Lock(Model):
    schema_: int = Field(1, alias="schema")
    rehearsal: bool = False
    sources: dict[str, LockedSource] = Field(default_factory=dict, description="url → what was seen")

    @model_validator(mode="after")
    def _urls_are_keys(self) -> Self:
        for key, source in self.sources.items():
            if key != source.url:
                raise ValueError(f"the entry {key} has the url {source.url}: they must be the same")
        return self

    def source(self, url: str) -> LockedSource | None:
        return self.sources.get(url)


def write_lock(path: Path, lock: Lock) -> None:
    """Writes the lock, sorted by url, so that a review shows only what changed. Raises OSError."""
    body = {"schema": lock.schema_, "sources": {url: _plain(lock.sources[url]) for url in sorted(lock.sources)}}
    if lock.rehearsal:
        body["rehearsal"] = True
    head = "# What was really seen of each source. Written by: python bake.py lock. Review it, keep it in git.\n"
    path.write_text(head + yaml.safe_dump(body, sort_keys=False, allow_unicode=True), encoding="utf-8")


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
