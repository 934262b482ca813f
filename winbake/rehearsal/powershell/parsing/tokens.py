"""What the lexer deals in: tokens, the modes it reads in, keywords and operators with their precedence."""

from __future__ import annotations

from typing import Any

COMMAND, EXPRESSION, TYPE_NAME, SIGNATURE = range(4)

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
DOUBLE_QUOTES = '"\u201c\u201d\u201e'
DASHES = "-\u2013\u2014\u2015"
WHITE = " \t\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ENDS_TOKEN = frozenset("\0{}();,|&\r\n \t\v\f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}
ENDS_NUMBER = frozenset("!#%*+./<=>]" + DASHES)
ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

KEYWORDS = frozenset(
    [
        "elseif", "if", "else", "switch", "foreach", "from", "in", "for", "while", "until", "do", "try", "catch",
        "finally", "trap", "data", "return", "continue", "break", "exit", "throw", "begin", "process", "end",
        "dynamicparam", "function", "filter", "param", "class", "define", "var", "using", "workflow", "parallel",
        "sequence", "configuration", "public", "private", "static", "interface", "enum", "namespace", "module",
        "type", "assembly", "command", "hidden", "base",
    ]
)

_COMPARISONS = [
    "eq", "ne", "ge", "gt", "lt", "le", "like", "notlike", "match", "notmatch", "replace", "contains",
    "notcontains", "in", "notin", "split",
]
BINARY_PRECEDENCE: dict[str, int] = {
    **{f"-{name}": 1 for name in ("and", "or", "xor")},
    **{f"-{name}": 2 for name in ("band", "bor", "bxor")},
    **{f"-{prefix}{name}": 3 for name in _COMPARISONS for prefix in ("", "i", "c")},
    **{f"-{name}": 3 for name in ("join", "is", "isnot", "as", "shl", "shr")},
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "-f": 6,
    "..": 7,
}
UNARY_OPERATORS = frozenset(
    ("+", "-", "!", ",", "++", "--", "-not", "-bnot", "-join", "-split", "-isplit", "-csplit")
)
ASSIGNMENTS = frozenset(("=", "+=", "-=", "*=", "/=", "%="))
DASH_OPERATORS = frozenset(k for k in BINARY_PRECEDENCE if len(k) > 1 and k[0] == "-") | {"-not", "-bnot"}


class Token:
    """`value`: text of a string, parts of an expandable, the number, the name of a variable or parameter;
    of a redirection (from stream, to stream or None, append). `flag`: kind of string, "braced" or, for a
    parameter that ends in a colon, "colon"."""

    __slots__ = ("end", "flag", "kind", "start", "text", "value")

    def __init__(self, kind: str, start: int, end: int, text: str, value: Any = None, flag: str = "") -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.flag = flag

    def __repr__(self) -> str:
        return f"Token({self.kind!r}, {self.text!r})"


class SubText:
    """`$( … )` inside a string: where it stands and, if quotes in it were doubled, its text with single ones
    (`removed`: offsets in the source of the characters left out)."""

    __slots__ = ("end", "removed", "start", "text")

    def __init__(self, start: int, end: int, text: str | None, removed: list[int]) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.removed = removed


def merge(pieces: list[Any]) -> list[Any]:
    """Joins neighbouring texts."""
    parts: list[Any] = []
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        if texts:
            parts.append("".join(texts))
            texts = []
        parts.append(piece)
    if texts:
        parts.append("".join(texts))
    return parts
