"""Property expressions and calculated properties: what `-Property` of Select-, Sort-, Group-, Compare-Object and
ConvertTo-Html takes: names, wildcards, script blocks, and hashtables of those (`@{n='x'; e={…}}`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.running.functions import ScriptBlock
from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards


@dataclass(frozen=True)
class Evaluated:
    """A value of an expression; `failure` is what its script or getter threw (then the value is None)."""

    value: Any
    expression: PropertyExpression
    failure: ScriptError | None = None


class PropertyExpression:
    """A property name (wildcards allowed) or a script block."""

    __slots__ = ("resolved", "script", "text")

    def __init__(self, source: str | ScriptBlock, resolved: bool = False) -> None:
        self.script = source if isinstance(source, ScriptBlock) else None
        self.text = str(source) if isinstance(source, str) else source.text
        self.resolved = resolved

    @property
    def wild(self) -> bool:
        return self.script is None and has_wildcards(self.text)

    def resolve(self, session: Any, target: Any, expand: bool = True) -> list[PropertyExpression]:
        """The properties of the target that are meant; none if it has no such property."""
        if self.resolved or self.script is not None:
            return [self]
        names: list[str] = []
        for view in objects.matching(session, target, self.text):
            names.append(view.name)
        if not names and expand:
            for name in objects.property_set(session, target, self.text) or ():
                names.extend(view.name for view in objects.matching(session, target, name))
        return [PropertyExpression(name, resolved=True) for name in dict.fromkeys(names)]

    def evaluate(self, session: Any, target: Any, expand: bool = True) -> list[Evaluated]:
        if self.script is not None:
            return [self._run(session, target)]
        return [found._read(session, target) for found in self.resolve(session, target, expand)]

    def _run(self, session: Any, target: Any) -> Evaluated:
        assert self.script is not None
        try:
            output = session.invoke(self.script, underscore=target, new_scope=True, propagate=True)
        except ScriptError as failure:
            return Evaluated(None, self, failure)
        return Evaluated(as_is(output), self)

    def _read(self, session: Any, target: Any) -> Evaluated:
        view = objects.find_property(session, target, self.text)
        if view is None:
            return Evaluated(None, self)
        try:
            return Evaluated(view.read(), self)
        except ScriptError as failure:
            return Evaluated(None, self, failure)


def as_is(output: list[Any]) -> Any:
    """What a script block's output is as one value: nothing, the one object, or an array."""
    if not output:
        return None
    if len(output) == 1:
        return None if output[0] is v.AUTOMATION_NULL else output[0]
    return v.PSArray(output)


@dataclass(frozen=True)
class Entry:
    """A key that a calculated property's hashtable may hold. `kinds` in the names of .NET."""

    name: str
    kinds: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    mandatory: bool = False

    def matches(self, key: str) -> bool:
        lowered = key.lower()
        return any(full.startswith(lowered) for full in (self.name, *self.aliases))


EXPRESSION = Entry("expression", ("System.String", "System.Management.Automation.ScriptBlock"), mandatory=True)
NAME = Entry("name", ("System.String",), ("label",))
SELECT_ENTRIES = (EXPRESSION, NAME)
SORT_ENTRIES = (
    EXPRESSION,
    Entry("ascending", ("System.Boolean",)),
    Entry("descending", ("System.Boolean",)),
)
GROUP_ENTRIES = (EXPRESSION,)


@dataclass
class Parameter:
    """One element of `-Property`, parsed."""

    expression: PropertyExpression
    entries: dict[str, Any]

    def named(self) -> str | None:
        name = self.entries.get("name")
        return str(name) if name else None


def parse(cmdlet: Cmdlet, elements: Any, definition: tuple[Entry, ...]) -> list[Parameter]:
    """Raises the statement-terminating DictionaryKey… errors."""
    return [_parse_one(cmdlet, element, definition) for element in elements or ()]


def _refuse(cmdlet: Cmdlet, error_id: str, message: str) -> ScriptError:
    exception = NetException("System.NotSupportedException", "Specified method is not supported.")
    record = ErrorRecord(exception, error_id, "InvalidArgument")
    record.details = message
    return ScriptError(record)


