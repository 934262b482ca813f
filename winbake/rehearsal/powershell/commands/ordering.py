"""What Sort-, Group- and Compare-Object share: the keys of an object and how two rows of keys compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects
from winbake.rehearsal.powershell.errors import ErrorRecord


@dataclass(frozen=True)
class Key:
    """One key of one object. A property that is not there sorts behind all others, whatever the direction."""

    value: Any
    exists: bool = True


MISSING = Key(None, exists=False)


@dataclass(frozen=True)
class Row:
    source: Any
    keys: list[Key]


def rows(cmdlet: Cmdlet, sources: Iterable[Any], parameters: Sequence[expressions.Parameter]) -> list[Row]:
    return [row(cmdlet, source, parameters) for source in sources if not objects.is_null(source)]


def row(cmdlet: Cmdlet, source: Any, parameters: Sequence[expressions.Parameter]) -> Row:
    """An expression that throws writes `ExpressionEvaluation` and counts as null."""
    if not parameters:
        return Row(source, [Key(source)])
    keys: list[Key] = []
    for parameter in parameters:
        found = parameter.expression.evaluate(cmdlet.session, source, expand=False)
        if not found:
            keys.append(MISSING)
        for one in found:
            if one.failure is not None:
                exception = one.failure.record.exception
                cmdlet.write_error(ErrorRecord(exception, "ExpressionEvaluation", "InvalidResult", source))
                keys.append(Key(None))
            else:
                keys.append(Key(one.value))
    return Row(source, keys)


def expand(
    cmdlet: Cmdlet, sources: Iterable[Any], parameters: Sequence[expressions.Parameter]
) -> list[expressions.Parameter]:
    """Wildcards replaced by the names that the objects have, in alphabetical order."""
    expanded: list[expressions.Parameter] = []
    for parameter in parameters:
        if not parameter.expression.wild:
            expanded.append(parameter)
            continue
        found: dict[str, expressions.PropertyExpression] = {}
        for source in sources:
            for expression in parameter.expression.resolve(cmdlet.session, source):
                found.setdefault(expression.text.lower(), expression)
        for _name, expression in sorted(found.items()):
            expanded.append(expressions.Parameter(expression, parameter.entries))
    return expanded


def compare_rows(left: Row, right: Row, ascending: Sequence[bool], ignore_case: bool = True) -> int:
    for i, upward in enumerate(ascending):
        a = left.keys[i] if i < len(left.keys) else MISSING
        b = right.keys[i] if i < len(right.keys) else MISSING
        if a.exists and b.exists:
            order = objects.compare(a.value, b.value, ignore_case)
            order = order if upward else -order
        else:
            order = int(b.exists) - int(a.exists)
        if order:
            return order
    return 0


def default_keys(session: Any, source: Any) -> v.PSArray | None:
    """The DefaultKeyPropertySet of an object's type data, None if it has none."""
    names = objects.standard_member(session, source, "DefaultKeyPropertySet")
    return v.PSArray(names) if names else None
