"""The registry: keys, values with their kinds, volatile keys, both WOW64 views (see registry_views.py)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.registry_views import LOCAL_MACHINE, SYSTEM_ONLY, USERS, physical, split_path

REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN = 0, 1, 2, 3, 4, 5
REG_MULTI_SZ, REG_QWORD = 7, 11
KIND_NAMES = {
    REG_NONE: "REG_NONE",
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    REG_DWORD_BIG_ENDIAN: "REG_DWORD_BIG_ENDIAN",
    REG_MULTI_SZ: "REG_MULTI_SZ",
    REG_QWORD: "REG_QWORD",
}
MAX_KEY_NAME, MAX_VALUE_NAME = 255, 16_383  # MicrosoftDocs/win32, SysInfo/registry-element-size-limits
ADMINISTRATOR_RID = 500
SYSTEM_SID = "S-1-5-18"


@dataclass(frozen=True)
class RegistryValue:
    """`data`: str (SZ, EXPAND_SZ, never expanded here), bytes (BINARY, NONE …), int unsigned (DWORD, QWORD),
    list[str] (MULTI_SZ)."""

    kind: int
    data: Any


class _Node:
    __slots__ = ("deleted", "name", "security", "subkeys", "values", "volatile", "written")

    def __init__(self, name: str, volatile: bool, written: datetime) -> None:
        self.name = name
        self.volatile = volatile
        self.written = written
        self.subkeys: dict[str, _Node] = {}
        self.values: dict[str, tuple[str, RegistryValue]] = {}
        self.deleted = False
        self.security: str | None = None


class Key:
    """One open key. `path` is the full name it was opened by. Raises Win32Failure 1018 once the key is deleted."""

    def __init__(self, registry: Registry, node: _Node, path: str, view: int, writable: bool) -> None:
        self._registry = registry
        self._node = node
        self.path = path
        self.view = view
        self.writable = writable

    @property
    def name(self) -> str:
        """The key's own name, spelled as it was made."""
        return self.path.rpartition("\\")[2]

    @property
    def volatile(self) -> bool:
        return self._node.volatile

    @property
    def last_write(self) -> datetime:
        return self._node.written

    @property
    def security(self) -> str | None:
        """The key's own SDDL when one was set on it; None: inherited."""
        return self._node.security

    @security.setter
    def security(self, sddl: str | None) -> None:
        self._alive().security = sddl

    def _alive(self) -> _Node:
        if self._node.deleted:
            raise Win32Failure(1018, self.path)
        return self._node

    def subkeys(self) -> list[str]:
        """Names of the subkeys, in the system's order (upper-case sorted)."""
        with self._registry.lock:
            return [node.name for _, node in sorted(self._alive().subkeys.items(), key=lambda item: item[0].upper())]

    def values(self) -> list[str]:
        """Names of the values in the order they were made; the default value, if set, is ''."""
        with self._registry.lock:
            return [name for name, _ in self._alive().values.values()]

    def get(self, name: str = "") -> RegistryValue | None:
        with self._registry.lock:
            found = self._alive().values.get(name.lower())
            return found[1] if found else None

    def set(self, name: str, kind: int, data: Any) -> None:
        """Set a value. Raises Win32Failure 5 (key opened for reading), 87 (data that is not of the kind)."""
        if not self.writable:
            raise Win32Failure(5, self.path)
        if len(name) > MAX_VALUE_NAME:
            raise Win32Failure(87, self.path)
        value = RegistryValue(kind, _checked(kind, data, self.path))
        with self._registry.lock:
            node = self._alive()
            old = node.values.get(name.lower())
            node.values[name.lower()] = (old[0] if old else name, value)
            node.written = self._registry.now()
        self._registry.changed(self.path)

    def delete(self, name: str) -> None:
        """Delete a value. Raises Win32Failure 2 when there is none of that name."""
        if not self.writable:
            raise Win32Failure(5, self.path)
        with self._registry.lock:
            node = self._alive()
            if node.values.pop(name.lower(), None) is None:
                raise Win32Failure(2, self.path)
            node.written = self._registry.now()
        self._registry.changed(self.path)

    def __repr__(self) -> str:
        return f"<Key {self.path}>"


