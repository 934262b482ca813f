"""The LocalAccounts cmdlets (PowerShell 2016, Microsoft.PowerShell.LocalAccounts, Sam.cs)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.dotnet.local_accounts import LocalGroup, LocalPrincipal, LocalUser
from winbake.rehearsal.powershell.dotnet.secure_strings import plain_text
from winbake.rehearsal.powershell.dotnet.security_principal import SecurityIdentifier, is_administrator
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException
from winbake.rehearsal.powershell.types import define_type, get_type
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.windows.accounts import Group, User
from winbake.rehearsal.windows.failures import Win32Failure, message_for

_COMMANDS = "Microsoft.PowerShell.Commands."
# The type table's inventory lacks it; the module's Exceptions.cs has it.
define_type(f"{_COMMANDS}Win32InternalException", "class", base=get_type("System.Exception"))


class AccountCommand(Cmdlet):
    """Errors are the module's own exceptions, each with its id; all of them leave the others of a list alone."""

    def account_error(self, error_id: str, message: str, category: str, target: Any) -> None:
        exception = NetException(f"{_COMMANDS}{error_id}Exception", message, None, {"Target": target})
        self.write_error(ErrorRecord(exception, error_id, category, target))

    def user_missing(self, name: str) -> None:
        self.account_error("UserNotFound", f"User {name} was not found.", "ObjectNotFound", name)

    def group_missing(self, name: str) -> None:
        self.account_error("GroupNotFound", f"Group {name} was not found.", "ObjectNotFound", name)

    def refused(self, failure: Win32Failure, name: str, noun: str) -> None:
        """The module's error for what the account database says."""
        if failure.code == 2224:
            self.account_error("UserExists", f"User {name} already exists.", "ResourceExists", name)
        elif failure.code == 1379 and noun == "Group":
            self.account_error("GroupExists", f"Group {name} already exists.", "ResourceExists", name)
        elif failure.code == 1379:
            self.account_error("NameInUse", f"The name {name} is already in use.", "InvalidArgument", name)
        elif failure.code == 2202:
            self.account_error("InvalidName", f"The name {name} is invalid.", "InvalidArgument", name)
        elif failure.code == 2245:
            self.account_error("InvalidPassword", message_for(1325), "InvalidArgument", name)
        elif failure.code == 1371:
            message = f"An unspecified error occurred: error code = {failure.code}"
            self.account_error("Internal", message, "NotSpecified", name)
        else:
            self.account_error(
                "Internal", f"An unspecified error occurred: error code = {failure.code}", "NotSpecified", name
            )

    def may_write(self, target: Any) -> bool:
        if is_administrator(self.session):
            return True
        self.account_error("AccessDenied", "Access denied.", "PermissionDenied", target)
        return False

    # ---- whom the parameters mean

    def users(self) -> Iterator[User]:
        given = unwrap(self.get("InputObject"))
        if given is not None:
            yield from self._found_users(
                [unwrap(one).sid or unwrap(one).name for one in (given if isinstance(given, PSArray) else [given])]
            )
        elif self.has("SID"):
            sids = unwrap(self.get("SID"))
            yield from self._found_users([unwrap(one).value for one in (sids if isinstance(sids, PSArray) else [sids])])
        else:
            yield from self._named(texts(self.get("Name")), self.session.host.accounts.users, self.user_missing)

    def _found_users(self, sids: list[str]) -> Iterator[User]:
        for sid in sids:
            found = self.session.host.accounts.user(sid)
            if found is None:
                self.user_missing(sid)
            else:
                yield found

    def groups(self) -> Iterator[Group]:
        accounts = self.session.host.accounts
        given = unwrap(self.get("InputObject")) if self.has("InputObject") else unwrap(self.get("Group"))
        sids: list[str] | None = None
        if isinstance(given, LocalGroup | PSArray):
            items = given if isinstance(given, PSArray) else [given]
            sids = [unwrap(one).sid or unwrap(one).name for one in items]
        elif self.has("SID"):
            value = unwrap(self.get("SID"))
            sids = [unwrap(one).value for one in (value if isinstance(value, PSArray) else [value])]
        if sids is None:
            names = texts(self.get("Name")) if self.has("Name") else [str(given)] if given is not None else []
            yield from self._named(names, accounts.groups, self.group_missing)
            return
        for sid in sids:
            found = accounts.group(sid)
            if found is None:
                self.group_missing(sid)
            else:
                yield found

    def _named(self, names: list[str], known: dict[str, Any], missing: Callable[[str], None]) -> Iterator[Any]:
        """All, sorted by name, when no name is given; a wildcard that matches none is silent."""
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        ordered = sorted(known.values(), key=lambda one: one.name.lower())
        if not names:
            yield from ordered
        for name in names:
            plain = name.rpartition("\\")[2] if "\\" in name else name
            if has_wildcards(plain):
                yield from (one for one in ordered if Wildcard(plain).matches(one.name))
                continue
            found = known.get(plain.lower())
            if found is None:
                missing(name)
            else:
                yield found


