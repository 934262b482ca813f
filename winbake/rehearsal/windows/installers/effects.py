"""Does and undoes what a stand-in says its installer does to a machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from winbake.rehearsal.standins.build import expanded, file_bytes
from winbake.rehearsal.standins.model import Effects, RegistryEntry, ServiceEntry, StandIn, Version, fill
from winbake.rehearsal.windows import paths, services, shortcuts
from winbake.rehearsal.windows.environment import MACHINE_KEY
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.registry import (
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
    RegistryValue,
)

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

KINDS = {
    "REG_SZ": REG_SZ,
    "REG_EXPAND_SZ": REG_EXPAND_SZ,
    "REG_DWORD": REG_DWORD,
    "REG_QWORD": REG_QWORD,
    "REG_MULTI_SZ": REG_MULTI_SZ,
}
STARTS = {"auto": 2, "delayed": 2, "manual": 3, "disabled": 4}
STOP_LIMIT = 20.0  # seconds an installer waits for a service to stop


@dataclass
class Context:
    """One installation: which stand-in and version, where to, for whom. `log` collects the installer's log lines."""

    host: WindowsHost
    standin: StandIn
    version: Version
    directory: str
    sid: str
    environment: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    pending_reboot: bool = False

    @property
    def values(self) -> dict[str, str]:
        date = self.host.clock.now().strftime("%Y%m%d")
        return {**self.standin.values(self.version, self.directory), "date": date}

    def fill(self, text: str) -> str:
        return _expand(fill(text, self.values), self.environment)

    def path(self, text: str, below: str = "") -> str:
        """A full path from a stand-in's text: below the install directory unless it is absolute."""
        filled = self.fill(text)
        return paths.absolute(filled if paths.is_absolute(filled) else paths.join(below or self.directory, filled))


def _expand(text: str, environment: dict[str, str]) -> str:
    for name, value in environment.items():
        text = text.replace(f"%{name}%", value)
    return text


def needed_bytes(context: Context, effects: Iterable[Effects]) -> int:
    """What the files take on the disk."""
    return sum(file.size or 4096 for one in effects for file in one.files for _ in file.each or [""])


def apply(context: Context, effects: Effects) -> None:
    """Do it. Raises Win32Failure where Windows refuses (disk full, file in use, read-only)."""
    host = context.host
    for entry in effects.services:
        _stop(context, entry.name)
    for folder in effects.folders:
        host.files.make_directory(context.path(folder))
    for file, path, values in expanded(effects.files, context.values):
        full = context.path(path)
        host.files.make_directory(paths.parent(full))
        if file.if_absent and host.files.exists(full):
            continue
        _write(context, full, file_bytes(file, values), file.size)
    for value in effects.registry:
        _write_registry(context, value)
    for name, text in effects.environment.items():
        host.environment.set_machine(name, context.fill(text))
        context.log.append(f"Environment variable {name} set to {context.fill(text)}")
    for one in effects.path:
        add_to_path(context, context.path(one.directory), one.first, one.user)
    for shortcut in effects.shortcuts:
        full = context.path(shortcut.path)
        host.files.make_directory(paths.parent(full))
        host.files.write(full, shortcuts.build(context.fill(shortcut.target), context.fill(shortcut.arguments)))
    for entry in effects.services:
        _make_service(context, entry)


def remove(context: Context, effects: Effects) -> None:
    """Undo it; what is gone already is no error, what is in use goes at the next start."""
    host = context.host
    for entry in effects.services:
        _stop(context, entry.name)
        if host.services.get(entry.name) is not None:
            host.services.delete(entry.name)
    for file, path, _ in expanded(effects.files, context.values):
        if not file.permanent:
            _delete(context, context.path(path))
    for shortcut in effects.shortcuts:
        _delete(context, context.path(shortcut.path))
    for value in effects.registry:
        if not value.permanent:
            _remove_registry(context, value)
    for name in effects.environment:
        host.environment.delete_machine(name)
    for one in effects.path:
        remove_from_path(context, context.path(one.directory), one.user)
    folders = {paths.parent(context.path(path)) for _, path, _ in expanded(effects.files, context.values)}
    folders |= {context.path(folder) for folder in effects.folders}
    for folder in sorted(folders, key=len, reverse=True):
        delete_if_empty(context, folder)
    delete_if_empty(context, context.directory)


def _write(context: Context, full: str, data: bytes, size: int) -> None:
    files = context.host.files
    try:
        files.write(full, data, allocate=size or None)
    except Win32Failure as refused:
        if refused.code not in (5, 32) or not files.is_file(full):
            raise
        # In use: Windows Installer and Inno's `restartreplace` write beside it and ask for a rename at the next start.
        spare = full + ".new"
        files.write(spare, data, allocate=size or None)
        context.host.power.add_pending_rename(spare, full)
        context.pending_reboot = True
        context.log.append(f"File in use: {full}. A restart is needed to complete the installation.")


def _delete(context: Context, full: str) -> None:
    files = context.host.files
    if not files.exists(full):
        return
    try:
        files.delete(full)
    except Win32Failure as refused:
        if refused.code not in (5, 32):
            raise
        context.host.power.add_pending_rename(full)
        context.pending_reboot = True


