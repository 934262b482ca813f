"""Conversion, truth, equality and order of values: LanguagePrimitives of Windows PowerShell 5.1.

Which way a value becomes another type is decided by types alone and remembered (`_figure`), as in the engine: first
what the language itself knows, then Parse, constructors, cast operators, IConvertible, collections, properties.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from winbake.rehearsal.powershell.conversion import objects
from winbake.rehearsal.powershell.conversion.collections import enumerate_items, list_items, to_bool
from winbake.rehearsal.powershell.conversion.comparison import compare, equals
from winbake.rehearsal.powershell.conversion.enums import enum_from_number, enum_from_text, null_to_enum
from winbake.rehearsal.powershell.conversion.failures import invalid_cast, no_conversion, type_text, with_cause
from winbake.rehearsal.powershell.conversion.numbers import NUMBERS, convert_number, number_from_text
from winbake.rehearsal.powershell.conversion.objects import Converter
from winbake.rehearsal.powershell.conversion.ranks import SCALAR_TO_ARRAY, Rank, numeric_rank
from winbake.rehearsal.powershell.conversion.text import flat_text, to_text
from winbake.rehearsal.powershell.dotnet.collections import Dictionary, Hashtable
from winbake.rehearsal.powershell.dotnet.throwing import invalid_cast as invalid_cast_error
from winbake.rehearsal.powershell.engine_values import Delegate, SwitchParameter
from winbake.rehearsal.powershell.errors import NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.types import EnumValue, NetType, get_type, resolve_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    Char,
    NoteProperty,
    PSArray,
    PSObject,
    custom_object,
    is_custom,
    unwrap,
)

__all__ = [
    "compare",
    "conversion_rank",
    "convert",
    "enumerate_items",
    "equals",
    "flat_text",
    "list_items",
    "to_bool",
    "to_custom_object",
    "to_text",
    "try_convert",
    "type_rank",
]

_PS_OBJECT = "System.Management.Automation.PSObject"
_CUSTOM_OBJECT = "System.Management.Automation.PSCustomObject"
_SWITCH = "System.Management.Automation.SwitchParameter"
_REFERENCE = "System.Management.Automation.PSReference"
_XML = "System.Xml.XmlDocument"
_SCRIPT_BLOCK = "System.Management.Automation.ScriptBlock"
_CHAR, _STRING, _BOOLEAN, _TYPE = "System.Char", "System.String", "System.Boolean", "System.Type"


def convert(value: Any, net_type: NetType, session: Any = None) -> Any:
    """`[net_type]$value`. Raises ScriptError with the engine's id (InvalidCastFromStringToInteger …)."""
    if net_type.key == "System.Object":
        return None if value is AUTOMATION_NULL else value
    if value is None or value is AUTOMATION_NULL:
        return _from_null(net_type)
    if net_type.key == _PS_OBJECT:
        return value
    if is_custom(value):
        return _from_custom(value, net_type, session)
    if type(value) is PSObject:
        value = value.base
    given = type_of(value)
    if given is net_type:
        return value
    return _figure(given, net_type).converter(value, session)


def try_convert(value: Any, net_type: NetType, session: Any = None) -> tuple[bool, Any]:
    """`$value -as [net_type]`: whether it can be, and the result."""
    try:
        return True, convert(value, net_type, session)
    except ScriptError:
        return False, None


def to_custom_object(value: Any) -> Any:
    """`[pscustomobject]$value`: a dictionary becomes an object with its keys as note properties, the rest stays."""
    bare = unwrap(value)
    if not isinstance(bare, Dictionary):
        return None if value is AUTOMATION_NULL else value
    type_name = None
    made = custom_object()
    for key, item in bare.items():
        name = to_text(key)
        if name.lower() == "pstypename":
            type_name = to_text(item)
        else:
            made.members.add(NoteProperty(name, None if item is AUTOMATION_NULL else item))
    if type_name is not None:
        made.type_names = [type_name, _CUSTOM_OBJECT, "System.Object"]
    return made


