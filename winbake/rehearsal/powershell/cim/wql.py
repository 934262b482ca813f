"""WQL, as far as administrators write it: SELECT … FROM … WHERE with comparisons, LIKE, AND, OR, NOT, IS NULL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.values import unwrap

Test = Callable[[CimInstance], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|\*|,))"""
)


class WqlError(Exception):
    """The query is not valid (WBEM_E_INVALID_QUERY, 0x80041017)."""


@dataclass(frozen=True)
class Query:
    """`properties` is empty for `*`."""

    class_name: str
    properties: tuple[str, ...]
    test: Test


def parse_query(text: str) -> Query:
    """Raises WqlError."""
    reader = _Reader(text)
    reader.keyword("select")
    names: list[str] = []
    if not reader.accept("*"):
        names.append(reader.word())
        while reader.accept(","):
            names.append(reader.word())
    reader.keyword("from")
    class_name = reader.word()
    test: Test = lambda _: True  # noqa: E731
    if reader.peek_word() == "where":
        reader.keyword("where")
        test = reader.either()
    reader.finish()
    return Query(class_name, tuple(names), test)


def parse_filter(text: str) -> Test:
    """The condition of -Filter. Raises WqlError."""
    reader = _Reader(text)
    test = reader.either()
    reader.finish()
    return test


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if not match:
                raise WqlError(text)
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def peek_word(self) -> str:
        kind, text = self.peek()
        return text.lower() if kind == "word" else ""

    def next(self) -> tuple[str, str]:
        found = self.peek()
        self.at += 1
        return found

    def accept(self, sign: str) -> bool:
        if self.peek() == ("sign", sign):
            self.at += 1
            return True
        return False

    def keyword(self, word: str) -> None:
        if self.peek_word() != word:
            raise WqlError(word)
        self.at += 1

    def word(self) -> str:
        kind, text = self.next()
        if kind != "word":
            raise WqlError(text)
        return text

    def finish(self) -> None:
        if self.peek()[0] != "end":
            raise WqlError(self.peek()[1])

    def either(self) -> Test:
        first = self.both()
        while self.peek_word() == "or":
            self.at += 1
            first = _or(first, self.both())
        return first

    def both(self) -> Test:
        first = self.single()
        while self.peek_word() == "and":
            self.at += 1
            first = _and(first, self.single())
        return first

    def single(self) -> Test:
        if self.peek_word() == "not":
            self.at += 1
            inner = self.single()
            return lambda item: not inner(item)
        if self.accept("("):
            inner = self.either()
            if not self.accept(")"):
                raise WqlError(")")
            return inner
        return self.comparison()

    def comparison(self) -> Test:
        kind, left = self.next()
        if kind in ("text", "number") or left.lower() in ("true", "false", "null"):
            sign = self.next()[1]
            flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
            return _compare(self.word(), flipped, _constant(kind, left))
        if kind != "word":
            raise WqlError(left)
        word = self.peek_word()
        if word == "like":
            self.at += 1
            return _like(left, str(_constant(*self.next())))
        if word == "is":
            self.at += 1
            negated = self.peek_word() == "not"
            self.at += 1 if negated else 0
            self.keyword("null")
            return lambda item: (item.get(left) is None) != negated
        sign_kind, sign = self.next()
        if sign_kind != "sign" or sign in ("(", ")", "*", ","):
            raise WqlError(sign)
        return _compare(left, sign, _constant(*self.next()))


def _or(first: Test, second: Test) -> Test:
    return lambda item: first(item) or second(item)


def _and(first: Test, second: Test) -> Test:
    return lambda item: first(item) and second(item)


def _constant(kind: str, text: str) -> Any:
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "text":
        quote = text[0]
        inner = text[1:-1].replace(quote * 2, quote)
        return re.sub(r"\\(.)", r"\1", inner)
    words = {"true": True, "false": False, "null": None}
    if kind == "word" and text.lower() in words:
        return words[text.lower()]
    raise WqlError(text)


def _compare(name: str, sign: str, wanted: Any) -> Test:
    def test(item: CimInstance) -> bool:
        if not item.has(name):
            raise WqlError(name)
        left, right = _comparable(item.get(name), wanted)
        if sign == "=":
            return bool(left == right)
        if sign in ("<>", "!="):
            return bool(left != right) and left is not None
        if left is None or right is None or (type(left) is not type(right) and not _numbers(left, right)):
            return False
        return bool({"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[sign])

    return test


def _numbers(left: Any, right: Any) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float)


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    value = unwrap(value)
    value = getattr(value, "value", value) if not isinstance(value, str | int | float | bool | DateTime) else value
    if isinstance(value, bool):
        truth = wanted.lower() == "true" if isinstance(wanted, str) else bool(wanted)
        return value, truth
    if isinstance(value, int | float) and isinstance(wanted, str):
        try:
            return value, int(wanted)
        except ValueError:
            return value, wanted
    if isinstance(value, str):
        return value.lower(), str(wanted).lower() if wanted is not None else None
    return value, wanted


def _like(name: str, pattern: str) -> Test:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        elif char == "[" and "]" in pattern[at + 1 :]:
            end = pattern.index("]", at + 1)
            inside = pattern[at + 1 : end].replace("=", "-")
            parts.append(f"[{inside}]" if inside not in ("%", "_", "[") else re.escape(inside))
            at = end
        else:
            parts.append(re.escape(char))
        at += 1
    expression = re.compile("".join(parts), re.I | re.S)

    def test(item: CimInstance) -> bool:
        if not item.has(name):
            raise WqlError(name)
        value = item.get(name)
        return value is not None and expression.fullmatch(str(value)) is not None

    return test