_KEPT = ("c:\\program files", "c:\\program files (x86)", "c:\\programdata", "c:\\users", "c:\\windows")


def delete_if_empty(context: Context, folder: str) -> None:
    """Remove a folder that is empty now, and those above that became so; Windows' own stay."""
    files = context.host.files
    while paths.parts(folder)[1] and folder.lower() not in _KEPT:
        if not files.is_directory(folder) or files.list(folder):
            return
        files.delete(folder)
        folder = paths.parent(folder)


def _write_registry(context: Context, value: RegistryEntry) -> None:
    registry, path = context.host.registry, context.fill(value.key)
    if value.data is None:
        registry.create(path, value.view, sid=context.sid)
        return
    data = value.data
    if isinstance(data, str):
        filled: str | int | list[str] = context.fill(data)
    elif isinstance(data, list):
        filled = [context.fill(item) for item in data]
    else:
        filled = data
    registry.write(path, context.fill(value.name), filled, KINDS[value.kind], view=value.view, sid=context.sid)


def _remove_registry(context: Context, value: RegistryEntry) -> None:
    """Delete the value, then its key and the keys above while they are empty."""
    registry, path = context.host.registry, context.fill(value.key)
    key = registry.open(path, value.view, writable=True, sid=context.sid)
    if key is None:
        return
    if value.data is not None and key.get(context.fill(value.name)) is not None:
        key.delete(context.fill(value.name))
    while key is not None and not key.values() and not key.subkeys() and path.count("\\") >= 2:
        registry.delete_key(path, value.view, sid=context.sid)
        path = path.rpartition("\\")[0]
        key = registry.open(path, value.view, writable=True, sid=context.sid)


def _stop(context: Context, name: str) -> None:
    manager = context.host.services
    service = manager.get(name)
    if service is None or service.status == services.STOPPED:
        return
    try:
        manager.stop(name)
    except Win32Failure as refused:
        if refused.code not in (1061, 1062):
            raise
    manager.wait_for(name, services.STOPPED, STOP_LIMIT)


def _make_service(context: Context, entry: ServiceEntry) -> None:
    manager = context.host.services
    start, image = STARTS[entry.start], context.fill(entry.image)
    if manager.get(entry.name) is None:
        manager.create(
            entry.name,
            image,
            context.fill(entry.display_name) or None,
            start_type=start,
            delayed=entry.start == "delayed",
            account=entry.account,
            dependencies=entry.depends,
            description=context.fill(entry.description),
        )
    else:
        manager.configure(entry.name, image_path=image, start_type=start)
    if entry.start_now:
        try:
            manager.start_and_wait(entry.name, 30.0)
        except Win32Failure as refused:
            # An installer that calls sc.exe does not look at its exit code; the log has it.
            context.log.append(f"Service {entry.name} could not be started: {refused.message} ({refused.code})")


def split_path(text: str) -> list[str]:
    return [part for part in text.split(";") if part]


def _path_value(context: Context, user: bool) -> tuple[str, str | None, RegistryValue | None]:
    key = r"HKEY_CURRENT_USER\Environment" if user else MACHINE_KEY
    sid = context.sid if user else None
    opened = context.host.registry.open(key, sid=sid)
    return key, sid, opened.get("Path") if opened else None


def add_to_path(context: Context, directory: str, first: bool, user: bool = False) -> None:
    """Add a directory to the Path, unless it is there; the value keeps its kind."""
    key, sid, old = _path_value(context, user)
    text = str(old.data) if old else ""
    if any(part.rstrip("\\").lower() == directory.rstrip("\\").lower() for part in split_path(text)):
        return
    joined = f"{directory};{text}" if first else (text.rstrip(";") + ";" if text else "") + directory
    context.host.registry.write(key, "Path", joined, old.kind if old else REG_EXPAND_SZ, sid=sid)


def remove_from_path(context: Context, directory: str, user: bool = False) -> None:
    key, sid, old = _path_value(context, user)
    if old is None:
        return
    low = directory.rstrip("\\").lower()
    kept = [part for part in str(old.data).split(";") if part.rstrip("\\").lower() != low]
    context.host.registry.write(key, "Path", ";".join(kept), old.kind, sid=sid)


def trigger_holds(context: Context, arguments: str, index: int) -> bool:
    """Whether all conditions of a stand-in's trigger are met."""
    trigger = context.standin.triggers[index]
    host = context.host
    checks = []
    if trigger.arguments:
        checks.append(re.search(trigger.arguments, arguments) is not None)
    if trigger.registry is not None:
        key = host.registry.open(context.fill(trigger.registry.key), trigger.registry.view, sid=context.sid)
        checks.append(key is not None and (not trigger.registry.name or key.get(trigger.registry.name) is not None))
    if trigger.file:
        checks.append(host.files.exists(context.path(trigger.file)))
    if trigger.missing_file:
        checks.append(not host.files.exists(context.path(trigger.missing_file)))
    if trigger.release:
        checks.append(host.release.year in trigger.release)
    return all(checks)
