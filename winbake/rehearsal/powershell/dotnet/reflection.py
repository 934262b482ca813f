"""System.Type and what it gives out: properties, methods and constructors as objects, and assemblies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.access.member_table import Property, find_property, properties_of
from winbake.rehearsal.powershell.access.overloads import Signature, constructors_of, method_names, methods_of
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, invalid_operation
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.type_system.type_table import type_table
from winbake.rehearsal.powershell.types import (
    NetType,
    array_of,
    constructed,
    enum_value,
    get_type,
    is_instance,
    resolve_type,
)
from winbake.rehearsal.powershell.values import NetObject, PSArray

TYPE = "System.Type"
MEMBER = "System.Reflection.MemberInfo"
ASSEMBLY = "System.Reflection.Assembly"

_PRIMITIVES = frozenset(
    {"Boolean", "Byte", "SByte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "IntPtr", "UIntPtr", "Char"}
    | {"Double", "Single"}
)


def _types(found: list[NetType] | tuple[NetType, ...]) -> PSArray:
    return PSArray(found, TYPE)


def _flag(name: str, test: Callable[[NetType], bool]) -> None:
    @getter(TYPE, name)
    def read(value: NetType) -> bool:
        return bool(test(value))


_flag("IsArray", lambda t: t.is_array)
_flag("IsEnum", lambda t: t.is_enum)
_flag("IsValueType", lambda t: t.is_value_type)
_flag("IsInterface", lambda t: t.is_interface)
_flag("IsClass", lambda t: not t.is_value_type and not t.is_interface)
_flag("IsAbstract", lambda t: t.kind in ("abstract", "interface", "static"))
_flag("IsPrimitive", lambda t: t.namespace == "System" and t.name in _PRIMITIVES)
_flag("IsGenericType", lambda t: bool(t.arguments) or t.is_generic_definition)
_flag("IsConstructedGenericType", lambda t: bool(t.arguments))
_flag("IsGenericTypeDefinition", lambda t: t.is_generic_definition)
_flag("ContainsGenericParameters", lambda t: t.is_generic_definition)
_flag("IsGenericParameter", lambda t: t.kind == "parameter")
_flag("IsNested", lambda t: t.declaring_type is not None)
_flag("IsPublic", lambda t: t.declaring_type is None)
_flag("IsNotPublic", lambda t: False)
_flag("IsVisible", lambda t: True)
_flag("HasElementType", lambda t: t.element_type is not None)
_flag("IsByRef", lambda t: False)
_flag("IsPointer", lambda t: t.kind == "pointer")
_flag("IsCOMObject", lambda t: False)


@getter(TYPE, "Name")
@getter("System.RuntimeType", "Name")
def type_name(value: NetType) -> str:
    return value.name


@getter(TYPE, "FullName")
def full_name(value: NetType) -> str:
    return value.full_name


@getter(TYPE, "AssemblyQualifiedName")
def assembly_qualified_name(value: NetType) -> str:
    return value.assembly_qualified_name


@getter(TYPE, "Namespace")
def namespace(value: NetType) -> str | None:
    return value.namespace


@getter(TYPE, "BaseType")
def base_type(value: NetType) -> NetType | None:
    return value.base


@getter(TYPE, "DeclaringType")
def declaring_type(value: NetType) -> NetType | None:
    return value.declaring_type


@getter(TYPE, "UnderlyingSystemType")
def underlying_type(value: NetType) -> NetType:
    return value


@getter(TYPE, "GenericTypeArguments")
@method(TYPE, "GetGenericArguments")
def generic_arguments(value: NetType) -> PSArray:
    return _types(value.arguments)


@getter(TYPE, "MemberType")
def type_member_type(value: NetType) -> Any:
    return enum_value("System.Reflection.MemberTypes", "NestedType" if value.declaring_type is not None else "TypeInfo")


@getter(TYPE, "Assembly")
def type_assembly(value: NetType) -> Assembly:
    return Assembly(value.assembly)


@method(TYPE, "ToString")
def type_text(value: NetType) -> str:
    return value.key


@method(TYPE, "Equals")
def type_equals(value: NetType, other: Any) -> bool:
    return value is other


@method(TYPE, "GetHashCode")
def type_hash(value: NetType) -> int:
    return hash(value.key) & 0x7FFFFFFF


@method(TYPE, "GetType", "")
def type_of_type(value: NetType) -> NetType:
    return get_type("System.RuntimeType")


@method(TYPE, "GetElementType")
def element_type(value: NetType) -> NetType | None:
    return value.element_type


@method(TYPE, "GetArrayRank")
def array_rank(value: NetType) -> int:
    if not value.is_array:
        raise argument("Must be an array type.")
    return value.rank


@method(TYPE, "GetGenericTypeDefinition")
def generic_definition(value: NetType) -> NetType:
    if value.definition is None:
        raise invalid_operation("This operation is only valid on generic types.")
    return value.definition


@method(TYPE, "MakeArrayType")
def make_array_type(value: NetType, rank: int = 1) -> NetType:
    return array_of(value, rank)


@method(TYPE, "MakeGenericType")
def make_generic_type(value: NetType, arguments: PSArray) -> NetType:
    if len(arguments) != len(value.parameter_names()):
        raise argument(
            "The number of generic arguments provided doesn't equal the arity of the generic type definition."
        )
    return constructed(value, tuple(arguments))


@method(TYPE, "IsAssignableFrom")
def is_assignable_from(value: NetType, other: NetType | None) -> bool:
    return other is not None and value.assignable_from(other)


@method(TYPE, "IsSubclassOf")
def is_subclass_of(value: NetType, other: NetType | None) -> bool:
    if other is None:
        raise argument_null("c")
    return value.is_subclass_of(other)


@method(TYPE, "IsInstanceOfType")
def is_instance_of_type(value: NetType, other: Any) -> bool:
    return is_instance(other, value)


@method(TYPE, "GetInterfaces")
def interfaces(value: NetType) -> PSArray:
    return _types(value.interfaces)


@method(TYPE, "GetInterface")
def interface(value: NetType, name: str, ignore_case: bool = False) -> NetType | None:
    for one in value.interfaces:
        if name in (one.name, one.key) or (ignore_case and name.lower() in (one.name.lower(), one.key.lower())):
            return one
    return None


@method(TYPE, "GetNestedType")
def nested_type(value: NetType, name: str, flags: Any = None) -> NetType | None:
    full = f"{value.table_name}.{name}"
    return get_type(full) if full in type_table() else None


@static(TYPE, "GetType")
def get_type_by_name(
    name: str, throw: bool = False, ignore_case: bool = False, *, session: Any = None
) -> NetType | None:
    found = resolve_type(name, session) if "." in name or getattr(session, "classes", None) else None
    if found is not None and not ignore_case and found.full_name != name and found.key != name.partition(",")[0]:
        found = None
    if found is None and throw:
        raise NetError("System.TypeLoadException", f"Could not load type '{name}' from assembly 'mscorlib'.")
    return found


@static(TYPE, "GetTypeCode")
def type_code(value: NetType | None) -> Any:
    codes = get_type("System.TypeCode").enum_values
    if value is None:
        return enum_value("System.TypeCode", "Empty")
    name = "Int32" if value.is_enum else value.name
    return enum_value("System.TypeCode", name if name in codes and value.namespace == "System" else "Object")


# ---- members as objects ---------------------------------------------------------------------------------


class PropertyInfo(NetObject):
    """A PropertyInfo or, for fields, FieldInfo."""

    def __init__(self, declared: Property) -> None:
        self.declared = declared
        self.name = declared.name
        kind = "FieldInfo" if declared.is_field else "PropertyInfo"
        self.net_type = get_type(f"System.Reflection.{kind}")


class MethodInfo(NetObject):
    """A MethodInfo or ConstructorInfo."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.name = signature.name
        kind = "ConstructorInfo" if signature.name == ".ctor" else "MethodInfo"
        self.net_type = get_type(f"System.Reflection.{kind}")


