"""Objects that cmdlets hand out and that .NET Framework does not know (`Microsoft.PowerShell.Commands.…`).

Their rows (which members, of which types) stand in `data/powershell-commands-types.jsonl`; the values stand here,
under the property's name in lower case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.dotnet import registry
from winbake.rehearsal.powershell.values import NetObject


class CommandResult(NetObject):
    """Properties by name; a subclass sets `net_type_name` and registers with `result`."""

    def __init__(self, **values: Any) -> None:
        self.values: dict[str, Any] = {name.lower(): value for name, value in values.items()}

    def __getitem__(self, name: str) -> Any:
        return self.values[name.lower()]

    def __setitem__(self, name: str, value: Any) -> None:
        self.values[name.lower()] = value


def result(type_name: str, *readable: str, writable: tuple[str, ...] = ()) -> Callable[[type], type]:
    """Registers a result class as the .NET type of that name with these properties."""

    def register(cls: type) -> type:
        cls.net_type_name = type_name  # type: ignore[attr-defined]
        for name in (*readable, *writable):
            registry.getter(type_name, name)(_getter(name))
        for name in writable:
            registry.setter(type_name, name)(_setter(name))
        return cls

    return register


def _getter(name: str) -> Callable[[CommandResult], Any]:
    key = name.lower()

    def read(value: CommandResult) -> Any:
        return value.values.get(key)

    return read


def _setter(name: str) -> Callable[[CommandResult, Any], None]:
    key = name.lower()

    def write(value: CommandResult, new: Any) -> None:
        value.values[key] = new

    return write
