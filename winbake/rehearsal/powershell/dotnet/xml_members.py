"""Members of XmlDocument and its nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null
from winbake.rehearsal.powershell.dotnet.xml_nodes import (
    XMLNS,
    XmlAttribute,
    XmlCData,
    XmlComment,
    XmlDeclaration,
    XmlDocument,
    XmlElement,
    XmlFragment,
    XmlInstruction,
    XmlNode,
    XmlText,
    XmlWhitespace,
    indented,
)
from winbake.rehearsal.powershell.dotnet.xml_paths import select
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import NetObject

NODE, ELEMENT, DOCUMENT = "System.Xml.XmlNode", "System.Xml.XmlElement", "System.Xml.XmlDocument"
LIST, MAP, ATTRIBUTES = "System.Xml.XmlNodeList", "System.Xml.XmlNamedNodeMap", "System.Xml.XmlAttributeCollection"
MANAGER, DECLARATION = "System.Xml.XmlNamespaceManager", "System.Xml.XmlDeclaration"


class NodeList(NetObject):
    """An XmlNodeList; ChildNodes is a living one."""

    net_type_name = LIST

    def __init__(self, nodes: list[XmlNode]) -> None:
        self.nodes = nodes

    def __iter__(self) -> Iterator[XmlNode]:
        return iter(list(self.nodes))

    def __len__(self) -> int:
        return len(self.nodes)


class AttributeCollection(NetObject):
    net_type_name = ATTRIBUTES

    def __init__(self, owner: XmlElement) -> None:
        self.owner = owner

    def __iter__(self) -> Iterator[XmlAttribute]:
        return iter(list(self.owner.attributes))

    def __len__(self) -> int:
        return len(self.owner.attributes)


class NamespaceManager(NetObject):
    net_type_name = MANAGER

    def __init__(self) -> None:
        self.uris: dict[str, str] = {}


class NameTable(NetObject):
    net_type_name = "System.Xml.NameTable"


def _read(name: str, read: Callable[[XmlNode], Any], type_name: str = NODE) -> None:
    @getter(type_name, name)
    def get(value: XmlNode) -> Any:
        return read(value)


_read("Name", lambda node: node.name)
_read("LocalName", lambda node: node.local_name)
_read("Prefix", lambda node: node.prefix)
_read("NamespaceURI", lambda node: node.namespace)
_read("Value", lambda node: node.text if isinstance(node, XmlDeclaration) else node.value)
_read("InnerText", lambda node: node.text if isinstance(node, XmlDeclaration) else node.inner_text)
_read("InnerXml", lambda node: node.inner_xml)
_read("OuterXml", lambda node: node.outer_xml)
_read("NodeType", lambda node: enum_value("System.Xml.XmlNodeType", node.node_type))
_read("ParentNode", lambda node: node.parent)
_read("OwnerDocument", lambda node: node.document)
_read("ChildNodes", lambda node: NodeList(node.children))
_read("HasChildNodes", lambda node: bool(node.children))
_read("FirstChild", lambda node: node.children[0] if node.children else None)
_read("LastChild", lambda node: node.children[-1] if node.children else None)
_read("NextSibling", lambda node: node.sibling(1))
_read("PreviousSibling", lambda node: node.sibling(-1))
_read("Attributes", lambda node: AttributeCollection(node) if isinstance(node, XmlElement) else None)
_read("IsReadOnly", lambda node: False)
_read("BaseURI", lambda node: "")


@setter(NODE, "Value")
def set_value(node: XmlNode, text: str) -> None:
    node.value = text


@setter(NODE, "InnerText")
def set_inner_text(node: XmlNode, text: str) -> None:
    node.inner_text = text


@setter(NODE, "InnerXml")
def set_inner_xml(node: XmlNode, text: str) -> None:
    if isinstance(node, XmlDocument):
        node.load(text)
        return
    holder = XmlDocument()
    holder.preserve_whitespace = True
    declared = "".join(f' {one.name}="{one.text}"' for one in getattr(node, "attributes", ()) if one.namespace == XMLNS)
    holder.load(f"<x{declared}>{text}</x>")
    node.inner_text = ""
    assert holder.root is not None
    for child in holder.root.children:
        node.append(child.copy(True, node.document))


@getter(NODE, "Item")
def child_element(node: XmlNode, name: str, namespace: str | None = None) -> XmlElement | None:
    for child in node.children:
        if isinstance(child, XmlElement) and (child.name if namespace is None else child.local_name) == name:
            if namespace in (None, child.namespace):
                return child
    return None


@method(NODE, "ToString")
def node_text(node: XmlNode) -> str:
    """types.ps1xml gives XmlNode a ToString that is its local name."""
    return node.local_name


@method(NODE, "AppendChild")
def append_child(node: XmlNode, child: XmlNode) -> XmlNode:
    if child is None:
        raise argument_null("newChild")
    return node.append(child)


@method(NODE, "PrependChild")
def prepend_child(node: XmlNode, child: XmlNode) -> XmlNode:
    return node.append(child, node.children[0] if node.children else None)


@method(NODE, "InsertBefore")
def insert_before(node: XmlNode, child: XmlNode, before: XmlNode | None) -> XmlNode:
    return node.append(child, before)


@method(NODE, "InsertAfter")
def insert_after(node: XmlNode, child: XmlNode, after: XmlNode | None) -> XmlNode:
    if after is None:
        return prepend_child(node, child)
    node.place(after)
    return node.append(child, after.sibling(1))


@method(NODE, "RemoveChild")
def remove_child(node: XmlNode, child: XmlNode) -> XmlNode:
    return node.remove(child)


@method(NODE, "ReplaceChild")
def replace_child(node: XmlNode, new: XmlNode, old: XmlNode) -> XmlNode:
    following = old.sibling(1)
    node.remove(old)
    node.append(new, following)
    return old


@method(NODE, "RemoveAll")
def remove_all(node: XmlNode) -> None:
    node.inner_text = ""
    if isinstance(node, XmlElement):
        node.attributes.clear()


@method(NODE, "CloneNode")
def clone_node(node: XmlNode, deep: bool) -> XmlNode:
    return node.copy(deep, node.document)


@method(NODE, "Clone")
def clone(node: XmlNode) -> XmlNode:
    return node.copy(True, node.document)


@method(NODE, "Normalize")
def normalize(node: XmlNode) -> None:
    """Adjacent texts become one."""
    for child in list(node.children):
        following = child.sibling(1)
        while isinstance(child, XmlText) and isinstance(following, XmlText):
            child.text += following.text
            node.remove(following)
            following = child.sibling(1)
        if child.parent is node:
            normalize(child)


@method(NODE, "SelectNodes")
def select_nodes(node: XmlNode, path: str, manager: NamespaceManager | None = None) -> NodeList:
    return NodeList(select(node, path, manager.uris if manager is not None else None))


@method(NODE, "SelectSingleNode")
def select_single_node(node: XmlNode, path: str, manager: NamespaceManager | None = None) -> XmlNode | None:
    found = select(node, path, manager.uris if manager is not None else None)
    return found[0] if found else None


@method(NODE, "GetNamespaceOfPrefix")
def namespace_of_prefix(node: XmlNode, prefix: str) -> str:
    return node.find_namespace(prefix) or ""


# ---- elements -------------------------------------------------------------------------------------------


@getter(ELEMENT, "HasAttributes")
def has_attributes(element: XmlElement) -> bool:
    return bool(element.attributes)


@getter(ELEMENT, "IsEmpty")
def is_empty(element: XmlElement) -> bool:
    return element.is_empty


@setter(ELEMENT, "IsEmpty")
def set_is_empty(element: XmlElement, empty: bool) -> None:
    if empty:
        element.inner_text = ""
    element.is_empty = empty


@method(ELEMENT, "GetAttribute")
def get_attribute(element: XmlElement, name: str, namespace: str | None = None) -> str:
    found = element.attribute(name, namespace)
    return "" if found is None else found.text


@method(ELEMENT, "HasAttribute")
def has_attribute(element: XmlElement, name: str, namespace: str | None = None) -> bool:
    return element.attribute(name, namespace) is not None


@method(ELEMENT, "GetAttributeNode")
def get_attribute_node(element: XmlElement, name: str, namespace: str | None = None) -> XmlAttribute | None:
    return element.attribute(name, namespace)


@method(ELEMENT, "SetAttribute", "String, String")
def set_attribute(element: XmlElement, name: str, text: str) -> None:
    found = element.attribute(name)
    if found is not None:
        found.text = text
    else:
        namespace = XMLNS if name == "xmlns" or name.startswith("xmlns:") else ""
        element.set_attribute(XmlAttribute(element.document, name, namespace, text))


@method(ELEMENT, "SetAttribute", "String, String, String")
def set_attribute_in(element: XmlElement, name: str, namespace: str, text: str) -> str:
    found = element.attribute(name.rpartition(":")[2], namespace)
    if found is not None:
        found.text = text
    else:
        element.set_attribute(XmlAttribute(element.document, name, namespace, text))
    return text


@method(ELEMENT, "SetAttributeNode", "XmlAttribute")
def set_attribute_node(element: XmlElement, attribute: XmlAttribute) -> XmlAttribute | None:
    return element.set_attribute(attribute)


@method(ELEMENT, "RemoveAttribute")
def remove_attribute(element: XmlElement, name: str, namespace: str | None = None) -> None:
    found = element.attribute(name, namespace)
    if found is not None:
        element.attributes.remove(found)


@method(ELEMENT, "RemoveAllAttributes")
def remove_all_attributes(element: XmlElement) -> None:
    element.attributes.clear()


@method(ELEMENT, "GetElementsByTagName")
@method(DOCUMENT, "GetElementsByTagName")
def elements_by_name(node: XmlNode, name: str, namespace: str | None = None) -> NodeList:
    found: list[XmlNode] = []
    for one in node.descendants():
        if isinstance(one, XmlElement):
            shown = one.name if namespace is None else one.local_name
            if name in ("*", shown) and namespace in (None, "*", one.namespace):
                found.append(one)
    return NodeList(found)


@getter("System.Xml.XmlAttribute", "OwnerElement")
def owner_element(attribute: XmlAttribute) -> XmlElement | None:
    return attribute.owner


@getter("System.Xml.XmlAttribute", "Specified")
def specified(attribute: XmlAttribute) -> bool:
    return True


# ---- lists and maps -------------------------------------------------------------------------------------


@getter(LIST, "Count")
@getter(MAP, "Count")
def count(value: Any) -> int:
    return len(value)


@getter(LIST, "ItemOf")
@method(LIST, "Item")
@method(MAP, "Item")
def item_at(value: Any, index: int) -> XmlNode | None:
    nodes = list(value)
    return nodes[index] if 0 <= index < len(nodes) else None


@getter(ATTRIBUTES, "ItemOf")
def attribute_item(value: AttributeCollection, key: Any, namespace: str | None = None) -> XmlNode | None:
    return item_at(value, key) if isinstance(key, int) else value.owner.attribute(key, namespace)


@method(MAP, "GetNamedItem")
def named_item(value: AttributeCollection, name: str, namespace: str | None = None) -> XmlNode | None:
    return value.owner.attribute(name, namespace)


@method(MAP, "SetNamedItem")
@method(ATTRIBUTES, "Append")
def append_attribute(value: AttributeCollection, attribute: XmlAttribute) -> XmlAttribute:
    value.owner.set_attribute(attribute)
    return attribute


@method(MAP, "RemoveNamedItem")
def remove_named_item(value: AttributeCollection, name: str, namespace: str | None = None) -> XmlNode | None:
    found = value.owner.attribute(name, namespace)
    if found is not None:
        value.owner.attributes.remove(found)
    return found


@method(ATTRIBUTES, "Remove")
def remove_attribute_node(value: AttributeCollection, attribute: XmlAttribute) -> XmlAttribute:
    value.owner.attributes.remove(attribute)
    return attribute


@method(ATTRIBUTES, "RemoveAll")
def remove_attributes(value: AttributeCollection) -> None:
    value.owner.attributes.clear()


# ---- documents ------------------------------------------------------------------------------------------


@constructor(DOCUMENT)
def new_document(table: Any = None) -> XmlDocument:
    return XmlDocument()


@getter(DOCUMENT, "DocumentElement")
def document_element(document: XmlDocument) -> XmlElement | None:
    return document.root


@getter(DOCUMENT, "PreserveWhitespace")
def preserve_whitespace(document: XmlDocument) -> bool:
    return document.preserve_whitespace


@setter(DOCUMENT, "PreserveWhitespace")
def set_preserve_whitespace(document: XmlDocument, preserve: bool) -> None:
    document.preserve_whitespace = preserve


@getter(DOCUMENT, "NameTable")
@getter(MANAGER, "NameTable")
def name_table(value: Any) -> NameTable:
    return NameTable()


@method(DOCUMENT, "LoadXml")
def load_xml(document: XmlDocument, text: str) -> None:
    if text is None:
        raise argument_null("s")
    document.load(text)


@method(DOCUMENT, "Load", "String")
def load_file(document: XmlDocument, path: str, *, session: Any) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import read_bytes
    from winbake.rehearsal.powershell.dotnet.io_paths import full_path

    document.load(read_bytes(session, full_path(path, session, "filename")))


@method(DOCUMENT, "Load", "Stream")
def load_stream(document: XmlDocument, stream: Any) -> None:
    document.load(stream.read_all())


@method(DOCUMENT, "Load", "TextReader")
def load_reader(document: XmlDocument, reader: Any) -> None:
    document.load(reader.read_to_end())


def _saved(document: XmlDocument) -> str:
    if document.root is None:
        raise NetError("System.Xml.XmlException", "Invalid XML document. The document does not have a root element.")
    return document.outer_xml if document.preserve_whitespace else "".join(indented(document))


def _bytes(document: XmlDocument) -> bytes:
    """In the declaration's encoding, with its byte order mark; UTF-8 without one if none is declared."""
    declared = document.declaration.encoding.lower() if document.declaration is not None else ""
    encodings = {"": "utf-8", "utf-8": "utf-8-sig", "utf-16": "utf-16", "us-ascii": "ascii", "iso-8859-1": "latin-1"}
    if declared not in encodings:
        raise NotModelled(f"XML saved as {declared}")
    return _saved(document).encode(encodings[declared], "xmlcharrefreplace")


