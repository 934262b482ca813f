"""The errors of member access, with the ids of Windows PowerShell 5.1."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.overloads import exception_id
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.types import NetType, type_of
from winbake.rehearsal.powershell.values import unwrap

_SMA = "System.Management.Automation."


def method_not_found(owner: NetType, name: str) -> ScriptError:
    text = display_name(owner) if owner.arguments else owner.key
    message = f"Method invocation failed because [{text}] does not contain a method named '{name}'."
    return script_error("MethodNotFound", message)


def null_method() -> ScriptError:
    return script_error("InvokeMethodOnNull", "You cannot call a method on a null-valued expression.")


def method_failed(name: str, count: int, cause: NetException) -> ScriptError:
    """What a script gets when a .NET method throws: a MethodInvocationException with the cause within."""
    message = f'Exception calling "{name}" with "{count}" argument(s): "{cause.message}"'
    exception = NetException(f"{_SMA}MethodInvocationException", message, cause)
    return ScriptError(ErrorRecord(exception, exception_id(cause), "NotSpecified"))


def getting_failed(name: str, cause: NetException) -> ScriptError:
    message = f'Exception getting "{name}": "{cause.message}"'
    return script_error(
        "ExceptionWhenGetting", message, "NotSpecified", f"{_SMA}GetValueInvocationException", inner=cause
    )


def setting_failed(name: str, cause: NetException) -> ScriptError:
    message = f'Exception setting "{name}": "{cause.message}"'
    return script_error(
        "ExceptionWhenSetting", message, "NotSpecified", f"{_SMA}SetValueInvocationException", inner=cause
    )


def property_missing_strict(name: str) -> ScriptError:
    return script_error(
        "PropertyNotFoundStrict",
        f"The property '{name}' cannot be found on this object. Verify that the property exists.",
        "NotSpecified",
        f"{_SMA}PropertyNotFoundException",
    )


def missing_to_set(name: str, error_id: str = "PropertyAssignmentException") -> ScriptError:
    message = f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
    return script_error(error_id, message)


def read_only(name: str) -> ScriptError:
    return script_error("PropertyAssignmentException", f"'{name}' is a ReadOnly property.")


def raw_error(error: NetError) -> ScriptError:
    """A .NET exception that the engine lets through as it is: its id is the full type name."""
    exception = error.exception
    return ScriptError(ErrorRecord(exception, exception.type_name, "OperationStopped"))


def null_array() -> ScriptError:
    return script_error("NullArray", "Cannot index into a null array.")


def null_index() -> ScriptError:
    return script_error("NullArrayIndex", "Index operation failed; the array index evaluated to null.")


def cannot_index(value: Any) -> ScriptError:
    return script_error("CannotIndex", f"Unable to index into an object of type {type_of(unwrap(value)).full_name}.")
