"""Conversions that a type brings itself: Parse, constructors, cast operators; and objects from hashtables and arrays.

Which members a type has is the table's; what they do is registered in dotnet/registry.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.access.overloads import Signature, call_signature, constructors_of, methods_of
from winbake.rehearsal.powershell.conversion.collections import enumerate_items
from winbake.rehearsal.powershell.conversion.failures import invalid_cast, type_text, with_cause
from winbake.rehearsal.powershell.conversion.ranks import IMPLICIT
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.errors import NetError, NetException, ScriptError
from winbake.rehearsal.powershell.types import NetType, get_type
from winbake.rehearsal.powershell.values import PSArray, is_custom, unwrap

Converter = Callable[[Any, Any], Any]
"""Takes the value and the session."""


def parse_converter(net_type: NetType) -> Converter | None:
    """The static Parse(String, IFormatProvider) or Parse(String) of a type."""
    if net_type.script_class is not None:
        return None
    found: dict[str, Signature] = {}
    for signature in methods_of(net_type, "Parse", static=True):
        found[signature.parameter_text] = signature
    with_provider = found.get("String,IFormatProvider")
    chosen = with_provider or found.get("String")
    if chosen is None:
        return None
    error_id = "InvalidCastParseTargetInvocation" + ("WithFormatProvider" if with_provider is not None else "")

    def parse(value: Any, session: Any) -> Any:
        arguments = [value, None] if with_provider is not None else [value]
        try:
            return call_signature(chosen, session, None, arguments)
        except NetError as error:
            raise with_cause(error_id, value, net_type, error) from None

    return parse


def constructor_converter(given: NetType, net_type: NetType) -> Converter | None:
    """A constructor with one parameter that takes the given type as it is (or a wider number)."""
    if given.key in IMPLICIT and _is_collection(net_type):
        return None  # List<T>(Int32 capacity) is no conversion
    best: Signature | None = None
    for signature in constructors_of(net_type):
        if (
            len(signature.parameters) != 1
            or signature.parameters[0].type is None
            or signature.parameters[0].by_reference
        ):
            continue
        wanted = signature.parameters[0].type
        if wanted is given:
            best = signature
            break
        if (
            (wanted.assignable_from(given) and wanted.key != "System.Object")
            or wanted.key in IMPLICIT.get(given.key, ())
            or (wanted.key == "System.Object" and net_type.script_class is not None)
        ):
            best = best or signature
    if best is None:
        return None
    chosen = best

    def construct(value: Any, session: Any) -> Any:
        from winbake.rehearsal.powershell.convert import convert

        parameter = chosen.parameters[0].type
        assert parameter is not None
        try:
            return call_signature(chosen, session, None, [convert(value, parameter, session)])
        except NetError as error:
            raise with_cause("InvalidCastConstructorException", value, net_type, error) from None

    return construct


def _is_collection(net_type: NetType) -> bool:
    keys = {one.key for one in net_type.interfaces}
    return "System.Collections.ICollection" in keys or "System.Collections.IList" in keys


def cast_converter(given: NetType, net_type: NetType) -> tuple[bool, Converter] | None:
    """op_Implicit (True) or op_Explicit (False) of either type."""
    for name, implicit in (("op_Implicit", True), ("op_Explicit", False)):
        for owner in (net_type, given):
            for signature in methods_of(owner, name, static=True):
                wanted = signature.parameters[0].type if len(signature.parameters) == 1 else None
                if wanted is None or signature.return_type is not net_type or not wanted.assignable_from(given):
                    continue
                if not signature.is_modelled:
                    continue

                def cast(value: Any, session: Any, signature: Signature = signature) -> Any:
                    try:
                        return call_signature(signature, session, None, [value])
                    except NetError as error:
                        raise with_cause("InvalidCastExceptionTargetInvocation", value, net_type, error) from None

                return implicit, cast
    return None


def from_properties(value: Any, net_type: NetType, session: Any) -> Any:
    """`[type]@{ Property = … }` and the same from a PSCustomObject: the empty constructor, then the properties."""
    from winbake.rehearsal.powershell.conversion.text import to_text
    from winbake.rehearsal.powershell.members import create, find_settable, set_member_value, settable_properties

    pairs: list[tuple[Any, Any]]
    if isinstance(value, Dictionary):
        pairs = list(value.items())
    else:
        pairs = [(m.name, m.value) for m in value.members if hasattr(m, "value")]
    try:
        made = create(session, net_type, [])
    except ScriptError as error:
        raise with_cause("InvalidCastConstructorException", value, net_type, error.record.exception) from None
    for key, item in pairs:
        name = to_text(key)
        if find_settable(session, made, name) is None:
            known = ", ".join(f"[{n} <{t}>]" for n, t in settable_properties(session, made))
            known = f"The settable properties are: {known}." if known else "No settable property is available."
            text = type_text(net_type)
            raise _not_created(net_type, f"The property '{name}' was not found for the '{text}' object. {known}")
        try:
            set_member_value(session, made, name, item)
        except ScriptError as error:
            cause = error.record.exception
            reason = (
                cause.inner.message
                if cause.inner is not None and "Exception setting" in cause.message
                else cause.message
            )
            raise _not_created(net_type, reason, cause) from None
    return made


def _not_created(net_type: NetType, reason: str, cause: NetException | None = None) -> ScriptError:
    return invalid_cast("ObjectCreationError", f'Cannot create object of type "{type_text(net_type)}". {reason}', cause)


def has_empty_constructor(net_type: NetType) -> bool:
    if net_type.kind in ("abstract", "interface", "static", "array", "parameter"):
        return False
    if net_type.kind == "struct":
        return net_type.key not in _PRIMITIVES
    return any(not signature.parameters for signature in constructors_of(net_type))


_PRIMITIVES = frozenset(
    f"System.{name}"
    for name in [
        "Boolean",
        "Byte",
        "SByte",
        "Char",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
        "Single",
        "Double",
        "IntPtr",
        "UIntPtr",
        "Decimal",
        "DateTime",
        "TimeSpan",
        "Guid",
        "Void",
    ]
)


def collection_converter(net_type: NetType) -> Converter | None:
    """List<T>, HashSet<T>, ArrayList … from an array or a single value: a constructor that takes a collection."""
    if net_type.kind in ("abstract", "interface", "static", "array") or net_type.script_class is not None:
        return None
    for signature in constructors_of(net_type):
        if len(signature.parameters) != 1 or signature.parameters[0].type is None:
            continue
        wanted = signature.parameters[0].type
        outer = wanted.definition.key if wanted.definition is not None else wanted.key
        if outer not in _COLLECTION_PARAMETERS:
            continue
        element = wanted.arguments[0] if wanted.arguments else get_type("System.Object")

        def build(value: Any, session: Any, signature: Signature = signature, element: NetType = element) -> Any:
            from winbake.rehearsal.powershell.convert import convert

            items = enumerate_items(value)
            made = PSArray([convert(i, element, session) for i in ([value] if items is None else items)], element.key)
            return call_signature(signature, session, None, [made])

        return build
    return None


_COLLECTION_PARAMETERS = frozenset(
    {
        "System.Collections.IEnumerable",
        "System.Collections.ICollection",
        "System.Collections.IList",
        "System.Collections.Generic.IEnumerable`1",
        "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IList`1",
    }
)


def is_property_source(value: Any, net_type: NetType) -> bool:
    """Whether `value` can become an object by its empty constructor and properties."""
    bare = unwrap(value)
    if not (isinstance(bare, Dictionary) or is_custom(value)):
        return False
    return net_type.key != "System.Object" and has_empty_constructor(net_type) and not _is_collection(net_type)
