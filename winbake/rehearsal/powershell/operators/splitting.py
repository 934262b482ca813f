"""`-split -join`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.operators.comparing import compared_items
from winbake.rehearsal.powershell.regex import compile_pattern
from winbake.rehearsal.powershell.running.functions import ScriptBlock
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import (
    PSArray,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


def make_split(ignore_case: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        items = compared_items(left)
        texts = [convert.to_text(left, session)] if items is None else [convert.to_text(i, session) for i in items]
        parts = convert.enumerate_items(right)
        arguments = [right] if parts is None else list(parts)
        separator = arguments[0] if arguments else ""
        limit = 0
        if len(arguments) > 1:
            limit = convert.convert(arguments[1], get_type("System.Int32"), session)
        options = 0
        if len(arguments) > 2:
            options = convert.convert(
                arguments[2], get_type("System.Management.Automation.SplitOptions"), session
            ).value
        out: list[Any] = []
        bare = unwrap(separator)
        for text in texts:
            if isinstance(bare, ScriptBlock):
                out += _split_by_block(session, text, bare, limit)
            elif options & 1:
                out += _split_simple(
                    text, convert.to_text(separator, session), limit, ignore_case or bool(options & 64)
                )
            else:
                out += _split_by_regex(session, text, separator, limit, options, ignore_case)
        return PSArray(out, "System.String")

    return operate


def _split_by_regex(
    session: Session, text: str, separator: Any, limit: int, options: int, ignore_case: bool
) -> list[str]:
    flags = 0
    if ignore_case or options & 0x40:
        flags |= 1
    if options & 4:
        flags |= 512  # RegexOptions.CultureInvariant
    if options & 8:
        flags |= 32  # IgnorePatternWhitespace
    if options & 16:
        flags |= 2  # Multiline
    if options & 32:
        flags |= 16  # Singleline
    if options & 128:
        flags |= 4  # ExplicitCapture
    regex = compile_pattern(convert.to_text(separator, session), flags)
    return list(regex.split(text, max(limit, 0)))


def _split_simple(text: str, separator: str, limit: int, ignore_case: bool) -> list[str]:
    if not separator:
        return [text]
    hay, needle = (text.lower(), separator.lower()) if ignore_case else (text, separator)
    out: list[str] = []
    at = 0
    while not (0 < limit <= len(out) + 1):
        found = hay.find(needle, at)
        if found < 0:
            break
        out.append(text[at:found])
        at = found + len(needle)
    out.append(text[at:])
    return out


def _split_by_block(session: Session, text: str, block: ScriptBlock, limit: int) -> list[str]:
    out: list[str] = []
    current = ""
    for index, character in enumerate(text):
        if 0 < limit <= len(out) + 1:
            current += text[index:]
            break
        verdict = session.invoke(block, text, index, underscore=character)
        if convert.to_bool(session.collected(verdict)):
            out.append(current)
            current = ""
        else:
            current += character
    out.append(current)
    return out


def split_white(session: Session, value: Any) -> Any:
    """Unary -split."""
    items = convert.enumerate_items(value)
    texts = [convert.to_text(value, session)] if items is None else [convert.to_text(i, session) for i in items]
    return PSArray([part for text in texts for part in text.split()], "System.String")


def join(session: Session, left: Any, right: Any) -> str:
    items = convert.enumerate_items(left)
    if items is None:
        return convert.to_text(left, session)
    return convert.to_text(right, session).join([convert.to_text(item, session) for item in items])


def join_bare(session: Session, value: Any) -> str:
    return join(session, value, "")