@method(DOCUMENT, "Save", "String")
def save_file(document: XmlDocument, path: str, *, session: Any) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import write_bytes
    from winbake.rehearsal.powershell.dotnet.io_paths import full_path

    write_bytes(session, full_path(path, session, "filename"), _bytes(document))


@method(DOCUMENT, "Save", "Stream")
def save_stream(document: XmlDocument, stream: Any) -> None:
    stream.write(_bytes(document))


@method(DOCUMENT, "Save", "TextWriter")
def save_writer(document: XmlDocument, writer: Any) -> None:
    text = _saved(document)
    declaration = document.declaration
    encoding = getattr(writer.encoding, "web_name", "utf-16")
    if declaration is not None:
        head = XmlDeclaration(None, declaration.version, encoding, declaration.standalone).outer_xml
        text = head + text[len(declaration.outer_xml) :]
    else:
        head = XmlDeclaration(None, "1.0", encoding, "").outer_xml
        text = head + ("" if document.preserve_whitespace else "\r\n") + text
    writer.put(text)


@method(DOCUMENT, "CreateElement", "String")
def create_element(document: XmlDocument, name: str) -> XmlElement:
    return XmlElement(document, name)


@method(DOCUMENT, "CreateElement", "String, String")
def create_element_in(document: XmlDocument, name: str, namespace: str) -> XmlElement:
    return XmlElement(document, name, namespace)


