"""XPath 1.0 over the XML tree: evaluated by elementpath on a copy as ElementTree, and traced back to our nodes."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from elementpath import ElementPathError, XPath1Parser, XPathContext
from elementpath.xpath_nodes import (
    AttributeNode,
    CommentNode,
    DocumentNode,
    ElementNode,
    ProcessingInstructionNode,
    TextNode,
)

from winbake.rehearsal.powershell.dotnet.xml_nodes import (
    XmlAttribute,
    XmlCData,
    XmlComment,
    XmlDocument,
    XmlElement,
    XmlInstruction,
    XmlNode,
    XmlText,
    XmlWhitespace,
)
from winbake.rehearsal.powershell.errors import NetError


class _Mirror:
    """An ElementTree copy of a document, with the way back."""

    def __init__(self, top: XmlElement) -> None:
        self.nodes: dict[Any, XmlNode] = {}
        self.elements: dict[int, Any] = {}
        self.texts: dict[tuple[Any, str], XmlNode] = {}
        self.root = self.copy(top)

    def copy(self, element: XmlElement) -> Any:
        made = ElementTree.Element(_tag(element))
        self.nodes[made] = element
        self.elements[id(element)] = made
        for one in element.attributes:
            if one.prefix != "xmlns" and one.name != "xmlns":
                made.set(_tag(one), one.text)
        last: Any = None
        for child in element.children:
            if isinstance(child, XmlText | XmlCData | XmlWhitespace):
                if last is None:
                    made.text = (made.text or "") + child.text
                    self.texts.setdefault((made, "text"), child)
                else:
                    last.tail = (last.tail or "") + child.text
                    self.texts.setdefault((last, "tail"), child)
                continue
            if isinstance(child, XmlElement):
                last = self.copy(child)
            elif isinstance(child, XmlComment):
                last = ElementTree.Comment(child.text)
            elif isinstance(child, XmlInstruction):
                last = ElementTree.ProcessingInstruction(child.name, child.text)
            else:
                continue
            self.nodes.setdefault(last, child)
            made.append(last)
        return made

    def back(self, found: Any, document: XmlDocument) -> XmlNode | None:
        if isinstance(found, DocumentNode):
            return document
        if isinstance(found, AttributeNode):
            owner = self.nodes[found.parent.value]  # type: ignore[union-attr]
            assert isinstance(owner, XmlElement)
            return next((one for one in owner.attributes if _tag(one) == found.name), None)
        if isinstance(found, TextNode):
            return self._text(found)
        if isinstance(found, ElementNode | CommentNode | ProcessingInstructionNode):
            return self.nodes.get(found.value)
        return None

    def _text(self, found: TextNode) -> XmlNode | None:
        assert found.parent is not None
        before: Any = None
        for sibling in found.parent.children:
            if sibling is found:
                break
            before = sibling
        if before is None:
            return self.texts.get((found.parent.value, "text"))
        return self.texts.get((before.value, "tail"))


def _tag(node: XmlElement | XmlAttribute) -> str:
    return f"{{{node.namespace}}}{node.local_name}" if node.namespace else node.local_name


def select(start: XmlNode, path: str, namespaces: dict[str, str] | None = None) -> list[XmlNode]:
    """The nodes that a path finds, in document order. NetError XPathException for a bad path or what is no node-set."""
    top, document = _top(start)
    if top is None:
        return []
    mirror = _Mirror(top)
    context = XPathContext(ElementTree.ElementTree(mirror.root))
    item: Any = None
    owner = start
    while not isinstance(owner, XmlElement | XmlDocument) and owner is not None:
        owner = owner.owner if isinstance(owner, XmlAttribute) else owner.parent  # type: ignore[assignment]
    if isinstance(owner, XmlElement):
        item = mirror.elements[id(owner)]
    try:
        if item is not None:
            context = XPathContext(ElementTree.ElementTree(mirror.root), item=item)
        found = list(XPath1Parser(namespaces=namespaces or {}).parse(path).select(context))
    except ElementPathError as error:
        raise _path_error(path, error) from None
    nodes = [mirror.back(one, document) for one in found]
    if any(node is None for node in nodes):
        message = "Expression must evaluate to a node-set."
        raise NetError("System.Xml.XPath.XPathException", message)
    return [node for node in nodes if node is not None]


def _top(start: XmlNode) -> tuple[XmlElement | None, XmlDocument]:
    """The element the tree hangs on: the document's, or of a piece outside it the highest."""
    document = start if isinstance(start, XmlDocument) else start.document
    assert document is not None
    node: XmlNode | None = start.owner if isinstance(start, XmlAttribute) else start
    top: XmlElement | None = None
    while node is not None:
        if isinstance(node, XmlElement):
            top = node
        node = node.parent
    return (document.root if isinstance(start, XmlDocument) else top), document


def _path_error(path: str, error: ElementPathError) -> NetError:
    text = str(error)
    if "XPST0081" in text or "prefix" in text.lower():
        message = (
            "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function."
        )
    else:
        message = f"'{path}' has an invalid token."
    return NetError("System.Xml.XPath.XPathException", message)
