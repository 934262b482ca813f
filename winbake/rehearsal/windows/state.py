"""A host's state as JSON: what survives a shutdown. Twenty clones share one blob store.

save(host, Path("master.json"))       # and the blobs in master.json.blobs/
clone = load_file(Path("master.json"), name="WS07")
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.windows.blobs import BlobStore
from winbake.rehearsal.windows.files import DIRECTORY, FileSystem, Node, Volume

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

FORMAT = 2


def dump(host: WindowsHost) -> dict[str, Any]:
    """Everything but file contents, which are named by their digest."""
    return {
        "format": FORMAT,
        "name": host.name,
        "release": host.release.year,
        "machine_sid": host.machine_sid,
        "now": host.clock.now().isoformat(),
        "registry": host.registry.state(),
        "files": _dump_files(host.files),
        "accounts": host.accounts.state(),
        "service_passwords": host.services.passwords(),
        "products": host.packages.dump(),
        "tasks": host.tasks.dump(),
        "task_folders": host.tasks.dump_folders(),
        "features": host.features.dump(),
        "updates": host.updates.dump(),
        "event_log": host.event_log.dump(),
    }


def load(
    cls: type[WindowsHost],
    saved: dict[str, Any],
    name: str | None = None,
    speed: float = 1.0,
    blobs: BlobStore | None = None,
) -> WindowsHost:
    """A running host made from a saved state. Raises ValueError for a state of another format."""
    if saved.get("format") != FORMAT:
        raise ValueError(f"a host state of format {saved.get('format')!r}; this version reads format {FORMAT}")
    host = cls(name or saved["name"], saved["release"], speed, blobs=blobs, _empty=True)
    host.machine_sid = saved["machine_sid"]
    host.registry.machine_sid = saved["machine_sid"]
    host.accounts.machine_sid = saved["machine_sid"]
    host.registry.load_state(saved["registry"])
    host.registry.drop_volatile()
    _load_files(host.files, saved["files"])
    host.accounts.load_state(saved["accounts"])
    host.packages.load(saved["products"])
    host.tasks.load(saved["tasks"])
    host.tasks.load_folders(saved["task_folders"])
    host.features.load(saved["features"])
    host.updates.load(saved["updates"])
    if "event_log" in saved:  # states of earlier versions have none
        host.event_log.load(saved["event_log"])
    host.services.load_passwords(saved["service_passwords"])
    later = datetime.fromisoformat(saved["now"])
    if later > host.clock.now():
        host.clock.set(later)
    host.power.first_boot()
    return host


def digests(saved: dict[str, Any]) -> set[str]:
    """The digests of all file contents that a state names."""
    found: set[str] = set()

    def visit(node: dict[str, Any]) -> None:
        if node.get("digest"):
            found.add(node["digest"])
        for child in node.get("children", []):
            visit(child)

    for volume in saved["files"].values():
        visit(volume["root"])
    return found


def save(host: WindowsHost, target: Path) -> None:
    """Write the state to a JSON file and the contents to `<file>.blobs/`.

    Passwords are not written: an account of a host that is read back can log on once it is given one again.
    """
    saved = _without_passwords(dump(host))
    host.files.blobs.save(target.with_name(target.name + ".blobs"), digests(saved))
    partial = target.with_name(target.name + ".part")
    partial.write_text(json.dumps(saved), encoding="utf-8")
    partial.replace(target)


def _without_passwords(saved: dict[str, Any]) -> dict[str, Any]:
    accounts = saved["accounts"]
    users = [{**user, "password": ""} for user in accounts["users"]]
    tasks = [{**task, "password": ""} if "password" in task else task for task in saved["tasks"]]
    return {**saved, "accounts": {**accounts, "users": users}, "service_passwords": {}, "tasks": tasks}


def load_file(source: Path, name: str | None = None, speed: float = 1.0, blobs: BlobStore | None = None) -> WindowsHost:
    """A host from a file that `save` wrote. Raises OSError, ValueError."""
    from winbake.rehearsal.windows.host import WindowsHost

    try:
        saved = json.loads(source.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{source} is no state of a rehearsal host: {error}") from error
    if not isinstance(saved, dict) or "format" not in saved:
        raise ValueError(f"{source} is no state of a rehearsal host")
    if saved["format"] != FORMAT:
        raise _other_version(source, f"format {saved['format']}, this one reads format {FORMAT}")
    store = blobs or BlobStore()
    store.load(source.with_name(source.name + ".blobs"), digests(saved))
    try:
        return load(WindowsHost, saved, name, speed, store)
    except KeyError as missing:
        raise _other_version(source, f"it has no {missing}") from missing


def _other_version(source: Path, why: str) -> ValueError:
    return ValueError(
        f"{source} was saved by another version of winbake ({why}); take another file, or delete it and start anew"
    )


def _dump_files(files: FileSystem) -> dict[str, Any]:
    with files.mutex:
        return {
            drive: {
                "capacity": volume.capacity,
                "other_bytes": volume.other_bytes,
                "label": volume.label,
                "root": _dump_node(volume.root),
            }
            for drive, volume in files.volumes.items()
        }


def _dump_node(node: Node) -> dict[str, Any]:
    item: dict[str, Any] = {
        "name": node.name,
        "times": [node.created.isoformat(), node.modified.isoformat(), node.accessed.isoformat()],
        "attributes": node.attributes,
    }
    if node.children is None:
        item |= {"digest": node.digest, "size": node.size, "allocated": node.allocated}
    else:
        item["children"] = [_dump_node(child) for child in node.children.values()]
    if node.streams:
        item["streams"] = {name: data.decode("latin-1") for name, data in node.streams.items()}
    if node.protected:
        item["protected"] = True
    if node.security is not None:
        item["security"] = node.security
    return item


def _load_files(files: FileSystem, saved: dict[str, Any]) -> None:
    files.volumes = {}
    for drive, item in saved.items():
        root = _load_node(item["root"])
        files.volumes[drive] = Volume(item["capacity"], item["other_bytes"], root, item["label"], _used(root))


def _load_node(item: dict[str, Any]) -> Node:
    created, modified, accessed = (datetime.fromisoformat(text) for text in item["times"])
    node = Node(item["name"], bool(item["attributes"] & DIRECTORY), created)
    node.modified, node.accessed = modified, accessed
    node.attributes = item["attributes"]
    node.digest, node.size, node.allocated = item.get("digest", ""), item.get("size", 0), item.get("allocated", 0)
    node.streams = {name: text.encode("latin-1") for name, text in item.get("streams", {}).items()}
    node.protected = item.get("protected", False)
    node.security = item.get("security")
    if node.children is not None:
        node.children = {child["name"].lower(): _load_node(child) for child in item["children"]}
    return node


def _used(node: Node) -> int:
    if node.children is None:
        return node.allocated
    return sum(_used(child) for child in node.children.values())
