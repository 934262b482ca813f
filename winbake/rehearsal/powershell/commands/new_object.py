"""New-Object: .NET types and COM classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled, ScriptError

COM_CLASSES: dict[str, Callable[[Any], v.NetObject]] = {}
"""ProgID in lower case → what makes an object of the class for a session. Filled by the rooms that model them."""

UNMODELLED_COM_CLASSES = (
    "adodb.", "excel.", "word.", "outlook.", "internetexplorer.", "msxml2.", "microsoft.update.", "wbemscripting.",
    "scripting.", "schedule.", "shell.", "wscript.", "hnetcfg.", "windowsinstaller.", "sapi.", "winhttp.", "adsystem",
)  # fmt: skip
"""Prefixes of ProgIDs that a Windows has or may have, so that "no such class" would be a guess."""


@cmdlet("New-Object")
class NewObject(Cmdlet):
    def begin(self) -> None:
        made = self._com_object() if self.parameter_set == "Com" else self._net_object()
        for name, value in self.get("Property").items() if self.has("Property") else ():
            self._set(made, str(v.unwrap(name)), value)
        self.emit(made)

    def _net_object(self) -> Any:
        name = self.get("TypeName")
        net_type = types.resolve_type(name, self.session)
        kind = "System.Management.Automation.PSArgumentException"
        if net_type is None:
            message = f"Cannot find type [{name}]: verify that the assembly containing this type is loaded."
            raise self.fail("TypeNotFound", message, "InvalidType", kind)
        if net_type.kind in ("static", "interface"):
            message = f"A constructor was not found. Cannot find an appropriate constructor for type {name}."
            raise self.fail("CannotFindAppropriateCtor", message, "ObjectNotFound", kind)
        arguments = list(self.get("ArgumentList") or ())
        try:
            return members.create(self.session, net_type, arguments)
        except ScriptError as failure:
            raise self._constructor_failure(failure, name) from None

    def _constructor_failure(self, failure: ScriptError, name: str) -> ScriptError:
        """What [T]::new(…) throws under an id of its own is New-Object's error here."""
        record = failure.record
        if not self.get("ArgumentList") and record.exception.inner is None:
            message = f"A constructor was not found. Cannot find an appropriate constructor for type {name}."
            kind = "System.Management.Automation.PSArgumentException"
            return self.fail("CannotFindAppropriateCtor", message, "ObjectNotFound", kind)
        return ScriptError(ErrorRecord(record.exception, "ConstructorInvokedThrowException", "InvalidOperation"))

    def _com_object(self) -> Any:
        name = self.get("ComObject")
        make = COM_CLASSES.get(name.lower())
        if make is not None:
            return make(self.session)
        if name.lower().startswith(UNMODELLED_COM_CLASSES):
            raise NotModelled(f"the COM class {name}")
        message = (
            "Retrieving the COM class factory for component with CLSID {00000000-0000-0000-0000-000000000000} failed "
            "due to the following error: 80040154 Class not registered (Exception from HRESULT: 0x80040154 "
            "(REGDB_E_CLASSNOTREG))."
        )
        kind = "System.Runtime.InteropServices.COMException"
        raise self.fail("NoCOMClassIdentified", message, "ResourceUnavailable", kind)

    def _set(self, made: Any, name: str, value: Any) -> None:
        """A property, or a method of that name called with the value (as PowerShell 2 did)."""
        if v.is_custom(made):
            made.members.add(v.NoteProperty(name, value))
            return
        lowered = name.lower()
        infos = [info for info in members.members_of(self.session, made, hidden=True) if info.name.lower() == lowered]
        if not infos:
            net = "COM" if self.parameter_set == "Com" else ".NET"
            message = f'The member "{name}" was not found for the specified {net} object.'
            kind = "System.InvalidOperationException"
            raise self.fail("InvalidOperationException", message, "InvalidOperation", kind)
        if infos[0].kind in ("Method", "ScriptMethod", "CodeMethod"):
            members.invoke_method(self.session, made, name, [value])
            return
        try:
            members.set_member_value(self.session, made, name, value)
        except ScriptError as failure:
            message = (
                "The value supplied is not valid, or the property is read-only. Change the value, and then try again."
            )
            exception = NetException("System.Exception", message, failure.record.exception)
            raise ScriptError(ErrorRecord(exception, "SetValueException", "InvalidData")) from None
