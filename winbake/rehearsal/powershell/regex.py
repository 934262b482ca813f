"""Regular expressions with .NET's rules, for -match, -replace, -split, switch -Regex, Select-String and [regex].

found = compile_pattern(r"(?<user>\\w+)@", IGNORE_CASE).match("bob@host")
found.group("user").value
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import regex as engine

from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.regex_pattern import (
    ECMA_SCRIPT,
    IGNORE_CASE,
    MULTILINE,
    NONE,
    SINGLELINE,
    Groups,
    read_escapes,
    translate,
)
from winbake.rehearsal.powershell.values import NetObject

__all__ = [
    "ECMA_SCRIPT",
    "IGNORE_CASE",
    "MULTILINE",
    "NONE",
    "SINGLELINE",
    "NetCapture",
    "NetGroup",
    "NetMatch",
    "NetRegex",
    "compile_pattern",
    "escape",
    "unescape",
]

Replacement = str | Callable[["NetMatch"], str]


class NetCapture(NetObject):
    """System.Text.RegularExpressions.Capture: a piece of the input."""

    net_type_name = "System.Text.RegularExpressions.Capture"

    def __init__(self, text: str, index: int, length: int) -> None:
        self.text = text
        self.index = index
        self.length = length

    @property
    def value(self) -> str:
        return self.text[self.index : self.index + self.length]

    def __str__(self) -> str:
        return self.value


class NetGroup(NetCapture):
    """A group of a match; `captures` are all it matched, the last one is its value. Empty if not `success`."""

    net_type_name = "System.Text.RegularExpressions.Group"

    def __init__(self, text: str, name: str, spans: list[tuple[int, int]]) -> None:
        start, end = spans[-1] if spans else (0, 0)
        super().__init__(text, start, end - start)
        self.name = name
        self.success = bool(spans)
        self.captures = CaptureCollection([NetCapture(text, begin, stop - begin) for begin, stop in spans])


class NetMatch(NetGroup):
    """One match, or (not `success`) the answer that there is none."""

    net_type_name = "System.Text.RegularExpressions.Match"

    def __init__(self, regex: NetRegex, text: str, found: Any, offset: int = 0, limit: int | None = None) -> None:
        span = [(found.start() + offset, found.end() + offset)] if found else []
        super().__init__(text, "0", span)
        self.regex = regex
        self.offset = offset
        self.limit = limit
        self._found = found
        self._groups: GroupCollection | None = None

    @property
    def groups(self) -> GroupCollection:
        """All groups, the whole match first; a failed match has only itself."""
        if self._groups is None:
            groups: list[NetGroup] = [self]
            numbers = self.regex.groups.numbers if self._found else [0]
            for number in numbers[1:]:
                spans = [(a + self.offset, b + self.offset) for a, b in self._found.spans(f"g{number}")]
                groups.append(NetGroup(self.text, self.regex.groups.name_of(number), spans))
            self._groups = GroupCollection(groups, numbers)
        return self._groups

    def group(self, key: int | str) -> NetGroup:
        """By number or name; a group that is not there answers as one that did not match."""
        return self.groups.find(key)

    def next_match(self) -> NetMatch:
        if not self.success:
            return self
        end = self.index + self.length
        start = end if self.length else end + 1
        if start > (len(self.text) if self.limit is None else self.limit):
            return NetMatch(self.regex, self.text, None)
        return self.regex.match(self.text, start, offset=self.offset, limit=self.limit)

    def result(self, replacement: str) -> str:
        """Match.Result: the replacement pattern filled in from this match."""
        if not self.success:
            raise NetError("System.NotSupportedException", "Result cannot be called on a failed Match.")
        return "".join(part if isinstance(part, str) else part(self) for part in self.regex.replacement(replacement))


class _Collection(NetObject):
    """A read-only list of captures, groups or matches."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return True


class CaptureCollection(_Collection):
    net_type_name = "System.Text.RegularExpressions.CaptureCollection"


class MatchCollection(_Collection):
    net_type_name = "System.Text.RegularExpressions.MatchCollection"


class GroupCollection(_Collection):
    net_type_name = "System.Text.RegularExpressions.GroupCollection"

    def __init__(self, items: list[NetGroup], numbers: list[int]) -> None:
        super().__init__(items)
        self._by_key: dict[int | str, NetGroup] = {}
        for number, group in zip(numbers, items, strict=True):
            self._by_key[number] = self._by_key[group.name] = group

    def find(self, key: int | str) -> NetGroup:
        return self._by_key.get(key) or NetGroup("", str(key), [])


