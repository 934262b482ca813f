"""Questions to a host and its answers: all that the checks of one host need, in one call."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from winbake import agent
from winbake.engine.errors import AgentFailed
from winbake.engine.protocol import last_lines, said
from winbake.hosts.errors import HostError
from winbake.hosts.session import AgentSession
from winbake.verify import script

READING_LIMIT = 300
"""Seconds for everything but the commands, which have limits of their own."""
CLEANING_UP = 15
"""Seconds that a command may take beyond its limit: its tree is ended and its output waited for."""


@dataclass(frozen=True)
class Question:
    """One thing to read. kind: a reader of script/*.ps1. Two that are the same are asked once."""

    kind: str
    arguments: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, kind: str, /, **arguments: Any) -> Question:
        """Lists become tuples, so that a question can be looked up."""
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}
        return cls(kind, tuple(sorted(plain.items())))

    def as_request(self, number: str) -> dict[str, Any]:
        return {"id": number, "kind": self.kind, **dict(self.arguments)}

    @property
    def limit(self) -> int:
        """Seconds that it may take beyond what reading takes."""
        return int(dict(self.arguments)["limit"]) + CLEANING_UP if self.kind == "command" else 0


@dataclass(frozen=True)
class Answer:
    """What the host said to a question; `error`: why it could not be read, `value` is empty then."""

    value: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Reading:
    """The answers of one call. `broken`: the error that ended it before all were there."""

    answers: Mapping[Question, Answer]
    broken: HostError | AgentFailed | None = None


def read(session: AgentSession, questions: Iterable[Question], account: str = "") -> Reading:
    """Asks everything in one call. account: whose environment programs are looked up in; "" is the machine's alone.

    Raises HostError and AgentFailed if not a single answer came; an end in the middle is said in the reading.
    """
    numbered = {f"q{index}": question for index, question in enumerate(dict.fromkeys(questions))}
    nonce = secrets.token_hex(8)
    answers: dict[Question, Answer] = {}
    stray: list[str] = []
    ended = False

    def on_line(line: str) -> None:
        nonlocal ended
        body = said(line, nonce)
        if body is None:
            stray.append(line)
        elif body.get("end"):
            ended = True
        else:
            answers[numbered[body["id"]]] = Answer(body.get("answer") or {}, body.get("error", ""))

    request = {"nonce": nonce, "account": account, "questions": [q.as_request(n) for n, q in numbered.items()]}
    limit = READING_LIMIT + sum(question.limit for question in numbered.values())
    try:
        exit_ = session.run(agent.bootstrap(), script.payload(request), on_line, limit)
    except HostError as error:
        if not answers:
            raise
        return Reading(answers, error)
    if ended:
        return Reading(answers)
    tail = "\n".join(last_lines(exit_.stderr_text, stray))
    what = f"the reading ended with exit {exit_.exit_code} before all was said" + (f":\n{tail}" if tail else "")
    failed = AgentFailed(what, "python bake.py doctor")
    if not answers:
        raise failed
    return Reading(answers, failed)