def conversion_rank(value: Any, net_type: NetType) -> int:
    """How well a value converts; 0 (Rank.NONE): not at all."""
    if value is None or value is AUTOMATION_NULL:
        if net_type.is_value_type and not net_type.is_nullable:
            return Rank.NULL_TO_VALUE if net_type.key in _NULL_VALUES else Rank.NONE
        return Rank.NULL_TO_REF
    if net_type.key == _PS_OBJECT:
        return Rank.PS_OBJECT
    if is_custom(value):
        if net_type.key == "System.Object":
            return Rank.ASSIGNABLE
        if net_type.key == _STRING:
            return Rank.TO_STRING
        if net_type.key == _BOOLEAN:
            return Rank.LANGUAGE
        if net_type.is_array:
            assert net_type.element_type is not None
            return _minus(conversion_rank(value, net_type.element_type))
        return Rank.CONSTRUCTOR if objects.is_property_source(value, net_type) else Rank.NONE
    return type_rank(type_of(value), net_type)


def type_rank(given: NetType, net_type: NetType) -> int:
    """How well values of one type convert to another; 0: not at all."""
    return _figure(given, net_type).rank


# ---- null and custom objects ----------------------------------------------------------------------------

_NULL_VALUES: frozenset[str] = frozenset({*NUMBERS, _BOOLEAN, _CHAR, _SWITCH})


def _from_null(net_type: NetType) -> Any:
    key = net_type.key
    if key == _STRING:
        return ""
    if key in NUMBERS:
        return NUMBERS[key](0)
    if key == _BOOLEAN:
        return False
    if key == _CHAR:
        return Char("\0")
    if key == _SWITCH:
        return SwitchParameter(False)
    if key == _REFERENCE:
        return _reference(None)
    if net_type.is_enum:
        raise null_to_enum(net_type)
    if net_type.is_value_type and not net_type.is_nullable and key != "System.Void":
        raise invalid_cast("nullToObjectInvalidCast", f'Cannot convert null to type "{type_text(net_type)}".')
    return None


def _from_custom(value: PSObject, net_type: NetType, session: Any) -> Any:
    key = net_type.key
    if key == _CUSTOM_OBJECT:
        return value
    if key == _STRING:
        return to_text(value, session)
    if key == _BOOLEAN:
        return True
    if key == _SWITCH:
        return SwitchParameter(True)
    if key == "System.Void":
        return AUTOMATION_NULL
    if key == _REFERENCE:
        return _reference(value)
    if net_type.is_nullable:
        return _from_custom(value, net_type.arguments[0], session)
    if net_type.is_array:
        element = net_type.element_type
        assert element is not None
        return PSArray([convert(value, element, session)], element.key)
    if key in ("System.Collections.IList", "System.Collections.ICollection", "System.Array"):
        return PSArray([value])
    if objects.is_property_source(value, net_type):
        return objects.from_properties(value, net_type, session)
    collection = objects.collection_converter(net_type)
    if collection is not None:
        return collection(value, session)
    raise no_conversion(value, net_type)


def _reference(value: Any) -> Any:
    from winbake.rehearsal.powershell.engine_values import Reference

    return Reference(value)


# ---- the choice of a way --------------------------------------------------------------------------------


class _Way(NamedTuple):
    rank: int
    converter: Converter


def _figure(given: NetType, net_type: NetType) -> _Way:
    ways: dict[NetType, _Way] = given.__dict__.setdefault("_ways", {})
    found = ways.get(net_type)
    if found is None:
        found = _way(given, net_type) or _Way(Rank.NONE, _refuse(net_type))
        ways[net_type] = found
    return found


def _refuse(net_type: NetType) -> Converter:
    def refuse(value: Any, session: Any) -> Any:
        raise no_conversion(value, net_type)

    return refuse


def _minus(rank: int) -> int:
    return rank - SCALAR_TO_ARRAY if rank else 0


def _as_is(value: Any, session: Any) -> Any:
    return value