@method(DOCUMENT, "CreateElement", "String, String, String")
def create_element_named(document: XmlDocument, prefix: str, local: str, namespace: str) -> XmlElement:
    return XmlElement(document, f"{prefix}:{local}" if prefix else local, namespace)


@method(DOCUMENT, "CreateAttribute", "String")
def create_attribute(document: XmlDocument, name: str) -> XmlAttribute:
    return XmlAttribute(document, name, XMLNS if name.startswith("xmlns") else "")


@method(DOCUMENT, "CreateAttribute", "String, String")
def create_attribute_in(document: XmlDocument, name: str, namespace: str) -> XmlAttribute:
    return XmlAttribute(document, name, namespace)


@method(DOCUMENT, "CreateAttribute", "String, String, String")
def create_attribute_named(document: XmlDocument, prefix: str, local: str, namespace: str) -> XmlAttribute:
    return XmlAttribute(document, f"{prefix}:{local}" if prefix else local, namespace)


@method(DOCUMENT, "CreateTextNode")
def create_text(document: XmlDocument, text: str) -> XmlText:
    return XmlText(document, text)


@method(DOCUMENT, "CreateComment")
def create_comment(document: XmlDocument, text: str) -> XmlComment:
    return XmlComment(document, text)


@method(DOCUMENT, "CreateCDataSection")
def create_cdata(document: XmlDocument, text: str) -> XmlCData:
    return XmlCData(document, text)


