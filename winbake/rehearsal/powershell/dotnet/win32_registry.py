"""Microsoft.Win32.Registry and RegistryKey (referencesource, mscorlib/microsoft/win32/registrykey.cs)."""

from __future__ import annotations

import decimal
import re
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray, UInt32, UInt64
from winbake.rehearsal.windows.failures import Win32Failure, message_for
from winbake.rehearsal.windows.registry import Key, RegistryValue

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

KEY = "Microsoft.Win32.RegistryKey"
STATIC = "Microsoft.Win32.Registry"
REGISTRY_32 = 512
DO_NOT_EXPAND = 1
KIND_NONE, KIND_UNKNOWN = -1, 0
SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11
"""Microsoft.Win32.RegistryValueKind."""
_HIVES = {
    -2147483648: "HKEY_CLASSES_ROOT",
    -2147483647: "HKEY_CURRENT_USER",
    -2147483646: "HKEY_LOCAL_MACHINE",
    -2147483645: "HKEY_USERS",
    -2147483643: "HKEY_CURRENT_CONFIG",
}
"""Microsoft.Win32.RegistryHive."""
_MISMATCH = (
    "The type of the value object did not match the specified RegistryValueKind or the object could not be "
    "properly converted."
)
_ABSENT = "Cannot delete a subkey tree because the subkey does not exist."
_READ_ONLY = "Cannot write to the registry key."


class SafeRegistryHandle(NetObject):
    """What the system gave for an open key; scripts only ever see its name."""

    net_type_name = "Microsoft.Win32.SafeHandles.SafeRegistryHandle"


@getter(KEY, "Handle")
def _key_handle(value: RegistryKey) -> SafeRegistryHandle:
    assert value.key is not None
    return SafeRegistryHandle()


class RegistryKey(NetObject):
    """An open key; `key` is the model's."""

    net_type_name = KEY

    def __init__(self, session: Session, key: Key, name: str, view: int, writable: bool, is_hive: bool = False) -> None:
        self.session = session
        self.key = key
        self.name = name
        self.view = view
        self.writable = writable
        self.is_hive = is_hive
        self.closed = False

    @property
    def bits(self) -> int:
        """The registry view in bits, as the model counts it."""
        return view_bits(self.session, self.view)


def view_bits(session: Session, view: int) -> int:
    if view == REGISTRY_32:
        return 32
    return 32 if view == 0 and session.process.is_32_bit else 64


def user_sid(session: Session) -> str | None:
    """Whose HKEY_CURRENT_USER a process sees."""
    token = session.process.token
    return token.sid if token is not None else None


def open_key(session: Session, name: str, view: int = 0, writable: bool = False) -> RegistryKey | None:
    """The key of this full name, or None. Raises Win32Failure."""
    key = session.host.registry.open(name, view_bits(session, view), writable, user_sid(session))
    return None if key is None else RegistryKey(session, key, name, view, writable, "\\" not in name)


def registry_error(failure: Win32Failure, name: str) -> NetError:
    """RegistryKey.Win32Error."""
    if failure.code == 5:
        return NetError("System.UnauthorizedAccessException", f"Access to the registry key '{name}' is denied.")
    if failure.code == 2:
        return NetError("System.IO.IOException", "The specified registry key does not exist.", HResult=2)
    return NetError("System.IO.IOException", message_for(failure.code) + "\r\n", HResult=failure.code)


def fix_name(name: str) -> str:
    """Doubled and final backslashes are taken out."""
    return "\\".join(part for part in name.split("\\") if part)


def _child(key: RegistryKey, name: str) -> str:
    fixed = fix_name(name)
    if any(len(part) > 255 for part in fixed.split("\\")):
        raise argument("Registry key names should not be greater than 255 characters.", "name")
    return f"{key.name}\\{fixed}" if fixed else key.name


def _open_check(key: RegistryKey) -> None:
    if key.closed:
        raise disposed(key.name, "Cannot access a closed registry key.")


def _write_check(key: RegistryKey) -> None:
    _open_check(key)
    if not key.writable:
        raise NetError("System.UnauthorizedAccessException", _READ_ONLY)


# ---- values --------------------------------------------------------------------------------------------------


