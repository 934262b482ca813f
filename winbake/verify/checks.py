"""Checks of one host: what each asks, and what it makes of the answers, in words: found and wanted."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from winbake.config.manifest import Detect
from winbake.config.versions import VersionRange
from winbake.verify.reading import Answer, Question

COMMAND_LIMIT = 60
"""Seconds that a command of a check may take."""
Values = Mapping[Question, Mapping[str, Any]]


class Status(Enum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNREAD = "unread"
    """The host was gone before it could say."""


@dataclass(frozen=True)
class Outcome:
    """found, wanted: in words, for a failure. absent: what the check is about is not there at all. output: what a
    command printed."""

    status: Status
    found: str = ""
    wanted: str = ""
    absent: bool = False
    output: str = ""


PASSED = Outcome(Status.PASSED)


def failed(found: str, wanted: str, *, absent: bool = False, output: str = "") -> Outcome:
    return Outcome(Status.FAILED, found, wanted, absent, output)


class Check(Protocol):
    """One statement about a host. subject: the tool or setting it belongs to."""

    @property
    def subject(self) -> str: ...

    @property
    def title(self) -> str: ...

    def questions(self) -> tuple[Question, ...]: ...

    def judge(self, values: Values) -> Outcome: ...


def outcome_of(check: Check, answers: Mapping[Question, Answer]) -> Outcome:
    """Judges, if all was read; what could not be read fails the check with the reason."""
    asked = check.questions()
    if any(question not in answers for question in asked):
        return Outcome(Status.UNREAD, "the host was gone before it could say")
    wrong = [answers[question].error for question in asked if answers[question].error]
    if wrong:
        return failed(f"could not be read: {wrong[0]}", "an answer")
    return check.judge({question: answers[question].value for question in asked})


# ---- tools ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Installed:
    """The manifest's rule finds the tool, in the right version."""

    subject: str
    rule: Detect = field(hash=False)
    version: str

    @property
    def title(self) -> str:
        return f"{self.subject} {self.version} is installed"

    def questions(self) -> tuple[Question, ...]:
        rule = self.rule
        if rule.file:
            return (Question.of("file", path=rule.file, version=True),)
        if rule.command:
            return (Question.of("command", argv=rule.command, limit=COMMAND_LIMIT),)
        if rule.registry:
            mark = rule.registry
            return (Question.of("registry", key=mark.key, name=mark.value, view=mark.view),)
        return (Question.of("software"),)

    def judge(self, values: Values) -> Outcome:
        (answer,) = values.values()
        if self.rule.product_code or self.rule.display_name:
            return self._entry(answer["entries"])
        if self.rule.file:
            if not answer["exists"]:
                return failed(f"no file {answer['path']}", self.wanted, absent=True)
            known = str(answer["version"])
            return PASSED if self.rule.version in (None, "*") and not known else self._version(known)
        if self.rule.command:
            return self._answered(answer)
        if not answer["exists"]:
            return failed("no registry value", self.wanted, absent=True)
        return self._matched(str(answer["data"]), "")

    @property
    def wanted(self) -> str:
        return self.rule.version or self.version

    def _entry(self, entries: list[Mapping[str, Any]]) -> Outcome:
        code, pattern = self.rule.product_code, self.rule.display_name
        if code and any(entry["key"].upper() == code for entry in entries):
            return PASSED
        named = [entry for entry in entries if pattern and re.search(pattern, entry["name"])]
        if not code and any(self._right(entry["version"]) for entry in named):
            return PASSED
        if named:
            return failed(", ".join(f"{entry['name']} {entry['version']}" for entry in named), self.wanted)
        return failed("no uninstall entry", self.wanted, absent=True)

    def _answered(self, answer: Mapping[str, Any]) -> Outcome:
        program = (self.rule.command or [""])[0]
        if not answer["found"]:
            return failed(f"no program {program}", self.wanted, absent=True)
        if not answer["ended"]:
            return failed(f"{program} still ran after {COMMAND_LIMIT} s and was ended", self.wanted)
        output = answer["stdout"] + answer["stderr"]
        if answer["exit_code"] not in self.rule.exit_codes:
            return failed(f"{program} ends with {answer['exit_code']}", _codes(self.rule.exit_codes), output=output)
        return self._matched(output, f"{program} answers ")

    def _matched(self, text: str, prefix: str) -> Outcome:
        match = re.search(self.rule.matches or "(?s).*", text)
        if match is None:
            return failed(f"{prefix}{_first_line(text)}", f"text that matches {self.rule.matches}", output=text)
        return self._version(match[1] if match.re.groups else match[0])

    def _version(self, version: str) -> Outcome:
        return PASSED if self._right(version) else failed(version or "no version", self.wanted)

    def _right(self, version: str) -> bool:
        return VersionRange.parse(self.rule.version or f"=={self.version}").holds(version)


