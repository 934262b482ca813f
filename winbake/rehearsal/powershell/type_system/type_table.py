"""The tables of .NET Framework 4.8's and PowerShell 5.1's public types, read row by row.

`data/dotnet-framework-4.8.jsonl` is reflection over the reference assemblies, `data/powershell-5.1-types.jsonl` adds
the engine's own types in the same form. A row is parsed when its type is asked for; the index holds names only.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
FILES = (
    "dotnet-framework-4.8.jsonl",
    "powershell-5.1-types.jsonl",
    "powershell-commands-types.jsonl",
    "windows-modules-types.jsonl",
)


class TypeTable:
    """Rows by the table's name of a type: `System.Environment.SpecialFolder`, ``System.Collections.Generic.List`1``."""

    def __init__(self) -> None:
        self._lines: dict[str, bytes] = {}
        self._by_lower: dict[str, str] = {}
        self._by_short: dict[str, list[str]] = {}
        for file in FILES:
            for line in (DATA / file).read_bytes().splitlines():
                name = line[9 : line.index(b'"', 9)].decode()
                self._lines[name] = line
                self._by_lower[name.lower()] = name
                self._by_short.setdefault(name.rpartition(".")[2], []).append(name)

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def names(self) -> list[str]:
        return list(self._lines)

    def row(self, name: str) -> dict[str, Any]:
        """The parsed row; KeyError if there is no such type."""
        row: dict[str, Any] = json.loads(self._lines[name])
        return row

    def find(self, name: str) -> str | None:
        """The table's spelling of a full name, compared without case."""
        return self._by_lower.get(name.lower())

    def by_short_name(self, short: str) -> list[str]:
        """All types whose last name part (with its `` `n ``) is this one."""
        return self._by_short.get(short, [])


@cache
def type_table() -> TypeTable:
    return TypeTable()
