"""Orthanc's configuration from the manifest's classroom: one JSON that Orthanc takes as it is.

What Orthanc calls its settings is in winbake/config/orthanc.py; here is which Orthanc of the classroom gets what.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from winbake.config.classroom import Classroom, Pacs, Station
from winbake.config.errors import nearest
from winbake.config.orthanc import PLUGINS, STORAGE, OrthancSettings, System, WantedModality, modality_options
from winbake.config.secret import MASK, Secret
from winbake.pacs.errors import PacsError

PASSWORD_VARIABLE = "WINBAKE_PACS_PASSWORD"


@dataclass(frozen=True)
class OrthancConfiguration(OrthancSettings):
    """What one Orthanc shall be. The password is in it as a Secret: `text` masks it unless asked not to."""

    user: str
    password: Secret | None

    def text(self, *, with_secrets: bool = False) -> str:
        """The JSON. Raises PacsError where the password is wanted and nobody gave one."""
        return json.dumps(self.settings(with_secrets=with_secrets), indent=2, ensure_ascii=True) + "\n"

    def settings(self, *, with_secrets: bool = False) -> dict[str, object]:
        """By Orthanc's names. Raises PacsError as `text` does."""
        return self.by_orthancs_names({self.user: self._password(with_secrets)})

    def _password(self, with_secrets: bool) -> str:
        if not with_secrets:
            return MASK
        if not self.password:
            raise PacsError(
                f"the PACS has no password for its user {self.user}",
                f"set {PASSWORD_VARIABLE}, at best from a password manager, and run the command again",
            )
        return self.password.reveal()


def of_pacs(classroom: Classroom, system: System | None, password: Secret | None) -> OrthancConfiguration:
    """The PACS itself, which knows every station. system: where it is not the manifest's. Raises PacsError."""
    pacs = the_pacs(classroom)
    return _configuration(
        pacs,
        system or pacs.system,
        password,
        name=pacs.name,
        ae_title=pacs.ae_title,
        dicom_port=pacs.port,
        modalities=wanted_modalities(classroom),
    )


def of_station(
    classroom: Classroom, name: str, system: System | None, password: Secret | None
) -> OrthancConfiguration:
    """A station's own Orthanc: its AE title and port, the others and the PACS as its modalities. Raises PacsError.

    For the exercise in which participants send images to each other.
    """
    pacs, stations = the_pacs(classroom), classroom.stations()
    station = next((one for one in stations if one.name == name), None)
    if station is None:
        hint = nearest(name, [one.name for one in stations])
        raise PacsError(f"there is no station {name}{hint}", f"{_named(stations)} (classroom.name and count)")
    others = [WantedModality.of_station(one) for one in stations if one is not station]
    return _configuration(
        pacs,
        system or "windows",
        password,
        name=station.name,
        ae_title=station.ae_title,
        dicom_port=station.port,
        modalities=(WantedModality("pacs", pacs.ae_title, pacs.host, pacs.port, {}), *others),
    )


def the_pacs(classroom: Classroom) -> Pacs:
    """Raises PacsError where the manifest has none."""
    if classroom.pacs is None:
        raise PacsError(
            "the manifest has no PACS", "write classroom.pacs with its ae_title and host (docs/pacs.md shows one)"
        )
    return classroom.pacs


def wanted_modalities(classroom: Classroom) -> tuple[WantedModality, ...]:
    """Every DICOM node that the PACS shall know: the stations, then the manifest's others."""
    pacs = the_pacs(classroom)
    stations = [WantedModality.of_station(one, pacs.stations.get(one.name)) for one in classroom.stations()]
    others = [
        WantedModality(name, one.ae_title, one.host, one.port, modality_options(one))
        for name, one in pacs.modalities.items()
    ]
    return (*stations, *others)


def _configuration(
    pacs: Pacs,
    system: System,
    password: Secret | None,
    *,
    name: str,
    ae_title: str,
    dicom_port: int,
    modalities: tuple[WantedModality, ...],
) -> OrthancConfiguration:
    own = system == pacs.system  # folders that the manifest gives are of the PACS's own system
    return OrthancConfiguration(
        name=name,
        ae_title=ae_title,
        dicom_port=dicom_port,
        http_port=pacs.http_port,
        check_called=pacs.check_called_ae_title,
        remote_access=pacs.remote_access,
        storage=pacs.storage if own and pacs.storage else STORAGE[system],
        plugins=tuple(pacs.plugin_paths) if own and pacs.plugin_paths else (PLUGINS[system],),
        modalities=modalities,
        user=pacs.user,
        password=password,
    )


def _named(stations: list[Station]) -> str:
    return f"the stations are {stations[0].name} to {stations[-1].name}"