def _way(given: NetType, net_type: NetType) -> _Way | None:
    if given is net_type:
        return _Way(Rank.IDENTITY, _as_is)
    if net_type.is_nullable:
        inner = net_type.arguments[0]
        if inner is given:
            return _Way(Rank.ASSIGNABLE, _as_is)
        return _Way(_figure(given, inner).rank, lambda value, session: convert(value, inner, session))
    if net_type.kind == "parameter" or (net_type.arguments and _is_open(net_type)):
        return _open_way(given, net_type)
    if net_type.kind == "pointer":
        return None
    if net_type.assignable_from(given):
        return _Way(Rank.ASSIGNABLE, _as_is)
    return (
        _language_way(given, net_type)
        or _text_way(given, net_type)
        or _constructor_way(given, net_type)
        or _collection_way(given, net_type)
    )


def _is_open(net_type: NetType) -> bool:
    """Whether a parameter of a generic method stands in the type."""
    return net_type.kind == "parameter" or any(_is_open(argument) for argument in net_type.arguments)


def _open_way(given: NetType, net_type: NetType) -> _Way | None:
    """To a type that a generic method leaves open: T itself, or IEnumerable<T> from what is one of something."""
    if net_type.kind == "parameter":
        return _Way(Rank.ASSIGNABLE, _as_is)
    if any(one.definition is net_type.definition for one in (*given.ancestors(), *given.interfaces)):
        return _Way(Rank.ASSIGNABLE, _as_is)
    return None


def _language_way(given: NetType, net_type: NetType) -> _Way | None:
    key = net_type.key
    if key == _PS_OBJECT:
        return _Way(Rank.PS_OBJECT, _as_is)
    if key == "System.Void":
        return _Way(Rank.LANGUAGE, lambda value, session: AUTOMATION_NULL)
    if key == _BOOLEAN:
        return _Way(Rank.LANGUAGE, lambda value, session: to_bool(value))
    if key == _STRING:
        return _Way(Rank.TO_STRING, to_text)
    if key == _REFERENCE:
        return _Way(Rank.LANGUAGE, lambda value, session: _reference(value))
    if given.key == _REFERENCE:
        return _Way(Rank.LANGUAGE, lambda value, session: convert(value.value, net_type, session))
    if key == _SWITCH:
        if given.key == _BOOLEAN or given.key in NUMBERS:
            return _Way(Rank.LANGUAGE, lambda value, session: SwitchParameter(to_bool(value)))
        return None
    if net_type.is_array:
        return _array_way(given, net_type)
    if key == "System.Array":
        return _Way(Rank.LANGUAGE, _to_objects)
    if key == "System.Collections.Hashtable":
        if get_type("System.Collections.IDictionary").assignable_from(given):
            return _Way(Rank.LANGUAGE, lambda value, session: Hashtable(value.items(), ignore_case=True))
        return None
    if net_type.is_enum:
        return _enum_way(given, net_type)
    if key in NUMBERS:
        return _number_way(given, net_type)
    if key == _CHAR and (given.key in NUMBERS or given.is_enum):
        return _Way(Rank.LANGUAGE, _to_char)
    if key == _XML:
        return _Way(Rank.LANGUAGE, _to_xml)
    if net_type.is_delegate and given.key == _SCRIPT_BLOCK:
        return _Way(Rank.LANGUAGE, lambda value, session: make_delegate(value, net_type, session))
    return None


def _array_way(given: NetType, net_type: NetType) -> _Way:
    element = net_type.element_type
    assert element is not None
    if net_type.rank > 1:
        return _Way(Rank.NONE, _refuse(net_type))
    if given.key == _STRING and element.key == _CHAR:
        return _Way(Rank.STRING_TO_CHAR_ARRAY, lambda value, session: PSArray(map(Char, value), _CHAR))
    if _is_enumerable(given):

        def convert_items(value: Any, session: Any) -> PSArray:
            items = enumerate_items(value) or iter(())
            return PSArray([convert(item, element, session) for item in items], element.key)

        return _Way(Rank.UNRELATED_ARRAYS, convert_items)
    inner = _figure(given, element)

    def convert_one(value: Any, session: Any) -> PSArray:
        return PSArray([convert(value, element, session)], element.key)

    return _Way(_minus(inner.rank), convert_one)