@dataclass(frozen=True)
class Resolves:
    """A program's name leads into one of the winning tool's folders, in a new process of the participant."""

    subject: str
    program: str
    folders: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.program} resolves"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("program", name=self.program),)

    def judge(self, values: Values) -> Outcome:
        paths = list(values[self.questions()[0]]["paths"])
        right = {_same(folder) for folder in self.folders}
        if paths and _same(ntpath.dirname(paths[0])) in right:
            return PASSED
        own = [path for path in paths if _same(ntpath.dirname(path)) in right]
        wanted = own[0] if own else rf"{self.folders[0]}\{self.program}"
        return failed(paths[0] if paths else "nothing of that name on PATH", wanted)


def _same(folder: str) -> str:
    return folder.rstrip("\\").lower()


@dataclass(frozen=True)
class Answers:
    """A command of the manifest's `checks` ends with the right exit code and prints what it should."""

    subject: str
    argv: tuple[str, ...]
    matches: str | None = None
    stream: str = "stdout"
    exit_codes: tuple[int, ...] = (0,)
    limit: int = COMMAND_LIMIT

    @property
    def title(self) -> str:
        return f"{' '.join(self.argv)} answers"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("command", argv=self.argv, limit=self.limit),)

    def judge(self, values: Values) -> Outcome:
        answer = values[self.questions()[0]]
        if not answer["found"]:
            return failed(f"no program {self.argv[0]} on PATH", _codes(self.exit_codes))
        output = f"{answer['stdout']}{answer['stderr']}"
        if not answer["ended"]:
            return failed(f"still running after {self.limit} s, so it was ended", "an end", output=output)
        if answer["exit_code"] not in self.exit_codes:
            return failed(f"exit {answer['exit_code']}", _codes(self.exit_codes), output=output)
        text = answer[self.stream]
        if self.matches is not None and not re.search(self.matches, text):
            return failed(f"{self.stream}: {_first_line(text)}", f"text that matches {self.matches}", output=output)
        return PASSED


def _codes(codes: tuple[int, ...] | list[int]) -> str:
    return f"exit {' or '.join(map(str, codes))}"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:120] if lines else "nothing"


# ---- services and ports -----------------------------------------------------------------------------------

_START: dict[str, tuple[str, bool | None]] = {
    "auto": ("Auto", False),
    "delayed": ("Auto", True),
    "manual": ("Manual", None),
    "disabled": ("Disabled", None),
}
"""The manifest's word → Win32_Service's StartMode and DelayedAutoStart; None: it does not matter."""


@dataclass(frozen=True)
class ServiceIs:
    """A service is in its state and starts as it should. None: as it likes."""

    subject: str
    name: str
    start: str | None = "auto"
    state: str | None = "running"

    @property
    def title(self) -> str:
        return f"service {self.name}"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("service", name=self.name),)

    def judge(self, values: Values) -> Outcome:
        wanted = ", ".join(word for word in (self.state, self.start and f"start {self.start}") if word)
        answer = values[self.questions()[0]]
        if not answer["exists"]:
            return failed("no such service", wanted, absent=True)
        mode, delayed = _START[self.start] if self.start else (answer["start"], None)
        right_start = answer["start"] == mode and delayed in (None, answer["delayed"])
        right_state = self.state is None or str(answer["state"]).lower() == self.state
        if right_start and right_state:
            return PASSED
        return failed(service_in_words(answer), wanted)


def service_in_words(answer: Mapping[str, Any]) -> str:
    start = "delayed" if answer["delayed"] and answer["start"] == "Auto" else str(answer["start"]).lower()
    state = str(answer["state"]).lower()
    code = f" (exit {answer['exit_code']})" if state == "stopped" else ""
    return f"{state}{code}, start {start}"


@dataclass(frozen=True)
class PortListens:
    """Somebody listens on a TCP port. services: those of the tool, said when nobody does."""

    subject: str
    port: int
    services: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"port {self.port} listens"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("sockets"), *(Question.of("service", name=name) for name in self.services))

    def judge(self, values: Values) -> Outcome:
        if any(one["port"] == self.port for one in values[Question.of("sockets")]["sockets"]):
            return PASSED
        found = [f"nothing listens on {self.port}"]
        for name in self.services:
            answer = values[Question.of("service", name=name)]
            found.append(f"service {name} is {service_in_words(answer) if answer['exists'] else 'not there'}")
        return failed("; ".join(found), f"a listener on {self.port}")


@dataclass(frozen=True)
class PortOpen:
    """A rule that is on lets a port in, and none that is on blocks it."""

    subject: str
    port: int
    protocol: str = "tcp"

    @property
    def title(self) -> str:
        return f"firewall lets {self.protocol} {self.port} in"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("rules", port=self.port, protocol=self.protocol.upper()),)

    def judge(self, values: Values) -> Outcome:
        rules = values[self.questions()[0]]["rules"]
        on = [rule for rule in rules if rule["enabled"]]
        wanted = f"a rule that is on and allows {self.port}"
        blocking = [rule["name"] for rule in on if rule["action"] == "Block"]
        if blocking:
            return failed(f"blocked by rule {', '.join(blocking)}", wanted)
        if any(rule["action"] == "Allow" for rule in on):
            return PASSED
        off = [f"rule {rule['name']} is off" for rule in rules if rule["action"] == "Allow"]
        return failed("; ".join(off) or "no rule names it", wanted)
