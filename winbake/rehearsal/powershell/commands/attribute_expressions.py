"""Get-ChildItem -Attributes: FlagsExpression of FileAttributes. `,` is or, `+` and (binds tighter), `!` not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell import convert, types
from winbake.rehearsal.powershell.dotnet import io_items
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import PSArray, unwrap

_PREFERRED = ("Directory", "ReadOnly", "System", "Hidden")
"""What an abbreviation that fits several attributes means."""


@dataclass(frozen=True)
class AttributeExpression:
    matches: Callable[[int], bool]
    names_hidden: bool


def attribute_expression(session: Any, given: Any) -> AttributeExpression:
    """Raises NotModelled for a name that is no attribute."""
    value = unwrap(given)
    parts = value.items if isinstance(value, PSArray) else [value]
    text = ",".join(convert.to_text(part, session) for part in parts)
    terms = [[_factor(word.strip()) for word in term.split("+")] for term in text.split(",")]

    def matches(bits: int) -> bool:
        return any(all(bool(bits & flag) != negated for flag, negated in term) for term in terms)

    return AttributeExpression(matches, any(flag == io_items.HIDDEN for term in terms for flag, _ in term))


def _factor(word: str) -> tuple[int, bool]:
    negated = word.startswith("!")
    name = word.lstrip("!").strip().lower()
    values = types.get_type("System.IO.FileAttributes").enum_values
    fitting = [known for known in values if name and known.lower().startswith(name)]
    exact = [known for known in fitting if known.lower() == name]
    preferred = [known for known in fitting if known in _PREFERRED]
    for found in (exact, fitting if len(fitting) == 1 else preferred):
        if len(found) == 1:
            return values[found[0]], negated
    raise NotModelled(f"Get-ChildItem -Attributes {word}")
