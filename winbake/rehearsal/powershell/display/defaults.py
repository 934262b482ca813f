"""Default display properties: which properties of a type are shown when nobody asks (DefaultDisplayPropertySet), and
which one names an object (DefaultDisplayProperty). `data/display-defaults.jsonl` has those of types.ps1xml, a type a
line; Update-TypeData adds a session's own."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from winbake.rehearsal.powershell.commands import objects

SET, PROPERTY = "DefaultDisplayPropertySet", "DefaultDisplayProperty"


@cache
def _built_in() -> dict[str, dict[str, Any]]:
    text = (resources.files("winbake.rehearsal.powershell") / "data" / "display-defaults.jsonl").read_text("utf-8")
    return {row["type"].lower(): row for row in map(json.loads, text.splitlines())}


def display_set(session: Any, value: Any) -> list[str]:
    """The properties that a value's type wants shown; [] if it does not say."""
    own = objects.standard_member(session, value, SET)
    if own:
        return own
    for name in objects.type_names(session, value):
        found = _built_in().get(name.lower().removeprefix("deserialized."), {}).get("set")
        if found:
            return list(found)
    return []


def naming_property(session: Any, value: Any) -> str | None:
    """The property that a value's type is named by."""
    own = objects.standard_member(session, value, PROPERTY)
    if own:
        return own[0]
    for name in objects.type_names(session, value):
        found = _built_in().get(name.lower().removeprefix("deserialized."), {}).get("property")
        if found:
            return str(found)
    return None
