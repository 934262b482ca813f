"""Orthanc's REST, as far as `pacs check` needs it. What goes wrong is said in words (PacsError)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from winbake.config.orthanc import WantedModality
from winbake.config.secret import Secret
from winbake.pacs.configuration import PASSWORD_VARIABLE
from winbake.pacs.errors import PacsError

_SHORT = {"AET": "AE title", "Host": "address", "Port": "port"}


@dataclass(frozen=True)
class SystemFacts:
    """What `/system` says."""

    version: str
    name: str
    ae_title: str
    dicom_port: int


@dataclass(frozen=True)
class KnownModalities:
    """The nodes that Orthanc knows, beside those that it shall. problems: a line for each that is missing or differs.
    extra: names that nobody asked for."""

    problems: tuple[str, ...]
    extra: tuple[str, ...]


class OrthancRest:
    """One Orthanc's REST address. limit: seconds for each call."""

    def __init__(self, base: str, user: str, password: Secret | None, limit: float) -> None:
        self.base, self.user, self.limit = base, user, limit
        self._password = password
        self._session = requests.Session()
        # A PACS in the classroom is not reached through a proxy, nor with .netrc's login.
        self._session.trust_env = False
        if password:
            self._session.auth = (user, password.reveal())

    def system(self) -> SystemFacts:
        body = self._get("/system")
        if not isinstance(body, dict) or "DicomAet" not in body:
            raise PacsError(
                f"what answers at {self.base} is no Orthanc", "look at classroom.pacs: host, http_port, web"
            )
        return SystemFacts(
            str(body.get("Version", "?")), str(body.get("Name", "")), str(body["DicomAet"]), int(body["DicomPort"])
        )

    def plugins(self) -> list[str]:
        return [str(one) for one in self._get("/plugins")]

    def modalities(self, wanted: tuple[WantedModality, ...]) -> KnownModalities:
        found: dict[str, dict[str, Any]] = self._get("/modalities?expand")
        lines = [f"{one.name} is missing" for one in wanted if one.name not in found]
        for one in wanted:
            have = found.get(one.name, {})
            for key, value in {"AET": one.ae_title, "Host": one.host, "Port": one.port, **one.options}.items():
                if key in have and have[key] != value:
                    lines.append(f"{one.name}: {_SHORT.get(key, key)} is {have[key]}, wanted {value}")
        return KnownModalities(tuple(lines), tuple(sorted(found.keys() - {one.name for one in wanted})))

    def echo(self, modality: str) -> str:
        """C-ECHO from the PACS to a node it knows; why it failed, "" if it went well. Raises PacsError."""
        answer = self._call("POST", f"/modalities/{modality}/echo", b"{}")
        if answer.status_code == 404:
            return "the PACS does not know it"
        return "" if answer.ok else _described(answer)

    def add(self, image: bytes) -> None:
        """Puts one image into the PACS; one that is there already is left as it is."""
        answer = self._call("POST", "/instances", image)
        if not answer.ok:
            raise PacsError(f"the PACS takes no test image: {_described(answer)}", "look at its log and its disk")

    def remove_series(self, series: str) -> None:
        """Removes a series by its UID, if it is there."""
        for found in self._call("POST", "/tools/lookup", series.encode()).json():
            if found["Type"] == "Series":
                self._call("DELETE", f"/series/{found['ID']}", None)

    def _get(self, path: str) -> Any:
        answer = self._call("GET", path, None)
        if not answer.ok:
            raise PacsError(f"{self.base}{path} answers {answer.status_code}", "look at the log of Orthanc")
        try:
            return answer.json()
        except ValueError:
            raise PacsError(
                f"what answers at {self.base} is no Orthanc", "look at classroom.pacs: host, http_port, web"
            ) from None

    def _call(self, method: str, path: str, body: bytes | None) -> requests.Response:
        try:
            answer = self._session.request(method, self.base + path, data=body, timeout=self.limit)
        except requests.Timeout:
            raise PacsError(
                f"no answer from the PACS at {self.base} within {self.limit:g} s",
                "does its machine run, and is its port open for this one (security group, firewall)?",
            ) from None
        except requests.RequestException:
            raise PacsError(
                f"the PACS is not reached at {self.base}",
                "does Orthanc run there? Look at classroom.pacs: host, http_port, web; and at the firewall",
            ) from None
        if answer.status_code in (401, 403):
            given = "is wrong" if self._password else "is not given"
            raise PacsError(
                f"the PACS at {self.base} does not let user {self.user} in: the password {given}",
                f"set {PASSWORD_VARIABLE} to the one in its configuration (RegisteredUsers)",
            )
        return answer


def _described(answer: requests.Response) -> str:
    """Orthanc's own words, `Details` where there are some."""
    try:
        body = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return str(body.get("Details") or body.get("Message") or f"HTTP {answer.status_code}")
