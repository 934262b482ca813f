"""System.Security.AccessControl of files and folders: FileSystemAccessRule, FileSecurity, DirectorySecurity.

How rules join and how rights become masks: the reference source of .NET Framework (FileSecurity.cs, ACL.cs). A security
object is a snapshot; SetAccessControl writes its list back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.io_failures import windows_io
from winbake.rehearsal.powershell.dotnet.io_items import DIRECTORY, FILE, FileSystemInfo
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method
from winbake.rehearsal.powershell.dotnet.security_principal import ACCOUNT, SID, NTAccount, SecurityIdentifier
from winbake.rehearsal.powershell.dotnet.throwing import out_of_range
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject
from winbake.rehearsal.windows import access
from winbake.rehearsal.windows.access import Ace

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_NAMESPACE = "System.Security.AccessControl."
RULE = _NAMESPACE + "FileSystemAccessRule"
SECURITY = _NAMESPACE + "FileSystemSecurity"
OBJECT = _NAMESPACE + "ObjectSecurity"
ACCESS = 2
"""AccessControlSections.Access."""
_DELETE_CHILDREN = 0x40


class FileSystemAccessRule(NetObject):
    net_type_name = RULE

    def __init__(self, reference: SecurityIdentifier | NTAccount, ace: Ace) -> None:
        self.reference = reference
        self.ace = ace


class RuleCollection(NetObject):
    net_type_name = _NAMESPACE + "AuthorizationRuleCollection"

    def __init__(self, rules: list[FileSystemAccessRule]) -> None:
        self.rules = rules

    def __iter__(self) -> Iterator[FileSystemAccessRule]:
        return iter(self.rules)


class FileSystemSecurity(NetObject):
    """The list of one file or folder, as it was when it was read; a new one is empty (ObjectSecurity.cs)."""

    def __init__(self, info: FileSystemInfo | None = None) -> None:
        self.host = info.host if info is not None else None
        self.ps_path: str | None = None  # the provider's path, when Get-Acl read it
        self.own: list[Ace] = []
        self.inherited: tuple[Ace, ...] = ()
        self.protected = False
        if info is not None:
            self.own += access.own_entries(info.host.files, info.full_path)
            self.inherited = access.inherited_entries(info.host.files, info.full_path)
            self.protected = access.is_protected(info.host.files, info.full_path)


class FileSecurity(FileSystemSecurity):
    net_type_name = _NAMESPACE + "FileSecurity"


class DirectorySecurity(FileSystemSecurity):
    net_type_name = _NAMESPACE + "DirectorySecurity"


def entries_of(security: FileSystemSecurity) -> list[Ace]:
    """Its own, then what it inherits."""
    return [*security.own, *security.inherited]


# ---- rules ---------------------------------------------------------------------------------------------------


def _mask(rights: int, deny: bool) -> int:
    """AccessMaskFromRights: who is allowed something may wait for it, too."""
    if not 0 <= rights <= access.FULL_CONTROL:
        raise out_of_range("fileSystemRights")
    if not deny:
        return rights | access.SYNCHRONIZE
    whole = rights in (access.FULL_CONTROL, access.FULL_CONTROL & ~_DELETE_CHILDREN)
    return rights if whole else rights & ~access.SYNCHRONIZE


def _rule(reference: Any, rights: EnumValue, inherit: int, propagation: int, kind: EnumValue) -> FileSystemAccessRule:
    """InheritanceFlags and PropagationFlags have bits of their own; without inheritance there is no propagation."""
    flags = (access.CONTAINER_INHERIT if inherit & 1 else 0) | (access.OBJECT_INHERIT if inherit & 2 else 0)
    if flags:
        flags |= (access.NO_PROPAGATE if propagation & 1 else 0) | (access.INHERIT_ONLY if propagation & 2 else 0)
    deny = bool(kind.value)
    sid = reference.value if isinstance(reference, SecurityIdentifier) else ""
    return FileSystemAccessRule(reference, Ace(sid, _mask(rights.value, deny), flags, deny))


@constructor(RULE, "IdentityReference, FileSystemRights, AccessControlType")
def _new_plain_rule(reference: Any, rights: EnumValue, kind: EnumValue) -> FileSystemAccessRule:
    return _rule(reference, rights, 0, 0, kind)


@constructor(RULE, "IdentityReference, FileSystemRights, InheritanceFlags, PropagationFlags, AccessControlType")
def _new_rule(
    reference: Any, rights: EnumValue, inherit: EnumValue, propagation: EnumValue, kind: EnumValue
) -> FileSystemAccessRule:
    return _rule(reference, rights, inherit.value, propagation.value, kind)


@constructor(RULE, "String, FileSystemRights, AccessControlType")
def _new_plain_named_rule(name: str, rights: EnumValue, kind: EnumValue) -> FileSystemAccessRule:
    return _rule(NTAccount(name), rights, 0, 0, kind)


@constructor(RULE, "String, FileSystemRights, InheritanceFlags, PropagationFlags, AccessControlType")
def _new_named_rule(
    name: str, rights: EnumValue, inherit: EnumValue, propagation: EnumValue, kind: EnumValue
) -> FileSystemAccessRule:
    return _rule(NTAccount(name), rights, inherit.value, propagation.value, kind)


@getter(RULE, "IdentityReference")
def _reference(rule: FileSystemAccessRule) -> SecurityIdentifier | NTAccount:
    return rule.reference


@getter(RULE, "FileSystemRights")
def _rights(rule: FileSystemAccessRule) -> EnumValue:
    return enum_value(_NAMESPACE + "FileSystemRights", rule.ace.mask)


@getter(RULE, "AccessControlType")
def _kind(rule: FileSystemAccessRule) -> EnumValue:
    return enum_value(_NAMESPACE + "AccessControlType", int(rule.ace.deny))


@getter(RULE, "IsInherited")
def _is_inherited(rule: FileSystemAccessRule) -> bool:
    return bool(rule.ace.flags & access.INHERITED)


@getter(RULE, "InheritanceFlags")
def _inheritance(rule: FileSystemAccessRule) -> EnumValue:
    flags = rule.ace.flags
    value = (1 if flags & access.CONTAINER_INHERIT else 0) | (2 if flags & access.OBJECT_INHERIT else 0)
    return enum_value(_NAMESPACE + "InheritanceFlags", value)


@getter(RULE, "PropagationFlags")
def _propagation(rule: FileSystemAccessRule) -> EnumValue:
    flags = rule.ace.flags
    value = (1 if flags & access.NO_PROPAGATE else 0) | (2 if flags & access.INHERIT_ONLY else 0)
    return enum_value(_NAMESPACE + "PropagationFlags", value)


@getter(RuleCollection.net_type_name, "Count")
def _count(rules: RuleCollection) -> int:
    return len(rules.rules)


# ---- a file's list -------------------------------------------------------------------------------------------


def _fixed_properties() -> None:
    """Nothing in the model breaks inheritance or the order of entries, and nothing is audited."""
    for name, value in (
        ("AreAccessRulesProtected", False),
        ("AreAuditRulesProtected", False),
        ("AreAccessRulesCanonical", True),
        ("AreAuditRulesCanonical", True),
    ):

        @getter(_NAMESPACE + "ObjectSecurity", name)
        def fixed(security: FileSystemSecurity, value: bool = value) -> bool:
            return value

    for name, type_name in (
        ("AccessRightType", "FileSystemRights"),
        ("AccessRuleType", "FileSystemAccessRule"),
        ("AuditRuleType", "FileSystemAuditRule"),
    ):

        @getter(SECURITY, name)
        def type_of_rule(security: FileSystemSecurity, type_name: str = type_name) -> NetType:
            return get_type(_NAMESPACE + type_name)


_fixed_properties()


@method(_NAMESPACE + "CommonObjectSecurity", "GetAccessRules")
def _access_rules(
    security: FileSystemSecurity, explicit: bool, inherited: bool, target: NetType, *, session: Session
) -> RuleCollection:
    if target.full_name not in (SID, ACCOUNT):
        raise NotModelled(f"access rules by [{target.full_name}]")
    entries = [*(security.own if explicit else ()), *(security.inherited if inherited else ())]
    return RuleCollection(
        [FileSystemAccessRule(_as(SecurityIdentifier(ace.sid), target, session), ace) for ace in entries]
    )


def _as(sid: SecurityIdentifier, target: NetType, session: Session) -> SecurityIdentifier | NTAccount:
    """As a name, if that is asked for and there is one."""
    name = session.host.accounts.name_of(sid.value) if target.full_name == ACCOUNT else None
    return sid if name is None else NTAccount(str(name))


@constructor(FileSecurity.net_type_name, "")
def _new_file_security() -> FileSecurity:
    return FileSecurity()


@constructor(DirectorySecurity.net_type_name, "")
def _new_directory_security() -> DirectorySecurity:
    return DirectorySecurity()


@method(OBJECT, "SetAccessRuleProtection")
def _set_protection(security: FileSystemSecurity, protected: bool, preserve: bool) -> None:
    """What was inherited goes, or stays as rules of its own (ObjectSecurity.cs; CommonAcl.RemoveInheritedAces)."""
    if protected and preserve:
        kept = [replace(ace, flags=ace.flags & ~access.INHERITED) for ace in security.inherited]
        security.own = sorted([*security.own, *kept], key=lambda ace: not ace.deny)
    if protected:
        security.inherited = ()
    security.protected = protected


@getter(OBJECT, "AreAccessRulesProtected")
def _is_protected(security: FileSystemSecurity) -> bool:
    return security.protected


@method(SECURITY, "AddAccessRule")
def _add_rule(security: FileSystemSecurity, rule: FileSystemAccessRule, *, session: Session) -> None:
    """A rule joins an entry of the same account that differs in its rights only, or in its inheritance only. Denials
    stand first."""
    new = _with_sid(rule, session)
    for index, old in enumerate(security.own):
        if (old.sid, old.deny) != (new.sid, new.deny):
            continue
        if old.flags == new.flags:
            security.own[index] = replace(old, mask=old.mask | new.mask)
            return
        if old.mask == new.mask and not (old.flags | new.flags) & ~access.INHERITANCE and old.flags and new.flags:
            security.own[index] = replace(old, flags=old.flags | new.flags)
            return
    security.own = sorted([*security.own, new], key=lambda ace: not ace.deny)


@method(SECURITY, "RemoveAccessRuleSpecific")
def _remove_rule(security: FileSystemSecurity, rule: FileSystemAccessRule, *, session: Session) -> None:
    """Only an entry that is exactly the rule."""
    wanted = _with_sid(rule, session)
    security.own = [ace for ace in security.own if ace != wanted]


def _with_sid(rule: FileSystemAccessRule, session: Session) -> Ace:
    if isinstance(rule.reference, SecurityIdentifier):
        return rule.ace
    sid = session.host.accounts.sid_of(rule.reference.value)
    if sid is None:
        message = "Some or all identity references could not be translated."
        raise NetError("System.Security.Principal.IdentityNotMappedException", message)
    return replace(rule.ace, sid=sid)


@method(FILE, "GetAccessControl")
@method(DIRECTORY, "GetAccessControl")
def _get_access_control(info: FileSystemInfo, sections: EnumValue | None = None) -> FileSystemSecurity:
    if sections is not None and sections.value != ACCESS:
        raise NotModelled(f"GetAccessControl({sections.name})")
    with windows_io(info.full_path):
        return DirectorySecurity(info) if info.is_directory else FileSecurity(info)


@method(FILE, "SetAccessControl")
@method(DIRECTORY, "SetAccessControl")
def _set_access_control(info: FileSystemInfo, security: FileSystemSecurity, *, session: Session) -> None:
    if not session.process.token.elevated:
        message = "Attempted to perform an unauthorized operation."
        raise NetError("System.UnauthorizedAccessException", message)
    with windows_io(info.full_path):
        access.set_own_entries(info.host.files, info.full_path, tuple(security.own), security.protected)
