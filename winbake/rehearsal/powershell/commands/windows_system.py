"""Restart-, Stop- and Rename-Computer, Get-HotFix, Get-ComputerInfo and execution policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.cim import system_classes
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.dotnet.time_zones import local_zone
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import enum_value, get_type
from winbake.rehearsal.powershell.values import custom_object, unwrap
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_NAME_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
_TCPIP_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
_INVALID = "System.InvalidOperationException"


def is_this_computer(session: Session, name: str) -> bool:
    return name.lower() in (".", "localhost", "127.0.0.1", "::1", session.host.computer_name.lower())


class PowerCommand(Cmdlet):
    restart = True
    verb = ""

    def process(self) -> None:
        machines = texts(self.get("ComputerName")) or ["localhost"]
        if any(not is_this_computer(self.session, one) for one in machines):
            raise NotModelled(f"{self.name} of another computer")
        if self.switch("Wait") or self.switch("AsJob"):
            raise NotModelled(f"{self.name} -Wait and -AsJob")
        name = self.session.host.computer_name
        if not self.should_process(f"localhost ({name})", self.verb):
            return
        try:
            if self.restart:
                self.session.host.reboot()
            else:
                self.session.host.shutdown()
        except Win32Failure as failure:
            action = "restart the computer" if self.restart else "stop the computer"
            message = f"Failed to {action} localhost with the following error message: {failure.message}"
            error_id = "RestartcomputerFailed" if self.restart else "StopComputerException"
            self.error(error_id, message, "OperationStopped", _INVALID, name)


@cmdlet("Restart-Computer")
class RestartComputer(PowerCommand):
    verb = "Restart-Computer"


@cmdlet("Stop-Computer")
class StopComputer(PowerCommand):
    restart = False
    verb = "Stop-Computer"


def set_computer_name(session: Session, name: str) -> None:
    """What is written now and in use after the next boot."""
    session.host.registry.write(_NAME_KEY, "ComputerName", name.upper()[:15])
    session.host.registry.write(_TCPIP_KEY, "NV Hostname", name)


@cmdlet("Rename-Computer")
class RenameComputer(Cmdlet):
    def process(self) -> None:
        name = str(unwrap(self.get("NewName")))
        machine = str(unwrap(self.get("ComputerName")) or "localhost")
        if not is_this_computer(self.session, machine):
            raise NotModelled("Rename-Computer of another computer")
        old = self.session.host.computer_name
        if name.lower() == old.lower():
            message = (
                f"Skip computer '{old}' with new name '{name}' because the new name is the same as the current name."
            )
            self.error("NewNameIsOldName", message, "InvalidArgument", _INVALID, name)
            return
        if not re.fullmatch(r"[A-Za-z0-9-]{1,63}", name) or name.isdigit():
            message = (
                f"Skip computer '{old}' with new name '{name}' because the new name is not valid. The new computer "
                "name entered is not properly formatted. Standard names may contain letters (a-z, A-Z), numbers (0-9), "
                "and hyphens (-), but no spaces or periods (.). The name may not consist entirely of digits, and may "
                "not be longer than 63 characters."
            )
            self.error("InvalidNewName", message, "InvalidArgument", _INVALID, name)
            return
        if not self.should_process(old, f"Rename-Computer to {name}"):
            return
        if not self.session.process.token.elevated:
            message = f"Fail to rename computer '{old}' to '{name}' due to the following exception: Access is denied."
            self.error("FailToRenameComputer", message, "OperationStopped", _INVALID, old)
            return
        set_computer_name(self.session, name)
        if self.switch("PassThru"):
            fields = [("HasSucceeded", True), ("NewComputerName", name), ("OldComputerName", old)]
            self.emit(custom_object(fields, "Microsoft.PowerShell.Commands.RenameComputerChangeInfo"))
        if self.switch("Restart"):
            self.session.host.reboot()
        else:
            self.write_warning(f"The changes will take effect after you restart the computer {old}.")


@cmdlet("Get-HotFix")
class GetHotFix(Cmdlet):
    def process(self) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        ids = [one.lower() for one in texts(self.get("Id"))]
        patterns = texts(self.get("Description"))
        found_any = False
        for one in system_classes.CLASSES["win32_quickfixengineering"][1](self.session):
            if ids and str(one.get("HotFixID")).lower() not in ids:
                continue
            if patterns and not any(Wildcard(p).matches(str(one.get("Description"))) for p in patterns):
                continue
            found_any = True
            self.emit(one)
        if ids and not found_any:
            message = (
                "Cannot find the requested hotfix on the 'localhost' computer. "
                "Verify the input and run the command again."
            )
            self.error("GetHotFixNoEntriesFound", message, "ObjectNotFound", "System.ArgumentException", None)


@cmdlet("Get-ComputerInfo")
class GetComputerInfo(Cmdlet):
    """A part of the real object's 180 properties."""

    def process(self) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        system = next(iter(system_classes.CLASSES["win32_operatingsystem"][1](self.session)))
        computer = next(iter(system_classes.CLASSES["win32_computersystem"][1](self.session)))
        release = self.session.host.release
        pairs: list[tuple[str, Any]] = [
            ("WindowsBuildLabEx", release.build_lab),
            ("WindowsCurrentVersion", "6.3"),
            ("WindowsEditionId", "ServerDatacenter"),
            ("WindowsInstallationType", "Server"),
            ("WindowsProductName", release.product_name),
            ("WindowsVersion", release.release_id),
            ("CsDNSHostName", computer.get("DNSHostName")),
            ("CsDomain", computer.get("Domain")),
            ("CsManufacturer", computer.get("Manufacturer")),
            ("CsModel", computer.get("Model")),
            ("CsName", computer.get("Name")),
            ("CsNumberOfLogicalProcessors", computer.get("NumberOfLogicalProcessors")),
            ("CsPartOfDomain", computer.get("PartOfDomain")),
            ("CsWorkgroup", computer.get("Workgroup")),
            ("OsName", system.get("Caption")),
            ("OsArchitecture", system.get("OSArchitecture")),
            ("OsVersion", system.get("Version")),
            ("OsBuildNumber", system.get("BuildNumber")),
            ("OsInstallDate", system.get("InstallDate")),
            ("OsLastBootUpTime", system.get("LastBootUpTime")),
            ("OsLocalDateTime", system.get("LocalDateTime")),
            ("OsWindowsDirectory", system.get("WindowsDirectory")),
            ("OsFreePhysicalMemory", system.get("FreePhysicalMemory")),
            ("OsTotalVisibleMemorySize", system.get("TotalVisibleMemorySize")),
            ("TimeZone", local_zone(session=self.session).display_name),
        ]
        patterns = texts(self.get("Property"))
        if patterns:
            pairs = [pair for pair in pairs if any(Wildcard(p).matches(pair[0]) for p in patterns)]
            unknown = [p for p in patterns if not any(Wildcard(p).matches(name) for name, _ in pairs)]
            if unknown:
                raise NotModelled(f"Get-ComputerInfo -Property {unknown[0]}")
        self.emit(custom_object(pairs, "Microsoft.PowerShell.Commands.ComputerInfo"))


