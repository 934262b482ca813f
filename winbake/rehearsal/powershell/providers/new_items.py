"""What SessionStateProviderBase asks of a new item: the drives of variables, functions, aliases and the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.values import AUTOMATION_NULL

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.providers.core import Provider

_SMA = "System.Management.Automation."


def check_new_item(provider: Provider, path: str, value: Any, force: bool) -> None:
    """A new item needs a value, and a name that is free unless forced. Raises ScriptError."""
    if value is None or value is AUTOMATION_NULL:
        message = 'Cannot process argument because the value of argument "value" is null.'
        exception = NetException(_SMA + "PSArgumentNullException", message)
        raise ScriptError(ErrorRecord(exception, "NewItemValueNotSpecified", "InvalidArgument", path))
    if provider.exists(path) and not force:
        exception = NetException(_SMA + "PSArgumentException", f"The item at path '{path}' already exists.")
        raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument"))
