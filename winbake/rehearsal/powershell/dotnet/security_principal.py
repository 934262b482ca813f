"""System.Security.Principal: who the process runs as, and SIDs to names and back."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.process import Token

IDENTITY = "System.Security.Principal.WindowsIdentity"
PRINCIPAL = "System.Security.Principal.WindowsPrincipal"
SID = "System.Security.Principal.SecurityIdentifier"
ACCOUNT = "System.Security.Principal.NTAccount"
ADMINISTRATORS = "S-1-5-32-544"
_NOT_MAPPED = "Some or all identity references could not be translated."

_WELL_KNOWN = {
    "WorldSid": "S-1-1-0",
    "CreatorOwnerSid": "S-1-3-0",
    "NetworkSid": "S-1-5-2",
    "InteractiveSid": "S-1-5-4",
    "ServiceSid": "S-1-5-6",
    "AuthenticatedUserSid": "S-1-5-11",
    "LocalSystemSid": "S-1-5-18",
    "LocalServiceSid": "S-1-5-19",
    "NetworkServiceSid": "S-1-5-20",
    "BuiltinAdministratorsSid": "S-1-5-32-544",
    "BuiltinUsersSid": "S-1-5-32-545",
    "BuiltinGuestsSid": "S-1-5-32-546",
    "BuiltinPowerUsersSid": "S-1-5-32-547",
    "BuiltinBackupOperatorsSid": "S-1-5-32-551",
    "BuiltinRemoteDesktopUsersSid": "S-1-5-32-555",
}


class SecurityIdentifier(NetObject):
    net_type_name = SID

    def __init__(self, value: str) -> None:
        self.value = value.upper()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecurityIdentifier) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def to_bytes(self) -> bytes:
        """[MS-DTYP] 2.4.2.2."""
        numbers = [int(part) for part in self.value.split("-")[1:]]
        revision, authority, *rest = numbers
        return (
            bytes([revision, len(rest)]) + authority.to_bytes(6, "big") + b"".join(struct.pack("<I", n) for n in rest)
        )


class NTAccount(NetObject):
    net_type_name = ACCOUNT

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NTAccount) and other.value.lower() == self.value.lower()

    def __hash__(self) -> int:
        return hash(self.value.lower())


class WindowsIdentity(NetObject):
    net_type_name = IDENTITY

    def __init__(self, session: Session, token: Token) -> None:
        self.session = session
        self.token = token


class WindowsPrincipal(NetObject):
    net_type_name = PRINCIPAL

    def __init__(self, identity: WindowsIdentity) -> None:
        self.identity = identity


# ---- names and SIDs ----------------------------------------------------------------------------------------


def account_name(session: Session, sid: str) -> str | None:
    """`COMPUTER\\user`, `BUILTIN\\Administrators`, `NT AUTHORITY\\SYSTEM`, or None for an orphan."""
    name = session.host.accounts.name_of(sid)
    return None if name is None else str(name)


def _parse(text: str) -> SecurityIdentifier:
    parts = text.upper().split("-")
    if len(parts) < 3 or parts[0] != "S" or not all(part.isdigit() for part in parts[1:]):
        raise argument("Value was invalid.", "sddlForm")
    return SecurityIdentifier(text)


@constructor(SID, "String sddlForm")
@constructor(SID, "String")
def _new_sid(text: str | None) -> SecurityIdentifier:
    if text is None:
        raise argument_null("sddlForm")
    return _parse(text)


@constructor(SID, "Byte[], Int32")
def _new_sid_of_bytes(data: Any, offset: int) -> SecurityIdentifier:
    raw = bytes(data.items)[offset:]
    if len(raw) < 8 or raw[0] != 1:
        raise argument(
            "Destination array is not long enough to copy all the required data. Check array length and offset.",
            "binaryForm",
        )
    count = raw[1]
    numbers = struct.unpack(f"<{count}I", raw[8 : 8 + 4 * count])
    return SecurityIdentifier("-".join(["S", "1", str(int.from_bytes(raw[2:8], "big")), *map(str, numbers)]))


@constructor(SID, "WellKnownSidType, SecurityIdentifier")
def _new_well_known(kind: EnumValue, domain: SecurityIdentifier | None) -> SecurityIdentifier:
    if kind.name not in _WELL_KNOWN:
        raise NotModelled(f"the SID of [WellKnownSidType]::{kind.name}")
    return SecurityIdentifier(_WELL_KNOWN[kind.name])


@getter(SID, "Value")
@method(SID, "ToString")
@getter(ACCOUNT, "Value")
@method(ACCOUNT, "ToString")
def _value(reference: SecurityIdentifier | NTAccount) -> str:
    return reference.value


@getter(SID, "BinaryLength")
def _binary_length(sid: SecurityIdentifier) -> int:
    return len(sid.to_bytes())


@getter(SID, "AccountDomainSid")
def _account_domain_sid(sid: SecurityIdentifier) -> SecurityIdentifier | None:
    if not sid.value.startswith("S-1-5-21-"):
        return None
    return SecurityIdentifier("-".join(sid.value.split("-")[:7]))


@method(SID, "GetBinaryForm")
def _get_binary_form(sid: SecurityIdentifier, target: PSArray, offset: int) -> None:
    from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array

    data = byte_array(sid.to_bytes()).items
    target.items[offset : offset + len(data)] = data


@method(SID, "IsAccountSid")
def _is_account_sid(sid: SecurityIdentifier) -> bool:
    return sid.value.startswith("S-1-5-21-")


@method(SID, "IsWellKnown")
def _is_well_known(sid: SecurityIdentifier, kind: EnumValue) -> bool:
    if kind.name == "AccountAdministratorSid":
        return sid.value.startswith("S-1-5-21-") and sid.value.endswith("-500")
    if kind.name not in _WELL_KNOWN:
        raise NotModelled(f"the SID of [WellKnownSidType]::{kind.name}")
    return sid.value == _WELL_KNOWN[kind.name]


@method(SID, "Equals")
@method(ACCOUNT, "Equals")
def _equals(value: Any, other: Any) -> bool:
    return bool(value == other)


@method(SID, "Translate")
@method(ACCOUNT, "Translate")
def _translate(value: SecurityIdentifier | NTAccount, target: NetType, *, session: Session) -> Any:
    """Raises IdentityNotMappedException for what no account is."""
    wants_sid = target.full_name == SID
    if isinstance(value, SecurityIdentifier):
        if wants_sid:
            return value
        name = account_name(session, value.value)
        if name is not None:
            return NTAccount(name)
    elif not wants_sid:
        return value
    else:
        sid = session.host.accounts.sid_of(value.value)
        if sid is not None:
            return SecurityIdentifier(sid)
    raise NetError("System.Security.Principal.IdentityNotMappedException", _NOT_MAPPED)


@constructor(ACCOUNT)
def _new_account(first: str | None, second: str | None = None) -> NTAccount:
    if first is None:
        raise argument_null("name")
    return NTAccount(first if second is None else f"{first}\\{second}" if first else second)


# ---- the process's identity ---------------------------------------------------------------------------------


@static(IDENTITY, "GetCurrent")
def _get_current(access: Any = None, *, session: Session) -> WindowsIdentity:
    return WindowsIdentity(session, session.process.token)


@getter(IDENTITY, "Name")
def _identity_name(identity: WindowsIdentity) -> str:
    found = account_name(identity.session, identity.token.sid)
    return found or f"{identity.session.host.computer_name}\\{identity.token.user}"


@getter(IDENTITY, "User")
@getter(IDENTITY, "Owner")
def _identity_user(identity: WindowsIdentity) -> SecurityIdentifier:
    return SecurityIdentifier(identity.token.sid)


@getter(IDENTITY, "IsSystem")
def _is_system(identity: WindowsIdentity) -> bool:
    return bool(identity.token.is_system)


@getter(IDENTITY, "IsAuthenticated")
def _is_authenticated(identity: WindowsIdentity) -> bool:
    return True


@getter(IDENTITY, "IsGuest")
@getter(IDENTITY, "IsAnonymous")
def _is_guest(identity: WindowsIdentity) -> bool:
    return identity.token.sid.endswith("-501")


@getter(IDENTITY, "AuthenticationType")
def _authentication_type(identity: WindowsIdentity) -> str:
    return "NTLM" if identity.token.logon in ("network", "interactive") else "Negotiate"


@getter(IDENTITY, "ImpersonationLevel")
def _impersonation_level(identity: WindowsIdentity) -> EnumValue:
    return enum_value(get_type("System.Security.Principal.TokenImpersonationLevel"), 0)


@getter(IDENTITY, "Groups")
def _groups(identity: WindowsIdentity) -> PSArray:
    """Groups of the token that are enabled: a filtered token's Administrators is not listed."""
    sids = [sid for sid in identity.token.groups if sid != ADMINISTRATORS or _is_elevated(identity)]
    return PSArray((SecurityIdentifier(sid) for sid in sids), "System.Security.Principal.IdentityReference")


