"""How an error is shown: NormalView of Windows PowerShell 5.1 (`$ErrorView`), and the CategoryInfo line."""

from __future__ import annotations

import re
from typing import Any

from winbake.rehearsal.powershell.display.text import wrap
from winbake.rehearsal.powershell.errors import ErrorRecord
from winbake.rehearsal.powershell.running.positions import position_message
from winbake.rehearsal.powershell.syntax import ParseError

DEFAULT_BUFFER_WIDTH = 80  # columns; what the console host answers without a console
_INDENT = 4
_NATIVE_MESSAGE = "NativeCommandErrorMessage"
_LONGEST = 40  # longer texts in CategoryInfo keep 15 characters at either end
_MOST_PARSE_ERRORS = 10


def error_view(record: ErrorRecord, width: int = DEFAULT_BUFFER_WIDTH, session: Any = None) -> str:
    """The lines of an error, joined by CR LF and ended by it; `width` is that of the screen buffer."""
    return "".join(line + "\r\n" for line in wrap(error_text(session, record, width), width - 1))


def error_text(session: Any, record: ErrorRecord, width: int | None = None) -> str:
    """The text before it is wrapped."""
    if record.error_id == _NATIVE_MESSAGE:
        return record.exception.message
    if width is None:
        width = buffer_width(session)
    view = "NormalView" if session is None else str(session.get_variable("ErrorView") or "NormalView")
    name = "" if view == "CategoryView" else _name(record)
    if view == "CategoryView":
        return category_text(record)
    found = record.exception.properties.get("Errors")
    errors = [e for e in found if isinstance(e, ParseError)] if isinstance(found, list) else []
    message = parse_errors_text(errors) if errors else record.exception.message
    position = _position(record)
    text = f"\n{position}" if position else ""
    for line in (
        f"+ CategoryInfo          : {category_text(record)}",
        f"+ FullyQualifiedErrorId : {record.error_id}",
    ):
        text += "\n" + _pieces(line, width - _INDENT - 2)
    if record.details:
        return name + record.details + text
    return f"{name}{message}{text}\n "


def buffer_width(session: Any) -> int:
    width = getattr(session, "buffer_width", None)
    return width if isinstance(width, int) else DEFAULT_BUFFER_WIDTH


def _pieces(line: str, width: int) -> str:
    """A `+` line is cut into pieces, each indented, with no line end between them."""
    return "".join(" " * _INDENT + piece for piece in re.findall(f".{{1,{max(width, 1)}}}", line, re.DOTALL))


def _name(record: ErrorRecord) -> str:
    """`Get-Item : `: what the failing command was called by; of a script its path, of script text the text."""
    invocation = record.invocation
    if invocation is None:
        return ""
    command = getattr(invocation, "command", None)
    called = str(getattr(invocation, "invocation_name", "") or "")
    if command is None:
        return f"{called} : " if called else ""
    kind = str(getattr(command, "kind", ""))
    if kind == "ExternalScript":
        return f"{command.path} : "
    if kind == "Script":
        return f"{command.definition} : "
    if called in ("", "&", "."):
        own = getattr(command, "name", "")
        return f"{own} : " if own else ""
    return f"{called} : "


def _position(record: ErrorRecord) -> str:
    invocation = record.invocation
    if invocation is None or (record.category == "ParserError" and getattr(invocation, "command", None) is None):
        return ""
    return str(getattr(invocation, "position_message", "") or "").replace("\r\n", "\n")


def category_text(record: ErrorRecord) -> str:
    """`ObjectNotFound: (C:\\x:String) [Get-Item], ItemNotFoundException`."""
    from winbake.rehearsal.powershell.display.error_parts import reason, target_name, target_type

    parts = (_shortened(target_name(record)), _shortened(target_type(record)), _shortened(record.activity or ""))
    why = reason(record)
    if record.category == "ParserError" and not record.activity and record.exception.properties.get("Errors"):
        why = "ParentContainsErrorRecordException"  # the host shows the record inside the ParseException
    return f"{record.category}: ({parts[0]}:{parts[1]}) [{parts[2]}], {why}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:15]}...{text[-15:]}"


def parse_errors_text(errors: list[ParseError]) -> str:
    """The message of the ParseException for these errors: position and text of each of the first ten."""
    shown = [f"{position_message(e.source, e.start, e.end)}\n{e.message}" for e in errors[:_MOST_PARSE_ERRORS]]
    if len(errors) > _MOST_PARSE_ERRORS:
        shown.append("Not all parse errors were reported.  Correct the reported errors and try again.")
    return "\n\n".join(shown).replace("\n", "\r\n")
