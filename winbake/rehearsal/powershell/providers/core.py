"""Drives, paths and the current location: how a text becomes the items of a provider.

A *provider path* is what the provider itself understands (`C:\\x`, `HKEY_LOCAL_MACHINE\\SOFTWARE`, `PATH`); a
*display path* is what messages and `$PWD` show (`HKLM:\\SOFTWARE`, `Env:\\PATH`). The rules are those of
PowerShell's LocationGlobber.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.values import MemberTable, NetObject, NoteProperty, PSObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet
    from winbake.rehearsal.powershell.session import Session

_QUALIFIED = re.compile(r"^(?:[A-Za-z][\w.]*\\)?([A-Za-z][\w.]*)::(.*)$", re.S)
_DRIVE = re.compile(r"^([^:\\/*?\[\]]+):(?!:)(.*)$", re.S)
_WILD = re.compile(r"[*?\[]")


class ProviderInfo(NetObject):
    """What Get-PSProvider and `PSProvider` give."""

    net_type_name = "System.Management.Automation.ProviderInfo"

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.name = provider.name
        self.module_name = provider.module
        self.home = ""


class PathInfo(NetObject):
    """What Get-Location, Resolve-Path and `$PWD` give; as text it is its path."""

    net_type_name = "System.Management.Automation.PathInfo"

    def __init__(self, path: str, provider_path: str, provider: Provider, drive: Drive | None) -> None:
        self.path = path
        self.provider_path = provider_path
        self.provider = provider
        self.drive = drive


class Drive(NetObject):
    net_type_name = "System.Management.Automation.PSDriveInfo"

    def __init__(self, name: str, provider: Provider, root: str, description: str = "") -> None:
        self.name = name
        self.provider = provider
        self.root = root
        self.description = description
        self.current = ""
        """The drive's own current location, relative to its root, without a leading separator."""

    def provider_path(self, relative: str) -> str:
        return self.provider.join(self.root, relative) if relative else self.root


@dataclass(frozen=True)
class ProviderPath:
    """One resolved path. `drive` is None when the text named the provider (`Registry::HKEY_USERS`)."""

    provider: Provider
    path: str
    drive: Drive | None
    display: str

    @property
    def qualified(self) -> str:
        return self.provider.qualify(self.path)


class PathInfoStack(NetObject):
    """What `Get-Location -Stack` gives: the pushed locations, the latest first."""

    net_type_name = "System.Management.Automation.PathInfoStack"

    def __init__(self, name: str, paths: list[ProviderPath]) -> None:
        self.name = name
        self.paths = paths