def expand_variables(text: str, environment: Any) -> str:
    """%NAME% of known variables; unknown ones stay."""
    known = {name.lower(): value for name, value in environment.items()}
    out, rest = "", text
    while True:
        match = re.search(r"%([^%]*)%", rest)
        if not match:
            return out + rest
        value = known.get(match.group(1).lower()) if match.group(1) else None
        if value is None:
            out += rest[: match.end() - 1]
            rest = rest[match.end() - 1 :]
        else:
            out += rest[: match.start()] + value
            rest = rest[match.end() :]


def net_value(value: RegistryValue, environment: Any, expand: bool = True) -> Any:
    """The .NET value that GetValue gives: signed numbers, expanded text, byte and string arrays."""
    if value.kind == SZ:
        return value.data
    if value.kind == EXPAND_SZ:
        return expand_variables(value.data, environment) if expand else value.data
    if value.kind == DWORD:
        return int(value.data) - 2**32 if value.data >= 2**31 else int(value.data)
    if value.kind == QWORD:
        return Int64(value.data - 2**64 if value.data >= 2**63 else value.data)
    if value.kind == MULTI_SZ:
        return PSArray(value.data, "System.String")
    return byte_array(value.data) if isinstance(value.data, bytes) else None


def unsigned(value: Any, kind: int) -> Any:
    """What the provider shows for a number whose high bit is set (RegistryWrapper.cs)."""
    if kind == DWORD and isinstance(value, int) and value < 0:
        return UInt32(value + 2**32)
    if kind == QWORD and isinstance(value, int) and value < 0:
        return UInt64(value + 2**64)
    return value


def _whole(value: Any, bits: int) -> int:
    """Convert.ToInt32/ToInt64: rounds half to even; raises ArgumentException for what does not fit."""
    try:
        if isinstance(value, bool | int):
            number = int(value)
        elif isinstance(value, float | decimal.Decimal):
            number = round(value)
        elif isinstance(value, str):
            number = int(value.strip()) if re.fullmatch(r"\s*[+-]?\d+\s*", value) else _mismatch()
        elif isinstance(value, EnumValue):
            number = value.value
        else:
            number = _mismatch()
    except (OverflowError, ValueError, decimal.InvalidOperation):
        number = _mismatch()
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        _mismatch()
    return number


def _mismatch() -> int:
    raise argument(_MISMATCH)


def kind_of(value: Any) -> int:
    """CalculateValueKind: all but Int32, byte[] and string[] is text."""
    if type(value) is int:
        return DWORD
    if isinstance(value, PSArray):
        if value.element_type == "System.Byte":
            return BINARY
        if value.element_type == "System.String":
            return MULTI_SZ
        short = value.element_type.rpartition(".")[2]
        raise argument(
            f"RegistryKey.SetValue does not support arrays of type '{short}[]'. Only Byte[] and String[] are supported."
        )
    return SZ


def model_data(value: Any, kind: int) -> Any:
    """A .NET value as the model stores it under this kind. Raises ArgumentException for a mismatch."""
    from winbake.rehearsal.powershell.formatting import net_to_string

    if kind in (SZ, EXPAND_SZ):
        return value if isinstance(value, str) else str(net_to_string(value))
    if kind == DWORD:
        return _whole(value, 32) & 0xFFFFFFFF
    if kind == QWORD:
        return _whole(value, 64) & 0xFFFFFFFFFFFFFFFF
    if kind == MULTI_SZ:
        if not isinstance(value, PSArray) or value.element_type != "System.String":
            raise argument(_MISMATCH)
        if any(item is None for item in value.items):
            raise argument("RegistryKey.SetValue does not allow a String[] that contains a null String reference.")
        return [str(item) for item in value.items]
    if not isinstance(value, PSArray) or value.element_type != "System.Byte":
        raise argument(_MISMATCH)
    return bytes_of(value)


@method(KEY, "GetValue")
def _get_value(key: RegistryKey, name: str | None, default: Any = None, options: EnumValue | None = None) -> Any:
    _open_check(key)
    found = _found(key, name or "")
    if found is None:
        return default
    expand = options is None or not options.value & DO_NOT_EXPAND
    value = net_value(found, key.session.process.environment, expand)
    return default if value is None else value


def _found(key: RegistryKey, name: str) -> RegistryValue | None:
    try:
        return key.key.get(name)
    except Win32Failure as failure:
        raise registry_error(failure, key.name) from failure


@method(KEY, "GetValueKind")
def _get_value_kind(key: RegistryKey, name: str | None) -> EnumValue:
    _open_check(key)
    found = _found(key, name or "")
    if found is None:
        raise NetError("System.IO.IOException", "The specified registry key does not exist.", HResult=2)
    return value_kind(found.kind)


