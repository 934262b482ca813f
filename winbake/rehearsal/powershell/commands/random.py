"""Get-Random and New-Guid."""

from __future__ import annotations

import random
from typing import Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell import convert, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.operators.numeric import parse_number

_GENERATORS: WeakKeyDictionary[Any, random.Random] = WeakKeyDictionary()
_INT32_MAXIMUM = 2**31 - 1
_INT64_MAXIMUM = 2**63 - 1


@cmdlet("Get-Random")
class GetRandom(Cmdlet):
    """-SetSeed would have to give .NET's own sequence of numbers: not modelled."""

    def begin(self) -> None:
        if self.get("SetSeed") is not None:
            raise NotModelled("Get-Random -SetSeed")
        self._random = _GENERATORS.setdefault(self.session, random.Random())
        maximum = v.unwrap(self.get("Maximum"))
        self._from_list = self.parameter_set == "RandomListItemParameterSet" or (
            self.has_pipeline_input and not self.has("Maximum") and not self.has("Minimum")
        )
        self._chosen: list[Any] = []
        self._seen = 0
        if not self._from_list and isinstance(maximum, v.PSArray):
            self._from_list = True
            self._choose(maximum)
        elif not self._from_list:
            self.emit(self._number(self._operand(self.get("Minimum")), self._operand(maximum)))

    def _operand(self, value: Any) -> Any:
        value = v.unwrap(value)
        return parse_number(self.session, value) if isinstance(value, str) else value

    def _number(self, low: Any, high: Any) -> Any:
        plain = (int, type(None))
        if type(low) in plain and type(high) in plain:
            first, last = low or 0, _INT32_MAXIMUM if high is None else high
            self._check(first, last)
            return self._random.randrange(first, last)
        wide = (*plain, v.Int64)
        if type(low) in wide and type(high) in wide:
            first, last = int(low or 0), _INT64_MAXIMUM if high is None else int(high)
            self._check(first, last)
            return v.Int64(self._random.randrange(first, last))
        double = types.get_type("System.Double")
        bottom = 0.0 if low is None else convert.convert(low, double, self.session)
        top = 1.7976931348623157e308 if high is None else convert.convert(high, double, self.session)
        self._check(bottom, top)
        while True:
            number = bottom + self._random.random() * (top - bottom)
            if number < top:
                return number

    def _check(self, low: Any, high: Any) -> None:
        if low >= high:
            message = f"The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."
            kind = "System.ArgumentException"
            raise self.fail("MinGreaterThanOrEqualMax", message, "InvalidArgument", kind)

    def process(self) -> None:
        if self._from_list and self.has("InputObject"):
            self._choose(self.get("InputObject"))

    def _choose(self, items: Any) -> None:
        """Keeps each of the items seen so far with the same chance."""
        count = self.get("Count", 1)
        for item in items:
            if self._seen < count:
                self._chosen.append(item)
            elif self._random.randrange(self._seen + 1) < count:
                self._chosen[self._random.randrange(len(self._chosen))] = item
            self._seen += 1

    def end(self) -> None:
        self._random.shuffle(self._chosen)
        for item in self._chosen:
            self.emit(item)


@cmdlet("New-Guid", "New-Guid")
class NewGuid(Cmdlet):
    def end(self) -> None:
        self.emit(Guid.new())