# ---- users -------------------------------------------------------------------------------------------------------


@cmdlet("Get-LocalUser")
class GetLocalUser(AccountCommand):
    def process(self) -> None:
        for user in self.users():
            self.emit(LocalUser(user))


@cmdlet("New-LocalUser")
class NewLocalUser(AccountCommand):
    def process(self) -> None:
        name = str(unwrap(self.get("Name")))
        if not self.may_write(name) or not self.should_process(name, "Create new local user"):
            return
        password = None if self.switch("NoPassword") else plain_text(unwrap(self.get("Password")))
        expires = unwrap(self.get("AccountExpires"))
        accounts = self.session.host.accounts
        settings: dict[str, Any] = {
            "enabled": not self.switch("Disabled"),
            "may_change_password": not self.switch("UserMayNotChangePassword"),
            "password_never_expires": self.switch("PasswordNeverExpires"),
            "account_expires": expires.to_utc_datetime() if expires is not None else None,
        }
        full_name, description = str(unwrap(self.get("FullName")) or ""), str(unwrap(self.get("Description")) or "")
        try:
            made = accounts.add_user(name, None, full_name, description, **settings)
        except Win32Failure as failure:
            self.refused(failure, name, "User")
            return
        if password is not None:
            # In-box 5.1 makes the account first: a refused password leaves it behind (windows_facts section 4).
            try:
                accounts.set_password(name, password)
            except Win32Failure as failure:
                self.refused(failure, name, "User")
                return
            made.password_required = True
        self.emit(LocalUser(made))


@cmdlet("Set-LocalUser")
class SetLocalUser(AccountCommand):
    def process(self) -> None:
        for user in self.users():
            if not self.may_write(user.name) or not self.should_process(user.name, "Modify local user"):
                continue
            if self.has("Password"):
                try:
                    self.session.host.accounts.set_password(user.name, plain_text(unwrap(self.get("Password"))))
                except Win32Failure as failure:
                    self.refused(failure, user.name, "User")
                    continue
            for parameter, field in (("FullName", "full_name"), ("Description", "description")):
                if self.has(parameter):
                    setattr(user, field, str(unwrap(self.get(parameter)) or ""))
            for parameter, field in (("PasswordNeverExpires", "password_never_expires"),
                                     ("UserMayChangePassword", "may_change_password")):  # fmt: skip
                if self.has(parameter):
                    setattr(user, field, bool(unwrap(self.get(parameter))))
            if self.has("AccountExpires"):
                user.account_expires = unwrap(self.get("AccountExpires")).to_utc_datetime()
            if self.switch("AccountNeverExpires"):
                user.account_expires = None


@cmdlet("Remove-LocalUser")
class RemoveLocalUser(AccountCommand):
    def process(self) -> None:
        for user in list(self.users()):
            if self.may_write(user.name) and self.should_process(user.name, "Remove local user"):
                try:
                    self.session.host.accounts.remove_user(user.name)
                except Win32Failure as failure:
                    self.refused(failure, user.name, "User")


@cmdlet("Rename-LocalUser")
class RenameLocalUser(AccountCommand):
    def process(self) -> None:
        new_name = str(unwrap(self.get("NewName")))
        for user in list(self.users()):
            if self.may_write(user.name) and self.should_process(user.name, f"Rename local user to {new_name}"):
                try:
                    self.session.host.accounts.rename_user(user.name, new_name)
                except Win32Failure as failure:
                    self.refused(failure, new_name, "User")


class _Enable(AccountCommand):
    enabled = True

    def process(self) -> None:
        for user in self.users():
            if self.may_write(user.name) and self.should_process(user.name, self.name):
                user.enabled = self.enabled


@cmdlet("Enable-LocalUser")
class EnableLocalUser(_Enable):
    pass


@cmdlet("Disable-LocalUser")
class DisableLocalUser(_Enable):
    enabled = False


# ---- groups ------------------------------------------------------------------------------------------------------


@cmdlet("Get-LocalGroup")
class GetLocalGroup(AccountCommand):
    def process(self) -> None:
        for group in self.groups():
            self.emit(LocalGroup(group))