@method(IDENTITY, "Dispose")
def _dispose(identity: WindowsIdentity) -> None:
    """A token handle of the model needs no closing."""


def _is_elevated(identity: WindowsIdentity) -> bool:
    return bool(identity.token.elevated or identity.token.is_system)


@constructor(PRINCIPAL)
def _new_principal(identity: WindowsIdentity | None) -> WindowsPrincipal:
    if identity is None:
        raise argument_null("ntIdentity")
    return WindowsPrincipal(identity)


@getter(PRINCIPAL, "Identity")
def _principal_identity(principal: WindowsPrincipal) -> WindowsIdentity:
    return principal.identity


@method(PRINCIPAL, "IsInRole")
def _is_in_role(principal: WindowsPrincipal, role: Any) -> bool:
    """By WindowsBuiltInRole or RID (of BUILTIN), SID, or name. Administrators counts only when elevated."""
    identity = principal.identity
    if isinstance(role, EnumValue):
        sid: str | None = f"S-1-5-32-{role.value}"
    elif isinstance(role, SecurityIdentifier):
        sid = role.value
    elif isinstance(role, str):
        sid = identity.session.host.accounts.sid_of(role)
    else:
        sid = f"S-1-5-32-{int(role)}"
    if sid is None:
        return False
    if sid == ADMINISTRATORS:
        return is_administrator(identity.session)
    return sid in identity.token.groups or sid == identity.token.sid


def is_administrator(session: Session) -> bool:
    """Whether the process may administer the host: in Administrators, with a full token."""
    token = session.process.token
    member = ADMINISTRATORS in token.groups or session.host.accounts.is_administrator(token.sid)
    return bool(token.is_system or (token.elevated and member))
