"""The errors of conversion, with the ids of Windows PowerShell 5.1."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.errors import NetError, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.types import NetType

INVALID_CAST = "System.Management.Automation.PSInvalidCastException"


def invalid_cast(error_id: str, message: str, inner: NetException | None = None) -> ScriptError:
    """The RuntimeException that a failed cast throws; within it the PSInvalidCastException with the cause."""
    cause = NetException(INVALID_CAST, message, inner)
    return script_error(error_id, message, "InvalidArgument", inner=cause)


def with_cause(error_id: str, value: Any, net_type: NetType, cause: NetError | NetException | str) -> ScriptError:
    """`Cannot convert value "x" to type "System.Int32". Error: "…"`."""
    from winbake.rehearsal.powershell.conversion.text import to_text

    exception = cause.exception if isinstance(cause, NetError) else cause
    reason = exception.message if isinstance(exception, NetException) else exception
    message = f'Cannot convert value "{to_text(value)}" to type "{type_text(net_type)}". Error: "{reason}"'
    return invalid_cast(error_id, message, exception if isinstance(exception, NetException) else None)


def no_conversion(value: Any, net_type: NetType) -> ScriptError:
    from winbake.rehearsal.powershell.conversion.text import flat_text
    from winbake.rehearsal.powershell.types import type_of

    text, given = flat_text(value), type_text(type_of(value))
    message = f'Cannot convert the "{text}" value of type "{given}" to type "{type_text(net_type)}".'
    return invalid_cast("ConvertToFinalInvalidCastException", message)


def type_text(net_type: NetType) -> str:
    """A type in an error text: its full name, generics in the engine's form."""
    return display_name(net_type) if net_type.arguments else net_type.key
