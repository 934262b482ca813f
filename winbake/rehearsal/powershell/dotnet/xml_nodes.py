"""The XML tree behind [xml]: nodes, reading (expat) and writing as .NET's XmlDocument does.

What System.Xml's reference pages say of it: white space between elements is dropped unless PreserveWhitespace; an
element written `<a></a>` stays so, `<a/>` becomes `<a />`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from winbake.rehearsal.powershell.dotnet.throwing import argument, invalid_operation
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject, PSArray

XMLNS = "http://www.w3.org/2000/xmlns/"
XML = "http://www.w3.org/XML/1998/namespace"


class XmlNode(NetObject):
    """Base of all nodes. `name` is qualified; `children` is empty for what has none."""

    net_type_name = "System.Xml.XmlNode"
    node_type = "None"

    def __init__(self, document: XmlDocument | None, name: str = "", namespace: str = "") -> None:
        self.document = document
        self.name = name
        self.namespace = namespace
        self.parent: XmlNode | None = None
        self.children: list[XmlNode] = []

    @property
    def local_name(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        return self.name.rpartition(":")[0]

    @property
    def value(self) -> str | None:
        return None

    @value.setter
    def value(self, text: str) -> None:
        raise invalid_operation(f"Cannot set a value on node type '{self.node_type}'.")

    @property
    def inner_text(self) -> str:
        return "".join(c.inner_text for c in self.children if c.node_type not in ("Comment", "ProcessingInstruction"))

    @inner_text.setter
    def inner_text(self, text: str) -> None:
        for child in self.children:
            child.parent = None
        self.children = []
        if text:
            self.append(XmlText(self.document, text))

    @property
    def outer_xml(self) -> str:
        return "".join(self.write())

    @property
    def inner_xml(self) -> str:
        return "".join(piece for child in self.children for piece in child.write())

    def write(self) -> Iterator[str]:
        for child in self.children:
            yield from child.write()

    def append(self, child: XmlNode, before: XmlNode | None = None) -> XmlNode:
        """Takes the child from where it stands and puts it last, or before a child. ArgumentException."""
        owner = self if isinstance(self, XmlDocument) else self.document
        if child.document is not owner:
            raise argument("The node to be inserted is from a different document context.")
        ancestor: XmlNode | None = self
        while ancestor is not None:
            if ancestor is child:
                raise argument("Cannot insert a node or any ancestor of that node as a child of itself.")
            ancestor = ancestor.parent
        if isinstance(self, XmlDocument) and isinstance(child, XmlElement) and self.root not in (None, child):
            raise invalid_operation("This document already has a 'DocumentElement' node.")
        if isinstance(child, XmlFragment):
            for one in list(child.children):
                self.append(one, before)
            return child
        if child.parent is not None:
            child.parent.remove(child)
        place = len(self.children) if before is None else self.place(before)
        self.children.insert(place, child)
        child.parent = self
        return child

    def place(self, child: XmlNode) -> int:
        for i, one in enumerate(self.children):
            if one is child:
                return i
        raise argument("The reference node is not a child of this node.")

    def remove(self, child: XmlNode) -> XmlNode:
        for i, one in enumerate(self.children):
            if one is child:
                del self.children[i]
                child.parent = None
                return child
        raise argument("The node to be removed is not a child of this node.")

    def sibling(self, step: int) -> XmlNode | None:
        if self.parent is None or isinstance(self, XmlAttribute):
            return None
        place = self.parent.place(self) + step
        return self.parent.children[place] if 0 <= place < len(self.parent.children) else None

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlNode:
        raise NotImplementedError

    def descendants(self) -> Iterator[XmlNode]:
        for child in self.children:
            yield child
            yield from child.descendants()

    def find_namespace(self, prefix: str) -> str | None:
        """The URI a prefix stands for here; the empty prefix is the default namespace."""
        if prefix == "xml":
            return XML
        node: XmlNode | None = self
        while node is not None:
            if isinstance(node, XmlElement):
                found = node.attribute(f"xmlns:{prefix}" if prefix else "xmlns")
                if found is not None:
                    return found.text
            node = node.parent
        return None

    # The engine's XML adapter: attributes and child elements by their local name, without case.

    def adapted_nodes(self, name: str) -> list[XmlNode]:
        lower = name.lower()
        own: list[XmlNode] = [*self.attributes, *self.children] if isinstance(self, XmlElement) else list(self.children)
        return [node for node in own if node.local_name.lower() == lower]

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        found = [simplified(node) for node in self.adapted_nodes(name)]
        if not found:
            return NO_MEMBER
        return found[0] if len(found) == 1 else PSArray(found)

    def adapted_names(self) -> list[tuple[str, str, str]]:
        own: list[XmlNode] = [*self.attributes, *self.children] if isinstance(self, XmlElement) else list(self.children)
        names: dict[str, tuple[str, str, str]] = {}
        for node in own:
            several = len(self.adapted_nodes(node.local_name)) > 1
            value = "System.Object[]" if several else _type_name(simplified(node))
            names.setdefault(node.local_name.lower(), (node.local_name, "Property", value))
        return list(names.values())

    def adapted_set(self, name: str, value: Any) -> bool:
        found = self.adapted_nodes(name)
        if not found:
            from winbake.rehearsal.powershell.access.member_table import find_property
            from winbake.rehearsal.powershell.types import type_of

            if find_property(type_of(self), name) is not None:
                return False
            message = f"The property '{name}' cannot be found on this object. "
            message += "Verify that the property exists and can be set."
            raise NetError("System.Management.Automation.RuntimeException", message)
        if not isinstance(value, str):
            reason = "only strings can be used as values to set XmlNode properties"
            raise _unsettable(f'Cannot set "{name}" because {reason}.')
        if len(found) > 1:
            raise _unsettable(f'Cannot set "{name}" because multiple nodes have this name.')
        node = found[0]
        if any(not isinstance(child, XmlText) for child in node.children) or len(node.children) > 1:
            raise _unsettable(f'Cannot set "{name}" because it is not a text node.')
        if isinstance(node, XmlElement):
            node.inner_text = value
        else:
            node.value = value
        return True


def _unsettable(message: str) -> NetError:
    return NetError("System.Management.Automation.SetValueException", message)


def _type_name(value: Any) -> str:
    return "System.String" if isinstance(value, str) else str(value.net_type_name)


def simplified(node: XmlNode) -> Any:
    """What the adapter gives for a node: the text of what has only text, else the node."""
    if isinstance(node, XmlText | XmlAttribute):
        return node.inner_text
    if isinstance(node, XmlElement) and node.attributes:
        return node
    if not node.children:
        return node.inner_text
    if len(node.children) == 1 and node.children[0].node_type == "Text":
        return node.inner_text
    return node


def escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    escaped = escape_text(text).replace('"', "&quot;")
    return escaped.replace("\r", "&#xD;").replace("\n", "&#xA;").replace("\t", "&#x9;")


class XmlElement(XmlNode):
    net_type_name = "System.Xml.XmlElement"
    node_type = "Element"

    def __init__(self, document: XmlDocument | None, name: str, namespace: str = "") -> None:
        super().__init__(document, name, namespace)
        self.attributes: list[XmlAttribute] = []
        self.is_empty = True

    def attribute(self, name: str, namespace: str | None = None) -> XmlAttribute | None:
        for one in self.attributes:
            if (one.name if namespace is None else one.local_name) == name and namespace in (None, one.namespace):
                return one
        return None

    def set_attribute(self, attribute: XmlAttribute) -> XmlAttribute | None:
        """Adds it, or puts it in the place of the one with its name, which is given back."""
        attribute.owner = self
        for i, one in enumerate(self.attributes):
            if one.name == attribute.name:
                self.attributes[i] = attribute
                return one if one is not attribute else None
        self.attributes.append(attribute)
        return None

    def append(self, child: XmlNode, before: XmlNode | None = None) -> XmlNode:
        self.is_empty = False
        return super().append(child, before)

    def remove(self, child: XmlNode) -> XmlNode:
        removed = super().remove(child)
        self.is_empty = not self.children
        return removed

    def start_tag(self) -> str:
        """Without its end; a namespace that no ancestor declares is declared here."""
        declared = ""
        named = "xmlns:" + self.prefix if self.prefix else "xmlns"
        if self.attribute(named) is None:
            outer = self.find_namespace(self.prefix)
            if (outer or "") != self.namespace:
                declared = f' {named}="{escape_attribute(self.namespace)}"'
        return f"<{self.name}" + "".join(f" {one.outer_xml}" for one in self.attributes) + declared

    def write(self) -> Iterator[str]:
        yield self.start_tag()
        if self.is_empty and not self.children:
            yield " />"
            return
        yield ">"
        for child in self.children:
            yield from child.write()
        yield f"</{self.name}>"

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlElement:
        made = XmlElement(document, self.name, self.namespace)
        for one in self.attributes:
            made.set_attribute(one.copy(True, document))
        for child in self.children if deep else ():
            made.append(child.copy(True, document))
        made.is_empty = self.is_empty or not made.children
        return made


class XmlAttribute(XmlNode):
    net_type_name = "System.Xml.XmlAttribute"
    node_type = "Attribute"

    def __init__(self, document: XmlDocument | None, name: str, namespace: str = "", text: str = "") -> None:
        super().__init__(document, name, namespace)
        self.text = text
        self.owner: XmlElement | None = None

    @property
    def value(self) -> str | None:
        return self.text

    @value.setter
    def value(self, text: str) -> None:
        self.text = text

    @property
    def inner_text(self) -> str:
        return self.text

    @inner_text.setter
    def inner_text(self, text: str) -> None:
        self.text = text

    def write(self) -> Iterator[str]:
        yield f'{self.name}="{escape_attribute(self.text)}"'

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlAttribute:
        return XmlAttribute(document, self.name, self.namespace, self.text)


class _Characters(XmlNode):
    """Nodes that are text: `form` is how they are written."""

    fixed_name = ""
    form = "{}"

    def __init__(self, document: XmlDocument | None, text: str, name: str = "") -> None:
        super().__init__(document, name or self.fixed_name)
        self.text = text

    @property
    def value(self) -> str | None:
        return self.text

    @value.setter
    def value(self, text: str) -> None:
        self.text = text

    @property
    def inner_text(self) -> str:
        return self.text

    @inner_text.setter
    def inner_text(self, text: str) -> None:
        self.text = text

    def write(self) -> Iterator[str]:
        yield self.form.format(self.text)

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlNode:
        return type(self)(document, self.text, self.name)


class XmlText(_Characters):
    net_type_name = "System.Xml.XmlText"
    node_type = "Text"
    fixed_name = "#text"

    def write(self) -> Iterator[str]:
        yield escape_text(self.text)


class XmlWhitespace(_Characters):
    net_type_name = "System.Xml.XmlWhitespace"
    node_type = "Whitespace"
    fixed_name = "#whitespace"


class XmlComment(_Characters):
    net_type_name = "System.Xml.XmlComment"
    node_type = "Comment"
    fixed_name = "#comment"
    form = "<!--{}-->"


class XmlCData(_Characters):
    net_type_name = "System.Xml.XmlCDataSection"
    node_type = "CDATA"
    fixed_name = "#cdata-section"
    form = "<![CDATA[{}]]>"


class XmlInstruction(_Characters):
    net_type_name = "System.Xml.XmlProcessingInstruction"
    node_type = "ProcessingInstruction"

    def write(self) -> Iterator[str]:
        yield f"<?{self.name} {self.text}?>" if self.text else f"<?{self.name}?>"


class XmlDeclaration(XmlNode):
    net_type_name = "System.Xml.XmlDeclaration"
    node_type = "XmlDeclaration"

    def __init__(self, document: XmlDocument | None, version: str, encoding: str = "", standalone: str = "") -> None:
        super().__init__(document, "xml")
        self.version = version
        self.encoding = encoding
        self.standalone = standalone

    @property
    def text(self) -> str:
        text = f'version="{self.version}"'
        text += f' encoding="{self.encoding}"' if self.encoding else ""
        return text + (f' standalone="{self.standalone}"' if self.standalone else "")

    def write(self) -> Iterator[str]:
        yield f"<?xml {self.text}?>"

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlDeclaration:
        return XmlDeclaration(document, self.version, self.encoding, self.standalone)


class XmlFragment(XmlNode):
    net_type_name = "System.Xml.XmlDocumentFragment"
    node_type = "DocumentFragment"

    def __init__(self, document: XmlDocument | None) -> None:
        super().__init__(document, "#document-fragment")

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlFragment:
        made = XmlFragment(document)
        for child in self.children if deep else ():
            made.append(child.copy(True, document))
        return made


class XmlDocument(XmlNode):
    net_type_name = "System.Xml.XmlDocument"
    node_type = "Document"

    def __init__(self) -> None:
        super().__init__(None, "#document")
        self.preserve_whitespace = False

    @property
    def root(self) -> XmlElement | None:
        return next((child for child in self.children if isinstance(child, XmlElement)), None)

    @property
    def declaration(self) -> XmlDeclaration | None:
        first = self.children[0] if self.children else None
        return first if isinstance(first, XmlDeclaration) else None

    def load(self, text: str | bytes) -> None:
        """Replaces the content. NetError XmlException for what is not well-formed."""
        self.children = []
        _Reader(self, text).read()

    def copy(self, deep: bool, document: XmlDocument | None) -> XmlDocument:
        made = XmlDocument()
        for child in self.children if deep else ():
            made.append(child.copy(True, made))
        return made


class _Reader:
    """Builds a document from expat's events."""

    def __init__(self, document: XmlDocument, source: str | bytes) -> None:
        self.document = document
        self.data = source.encode("utf-8") if isinstance(source, str) else source
        self.parser = expat.ParserCreate("utf-8" if isinstance(source, str) else None)
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.CommentHandler = lambda text: self.put(XmlComment(document, text))
        self.parser.ProcessingInstructionHandler = lambda name, text: self.put(XmlInstruction(document, text, name))
        self.parser.StartCdataSectionHandler = self.start_cdata
        self.parser.EndCdataSectionHandler = self.end_cdata
        self.parser.XmlDeclHandler = self.declare
        self.current: XmlNode = document
        self.cdata: list[str] | None = None

    def read(self) -> None:
        if not self.data.strip():
            raise _xml_error("Root element is missing.", 0, 0)
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise _xml_error(_reason(error), error.lineno, error.offset + 1) from None

    def put(self, node: XmlNode) -> None:
        self.current.append(node)

    def declare(self, version: str, encoding: str | None, standalone: int) -> None:
        said = {1: "yes", 0: "no"}.get(standalone, "")
        self.put(XmlDeclaration(self.document, version, encoding or "", said))

    def start(self, name: str, attributes: list[str]) -> None:
        element = XmlElement(self.document, name)
        self.put(element)
        for key, text in zip(attributes[::2], attributes[1::2], strict=True):
            element.set_attribute(XmlAttribute(self.document, key, "", text))
        element.namespace = self.namespace_of(element, element.prefix)
        for one in element.attributes:
            if one.name == "xmlns" or one.prefix == "xmlns":
                one.namespace = XMLNS
            elif one.prefix:
                one.namespace = self.namespace_of(element, one.prefix)
        self.current = element

    def namespace_of(self, element: XmlElement, prefix: str) -> str:
        found = element.find_namespace(prefix)
        if found is None and prefix:
            line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 2
            raise _xml_error(f"'{prefix}' is an undeclared prefix.", line, column)
        return found or ""

    def end(self, name: str) -> None:
        element = self.current
        assert isinstance(element, XmlElement) and element.parent is not None
        # At the end of `<a/>` expat stands behind the tag, at the end of `<a></a>` before `</a>`.
        at = self.parser.CurrentByteIndex
        before = self.data[max(at - 4, 0) : at]
        element.is_empty = not element.children and (before.endswith(b"/>") or before in (b"/\0>\0", b"\0/\0>"))
        self.current = element.parent

    def characters(self, text: str) -> None:
        if self.cdata is not None:
            self.cdata.append(text)
        elif isinstance(self.current, XmlDocument):
            return
        elif text.strip(" \t\r\n"):
            self.put(XmlText(self.document, text))
        elif self.document.preserve_whitespace:
            self.put(XmlWhitespace(self.document, text))

    def start_cdata(self) -> None:
        self.cdata = []

    def end_cdata(self) -> None:
        text = "".join(self.cdata or ())
        self.cdata = None
        self.put(XmlCData(self.document, text))


