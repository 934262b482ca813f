"""What types.ps1xml adds to files, services, processes, keys and GUIDs."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.access.type_data import add_type_members, code_property
from winbake.rehearsal.powershell.dotnet import file_version_info, io_items, io_paths
from winbake.rehearsal.powershell.dotnet.io_items import DirectoryInfo, FileInfo, FileSystemInfo
from winbake.rehearsal.powershell.dotnet.service_controller import CONTROLLER
from winbake.rehearsal.powershell.running.functions import AliasInfo
from winbake.rehearsal.powershell.values import AliasProperty, PropertySet

SCRIPT = "ScriptProperty"


def mode(info: FileSystemInfo) -> str:
    """`d-----`, `-a----`, `-ar-h-`: directory, archive, read-only, hidden, system, link."""
    bits = info.attributes
    if bits < 0:
        return ""
    flags = (
        ("d", bits & io_items.DIRECTORY_BIT),
        ("a", bits & io_items.ARCHIVE),
        ("r", bits & io_items.READ_ONLY),
        ("h", bits & io_items.HIDDEN),
        ("s", bits & io_items.SYSTEM),
        ("l", bits & io_items.REPARSE),
    )
    return "".join(letter if on else "-" for letter, on in flags)


def _file_base_name(info: FileInfo) -> str:
    name = info.name
    extension = io_paths.extension(name)
    return name[: len(name) - len(extension)] if extension else name


def _version_info(info: FileInfo) -> Any:
    return file_version_info.read(info.host, info.full_path)


def _no_link(info: FileSystemInfo) -> None:
    """The model has no links."""


for _type in (io_items.FILE, io_items.DIRECTORY):
    code_property(_type, "Mode", mode)
    code_property(_type, "Target", _no_link)
    code_property(_type, "LinkType", _no_link)
code_property(io_items.FILE, "BaseName", _file_base_name, SCRIPT)
code_property(io_items.FILE, "VersionInfo", _version_info, SCRIPT)


def _directory_base_name(info: DirectoryInfo) -> str:
    return info.name


code_property(io_items.DIRECTORY, "BaseName", _directory_base_name, SCRIPT)

add_type_members(
    CONTROLLER,
    AliasProperty("Name", "ServiceName"),
    AliasProperty("RequiredServices", "ServicesDependedOn"),
)

_PROCESS = "System.Diagnostics.Process"
add_type_members(
    _PROCESS,
    AliasProperty("Name", "ProcessName"),
    AliasProperty("SI", "SessionId"),
    AliasProperty("Handles", "HandleCount"),
    AliasProperty("VM", "VirtualMemorySize64"),
    AliasProperty("WS", "WorkingSet64"),
    AliasProperty("PM", "PagedMemorySize64"),
    AliasProperty("NPM", "NonpagedSystemMemorySize64"),
    PropertySet("PSConfiguration", ["Name", "Id", "PriorityClass", "FileVersion"]),
    PropertySet("PSResources", ["Name", "Id", "Handlecount", "WorkingSet", "NonPagedMemorySize", "PagedMemorySize",
                                "PrivateMemorySize", "VirtualMemorySize", "Threads.Count", "TotalProcessorTime"]),
)  # fmt: skip


code_property("System.Guid", "Guid", str, SCRIPT)


def _alias_shown(alias: AliasInfo) -> str:
    """`ls -> Get-ChildItem`; an alias with a hyphen is shown by its name alone."""
    return alias.name if "-" in alias.name else f"{alias.name} -> {alias.target}"


code_property("System.Management.Automation.AliasInfo", "DisplayName", _alias_shown, SCRIPT)


def _process_path(process: Any) -> str | None:
    return process.path or None


def _process_version(field: str) -> Any:
    def read(process: Any) -> Any:
        if not process.path or not process.host.files.is_file(process.path):
            return None
        image = file_version_info.read(process.host, process.path).image
        return None if image is None else getattr(image, field) or None

    return read


code_property(_PROCESS, "Path", _process_path, SCRIPT)
code_property(_PROCESS, "CPU", lambda process: process.cpu_seconds, SCRIPT)
for _name, _field in (
    ("Company", "company"),
    ("FileVersion", "file_version"),
    ("ProductVersion", "product_version"),
    ("Description", "description"),
    ("Product", "product_name"),
):
    code_property(_PROCESS, _name, _process_version(_field), SCRIPT)