def _is_enumerable(given: NetType) -> bool:
    if given.key == _STRING or given.kind == "struct":
        return False
    keys = {one.key for one in given.interfaces} | {given.key}
    if "System.Collections.IDictionary" in keys or any(one.key == "System.Xml.XmlNode" for one in given.ancestors()):
        return False
    return "System.Collections.IEnumerable" in keys or "System.Collections.IEnumerator" in keys


def _to_objects(value: Any, session: Any) -> PSArray:
    items = enumerate_items(value)
    return PSArray([value] if items is None else items)


def _enum_way(given: NetType, net_type: NetType) -> _Way | None:
    if given.key == _STRING:
        return _Way(Rank.PARSE, lambda value, session: enum_from_text(value, net_type))
    if given.is_enum:
        return _Way(Rank.LANGUAGE, lambda value, session: enum_from_number(value.value, net_type, value))
    if given.key in ("System.Double", "System.Single", "System.Decimal"):
        return _Way(Rank.I_CONVERTIBLE, lambda value, session: enum_from_text(to_text(value), net_type))
    if given.key in NUMBERS:
        return _Way(Rank.LANGUAGE, lambda value, session: enum_from_number(int(value), net_type, value))
    return None


def _number_way(given: NetType, net_type: NetType) -> _Way | None:
    key = net_type.key
    if given.key == _STRING:
        if key == "System.Numerics.BigInteger":
            return None
        return _Way(Rank.NUMERIC_STRING, lambda value, session: _text_to_number(value, net_type))
    if given.key in NUMBERS or given.key == _CHAR:
        rank = numeric_rank(given.key, key)
        if given.key == _CHAR and rank != Rank.NUMERIC_IMPLICIT:
            rank = Rank.LANGUAGE
        return _Way(rank, lambda value, session: _number_to_number(value, net_type))
    if given.key == _BOOLEAN:
        return _Way(Rank.LANGUAGE, lambda value, session: _number_to_number(value, net_type))
    if given.is_enum:
        return _Way(Rank.LANGUAGE, lambda value, session: _number_to_number(value.value, net_type))
    if given.key == "System.DateTime":
        error = invalid_cast_error(f"Invalid cast from 'DateTime' to '{net_type.name}'.")

        def refuse(value: Any, session: Any) -> Any:
            raise with_cause("InvalidCastIConvertible", value, net_type, error)

        return _Way(Rank.I_CONVERTIBLE, refuse)
    return None


def _text_to_number(value: str, net_type: NetType) -> Any:
    kind = {"System.Double": "DoubleOrSingle", "System.Single": "DoubleOrSingle", "System.Decimal": "Decimal"}
    try:
        return number_from_text(value, net_type.key)
    except NetError as error:
        error_id = "InvalidCastFromStringTo" + kind.get(net_type.key, "Integer")
        raise with_cause(error_id, value, net_type, error) from None


def _number_to_number(value: Any, net_type: NetType) -> Any:
    try:
        return convert_number(value, net_type.key)
    except NetError as error:
        raise with_cause("InvalidCastIConvertible", value, net_type, error) from None


def _to_char(value: Any, session: Any) -> Char:
    number = value.value if isinstance(value, EnumValue) else value
    number = round(number) if isinstance(number, float | Decimal) else int(number)
    if not 0 <= number <= 0xFFFF:
        error = NetError("System.OverflowException", "Value was either too large or too small for a character.")
        raise with_cause("InvalidCastIConvertible", value, get_type(_CHAR), error)
    return Char(chr(number))


def _text_way(given: NetType, net_type: NetType) -> _Way | None:
    """From text: types, regular expressions, URIs, XML, then anything with a Parse method."""
    if given.key != _STRING:
        return None
    key = net_type.key
    if key == _TYPE:
        return _Way(Rank.LANGUAGE, _to_type)
    if key in _TEXT_CONSTRUCTORS:
        return _Way(Rank.LANGUAGE, lambda value, session: _construct(value, net_type, _TEXT_CONSTRUCTORS[key], session))
    if net_type.script_class is not None:
        return None
    parse = objects.parse_converter(net_type)
    return None if parse is None else _Way(Rank.PARSE, parse)


