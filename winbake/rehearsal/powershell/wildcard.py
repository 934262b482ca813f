"""PowerShell's wildcard patterns: `*`, `?`, `[abc]`, `[a-z]`, and a backtick that takes a character as it is.

As WildcardPattern of the 2016 source: there is no negation in brackets, and a backtick before an ordinary character is
dropped.
"""

from __future__ import annotations

import re
from functools import lru_cache

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError

SPECIAL = "*?["


def has_wildcards(text: str) -> bool:
    """Whether the text has an unescaped `*`, `?` or `[`, or an unescaped `]` (ContainsWildcardCharacters)."""
    i = 0
    while i < len(text):
        if text[i] == "`":
            i += 2
            continue
        if text[i] in "*?[]":
            return True
        i += 1
    return False


def escape(text: str) -> str:
    """WildcardPattern.Escape: a backtick before each of `*?[]`."""
    return "".join("`" + c if c in "*?[]" else c for c in text)


def unescape(text: str) -> str:
    """WildcardPattern.Unescape: drops backticks before `*?[]` and other backticks."""
    out: list[str] = []
    i = 0
    while i < len(text):
        if text[i] == "`" and i + 1 < len(text) and text[i + 1] in "*?[]`":
            out.append(text[i + 1])
            i += 2
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


class Wildcard:
    """A compiled pattern. Raises ScriptError (WildcardPatternException) for an open bracket without end."""

    __slots__ = ("_regex", "ignore_case", "pattern")

    def __init__(self, pattern: str, ignore_case: bool = True) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self._regex = _compile(str(pattern), ignore_case)

    def matches(self, text: str) -> bool:
        return self._regex.fullmatch(text) is not None


@lru_cache(maxsize=512)
def _compile(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(to_regex(pattern), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def to_regex(pattern: str) -> str:
    """The pattern as a Python regular expression (to be matched in full)."""
    out: list[str] = []
    i = 0
    while i < len(pattern):
        c = pattern[i]
        if c == "`" and i + 1 < len(pattern):
            out.append(re.escape(pattern[i + 1]))
            i += 2
            continue
        if c == "*":
            if not out or out[-1] != ".*":
                out.append(".*")
        elif c == "?":
            out.append(".")
        elif c == "[":
            text, i = _bracket(pattern, i)
            out.append(text)
            continue
        else:
            out.append(re.escape(c))
        i += 1
    return "".join(out)


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """A bracket expression as a regular expression, and the place after it."""
    members: list[str] = []
    escaped: list[bool] = []
    i = start + 1
    while i < len(pattern):
        c = pattern[i]
        if c == "`" and i + 1 < len(pattern):
            members.append(pattern[i + 1])
            escaped.append(True)
            i += 2
            continue
        if c == "]" and members:
            return _character_class(pattern, members, escaped), i + 1
        members.append(c)
        escaped.append(False)
        i += 1
    raise _bad_pattern(pattern)


def _character_class(pattern: str, members: list[str], escaped: list[bool]) -> str:
    parts: list[str] = []
    i = 0
    while i < len(members):
        if i + 2 < len(members) and members[i + 1] == "-" and not escaped[i + 1]:
            if members[i] > members[i + 2]:
                raise _bad_pattern(pattern)
            parts.append(f"{re.escape(members[i])}-{re.escape(members[i + 2])}")
            i += 3
        else:
            parts.append(re.escape(members[i]))
            i += 1
    return f"[{''.join(parts)}]"


def _bad_pattern(pattern: str) -> ScriptError:
    message = f"The specified wildcard character pattern is not valid: {pattern}"
    exception = NetException("System.Management.Automation.WildcardPatternException", message)
    return ScriptError(ErrorRecord(exception, "WildcardPattern_Invalid", "NotSpecified"))