def _reason(error: expat.ExpatError) -> str:
    text = expat.errors.messages.get(error.code, "")
    named = {
        "no element found": "Root element is missing.",
        "junk after document element": "There are multiple root elements.",
        "duplicate attribute": "There is a duplicate attribute name.",
        "mismatched tag": "The start tag does not match the end tag.",
        "unclosed token": "Unexpected end of file has occurred.",
    }
    at_start = error.lineno == 1 and error.offset == 0
    return named.get(text, "Data at the root level is invalid." if at_start else f"{text}.")


def _xml_error(message: str, line: int, column: int) -> NetError:
    if line:
        message += f" Line {line}, position {column}."
    return NetError("System.Xml.XmlException", message, None, LineNumber=line, LinePosition=column)


def indented(node: XmlNode, indent: str = "  ", depth: int = 0) -> Iterator[str]:
    """The text that Save writes: elements on lines of their own, but not where text stands among them."""
    if isinstance(node, XmlDocument):
        for i, child in enumerate(node.children):
            yield "\r\n" if i else ""
            yield from indented(child, indent)
        return
    mixed = any(isinstance(child, XmlText | XmlCData | XmlWhitespace) for child in node.children)
    if not isinstance(node, XmlElement) or not node.children or mixed:
        yield from node.write()
        return
    yield node.start_tag() + ">"
    for child in node.children:
        yield "\r\n" + indent * (depth + 1)
        yield from indented(child, indent, depth + 1)
    yield "\r\n" + indent * depth + f"</{node.name}>"
