"""Which statements of the agent were run: the interpreter tells, this keeps.

Every test process writes what it has seen to a folder that all of them share, so that the last test can judge them all
together (see conftest.py). A statement is known by its offset in the whole script, agent.source().
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from winbake import agent
from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.parsing.walk import descendants
from winbake.rehearsal.powershell.running import observation

FOLDER = files(agent)


@dataclass(frozen=True)
class Statement:
    """A statement of the agent: file below winbake/agent, line counted from 1, and its first line of text."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@cache
def part_text(part: str) -> str:
    return (FOLDER / part).read_text(encoding="utf-8")


@cache
def _part_starts() -> tuple[tuple[int, str], ...]:
    """(first line in the whole script, file) of every part, in order."""
    starts, line = [], agent.HEADER.count("\n") + 2
    for part in agent.parts():
        starts.append((line, part))
        line += part_text(part).count("\n") + 1
    return tuple(starts)


def place_of(line: int) -> tuple[str, int] | None:
    """File and line of a line of the whole script; None for header and footer."""
    for start, part in reversed(_part_starts()):
        if start <= line:
            return (part, line - start + 1) if line - start < part_text(part).count("\n") else None
    return None


def statements(text: str) -> Iterable[syntax.Statement]:
    """All statements in the blocks of a script. A function's definition is none: its body's statements are."""
    tree, errors = parse(text)
    assert not errors, errors
    for node in descendants(tree):
        if isinstance(node, syntax.StatementBlock):
            yield from (s for s in node.statements if not isinstance(s, syntax.FunctionDefinition))


@cache
def wanted() -> dict[int, Statement]:
    """Offset → statement, for all that the agent's files hold."""
    found = {}
    for node in statements(agent.source()):
        place = place_of(node.line)
        if place is not None:
            found[node.start] = Statement(*place, node.text.splitlines()[0])
    return found


class Tracer:
    """Keeps the offsets of the statements of one script that the interpreter ran between `start` and `stop`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: set[int] = set()
        self._before: observation.Observer | None = None

    def start(self) -> None:
        self._before = observation.observe(self._saw)

    def stop(self) -> None:
        """Who watched before goes on."""
        observation.observe(self._before)

    def _saw(self, node: syntax.Node) -> None:
        if node.start not in self.offsets and node.source.text == self.text:
            self.offsets.add(node.start)

    def save(self, path: Path) -> None:
        path.write_text("\n".join(map(str, sorted(self.offsets))), encoding="utf-8")


def saved_name(node_id: str) -> str:
    """The file in which a test leaves what its process has seen so far."""
    return hashlib.sha256(node_id.encode("utf-8")).hexdigest()[:24]


def offsets(saved: Iterable[Path]) -> set[int]:
    """What is in the files, together."""
    return {int(offset) for path in saved for offset in path.read_text(encoding="utf-8").split()}


def not_run(saved: Iterable[Path]) -> list[Statement]:
    """The agent's statements that are in none of the files, in order."""
    seen = offsets(saved)
    return [statement for offset, statement in sorted(wanted().items()) if offset not in seen]