def value_kind(kind: int) -> EnumValue:
    number = (
        KIND_NONE if kind == 0 else kind if kind in (SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD) else KIND_UNKNOWN
    )
    return enum_value(get_type("Microsoft.Win32.RegistryValueKind"), number)


@method(KEY, "GetValueNames")
def _get_value_names(key: RegistryKey) -> PSArray:
    _open_check(key)
    return PSArray(_names(key, values=True), "System.String")


@method(KEY, "GetSubKeyNames")
def _get_sub_key_names(key: RegistryKey) -> PSArray:
    _open_check(key)
    return PSArray(_names(key, values=False), "System.String")


def _names(key: RegistryKey, values: bool) -> list[str]:
    try:
        return list(key.key.values() if values else key.key.subkeys())
    except Win32Failure as failure:
        raise registry_error(failure, key.name) from failure


@method(KEY, "SetValue")
def _set_value(key: RegistryKey, name: str | None, value: Any, kind: EnumValue | None = None) -> None:
    if value is None:
        raise argument_null("value")
    set_value(key, name or "", value, kind.value if kind is not None else KIND_UNKNOWN)


def set_value(key: RegistryKey, name: str, value: Any, kind: int = KIND_UNKNOWN) -> None:
    """RegistryKey.SetValue; kind Unknown means by the value's type."""
    if len(name) > 16_383:
        raise argument("Registry value names should not be greater than 16,383 characters.", "name")
    _write_check(key)
    chosen = kind_of(value) if kind == KIND_UNKNOWN else kind
    data = model_data(value, chosen)
    try:
        key.key.set(name, 0 if chosen == KIND_NONE else chosen, data)
    except Win32Failure as failure:
        raise registry_error(failure, key.name) from failure


@method(KEY, "DeleteValue")
def _delete_value(key: RegistryKey, name: str | None, throw: bool = True) -> None:
    _write_check(key)
    try:
        key.key.delete(name or "")
    except Win32Failure as failure:
        if failure.code != 2:
            raise registry_error(failure, key.name) from failure
        if throw:
            raise argument("No value exists with that name.") from failure


# ---- keys ----------------------------------------------------------------------------------------------------


@getter(KEY, "Name")
def _name(key: RegistryKey) -> str:
    _open_check(key)
    return key.name


@method(KEY, "ToString")
def _to_string(key: RegistryKey) -> str:
    _open_check(key)
    return key.name


@getter(KEY, "SubKeyCount")
def _sub_key_count(key: RegistryKey) -> int:
    _open_check(key)
    return len(_names(key, values=False))


@getter(KEY, "ValueCount")
def _value_count(key: RegistryKey) -> int:
    _open_check(key)
    return len(_names(key, values=True))


@getter(KEY, "View")
def _view(key: RegistryKey) -> EnumValue:
    return enum_value(get_type("Microsoft.Win32.RegistryView"), key.view)


def _is_write_access(access: Any) -> bool:
    """Boolean, RegistryKeyPermissionCheck.ReadWriteSubTree (2) or RegistryRights with SetValue (2)."""
    if isinstance(access, EnumValue):
        if access.net_type.name == "RegistryRights":
            return bool(access.value & 0x6)
        return access.value == 2
    return bool(access)


@method(KEY, "OpenSubKey")
def _open_sub_key(key: RegistryKey, name: str | None, access: Any = False, rights: Any = None) -> RegistryKey | None:
    if name is None:
        raise argument_null("name")
    _open_check(key)
    full = _child(key, name)
    try:
        return open_key(key.session, full, key.view, _is_write_access(access))
    except Win32Failure as failure:
        if failure.code == 5:
            raise NetError(
                "System.Security.SecurityException", "Requested registry access is not allowed."
            ) from failure
        return None


@method(KEY, "CreateSubKey")
def _create_sub_key(
    key: RegistryKey, name: str | None, access: Any = None, options: Any = None, security: Any = None
) -> Any:
    if name is None:
        raise argument_null("subkey")
    _write_check(key)
    volatile = isinstance(options, EnumValue) and options.net_type.name == "RegistryOptions" and bool(options.value & 1)
    writable = not isinstance(access, bool) or access
    return create_key(key.session, _child(key, name), key.view, volatile, writable)


