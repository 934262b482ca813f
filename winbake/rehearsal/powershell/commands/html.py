"""ConvertTo-Html."""

from __future__ import annotations

from html import escape
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import expressions, objects

_TEXT = ("System.String",)
_ENTRIES = (
    expressions.EXPRESSION,
    expressions.Entry("label", _TEXT),
    expressions.Entry("alignment", _TEXT),
    expressions.Entry("width", _TEXT),
)
_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)


@cmdlet("ConvertTo-Html")
class ConvertToHtml(Cmdlet):
    """A page, or with -Fragment its table; columns are decided by the first object."""

    def begin(self) -> None:
        wanted = self.get("Property") or v.PSArray(["*"])
        self._parameters = expressions.parse(self, wanted, _ENTRIES)
        self._as_list = (self.get("As") or "Table").lower() == "list"
        self._columns: list[expressions.Parameter] = []
        self._count = 0
        if not self.switch("Fragment"):
            self._emit_head()
        for line in self.get("PreContent") or ():
            self.emit(line)
        self.emit("<table>")

    def _emit_head(self) -> None:
        for line in (_DOCTYPE, '<html xmlns="http://www.w3.org/1999/xhtml">', "<head>"):
            self.emit(line)
        for line in self.get("Head") or (f"<title>{self.get('Title') or 'HTML TABLE'}</title>",):
            self.emit(line)
        if self.has("CssUri"):
            uri = objects.text(self.session, self.get("CssUri"))
            self.emit(f'<link rel="stylesheet" type="text/css" href="{uri}" />')
        self.emit("</head><body>")
        for line in self.get("Body") or ():
            self.emit(line)

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        self._count += 1
        if self._as_list or not self._columns:
            self._columns = self._resolve(value)
            if not self._columns:
                return
            if not self._as_list:
                self.emit("<colgroup>" + "".join(self._column_tag(column) for column in self._columns) + "</colgroup>")
                heads = "".join(f"<th>{_label(column)}</th>" for column in self._columns)
                self.emit(f"<tr>{heads}</tr>")
        if self._as_list:
            if self._count > 1:
                self.emit("<tr><td><hr></td></tr>")
            for column in self._columns:
                self.emit(f"<tr><td>{_label(column)}:</td><td>{self._cell(column, value)}</td></tr>")
        else:
            cells = "".join(f"<td>{self._cell(column, value)}</td>" for column in self._columns)
            self.emit(f"<tr>{cells}</tr>")

    def _resolve(self, value: Any) -> list[expressions.Parameter]:
        return [
            expressions.Parameter(expressions.PropertyExpression(resolved.script or resolved.text), parameter.entries)
            for parameter in self._parameters
            for resolved in parameter.expression.resolve(self.session, value)
        ]

    def _column_tag(self, column: expressions.Parameter) -> str:
        width, alignment = column.entries.get("width"), column.entries.get("alignment")
        tag = "<col"
        if width is not None:
            tag += f' width = "{width}"'
        if alignment is not None:
            tag += f' align = "{alignment}"'
        return tag + "/>"

    def _cell(self, column: expressions.Parameter, value: Any) -> str:
        found = column.expression.evaluate(self.session, value)
        texts = [_encoded(objects.text(self.session, one.value)) for one in found]
        return ", ".join(texts)

    def end(self) -> None:
        self.emit("</table>")
        for line in self.get("PostContent") or ():
            self.emit(line)
        if not self.switch("Fragment"):
            self.emit("</body></html>")


def _label(column: expressions.Parameter) -> str:
    return str(column.entries.get("label") or column.expression.text)


def _encoded(text: str) -> str:
    """WebUtility.HtmlEncode: also the Latin-1 letters from U+00A0 as numbers."""
    encoded = escape(text, quote=False).replace('"', "&quot;").replace("'", "&#39;")
    return "".join(f"&#{ord(c)};" if 160 <= ord(c) < 256 else c for c in encoded)