class NetRegex(NetObject):
    """A compiled .NET regular expression."""

    net_type_name = "System.Text.RegularExpressions.Regex"

    def __init__(self, pattern: str, options: int, compiled: Any, groups: Groups) -> None:
        self.pattern = pattern
        self.options = options
        self.groups = groups
        self._compiled = compiled

    def __str__(self) -> str:
        return self.pattern

    @property
    def group_names(self) -> list[str]:
        """In order of number; unnamed groups have their number as name."""
        return [self.groups.name_of(number) for number in self.groups.numbers]

    def match(self, text: str, start: int = 0, *, offset: int = 0, limit: int | None = None) -> NetMatch:
        """The first match at or behind `start`. With `limit` (and `offset`) only that part of the text exists."""
        if offset or limit is not None:
            found = self._compiled.search(text[offset:limit], start - offset)
            return NetMatch(self, text, found, offset, limit)
        return NetMatch(self, text, self._compiled.search(text, start))

    def is_match(self, text: str, start: int = 0) -> bool:
        return self._compiled.search(text, start) is not None

    def iterate(self, text: str, start: int = 0) -> Iterator[NetMatch]:
        """All matches from left to right, empty ones too."""
        found = self.match(text, start)
        while found.success:
            yield found
            found = found.next_match()

    def matches(self, text: str, start: int = 0) -> list[NetMatch]:
        return list(self.iterate(text, start))

    def replace(self, text: str, replacement: Replacement, count: int = -1, start: int = 0) -> str:
        """Replaces up to `count` matches (-1: all) with a replacement pattern or what a function answers."""
        parts = None if callable(replacement) else self.replacement(replacement)
        out: list[str] = []
        end = 0
        for number, found in enumerate(self.iterate(text, start)):
            if number == count:
                break
            out.append(text[end : found.index])
            if callable(replacement):
                out.append(replacement(found))
            else:
                out.extend(part if isinstance(part, str) else part(found) for part in parts or ())
            end = found.index + found.length
        return "".join(out) + text[end:] if end or out else text

    def split(self, text: str, count: int = 0, start: int = 0) -> list[str]:
        """The pieces between the matches, with what groups captured; `count` pieces at most (0: no limit)."""
        if count == 1:
            return [text]
        pieces: list[str] = []
        end = 0
        for number, found in enumerate(self.iterate(text, start), 2):
            pieces.append(text[end : found.index])
            end = found.index + found.length
            pieces.extend(group.value for group in found.groups.items[1:] if group.success)
            if number == count:
                break
        return [*pieces, text[end:]]

    def replacement(self, text: str) -> list[str | Callable[[NetMatch], str]]:
        """A replacement pattern cut into literal texts and functions of the match."""
        parts: list[str | Callable[[NetMatch], str]] = []
        position = 0
        for found in _SUBSTITUTION.finditer(text):
            parts.append(text[position : found.start()])
            position = found.end()
            parts.append(self._substitution(found))
        return [*parts, text[position:]]

    def _substitution(self, found: Any) -> str | Callable[[NetMatch], str]:
        token: str = found[0]
        match token[1]:
            case "$":
                return "$"
            case "&":
                return lambda match: match.value
            case "`":
                return lambda match: match.text[: match.index]
            case "'":
                return lambda match: match.text[match.index + match.length :]
            case "_":
                return lambda match: match.text
            case "+":
                return lambda match: match.groups.items[-1].value
        name = token[1:].strip("{}")
        number = int(name) if name.isdigit() else self.groups.number_of.get(name, -1)
        if number not in self.groups.numbers:
            return token
        return lambda match: match.group(number).value


_SUBSTITUTION = engine.compile(r"\$(?:[$&`'_+]|[0-9]+|\{\w+\})")


@lru_cache(maxsize=2048)
def _compile(pattern: str, options: int) -> NetRegex:
    translated, groups = translate(pattern, options)
    try:
        compiled = engine.compile(translated, engine.VERSION1)
    except engine.error as error:
        if "unknown property" in str(error):
            raise NetError("System.ArgumentException", f'parsing "{pattern}" - Unknown property.') from error
        raise NotModelled(f"the regular expression {pattern!r} ({error})") from error
    return NetRegex(pattern, options, compiled, groups)


def compile_pattern(pattern: str, options: int = NONE) -> NetRegex:
    """A regular expression with RegexOptions. Raises NetError (System.ArgumentException) for a bad pattern."""
    return _compile(pattern, options)


_ESCAPED = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f", " ": r"\ "}


def escape(text: str) -> str:
    """Regex.Escape."""
    return "".join(_ESCAPED.get(c) or ("\\" + c if c in r"\*+?|{[()^$.#" else c) for c in text)


def unescape(text: str) -> str:
    """Regex.Unescape. Raises NetError (System.ArgumentException) for an escape that means nothing."""
    return read_escapes(text)