# ---- execution policy ----------------------------------------------------------------------------------------

_POLICY_KEY = r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
_POLICIES_KEY = r"SOFTWARE\Policies\Microsoft\Windows\PowerShell"
_SCOPES = ("MachinePolicy", "UserPolicy", "Process", "CurrentUser", "LocalMachine")
_PROCESS_VARIABLE = "PSExecutionPolicyPreference"


def policy_of(session: Session, scope: str) -> str:
    """The policy set in one scope, "Undefined" if none."""
    if scope == "Process":
        return str(session.process.environment.get(_PROCESS_VARIABLE) or "Undefined")
    hive = "HKEY_LOCAL_MACHINE" if scope in ("MachinePolicy", "LocalMachine") else "HKEY_CURRENT_USER"
    key = _POLICIES_KEY if scope.endswith("Policy") else _POLICY_KEY
    found = session.host.registry.read(f"{hive}\\{key}", "ExecutionPolicy", sid=session.process.token.sid)
    return str(found or "Undefined")


def effective_policy(session: Session) -> str:
    """The first scope that says something; a server's own default is RemoteSigned."""
    for scope in _SCOPES:
        if (found := policy_of(session, scope)) != "Undefined":
            return found
    return "RemoteSigned"


def _policy_value(name: str) -> Any:
    return enum_value(get_type("Microsoft.PowerShell.ExecutionPolicy"), name)


@cmdlet("Get-ExecutionPolicy")
class GetExecutionPolicy(Cmdlet):
    def process(self) -> None:
        if self.switch("List"):
            kind = get_type("Microsoft.PowerShell.ExecutionPolicyScope")
            for scope in _SCOPES:
                policy = _policy_value(policy_of(self.session, scope))
                self.emit(custom_object([("Scope", enum_value(kind, scope)), ("ExecutionPolicy", policy)]))
            return
        scope_value = unwrap(self.get("Scope"))
        name = effective_policy(self.session) if scope_value is None else policy_of(self.session, word(scope_value))
        self.emit(_policy_value(name))


@cmdlet("Set-ExecutionPolicy")
class SetExecutionPolicy(Cmdlet):
    def process(self) -> None:
        policy = word(self.get("ExecutionPolicy"))
        scope_value = unwrap(self.get("Scope"))
        scope = "LocalMachine" if scope_value is None else word(scope_value)
        if scope.endswith("Policy"):
            message = (
                "Cannot set execution policy. Execution policies at the MachinePolicy or UserPolicy scopes must be set "
                "through Group Policy."
            )
            raise self.fail("CantSetGroupPolicy", message, "InvalidOperation", _INVALID)
        if not self.should_process(policy, "Set-ExecutionPolicy"):
            return
        self._write(scope, policy)
        effective = effective_policy(self.session)
        if effective.lower() != policy.lower() and policy != "Undefined":
            message = (
                "Windows PowerShell updated your execution policy successfully, but the setting is overridden by a "
                "policy defined at a more specific scope.  Due to the override, your shell will retain its current "
                f'effective execution policy of {effective}. Type "Get-ExecutionPolicy -List" to view your execution '
                'policy settings. For more information please see "Get-Help Set-ExecutionPolicy".'
            )
            self.error("ExecutionPolicyOverride", message, "PermissionDenied", "System.Security.SecurityException")

    def _write(self, scope: str, policy: str) -> None:
        environment = self.session.process.environment
        if scope == "Process":
            if policy == "Undefined":
                if _PROCESS_VARIABLE in environment:
                    del environment[_PROCESS_VARIABLE]
            else:
                environment[_PROCESS_VARIABLE] = policy
            return
        hive = "HKEY_LOCAL_MACHINE" if scope == "LocalMachine" else "HKEY_CURRENT_USER"
        key = self.session.host.registry.create(f"{hive}\\{_POLICY_KEY}", sid=self.session.process.token.sid)
        if policy != "Undefined":
            key.set("ExecutionPolicy", 1, policy)
        elif key.get("ExecutionPolicy") is not None:
            key.delete("ExecutionPolicy")
