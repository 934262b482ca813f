"""The Registry provider: keys as items, values as their properties (PowerShell 2016, RegistryProvider.cs).

The view is that of the process (64-bit, unless powershell.exe of SysWOW64 runs it).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import win32_registry as win32
from winbake.rehearsal.powershell.dotnet.win32_registry import RegistryKey
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError
from winbake.rehearsal.powershell.providers.core import Drive, Provider
from winbake.rehearsal.powershell.values import NoteProperty, PSArray, unwrap
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet

DEFAULT = "(default)"
_HIVES = {
    "hklm": "HKEY_LOCAL_MACHINE",
    "hkcu": "HKEY_CURRENT_USER",
    "hkcr": "HKEY_CLASSES_ROOT",
    "hku": "HKEY_USERS",
    "hkcc": "HKEY_CURRENT_CONFIG",
}
_ROOTS = ("HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_CURRENT_CONFIG", "HKEY_USERS")


class RegistryProvider(Provider):
    name = "Registry"
    capabilities = "ShouldProcess, Transactions"
    is_navigation = True
    has_properties = True

    def normalize(self, path: str) -> str:
        """Registry keys may have `/` in their names: as part of a drive path it still separates."""
        inner = super().normalize(path)
        hive, separator, rest = inner.partition("\\")
        full = _HIVES.get(hive.lower()) or next((r for r in _ROOTS if r.lower() == hive.lower()), hive)
        return full + separator + rest

    # ---- looking

    def open(self, path: str, writable: bool = False) -> RegistryKey | None:
        """Raises Win32Failure 5 for what may not be read."""
        if path == "" or path.partition("\\")[0].upper() not in _ROOTS:
            return None
        return win32.open_key(self.session, path, 0, writable)

    def exists(self, path: str) -> bool:
        if path == "":
            return True
        try:
            return self.open(path) is not None
        except Win32Failure:
            return True

    def is_container(self, path: str) -> bool:
        return self.exists(path)

    def get_item(self, path: str) -> RegistryKey | None:
        """With the NoteProperty `Property`: the names of its values. Raises ScriptError SecurityException."""
        try:
            key = self.open(path)
        except Win32Failure as failure:
            raise self.denied(path) from failure
        if key is None:
            return None
        from winbake.rehearsal.powershell.providers.core import attach

        names = [name or DEFAULT for name in key.key.values()]
        attach(key, [NoteProperty("Property", PSArray(names, "System.String"))])
        return key

    def child_names(self, path: str, force: bool = False) -> list[str]:
        if path == "":
            return list(_ROOTS)
        try:
            key = self.open(path)
        except Win32Failure as failure:
            raise self.denied(path) from failure
        return [] if key is None else list(key.key.subkeys())

    def denied(self, path: str) -> ScriptError:
        exception = NetException("System.Security.SecurityException", "Requested registry access is not allowed.")
        return ScriptError(ErrorRecord(exception, "System.Security.SecurityException", "PermissionDenied", path))

    def _failed(self, command: Cmdlet, failure: NetError, path: str, category: str = "WriteError") -> None:
        kind = failure.exception.type_name
        if kind in ("System.UnauthorizedAccessException", "System.Security.SecurityException"):
            category = "PermissionDenied"
        elif kind == "System.ArgumentException":
            category = "InvalidArgument"
        command.write_error(ErrorRecord(failure.exception, kind, category, path))

    def writable(self, path: str, command: Cmdlet) -> RegistryKey | None:
        """The key opened for writing; None after the error was written."""
        try:
            key = self.open(path, writable=True)
        except Win32Failure:
            command.write_error(self.denied(path).record)
            return None
        if key is None:
            exception = NetException(
                "System.ArgumentException", "The registry key at the specified path does not exist."
            )
            command.write_error(ErrorRecord(exception, "System.ArgumentException", "InvalidArgument", path))
        return key

    # ---- keys

    def new_item(self, path: str, item_type: str, value: Any, force: bool, command: Cmdlet) -> None:
        if not command.should_process(f"Item: {path}", "New Item"):
            return
        parent = self.parent(path)
        if self.exists(path):
            if not force:
                exception = NetException("System.IO.IOException", "A key in this path already exists.")
                command.write_error(ErrorRecord(exception, "System.IO.IOException", "ResourceExists", path))
                return
            self._delete_tree(path, command)
        elif not force and not self.exists(parent):
            exception = NetException(
                "System.ArgumentException", "The registry key at the specified path does not exist."
            )
            command.write_error(ErrorRecord(exception, "System.ArgumentException", "InvalidArgument", parent))
            return
        try:
            key = win32.create_key(self.session, path)
            if value is not None:
                self.store(key, "", value, self._kind(item_type))
        except NetError as failure:
            self._failed(command, failure, path)
            return
        item = self.get_item(path)
        if item is not None:
            command.emit(self.wrap(item, path, command_drive(command)))

    @staticmethod
    def _kind(item_type: str | None) -> int | None:
        names = {"string": 1, "expandstring": 2, "binary": 3, "dword": 4, "multistring": 7, "qword": 11}
        return names.get((item_type or "").lower())

    def _delete_tree(self, path: str, command: Cmdlet) -> bool:
        try:
            self.session.host.registry.delete_key(
                path, win32.view_bits(self.session, 0), True, win32.user_sid(self.session)
            )
        except Win32Failure as failure:
            self._failed(command, win32.registry_error(failure, path), path)
            return False
        return True

    def set_item(self, path: str, value: Any, command: Cmdlet) -> Any:
        if not command.should_process(f"Item: {path} Value: {value}", "Set Item"):
            return None
        key = self.writable(path, command)
        if key is not None:
            self._store_or_report(key, "", value, None, command)
        return self.get_item(path)

    def clear_item(self, path: str, command: Cmdlet) -> None:
        if not command.should_process(f"Item: {path}", "Clear Item"):
            return
        key = self.writable(path, command)
        for name in list(key.key.values()) if key is not None else []:
            assert key is not None
            key.key.delete(name)

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        if command.should_process(f"Item: {path}", "Remove Key"):
            self._delete_tree(path, command)

    def rename_item(self, path: str, name: str, force: bool, command: Cmdlet) -> str | None:
        target = self.join(self.parent(path), name)
        if not command.should_process(f"Item: {path} NewName: {name}", "Rename Key"):
            return None
        if "\\" in name or "/" in name:
            exception = NetException(
                "System.Management.Automation.PSArgumentException",
                "The registry provider cannot rename a key to a name with a path separator.",
            )
            command.write_error(ErrorRecord(exception, "Argument", "InvalidArgument", name))
            return None
        if self.exists(target) and path.lower() != target.lower():
            exception = NetException(
                "System.InvalidOperationException",
                "Cannot rename the item because an item already exists at that path.",
            )
            command.write_error(ErrorRecord(exception, "System.InvalidOperationException", "InvalidArgument", path))
            return None
        self._copy_tree(path, target)
        return target if self._delete_tree(path, command) else None

    def copy_item(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> Iterable[str]:
        if self.exists(target):
            target = self.join(target, self.leaf(path))
        if not command.should_process(f"Item: {path} Destination: {target}", "Copy Key"):
            return []
        self._copy_tree(path, target, recurse)
        return [target]

    def move_item(self, path: str, target: str, force: bool, command: Cmdlet) -> str | None:
        if self.exists(target):
            target = self.join(target, self.leaf(path))
        if not command.should_process(f"Item: {path} Destination: {target}", "Move Item"):
            return None
        self._copy_tree(path, target)
        return target if self._delete_tree(path, command) else None

    def _copy_tree(self, path: str, target: str, recurse: bool = True) -> None:
        source = self.open(path)
        if source is None:
            return
        made = win32.create_key(self.session, target)
        for name in source.key.values():
            found = source.key.get(name)
            if found is not None:
                made.key.set(name, found.kind, found.data)
        for child in source.key.subkeys() if recurse else []:
            self._copy_tree(self.join(path, child), self.join(target, child))

    # ---- values

    def property_names(self, path: str) -> list[str] | None:
        key = self.get_item(path)
        return None if key is None else [name or DEFAULT for name in key.key.values()]

    def read_property(self, path: str, name: str) -> Any:
        key = self.open(path)
        found = key.key.get(raw_name(name)) if key is not None else None
        if found is None:
            return None
        return win32.unsigned(win32.net_value(found, self.session.process.environment), found.kind)

    def store(self, key: RegistryKey, name: str, value: Any, kind: int | None) -> None:
        """SetRegistryValue: without a kind an existing value keeps its own. Raises NetError."""
        from winbake.rehearsal.powershell.convert import convert, to_text
        from winbake.rehearsal.powershell.types import get_type

        plain = unwrap(value)
        if kind is None:
            found = key.key.get(name)
            kind = found.kind if found is not None else self._natural_kind(plain)
        if kind in (win32.SZ, win32.EXPAND_SZ):
            plain = "" if plain is None else str(to_text(plain, self.session))
        elif kind == win32.MULTI_SZ:
            plain = convert("" if plain is None else plain, get_type("System.String[]"), self.session)
        elif kind == win32.BINARY:
            plain = convert(PSArray([]) if plain is None else plain, get_type("System.Byte[]"), self.session)
        elif kind in (win32.DWORD, win32.QWORD):
            plain = self._number(plain, 32 if kind == win32.DWORD else 64)
        win32.set_value(key, name, plain, kind)

    def _number(self, value: Any, bits: int) -> Any:
        """Signed or unsigned, also from text: 4294967295 is a DWORD."""
        from winbake.rehearsal.powershell.convert import convert
        from winbake.rehearsal.powershell.types import get_type
        from winbake.rehearsal.powershell.values import Int64

        if value is None:
            return 0
        try:
            whole = int(convert(value, get_type(f"System.Int{bits}"), self.session))
        except ScriptError:
            whole = int(convert(value, get_type(f"System.UInt{bits}"), self.session))
        whole = whole - 2**bits if whole >= 2 ** (bits - 1) else whole
        return whole if bits == 32 else Int64(whole)

    @staticmethod
    def _natural_kind(value: Any) -> int:
        from winbake.rehearsal.powershell.values import Int64

        if isinstance(value, Int64):
            return win32.QWORD
        if isinstance(value, PSArray) and value.element_type == "System.String":
            return win32.MULTI_SZ
        if isinstance(value, PSArray) and value.element_type == "System.Byte":
            return win32.BINARY
        if type(value) is int:
            return win32.DWORD
        return win32.SZ

    def _store_or_report(self, key: RegistryKey, name: str, value: Any, kind: int | None, command: Cmdlet) -> bool:
        try:
            self.store(key, name, value, kind)
        except NetError as failure:
            self._failed(command, failure, key.name)
            return False
        except ScriptError as failure:
            record = failure.record
            cause = record.exception
            command.write_error(ErrorRecord(cause, cause.type_name, "WriteError", key.name))
            return False
        return True

    def set_property(self, path: str, name: str, value: Any, kind: int | None, command: Cmdlet) -> bool:
        if not command.should_process(f"Item: {path} Property: {name}", "Set Property"):
            return False
        key = self.writable(path, command)
        return key is not None and self._store_or_report(key, raw_name(name), value, kind, command)

    def new_property(self, path: str, name: str, value: Any, kind: int | None, force: bool, command: Cmdlet) -> bool:
        if not command.should_process(f"Item: {path} Property: {name}", "New Property"):
            return False
        key = self.writable(path, command)
        if key is None:
            return False
        if not force and key.key.get(raw_name(name)) is not None:
            exception = NetException("System.IO.IOException", "The property already exists.")
            command.write_error(ErrorRecord(exception, "System.IO.IOException", "ResourceExists", path))
            return False
        if value is None and kind in (None, win32.SZ, win32.EXPAND_SZ):
            value = ""
        return self._store_or_report(key, raw_name(name), value, kind or self._natural_kind(unwrap(value)), command)

    def missing_property(self, path: str, name: str) -> ErrorRecord:
        exception = NetException(
            "System.Management.Automation.PSArgumentException", f"Property {name} does not exist at path {path}."
        )
        return ErrorRecord(exception, "System.Management.Automation.PSArgumentException", "InvalidArgument", name)

    def remove_property(self, path: str, name: str, command: Cmdlet) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        key = self.writable(path, command)
        if key is None:
            return
        pattern = Wildcard(name)
        matched = [known for known in key.key.values() if known and pattern.matches(known)]
        if not matched and not has_wildcards(name):
            command.write_error(self.missing_property(path, name))
        for known in matched:
            if command.should_process(f"Item: {path} Property: {known}", "Remove Property"):
                key.key.delete(known)

    def clear_property(self, path: str, name: str, command: Cmdlet) -> None:
        key = self.writable(path, command)
        found = key.key.get(raw_name(name)) if key is not None else None
        if key is None:
            return
        if found is None:
            command.write_error(self.missing_property(path, name))
            return
        if not command.should_process(f"Item: {path} Property: {name}", "Clear Property"):
            return
        empty: Any = {win32.DWORD: 0, win32.QWORD: 0, win32.MULTI_SZ: [], win32.BINARY: b""}.get(found.kind, "")
        key.key.set(raw_name(name), found.kind, empty)

    def rename_property(self, path: str, name: str, new_name: str, command: Cmdlet) -> bool:
        key = self.writable(path, command)
        found = key.key.get(raw_name(name)) if key is not None else None
        if key is None:
            return False
        if found is None:
            command.write_error(self.missing_property(path, name))
            return False
        if not command.should_process(
            f"Item: {path} SourceProperty: {name} DestinationProperty: {new_name}", "Rename Property"
        ):
            return False
        key.key.set(raw_name(new_name), found.kind, found.data)
        key.key.delete(raw_name(name))
        return True

    def transfer_property(
        self, path: str, name: str, target: str, new_name: str, command: Cmdlet, move: bool = False
    ) -> bool:
        source = self.open(path, writable=move)
        found = source.key.get(raw_name(name)) if source is not None else None
        if source is None or found is None:
            command.write_error(self.missing_property(path, name))
            return False
        into = self.writable(target, command)
        if into is None:
            return False
        into.key.set(raw_name(new_name), found.kind, found.data)
        if move:
            source.key.delete(raw_name(name))
        return True

    def notes(self, path: str, drive: Drive | None) -> list[NoteProperty]:
        return super().notes(path, drive)


def raw_name(name: str) -> str:
    return "" if name.lower() == DEFAULT else name


def command_drive(command: Cmdlet) -> Drive | None:
    """The drive of the path that the running cmdlet works on (set by the item cmdlets)."""
    drive: Drive | None = getattr(command, "drive", None)
    return drive