class ParameterInfo(NetObject):
    net_type_name = "System.Reflection.ParameterInfo"

    def __init__(self, parameter: Any, position: int) -> None:
        self.parameter = parameter
        self.name = parameter.name
        self.position = position


def _properties(value: NetType, fields: bool) -> list[PropertyInfo]:
    return [PropertyInfo(one) for one in properties_of(value) if one.is_field == fields]


def _methods(value: NetType) -> list[MethodInfo]:
    found: list[MethodInfo] = []
    for is_static in (False, True):
        for name in method_names(value, is_static):
            found.extend(MethodInfo(signature) for signature in methods_of(value, name, is_static))
    return found


@method(TYPE, "GetProperties")
def get_properties(value: NetType, flags: Any = None) -> PSArray:
    return PSArray(_properties(value, False), "System.Reflection.PropertyInfo")


@method(TYPE, "GetFields")
def get_fields(value: NetType, flags: Any = None) -> PSArray:
    return PSArray(_properties(value, True), "System.Reflection.FieldInfo")


def _exact(value: NetType, name: str, fields: bool) -> PropertyInfo | None:
    for is_static in (False, True):
        found = find_property(value, name, is_static)
        if found is not None and found.name == name and found.is_field == fields:
            return PropertyInfo(found)
    return None