def _parse_one(cmdlet: Cmdlet, element: Any, definition: tuple[Entry, ...]) -> Parameter:
    value = v.unwrap(element)
    if isinstance(value, Dictionary):
        entries = _parse_dictionary(cmdlet, value, definition)
    elif value is not None and _kind(value) in EXPRESSION.kinds:
        entries = {"expression": value}
    else:
        kinds = _listed(EXPRESSION.kinds)
        if value is None:
            message = f"The value of a parameter was null; one of the following types was expected: {kinds}."
        else:
            message = f"Cannot convert {objects.base_type_name(value)} to one of the following types {kinds}."
        raise _refuse(cmdlet, "DictionaryKeyUnknownType", message)
    for entry in definition:
        if entry.mandatory and entry.name not in entries:
            raise _refuse(cmdlet, "DictionaryKeyMandatoryEntry", f"A mandatory entry for {entry.name} is missing.")
    source = entries["expression"]
    if isinstance(source, str) and not source:
        kind = "DictionaryKeyEmptyString" if isinstance(value, Dictionary) else "ExpressionEmptyString1"
        raise _refuse(cmdlet, kind, "Empty property name is not allowed.")
    return Parameter(PropertyExpression(source), entries)


def _parse_dictionary(cmdlet: Cmdlet, table: Any, definition: tuple[Entry, ...]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, raw in table.items():
        if not isinstance(v.unwrap(key), str):
            kind = objects.base_type_name(key).rsplit(".", 1)[-1]
            raise _refuse(
                cmdlet, "DictionaryKeyNonString", f"The {kind} key type is not valid. The key must be a string."
            )
        matches = [entry for entry in definition if entry.matches(str(v.unwrap(key)))]
        if not matches:
            raise _refuse(cmdlet, "DictionaryKeyIllegal", f"The {key} key is not valid.")
        if len(matches) > 1:
            message = f"The {key} key is ambiguous; {matches[0].name} and {matches[1].name} conflict."
            raise _refuse(cmdlet, "DictionaryKeyAmbiguous", message)
        entry = matches[0]
        if entry.name in entries:
            message = f'The duplicated key "{key}" conflicts with "{entry.name}".'
            raise _refuse(cmdlet, "DictionaryKeyDuplicate", message)
        entries[entry.name] = _checked(cmdlet, str(key), raw, entry)
    return entries


def _checked(cmdlet: Cmdlet, key: str, raw: Any, entry: Entry) -> Any:
    value = v.unwrap(raw)
    if not entry.kinds:
        return value
    if value is None:
        raise _refuse(cmdlet, "DictionaryKeyMissingValue", f"The {key} key has no value.")
    if _kind(value) in entry.kinds:
        return value
    actual = objects.base_type_name(value)
    if len(entry.kinds) > 1:
        message = f'The "{key}" key has a type, {actual}, that is not valid; expected types are {_listed(entry.kinds)}.'
        raise _refuse(cmdlet, "DictionaryKeyIllegalValue1", message)
    message = f'The "{key}" key has a type, {actual}, that is not valid; expected type is {entry.kinds[0]}.'
    raise _refuse(cmdlet, "DictionaryKeyIllegalValue2", message)


def _kind(value: Any) -> str:
    if isinstance(value, v.Char):
        return "System.Char"
    if isinstance(value, str):
        return "System.String"
    if isinstance(value, ScriptBlock):
        return "System.Management.Automation.ScriptBlock"
    return objects.base_type_name(value)


def _listed(kinds: tuple[str, ...]) -> str:
    return "{" + ", ".join(kinds) + "}"


class ExclusionFilter:
    """`-ExcludeProperty`: names with wildcards."""

    def __init__(self, patterns: Any) -> None:
        self._wildcards = [Wildcard(str(pattern)) for pattern in patterns]

    def excludes(self, expression: PropertyExpression) -> bool:
        return any(wildcard.matches(expression.text) for wildcard in self._wildcards)
