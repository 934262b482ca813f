"""Get-Acl and Set-Acl of files and folders (PowerShell 2016, AclCommands.cs), and what types.ps1xml adds to a list.

Assumed: the owner is Administrators and the group `None` of the machine (what windows/access.py has of every file).
Keys of the registry and folders whose lists the model does not know are refused.
"""

from __future__ import annotations

from winbake.rehearsal.powershell import convert, members
from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.dotnet.access_control import (
    DirectorySecurity,
    FileSecurity,
    FileSystemAccessRule,
    FileSystemSecurity,
    entries_of,
)
from winbake.rehearsal.powershell.dotnet.io_failures import windows_io
from winbake.rehearsal.powershell.dotnet.io_items import info_of
from winbake.rehearsal.powershell.dotnet.security_principal import NTAccount, SecurityIdentifier
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled
from winbake.rehearsal.powershell.providers.core import ProviderPath
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.windows import access
from winbake.rehearsal.windows.host import WindowsHost

_SECURITY = "System.Security.AccessControl.FileSystemSecurity"
_ABBREVIATED = {
    "S-1-5-18": "SY", "S-1-5-32-544": "BA", "S-1-5-32-545": "BU", "S-1-3-0": "CO", "S-1-1-0": "WD", "S-1-5-11": "AU",
}  # fmt: skip


def _host(security: FileSystemSecurity) -> WindowsHost:
    """The machine whose accounts name the entries; a list made with `New-Object` is of none yet."""
    if security.host is None:
        raise NotModelled("what an access list shows that was read of no file")
    return security.host


def rules(security: FileSystemSecurity) -> list[FileSystemAccessRule]:
    """Own entries first, as Windows orders them, accounts as names where they have one."""
    found = []
    for ace in entries_of(security):
        name = _host(security).accounts.name_of(ace.sid)
        found.append(FileSystemAccessRule(NTAccount(str(name)) if name else SecurityIdentifier(ace.sid), ace))
    return found


def _access_text(security: FileSystemSecurity) -> str:
    lines = []
    for rule in rules(security):
        parts = [members.get_member_value(None, rule, name) for name in ("AccessControlType", "FileSystemRights")]
        kind, rights = (convert.to_text(part, None) for part in parts)
        lines.append(f"{rule.reference.value} {kind}  {rights}")
    return "\n".join(lines)


def _owner(security: FileSystemSecurity) -> str:
    return str(_host(security).accounts.name_of(access.ADMINISTRATORS))


def _group(security: FileSystemSecurity) -> str:
    return f"{_host(security).computer_name}\\None"


def _sddl(security: FileSystemSecurity) -> str:
    written = []
    for ace in entries_of(security):
        words = (("OI", 1), ("CI", 2), ("NP", 4), ("IO", 8), ("ID", 16))
        flags = "".join(word for word, bit in words if ace.flags & bit)
        rights = "FA" if ace.mask == access.FULL_CONTROL else f"0x{ace.mask:x}"
        sid = _ABBREVIATED.get(ace.sid, ace.sid)
        written.append(f"({'D' if ace.deny else 'A'};{flags};{rights};;;{sid})")
    return f"O:BAG:{_host(security).machine_sid}-513D:{'PAI' if security.protected else 'AI'}" + "".join(written)


code_property(_SECURITY, "Path", lambda security: security.ps_path)
code_property(_SECURITY, "Owner", _owner)
code_property(_SECURITY, "Group", _group)
code_property(_SECURITY, "Access", lambda security: PSArray(rules(security)))
code_property(_SECURITY, "Sddl", _sddl)
code_property(_SECURITY, "AccessToString", _access_text, "ScriptProperty")
code_property(_SECURITY, "AuditToString", lambda security: "", "ScriptProperty")


class AclCommand(ProviderCommand):
    def refuse(self, *names: str) -> None:
        for name in names:
            if self.has(name):
                raise NotModelled(f"{self.name} -{name}")

    def file_of(self, found: ProviderPath) -> str:
        if found.provider.name != "FileSystem":
            raise NotModelled(f"{self.name} of the provider {found.provider.name}")
        return found.path


@cmdlet("Get-Acl")
class GetAcl(AclCommand):
    def process(self) -> None:
        self.refuse("Audit", "AllCentralAccessPolicies", "InputObject")
        for found in self.resolved(self.given_paths(".")):
            path = self.file_of(found)
            info = info_of(self.session.host, path)
            with windows_io(path):
                made = DirectorySecurity(info) if info.is_directory else FileSecurity(info)
            made.ps_path = found.provider.qualify(found.path)
            self.emit(found.provider.wrap(made, found.path, found.drive))


@cmdlet("Set-Acl")
class SetAcl(AclCommand):
    def process(self) -> None:
        self.refuse("CentralAccessPolicy", "ClearCentralAccessPolicy", "InputObject")
        security = unwrap(self.get("AclObject"))
        if not isinstance(security, FileSystemSecurity):
            raise self.fail("SetAcl_AclObject", "AclObject", "InvalidArgument", "System.ArgumentException", security)
        for found in self.resolved():
            path = self.file_of(found)
            if not self.should_process(path, "Set-Acl"):
                continue
            if not self.session.process.token.elevated:
                exception = NetException("System.UnauthorizedAccessException",
                                         "Attempted to perform an unauthorized operation.")  # fmt: skip
                self.write_error(ErrorRecord(exception, "System.UnauthorizedAccessException", "PermissionDenied", path))
                continue
            access.set_own_entries(self.session.host.files, path, tuple(security.own), security.protected)
            if self.switch("PassThru"):
                self.emit(self.get("AclObject"))
