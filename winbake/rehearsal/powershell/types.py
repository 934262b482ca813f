"""The .NET types of the interpreter: one `NetType` object a type, so that types compare with `is`.

Names: `key` is what Type.ToString() gives (``System.Collections.Generic.List`1[System.String]``), and what PSArray's
element_type and `get_type` use; `full_name` is Type.FullName, whose generic arguments carry their assemblies.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell.type_system.type_interfaces import FLAGS, FLAGS_SUFFIXES, INTERFACES
from winbake.rehearsal.powershell.type_system.type_table import type_table
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    CUSTOM,
    BigInteger,
    Byte,
    Char,
    Int16,
    Int64,
    NetObject,
    PSArray,
    PSObject,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.syntax import TypeName

ASSEMBLIES = {
    "mscorlib": "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
    "System.Management.Automation": (
        "System.Management.Automation, Version=3.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    ),
}


class NetType(NetObject):
    """A System.Type. `kind` is class, abstract, static, interface, struct, enum, array, pointer or parameter.

    `script_class` is set for classes written in PowerShell (the runtime's object with find_method, find_property).
    """

    net_type_name: ClassVar[str] = "System.RuntimeType"

    def __init__(
        self,
        key: str,
        kind: str,
        *,
        row: dict[str, Any] | None = None,
        element_type: NetType | None = None,
        rank: int = 0,
        definition: NetType | None = None,
        arguments: tuple[NetType, ...] = (),
        base: NetType | None = None,
        interfaces: tuple[NetType, ...] = (),
        enum_values: dict[str, int] | None = None,
        is_flags: bool = False,
        script_class: Any = None,
    ) -> None:
        self.key = key
        self.kind = kind
        self.row: dict[str, Any] = row or {}
        self.element_type = element_type
        self.rank = rank
        self.definition = definition
        self.arguments = arguments
        self.script_class = script_class
        self._base = base
        self._interfaces = interfaces
        self._enum_values = enum_values
        self._is_flags = is_flags

    def __repr__(self) -> str:
        return f"[{self.key}]"

    # names

    @property
    def table_name(self) -> str:
        """The name under which tables and the registry of members know it; of a constructed type its definition's."""
        if self.definition is not None:
            return self.definition.table_name
        if self.kind == "array":
            return "System.Array"
        return str(self.row.get("type", self.key))

    @cached_property
    def name(self) -> str:
        """Type.Name: no namespace, no generic arguments: ``List`1``, `String[]`, `SpecialFolder`."""
        if self.element_type is not None:
            suffix = f"[{',' * (self.rank - 1)}]" if self.kind == "array" else "*"
            return self.element_type.name + suffix
        return self.table_name.rpartition(".")[2]

    @cached_property
    def short_name(self) -> str:
        """As the corpus and error texts of tests write it: generics as `List[String]`."""
        if self.element_type is not None:
            return self.element_type.short_name + self.name[len(self.element_type.name) :]
        if self.arguments:
            return f"{self.name.partition('`')[0]}[{','.join(a.short_name for a in self.arguments)}]"
        return self.name

    @cached_property
    def namespace(self) -> str | None:
        if self.element_type is not None:
            return self.element_type.namespace
        outer = self.table_name.rpartition(".")[0]
        while outer in type_table():
            outer = outer.rpartition(".")[0]
        return outer or None

    @cached_property
    def declaring_type(self) -> NetType | None:
        """The type a nested type stands in."""
        outer = self.table_name.rpartition(".")[0]
        return get_type(outer) if self.row and outer in type_table() else None

    @cached_property
    def full_name(self) -> str:
        if self.element_type is not None:
            return self.element_type.full_name + self.name[len(self.element_type.name) :]
        if self.arguments and self.definition is not None:
            inner = ",".join(f"[{argument.assembly_qualified_name}]" for argument in self.arguments)
            return f"{self.definition.full_name}[{inner}]"
        return self.key

    @property
    def assembly(self) -> str:
        if self.element_type is not None:
            return self.element_type.assembly
        if self.definition is not None:
            return self.definition.assembly
        short = self.row.get("assembly", "mscorlib" if self.script_class is None else "PowerShell Class Assembly")
        return ASSEMBLIES.get(short, f"{short}, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089")

    @property
    def assembly_qualified_name(self) -> str:
        return f"{self.full_name}, {self.assembly}"

    # what it is

    @property
    def is_enum(self) -> bool:
        return self.kind == "enum"

    @property
    def is_value_type(self) -> bool:
        return self.kind in ("struct", "enum")

    @property
    def is_interface(self) -> bool:
        return self.kind == "interface"

    @property
    def is_array(self) -> bool:
        return self.kind == "array"

    @property
    def is_nullable(self) -> bool:
        return self.definition is not None and self.definition.key == "System.Nullable`1"

    @cached_property
    def is_delegate(self) -> bool:
        return any(ancestor.key == "System.Delegate" for ancestor in self.ancestors())

    @property
    def is_generic_definition(self) -> bool:
        return "`" in self.name and not self.arguments and self.element_type is None and self.kind != "parameter"

    @cached_property
    def is_flags(self) -> bool:
        return self._is_flags or (
            self.kind == "enum"
            and self.script_class is None
            and (self.key in FLAGS or self.key.endswith(FLAGS_SUFFIXES))
        )

    @cached_property
    def enum_values(self) -> dict[str, int]:
        """Names in the table's order; several names may have one value."""
        if self._enum_values is not None:
            return self._enum_values
        return {name: int(value) for name, value in self.row.get("values", {}).items()}

    # relations

    @cached_property
    def base(self) -> NetType | None:
        if self._base is not None:
            return self._base
        if self.kind in ("interface", "parameter", "pointer") or self.key == "System.Object":
            return None
        if self.kind == "array":
            return get_type("System.Array")
        if self.kind == "enum":
            return get_type("System.Enum")
        if self.definition is not None or self.row:
            text = self.row.get("base") if self.definition is None else self.definition.row.get("base")
            if text is not None:
                found = type_in_signature(text, self)
                if found is not None:
                    return found
        return get_type("System.ValueType" if self.kind == "struct" else "System.Object")

    @cached_property
    def interfaces(self) -> tuple[NetType, ...]:
        """All interfaces, inherited ones too."""
        found: dict[str, NetType] = {}
        for one in (*self._interfaces, *self._own_interfaces()):
            found[one.key] = one
            found.update((inner.key, inner) for inner in one.interfaces)
        if self.base is not None:
            found.update((one.key, one) for one in self.base.interfaces)
        return tuple(found.values())

    def _own_interfaces(self) -> list[NetType]:
        if self.kind == "array":
            assert self.element_type is not None
            generic = ["IList`1", "ICollection`1", "IEnumerable`1", "IReadOnlyList`1", "IReadOnlyCollection`1"]
            return [
                constructed(get_type(f"System.Collections.Generic.{name}"), (self.element_type,)) for name in generic
            ]
        text = INTERFACES.get(self.table_name) or self.row.get("interfaces", "")
        return [found for name in text.split() if (found := type_in_signature(name, self)) is not None]

    def ancestors(self) -> Iterable[NetType]:
        """The type itself, its base, and so on up to System.Object."""
        current: NetType | None = self
        while current is not None:
            yield current
            current = current.base

    def is_subclass_of(self, other: NetType) -> bool:
        return self is not other and any(one is other for one in self.ancestors())

    @cached_property
    def _assignable_cache(self) -> dict[NetType, bool]:
        return {}

    def assignable_from(self, other: NetType) -> bool:
        """Whether a variable of this type can hold an `other` without conversion (Type.IsAssignableFrom)."""
        known = self._assignable_cache.get(other)
        if known is None:
            known = self._assignable_cache[other] = self._assignable_from(other)
        return known

    def _assignable_from(self, other: NetType) -> bool:
        if self is other or self.key == "System.Object":
            return self is other or other.kind not in ("pointer",)
        if self.kind == "interface":
            return any(one is self or _variant(self, one) for one in (other, *other.interfaces))
        if self.is_nullable and self.arguments[0] is other:
            return True
        if self.kind == "array" and other.kind == "array" and self.rank == other.rank:
            assert self.element_type is not None and other.element_type is not None
            if self.element_type.is_value_type or other.element_type.is_value_type:
                return False
            return self.element_type.assignable_from(other.element_type)
        return other.is_subclass_of(self)

    def parameter_names(self) -> tuple[str, ...]:
        """The names of a generic definition's parameters, which the table writes only inside signatures."""
        definition = self.definition or self
        owner = definition.declaring_type
        arity = _arity(definition.name) or (_arity(owner.name) if owner is not None else 0)
        return _parameter_names(definition.table_name.rpartition(".")[2] if _arity(definition.name) else "", arity)


_COVARIANT = frozenset(
    f"System.Collections.Generic.{name}"
    for name in ("IEnumerable`1", "IEnumerator`1", "IReadOnlyList`1", "IReadOnlyCollection`1")
)


def _variant(wanted: NetType, given: NetType) -> bool:
    """IEnumerable<String> serves as IEnumerable<Object>; not for value types."""
    if (
        wanted.definition is None
        or wanted.definition is not given.definition
        or wanted.definition.key not in _COVARIANT
    ):
        return False
    return not given.arguments[0].is_value_type and wanted.arguments[0].assignable_from(given.arguments[0])


def _arity(name: str) -> int:
    return int(name.partition("`")[2] or 0)


_ONE_PARAMETER = {
    "Func`1": "TResult",
    "Task`1": "TResult",
    "TaskFactory`1": "TResult",
    "TaskCompletionSource`1": "TResult",
}


def _parameter_names(short: str, arity: int) -> tuple[str, ...]:
    if arity == 1:
        return (_ONE_PARAMETER.get(short, "T"),)
    if short.startswith("Func`"):
        return ("T", "TResult") if arity == 2 else (*(f"T{i}" for i in range(1, arity)), "TResult")
    if short.startswith("Converter`"):
        return ("TInput", "TOutput")
    if short.startswith(("Action`", "Tuple`", "ValueTuple`")):
        return (
            tuple(f"T{i}" for i in range(1, arity + 1)) if arity < 8 else (*(f"T{i}" for i in range(1, arity)), "TRest")
        )
    return ("TKey", "TValue") if arity == 2 else tuple(f"T{i}" for i in range(1, arity + 1))


# ---- finding types --------------------------------------------------------------------------------------

_TYPES: dict[str, NetType] = {}


def get_type(name: str) -> NetType:
    """The type of this exact name (a key, a table name or a reflection name with `+`); KeyError if unknown."""
    found = _TYPES.get(name)
    if found is None:
        found = _TYPES[name] = _make(name)
    return found


def _make(name: str) -> NetType:
    if name.endswith("*"):
        return NetType(name, "pointer", element_type=get_type(name[:-1]))
    if name.endswith("]"):
        start = _matching_bracket(name)
        inner = name[start + 1 : -1]
        if not inner.strip(","):
            return array_of(get_type(name[:start]), len(inner) + 1)
        return constructed(get_type(name[:start]), tuple(get_type(part) for part in split_arguments(inner)))
    table = type_table()
    row_name = name.replace("+", ".")
    if row_name not in table:
        raise KeyError(name)
    key = _reflection_name(row_name)
    if key != name:
        return get_type(key)
    row = table.row(row_name)
    return NetType(key, row["kind"], row=row)


def _reflection_name(row_name: str) -> str:
    """`System.Environment.SpecialFolder` → `System.Environment+SpecialFolder`."""
    outer, _, last = row_name.rpartition(".")
    return f"{_reflection_name(outer)}+{last}" if outer in type_table() else row_name


def _matching_bracket(name: str) -> int:
    depth = 0
    for i in range(len(name) - 1, -1, -1):
        if name[i] == "]":
            depth += 1
        elif name[i] == "[":
            depth -= 1
            if depth == 0:
                return i
    raise KeyError(name)


def split_arguments(text: str) -> list[str]:
    """Splits at the commas that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c == "[":
            depth += 1
        elif c == "]":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return parts


def array_of(element: NetType, rank: int = 1) -> NetType:
    key = f"{element.key}[{',' * (rank - 1)}]"
    found = _TYPES.get(key)
    if found is None:
        found = _TYPES[key] = NetType(key, "array", element_type=element, rank=rank)
    return found


def constructed(definition: NetType, arguments: tuple[NetType, ...]) -> NetType:
    """``List`1`` and [string] → `List[string]`."""
    key = f"{definition.key}[{','.join(a.key for a in arguments)}]"
    found = _TYPES.get(key)
    if found is None:
        found = _TYPES[key] = NetType(
            key, definition.kind, row=definition.row, definition=definition, arguments=arguments
        )
    return found


def define_type(
    name: str,
    kind: str,
    *,
    base: NetType | None = None,
    interfaces: tuple[NetType, ...] = (),
    enum_values: dict[str, int] | None = None,
    is_flags: bool = False,
    script_class: Any = None,
) -> NetType:
    """A type that a script declares (class or enum). `get_type` finds the latest one of a name."""
    made = NetType(
        name,
        kind,
        base=base,
        interfaces=interfaces,
        enum_values=enum_values,
        is_flags=is_flags,
        script_class=script_class if script_class is not None else name,
    )
    for stale in [key for key in _TYPES if key == name or f"[{name}]" in key or key.startswith(f"{name}[")]:
        del _TYPES[stale]
    _TYPES[name] = made
    return made


def type_in_signature(text: str, context: NetType | None, generic: tuple[str, ...] = ()) -> NetType | None:
    """The type a table's signature means by a short name: `Int32`, `T[]`, `IDictionary[TKey,TValue]`, `Enumerator[T]`.

    None for types that are in no table. `context` is the type whose row it is; `generic` are the names of a generic
    method's own parameters, which become types of kind "parameter".
    """
    if generic:
        return _type_in_signature(text, context, generic)
    cache: dict[str, NetType | None] = (
        context.__dict__.setdefault("_signature_types", {}) if context is not None else {}
    )
    if text not in cache:
        cache[text] = _type_in_signature(text, context)
    return cache[text]


def _type_in_signature(text: str, context: NetType | None, generic: tuple[str, ...] = ()) -> NetType | None:
    if text in generic:
        return _parameter(text)
    if text.endswith("&"):
        return type_in_signature(text[:-1], context, generic)
    if text.endswith("*"):
        return get_type("System.IntPtr*")
    if text.endswith("]"):
        start = _matching_bracket(text)
        inner = text[start + 1 : -1]
        if not inner.strip(","):
            element = type_in_signature(text[:start], context, generic)
            return None if element is None else array_of(element, len(inner) + 1)
        names = split_arguments(inner)
        outer = text[:start]
        definition = None if "`" in outer else _short(f"{outer}`{len(names)}", context)
        if definition is None:
            definition = _short(outer, context)
        arguments = [type_in_signature(name, context, generic) for name in names]
        if definition is None or any(argument is None for argument in arguments):
            return None
        return constructed(definition, tuple(argument for argument in arguments if argument is not None))
    if context is not None:
        names_here = context.parameter_names()
        if text in names_here:
            if context.arguments:
                return context.arguments[names_here.index(text)]
            return _parameter(text)
    return _short(text, context)


def _parameter(name: str) -> NetType:
    key = f"<{name}>"
    if key not in _TYPES:
        _TYPES[key] = NetType(key, "parameter")
    return _TYPES[key]


def _short(short: str, context: NetType | None) -> NetType | None:
    if "." in short:
        try:
            return get_type(short)
        except KeyError:
            return None
    candidates = type_table().by_short_name(short)
    if not candidates:
        return None
    if len(candidates) > 1 and context is not None:
        place = context.table_name
        while place:
            if f"{place}.{short}" in candidates:
                return get_type(f"{place}.{short}")
            place = place.rpartition(".")[0]
        candidates = sorted(candidates, key=lambda name: (name != f"System.{short}", name.count("."), name))
    return get_type(candidates[0])


def resolve_type(name: str | TypeName, session: Any = None) -> NetType | None:
    """The type a script means by `[name]`: accelerators, `using namespace`, optional `System.`, generics, arrays.

    None if there is no such type.
    """
    from winbake.rehearsal.powershell.type_system.type_names import resolve

    return resolve(name, session)


# ---- types of values ------------------------------------------------------------------------------------

_PYTHON_TYPES: dict[type, str] = {
    bool: "System.Boolean",
    int: "System.Int32",
    float: "System.Double",
    str: "System.String",
    decimal.Decimal: "System.Decimal",
    Char: "System.Char",
    Byte: "System.Byte",
    SByte: "System.SByte",
    Int16: "System.Int16",
    UInt16: "System.UInt16",
    UInt32: "System.UInt32",
    Int64: "System.Int64",
    UInt64: "System.UInt64",
    BigInteger: "System.Numerics.BigInteger",
    Single: "System.Single",
}


def type_of(value: Any) -> NetType:
    """What GetType() answers; of a PSObject its base's type. None has no type: TypeError."""
    if type(value) is PSObject:
        value = value.base
    plain = _PYTHON_TYPES.get(type(value))
    if plain is not None:
        return get_type(plain)
    if type(value) is PSArray:
        return array_of(get_type(value.element_type))
    if value is CUSTOM:
        return get_type("System.Management.Automation.PSCustomObject")
    if isinstance(value, NetObject) and value is not AUTOMATION_NULL:
        own = getattr(value, "net_type", None)
        if isinstance(own, NetType):
            return own
        return get_type(getattr(value, "type_name", None) or value.net_type_name)
    raise TypeError(f"no .NET type for {value!r}")


def is_instance(value: Any, net_type: NetType) -> bool:
    """`value -is [net_type]`: null is nothing's instance; a PSCustomObject is a PSObject too."""
    if value is None or value is AUTOMATION_NULL:
        return False
    if net_type.key == "System.Management.Automation.PSObject":
        return type(value) is PSObject
    return net_type.assignable_from(type_of(value))


# ---- enums ----------------------------------------------------------------------------------------------


class EnumValue(NetObject):
    """A value of an enum type; equal if type and number are."""

    __slots__ = ("net_type", "ps_members", "ps_type_names", "value")

    def __init__(self, net_type: NetType, value: int) -> None:
        self.net_type = net_type
        self.value = value
        self.ps_members = None
        self.ps_type_names = None

    @property
    def name(self) -> str:
        """As ToString() gives it: the name, `A, B` for flags, else the number."""
        values = self.net_type.enum_values
        for name, number in values.items():
            if number == self.value:
                return name
        if self.net_type.is_flags and self.value:
            rest, names = self.value, []
            for name, number in sorted(values.items(), key=lambda item: item[1] & 0xFFFFFFFFFFFFFFFF, reverse=True):
                if number and rest & number == number:
                    names.append(name)
                    rest &= ~number
            if rest == 0:
                return ", ".join(reversed(names))
        return str(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumValue) and other.net_type is self.net_type and other.value == self.value

    def __hash__(self) -> int:
        return hash((self.net_type.key, self.value))

    def __repr__(self) -> str:
        return f"EnumValue({self.net_type.key}.{self.name})"


def enum_value(net_type: NetType | str, name_or_number: str | int) -> EnumValue:
    """A value by its name (without case; KeyError if there is none) or its number."""
    if isinstance(net_type, str):
        net_type = get_type(net_type)
    if isinstance(name_or_number, str):
        wanted = name_or_number.lower()
        for name, number in net_type.enum_values.items():
            if name.lower() == wanted:
                return EnumValue(net_type, number)
        raise KeyError(name_or_number)
    return EnumValue(net_type, int(name_or_number))
