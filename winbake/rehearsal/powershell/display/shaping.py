"""From objects to format packets: which view, which properties, which groups. The first half of every Out-* cmdlet
(with default views) and all of the Format-* cmdlets (with the caller's wishes)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from winbake.rehearsal.powershell import members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.commands.expressions import Parameter, PropertyExpression
from winbake.rehearsal.powershell.display import cells
from winbake.rehearsal.powershell.display.defaults import display_set
from winbake.rehearsal.powershell.display.error_view import error_text
from winbake.rehearsal.powershell.display.records import (
    FormatEnd,
    FormatEntry,
    FormatRecord,
    FormatStart,
    GroupEnd,
    GroupStart,
    Heading,
)
from winbake.rehearsal.powershell.display.view import Grouping, View, read
from winbake.rehearsal.powershell.display.views import applies, find_view, out_of_band_view
from winbake.rehearsal.powershell.errors import ErrorRecord, NotModelled, ScriptError

MAX_TABLE_COLUMNS = 10  # of a type that has no view, no default set and was not asked for by property
_NUMBERS = ("SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal")
_SCALARS = frozenset(
    f"System.{name}" for name in (*_NUMBERS, "String", "Char", "Boolean", "IntPtr", "Security.SecureString")
)


@dataclass
class Wishes:
    """What a Format-* cmdlet was told. `properties` empty: decide by type."""

    properties: list[Parameter] = field(default_factory=list)
    group_by: Parameter | None = None
    view: str | None = None
    autosize: bool = False
    wrap: bool | None = None
    hide_headers: bool | None = None
    force: bool = False
    expand: str = "EnumOnly"
    columns: int = 0


@dataclass
class Shown:
    """A property that is shown. `label` heads it."""

    label: str
    value: Callable[[Any, Any], Any]
    width: int = 0
    alignment: str = ""
    cell_alignment: str = ""
    format: str | None = None

    def cell(self, session: Any, target: Any) -> str:
        return cells.cell(session, self.value(session, target), self.format)


class Shaper:
    """`shape` None: as the objects' types want it. `emit` takes the packets."""

    def __init__(
        self,
        session: Any,
        emit: Callable[[FormatRecord], None],
        shape: str | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        self.session = session
        self.emit = emit
        self.wanted_shape = shape
        self.wishes = wishes or Wishes()
        self.shape = ""
        self.view: View | None = None
        self.shown: list[Shown] = []
        self._grouping: Grouping | None = None
        self._in_document = False
        self._in_group = False
        self._group_key: Any = None

    # ---- objects in -----------------------------------------------------------------------------------------

    def process(self, value: Any) -> None:
        if objects.is_null(value):
            return
        items = None if isinstance(v.unwrap(value), FormatRecord) else cells.enumerated(value)
        if items is None or self.wishes.expand == "CoreOnly":
            self._object(value)
            return
        if self.wishes.expand == "Both":
            raise NotModelled("Format-* -Expand Both")
        for item in items:
            self._object("" if objects.is_null(item) else item)

    def end(self) -> None:
        if self._in_group:
            self.emit(GroupEnd())
        if self._in_document:
            self.emit(FormatEnd())
        self._in_group = self._in_document = False

    def _object(self, value: Any) -> None:
        record = v.unwrap(value)
        if isinstance(record, FormatRecord):
            self.emit(record)
            return
        names = objects.type_names(self.session, value)
        if not (self.wishes.force and self.wanted_shape) and (entry := self._out_of_band(value, names)):
            self.emit(entry)
            return
        if not self._in_document:
            self._start(value, names)
        elif self.view is not None and not self.wishes.force and not applies(self.view, names):
            self.emit(self._as_list(value))
            return
        self._group(value)
        self.emit(self._entry(value, names))

    def _out_of_band(self, value: Any, names: list[str]) -> FormatEntry | None:
        """Texts, numbers, errors, script blocks … stand by themselves, whatever is round them."""
        inner = v.unwrap(value)
        if isinstance(inner, ErrorRecord):
            return FormatEntry(text=error_text(self.session, inner), out_of_band=True)
        view = out_of_band_view(names)
        if view is not None and view.text is not None:
            return FormatEntry(text=str(view.text(self.session, value)), out_of_band=True)
        if is_scalar(inner, names) or not objects.properties(self.session, value):
            return FormatEntry(text=cells.text_of(self.session, value), out_of_band=True, raw=True)
        return None

    def _as_list(self, value: Any) -> FormatEntry:
        shown = self._default_properties(value)
        return FormatEntry(fields=self._fields(shown, value), out_of_band=True)

    # ---- the view -------------------------------------------------------------------------------------------

    def _start(self, value: Any, names: list[str]) -> None:
        wishes = self.wishes
        self.view = None
        if not wishes.properties:
            self.view = self._find_view(names)
        self.shape = self.wanted_shape or (self.view.shape if self.view else self._shape_by_properties(value))
        if self.shape == "custom" and self.view is None:
            raise NotModelled(f"Format-Custom of {names[0] if names else 'an object'}")
        self.shown = self._properties(value)
        self._grouping = self._group_wish() or (self.view.grouping if self.view else None)
        self._in_document = True
        autosize = wishes.autosize or (self.view is not None and self.view.autosize)
        hide = bool(wishes.hide_headers)
        if self.shape == "table":
            self.emit(FormatStart("table", self._headings(value), hide, autosize))
        else:
            self.emit(FormatStart(self.shape, [], False, autosize, wishes.columns))

    def _find_view(self, names: list[str]) -> View | None:
        name = self.wishes.view
        view = find_view(names, self.wanted_shape)
        if name is None:
            return view
        if view is not None and view.name.lower() == name.lower():
            return view
        raise NotModelled(f"the view {name!r}")

    def _shape_by_properties(self, value: Any) -> str:
        """Up to four properties make a table, more a list."""
        return "table" if len(self._default_properties(value)) <= 4 else "list"

    def _default_properties(self, value: Any) -> list[Shown]:
        names = display_set(self.session, value) or all_properties(self.session, value)
        return [_by_name(name) for name in names]

    def _properties(self, value: Any) -> list[Shown]:
        if self.wishes.properties:
            return [shown for parameter in self.wishes.properties for shown in self._wished(parameter, value)]
        if self.view is not None:
            return _of_view(self.view)
        if self.shape == "wide":
            named = cells.display_name(self.session, value)
            return [_by_name(named.name)] if named is not None else self._default_properties(value)[:1]
        shown = self._default_properties(value)
        if self.shape == "table" and not display_set(self.session, value):
            return shown[:MAX_TABLE_COLUMNS]
        return shown

    def _wished(self, parameter: Parameter, value: Any) -> Iterable[Shown]:
        """The properties that one element of -Property means for this object. A table keeps a name that the
        object lacks, a list does not."""
        expression = parameter.expression
        entries = parameter.entries
        expressions = [expression]
        if expression.script is None:
            found = expression.resolve(self.session, value)
            keep = self.shape != "list" and not expression.wild
            expressions = found or ([expression] if keep else [])
        for one in expressions:
            width = v.unwrap(entries.get("width"))
            yield Shown(
                label=str(entries.get("label") or one.text),
                value=_evaluator(one),
                width=int(width) if width is not None else 0,
                alignment=str(entries.get("alignment") or "").lower(),
                format=entries.get("formatstring"),
            )

    def _headings(self, value: Any) -> list[Heading]:
        headings = []
        for shown in self.shown:
            alignment = shown.alignment
            if not alignment and self.view is None:
                content = shown.value(self.session, value)
                names = [] if objects.is_null(content) else objects.type_names(self.session, content)
                inner = v.unwrap(content)
                is_text = isinstance(inner, str) and not isinstance(inner, v.Char)
                alignment = "right" if names and not is_text and is_scalar(inner, names) else "left"
            headings.append(Heading(shown.label, shown.width, alignment or shown.cell_alignment or "left"))
        return headings

    # ---- groups ---------------------------------------------------------------------------------------------

    def _group_wish(self) -> Grouping | None:
        parameter = self.wishes.group_by
        if parameter is None:
            return None
        label = str(parameter.entries.get("label") or parameter.expression.text)
        format_text = parameter.entries.get("formatstring")
        evaluate = _evaluator(parameter.expression)
        if not format_text:
            return Grouping(evaluate, label)
        return Grouping(lambda session, target: cells.cell(session, evaluate(session, target), format_text), label)

    def _group(self, value: Any) -> None:
        grouping = self._grouping
        if grouping is None:
            if not self._in_group:
                self._in_group = True
                self.emit(GroupStart())
            return
        key = read(self.session, value, grouping.value)
        if self._in_group and self._same_key(key, self._group_key):
            return
        if self._in_group:
            self.emit(GroupEnd())
        self._group_key = key
        self._in_group = True
        text = cells.cell(self.session, key)
        if objects.is_null(key):
            self.emit(GroupStart())
        elif grouping.heading is not None:
            self.emit(GroupStart(grouping.heading(text)))
        else:
            self.emit(GroupStart([f"   {grouping.label}: {text}"]))

    def _same_key(self, one: Any, other: Any) -> bool:
        if objects.is_null(one) or objects.is_null(other):
            return objects.is_null(one) and objects.is_null(other)
        return objects.compare(one, other) == 0

    # ---- entries --------------------------------------------------------------------------------------------

    def _entry(self, value: Any, names: list[str]) -> FormatEntry:
        session = self.session
        if self.shape == "custom":
            assert self.view is not None and self.view.text is not None
            return FormatEntry(text=str(self.view.text(session, value)))
        shown = self.shown
        if self.shape == "list":
            if self.wishes.properties:
                shown = self._properties(value)
            elif self.view is not None:
                shown = _of_view(find_view(names, "list") or self.view)
            elif not display_set(session, value):
                shown = self._default_properties(value)
            return FormatEntry(fields=self._fields(shown, value))
        if self.shape == "wide":
            if self.view is not None and not self.wishes.properties:
                shown = _of_view(find_view(names, "wide") or self.view)
            return FormatEntry(cells=[one.cell(session, value) for one in shown[:1]] or [""])
        wrap = self.view.wrap if self.view is not None else False
        return FormatEntry(
            cells=[one.cell(session, value) for one in shown],
            alignments=[one.cell_alignment for one in shown],
            wrap=wrap if self.wishes.wrap is None else self.wishes.wrap,
        )

    def _fields(self, shown: list[Shown], value: Any) -> list[tuple[str, str]]:
        return [(one.label, one.cell(self.session, value)) for one in shown]


def all_properties(session: Any, value: Any) -> list[str]:
    """The properties that are shown when nothing says which: the adapter's (XML: attributes and children), else the
    type's own, and then those that were added."""
    if v.is_custom(value):
        return [view.name for view in objects.properties(session, value)]
    found = [info for info in members.members_of(session, value) if info.kind in objects.PROPERTY_KINDS]
    adapted = [info.name for info in found if info.kind == "Property" and info.adapted is not None]
    own = [info.name for info in found if info.kind in ("Property", "DynamicProperty") and info.adapted is None]
    added = [info.name for info in found if info.kind not in ("Property", "DynamicProperty")]
    return list(dict.fromkeys([*(adapted or own), *added]))


def is_scalar(inner: Any, names: list[str]) -> bool:
    """Whether a value is shown as its text: strings, numbers, booleans, enum values."""
    return isinstance(inner, types.EnumValue) or bool(names and names[0] in _SCALARS)


def _by_name(name: str) -> Shown:
    return Shown(name, lambda session, target: read(session, target, name))


def _of_view(view: View) -> list[Shown]:
    def reader(value: Any) -> Callable[[Any, Any], Any]:
        return lambda session, target: read(session, target, value)

    return [
        Shown(one.title, reader(one.value), one.width, one.alignment, one.cell_alignment, one.format)
        for one in view.columns
    ]


def _evaluator(expression: PropertyExpression) -> Callable[[Any, Any], Any]:
    def evaluate(session: Any, target: Any) -> Any:
        try:
            found = expression.evaluate(session, target)
        except ScriptError:
            return None
        return found[0].value if found else None

    return evaluate