@method(DOCUMENT, "CreateWhitespace")
def create_whitespace(document: XmlDocument, text: str) -> XmlWhitespace:
    return XmlWhitespace(document, text)


@method(DOCUMENT, "CreateProcessingInstruction")
def create_instruction(document: XmlDocument, target: str, data: str) -> XmlInstruction:
    return XmlInstruction(document, data, target)


@method(DOCUMENT, "CreateXmlDeclaration")
def create_declaration(document: XmlDocument, version: str, encoding: str, standalone: str) -> XmlDeclaration:
    return XmlDeclaration(document, version, encoding or "", standalone or "")


@method(DOCUMENT, "CreateDocumentFragment")
def create_fragment(document: XmlDocument) -> XmlFragment:
    return XmlFragment(document)


@method(DOCUMENT, "CreateNode", "XmlNodeType, String, String")
def create_node(document: XmlDocument, kind: EnumValue, name: str, namespace: str) -> XmlNode:
    makers: dict[str, Callable[[], XmlNode]] = {
        "Element": lambda: XmlElement(document, name, namespace or ""),
        "Attribute": lambda: XmlAttribute(document, name, namespace or ""),
        "Text": lambda: XmlText(document, ""),
        "Comment": lambda: XmlComment(document, ""),
        "CDATA": lambda: XmlCData(document, ""),
    }
    if kind.name not in makers:
        raise NotModelled(f"XmlDocument.CreateNode of {kind.name}")
    return makers[kind.name]()