@cmdlet("New-LocalGroup")
class NewLocalGroup(AccountCommand):
    def process(self) -> None:
        name = str(unwrap(self.get("Name")))
        if not self.may_write(name) or not self.should_process(name, "Create new local group"):
            return
        try:
            made = self.session.host.accounts.add_group(name, str(unwrap(self.get("Description")) or ""))
        except Win32Failure as failure:
            if failure.code == 2224:
                self.account_error("NameInUse", f"The name {name} is already in use.", "InvalidArgument", name)
            else:
                self.refused(failure, name, "Group")
            return
        self.emit(LocalGroup(made))


@cmdlet("Set-LocalGroup")
class SetLocalGroup(AccountCommand):
    def process(self) -> None:
        for group in self.groups():
            if self.may_write(group.name) and self.should_process(group.name, "Modify local group"):
                group.description = str(unwrap(self.get("Description")) or "")


@cmdlet("Remove-LocalGroup")
class RemoveLocalGroup(AccountCommand):
    def process(self) -> None:
        for group in list(self.groups()):
            if self.may_write(group.name) and self.should_process(group.name, "Remove local group"):
                try:
                    self.session.host.accounts.remove_group(group.name)
                except Win32Failure as failure:
                    self.refused(failure, group.name, "Group")


@cmdlet("Rename-LocalGroup")
class RenameLocalGroup(AccountCommand):
    def process(self) -> None:
        new_name = str(unwrap(self.get("NewName")))
        for group in list(self.groups()):
            if self.may_write(group.name) and self.should_process(group.name, f"Rename local group to {new_name}"):
                try:
                    self.session.host.accounts.rename_group(group.name, new_name)
                except Win32Failure as failure:
                    self.refused(failure, new_name, "Group")


class MemberCommand(AccountCommand):
    def members(self) -> list[str]:
        """Names or SIDs of -Member: texts, SIDs, LocalUsers, LocalPrincipals."""
        given = unwrap(self.get("Member"))
        found: list[str] = []
        for one in given if isinstance(given, PSArray) else [given]:
            plain = unwrap(one)
            if isinstance(plain, LocalPrincipal):
                found.append(plain.sid or plain.name)
            elif isinstance(plain, SecurityIdentifier):
                found.append(plain.value)
            else:
                found.append(str(plain))
        return found

    def shown(self, sid: str) -> str:
        return str(self.session.host.accounts.name_of(sid) or sid)

    def changes(self, verb: str) -> Iterator[tuple[Group, str, str]]:
        """Group, member as given and its SID, for each membership the caller may change and confirms."""
        for group in self.groups():
            for member in self.members():
                sid = self.session.host.accounts.sid_of(member)
                if sid is None:
                    self.account_error(
                        "PrincipalNotFound", f"Principal {member} was not found.", "ObjectNotFound", member
                    )
                elif self.may_write(group.name) and self.should_process(group.name, f"{verb} member {member}"):
                    yield group, member, sid


@cmdlet("Add-LocalGroupMember")
class AddLocalGroupMember(MemberCommand):
    def process(self) -> None:
        for group, member, sid in self.changes("Add"):
            try:
                self.session.host.accounts.add_member(group.name, sid)
            except Win32Failure as failure:
                if failure.code == 1378:
                    message = f"{self.shown(sid)} is already a member of group {group.name}."
                    self.account_error("MemberExists", message, "ResourceExists", group.name)
                else:
                    self.refused(failure, member, "Group")


@cmdlet("Remove-LocalGroupMember")
class RemoveLocalGroupMember(MemberCommand):
    def process(self) -> None:
        for group, member, sid in self.changes("Remove"):
            try:
                self.session.host.accounts.remove_member(group.name, sid)
            except Win32Failure as failure:
                if failure.code == 1377:
                    message = f"Member {self.shown(sid)} was not found in group {group.name}."
                    self.account_error("MemberNotFound", message, "ObjectNotFound", group.name)
                else:
                    self.refused(failure, member, "Group")


@cmdlet("Get-LocalGroupMember")
class GetLocalGroupMember(MemberCommand):
    """One orphaned SID makes the whole group unreadable, as on Windows."""

    def process(self) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        accounts = self.session.host.accounts
        for group in self.groups():
            if any(accounts.name_of(sid) is None for sid in group.members):
                message = "An unspecified error occurred: error code = 1789"
                self.account_error("Win32Internal", message, "NotSpecified", group.name)
                continue
            wanted = str(unwrap(self.get("Member")) or "")
            found = [LocalPrincipal.of(self.session.host, sid) for sid in group.members]
            if wanted:
                plain = wanted.rpartition("\\")[2]
                found = [one for one in found if Wildcard(plain).matches(one.name.rpartition("\\")[2])]
                if not found and not has_wildcards(plain):
                    message = f"Principal {wanted} was not found."
                    self.account_error("PrincipalNotFound", message, "ObjectNotFound", wanted)
            for one in found:
                self.emit(one)
