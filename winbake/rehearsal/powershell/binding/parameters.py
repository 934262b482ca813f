"""What a command's parameters are: one description for cmdlets (rows of the table), functions and scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.validation import Validation

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.types import NetType

ALL_SETS = "__AllParameterSets"
ALL = -1
"""The mask of a parameter that is in every set; any other mask has one bit a set."""


@dataclass
class SetInfo:
    """What a parameter is in one set (or in all: mask ALL)."""

    name: str = ALL_SETS
    mask: int = ALL
    mandatory: bool = False
    position: int | None = None
    by_value: bool = False
    by_name: bool = False
    remaining: bool = False
    help_message: str = ""


@dataclass(eq=False)
class ParameterInfo:
    name: str
    net_type: NetType | None = None  # None: System.Object
    type_text: str = "Object"
    sets: list[SetInfo] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    attributes: list[Any] = field(default_factory=list)
    is_switch: bool = False
    allow_null: bool = False
    allow_empty_string: bool = False
    allow_empty_collection: bool = False
    values: list[str] | None = None
    """Names of an enumeration that the type tables do not hold."""
    cim_class: str | None = None
    """A parameter of a CDXML command that takes only instances of this CIM class (its PSTypeName attribute)."""
    positional_guard: Callable[[Any], bool] | None = None
    """Says whether a positional argument may go here (a validation that the binder passes over in silence)."""
    default: Callable[[Any], Any] | None = None
    has_default: bool = False
    dynamic: bool = False
    common: bool = False
    from_script: bool = False

    @property
    def mask(self) -> int:
        mask = 0
        for info in self.sets:
            if info.mask == ALL:
                return ALL
            mask |= info.mask
        return mask

    @property
    def in_all_sets(self) -> bool:
        return self.mask == ALL

    def in_sets(self, mask: int) -> list[SetInfo]:
        """Its descriptions in the sets of `mask`."""
        return [s for s in self.sets if s.mask == ALL or s.mask & mask]

    @property
    def mandatory_somewhere(self) -> bool:
        return any(s.mandatory for s in self.sets)

    @property
    def takes_pipeline(self) -> bool:
        return any(s.by_value or s.by_name for s in self.sets)


COMMON: tuple[tuple[str, str, str], ...] = (
    ("Verbose", "switch", "vb"),
    ("Debug", "switch", "db"),
    ("ErrorAction", "System.Management.Automation.ActionPreference", "ea"),
    ("WarningAction", "System.Management.Automation.ActionPreference", "wa"),
    ("InformationAction", "System.Management.Automation.ActionPreference", "infa"),
    ("ErrorVariable", "System.String", "ev"),
    ("WarningVariable", "System.String", "wv"),
    ("InformationVariable", "System.String", "iv"),
    ("OutVariable", "System.String", "ov"),
    ("OutBuffer", "System.Int32", "ob"),
    ("PipelineVariable", "System.String", "pv"),
)
SHOULD_PROCESS: tuple[tuple[str, str, str], ...] = (("WhatIf", "switch", "wi"), ("Confirm", "switch", "cf"))


class CommandMetadata:
    """All parameters of a command and its sets."""

    def __init__(
        self,
        name: str,
        parameters: list[ParameterInfo],
        default_set: str | None = None,
        *,
        advanced: bool,
        is_cmdlet: bool = False,
        should_process: bool = False,
        positional_binding: bool = True,
        confirm_impact: str = "Medium",
        declared_sets: list[str] | None = None,
    ) -> None:
        self.name = name
        self.advanced = advanced
        self.is_cmdlet = is_cmdlet
        self.should_process = should_process
        self.confirm_impact = confirm_impact
        self.positional_binding = positional_binding
        self.default_set = default_set
        self.set_names: list[str] = []
        self.parameters: dict[str, ParameterInfo] = {}
        self.by_alias: dict[str, ParameterInfo] = {}
        for set_name in declared_sets or []:
            self._bit(set_name)
        for parameter in parameters:
            self.add(parameter)
        self.default_mask = self._bit(default_set) if default_set and default_set != ALL_SETS else 0
        if advanced:
            for common in common_parameters(should_process):
                if common.name.lower() not in self.parameters:
                    self.add(common)

    def _bit(self, set_name: str) -> int:
        low = set_name.lower()
        for index, known in enumerate(self.set_names):
            if known.lower() == low:
                return 1 << index
        self.set_names.append(set_name)
        return 1 << (len(self.set_names) - 1)

    def add(self, parameter: ParameterInfo) -> None:
        for info in parameter.sets:
            info.mask = ALL if info.name == ALL_SETS else self._bit(info.name)
        self.parameters[parameter.name.lower()] = parameter
        for alias in parameter.aliases:
            self.by_alias.setdefault(alias.lower(), parameter)

    def copy(self) -> CommandMetadata:
        """For dynamic parameters, which are added to one invocation only."""
        twin = object.__new__(CommandMetadata)
        twin.__dict__.update(self.__dict__)
        twin.set_names = list(self.set_names)
        twin.parameters = dict(self.parameters)
        twin.by_alias = dict(self.by_alias)
        return twin

    def set_name(self, mask: int) -> str:
        """The name of the set that a mask with one bit means."""
        if mask == ALL or mask == 0:
            return ALL_SETS
        for index, name in enumerate(self.set_names):
            if mask & (1 << index):
                return name
        return ALL_SETS

    def count(self, mask: int) -> int:
        return 1 if mask == ALL else mask.bit_count()

    def match(self, name: str) -> list[ParameterInfo]:
        """The parameters that a name given on the command line may mean: one, none, or several (ambiguous)."""
        low = name.lower()
        exact = self.parameters.get(low) or self.by_alias.get(low)
        if exact is not None:
            return [exact]
        found: list[ParameterInfo] = []
        for key, parameter in self.parameters.items():
            if key.startswith(low):
                found.append(parameter)
        for key, parameter in self.by_alias.items():
            if key.startswith(low) and parameter not in found:
                found.append(parameter)
        if len(found) > 1:
            declared = [p for p in found if not p.common]
            if len(declared) == 1:
                return declared
        return found


_common: dict[bool, list[ParameterInfo]] = {}


def common_parameters(should_process: bool) -> list[ParameterInfo]:
    made = _common.get(should_process)
    if made is None:
        from winbake.rehearsal.powershell.types import get_type

        made = []
        for name, type_name, alias in COMMON + (SHOULD_PROCESS if should_process else ()):
            switch = type_name == "switch"
            made.append(
                ParameterInfo(
                    name,
                    get_type("System.Management.Automation.SwitchParameter" if switch else type_name),
                    type_name,
                    [SetInfo()],
                    [alias],
                    is_switch=switch,
                    common=True,
                )
            )
        _common[should_process] = made
    return made