@method(DOCUMENT, "CreateNode", "String, String, String")
def create_node_by_text(document: XmlDocument, kind: str, name: str, namespace: str) -> XmlNode:
    return create_node(document, enum_value("System.Xml.XmlNodeType", kind), name, namespace)


@method(DOCUMENT, "ImportNode")
def import_node(document: XmlDocument, node: XmlNode, deep: bool) -> XmlNode:
    return node.copy(deep, document)


_read("Version", lambda node: node.version, DECLARATION)  # type: ignore[attr-defined]
_read("Encoding", lambda node: node.encoding, DECLARATION)  # type: ignore[attr-defined]
_read("Standalone", lambda node: node.standalone, DECLARATION)  # type: ignore[attr-defined]


@setter(DECLARATION, "Encoding")
def set_encoding(node: XmlDeclaration, text: str) -> None:
    node.encoding = text or ""


# ---- namespaces -----------------------------------------------------------------------------------------


@constructor("System.Xml.NameTable")
def new_name_table() -> NameTable:
    return NameTable()


@constructor(MANAGER)
def new_manager(table: Any) -> NamespaceManager:
    if table is None:
        raise argument_null("nameTable")
    return NamespaceManager()


@method(MANAGER, "AddNamespace")
def add_namespace(value: NamespaceManager, prefix: str, uri: str) -> None:
    value.uris[prefix] = uri


@method(MANAGER, "RemoveNamespace")
def remove_namespace(value: NamespaceManager, prefix: str, uri: str) -> None:
    if value.uris.get(prefix) == uri:
        del value.uris[prefix]


@method(MANAGER, "HasNamespace")
def has_namespace(value: NamespaceManager, prefix: str) -> bool:
    return prefix in value.uris


@method(MANAGER, "LookupNamespace")
def lookup_namespace(value: NamespaceManager, prefix: str) -> str | None:
    return value.uris.get(prefix, "" if prefix == "" else None)


@method(MANAGER, "LookupPrefix")
def lookup_prefix(value: NamespaceManager, uri: str) -> str | None:
    return next((prefix for prefix, one in value.uris.items() if one == uri), None)
