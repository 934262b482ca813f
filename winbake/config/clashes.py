"""What two entries of a manifest cannot both have: a port, a program name on PATH, a variable, a circle of needs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from winbake.config.document import Document
from winbake.config.errors import Problem, nearest

if TYPE_CHECKING:
    from winbake.config.manifest import Manifest


def find_clashes(manifest: Manifest, document: Document) -> list[Problem]:
    return [
        *_ports(manifest, document),
        *_executables(manifest, document),
        *_environment(manifest, document),
        *_requirements(manifest, document),
    ]


def _ports(manifest: Manifest, document: Document) -> list[Problem]:
    users: dict[tuple[str, int], list[tuple[str, int, bool]]] = defaultdict(list)
    for tool_id, tool in manifest.tools.items():
        for index, port in enumerate(tool.ports):
            users[port.protocol, port.port].append((tool_id, index, port.exclusive))
    problems = []
    for (_, port_number), entries in users.items():
        if len(entries) > 1 and any(exclusive for _, _, exclusive in entries):
            (first, _, _), (second, index, _) = entries[0], entries[1]
            problems.append(
                document.problem(
                    ("tools", second, "ports", index),
                    f"tools.{first} and tools.{second} both listen on port {port_number}.\n"
                    "  Give one of them another port, or set exclusive: false and say which starts by itself.",
                )
            )
    return problems


def _executables(manifest: Manifest, document: Document) -> list[Problem]:
    bringers: dict[str, list[str]] = defaultdict(list)
    for tool_id, tool in manifest.tools.items():
        for name in tool.executables:
            bringers[name.lower()].append(tool_id)
    decided = {name.lower(): winner for name, winner in manifest.executables.items()}
    problems = []
    for name, tools in bringers.items():
        if len(tools) > 1 and name not in decided:
            problems.append(
                document.problem(
                    ("tools", tools[1], "executables"),
                    f"{name} comes with tools.{tools[0]} and tools.{tools[1]}, both on PATH.\n"
                    f"  Say which wins: executables: {{{name}: {tools[0]}}}.",
                )
            )
    order = list(manifest.tools)
    for name, winner in manifest.executables.items():
        here = ("executables", name)
        if winner not in manifest.tools:
            problems.append(document.problem(here, f"executables.{name}: no tool {winner}{nearest(winner, order)}"))
            continue
        tools = bringers.get(name.lower(), [])
        if winner not in tools:
            problems.append(
                document.problem(here, f"executables.{name}: tools.{winner} does not list {name} in executables")
            )
            continue
        for other in tools:
            if other != winner and not _stands_before(manifest, winner, other):
                problems.append(
                    document.problem(
                        here,
                        f"executables.{name}: {winner} is to win, but its PATH entry stands after that of {other}.\n"
                        f"  Put tools.{winner} before tools.{other}, or give its PATH entry place: first.",
                    )
                )
    return problems


def _stands_before(manifest: Manifest, winner: str, other: str) -> bool:
    """PATH order: entries placed first come before those placed last; else the order of the manifest's tools."""

    def rank(tool_id: str) -> tuple[int, int]:
        places = [entry.place for entry in manifest.tools[tool_id].path]
        return (0 if "first" in places else 1, list(manifest.tools).index(tool_id))

    return rank(winner) < rank(other)


def _environment(manifest: Manifest, document: Document) -> list[Problem]:
    owners: dict[str, list[str]] = defaultdict(list)
    for tool_id, tool in manifest.tools.items():
        for name in dict.fromkeys([*tool.environment, *tool.owns_environment]):
            owners[name.upper()].append(tool_id)
    return [
        document.problem(
            ("tools", tools[1], "environment"),
            f"tools.{tools[0]} and tools.{tools[1]} both own {name}.\n  Leave it to one of them.",
        )
        for name, tools in owners.items()
        if len(tools) > 1
    ]


def _requirements(manifest: Manifest, document: Document) -> list[Problem]:
    problems = []
    known = list(manifest.tools)
    for tool_id, tool in manifest.tools.items():
        for index, needed in enumerate(tool.requires):
            if needed not in manifest.tools:
                problems.append(
                    document.problem(
                        ("tools", tool_id, "requires", index),
                        f"tools.{tool_id}.requires: no tool {needed}{nearest(needed, known)}",
                    )
                )
    if not problems:
        circle = _circle(manifest)
        if circle:
            problems.append(
                document.problem(
                    ("tools", circle[0], "requires"),
                    f"tools require each other in a circle: {' → '.join(circle)}",
                )
            )
    return problems


def _circle(manifest: Manifest) -> list[str]:
    done: set[str] = set()

    def walk(tool_id: str, path: list[str]) -> list[str]:
        if tool_id in path:
            return [*path[path.index(tool_id) :], tool_id]
        if tool_id in done:
            return []
        for needed in manifest.tools[tool_id].requires:
            found = walk(needed, [*path, tool_id])
            if found:
                return found
        done.add(tool_id)
        return []

    for tool_id in manifest.tools:
        found = walk(tool_id, [])
        if found:
            return found
    return []


def install_order(manifest: Manifest) -> list[str]:
    """The tools' ids, each after what it requires, otherwise in the manifest's order."""
    ordered: list[str] = []

    def place(tool_id: str) -> None:
        if tool_id not in ordered:
            for needed in manifest.tools[tool_id].requires:
                place(needed)
            ordered.append(tool_id)

    for tool_id in manifest.tools:
        place(tool_id)
    return ordered
