"""Orthanc's settings as values, by the names of Orthanc's own Configuration.json: the one place that knows them.

The PACS, a station's own Orthanc (winbake/pacs) and the one in the image (templates/) are all made of these.
Keys and defaults: orthanc-server, OrthancServer/Resources/Configuration.json. The plugins' sections are left to the
files that the plugins' installers bring: Orthanc reads all files of its folder and refuses one section in two of them.
Their defaults are what a classroom wants (DICOMweb on, at /dicom-web/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from winbake.config.classroom import Classroom, ModalityOptions, Station

System = Literal["windows", "linux"]

STORAGE: dict[System, str] = {"windows": r"C:\Orthanc", "linux": "/var/lib/orthanc/db-v6"}
"""Where the Windows installer and Debian's package keep images."""
PLUGINS: dict[System, str] = {
    "windows": r"C:\Program Files\Orthanc Server\Plugins",
    "linux": "/usr/share/orthanc/plugins",
}
_OPTIONS = {
    "manufacturer": "Manufacturer",
    "allow_echo": "AllowEcho",
    "allow_find": "AllowFind",
    "allow_get": "AllowGet",
    "allow_move": "AllowMove",
    "allow_store": "AllowStore",
    "timeout": "Timeout",
    "local_ae_title": "LocalAet",
}
_DICOM_PORT, _HTTP_PORT = 4242, 8042
"""Orthanc's defaults, which the manifest's tool opens in the image."""


@dataclass(frozen=True)
class WantedModality:
    """One DICOM node as Orthanc shall know it. `options`: Orthanc's keys beyond the address."""

    name: str
    ae_title: str
    host: str
    port: int
    options: Mapping[str, str | int | bool]

    @classmethod
    def of_station(cls, station: Station, options: ModalityOptions | None = None) -> WantedModality:
        given = modality_options(options) if options is not None else {}
        return cls(station.modality, station.ae_title, station.address, station.port, given)

    def as_orthanc_has_it(self) -> list[str | int] | dict[str, str | int | bool]:
        """The short form, or the long one where an option is given."""
        if not self.options:
            return [self.ae_title, self.host, self.port]
        return {"AET": self.ae_title, "Host": self.host, "Port": self.port, **self.options}


@dataclass(frozen=True)
class OrthancSettings:
    """What one Orthanc shall be, but for who may use its REST."""

    name: str
    ae_title: str
    dicom_port: int
    http_port: int
    check_called: bool
    remote_access: bool
    storage: str
    plugins: tuple[str, ...]
    modalities: tuple[WantedModality, ...]

    def by_orthancs_names(self, users: Mapping[str, str]) -> dict[str, object]:
        """users: name → password. Without any, nobody is asked for one."""
        return {
            "Name": self.name,
            "StorageDirectory": self.storage,
            "IndexDirectory": self.storage,
            "Plugins": list(self.plugins),
            "HttpServerEnabled": True,
            "HttpPort": self.http_port,
            "RemoteAccessAllowed": self.remote_access,
            "AuthenticationEnabled": bool(users),
            "RegisteredUsers": dict(users),
            "DicomServerEnabled": True,
            "DicomAet": self.ae_title,
            "DicomPort": self.dicom_port,
            "DicomCheckCalledAet": self.check_called,
            # Said, because with it the list below would not count.
            "DicomModalitiesInDatabase": False,
            "DicomModalities": {one.name: one.as_orthanc_has_it() for one in self.modalities},
        }


def modality_options(given: ModalityOptions) -> dict[str, str | int | bool]:
    """By Orthanc's names."""
    values = given.model_dump(include=set(_OPTIONS), exclude_none=True)
    return {_OPTIONS[key]: value for key, value in values.items()}


def settings_of_image(classroom: Classroom) -> dict[str, object]:
    """The Orthanc in the image, of which each clone makes its own by its AE title: it knows the PACS and every station.

    No password is in an image, so only the station itself reaches its REST.
    """
    pacs = classroom.pacs
    known = [WantedModality("pacs", pacs.ae_title, pacs.host, pacs.port, {})] if pacs is not None else []
    known += [WantedModality.of_station(one) for one in classroom.stations()]
    return OrthancSettings(
        name=pacs.name if pacs is not None else classroom.name,
        ae_title="ORTHANC",
        dicom_port=_DICOM_PORT,
        http_port=_HTTP_PORT,
        check_called=False,
        remote_access=False,
        storage=STORAGE["windows"],
        plugins=(PLUGINS["windows"],),
        modalities=tuple(known),
    ).by_orthancs_names({})
