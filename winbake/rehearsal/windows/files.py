"""The file system: case-insensitive and case-preserving, with times, attributes, streams, locks and a full disk.

Contents are kept once by their digest and shared between hosts, so that twenty clones cost one copy.
Directories are `_Node`s in a tree; callers see `Entry`, a snapshot of one. All paths are absolute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.blobs import BlobStore
from winbake.rehearsal.windows.failures import Win32Failure

READ_ONLY, HIDDEN, SYSTEM, DIRECTORY, ARCHIVE, NORMAL, TEMPORARY = 0x1, 0x2, 0x4, 0x10, 0x20, 0x80, 0x100
SETTABLE = READ_ONLY | HIDDEN | SYSTEM | ARCHIVE | TEMPORARY | 0x2000
CLUSTER = 4096  # bytes, NTFS default


@dataclass(frozen=True)
class Entry:
    """A file or folder as it was when asked for. Times are aware, UTC; `size` is bytes, 0 for a folder."""

    name: str
    full_path: str
    is_directory: bool
    size: int
    created: datetime
    modified: datetime
    accessed: datetime
    attributes: int

    @property
    def read_only(self) -> bool:
        return bool(self.attributes & READ_ONLY)

    @property
    def hidden(self) -> bool:
        return bool(self.attributes & HIDDEN)


class Node:
    __slots__ = (
        "accessed",
        "allocated",
        "attributes",
        "children",
        "created",
        "digest",
        "modified",
        "name",
        "protected",
        "security",
        "size",
        "streams",
    )

    def __init__(self, name: str, directory: bool, now: datetime) -> None:
        self.name = name
        self.children: dict[str, Node] | None = {} if directory else None
        self.digest = ""
        self.size = 0
        self.allocated = 0
        self.created = self.modified = self.accessed = now
        self.attributes = DIRECTORY if directory else ARCHIVE
        self.streams: dict[str, bytes] = {}
        self.protected = False  # owned by TrustedInstaller: administrators may read only
        self.security: str | None = None  # SDDL set on it; None: inherited


@dataclass
class Lock:
    """One open handle that does not share everything. Release it with `FileSystem.unlock`."""

    path: str
    share_read: bool
    share_write: bool
    share_delete: bool
    image: bool  # a running program's file: may be renamed, not written (32) nor deleted (5)


@dataclass
class Volume:
    """`other_bytes`: what is used on the disk besides the files modelled here (Windows itself)."""

    capacity: int
    other_bytes: int
    root: Node
    label: str = ""
    used: int = 0

    @property
    def free(self) -> int:
        return max(self.capacity - self.other_bytes - self.used, 0)


class FileSystem:
    """The drives of one host. Every refusal is a Win32Failure with the code Windows gives."""

    def __init__(self, blobs: BlobStore | None = None, now: Callable[[], datetime] | None = None) -> None:
        self.blobs = blobs or BlobStore()
        self.now = now or (lambda: datetime.now(UTC))
        self.lock_table: list[Lock] = []
        self.volumes: dict[str, Volume] = {}
        self.mutex = threading.RLock()
        self._touched: list[Callable[[str], None]] = []

    def on_write(self, listener: Callable[[str], None]) -> None:
        """Call `listener(path)` before data is written (faults use it to fill the disk)."""
        self._touched.append(listener)

    def add_volume(self, drive: str, capacity: int, other_bytes: int = 0, label: str = "") -> None:
        """Add a drive (`C:`) of so many bytes."""
        self.volumes[drive.upper()] = Volume(capacity, other_bytes, Node("", True, self.now()), label)

    # Looking.

    def entry(self, path: str) -> Entry | None:
        """What is at `path`, or None; None too for a path whose syntax is wrong."""
        with self.mutex:
            try:
                found = self._find(path)
            except Win32Failure:
                return None
            return self._entry(*found) if found else None

    def exists(self, path: str) -> bool:
        return self.entry(path) is not None

    def is_file(self, path: str) -> bool:
        entry = self.entry(path)
        return entry is not None and not entry.is_directory

    def is_directory(self, path: str) -> bool:
        entry = self.entry(path)
        return entry is not None and entry.is_directory

    def list(self, path: str) -> list[Entry]:
        """A folder's entries, sorted by name as NTFS does. Raises 3 (no such folder), 267 (a file)."""
        with self.mutex:
            node, full = self._must_find(path, missing=3)
            if node.children is None:
                raise Win32Failure(267, path)
            ordered = sorted(node.children.values(), key=lambda child: child.name.upper())
            return [self._entry(child, paths.join(full, child.name)) for child in ordered]

    def walk(self, path: str) -> Iterator[Entry]:
        """Everything below a folder, folders before their contents."""
        for entry in self.list(path):
            yield entry
            if entry.is_directory:
                yield from self.walk(entry.full_path)

    def read(self, path: str) -> bytes:
        """A file's (or stream's) bytes. Raises 2, 3, 5 (a folder), 32 (locked)."""
        plain, stream = paths.split_stream(path)
        with self.mutex:
            node, full = self._must_find(plain)
            if node.children is not None and not stream:
                raise Win32Failure(5, path)
            self._check_locks(full, "read")
            if stream:
                if stream.lower() not in node.streams:
                    raise Win32Failure(2, path)
                return node.streams[stream.lower()]
            return self.blobs.get(node.digest)

    def streams(self, path: str) -> tuple[str, ...]:
        """Names of a file's alternate streams (`zone.identifier`)."""
        with self.mutex:
            return tuple(self._must_find(path)[0].streams)

    def capacity(self, drive: str = "C:") -> int:
        return self._volume(drive).capacity

    def free_bytes(self, drive: str = "C:") -> int:
        return self._volume(drive).free

    # Changing.

    def write(self, path: str, data: bytes, append: bool = False, allocate: int | None = None) -> None:
        """Make or replace a file (keeping its creation time and attributes), or append to it.

        `allocate`: bytes it takes on disk, when a stand-in is larger in truth than its contents. Raises 3 (no
        folder), 5 (read-only, a folder, the system's own file), 32 (in use), 112 (disk full), 123, 206.
        """
        for listener in self._touched:
            listener(path)
        plain, stream = paths.split_stream(path)
        with self.mutex:
            parent, name, full = self._place(plain)
            paths.check_new(_limited(path, full), directory=False)
            assert parent.children is not None
            node = parent.children.get(name.lower())
            if stream:
                self._write_stream(node, stream, data, append, plain)
                return
            if node is not None:
                if node.children is not None or node.attributes & READ_ONLY or node.protected:
                    raise Win32Failure(5, path)
                self._check_locks(full, "write")
            content = self.blobs.get(node.digest) + data if append and node is not None else data
            room = _clusters(max(len(content), allocate or 0))
            volume = self._volume(full)
            if room - (node.allocated if node else 0) > volume.free:
                raise Win32Failure(112, path)
            now = self.now()
            if node is None:
                node = Node(name, False, now)
                parent.children[name.lower()] = node
                parent.modified = now
            volume.used += room - node.allocated
            node.allocated, node.size = room, len(content)
            node.digest = self.blobs.put(content)
            node.modified = node.accessed = now
            node.attributes |= ARCHIVE

    def make_directory(self, path: str) -> None:
        """Make a folder and its missing parents. Raises 183 when a file of that name is in the way, 123, 206."""
        with self.mutex:
            full = paths.absolute(path)
            paths.check_new(full, directory=True)
            drive, names = paths.parts(full)
            node = self._volume(drive).root
            for name in names:
                assert node.children is not None
                child = node.children.get(name.lower())
                if child is None:
                    child = Node(name, True, self.now())
                    node.children[name.lower()] = child
                    node.modified = self.now()
                elif child.children is None:
                    raise Win32Failure(183 if name is names[-1] else 3, path)
                node = child

    def delete(self, path: str, recursive: bool = False) -> None:
        """Delete a file, a stream or a folder. Raises 2, 3, 5 (read-only, running program), 32 (open), 145."""
        plain, stream = paths.split_stream(path)
        with self.mutex:
            if stream:
                node, _ = self._must_find(plain)
                if node.streams.pop(stream.lower(), None) is None:
                    raise Win32Failure(2, path)
                return
            node, full = self._must_find(plain)
            if not paths.parts(full)[1]:
                raise Win32Failure(5, path)
            if node.children:
                if not recursive:
                    raise Win32Failure(145, path)
                for entry in self.list(full):
                    self.delete(entry.full_path, recursive=True)
            if node.protected or (node.children is None and node.attributes & READ_ONLY):
                raise Win32Failure(5, path)
            self._check_locks(full, "delete")
            self._detach(full, node)

    def move(self, source: str, target: str, replace: bool = False) -> None:
        """Move or rename. Raises 2, 3, 5 (across folders of itself), 32, 183 (something is there); a file crosses
        drives by copy, a folder does not (17)."""
        with self.mutex:
            node, full = self._must_find(source)
            parent, name, new_full = self._place(target)
            paths.check_new(_limited(target, new_full), node.children is not None)
            assert parent.children is not None
            there = parent.children.get(name.lower())
            if there is not None and there is not node:
                if not replace or there.children is not None:
                    raise Win32Failure(183, target)
                self.delete(new_full)
            if node.protected:
                raise Win32Failure(5, source)
            if (
                (new_full.lower() + "\\").startswith(full.lower() + "\\")
                and node.children is not None
                and there is not node
            ):
                raise Win32Failure(32, source)
            self._check_locks_below(full, "rename")
            if full[:2].upper() != new_full[:2].upper():
                if node.children is not None:
                    raise Win32Failure(17, source)
                self.copy(full, new_full, replace=replace)
                self.delete(full)
                return
            used = _allocated(node)
            self._detach(full, node)
            node.name = name
            parent.children[name.lower()] = node
            parent.modified = self.now()
            self._volume(new_full).used += used
            for held in self.lock_table:
                if (held.path.lower() + "\\").startswith(full.lower() + "\\"):
                    held.path = new_full + held.path[len(full) :]

    def copy(self, source: str, target: str, replace: bool = True) -> None:
        """Copy one file with its attributes, streams and modified time. Raises 2, 3, 5, 32, 80 (there, not
        `replace`), 112."""
        with self.mutex:
            node, full = self._must_find(source)
            if node.children is not None:
                raise Win32Failure(5, source)
            self._check_locks(full, "read")
            existing = self.entry(target)
            if existing is not None and not replace:
                raise Win32Failure(80, target)
            if existing is not None and existing.full_path.lower() == full.lower():
                raise Win32Failure(32, target)
            self.write(target, self.blobs.get(node.digest), allocate=node.allocated)
            copied, _ = self._must_find(target)
            copied.modified = node.modified
            copied.attributes = node.attributes
            copied.streams = dict(node.streams)

    def set_times(
        self,
        path: str,
        created: datetime | None = None,
        modified: datetime | None = None,
        accessed: datetime | None = None,
    ) -> None:
        """Set the times that are given (aware)."""
        with self.mutex:
            node, _ = self._must_find(path)
            node.created = created.astimezone(UTC) if created else node.created
            node.modified = modified.astimezone(UTC) if modified else node.modified
            node.accessed = accessed.astimezone(UTC) if accessed else node.accessed

    def set_attributes(self, path: str, attributes: int) -> None:
        """Set the attributes that can be set (FILE_ATTRIBUTE_*); DIRECTORY stays as it is."""
        with self.mutex:
            node, _ = self._must_find(path)
            if node.protected:
                raise Win32Failure(5, path)
            node.attributes = (attributes & SETTABLE) | (node.attributes & DIRECTORY)

    def security(self, path: str) -> str | None:
        """The SDDL set on a file or folder itself; None when it only inherits."""
        with self.mutex:
            return self._must_find(path)[0].security

    def set_security(self, path: str, sddl: str | None) -> None:
        with self.mutex:
            self._must_find(path)[0].security = sddl

    def protect(self, path: str) -> None:
        """Make a file the system's own: administrators may neither change nor delete it (5)."""
        with self.mutex:
            self._must_find(path)[0].protected = True

    # Locks.

    def lock(
        self,
        path: str,
        share_read: bool = False,
        share_write: bool = False,
        share_delete: bool = False,
        image: bool = False,
    ) -> Lock:
        """Hold a file open; what is not shared is refused to others until `unlock`. Raises 32 if another holds
        it so that this one may not."""
        with self.mutex:
            _, full = self._must_find(path)
            held = Lock(full, share_read, share_write, share_delete, image)
            self.lock_table.append(held)
            return held

    def unlock(self, held: Lock) -> None:
        with self.mutex:
            if held in self.lock_table:
                self.lock_table.remove(held)

    def _check_locks(self, full: str, what: str) -> None:
        for held in self.lock_table:
            if held.path.lower() != full.lower():
                continue
            if held.image:
                if what in ("write", "delete"):
                    raise Win32Failure(32 if what == "write" else 5, full)
            elif (
                (what == "read" and not held.share_read)
                or (what == "write" and not held.share_write)
                or (what in ("delete", "rename") and not held.share_delete)
            ):
                raise Win32Failure(32, full)

    def _check_locks_below(self, full: str, what: str) -> None:
        """For a folder: an open file below it refuses a rename (5)."""
        prefix = full.lower() + "\\"
        if any(held.path.lower().startswith(prefix) for held in self.lock_table):
            raise Win32Failure(5, full)
        self._check_locks(full, what)

    # Inside.

    def _volume(self, path: str) -> Volume:
        plain = path.removeprefix(paths.LONG_PREFIX)
        volume = self.volumes.get(plain[:2].upper())
        if volume is None:
            raise Win32Failure(3, path)
        return volume

    def _find(self, path: str) -> tuple[Node, str] | None:
        full = paths.absolute(path)
        drive, names = paths.parts(full)
        volume = self.volumes.get(drive)
        if volume is None:
            return None
        node, spelled = volume.root, drive + "\\"
        for name in names:
            child = node.children.get(name.lower()) if node.children is not None else None
            if child is None:
                return None
            node, spelled = child, paths.join(spelled, child.name)
        return node, spelled

    def _must_find(self, path: str, missing: int = 2) -> tuple[Node, str]:
        found = self._find(path)
        if found is None:
            parent = self._find(paths.parent(paths.absolute(path)))
            raise Win32Failure(missing if parent is not None and parent[0].children is not None else 3, path)
        return found

    def _place(self, path: str) -> tuple[Node, str, str]:
        """Where a new entry goes: its folder's node, its name, its full path."""
        full = paths.absolute(path)
        _, names = paths.parts(full)
        if not names:
            raise Win32Failure(5, path)
        found = self._find(paths.parent(full))
        if found is None or found[0].children is None:
            raise Win32Failure(3, path)
        return found[0], names[-1], paths.join(found[1], names[-1])

    def _entry(self, node: Node, full: str) -> Entry:
        attributes = node.attributes or NORMAL
        return Entry(
            node.name or full,
            full,
            node.children is not None,
            node.size,
            node.created,
            node.modified,
            node.accessed,
            attributes,
        )

    def _detach(self, full: str, node: Node) -> None:
        parent = self._find(paths.parent(full))
        assert parent is not None and parent[0].children is not None
        del parent[0].children[node.name.lower()]
        parent[0].modified = self.now()
        self._volume(full).used -= _allocated(node)

    def _write_stream(self, node: Node | None, stream: str, data: bytes, append: bool, plain: str) -> None:
        if node is None:
            self.write(plain, b"")
            node, _ = self._must_find(plain)
        if node.attributes & READ_ONLY or node.protected:
            raise Win32Failure(5, plain)
        node.streams[stream.lower()] = (node.streams.get(stream.lower(), b"") if append else b"") + data


def _limited(asked: str, full: str) -> str:
    """The path whose length counts: one asked for with the long prefix is not limited."""
    return paths.LONG_PREFIX + full if asked.startswith(paths.LONG_PREFIX) else full


def _clusters(size: int) -> int:
    return -(-size // CLUSTER) * CLUSTER


def _allocated(node: Node) -> int:
    if node.children is None:
        return node.allocated
    return sum(_allocated(child) for child in node.children.values())
