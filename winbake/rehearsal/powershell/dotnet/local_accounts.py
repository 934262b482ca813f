"""Microsoft.PowerShell.Commands.LocalUser, LocalGroup and LocalPrincipal: snapshots of the account database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.io_items import local_time
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method
from winbake.rehearsal.powershell.dotnet.security_principal import SecurityIdentifier
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject
from winbake.rehearsal.windows.accounts import Group, User

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

PRINCIPAL = "Microsoft.PowerShell.Commands.LocalPrincipal"
USER = "Microsoft.PowerShell.Commands.LocalUser"
GROUP = "Microsoft.PowerShell.Commands.LocalGroup"
LOCAL = 1
"""PrincipalSource.Local."""


class LocalPrincipal(NetObject):
    """A member's name carries its authority: `COMPUTER\\user`."""

    net_type_name = PRINCIPAL

    def __init__(self, name: str, sid: str, object_class: str, is_local: bool = True) -> None:
        self.name = name
        self.sid = sid
        self.object_class = object_class
        self.is_local = is_local

    @classmethod
    def of(cls, host: WindowsHost, sid: str) -> LocalPrincipal:
        name = str(host.accounts.name_of(sid) or sid)
        kind = "Group" if host.accounts.group(sid) is not None or not sid.startswith("S-1-5-21-") else "User"
        return cls(name, sid, kind, sid.startswith(host.accounts.machine_sid))


class LocalUser(LocalPrincipal):
    net_type_name = USER

    def __init__(self, user: User) -> None:
        super().__init__(user.name, user.sid, "User")
        self.values: dict[str, Any] = {
            "Enabled": user.enabled,
            "PasswordRequired": user.password_required,
            "UserMayChangePassword": user.may_change_password,
            "AccountExpires": _time(user.account_expires),
            "LastLogon": _time(user.last_logon),
            "PasswordChangeableDate": _time(user.password_last_set),
            "PasswordExpires": _time(user.password_expires),
            "PasswordLastSet": _time(user.password_last_set),
            "Description": user.description,
            "FullName": user.full_name,
        }


class LocalGroup(LocalPrincipal):
    net_type_name = GROUP

    def __init__(self, group: Group) -> None:
        super().__init__(group.name, group.sid, "Group")
        self.description = group.description


@constructor(PRINCIPAL)
def _new_principal(name: str = "") -> LocalPrincipal:
    return LocalPrincipal(name, "", "")


@constructor(USER)
def _new_user(name: str = "") -> LocalPrincipal:
    return LocalUser(User(name, ""))


@constructor(GROUP)
def _new_group(name: str = "") -> LocalGroup:
    """By name only: a cmdlet looks it up."""
    return LocalGroup(Group(name, ""))


def _time(moment: datetime | None) -> DateTime | None:
    return None if moment is None else local_time(moment)


@getter(PRINCIPAL, "Name")
@method(PRINCIPAL, "ToString")
@method(USER, "ToString")
@method(GROUP, "ToString")
def _name(value: LocalPrincipal) -> str:
    return value.name


@getter(PRINCIPAL, "SID")
def _sid(value: LocalPrincipal) -> SecurityIdentifier:
    return SecurityIdentifier(value.sid)


@getter(PRINCIPAL, "ObjectClass")
def _object_class(value: LocalPrincipal) -> str:
    return value.object_class


@getter(PRINCIPAL, "PrincipalSource")
def _principal_source(value: LocalPrincipal) -> EnumValue:
    kind = get_type("Microsoft.PowerShell.Commands.PrincipalSource")
    return enum_value(kind, LOCAL if value.is_local else 0)


@getter(GROUP, "Description")
def _description(value: LocalGroup) -> str:
    return value.description


def _user_member(name: str) -> None:
    @getter(USER, name)
    def read(value: LocalUser) -> Any:
        return value.values[name]


for _member in (
    "Enabled",
    "PasswordRequired",
    "UserMayChangePassword",
    "AccountExpires",
    "LastLogon",
    "PasswordChangeableDate",
    "PasswordExpires",
    "PasswordLastSet",
    "Description",
    "FullName",
):
    _user_member(_member)
