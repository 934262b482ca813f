"""The search language of Windows Update: `IsInstalled=0 and (Type='Software' or BrowseOnly=1)`.

Source: [MS-UAMG] 3.38.4.11 (grammar and properties); IUpdateSearcher::Search (`!=` only with Type).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from winbake.rehearsal.windows.failures import NotModelled

Test = Callable[[Mapping[str, Any]], bool]
TRUTHS = ("isinstalled", "ishidden", "browseonly", "rebootrequired", "isassigned")
TEXTS = ("type", "updateid")
UNMODELLED = ("autoselectonwebsites", "categoryids", "deploymentaction", "ispresent", "revisionnumber")
_TOKEN = re.compile(r"\s*(\(|\)|!=|=|'[^']*'|-?\d+|[A-Za-z]+)")


class InvalidCriteria(ValueError):
    """Not in the language; Windows answers WU_E_INVALID_CRITERIA."""


def parse(text: str) -> Test:
    """The test of a property table (names in lower case). Raises InvalidCriteria, NotModelled.

    Which default Windows takes for a property that is not named is not modelled, so IsInstalled must be.
    """
    tokens = _tokens(text)
    if "isinstalled" not in (token.lower() for token in tokens):
        raise NotModelled(f"a search for updates without IsInstalled: {text!r}")
    test = _any(tokens)
    if tokens:
        raise InvalidCriteria(text)
    return test


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidCriteria(text)
        found.append(match[1])
        at = match.end()
    return found


def _word(tokens: list[str], word: str) -> bool:
    if tokens and tokens[0].lower() == word:
        tokens.pop(0)
        return True
    return False


def _any(tokens: list[str]) -> Test:
    tests = [_all(tokens)]
    while _word(tokens, "or"):
        tests.append(_all(tokens))
    return lambda of: any(test(of) for test in tests)


def _all(tokens: list[str]) -> Test:
    tests = [_one(tokens)]
    while _word(tokens, "and"):
        tests.append(_one(tokens))
    return lambda of: all(test(of) for test in tests)


def _one(tokens: list[str]) -> Test:
    if _word(tokens, "("):
        inner = _any(tokens)
        if not _word(tokens, ")"):
            raise InvalidCriteria("a bracket is missing")
        return inner
    if len(tokens) < 3:
        raise InvalidCriteria("a criterion is missing")
    name, sign, value = tokens.pop(0).lower(), tokens.pop(0), tokens.pop(0)
    if name in UNMODELLED:
        raise NotModelled(f"{name} in a search for updates")
    if sign not in ("=", "!=") or (sign == "!=" and name != "type"):
        raise InvalidCriteria(f"{name} {sign}")
    if name in TRUTHS and value in ("0", "1"):
        return lambda of: bool(of[name]) == (value == "1")
    if name in TEXTS and value.startswith("'"):
        wanted = value.strip("'").lower()
        return lambda of: (str(of[name]).lower() == wanted) == (sign == "=")
    raise InvalidCriteria(f"{name} {sign} {value}")