_TEXT_CONSTRUCTORS = {
    "System.Text.RegularExpressions.Regex": "InvalidCastFromStringToRegex",
    "System.Uri": "InvalidCastFromStringToUri",
    "System.Management.Automation.WildcardPattern": "InvalidCastFromStringToWildcardPattern",
}


def _construct(value: str, net_type: NetType, error_id: str, session: Any) -> Any:
    from winbake.rehearsal.powershell import members

    arguments: list[Any] = [value]
    if net_type.key == "System.Uri":
        arguments.append(EnumValue(get_type("System.UriKind"), 0))
    try:
        return members.create(session, net_type, arguments)
    except ScriptError as error:
        cause = error.record.exception.inner or error.record.exception
        raise with_cause(error_id, value, net_type, cause) from None


def _to_xml(value: Any, session: Any) -> Any:
    """Text, or the lines of a file, as an XmlDocument."""
    from winbake.rehearsal.powershell.dotnet.xml_nodes import XmlDocument

    document = XmlDocument()
    try:
        document.load(to_text(value, session, "\n"))
    except NetError as error:
        raise with_cause("InvalidCastToXmlDocument", value, get_type(_XML), error) from None
    return document


def _to_type(value: str, session: Any) -> NetType:
    found = resolve_type(value, session)
    if found is None:
        message = f'Cannot convert the "{value}" value of type "System.String" to type "System.Type".'
        raise invalid_cast("InvalidCastFromStringToType", message)
    return found


def _constructor_way(given: NetType, net_type: NetType) -> _Way | None:
    constructor = objects.constructor_converter(given, net_type)
    if constructor is not None:
        return _Way(Rank.CONSTRUCTOR, constructor)
    cast = objects.cast_converter(given, net_type)
    if cast is not None:
        implicit, converter = cast
        return _Way(Rank.IMPLICIT_CAST if implicit else Rank.EXPLICIT_CAST, converter)
    if given.key in NUMBERS and not net_type.is_array and given.key != "System.Numerics.BigInteger":
        through_text = _figure(get_type(_STRING), net_type)
        if through_text.rank:
            return _Way(Rank.I_CONVERTIBLE, lambda value, session: through_text.converter(to_text(value), session))
    dictionary = get_type("System.Collections.IDictionary").assignable_from(given)
    if dictionary and net_type.kind != "interface" and objects.has_empty_constructor(net_type):
        return _Way(Rank.CONSTRUCTOR, lambda value, session: objects.from_properties(value, net_type, session))
    return None


def _collection_way(given: NetType, net_type: NetType) -> _Way | None:
    collection = objects.collection_converter(net_type)
    if collection is not None and given.key != _SCRIPT_BLOCK:
        return _Way(Rank.CONSTRUCTOR, collection)
    if net_type.key in ("System.Collections.IList", "System.Collections.ICollection", "System.Collections.IEnumerable"):
        return _Way(Rank.LANGUAGE, _to_objects)
    return None


def make_delegate(script_block: Any, net_type: NetType, session: Any) -> Delegate:
    """`[Func[int,int]] { … }`: a call runs the block; the result is converted to the delegate's return type."""
    from winbake.rehearsal.powershell.access.overloads import methods_of

    signatures = methods_of(net_type, "Invoke")
    if not signatures:
        raise NotModelled(f"a delegate of type {net_type.key}")
    result = signatures[0].return_type

    def call(*arguments: Any) -> Any:
        owner = session if session is not None else script_block.session
        found = owner.invoke(script_block, *arguments)
        if result is None or result.key == "System.Void":
            return AUTOMATION_NULL
        value = None if not found else found[0] if len(found) == 1 else PSArray(found)
        return convert(value, result, owner)

    return Delegate(net_type, call, script_block)


def is_convertible(value: Any, net_type: NetType) -> bool:
    """Whether there is a way at all, without going it."""
    return conversion_rank(value, net_type) != Rank.NONE