@method(TYPE, "GetProperty", "String")
@method(TYPE, "GetProperty", "String, BindingFlags")
def get_property(value: NetType, name: str, flags: Any = None) -> PropertyInfo | None:
    return _exact(value, name, False)


@method(TYPE, "GetField")
def get_field(value: NetType, name: str, flags: Any = None) -> PropertyInfo | None:
    if flags is not None and flags.value & 32:
        raise NotModelled(f"the non-public field {value.key}.{name}")
    return _exact(value, name, True)


@method(TYPE, "GetMethods")
def get_methods(value: NetType, flags: Any = None) -> PSArray:
    return PSArray(_methods(value), "System.Reflection.MethodInfo")


@method(TYPE, "GetMethod", "String")
@method(TYPE, "GetMethod", "String, BindingFlags")
def get_method(value: NetType, name: str, flags: Any = None) -> MethodInfo | None:
    if flags is not None and flags.value & 32:
        raise NotModelled(f"the non-public method {value.key}.{name}")
    found = [one for one in _methods(value) if one.name == name]
    if len(found) > 1:
        raise NetError("System.Reflection.AmbiguousMatchException", "Ambiguous match found.")
    return found[0] if found else None


@method(TYPE, "GetMethod", "String, Type[]")
def get_method_by_types(value: NetType, name: str, types: PSArray) -> MethodInfo | None:
    wanted = list(types)
    for one in _methods(value):
        if one.name == name and [parameter.type for parameter in one.signature.parameters] == wanted:
            return one
    return None


@method(TYPE, "GetConstructors")
def get_constructors(value: NetType, flags: Any = None) -> PSArray:
    return PSArray([MethodInfo(one) for one in constructors_of(value)], "System.Reflection.ConstructorInfo")


@method(TYPE, "GetConstructor", "Type[]")
def get_constructor(value: NetType, types: PSArray) -> MethodInfo | None:
    wanted = list(types)
    for one in constructors_of(value):
        if [parameter.type for parameter in one.parameters] == wanted:
            return MethodInfo(one)
    return None


@getter(MEMBER, "Name")
def member_name(value: Any) -> str:
    return str(value.name)


@getter("System.Reflection.PropertyInfo", "PropertyType")
@getter("System.Reflection.FieldInfo", "FieldType")
def property_type(value: PropertyInfo) -> NetType | None:
    return value.declared.type


@getter("System.Reflection.PropertyInfo", "CanRead")
def can_read(value: PropertyInfo) -> bool:
    return True


@getter("System.Reflection.PropertyInfo", "CanWrite")
def can_write(value: PropertyInfo) -> bool:
    return not value.declared.read_only


@getter(MEMBER, "DeclaringType")
def member_declaring_type(value: Any) -> NetType:
    owner: NetType = value.declared.owner if isinstance(value, PropertyInfo) else value.signature.owner
    return owner


@method("System.Reflection.PropertyInfo", "GetValue")
@method("System.Reflection.FieldInfo", "GetValue")
def get_value(value: PropertyInfo, target: Any, index: Any = None, *, session: Any = None) -> Any:
    from winbake.rehearsal.powershell import members

    if value.declared.static:
        return members.get_static(session, value.declared.start, value.name)
    return members.read_property(session, target, value.declared)


@method("System.Reflection.PropertyInfo", "SetValue")
@method("System.Reflection.FieldInfo", "SetValue")
def set_value(value: PropertyInfo, target: Any, new: Any, index: Any = None, *, session: Any = None) -> None:
    from winbake.rehearsal.powershell import members

    if value.declared.static:
        members.set_static(session, value.declared.start, value.name, new)
    else:
        members.set_member_value(session, target, value.name, new)


