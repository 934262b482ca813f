"""Shortcuts (.lnk files), as `win_shortcut` and a tool's `shortcuts` in the manifest want them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import AliasChoices, Field

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource, shown
from winbake.resources.module_parameters import ModuleParameters
from winbake.resources.state import FACT_TYPES, FileFact, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

PUBLIC_DESKTOP = r"C:\Users\Public\Desktop"
"""What lies here is on every user's desktop."""


@dataclass(frozen=True)
class ShortcutFact:
    """What a .lnk file says, by the words of `win_shortcut`; `icon` is `file,index`."""

    exists: bool
    target: str = ""
    arguments: str = ""
    directory: str = ""
    icon: str = ""
    description: str = ""


def _fact(answer: Any) -> ShortcutFact:
    return ShortcutFact(
        bool(answer["exists"]),
        answer["target"],
        answer["arguments"],
        answer["directory"],
        answer["icon"],
        answer["description"],
    )


FACT_TYPES["shortcut"] = _fact


@dataclass(frozen=True)
class Shortcut:
    """A shortcut at `path` to `target`. What is None is left as it is on the host."""

    identity: Identity
    path: str
    target: str
    arguments: str | None = None
    directory: str | None = None
    icon: str | None = None
    description: str | None = None
    present: bool = True

    @property
    def _query(self) -> Query:
        return Query("shortcut", {"path": self.path})

    def _wanted(self) -> dict[str, str]:
        icon = self.icon
        if icon is not None and not re.search(r",-?\d+$", icon):
            # WshShortcut.IconLocation is always "file,index".
            icon = f"{icon},0"
        every = {
            "target": self.target,
            "arguments": self.arguments,
            "directory": self.directory,
            "icon": icon,
            "description": self.description,
        }
        return {name: value for name, value in every.items() if value is not None}

    def queries(self) -> Iterable[Query]:
        return (self._query,)

    def decide(self, state: State) -> Decision:
        found: ShortcutFact = state.fact(self._query)
        if not self.present:
            if not found.exists:
                return RIGHT
            change = Change("remove", "shortcut", found.target or self.path, None)
            return Decision((change,), (Operation("delete", {"path": self.path}, self.identity.id),))
        wanted = self._wanted()
        if not found.exists:
            changes = [Change("create", "target", None, self.target)]
        else:
            changes = [
                Change("change", name, shown(getattr(found, name)), shown(value))
                for name, value in wanted.items()
                if not _same(name, getattr(found, name), value, state)
            ]
        if not changes:
            return RIGHT
        return Decision(tuple(changes), (Operation("shortcut", {"path": self.path, **_all(wanted)}, self.identity.id),))

    def predict(self, state: State) -> State:
        found: ShortcutFact = state.fact(self._query)
        state = state.with_file(self.path, FileFact(self.present))
        if not self.present:
            return state.with_fact(self._query, ShortcutFact(False))
        return state.with_fact(self._query, replace(found, exists=True, **self._wanted()))


def _all(wanted: dict[str, str]) -> dict[str, str | None]:
    """Every word of the operation; null leaves the property as it is."""
    return {name: wanted.get(name) for name in ("target", "arguments", "directory", "icon", "description")}


def _same(name: str, found: str, wanted: str, state: State) -> bool:
    if name in ("arguments", "description"):
        return found == wanted
    return state.expand(found).lower() == state.expand(wanted).lower()


# ---- the module -----------------------------------------------------------------------------------------


class ShortcutParameters(ModuleParameters):
    """`.lnk` only; `src` is a full path. What a task does not say stays as it is on the host."""

    dest: str
    src: str | None = None
    arguments: str | None = Field(None, validation_alias=AliasChoices("arguments", "args"))
    directory: str | None = None
    icon: str | None = None
    description: str | None = None
    state: Literal["present", "absent"] = "present"


def _shortcut(task: Task, p: ShortcutParameters, identity: Identity) -> list[Resource]:
    if not p.dest.lower().endswith(".lnk"):
        raise BadParameter(f"dest: {p.dest} does not end in .lnk; winbake makes no other shortcuts")
    if p.state == "present" and not p.src:
        raise BadParameter("src is missing: the program that the shortcut starts")
    if p.src and not re.match(r"([A-Za-z]:\\|\\\\|%\w)", p.src):
        raise BadParameter(f"src: {p.src} is no full path; write C:\\… or %ProgramFiles%\\…")
    return [
        Shortcut(
            named(identity, "shortcut", p.dest),
            p.dest,
            p.src or "",
            p.arguments,
            p.directory,
            p.icon,
            p.description,
            p.state == "present",
        )
    ]


MODULES: ModuleTable = {"community.windows.win_shortcut": (ShortcutParameters, _shortcut)}
