"""What the attributes of the cmdlets' parameters demand beyond their types: AllowNull, ValidateNotNullOrEmpty,
ValidateRange and the like, which the documentation (`data/commands.jsonl`) does not carry.

`data/parameter-rules.jsonl` holds them by command and parameter, read out of PowerShell's 2016 source (tag v0.6.0):
`allow_null`, `allow_empty_string`, `allow_empty_collection`, `not_null`, `not_null_or_empty`, `range`, `count`,
`length`, `remaining` (ValueFromRemainingArguments).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.validation import (
    ValidateCount,
    ValidateLength,
    ValidateNotNull,
    ValidateNotNullOrEmpty,
    ValidateRange,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.binding.parameters import ParameterInfo


_CERTIFICATE = "CodeSigningCert DnsName DocumentEncryptionCert Eku ExpiringInDays SSLServerAuthentication".split()
OTHER_PROVIDERS: dict[str, list[str]] = {
    "New-Item": (
        "ApplicationName Authentication CertificateThumbprint ConnectionURI Options OptionSet Port SessionOption UseSSL"
    ).split(),
    "Set-Item": ["Options", "Type"],
    "Get-Item": _CERTIFICATE,
    "Get-ChildItem": [*_CERTIFICATE, "FollowSymlink"],
}
"""Parameters of the table that only paths of WSMan: and Cert: have (dynamic parameters), or only a newer engine."""


@cache
def _rules() -> dict[str, dict[str, dict[str, Any]]]:
    text = resources.files("winbake.rehearsal.powershell").joinpath("data", "parameter-rules.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return {row["name"].lower(): row["rules"] for row in rows}


_MEMBER_KINDS = frozenset(
    {
        "aliasproperty",
        "codemethod",
        "codeproperty",
        "memberset",
        "noteproperty",
        "propertyset",
        "scriptmethod",
        "scriptproperty",
    }
)


def _no_member_kind(value: Any) -> bool:
    """`Add-Member ScriptMethod …` means -MemberType, not -NotePropertyName."""
    return not isinstance(value, str) or value.lower() not in _MEMBER_KINDS


def apply_rules(command: str, parameter: ParameterInfo) -> None:
    """Puts the rules of one parameter of a command of the table on its description."""
    if command == "Add-Member" and parameter.name == "NotePropertyName":
        parameter.positional_guard = _no_member_kind
    rules = _rules().get(command.lower(), {}).get(parameter.name)
    if rules is None:
        return
    parameter.allow_null = parameter.allow_null or bool(rules.get("allow_null"))
    parameter.allow_empty_string = parameter.allow_empty_string or bool(rules.get("allow_empty_string"))
    parameter.allow_empty_collection = parameter.allow_empty_collection or bool(rules.get("allow_empty_collection"))
    for described in parameter.sets:
        described.remaining = described.remaining or bool(rules.get("remaining"))
    if rules.get("not_null"):
        parameter.validations.append(ValidateNotNull())
    if rules.get("not_null_or_empty"):
        parameter.validations.append(ValidateNotNullOrEmpty())
    if "range" in rules:
        parameter.validations.append(ValidateRange(*rules["range"]))
    if "count" in rules:
        parameter.validations.append(ValidateCount(*rules["count"]))
    if "length" in rules:
        parameter.validations.append(ValidateLength(*rules["length"]))
