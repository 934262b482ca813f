"""Format-Table, Format-List, Format-Wide, Format-Custom: they emit format packets that Out-* cmdlets lay out."""

from __future__ import annotations

from typing import Any, ClassVar

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions
from winbake.rehearsal.powershell.display.shaping import Shaper, Wishes
from winbake.rehearsal.powershell.errors import NotModelled

_LABEL = expressions.Entry("label", ("System.String",), ("name",))
_FORMAT = expressions.Entry("formatstring", ("System.String",))
_WIDTH = expressions.Entry("width", ("System.Int32",))
_ALIGNMENT = expressions.Entry("alignment", ("System.String",))
_ALIGNMENTS = ("left", "center", "right")


class FormatCommand(Cmdlet):
    shape: ClassVar[str]
    entries: ClassVar[tuple[expressions.Entry, ...]] = (expressions.EXPRESSION, _LABEL, _FORMAT)

    def begin(self) -> None:
        for name in ("ShowError", "DisplayError"):
            if self.switch(name):
                raise NotModelled(f"{self.name} -{name}")
        self._shaper = Shaper(self.session, self.emit, self.shape, self.wishes())

    def wishes(self) -> Wishes:
        wishes = Wishes(
            properties=expressions.parse(self, self._elements("Property"), self.entries),
            view=self.get("View"),
            force=self.switch("Force"),
            expand=str(self.get("Expand", "EnumOnly")),
        )
        group_by = expressions.parse(self, self._elements("GroupBy"), FormatCommand.entries)
        wishes.group_by = group_by[0] if group_by else None
        return wishes

    def _elements(self, name: str) -> list[Any]:
        given = v.unwrap(self.get(name))
        if given is None:
            return []
        return list(given) if isinstance(given, v.PSArray) else [given]

    def process(self) -> None:
        if self.has("InputObject"):
            self._shaper.process(self.get("InputObject"))

    def end(self) -> None:
        self._shaper.end()


@cmdlet("Format-Table")
class FormatTable(FormatCommand):
    shape = "table"
    entries = (*FormatCommand.entries, _WIDTH, _ALIGNMENT)

    def wishes(self) -> Wishes:
        wishes = super().wishes()
        for parameter in wishes.properties:
            self._check(parameter)
        wishes.autosize = self.switch("AutoSize")
        wishes.wrap = self.switch("Wrap") if self.has("Wrap") else None
        wishes.hide_headers = self.switch("HideTableHeaders") if self.has("HideTableHeaders") else None
        return wishes

    def _check(self, parameter: expressions.Parameter) -> None:
        width = parameter.entries.get("width")
        if width is not None and v.unwrap(width) <= 0:
            raise self._bad("DictionaryKeyIllegalValue", f"The value {width} of the width key is not valid.")
        alignment = parameter.entries.get("alignment")
        if alignment is None:
            return
        matches = [name for name in _ALIGNMENTS if name.startswith(str(alignment).lower())]
        if len(matches) != 1:
            raise self._bad("DictionaryKeyIllegalValue", f"The value {alignment} of the alignment key is not valid.")
        parameter.entries["alignment"] = matches[0]

    def _bad(self, error_id: str, message: str) -> Exception:
        return self.fail(error_id, message, "InvalidArgument", "System.NotSupportedException")


@cmdlet("Format-List")
class FormatList(FormatCommand):
    shape = "list"


@cmdlet("Format-Wide")
class FormatWide(FormatCommand):
    shape = "wide"

    def wishes(self) -> Wishes:
        wishes = super().wishes()
        if self.has("Column") and self.switch("AutoSize"):
            message = 'Cannot process parameters "AutoSize" and "Column" in combination.'
            raise self.fail("FormatCannotSpecifyAutosizeAndColumns", message, "InvalidArgument")
        wishes.autosize = self.switch("AutoSize")
        wishes.columns = int(v.unwrap(self.get("Column", 0)))
        return wishes


@cmdlet("Format-Custom")
class FormatCustom(FormatCommand):
    """Only types with a custom view of their own (DateTime, MatchInfo)."""

    shape = "custom"

    def wishes(self) -> Wishes:
        wishes = super().wishes()
        if wishes.properties or self.has("Depth"):
            raise NotModelled("Format-Custom -Property, -Depth")
        return wishes