class Provider:
    """Base of all providers. Paths are provider paths, names are single segments."""

    name: ClassVar[str] = ""
    module: ClassVar[str] = "Microsoft.PowerShell.Core"
    capabilities: ClassVar[str] = "ShouldProcess"
    is_navigation: ClassVar[bool] = False
    has_content: ClassVar[bool] = False
    has_properties: ClassVar[bool] = False

    def __init__(self, session: Session) -> None:
        self.session = session
        self.info = ProviderInfo(self)

    # ---- paths

    def qualify(self, path: str) -> str:
        return f"{self.module}\\{self.name}::{path}"

    def normalize(self, path: str) -> str:
        """`/` to `\\`, `.` and `..` resolved, no separator at the end."""
        parts: list[str] = []
        for part in path.replace("/", "\\").split("\\"):
            if part in ("", "."):
                continue
            if part == "..":
                if parts:
                    parts.pop()
                continue
            parts.append(part)
        return "\\".join(parts)

    def join(self, parent: str, child: str) -> str:
        if not parent:
            return child
        return parent.rstrip("\\") + "\\" + child.lstrip("\\") if child else parent

    def parent(self, path: str) -> str:
        return path.rpartition("\\")[0]

    def leaf(self, path: str) -> str:
        return path.rpartition("\\")[2]

    # ---- items; what a provider does not override it does not support

    def exists(self, path: str) -> bool:
        raise NotImplementedError

    def is_container(self, path: str) -> bool:
        return False

    def get_item(self, path: str) -> Any:
        """The item as a .NET value, or None."""
        raise NotImplementedError

    def child_names(self, path: str, force: bool = False) -> list[str]:
        return []

    def listed_item(self, path: str) -> Any:
        """The item as Get-ChildItem writes it (the file system: a FileInfo whose text is its name)."""
        return self.get_item(path)

    def no_support(self, action: str) -> ScriptError:
        message = f"Cannot call method. The provider does not support the use of {action}."
        exception = NetException("System.Management.Automation.PSNotSupportedException", message)
        return ScriptError(ErrorRecord(exception, "NotSupported", "NotImplemented", self.info))

    def new_item(self, path: str, item_type: str, value: Any, force: bool, command: Cmdlet) -> None:
        raise self.no_support("New-Item")

    def set_item(self, path: str, value: Any, command: Cmdlet) -> Any:
        raise self.no_support("Set-Item")

    def clear_item(self, path: str, command: Cmdlet) -> None:
        raise self.no_support("Clear-Item")

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        raise self.no_support("Remove-Item")

    def rename_item(self, path: str, name: str, force: bool, command: Cmdlet) -> str | None:
        raise self.no_support("Rename-Item")

    def copy_item(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> Iterable[str]:
        raise self.no_support("Copy-Item")

    def move_item(self, path: str, target: str, force: bool, command: Cmdlet) -> str | None:
        raise self.no_support("Move-Item")

    def invoke_item(self, path: str, command: Cmdlet) -> None:
        raise self.no_support("Invoke-Item")

    def wrap(self, item: Any, path: str, drive: Drive | None) -> Any:
        """Adds PSPath, PSParentPath … to an item that is about to be written."""
        notes = self.notes(path, drive)
        notes.append(NoteProperty("PSIsContainer", self.is_container(path)))
        return attach(item, notes)

    def notes(self, path: str, drive: Drive | None) -> list[NoteProperty]:
        notes = [NoteProperty("PSPath", self.qualify(path))]
        parent = self.parent(path)
        if parent:
            notes.append(NoteProperty("PSParentPath", self.qualify(parent)))
        elif self.is_navigation and path:
            notes.append(NoteProperty("PSParentPath", ""))
        notes.append(NoteProperty("PSChildName", self.leaf(path)))
        if drive is not None:
            notes.append(NoteProperty("PSDrive", drive))
        notes.append(NoteProperty("PSProvider", self.info))
        return notes


def attach(item: Any, notes: Iterable[NoteProperty]) -> Any:
    """Puts note properties on an object itself, or round a plain value."""
    if isinstance(item, NetObject):
        if item.ps_members is None:
            item.ps_members = MemberTable()
        for note in notes:
            item.ps_members.add(note)
        return item
    wrapped = item if isinstance(item, PSObject) else PSObject(item)
    for note in notes:
        wrapped.members.add(note)
    return wrapped


# ---- the session's drives and location -------------------------------------------------------------------


@dataclass
class LocationState:
    """Drives and current location of one session (`session.location`)."""

    providers: dict[str, Provider]
    drives: dict[str, Drive]
    current: ProviderPath
    stacks: dict[str, list[ProviderPath]] = field(default_factory=dict)
    default_stack: str = "default"

    def drive(self, name: str) -> Drive | None:
        return self.drives.get(name.lower())


def state(session: Session) -> LocationState:
    """The session's drives and location, made at first use: the process's directory is where it starts."""
    found = getattr(session, "location", None)
    if isinstance(found, LocationState):
        return found
    from winbake.rehearsal.powershell.providers import initial

    made = initial.build_state(session)
    session.location = made
    return made


def current_directory(session: Session) -> str:
    """The file-system directory that native programs start in and `.NET` of a fresh session uses."""
    here = state(session).current
    if here.provider.name == "FileSystem":
        return here.path
    for drive in state(session).drives.values():
        if drive.provider.name == "FileSystem":
            return drive.provider_path(drive.current)
    return str(session.process.directory)


def path_info(found: ProviderPath) -> PathInfo:
    return PathInfo(found.display, found.path, found.provider, found.drive)


def set_location(session: Session, found: ProviderPath) -> None:
    here = state(session)
    here.current = found
    if found.drive is not None:
        root = found.drive.root
        found.drive.current = found.path[len(root) :].strip("\\") if found.path.lower().startswith(root.lower()) else ""


# ---- resolution --------------------------------------------------------------------------------------------


def drive_not_found(name: str) -> ScriptError:
    exception = NetException(
        "System.Management.Automation.DriveNotFoundException",
        f"Cannot find drive. A drive with the name '{name}' does not exist.",
    )
    return ScriptError(ErrorRecord(exception, "DriveNotFound", "ObjectNotFound", name))


def provider_not_found(name: str) -> ScriptError:
    exception = NetException(
        "System.Management.Automation.ProviderNotFoundException", f"Cannot find a provider with the name '{name}'."
    )
    return ScriptError(ErrorRecord(exception, "ProviderNotFound", "ObjectNotFound", name))


def item_not_found(path: str) -> ScriptError:
    exception = NetException(
        "System.Management.Automation.ItemNotFoundException",
        f"Cannot find path '{path}' because it does not exist.",
        None,
        {"ItemName": path},
    )
    return ScriptError(ErrorRecord(exception, "PathNotFound", "ObjectNotFound", path))


def unescape(text: str) -> str:
    """Takes the backticks away that keep wildcard characters literal."""
    return re.sub(r"`([*?\[\]`])", r"\1", text)


def has_wildcards(text: str) -> bool:
    return _WILD.search(re.sub(r"`.", "", text)) is not None


def locate(session: Session, path: str) -> ProviderPath:
    """One path without expanding wildcards and without asking whether it exists.

    Raises ScriptError DriveNotFound or ProviderNotFound.
    """
    here = state(session)
    qualified = _QUALIFIED.match(path)
    if qualified:
        provider = here.providers.get(qualified.group(1).lower())
        if provider is None:
            raise provider_not_found(qualified.group(1))
        inner = provider.normalize(qualified.group(2))
        return ProviderPath(provider, inner, drive_of(here, provider, inner), inner)
    if path.startswith(("\\\\", "//")) and here.current.provider.name == "FileSystem":
        provider = here.providers["filesystem"]
        inner = provider.normalize(path)
        return ProviderPath(provider, inner, None, inner)
    named = _DRIVE.match(path)
    if named:
        drive = here.drive(named.group(1))
        if drive is None:
            raise drive_not_found(named.group(1))
        return _on_drive(drive, named.group(2))
    current = here.current
    if path == "~" or path.startswith(("~\\", "~/")):
        home = here.providers["filesystem"].normalize(session.process.environment.get("USERPROFILE", "C:\\"))
        home_drive = drive_of(here, here.providers["filesystem"], home)
        if current.provider.name == "FileSystem" and home_drive is not None:
            return _on_drive(home_drive, "\\" + home[len(home_drive.root) :] + "\\" + path[1:])
    if current.drive is not None:
        rooted = path.startswith(("\\", "/"))
        relative = path if rooted else current.drive.current + "\\" + path
        return _on_drive(current.drive, "\\" + relative)
    inner = current.provider.normalize(current.path + "\\" + path)
    return ProviderPath(current.provider, inner, None, inner)


def _on_drive(drive: Drive, rest: str) -> ProviderPath:
    rest = rest.replace("/", "\\")
    if not rest.startswith("\\") and drive.current:
        rest = drive.current + "\\" + rest
    relative = Provider.normalize(drive.provider, rest) if drive.provider.is_navigation else rest.strip("\\")
    return ProviderPath(drive.provider, drive.provider_path(relative), drive, f"{drive.name}:\\{relative}")


def drive_of(here: LocationState, provider: Provider, path: str) -> Drive | None:
    """The drive through which a provider path is seen: of a file its drive letter; elsewhere none."""
    if provider.name != "FileSystem":
        return None
    match = re.match(r"^([A-Za-z]):", path)
    return here.drive(match.group(1)) if match else None


def expand(session: Session, path: str, force: bool = False) -> list[ProviderPath]:
    """All items that a path with wildcards names, in the provider's order; without a match the list is empty."""
    start = locate(session, path)
    root = start.drive.root if start.drive is not None else ""
    rest = start.path[len(root) :].strip("\\") if start.path.lower().startswith(root.lower()) else start.path
    prefix = start.display[: len(start.display) - len(rest)] if rest else start.display
    if start.provider.name == "FileSystem" and start.drive is None:
        match = re.match(r"^(\\\\[^\\]+\\[^\\]+|[A-Za-z]:)\\?", start.path)
        root = match.group(0).rstrip("\\") if match else ""
        rest = start.path[len(root) :].strip("\\")
        prefix = root + "\\"
    found = [(root, prefix)]
    from winbake.rehearsal.powershell.wildcard import Wildcard

    segments = rest.split("\\") if rest else []
    for index, segment in enumerate(segments):
        following: list[tuple[str, str]] = []
        for base, shown in found:
            if has_wildcards(segment):
                pattern = Wildcard(segment)
                names = [n for n in start.provider.child_names(base, force) if pattern.matches(n)]
            else:
                name = unescape(segment)
                names = [name] if start.provider.exists(start.provider.join(base, name)) else []
            for name in names:
                child = start.provider.join(base, name)
                if index < len(segments) - 1 and not start.provider.is_container(child):
                    continue
                following.append((child, f"{shown.rstrip(chr(92))}\\{name}" if shown else name))
        found = following
    return [ProviderPath(start.provider, p, start.drive, shown) for p, shown in found]


def resolve_path(session: Session, path: str, literal: bool = False, force: bool = False) -> list[ProviderPath]:
    """The existing items that `path` names. Raises ScriptError PathNotFound when a path without wildcards names
    none; a pattern without a match gives an empty list."""
    if not literal and has_wildcards(path):
        return expand(session, path, force)
    found = locate(session, path if literal else unescape(path))
    if not found.provider.exists(found.path):
        raise item_not_found(found.display)
    return [found]


def unresolved(session: Session, path: str, literal: bool = True) -> ProviderPath:
    """Where something may be made: GetUnresolvedProviderPathFromPSPath."""
    return locate(session, path if literal else unescape(path))


def file_path(session: Session, path: str) -> str:
    """A file-system path for cmdlets that only take files (Out-File, Start-Process …).

    Raises ScriptError NotSupported (`ReadWriteFileNotFileSystemProvider`) for another provider.
    """
    found = locate(session, path)
    if found.provider.name != "FileSystem":
        exception = NetException(
            "System.Management.Automation.PSInvalidOperationException",
            f"Cannot open file because the current provider ({found.provider.name}) cannot open a file.",
        )
        raise ScriptError(ErrorRecord(exception, "ReadWriteFileNotFileSystemProvider", "InvalidArgument", path))
    return found.path


def resolve_each(command: Cmdlet, paths: Iterable[str], literal: bool, force: bool = False) -> Iterator[ProviderPath]:
    """Resolves the paths of a cmdlet; what is missing becomes a non-terminating error of that cmdlet."""
    for path in paths:
        try:
            found = resolve_path(command.session, path, literal, force)
        except ScriptError as failure:
            command.write_error(failure.record)
            continue
        yield from found


# ---- `$env:NAME`, `${C:\\file}`, `$function:f` -------------------------------------------------------------


def get_by_drive(session: Session, drive: str, name: str) -> Any:
    """The content of an item as a variable: None when the item is not there."""
    found = locate(session, f"{drive}:{name}")
    if not found.provider.exists(found.path):
        return None
    return _variable_reader(found.provider)(found.path)


def set_by_drive(session: Session, drive: str, name: str, value: Any) -> None:
    found = locate(session, f"{drive}:{name}")
    writer: Callable[[str, Any], None] | None = getattr(found.provider, "write_variable", None)
    if writer is None:
        raise found.provider.no_support("content")
    writer(found.path, value)


def _variable_reader(provider: Provider) -> Callable[[str], Any]:
    reader: Callable[[str], Any] | None = getattr(provider, "read_variable", None)
    if reader is None:
        raise provider.no_support("content")
    return reader