def create_key(
    session: Session, name: str, view: int = 0, volatile: bool = False, writable: bool = True
) -> RegistryKey:
    """The key, made if need be. Raises NetError."""
    try:
        made = session.host.registry.create(name, view_bits(session, view), volatile, user_sid(session), writable)
    except Win32Failure as failure:
        raise registry_error(failure, name) from failure
    return RegistryKey(session, made, name, view, writable)


@method(KEY, "DeleteSubKey")
def _delete_sub_key(key: RegistryKey, name: str | None, throw: bool = True) -> None:
    _delete(key, name, throw, recursive=False)


@method(KEY, "DeleteSubKeyTree")
def _delete_sub_key_tree(key: RegistryKey, name: str | None, throw: bool = True) -> None:
    if name == "" and key.is_hive:
        raise argument("Cannot delete a registry hive's subtree.")
    _delete(key, name, throw, recursive=True)


def _delete(key: RegistryKey, name: str | None, throw: bool, recursive: bool) -> None:
    if name is None:
        raise argument_null("subkey")
    _write_check(key)
    full = _child(key, name)
    try:
        found = open_key(key.session, full, key.view)
        if found is None:
            if throw:
                raise argument(_ABSENT)
            return
        if not recursive and found.key.subkeys():
            raise NetError(
                "System.InvalidOperationException",
                "Registry key has subkeys and recursive removes are not supported by this method.",
            )
        key.session.host.registry.delete_key(full, key.bits, recursive, user_sid(key.session))
    except Win32Failure as failure:
        raise registry_error(failure, full) from failure


@method(KEY, "Close")
@method(KEY, "Dispose")
def _close(key: RegistryKey) -> None:
    key.closed = not key.is_hive


@method(KEY, "Flush")
def _flush(key: RegistryKey) -> None:
    """The model writes at once."""


@static(KEY, "OpenBaseKey")
def _open_base_key(hive: EnumValue, view: EnumValue, *, session: Session) -> RegistryKey:
    return _hive(session, _HIVES[hive.value], view.value)


@static(KEY, "OpenRemoteBaseKey")
def _open_remote_base_key(
    hive: EnumValue, machine: str, view: EnumValue | None = None, *, session: Session
) -> RegistryKey:
    if machine.lower() not in ("", ".", "localhost", session.host.computer_name.lower()):
        raise NetError("System.IO.IOException", "The network path was not found.\r\n", HResult=53)
    return _hive(session, _HIVES[hive.value], view.value if view is not None else 0)


def _hive(session: Session, name: str, view: int = 0) -> RegistryKey:
    found = open_key(session, name, view, writable=True)
    if found is None:
        raise NetError("System.IO.IOException", "The specified registry key does not exist.", HResult=2)
    return found


def _static_hives() -> None:
    for member, hive in (
        ("ClassesRoot", "HKEY_CLASSES_ROOT"),
        ("CurrentUser", "HKEY_CURRENT_USER"),
        ("LocalMachine", "HKEY_LOCAL_MACHINE"),
        ("Users", "HKEY_USERS"),
        ("CurrentConfig", "HKEY_CURRENT_CONFIG"),
    ):
        _static_hive(member, hive)


def _static_hive(member: str, hive: str) -> None:
    @static_getter(STATIC, member)
    def read(*, session: Session) -> RegistryKey:
        return _hive(session, hive)


_static_hives()


def _full_name(name: str | None) -> str:
    if name is None:
        raise argument_null("keyName")
    hive, _, rest = name.partition("\\")
    known = [*_HIVES.values(), "HKEY_PERFORMANCE_DATA", "HKEY_DYN_DATA"]
    found = next((one for one in known if one == hive.upper()), None)
    if found is None:
        raise argument("Registry key name must start with a valid base key name.", "keyName")
    fixed = fix_name(rest)
    return f"{found}\\{fixed}" if fixed else found


@static(STATIC, "GetValue")
def _static_get(name: str | None, value_name: str | None, default: Any, *, session: Session) -> Any:
    full = _full_name(name)
    try:
        key = open_key(session, full)
    except Win32Failure as failure:
        raise NetError("System.Security.SecurityException", "Requested registry access is not allowed.") from failure
    return None if key is None else _get_value(key, value_name, default)


@static(STATIC, "SetValue")
def _static_set(
    name: str | None, value_name: str | None, value: Any, kind: EnumValue | None = None, *, session: Session
) -> None:
    if value is None:
        raise argument_null("value")
    key = create_key(session, _full_name(name))
    set_value(key, value_name or "", value, kind.value if kind is not None else KIND_UNKNOWN)
