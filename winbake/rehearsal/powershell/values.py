"""How the interpreter holds .NET values in Python. Every other module leans on this one.

| .NET                         | Python                                                              |
|------------------------------|---------------------------------------------------------------------|
| null; "no output at all"     | None; AUTOMATION_NULL                                               |
| Boolean                      | bool                                                                |
| Int32                        | int (exactly `int`; results are range-checked by the operators)     |
| the other integers           | Byte, SByte, Int16, UInt16, UInt32, Int64, UInt64, BigInteger       |
| Double, Single, Decimal      | float, Single, decimal.Decimal (keeps its digits: 1.50)             |
| String, Char                 | str, Char                                                           |
| T[]                          | PSArray (fixed length, element type)                                |
| any other .NET object        | a subclass of NetObject                                             |
| PSObject round a value       | PSObject (extra members; PSCustomObject has CUSTOM as its base)     |
| Type, enum value             | NetType, EnumValue (types.py)                                       |

Members that Add-Member puts on a reference object live on the object itself (`NetObject.ps_members`), as in
the real engine, where they follow the object; on strings and numbers they need a PSObject round the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar


class Byte(int):
    pass


class SByte(int):
    pass


class Int16(int):
    pass


class UInt16(int):
    pass


class UInt32(int):
    pass


class Int64(int):
    pass


class UInt64(int):
    pass


class BigInteger(int):
    pass


class Single(float):
    pass


class Char(str):
    """One UTF-16 code unit."""


INTEGER_RANGES: dict[type, tuple[int, int]] = {
    int: (-(2**31), 2**31 - 1),
    Byte: (0, 255),
    SByte: (-128, 127),
    Int16: (-(2**15), 2**15 - 1),
    UInt16: (0, 2**16 - 1),
    UInt32: (0, 2**32 - 1),
    Int64: (-(2**63), 2**63 - 1),
    UInt64: (0, 2**64 - 1),
}
INTEGER_TYPES: dict[str, type[int]] = {
    "System.SByte": SByte,
    "System.Byte": Byte,
    "System.Int16": Int16,
    "System.UInt16": UInt16,
    "System.Int32": int,
    "System.UInt32": UInt32,
    "System.Int64": Int64,
    "System.UInt64": UInt64,
}


class NetObject:
    """A .NET object that is not a plain Python value. Subclasses set `net_type_name` (full name).

    Equality and hash are Python's: identity unless a subclass (Version, Guid …) says otherwise.
    """

    net_type_name: ClassVar[str] = "System.Object"
    ps_members: MemberTable | None = None
    ps_type_names: list[str] | None = None  # overrides PSTypeNames when set


class _AutomationNull(NetObject):
    net_type_name = "System.Management.Automation.Internal.AutomationNull"

    def __repr__(self) -> str:
        return "AUTOMATION_NULL"

    def __bool__(self) -> bool:
        return False


class _CustomBase(NetObject):
    net_type_name = "System.Management.Automation.PSCustomObject"


AUTOMATION_NULL = _AutomationNull()
CUSTOM = _CustomBase()


class PSArray(NetObject):
    """A one-dimensional array. `element_type` is a full type name ("System.Object", "System.Int32" …)."""

    __slots__ = ("element_type", "items", "ps_members", "ps_type_names")

    def __init__(self, items: Iterable[Any] = (), element_type: str = "System.Object") -> None:
        self.items: list[Any] = list(items)
        self.element_type = element_type
        self.ps_members = None
        self.ps_type_names = None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"PSArray({self.items!r}, {self.element_type!r})"


# ---- members of a PSObject ------------------------------------------------------------------------------


class Member:
    """One extra member. `kind` is the PSMemberTypes name; `hidden` members are not listed or formatted."""

    kind: ClassVar[str] = "NoteProperty"
    is_property: ClassVar[bool] = True
    __slots__ = ("hidden", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.hidden = False


class NoteProperty(Member):
    __slots__ = ("value",)

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(name)
        self.value = value


class AliasProperty(Member):
    kind = "AliasProperty"
    __slots__ = ("target",)

    def __init__(self, name: str, target: str) -> None:
        super().__init__(name)
        self.target = target


class ScriptProperty(Member):
    """Getter and setter are ScriptBlock values (runtime) that run with `$this`."""

    kind = "ScriptProperty"
    __slots__ = ("getter", "setter")

    def __init__(self, name: str, getter: Any, setter: Any = None) -> None:
        super().__init__(name)
        self.getter = getter
        self.setter = setter


class CodeProperty(Member):
    """A property made in Python: `getter(base)`, `setter(base, value)`. Shown as `shown_as` by Get-Member."""

    kind = "CodeProperty"
    __slots__ = ("getter", "setter", "shown_as")

    def __init__(
        self,
        name: str,
        getter: Callable[[Any], Any],
        setter: Callable[[Any, Any], None] | None = None,
        shown_as: str = "CodeProperty",
    ) -> None:
        super().__init__(name)
        self.getter = getter
        self.setter = setter
        self.shown_as = shown_as


class ScriptMethod(Member):
    kind = "ScriptMethod"
    is_property = False
    __slots__ = ("script",)

    def __init__(self, name: str, script: Any) -> None:
        super().__init__(name)
        self.script = script


class CodeMethod(Member):
    """A method made in Python: `function(base, *arguments)`."""

    kind = "CodeMethod"
    is_property = False
    __slots__ = ("function",)

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        super().__init__(name)
        self.function = function


class PropertySet(Member):
    kind = "PropertySet"
    is_property = False
    __slots__ = ("names",)

    def __init__(self, name: str, names: list[str]) -> None:
        super().__init__(name)
        self.names = names


class MemberTable:
    """Members in the order they were added; names compare without case."""

    __slots__ = ("_by_name",)

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self._by_name: dict[str, Member] = {m.name.lower(): m for m in members}

    def get(self, name: str) -> Member | None:
        return self._by_name.get(name.lower())

    def add(self, member: Member) -> None:
        """Adds the member, or replaces the one of that name in its place."""
        self._by_name[member.name.lower()] = member

    def remove(self, name: str) -> None:
        self._by_name.pop(name.lower(), None)

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name


class PSObject:
    """System.Management.Automation.PSObject: a value with extra members.

    `type_names` is None (the type's own hierarchy) or the PSTypeNames in force.
    """

    __slots__ = ("base", "members", "type_names")

    def __init__(self, base: Any, members: MemberTable | None = None, type_names: list[str] | None = None) -> None:
        self.base = base
        self.members = members if members is not None else MemberTable()
        self.type_names = type_names

    def __repr__(self) -> str:
        return f"PSObject({self.base!r}, {[m.name for m in self.members]})"


def custom_object(properties: Iterable[tuple[str, Any]] = (), type_name: str | None = None) -> PSObject:
    """A [pscustomobject] with these note properties; `type_name` goes in front of its PSTypeNames."""
    table = MemberTable(NoteProperty(name, value) for name, value in properties)
    names = None
    if type_name is not None:
        names = [type_name, "System.Management.Automation.PSCustomObject", "System.Object"]
    return PSObject(CUSTOM, table, names)


def unwrap(value: Any) -> Any:
    """The value inside a PSObject; a PSCustomObject stays as it is; AUTOMATION_NULL becomes None."""
    if type(value) is PSObject:
        return value if value.base is CUSTOM else value.base
    return None if value is AUTOMATION_NULL else value


def is_custom(value: Any) -> bool:
    return type(value) is PSObject and value.base is CUSTOM