@method("System.Reflection.MethodBase", "Invoke", "Object, Object[]")
def invoke(value: MethodInfo, target: Any, arguments: Any, *, session: Any = None) -> Any:
    from winbake.rehearsal.powershell.access.overloads import Candidate, bind_arguments, call_signature

    signature = value.signature
    candidate = Candidate(signature, [parameter.type for parameter in signature.parameters], False)
    return call_signature(
        signature, session, target, bind_arguments(candidate, value.name, list(arguments or ()), session)
    )


@method("System.Reflection.ConstructorInfo", "Invoke", "Object[]")
def invoke_constructor(value: MethodInfo, arguments: Any, *, session: Any = None) -> Any:
    return invoke(value, None, arguments, session=session)


@getter("System.Reflection.MethodInfo", "ReturnType")
def return_type(value: MethodInfo) -> NetType | None:
    return value.signature.return_type


@getter("System.Reflection.MethodBase", "IsStatic")
def is_static(value: MethodInfo) -> bool:
    return value.signature.static


@method("System.Reflection.MethodBase", "GetParameters")
def get_parameters(value: MethodInfo) -> PSArray:
    found = [ParameterInfo(one, i) for i, one in enumerate(value.signature.parameters)]
    return PSArray(found, "System.Reflection.ParameterInfo")


@getter("System.Reflection.ParameterInfo", "Name")
def parameter_name(value: ParameterInfo) -> str:
    return str(value.name)


@getter("System.Reflection.ParameterInfo", "Position")
def parameter_position(value: ParameterInfo) -> int:
    return value.position


@getter("System.Reflection.ParameterInfo", "ParameterType")
def parameter_type(value: ParameterInfo) -> NetType | None:
    found: NetType | None = value.parameter.type
    return found


# ---- assemblies -----------------------------------------------------------------------------------------


class Assembly(NetObject):
    """An assembly by its full name; equal if that is."""

    net_type_name = "System.Reflection.Assembly"

    def __init__(self, full_name: str) -> None:
        self.full_name = full_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assembly) and other.full_name == self.full_name

    def __hash__(self) -> int:
        return hash(self.full_name)


_FRAMEWORK = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\mscorlib.dll"
_CACHE = r"C:\Windows\Microsoft.Net\assembly\GAC_MSIL"


@getter(ASSEMBLY, "FullName")
@method(ASSEMBLY, "ToString")
def assembly_full_name(value: Assembly) -> str:
    return str(value.full_name)


@getter(ASSEMBLY, "Location")
def assembly_location(value: Assembly) -> str:
    parts = [part.strip() for part in value.full_name.split(",")]
    if parts[0] == "mscorlib":
        return _FRAMEWORK
    fields = dict(part.split("=", 1) for part in parts[1:])
    folder = f"v4.0_{fields.get('Version', '')}__{fields.get('PublicKeyToken', '')}"
    return rf"{_CACHE}\{parts[0]}\{folder}\{parts[0]}.dll"


@getter(ASSEMBLY, "GlobalAssemblyCache")
def in_cache(value: Assembly) -> bool:
    return True


@getter(ASSEMBLY, "ImageRuntimeVersion")
def image_runtime_version(value: Assembly) -> str:
    return "v4.0.30319"


@method(ASSEMBLY, "GetType", "String")
def assembly_type(value: Assembly, name: str, *, session: Any = None) -> NetType | None:
    found = resolve_type(name, session)
    return found if found is not None and found.assembly == value.full_name else None


@static(ASSEMBLY, "LoadWithPartialName", "String")
@static(ASSEMBLY, "Load", "String")
def load_assembly(name: str) -> Assembly:
    short = name.partition(",")[0].strip()
    if short not in _KNOWN_ASSEMBLIES:
        raise NotModelled(f"the assembly {name}")
    from winbake.rehearsal.powershell.types import ASSEMBLIES

    default = f"{short}, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
    return Assembly(ASSEMBLIES.get(short, default))


_KNOWN_ASSEMBLIES = {
    "mscorlib",
    "System",
    "System.Core",
    "System.Xml",
    "System.Management",
    "System.DirectoryServices",
    "System.DirectoryServices.AccountManagement",
    "System.Xml.Linq",
    "System.ServiceProcess",
    "System.Net.Http",
    "System.Security",
    "System.Numerics",
    "System.IO.Compression",
    "System.IO.Compression.FileSystem",
    "System.Configuration.Install",
    "System.Management.Automation",
}


@static(ASSEMBLY, "GetAssembly")
def assembly_of(value: NetType) -> Assembly:
    return Assembly(value.assembly)
