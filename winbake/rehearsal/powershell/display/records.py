"""The packets that Format-* cmdlets send to Out-* cmdlets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from winbake.rehearsal.powershell.values import NetObject

_SPACE = "Microsoft.PowerShell.Commands.Internal.Format"


@dataclass(eq=False)
class FormatRecord(NetObject):
    pass


@dataclass(frozen=True)
class Heading:
    """A table column. `width` 0: as wide as its content, or its share of the rest."""

    label: str
    width: int = 0
    alignment: str = "left"


@dataclass(eq=False)
class FormatStart(FormatRecord):
    """`shape`: "table", "list", "wide" or "custom"; `columns` of a wide view: how many, 0: not said."""

    net_type_name: ClassVar[str] = f"{_SPACE}.FormatStartData"
    shape: str = "table"
    headings: list[Heading] = field(default_factory=list)
    hide_headers: bool = False
    autosize: bool = False
    columns: int = 0


@dataclass(eq=False)
class GroupStart(FormatRecord):
    """`lines`: what names the group (`   K: a`); None without grouping."""

    net_type_name: ClassVar[str] = f"{_SPACE}.GroupStartData"
    lines: list[str] | None = None


@dataclass(eq=False)
class FormatEntry(FormatRecord):
    """One object. A table or wide view has `cells`, a list has `fields` (label, value), anything else `text`.
    `out_of_band`: stands by itself, wherever it comes."""

    net_type_name: ClassVar[str] = f"{_SPACE}.FormatEntryData"
    cells: list[str] | None = None
    alignments: list[str] | None = None
    fields: list[tuple[str, str]] | None = None
    text: str | None = None
    wrap: bool = False
    out_of_band: bool = False
    raw: bool = False
    """The text goes out as it is, however long its lines are."""


@dataclass(eq=False)
class GroupEnd(FormatRecord):
    net_type_name: ClassVar[str] = f"{_SPACE}.GroupEndData"


@dataclass(eq=False)
class FormatEnd(FormatRecord):
    net_type_name: ClassVar[str] = f"{_SPACE}.FormatEndData"
