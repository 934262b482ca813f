"""Checks of settings: files, shortcuts, the registry, variables, accounts and groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from winbake.verify.checks import PASSED, Outcome, Values, failed
from winbake.verify.reading import Question

_VARIABLE = re.compile(r"%([^%]+)%")


@dataclass(frozen=True)
class FileIs:
    """A file is there, with this sha256."""

    subject: str
    path: str
    sha256: str

    @property
    def title(self) -> str:
        return f"file {self.path}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("file", path=self.path, sha256=True),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        wanted = f"sha256 {self.sha256[:12]}…"
        if not answer["exists"]:
            return failed("no such file", wanted, absent=True)
        return PASSED if answer["sha256"] == self.sha256 else failed(f"sha256 {answer['sha256'][:12]}…", wanted)


@dataclass(frozen=True)
class ShortcutLeads:
    """A shortcut is there and points to something that is there."""

    subject: str
    path: str
    target: str

    @property
    def title(self) -> str:
        return "shortcut " + self.path.rpartition("\\")[2].removesuffix(".lnk")

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("shortcut", path=self.path),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        if not answer["exists"]:
            return failed(f"no {self.path}", self.target, absent=True)
        if answer["target"].lower() != self.target.lower() and "%" not in self.target:
            return failed(f"points to {answer['target'] or 'nothing'}", self.target)
        return PASSED if answer["leads_somewhere"] else failed(f"{answer['target']} is not there", self.target)


@dataclass(frozen=True)
class RegistryIs:
    """A registry value has this data."""

    subject: str
    key: str
    name: str
    data: Any = field(hash=False)
    view: int = 64

    @property
    def title(self) -> str:
        return f"{self.key} {self.name or '(default)'}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("registry", key=self.key, name=self.name, view=self.view),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        if not answer["exists"]:
            return failed("no such value", _plain(self.data), absent=True)
        return PASSED if self._same(answer["data"]) else failed(_plain(answer["data"]), _plain(self.data))

    def _same(self, found: Any) -> bool:
        if isinstance(found, int):
            # A DWORD above 2^31 is read as a negative number; what is wanted may be written either way.
            return found % 2**64 == int(self.data) % 2**64 or found % 2**32 == int(self.data) % 2**32
        if isinstance(found, list):
            return [str(one) for one in found] == [str(one) for one in self.data]
        return str(found) == str(self.data)


def _plain(data: Any) -> str:
    return ", ".join(map(str, data)) if isinstance(data, list | tuple) else str(data)


@dataclass(frozen=True)
class VariableIs:
    """A variable has this value in a new process; `value` None: any but none."""

    subject: str
    name: str
    value: str | None

    @property
    def title(self) -> str:
        return f"variable {self.name}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("environment"),)

    def judge(self, values: Values) -> Outcome:
        variables = {name.lower(): text for name, text in values[self.questions()[0]]["variables"].items()}
        wanted = "a value" if self.value is None else self._expanded(variables)
        found = variables.get(self.name.lower())
        if not found:
            return failed("not set", wanted, absent=True)
        return PASSED if self.value is None or found == wanted else failed(found, wanted)

    def _expanded(self, variables: dict[str, str]) -> str:
        return _VARIABLE.sub(lambda name: variables.get(name[1].lower(), name[0]), self.value or "")


@dataclass(frozen=True)
class AccountIs:
    """A local account is there and enabled."""

    subject: str
    name: str

    @property
    def title(self) -> str:
        return f"account {self.name}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("user", name=self.name),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        if not answer["exists"]:
            return failed("no such account", "an account that is enabled", absent=True)
        return PASSED if answer["enabled"] else failed("disabled", "enabled")


@dataclass(frozen=True)
class InGroup:
    """A local account is in a local group, given by SID or name."""

    subject: str
    user: str
    group: str

    @property
    def title(self) -> str:
        return f"{self.user} is in {self.group}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("group", group=self.group),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        if not answer["exists"]:
            return failed(f"no group {self.group}", f"{self.user} in it", absent=True)
        names = [str(member["name"]) for member in answer["members"]]
        plain = {name.rpartition("\\")[2].lower() for name in names} | {m["sid"].lower() for m in answer["members"]}
        if self.user.rpartition("\\")[2].lower() in plain:
            return PASSED
        return failed(f"{answer['name']} has {', '.join(names) or 'no members'}", f"{self.user} in it")
