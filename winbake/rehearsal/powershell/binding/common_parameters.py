"""The common parameters of cmdlets and advanced functions: preferences of one command, and its -…Variable lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.collections import ArrayList
from winbake.rehearsal.powershell.running.scope import Scope
from winbake.rehearsal.powershell.types import enum_value
from winbake.rehearsal.powershell.values import unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.pipeline import Stage

ACTION = "System.Management.Automation.ActionPreference"

_PREFERENCES = {
    "ErrorAction": "ErrorActionPreference",
    "WarningAction": "WarningPreference",
    "InformationAction": "InformationPreference",
}


def preferences(bound: dict[str, Any], is_function: bool) -> dict[str, Any]:
    """Preference variable → value, as the common parameters of one call set them."""
    found: dict[str, Any] = {}
    for parameter, variable in _PREFERENCES.items():
        if parameter in bound:
            found[variable] = bound[parameter]
    if "Verbose" in bound:
        found["VerbosePreference"] = enum_value(ACTION, "Continue" if bound["Verbose"] else "SilentlyContinue")
    if "Debug" in bound:
        found["DebugPreference"] = enum_value(ACTION, "Inquire" if bound["Debug"] else "SilentlyContinue")
    if "WhatIf" in bound:
        found["WhatIfPreference"] = bound["WhatIf"] if is_function else bool(bound["WhatIf"])
    if "Confirm" in bound:
        impact = "System.Management.Automation.ConfirmImpact"
        found["ConfirmPreference"] = enum_value(impact, "Low" if bound["Confirm"] else "None")
    return found


def apply_variables(stage: Stage, bound: dict[str, Any], scope: Scope) -> None:
    """-OutVariable, -ErrorVariable, -WarningVariable, -InformationVariable, -PipelineVariable of a call; the
    variables are made in the caller's `scope`."""
    for parameter, number in (("ErrorVariable", 2), ("WarningVariable", 3), ("InformationVariable", 6)):
        if parameter in bound:
            items = _variable(scope, bound[parameter])
            if stage.streams is stage.session.streams:
                stage.streams = stage.streams.child()
            stage.streams.collectors.setdefault(number, []).append(items.add)
    if "OutVariable" in bound:
        _tee(stage, _variable(scope, bound["OutVariable"]))
    if "PipelineVariable" in bound:
        _follow(stage, scope, bound["PipelineVariable"])


def _variable(scope: Scope, name: str) -> ArrayList:
    append = name.startswith("+")
    name = name.removeprefix("+")
    if append:
        existing = scope.find(name.lower())
        kept = unwrap(existing.value) if existing is not None else None
        if isinstance(kept, ArrayList):
            return kept
        items = ArrayList([] if kept is None else [kept])
    else:
        items = ArrayList()
    scope.set(name, items)
    return items


def _tee(stage: Stage, items: ArrayList) -> None:
    emit = stage.emit

    def both(value: Any) -> None:
        items.add(value)
        emit(value)

    stage.emit = both


def _follow(stage: Stage, scope: Scope, name: str) -> None:
    emit = stage.emit

    def note(value: Any) -> None:
        scope.set(name, value)
        emit(value)

    stage.emit = note
