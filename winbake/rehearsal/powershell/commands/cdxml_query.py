"""Get- cmdlets that a CDXML module makes from a CIM class: filters by properties, and what is said when nothing fits.

Source: PowerShell's clientSideQuery.cs and QueryJobBase.cs. One filter reports each of its values that nothing matched;
of several, one error says that nothing matched all. A value with wildcards that matches nothing is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.commands.provider_command import word
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

JOB_EXCEPTION = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"
_COMMON = frozenset(
    "erroraction errorvariable warningaction warningvariable informationaction informationvariable outvariable"
    " outbuffer pipelinevariable verbose debug throttlelimit".split()
)


class CdxmlQuery(Cmdlet):
    """`filters`: parameter → property; `wild`: parameters that take wildcards; `quiet`: parameters that change nothing
    in a model with one store. Any other bound parameter is refused by name."""

    cim_class: ClassVar[str]
    namespace: ClassVar[str] = "ROOT/StandardCimv2"
    filters: ClassVar[Mapping[str, str]]
    wild: ClassVar[frozenset[str]] = frozenset()
    quiet: ClassVar[frozenset[str]] = frozenset()

    def instances(self) -> Iterable[CimInstance]:
        raise NotImplementedError

    def process(self) -> None:
        for name in self.bound:
            if name not in self.filters and name not in self.quiet and name.lower() not in _COMMON:
                raise NotModelled(f"{self.name} -{name}")
        wanted = {name: values(self.get(name)) for name in self.filters if self.has(name)}
        matched: dict[tuple[str, str], bool] = {(name, one): False for name, given in wanted.items() for one in given}
        found = False
        for instance in list(self.instances()):
            fits = True
            for name, given in wanted.items():
                hits = [one for one in given if self._matches(name, one, instance.get(self.filters[name]))]
                matched |= {(name, one): True for one in hits}
                fits = fits and bool(hits)
            if fits:
                found = True
                self.emit(instance)
        missing = [key for key, hit in matched.items() if not hit and not self._is_pattern(*key)]
        if len(wanted) == 1:
            for name, value in missing:
                self._not_found(self.filters[name], value)
        elif missing and not found:
            self._nothing_found(wanted)

    def _matches(self, name: str, value: str, actual: Any) -> bool:
        items = list(actual) if isinstance(actual, PSArray) else [actual]
        for item in items:
            text = word(item)
            if self._is_pattern(name, value):
                if Wildcard(value).matches(text):
                    return True
            elif text.lower() == value.lower() or (isinstance(item, EnumValue) and str(item.value) == value):
                return True
        return False

    def _is_pattern(self, name: str, value: str) -> bool:
        return name in self.wild and has_wildcards(value)

    def _not_found(self, property_name: str, value: str) -> None:
        message = (f"No {self.cim_class} objects found with property '{property_name}' equal to '{value}'.  "
                   "Verify the value of the property and retry.")  # fmt: skip
        self.error(f"CmdletizationQuery_NotFound_{property_name}", message, "ObjectNotFound", JOB_EXCEPTION, value)

    def _nothing_found(self, wanted: Mapping[str, list[str]]) -> None:
        tests = " AND ".join(
            "(" + " OR ".join(f"({self.filters[name]} = '{one}')" for one in given) + ")"
            for name, given in wanted.items()
        )
        query = f"SELECT * FROM {self.cim_class}  WHERE {tests}"
        message = (f"No matching {self.cim_class} objects found by CIM query for instances of the "
                   f"{self.namespace}/{self.cim_class} class on the  CIM server: {query}. "
                   "Verify query parameters and retry.")  # fmt: skip
        self.error("CmdletizationQuery_NotFound", message, "ObjectNotFound", JOB_EXCEPTION)


def values(given: Any) -> list[str]:
    plain = unwrap(given)
    return [word(one) for one in (plain if isinstance(plain, PSArray) else [plain])]
