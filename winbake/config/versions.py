"""Versions as installers write them, and the ranges a manifest asks for.

Installers do not agree on a form: `26.02.00.0`, `17.0.20.101`, `1.0.20260724`, `8u504`. Two versions are equal when
their numbers are, missing ones counting as 0; text between numbers only separates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

_NUMBERS = re.compile(r"\d+")
_CLAUSE = re.compile(r"^\s*(==|=|!=|>=|<=|>|<|~=)?\s*([^\s,]+)\s*$")


def version_key(text: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end. `"26.02"` → (26, 2)."""
    numbers = [int(n) for n in _NUMBERS.findall(text)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def compare_versions(left: str, right: str) -> int:
    """-1, 0 or 1."""
    for a, b in zip_longest(version_key(left), version_key(right), fillvalue=0):
        if a != b:
            return -1 if a < b else 1
    return 0


@dataclass(frozen=True)
class VersionRange:
    """`"26.02"`, `">=17.0.20, <18"`, `"~=3.7"` (3.7 or a later 3.x), `"*"` (any)."""

    text: str
    clauses: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Raises ValueError with what is wrong."""
        if text.strip() == "*":
            return cls(text, ())
        clauses = []
        for part in text.split(","):
            found = _CLAUSE.match(part)
            if not found or (not version_key(found[2]) and not any(c.isdigit() for c in found[2])):
                raise ValueError(f"not a version range: {text!r}; write 26.02, or >=17.0.20, <18, or ~=3.7, or *")
            clauses.append((found[1] or "==", found[2]))
        return cls(text, tuple(clauses))

    def holds(self, version: str) -> bool:
        return all(
            _holds(operator, compare_versions(version, wanted), version, wanted) for operator, wanted in self.clauses
        )

    def __str__(self) -> str:
        return self.text


def _holds(operator: str, order: int, version: str, wanted: str) -> bool:
    if operator == "~=":
        prefix = version_key(wanted)[:-1]
        return order >= 0 and version_key(version)[: len(prefix)] == prefix
    return {
        "==": order == 0,
        "=": order == 0,
        "!=": order != 0,
        ">": order > 0,
        ">=": order >= 0,
        "<": order < 0,
        "<=": order <= 0,
    }[operator]
