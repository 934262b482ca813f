"""Add-Member and Get-Member."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from winbake.rehearsal.powershell import convert, members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.access.member_table import properties_of
from winbake.rehearsal.powershell.access.overloads import constructors_of, method_names, methods_of
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.running.functions import ScriptBlock
from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.wildcard import Wildcard

_SINGLE_KINDS = frozenset(
    {
        "AliasProperty",
        "CodeMethod",
        "CodeProperty",
        "MemberSet",
        "NoteProperty",
        "PropertySet",
        "ScriptMethod",
        "ScriptProperty",
    }
)


@cmdlet("Add-Member")
class AddMember(Cmdlet):
    def process(self) -> None:
        self._target = self.get("InputObject")
        type_name = self.get("TypeName")
        if type_name is not None and not type_name.strip():
            raise self._refusal("TypeNameShouldNotBeEmpty", "The TypeName parameter must not be empty.", type_name)
        if self.parameter_set == "TypeNameSet":
            added = True
        elif self.parameter_set == "NotePropertyMultiMemberSet":
            added = self._add_notes()
        elif self.parameter_set == "NotePropertySingleMemberSet":
            added = self._add(v.NoteProperty(self.get("NotePropertyName"), self.get("NotePropertyValue")))
        else:
            added = self._add(self._member())
        if not added:
            return
        if type_name is not None:
            self._name_type(type_name)
        if self.switch("PassThru"):
            self.emit(self._target)

    def _add_notes(self) -> bool:
        added = False
        for key, value in self.get("NotePropertyMembers").items():
            name = convert.to_text(key, self.session)
            if not name:
                message = "The name for a NoteProperty member should not be null or an empty string."
                kind = "System.InvalidOperationException"
                self.error("NotePropertyNameShouldNotBeNull", message, "InvalidOperation", kind, name)
            elif self._add(v.NoteProperty(name, value)):
                added = True
        return added

    def _member(self) -> v.Member:
        kind = self.get("MemberType").name
        name = self.get("Name")
        if kind not in _SINGLE_KINDS:
            if "," in kind or kind in ("All", "Methods", "Properties"):
                raise self._refusal("WrongMemberCount", f"The member type {kind} is not one member type.", None)
            message = f'Cannot add a member with type "{kind}". Specify a different type for the MemberTypes parameter.'
            raise self._refusal("CannotAddMemberType", message, None)
        if kind in ("CodeMethod", "CodeProperty", "MemberSet"):
            raise NotModelled(f"Add-Member -MemberType {kind}")
        return getattr(self, f"_{kind}")(name)  # type: ignore[no-any-return]

    def _NoteProperty(self, name: str) -> v.Member:
        self._need_first()
        self._refuse_second()
        return v.NoteProperty(name, self.get("Value"))

    def _AliasProperty(self, name: str) -> v.Member:
        self._need_first()
        if self.get("Value") is None:
            self._no_null()
        if self.get("SecondValue") is not None:
            raise NotModelled("Add-Member -MemberType AliasProperty with a type")
        return v.AliasProperty(name, convert.to_text(self.get("Value"), self.session))

    def _ScriptMethod(self, name: str) -> v.Member:
        self._refuse_second()
        self._need_first()
        script = self._script("Value")
        if script is None:
            self._no_null()
        return v.ScriptMethod(name, script)

    def _ScriptProperty(self, name: str) -> v.Member:
        self._need_first()
        getter, setter = self._script("Value"), self._script("SecondValue")
        if getter is None and setter is None:
            message = "To add a member of this type, the Value and SecondValue parameters cannot both be null."
            raise self._refusal("Value1AndValue2AreNotBothNull", message, None)
        return v.ScriptProperty(name, getter, setter)

    def _PropertySet(self, name: str) -> v.Member:
        self._refuse_second()
        self._need_first()
        value = self.get("Value")
        if value is None:
            self._no_null()
        items = convert.enumerate_items(v.unwrap(value))
        names = [value] if items is None else list(items)
        return v.PropertySet(name, [convert.to_text(item, self.session) for item in names])

    def _script(self, parameter: str) -> ScriptBlock | None:
        value = self.get(parameter)
        if value is None or isinstance(value, ScriptBlock):
            return value
        try:
            wanted = types.get_type("System.Management.Automation.ScriptBlock")
            return convert.convert(value, wanted, self.session)  # type: ignore[no-any-return]
        except ScriptError as failure:
            message = failure.record.exception.message
            raise self._refusal("InvalidValue1Type", message, None) from None

    def _need_first(self) -> None:
        if not self.has("Value"):
            message = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
            kind = "System.Management.Automation.PSInvalidOperationException"
            raise self.fail("InvalidOperation", message, "InvalidOperation", kind)

    def _refuse_second(self) -> None:
        if self.has("SecondValue"):
            kind = self.get("MemberType").name
            message = (
                f"The SecondValue parameter is not necessary for a member of type {kind}, and should not be specified."
            )
            raise self._refusal("Value2ShouldNotBeSpecified", message, None)

    def _no_null(self) -> None:
        message = "The Value parameter should not be null for this member type."
        raise self._refusal("Value1ShouldNotBeNull", message, None)

    def _refusal(self, error_id: str, message: str, target: Any) -> ScriptError:
        return self.fail(error_id, message, "InvalidOperation", "System.InvalidOperationException", target)

    def _add(self, member: v.Member) -> bool:
        there = self._existing(member.name)
        kind = "System.InvalidOperationException"
        if there is not None and not self.switch("Force"):
            message = (
                f'Cannot add a member with the name "{member.name}" because a member with that name already exists. '
                "To overwrite the member anyway, add the Force parameter to your command."
            )
            self.error("MemberAlreadyExists", message, "InvalidOperation", kind, self._target)
            return False
        self._target = objects.add_instance_member(self._target, member)
        return True

    def _existing(self, name: str) -> Any:
        if v.is_custom(self._target):
            found = self._target.members.get(name)
            if found is not None:
                return found
        lowered = name.lower()
        for info in members.members_of(self.session, self._target, hidden=True):
            if info.name.lower() == lowered:
                return info
        return None

    def _name_type(self, name: str) -> None:
        known = types.resolve_type(name, self.session)
        names = objects.type_names(self.session, self._target)
        objects.set_type_names(self._target, [known.full_name if known is not None else name, *names])


@result("Microsoft.PowerShell.Commands.MemberDefinition", "TypeName", "Name", "MemberType", "Definition")
class MemberDefinition(CommandResult):
    def __str__(self) -> str:
        return str(self["Definition"])


_GROUPS = {
    "Properties": objects.PROPERTY_KINDS,
    "Methods": frozenset({"CodeMethod", "Method", "ScriptMethod"}),
}
_EXTENDED = frozenset(
    {
        "AliasProperty",
        "CodeMethod",
        "CodeProperty",
        "MemberSet",
        "NoteProperty",
        "PropertySet",
        "ScriptMethod",
        "ScriptProperty",
    }
)


@cmdlet("Get-Member")
class GetMember(Cmdlet):
    """One listing for each different type name that comes by."""

    def begin(self) -> None:
        self._shown: set[str] = set()

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        static = self.switch("Static")
        if static:
            inner = v.unwrap(value)
            net_type = inner if isinstance(inner, types.NetType) else types.type_of(inner)
            type_name = net_type.full_name
        else:
            type_name = objects.type_names(self.session, value)[0]
        if type_name.lower() in self._shown:
            return
        self._shown.add(type_name.lower())
        found = (
            static_members(net_type) if static else members.members_of(self.session, value, hidden=self.switch("Force"))
        )
        wanted = self._wanted_kinds()
        for pattern in self.get("Name") or ["*"]:
            wildcard = Wildcard(str(pattern))
            matches = [m for m in found if (wanted is None or m.kind in wanted) and wildcard.matches(m.name)]
            if not self.switch("Force"):
                matches = [m for m in matches if not _special(m)]
            matches.sort(key=lambda m: (m.kind.lower(), m.name.lower()))
            for one in matches:
                self.emit(
                    MemberDefinition(
                        typename=type_name,
                        name=one.name,
                        membertype=types.enum_value("System.Management.Automation.PSMemberTypes", one.kind),
                        definition=one.definition,
                    )
                )

    def _wanted_kinds(self) -> Set[str] | None:
        """None: all kinds."""
        wanted: Set[str] | None = None
        if self.has("MemberType"):
            names = [name.strip() for name in self.get("MemberType").name.split(",")]
            if "All" not in names:
                wanted = {kind for name in names for kind in _GROUPS.get(name, (name,))}
        view = self.get("View").name if self.has("View") else "All"
        if "All" not in view and "Extended" not in view:
            wanted = (wanted or {"Property", "Method", "ParameterizedProperty", "Event"}) - _EXTENDED
        elif view == "Extended":
            wanted = _EXTENDED if wanted is None else wanted & _EXTENDED
        return wanted

    def end(self) -> None:
        if not self._shown:
            message = "You must specify an object for the Get-Member cmdlet."
            self.error("NoObjectInGetMember", message, "CloseError", "System.InvalidOperationException")


def _special(info: Any) -> bool:
    """Accessors of properties, which are listed only with -Force."""
    return info.kind == "Method" and str(info.name).startswith(("get_", "set_", "add_", "remove_", "op_", "."))


@dataclass(frozen=True)
class _StaticMember:
    name: str
    kind: str
    definition: str


def static_members(net_type: types.NetType) -> list[_StaticMember]:
    """Static properties, fields and methods; the constructors as the method `new`."""
    found: list[_StaticMember] = []
    for declared in properties_of(net_type):
        if declared.static:
            shown = display_name(declared.type) if declared.type is not None else declared.type_text
            fixed = declared.read_only or declared.is_field  # public static fields are constants or read-only
            accessors = "{get;}" if fixed else "{get;set;}"
            found.append(_StaticMember(declared.name, "Property", f"static {shown} {declared.name} {accessors}"))
    for name in method_names(net_type, static=True):
        signatures = methods_of(net_type, name, static=True)
        found.append(_StaticMember(name, "Method", ", ".join(one.display() for one in signatures)))
    constructors = constructors_of(net_type)
    if constructors:
        shown = ", ".join(one.display() for one in constructors)
        found.append(_StaticMember("new", "Method", shown))
    return found
