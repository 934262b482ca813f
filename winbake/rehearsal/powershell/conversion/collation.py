"""How Windows orders text: the invariant culture's word sort (NLS; CompareOptions documentation).

Letters compare by base letter first, then by accent, then by case (small before capital); `-` and `'` weigh only when
all else is equal; punctuation stands before digits and digits before letters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

_MINIMAL = frozenset("-'\u00ad\u2010\u2011")
_SYMBOLS = "_-,;:!?./`^~'\"()[]{}@$*\\&#%+<=>|"
_EXPANSIONS = {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}

Key = tuple[tuple[Any, ...], ...]


def _primary(character: str) -> tuple[int, Any]:
    category = unicodedata.category(character)
    if category[0] == "L":
        return 5, character.lower()
    if category[0] == "N":
        return 4, (unicodedata.numeric(character, 0.0), character)
    if category[0] == "Z" or character in "\t\n\r\v\f":
        return 1, character
    place = _SYMBOLS.find(character)
    return (2, place) if place >= 0 else (3, character)


@lru_cache(maxsize=4096)
def sort_key(text: str, ignore_case: bool = True) -> Key:
    """A key that orders texts as the culture does; equal keys mean equal texts."""
    primary: list[Any] = []
    accents: list[str] = []
    cases: list[int] = []
    minimal: list[tuple[int, str]] = []
    for raw in text:
        for character in _EXPANSIONS.get(raw) or unicodedata.normalize("NFD", raw):
            if unicodedata.combining(character) and accents:
                accents[-1] += character
            elif character in _MINIMAL:
                minimal.append((-len(primary), character))
            elif unicodedata.category(character) == "Cc" and character not in "\t\n\r\v\f":
                continue
            else:
                primary.append(_primary(character))
                accents.append("")
                cases.append(1 if character.isupper() else 0)
    return tuple(primary), tuple(accents), () if ignore_case else tuple(cases), tuple(minimal)


def compare_text(left: str, right: str, ignore_case: bool = True) -> int:
    """String.Compare(left, right, ignoreCase) in the invariant culture: -1, 0 or 1."""
    if left == right:
        return 0
    one, other = sort_key(str(left), ignore_case), sort_key(str(right), ignore_case)
    return (one > other) - (one < other)


def equal_text(left: str, right: str, ignore_case: bool = True) -> bool:
    if left == right:
        return True
    if left.isascii() and right.isascii() and left.isprintable() and right.isprintable():
        return ignore_case and left.lower() == right.lower()
    return compare_text(left, right, ignore_case) == 0
