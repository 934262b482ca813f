"""PowerShell's wildcards: `*`, `?`, `[a-z]`, and the backtick that takes their meaning away."""

from __future__ import annotations

import re
from functools import lru_cache

from winbake.rehearsal.powershell.errors import script_error

_SPECIAL = "*?[]"


def has_wildcards(text: str) -> bool:
    """Whether an unescaped `*`, `?`, `[` or `]` stands in the text."""
    i = 0
    while i < len(text):
        if text[i] == "`":
            i += 1
        elif text[i] in _SPECIAL:
            return True
        i += 1
    return False


def escape(text: str) -> str:
    """[WildcardPattern]::Escape."""
    return "".join("`" + c if c in _SPECIAL else c for c in text)


def unescape(text: str) -> str:
    """[WildcardPattern]::Unescape: a backtick goes only from before a wildcard character."""
    return re.sub(r"`([*?\[\]])", r"\1", text)


class Wildcard:
    """A pattern that the whole text must match. A set that is not closed raises ScriptError WildcardPattern_Invalid."""

    def __init__(self, pattern: str, ignore_case: bool = True) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self._expression = _compile(pattern, ignore_case)

    def matches(self, text: str) -> bool:
        return self._expression.fullmatch(text) is not None


@lru_cache(maxsize=2048)
def _compile(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts: list[str] = []
    i = 0
    while i < len(pattern):
        c = pattern[i]
        if c == "`" and i + 1 < len(pattern):
            i += 1
            parts.append(re.escape(pattern[i]))
        elif c == "*":
            parts.append(".*")
        elif c == "?":
            parts.append(".")
        elif c == "[":
            inside, i = _set(pattern, i + 1)
            parts.append(inside)
        else:
            parts.append(re.escape(c))
        i += 1
    return re.compile("".join(parts), re.S | (re.I if ignore_case else 0))


def _set(pattern: str, start: int) -> tuple[str, int]:
    """The set that begins at `start` as a regular expression, and where its `]` stands."""
    members: list[str] = []
    i = start
    while i < len(pattern):
        c = pattern[i]
        if c == "]" and i > start:
            return _alternatives(members), i
        if c == "`" and i + 1 < len(pattern):
            i += 1
            members.append(re.escape(pattern[i]))
        elif c == "-" and members and i + 1 < len(pattern) and pattern[i + 1] != "]":
            members.append("-")
        else:
            members.append(re.escape(c))
        i += 1
    raise script_error(
        "RuntimeException",
        f"The specified wildcard character pattern is not valid: {pattern}",
        exception_type="System.Management.Automation.WildcardPatternException",
    )


def _alternatives(members: list[str]) -> str:
    return "[" + "".join(members) + "]"
