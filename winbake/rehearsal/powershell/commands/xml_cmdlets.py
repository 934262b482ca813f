"""ConvertTo-Xml and Select-Xml, over whatever plays System.Xml.XmlDocument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from winbake.rehearsal.powershell import convert, members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import clixml_writing, file_text, objects
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core

_DOCUMENT = "System.Xml.XmlDocument"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@cmdlet("ConvertTo-Xml")
class ConvertToXml(Cmdlet):
    """`<Objects>` of all that came in, as a document (default), one string, or a stream of strings."""

    def begin(self) -> None:
        self._as = (self.get("As") or "Document").lower()
        self._typed = not self.switch("NoTypeInformation")
        self._bodies: list[list[str]] = []
        if self._as == "stream":
            self.emit(_DECLARATION)
            self.emit("<Objects>")

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        lines = list(self._element("Object", None, value, self.get("Depth", 1), 1))
        if self._as == "stream":
            self.emit("\r\n".join(lines))
        else:
            self._bodies.append(lines)

    def end(self) -> None:
        if self._as == "stream":
            self.emit("</Objects>")
            return
        lines = [_DECLARATION, "<Objects>", *(line for body in self._bodies for line in body), "</Objects>"]
        if not self._bodies:
            lines[1:] = ["<Objects />"]
        if self._as == "string":
            self.emit("\r\n".join(lines))
            return
        document = members.create(self.session, types.get_type(_DOCUMENT), [])
        members.invoke_method(self.session, document, "LoadXml", ["\r\n".join(lines)])
        self.emit(document)

    def _attributes(self, name: str | None, type_name: str | None) -> str:
        text = "" if name is None else f" Name={quoteattr(name)}"
        return text + (f" Type={quoteattr(type_name)}" if self._typed and type_name is not None else "")

    def _element(self, tag: str, name: str | None, value: Any, depth: int, level: int) -> Iterator[str]:
        pad = "  " * level
        if objects.is_null(value):
            yield f"{pad}<{tag}{self._attributes(name, None)} />"
            return
        inner = value.base if type(value) is v.PSObject else value
        head = f"{tag}{self._attributes(name, _type_text(inner))}"
        body = None if clixml_writing.simple(inner) is not None else self._inside(value, inner, depth, level + 1)
        if body is None:
            text = escape(objects.text(self.session, value))
            yield f"{pad}<{head}>{text}</{tag}>" if text else f"{pad}<{head}></{tag}>"
            return
        lines = list(body)
        if not lines:
            yield f"{pad}<{head} />"
            return
        yield f"{pad}<{head}>"
        yield from lines
        yield f"{pad}</{tag}>"

    def _inside(self, value: Any, inner: Any, depth: int, level: int) -> Iterator[str] | None:
        """The elements inside of one; None: it is written as text."""
        if isinstance(inner, Dictionary):
            return self._pairs(inner, depth, level)
        items = None if inner is v.CUSTOM else convert.enumerate_items(inner)
        if items is not None:
            return self._items(items, depth, level)
        if isinstance(inner, types.EnumValue) or depth < 1:
            return None
        return self._properties(value, depth, level)

    def _pairs(self, table: Dictionary, depth: int, level: int) -> Iterator[str]:
        for key, value in table.items():
            yield from self._element("Property", "Key", key, depth - 1, level)
            yield from self._element("Property", "Value", value, depth - 1, level)

    def _items(self, items: Any, depth: int, level: int) -> Iterator[str]:
        for item in items:
            yield from self._element("Property", None, item, depth - 1, level)

    def _properties(self, value: Any, depth: int, level: int) -> Iterator[str]:
        for view in objects.properties(self.session, value):
            inner = view.read_or_null()
            if objects.is_null(inner):
                yield f"{'  ' * level}<Property{self._attributes(view.name, 'System.Object')} />"
            else:
                yield from self._element("Property", view.name, inner, depth - 1, level)


def _type_text(inner: Any) -> str:
    return "System.Management.Automation.PSCustomObject" if inner is v.CUSTOM else types.type_of(inner).key


@result("Microsoft.PowerShell.Commands.SelectXmlInfo", writable=("Node", "Path", "Pattern"))
class SelectXmlInfo(CommandResult):
    def __str__(self) -> str:
        node = members.get_member_value(None, self["Node"], "OuterXml")
        text = re.sub(r"\s+", " ", convert.to_text(node)).strip()
        return text if self["Path"] == "InputStream" else f"{text}:{self['Path']}"


@cmdlet("Select-Xml")
class SelectXml(Cmdlet):
    def process(self) -> None:
        if self.has("Xml"):
            for node in self._nodes(self.get("Xml")):
                self._select(v.unwrap(node), "InputStream")
        elif self.has("Content"):
            for text in self.get("Content"):
                self._select_text(str(text))
        else:
            self._select_files()

    def _nodes(self, given: Any) -> list[Any]:
        return list(given) if isinstance(given, v.PSArray) else [given]

    def _select_text(self, text: str) -> None:
        try:
            document = convert.convert(text, types.get_type(_DOCUMENT), self.session)
        except ScriptError as failure:
            self.write_error(failure.record)
            return
        self._select(document, "InputStream")

    def _select_files(self) -> None:
        literal = self.has("LiteralPath")
        for path in self.get("LiteralPath") if literal else self.get("Path"):
            for found in core.resolve_path(self.session, str(path), literal):
                try:
                    text = file_text.read_text(self, found.path, literal=True)
                    document = convert.convert(text, types.get_type(_DOCUMENT), self.session)
                except ScriptError as failure:
                    message = f"The file {found.path} cannot be read: {failure.record.exception.message}"
                    exception = NetException("System.ArgumentException", message, failure.record.exception)
                    self.write_error(ErrorRecord(exception, "ProcessingFile", "InvalidArgument", found.path))
                    continue
                self._select(document, found.path)

    def _select(self, node: Any, path: str) -> None:
        arguments: list[Any] = [self.get("XPath")]
        if self.has("Namespace"):
            arguments.append(self._namespaces(node))
        found = members.invoke_method(self.session, node, "SelectNodes", arguments)
        for one in self.session.enumerate(found):
            self.emit(SelectXmlInfo(node=one, path=path, pattern=self.get("XPath")))

    def _namespaces(self, node: Any) -> Any:
        owner = members.get_member_value(self.session, node, "OwnerDocument") or node
        table = members.get_member_value(self.session, owner, "NameTable")
        manager = members.create(self.session, types.get_type("System.Xml.XmlNamespaceManager"), [table])
        for prefix, uri in self.get("Namespace").items():
            pair = [convert.to_text(prefix), convert.to_text(uri)]
            members.invoke_method(self.session, manager, "AddNamespace", pair)
        return manager