class Registry:
    """All hives of one host. Paths are `HKEY_LOCAL_MACHINE\\SOFTWARE\\X` or with HKLM, HKCU, HKU, HKCR.

    `sid` says whose HKEY_CURRENT_USER is meant, by default the built-in Administrator's.
    """

    def __init__(self, machine_sid: str, now: Callable[[], datetime] | None = None) -> None:
        self.machine_sid = machine_sid
        self.now = now or (lambda: datetime.now(UTC))
        self.lock = threading.RLock()
        self._roots = {name: _Node(name, False, self.now()) for name in (LOCAL_MACHINE, USERS)}
        self._listeners: list[Callable[[str], None]] = []

    @property
    def default_sid(self) -> str:
        return f"{self.machine_sid}-{ADMINISTRATOR_RID}"

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener(path)` after a value changed or a key was made or deleted."""
        self._listeners.append(listener)

    def changed(self, path: str) -> None:
        for listener in self._listeners:
            listener(path)

    def open(self, path: str, view: int = 64, writable: bool = False, sid: str | None = None) -> Key | None:
        """The key, or None when there is none. Raises Win32Failure 5 for what only SYSTEM may open."""
        with self.lock:
            names = self._physical(path, view, sid)
            node = self._find(names)
            if node is None:
                return None
            return Key(self, node, self._spelled(path), view, writable)

    def create(
        self, path: str, view: int = 64, volatile: bool = False, sid: str | None = None, writable: bool = True
    ) -> Key:
        """The key, made with all its parents where missing. Raises Win32Failure 1021 for a stable key below a
        volatile one, 87 for a bad name, 5 below HKEY_LOCAL_MACHINE and HKEY_USERS themselves."""
        made = False
        with self.lock:
            names = self._physical(path, view, sid)
            node = self._roots[names[0]]
            for depth, name in enumerate(names[1:]):
                child = node.subkeys.get(name.lower())
                if child is None:
                    if depth == 0 and not self._loading:
                        raise Win32Failure(87 if names[0] == LOCAL_MACHINE else 5, path)
                    if len(name) > MAX_KEY_NAME:
                        raise Win32Failure(87, path)
                    if node.volatile and not volatile:
                        raise Win32Failure(1021, path)
                    child = _Node(name, volatile, self.now())
                    node.subkeys[name.lower()] = child
                    node.written = self.now()
                    made = True
                node = child
            key = Key(self, node, self._spelled(path), view, writable)
        if made:
            self.changed(path)
        return key

    def delete_key(self, path: str, view: int = 64, recursive: bool = False, sid: str | None = None) -> None:
        """Delete a key. Raises Win32Failure 2 (none there), 5 (it has subkeys and `recursive` is false; a hive)."""
        with self.lock:
            names = self._physical(path, view, sid)
            if len(names) <= 2:
                raise Win32Failure(5, path)
            parent = self._find(names[:-1])
            node = parent.subkeys.get(names[-1].lower()) if parent else None
            if parent is None or node is None:
                raise Win32Failure(2, path)
            if node.subkeys and not recursive:
                raise Win32Failure(5, path)
            del parent.subkeys[names[-1].lower()]
            parent.written = self.now()
            _mark_deleted(node)
        self.changed(path)

    def rename_key(self, path: str, new_name: str, view: int = 64, sid: str | None = None) -> None:
        """Give a key another name. Raises Win32Failure 2, 5 (a key of that name is there), 87."""
        with self.lock:
            names = self._physical(path, view, sid)
            parent = self._find(names[:-1]) if len(names) > 2 else None
            node = parent.subkeys.get(names[-1].lower()) if parent else None
            if parent is None or node is None:
                raise Win32Failure(2, path)
            if not new_name or "\\" in new_name or len(new_name) > MAX_KEY_NAME:
                raise Win32Failure(87, path)
            if new_name.lower() != names[-1].lower() and new_name.lower() in parent.subkeys:
                raise Win32Failure(5, path)
            del parent.subkeys[names[-1].lower()]
            node.name = new_name
            parent.subkeys[new_name.lower()] = node
        self.changed(path)

    # Short forms for the model itself.

    def read(self, path: str, name: str = "", default: Any = None, view: int = 64, sid: str | None = None) -> Any:
        """One value's data, or `default` when key or value is missing."""
        with self.lock:
            node = self._find(physical(path, view, sid or self.default_sid))
            found = node.values.get(name.lower()) if node else None
            return found[1].data if found else default

    def write(
        self,
        path: str,
        name: str,
        data: str | int | bytes | list[str],
        kind: int | None = None,
        view: int = 64,
        sid: str | None = None,
    ) -> None:
        """Set one value, its key made where missing; the kind follows from the data unless given."""
        self.create(path, view, sid=sid).set(name, kind if kind is not None else _kind_of(data), data)

    def drop_volatile(self) -> None:
        """What a reboot does: volatile keys are gone."""
        with self.lock:
            for root in self._roots.values():
                _drop_volatile(root)

    _loading = False

    def load_hive(self, path: str) -> None:
        """Make a hive's top key (HKEY_LOCAL_MACHINE\\SOFTWARE, HKEY_USERS\\S-1-5-…), which scripts cannot."""
        with self.lock:
            self._loading = True
            try:
                self.create(path)
            finally:
                self._loading = False

    def unload_hive(self, path: str) -> None:
        with self.lock:
            names = self._physical(path, 64, None)
            node = self._roots[names[0]].subkeys.pop(names[1].lower(), None)
            if node is not None:
                _mark_deleted(node)

    def state(self) -> dict[str, Any]:
        """All hives as plain JSON values."""
        with self.lock:
            return {name: _dump(root) for name, root in self._roots.items()}

    def load_state(self, state: dict[str, Any]) -> None:
        with self.lock:
            self._roots = {name: _load(name, content) for name, content in state.items()}

    # Inside.

    def _physical(self, path: str, view: int, sid: str | None) -> list[str]:
        names = physical(path, view, sid or self.default_sid)
        low = tuple(name.lower() for name in names[1:])
        if sid != SYSTEM_SID and names[0] == LOCAL_MACHINE and not self._loading:
            if any(low[: len(only)] == only for only in SYSTEM_ONLY):
                raise Win32Failure(5, path)
        return names

    def _find(self, names: list[str]) -> _Node | None:
        node = self._roots[names[0]]
        for name in names[1:]:
            child = node.subkeys.get(name.lower())
            if child is None:
                return None
            node = child
        return node

    def _spelled(self, path: str) -> str:
        """The path with the hive's full name; names below as the caller spelled them (RegistryKey.Name does so)."""
        hive, names = split_path(path)
        return "\\".join([hive, *names])


def _kind_of(data: str | int | bytes | list[str]) -> int:
    if isinstance(data, str):
        return REG_SZ
    if isinstance(data, int):
        return REG_DWORD
    return REG_BINARY if isinstance(data, bytes) else REG_MULTI_SZ


def _checked(kind: int, data: Any, path: str) -> Any:
    if kind in (REG_SZ, REG_EXPAND_SZ) and isinstance(data, str):
        return str(data)
    if kind in (REG_DWORD, REG_QWORD) and isinstance(data, int) and not isinstance(data, bool):
        bits = 32 if kind == REG_DWORD else 64
        if -(1 << (bits - 1)) <= data < (1 << bits):
            return int(data) & ((1 << bits) - 1)
    if kind == REG_MULTI_SZ and isinstance(data, (list, tuple)) and all(isinstance(item, str) for item in data):
        return [str(item) for item in data]
    if kind not in (REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_QWORD, REG_MULTI_SZ):
        if isinstance(data, (bytes, bytearray)):
            return bytes(data)
    raise Win32Failure(87, path)


def _mark_deleted(node: _Node) -> None:
    node.deleted = True
    for child in node.subkeys.values():
        _mark_deleted(child)


def _drop_volatile(node: _Node) -> None:
    for name in [name for name, child in node.subkeys.items() if child.volatile]:
        _mark_deleted(node.subkeys.pop(name))
    for child in node.subkeys.values():
        _drop_volatile(child)


def _dump(node: _Node) -> dict[str, Any]:
    dumped: dict[str, Any] = {"written": node.written.isoformat()}
    if node.values:
        dumped["values"] = [[name, value.kind, _dump_data(value.data)] for name, value in node.values.values()]
    if node.subkeys:
        dumped["keys"] = {child.name: _dump(child) for child in node.subkeys.values()}
    if node.volatile:
        dumped["volatile"] = True
    if node.security is not None:
        dumped["security"] = node.security
    return dumped


def _dump_data(data: Any) -> Any:
    return {"base64": base64.b64encode(data).decode("ascii")} if isinstance(data, bytes) else data


def _load(name: str, content: dict[str, Any]) -> _Node:
    node = _Node(name, bool(content.get("volatile")), datetime.fromisoformat(content["written"]))
    node.security = content.get("security")
    for value_name, kind, data in content.get("values", []):
        if isinstance(data, dict):
            data = base64.b64decode(data["base64"])
        node.values[value_name.lower()] = (value_name, RegistryValue(kind, data))
    for child_name, child in content.get("keys", {}).items():
        node.subkeys[child_name.lower()] = _load(child_name, child)
    return node
