"""What is wanted of a host, in order: the resources of the manifest and of the playbook's roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winbake.resources.model import Resource
from winbake.resources.package import Package


@dataclass(frozen=True)
class Wanted:
    """One resource, on what condition it counts, and which handlers a change of it calls."""

    resource: Resource
    when: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict, hash=False)
    notify: tuple[str, ...] = ()
    handler: tuple[str, ...] = ()
    """The names that this handler answers to; empty for what is not a handler."""
    task: str = ""
    only_with: Package | None = None
    """What belongs to an optional tool counts only where that tool is there."""
    tool: str = ""
    """The manifest's tool that it stands beside."""
    free: bool = False
    """It need not wait for what stands before it: a tool or sample data of the manifest."""


@dataclass(frozen=True)
class Wish:
    """Resources in the order in which they are planned and applied; handlers come last."""

    wanted: tuple[Wanted, ...]
    handlers: tuple[Wanted, ...] = ()
    digest: str = ""
    """A hash of everything that the wish was made of: manifest, lock, playbook, roles, templates."""
    rehearsal: bool = False
    """The sources are the rehearsal's stand-ins."""
    decided: tuple[str, ...] = ()
    """Program names that several tools bring, and which one wins, in words."""
    root: Path = Path()
    """The manifest's folder: local files that are to be sent are named below it."""

    @property
    def all(self) -> tuple[Wanted, ...]:
        return (*self.wanted, *self.handlers)
