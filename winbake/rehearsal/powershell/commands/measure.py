"""Measure-Object and Measure-Command."""

from __future__ import annotations

import time
from typing import Any

from winbake.rehearsal.powershell import convert, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException

_INFO = "Microsoft.PowerShell.Commands."
_GENERIC = ("Count", "Average", "Sum", "Maximum", "Minimum", "Property")


@result(_INFO + "GenericMeasureInfo", writable=_GENERIC)
class GenericMeasureInfo(CommandResult):
    """Maximum and Minimum are doubles."""


@result(_INFO + "GenericObjectMeasureInfo", writable=_GENERIC)
class GenericObjectMeasureInfo(CommandResult):
    """Maximum and Minimum are the objects themselves: what they are if one of them is no number."""


@result(_INFO + "TextMeasureInfo", writable=("Lines", "Words", "Characters", "Property"))
class TextMeasureInfo(CommandResult):
    pass


class _Statistics:
    def __init__(self) -> None:
        self.count = 0
        self.sum = 0.0
        self.maximum: Any = None
        self.minimum: Any = None
        self.characters = self.words = self.lines = 0


@cmdlet("Measure-Object")
class MeasureObject(Cmdlet):
    def begin(self) -> None:
        self._statistics: dict[str, tuple[str, _Statistics]] = {}
        self._total = 0
        self._not_numeric = False

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        self._total += 1
        if not self.has("Property"):
            self._analyze("$_", value.base if type(value) is v.PSObject and value.base is not v.CUSTOM else value)
            return
        counted: set[str] = set()
        for name in self.get("Property"):
            expression = expressions.PropertyExpression(str(name))
            resolved = expression.resolve(self.session, value)
            if not resolved and not expression.wild:
                self._entry(expression.text)
            for one in resolved:
                if one.text.lower() not in counted:
                    counted.add(one.text.lower())
                    self._analyze(one.text, one.evaluate(self.session, value)[0].value)

    def _entry(self, name: str) -> _Statistics:
        return self._statistics.setdefault(name.lower(), (name, _Statistics()))[1]

    def _analyze(self, name: str, value: Any) -> None:
        entry = self._entry(name)
        entry.count += 1
        if self.switch("Character") or self.switch("Word") or self.switch("Line"):
            self._analyze_text(objects.text(self.session, value), entry)
        if self.switch("Sum") or self.switch("Average"):
            number = _number(value)
            if number is None and value is not None:
                self._not_numeric = True
                message = f'Input object "{objects.text(self.session, value)}" is not numeric.'
                kind = "System.Management.Automation.PSInvalidOperationException"
                self.error("NonNumericInputObject", message, "InvalidType", kind, value)
                return
            entry.sum += number or 0.0
        if self.switch("Minimum"):
            entry.minimum = _extreme(value, entry.minimum, 1)
        if self.switch("Maximum"):
            entry.maximum = _extreme(value, entry.maximum, -1)

    def _analyze_text(self, text: str, entry: _Statistics) -> None:
        if self.switch("Character"):
            entry.characters += len("".join(text.split()) if self.switch("IgnoreWhiteSpace") else text)
        if self.switch("Word"):
            entry.words += len(text.split())
        if self.switch("Line") and text:
            entry.lines += text.count("\n") + (not text.endswith("\n"))

    def end(self) -> None:
        if self._total == 0 and not self.has("Property"):
            self._entry("$_")
        for name, entry in self._statistics.values():
            if entry.count == 0 and self.has("Property"):
                self._property_not_found(name)
                continue
            info = self._text_info(entry) if self.parameter_set == "TextMeasure" else self._generic_info(entry)
            if self.has("Property"):
                info["Property"] = name
            self.emit(info)

    def _property_not_found(self, name: str) -> None:
        error_id = (
            "TextMeasurePropertyNotFound" if self.parameter_set == "TextMeasure" else "GenericMeasurePropertyNotFound"
        )
        message = 'Cannot process argument because the value of argument "Property" is not valid.'
        exception = NetException("System.Management.Automation.PSArgumentException", message)
        record = ErrorRecord(exception, error_id, "InvalidArgument")
        record.details = f'The property "{name}" cannot be found in the input for any objects.'
        self.write_error(record)

    def _generic_info(self, entry: _Statistics) -> CommandResult:
        total = average = None
        if not self._not_numeric:
            total = entry.sum if self.switch("Sum") else None
            average = entry.sum / entry.count if self.switch("Average") and entry.count else None
        extremes = (entry.maximum, entry.minimum)
        numbers = [_number(extreme) for extreme in extremes]
        if all(extreme is None or number is not None for extreme, number in zip(extremes, numbers, strict=True)):
            cls: type[CommandResult] = GenericMeasureInfo
            extremes = (numbers[0], numbers[1])
        else:
            cls = GenericObjectMeasureInfo
        return cls(
            count=entry.count, sum=total, average=average, maximum=extremes[0], minimum=extremes[1], property=None
        )

    def _text_info(self, entry: _Statistics) -> CommandResult:
        return TextMeasureInfo(
            lines=entry.lines if self.switch("Line") else None,
            words=entry.words if self.switch("Word") else None,
            characters=entry.characters if self.switch("Character") else None,
            property=None,
        )


def _number(value: Any) -> float | None:
    """The value as a double, None for null and for what does not convert."""
    if objects.is_null(value):
        return None
    worked, number = convert.try_convert(value, types.get_type("System.Double"))
    return number if worked else None


def _extreme(value: Any, current: Any, factor: int) -> Any:
    """The lesser (factor 1) or the greater (-1); numbers compare as numbers, unlike kinds as texts."""
    if current is None:
        return value
    left, right = _number(current), _number(value)
    a, b = (current if left is None else left), (value if right is None else right)
    if b is not None and types.type_of(v.unwrap(a)) is not types.type_of(v.unwrap(b)):
        a, b = convert.to_text(a), convert.to_text(b)
    return value if convert.compare(v.unwrap(a), v.unwrap(b), False) * factor > 0 else current


@cmdlet("Measure-Command")
class MeasureCommand(Cmdlet):
    """Runs the block once for each object in the caller's scope; its output is dropped, its other streams are not."""

    def begin(self) -> None:
        self._seconds = 0.0

    def process(self) -> None:
        started = self._passed()
        value = self.get("InputObject")
        self.session.invoke(self.get("Expression"), underscore=value, new_scope=False)
        self._seconds += self._passed() - started

    def end(self) -> None:
        self.emit(TimeSpan(int(self._seconds * 10_000_000)))

    def _passed(self) -> float:
        host = self.session.host
        return float(host.clock.passed) if host is not None else time.perf_counter()
