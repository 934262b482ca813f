"""`-like -match -replace`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.errors import script_error
from winbake.rehearsal.powershell.operators.comparing import compared_items
from winbake.rehearsal.powershell.values import (
    PSArray,
    unwrap,
)
from winbake.rehearsal.powershell.wildcard import Wildcard

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


def _wildcard(session: Session, right: Any, ignore_case: bool) -> Wildcard:
    return session.wildcard(convert.to_text(right, session), ignore_case)


def make_like(ignore_case: bool, wanted: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        pattern = _wildcard(session, right, ignore_case)
        items = compared_items(left)
        if items is None:
            return pattern.matches(convert.to_text(left, session)) is wanted
        texts = [convert.to_text(item, session) for item in items]
        return PSArray([text for text in texts if pattern.matches(text) is wanted])

    return operate


def _regex(session: Session, pattern: Any, ignore_case: bool) -> Any:
    bare = unwrap(pattern)
    if hasattr(bare, "match") and hasattr(bare, "replace") and not isinstance(bare, str):
        return bare
    return session.regex(convert.to_text(pattern, session), ignore_case)


def match_text(session: Session, left: Any, right: Any, ignore_case: bool) -> Any:
    """The match object of a scalar -match, or None. `$Matches` is the caller's business."""
    found = _regex(session, right, ignore_case).match(convert.to_text(left, session))
    return found if found.success else None


def matches_table(match: Any) -> Hashtable:
    """`$Matches`: numbered groups that took part, and named ones under their names."""
    table = Hashtable(ignore_case=True)
    for group in match.groups:
        if group.success:
            table.set(int(group.name) if group.name.isdigit() else group.name, group.value)
    return table


def make_match(ignore_case: bool, wanted: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        regex = _regex(session, right, ignore_case)
        items = compared_items(left)
        if items is None:
            found = regex.match(convert.to_text(left, session))
            if found.success:
                session.scope.put("matches", matches_table(found))
            return found.success is wanted
        return PSArray([item for item in items if regex.is_match(convert.to_text(item, session)) is wanted])

    return operate


def make_replace(ignore_case: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        parts = convert.enumerate_items(right)
        if parts is None:
            pattern, replacement = right, ""
        else:
            found = list(parts)
            if len(found) > 2:
                raise script_error(
                    "BadReplaceArgument",
                    f"The -replace operator allows only two elements to follow it, not {len(found)}.",
                )
            pattern = found[0] if found else ""
            replacement = found[1] if len(found) == 2 else ""
        regex = _regex(session, pattern, ignore_case)
        text = convert.to_text(replacement, session)
        items = compared_items(left)
        if items is None:
            return regex.replace(convert.to_text(left, session), text)
        return PSArray([regex.replace(convert.to_text(item, session), text) for item in items])

    return operate
