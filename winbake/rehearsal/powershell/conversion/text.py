"""What `"$x"` and `[string]$x` give: PSObject.ToString of the engine."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.errors import ErrorRecord
from winbake.rehearsal.powershell.formatting import net_to_string
from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.types import NetType
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    CodeMethod,
    MemberTable,
    NetObject,
    PSObject,
    ScriptMethod,
)


def to_text(value: Any, session: Any = None, separator: str | None = None) -> str:
    """The text of a value in the invariant culture; collections joined with `separator` (else $OFS, else a space)."""
    if type(value) is str:
        return value
    if value is None or value is AUTOMATION_NULL:
        return ""
    overridden = _overridden(value, session)
    if overridden is not None:
        return overridden
    base = value.base if type(value) is PSObject else value
    if base is not CUSTOM:
        from winbake.rehearsal.powershell.conversion.collections import enumerate_items

        items = enumerate_items(base)
        if items is not None:
            if separator is None:
                separator = _output_separator(session)
            return separator.join(flat_text(item, session) for item in items)
    return flat_text(value, session)


def flat_text(value: Any, session: Any = None) -> str:
    """As to_text, but a collection gives its type name: what stands inside other collections and objects."""
    if value is None or value is AUTOMATION_NULL:
        return ""
    overridden = _overridden(value, session)
    if overridden is not None:
        return overridden
    if type(value) is PSObject:
        if value.base is CUSTOM:
            return _custom_text(value, session)
        value = value.base
    if isinstance(value, NetType):
        return display_name(value)
    if isinstance(value, ErrorRecord):
        return value.details if value.details is not None else value.exception.message
    net_type = getattr(value, "net_type", None)
    if isinstance(net_type, NetType) and net_type.script_class is not None and not net_type.is_enum:
        from winbake.rehearsal.powershell.members import invoke_method

        return to_text(invoke_method(session, value, "ToString", []), session)
    return net_to_string(value)


def _output_separator(session: Any) -> str:
    if session is None:
        return " "
    value = session.get_variable("OFS")
    return " " if value is None else to_text(value)


def _overridden(value: Any, session: Any) -> str | None:
    table: MemberTable | None
    if type(value) is PSObject:
        table = value.members
    elif isinstance(value, NetObject):
        table = value.ps_members
    else:
        return None
    if not table:
        return None
    member = table.get("ToString")
    if member is None or not isinstance(member, ScriptMethod | CodeMethod):
        return None
    from winbake.rehearsal.powershell.members import invoke_method

    return to_text(invoke_method(session, value, "ToString", []), session)


def _custom_text(value: PSObject, session: Any) -> str:
    from winbake.rehearsal.powershell.members import member_value

    parts = [
        f"{member.name}={flat_text(member_value(session, value, member), session)}"
        for member in value.members
        if member.is_property and not member.hidden
    ]
    return "@{" + "; ".join(parts) + "}" if parts else ""
