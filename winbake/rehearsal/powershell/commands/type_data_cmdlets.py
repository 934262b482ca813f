"""Update-TypeData, Remove-TypeData and Update-FormatData: what scripts add to types in their session."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.access.type_data import TypeData
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.running.functions import ScriptBlock

_STANDARD = ("DefaultDisplayPropertySet", "DefaultKeyPropertySet", "DefaultDisplayProperty", "PropertySerializationSet")
_UNMODELLED = (
    "TypeConverter",
    "TypeAdapter",
    "SerializationMethod",
    "TargetTypeForDeserialization",
    "SerializationDepth",
)


def _own(session: Any) -> TypeData:
    if getattr(session, "type_data", None) is None:
        session.type_data = TypeData()
    return session.type_data  # type: ignore[no-any-return]


def _type_name(session: Any, given: Any) -> str:
    """A type's full name if the text names one (`-TypeName string`), else the text."""
    text = convert.to_text(given, session)
    known = types.resolve_type(text, session)
    return known.full_name if known is not None else text


@cmdlet("Update-TypeData")
class UpdateTypeData(Cmdlet):
    def process(self) -> None:
        if self.has("TypeData") or self.has("AppendPath") or self.has("PrependPath"):
            raise NotModelled("Update-TypeData with files or TypeData objects")
        for name in _UNMODELLED:
            if self.has(name):
                raise NotModelled(f"Update-TypeData -{name}")
        type_name = self.get("TypeName")
        if not type_name or not type_name.strip():
            kind = "System.InvalidOperationException"
            raise self.fail(
                "TargetTypeNameEmpty", "The TypeName must not be empty.", "InvalidOperation", kind, type_name
            )
        type_name = _type_name(self.session, type_name)
        member = self._member()
        standard = {name: self._standard(name) for name in _STANDARD if self.has(name)}
        if member is None and not any(name in standard for name in _STANDARD if name != "DefaultDisplayProperty"):
            message = f'The TypeData "{type_name}" is empty; no member or standard member is defined for it.'
            self.error("TypeDataEmpty", message, "InvalidOperation", "System.InvalidOperationException")
            return
        if self.should_process(f"TypeName: {type_name}", "Update-TypeData"):
            self._store(type_name, member, standard)

    def _standard(self, name: str) -> Any:
        value = self.get(name)
        return value if name == "DefaultDisplayProperty" else [str(item) for item in value]

    def _store(self, type_name: str, member: v.Member | None, standard: dict[str, Any]) -> None:
        own = _own(self.session)
        there = own.members.get(type_name.lower())
        if member is not None and not self.switch("Force") and there is not None and member.name in there:
            self._refuse(type_name, f"The member {member.name} is already present.")
            return
        known = own.standard.setdefault(type_name.lower(), {}) if standard else {}
        for name in standard:
            if name in known and not self.switch("Force"):
                self._refuse(type_name, f"The member {name} is already present.")
                return
        if member is not None:
            own.add(type_name, member)
        known.update(standard)

    def _refuse(self, type_name: str, reason: str) -> None:
        message = f'Error in TypeData "{type_name}": {reason}'
        kind = "System.Management.Automation.RuntimeException"
        self.error("TypesDynamicUpdateException", message, "InvalidOperation", kind)

    def _member(self) -> v.Member | None:
        if not self.has("MemberType"):
            if self.has("MemberName") or self.has("Value") or self.has("SecondValue"):
                message = "The MemberType parameter is required when MemberName, Value or SecondValue is specified."
                raise self._failure("MemberTypeIsMissing", message)
            return None
        kind = self.get("MemberType").name
        if kind in ("CodeProperty", "CodeMethod"):
            raise NotModelled(f"Update-TypeData -MemberType {kind}")
        if kind not in ("NoteProperty", "AliasProperty", "ScriptProperty", "ScriptMethod"):
            raise self._failure("CannotUpdateMemberType", f'Cannot update a member with type "{kind}".')
        name = self.get("MemberName")
        if not name:
            raise self._failure(
                "MemberNameShouldBeSpecified", f"The MemberName is required for the member type {kind}."
            )
        if not self.has("Value"):
            raise self._failure("ValueShouldBeSpecified", f"The Value is required for the member type {kind}.")
        return self._made(kind, name)

    def _made(self, kind: str, name: str) -> v.Member:
        value, second = self.get("Value"), self.get("SecondValue")
        if kind == "ScriptProperty":
            if value is None and second is None:
                message = "The Value and SecondValue cannot both be null."
                raise self._failure("ValueAndSecondValueAreNotBothNull", message)
            return v.ScriptProperty(name, self._script(value), self._script(second))
        if second is not None and kind != "AliasProperty":
            message = f"The SecondValue should not be specified for the member type {kind}."
            raise self._failure("SecondValueShouldNotBeSpecified", message)
        if kind == "NoteProperty":
            return v.NoteProperty(name, value)
        if kind == "ScriptMethod":
            return v.ScriptMethod(name, self._script(value))
        if value is None or value == "":
            raise self._failure("ValueShouldBeSpecified", f"The Value must not be null for the member type {kind}.")
        return v.AliasProperty(name, convert.to_text(value, self.session))

    def _script(self, value: Any) -> ScriptBlock | None:
        if value is None:
            return None
        wanted = types.get_type("System.Management.Automation.ScriptBlock")
        return convert.convert(value, wanted, self.session)  # type: ignore[no-any-return]

    def _failure(self, error_id: str, message: str) -> ScriptError:
        return self.fail(error_id, message, "InvalidOperation", "System.InvalidOperationException")


@cmdlet("Remove-TypeData")
class RemoveTypeData(Cmdlet):
    def process(self) -> None:
        if not self.has("TypeName"):
            raise NotModelled("Remove-TypeData with files or TypeData objects")
        name = _type_name(self.session, self.get("TypeName"))
        own = _own(self.session)
        if name.lower() not in own.members and name.lower() not in own.standard:
            message = f'Error in TypeData "{name}": The type {name} was not found.'
            kind = "System.Management.Automation.RuntimeException"
            self.error("TypesDynamicRemoveException", message, "InvalidOperation", kind)
            return
        if self.should_process(f"TypeName: {name}", "Remove-TypeData"):
            own.remove(name)


@cmdlet("Update-FormatData")
class UpdateFormatData(Cmdlet):
    """Without files it only reads its own again, which changes nothing."""

    def process(self) -> None:
        if self.has("AppendPath") or self.has("PrependPath"):
            raise NotModelled("Update-FormatData with files")
