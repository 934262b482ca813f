"""What is wanted of a machine that Orthanc runs on: its configuration in its place, and the service running with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from winbake.config.orthanc import System
from winbake.pacs.configuration import OrthancConfiguration
from winbake.resources.model import Identity, Resource
from winbake.resources.orthanc import LinuxService, ServiceSettings
from winbake.resources.settings import WindowsService
from winbake.resources.wish import Wanted, Wish

FOLDERS: dict[System, str] = {
    "windows": r"C:\Program Files\Orthanc Server\Configuration",
    "linux": "/etc/orthanc",
}
"""Where the Windows installer and Debian's package keep the configuration."""
_FILE = "orthanc.json"
_WINDOWS_LOGS = r"C:\Program Files\Orthanc Server\Logs"
_HOW_TO_INSTALL = "install it there: apt-get install orthanc orthanc-dicomweb orthanc-webviewer"


@dataclass(frozen=True)
class Place:
    """Where Orthanc is on one machine. folder: of its configuration. user: whom it runs as on Linux."""

    system: System
    folder: str
    user: str = "orthanc"

    @property
    def path(self) -> str:
        return f"{self.folder}\\{_FILE}" if self.system == "windows" else f"{self.folder}/{_FILE}"


def wish_for(configuration: OrthancConfiguration, place: Place) -> Wish:
    """Raises PacsError without a password."""
    content = configuration.text(with_secrets=True).encode("ascii")
    ports = (configuration.http_port, configuration.dicom_port)
    tags = frozenset({"pacs"})
    if place.system == "windows":
        service = {"name": "Orthanc", "logs": _WINDOWS_LOGS}
    else:
        service = {"name": "orthanc", "program": "Orthanc", "folder": place.folder, "user": place.user}
    settings = ServiceSettings(
        Identity("file", place.path, tags),
        place.path,
        content,
        _in_words(configuration),
        frozenset(configuration.settings()),
        ports,
        service,
    )
    runs: Resource
    if place.system == "windows":
        runs = WindowsService(Identity("service", "Orthanc", tags), "Orthanc")
    else:
        runs = LinuxService(Identity("service", "orthanc", tags), service, place.path, ports, _HOW_TO_INSTALL)
    return Wish((Wanted(settings), Wanted(runs)), digest=hashlib.sha256(content).hexdigest()[:16])


def _in_words(configuration: OrthancConfiguration) -> str:
    """What tells one configuration from another, without its password."""
    reach = "remote access" if configuration.remote_access else "no remote access"
    return (
        f"{configuration.ae_title}, ports {configuration.dicom_port} and {configuration.http_port}, "
        f"{len(configuration.modalities)} nodes known, user {configuration.user}, {reach}"
    )
