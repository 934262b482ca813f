"""SecureString and PSCredential. The text of a rehearsed SecureString is held openly inside and shown nowhere."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject

_SECURE_STRING = "System.Security.SecureString"
_CREDENTIAL = "System.Management.Automation.PSCredential"
_MARSHAL = "System.Runtime.InteropServices.Marshal"


class SecureString(NetObject):
    net_type_name = _SECURE_STRING

    def __init__(self, text: str = "") -> None:
        self.secret = text
        self.read_only = False

    def __str__(self) -> str:
        return _SECURE_STRING

    def __repr__(self) -> str:
        return f"SecureString({len(self.secret)} characters)"

    def change(self, text: str) -> None:
        if self.read_only:
            raise NetError("System.InvalidOperationException", "Instance is read-only.")
        self.secret = text


def plain_text(value: SecureString) -> str:
    """The text that a SecureString keeps."""
    return value.secret


@constructor(_SECURE_STRING, "")
def _new_secure_string() -> SecureString:
    return SecureString()


@getter(_SECURE_STRING, "Length")
def _length(value: SecureString) -> int:
    return len(value.secret)


@method(_SECURE_STRING, "AppendChar")
def _append(value: SecureString, c: str) -> None:
    value.change(value.secret + c)


@method(_SECURE_STRING, "Clear")
def _clear(value: SecureString) -> None:
    value.change("")


@method(_SECURE_STRING, "Dispose")
def _dispose(value: SecureString) -> None:
    value.secret = ""


@method(_SECURE_STRING, "MakeReadOnly")
def _make_read_only(value: SecureString) -> None:
    value.read_only = True


@method(_SECURE_STRING, "IsReadOnly")
def _is_read_only(value: SecureString) -> bool:
    return value.read_only


@method(_SECURE_STRING, "Copy")
def _copy(value: SecureString) -> SecureString:
    return SecureString(value.secret)


class PSCredential(NetObject):
    net_type_name = _CREDENTIAL

    def __init__(self, user_name: str | None, password: SecureString | None) -> None:
        """Both are None in PSCredential.Empty alone."""
        self.user_name = user_name
        self.password = password


@constructor(_CREDENTIAL, "String, SecureString")
def _new_credential(user_name: str | None, password: SecureString | None) -> PSCredential:
    if not user_name:
        kind = "System.Management.Automation.PSArgumentException"
        message = (
            'Cannot process argument because the value of argument "userName" is not valid. '
            'Change the value of the "userName" argument and run the operation again.'
        )
        raise NetError(kind, message)
    if password is None:
        kind = "System.Management.Automation.PSArgumentNullException"
        message = (
            'Cannot process argument because the value of argument "password" is null. '
            'Change the value of argument "password" to a non-null value.'
        )
        raise NetError(kind, message)
    return PSCredential(user_name, password)


@static_getter(_CREDENTIAL, "Empty")
def _empty() -> PSCredential:
    return PSCredential(None, None)


@getter(_CREDENTIAL, "UserName")
def _user_name(value: PSCredential) -> str | None:
    return value.user_name


@getter(_CREDENTIAL, "Password")
def _password(value: PSCredential) -> SecureString | None:
    return value.password


@method(_CREDENTIAL, "GetNetworkCredential")
def _network_credential(value: PSCredential) -> NetObject:
    from winbake.rehearsal.powershell.dotnet.net_protocol import NetworkCredential

    name, secret = value.user_name or "", value.password.secret if value.password is not None else ""
    domain, separator, user = name.rpartition("\\")
    if not separator and "@" in name:
        user, _, domain = name.partition("@")
    return NetworkCredential(user or name, secret, domain)


class _Pointer(NetObject):
    """What Marshal.SecureStringToBSTR gives: an IntPtr to the text."""

    net_type_name = "System.IntPtr"

    def __init__(self, text: str) -> None:
        self.text = text


def _to_pointer(value: SecureString) -> _Pointer:
    return _Pointer(value.secret)


def _from_pointer(pointer: Any) -> str:
    return str(pointer.text)


def _free(pointer: Any) -> None:
    pointer.text = ""


for _name in ("SecureStringToBSTR", "SecureStringToGlobalAllocUnicode", "SecureStringToCoTaskMemUnicode"):
    static(_MARSHAL, _name)(_to_pointer)
for _name in ("PtrToStringAuto", "PtrToStringBSTR", "PtrToStringUni"):
    static(_MARSHAL, _name)(_from_pointer)
for _name in ("ZeroFreeBSTR", "ZeroFreeGlobalAllocUnicode", "ZeroFreeCoTaskMemUnicode", "FreeBSTR"):
    static(_MARSHAL, _name)(_free)
