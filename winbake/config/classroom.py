"""The manifest's `aws:` and `classroom:`: where the machines run, and what the twenty stations are called."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from winbake.config.errors import nearest
from winbake.config.validation import Model

AE_TITLE_LENGTH = 16
"""DICOM PS3.5 section 6.2, value representation AE: at most 16 characters, no backslash and no control characters."""
_NUMBER = re.compile(r"\{n(?::0?\d+)?\}")
Manufacturer = Literal["Generic", "GenericNoWildcardInDates", "GenericNoUniversalWildcard", "Vitrea", "GE"]
_MODALITY_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_HOST_NAME = re.compile(r"^(?!-)[A-Za-z0-9-]{1,15}(?<!-)$")


def ae_title_problem(title: str) -> str:
    """Why a text is no AE title, "" if it is one."""
    if not title.strip():
        return "an AE title is not blank"
    if len(title) > AE_TITLE_LENGTH:
        return f"'{title}' has {len(title)} characters, an AE title has at most {AE_TITLE_LENGTH}"
    if "\\" in title or any(ord(character) < 32 or ord(character) > 126 for character in title):
        return f"'{title}' holds a character that an AE title may not have (backslash, control or not ASCII)"
    return ""


def _ae_title(value: str) -> str:
    if problem := ae_title_problem(value):
        raise ValueError(problem)
    return value


class Aws(Model):
    """Where in AWS, and on what."""

    region: str | None = Field(None, description="empty: what AWS_REGION or your AWS profile says")
    profile: str | None = Field(None, description="a profile of your AWS configuration; empty: the default one")
    subnet: str | None = Field(
        None, description="id of the subnet; empty: the default VPC's subnet that holds the classroom's addresses"
    )
    key_pair: str | None = Field(None, description="name of the key pair; empty: one named after the image, made once")
    windows: Annotated[str, Field(pattern=r"^20\d\d$")] = Field("2022", description="Windows Server of the master")
    instance_type: str = Field("m7i.xlarge", description="of the master, which installs")
    disk_gb: Annotated[int, Field(ge=30, le=16384)] = Field(60, description="root volume (gp3, encrypted)")
    master_address: str | None = Field(None, description="private address of the master; empty: AWS chooses")
    allow_from: list[str] = Field(
        default_factory=list,
        description="networks from which RDP and WinRM are let in, as 203.0.113.7/32; empty: your present address only",
    )

    @field_validator("allow_from")
    @classmethod
    def _networks(cls, values: list[str]) -> list[str]:
        return [str(ipaddress.ip_network(value)) for value in values]


class Classroom(Model):
    """The stations: clones of the image with fixed private addresses, DNS names and AE titles."""

    count: Annotated[int, Field(ge=1, le=200)] = Field(20, description="how many stations")
    base_address: str = Field("172.31.15.1", description="private address of the first; the others follow it")
    name: str = Field("ws{n:02}", description="name of station n: computer name and DNS name")
    ae_title: str = Field("WORKSTATION{n:02}", description="DICOM AE title of station n, at most 16 characters")
    dicom_port: Annotated[int, Field(ge=1, le=65535)] = Field(11112, description="DICOM port of every station")
    instance_type: str = Field("m7i.large", description="of the stations")
    domain: str | None = Field(None, description="DNS domain, a Route 53 hosted zone of yours; empty: no DNS names")
    user: str = Field("participant", description="whom participants log on as")
    rdp_from: list[str] = Field(
        default_factory=list, description="networks from which participants come; empty: your present address only"
    )
    pacs: Pacs | None = Field(None, description="the PACS of the classroom, for its configuration, handouts and checks")

    @field_validator("base_address")
    @classmethod
    def _address(cls, value: str) -> str:
        return str(ipaddress.IPv4Address(value))

    @field_validator("name", "ae_title")
    @classmethod
    def _pattern(cls, value: str) -> str:
        if not _NUMBER.search(value):
            raise ValueError("the pattern needs {n} or {n:02}, the number of the station")
        return value

    @field_validator("rdp_from")
    @classmethod
    def _networks(cls, values: list[str]) -> list[str]:
        return [str(ipaddress.ip_network(value)) for value in values]

    @model_validator(mode="after")
    def _stations(self) -> Classroom:
        stations = self.stations()
        for station in stations:
            if problem := ae_title_problem(station.ae_title):
                raise ValueError(f"ae_title of station {station.number}: {problem}")
            if not _HOST_NAME.match(station.name):
                raise ValueError(
                    f"name of station {station.number}: '{station.name}' is no computer name "
                    "(1 to 15 letters, digits and hyphens)"
                )
        if len({station.name.lower() for station in stations}) < len(stations):
            raise ValueError("two stations get the same name")
        if len({station.ae_title for station in stations}) < len(stations):
            raise ValueError("two stations get the same AE title")
        if self.pacs is not None:
            _fits_the_stations(self.pacs, stations, self.stations(200))
        return self

    def stations(self, count: int | None = None) -> list[Station]:
        """The first `count` stations, by default all."""
        first = ipaddress.IPv4Address(self.base_address)
        return [
            Station(
                number=n,
                name=self.name.format(n=n),
                address=str(first + n - 1),
                ae_title=self.ae_title.format(n=n),
                port=self.dicom_port,
                dns_name=f"{self.name.format(n=n)}.{self.domain}" if self.domain else "",
            )
            for n in range(1, (count or self.count) + 1)
        ]


class ModalityOptions(Model):
    """What Orthanc is told of one DICOM node beyond its address; a value that is not given is Orthanc's default.

    With any of these the node is written in Orthanc's long form (Configuration.json, `DicomModalities`).
    """

    manufacturer: Manufacturer | None = Field(
        None, description="Orthanc's name for how the node deviates from the standard"
    )
    allow_echo: bool | None = Field(None, description="whether it may send C-ECHO")
    allow_find: bool | None = Field(None, description="whether it may query")
    allow_get: bool | None = Field(None, description="whether it may fetch with C-GET")
    allow_move: bool | None = Field(None, description="whether it may ask for C-MOVE")
    allow_store: bool | None = Field(None, description="whether it may send images")
    timeout: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None, description="seconds that Orthanc waits for it"
    )
    local_ae_title: str | None = Field(None, description="AE title that Orthanc gives itself before this node")

    @field_validator("local_ae_title")
    @classmethod
    def _local_title(cls, value: str | None) -> str | None:
        return _ae_title(value) if value is not None else None


class Modality(ModalityOptions):
    """One more DICOM node that the PACS knows, such as a scanner's simulator or the instructor's machine."""

    ae_title: str = Field(description="its AE title")
    host: str = Field(description="address or name")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(11112, description="DICOM port")

    @field_validator("ae_title")
    @classmethod
    def _title(cls, value: str) -> str:
        return _ae_title(value)


class Pacs(Model):
    """The PACS that participants query: an Orthanc that knows every station."""

    name: str = Field("Workshop", min_length=1, description="the name that its web page shows")
    ae_title: str = Field(description="its AE title")
    host: str = Field(description="address or name")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(4242, description="DICOM port")
    http_port: Annotated[int, Field(ge=1, le=65535)] = Field(8042, description="port of REST and web page")
    web: str | None = Field(None, description="address of its web page; empty: http://host:http_port")
    system: Literal["windows", "linux"] = Field("windows", description="what it runs on: decides folders")
    storage: str | None = Field(
        None, description=r"folder of its images; empty: C:\Orthanc, on Linux /var/lib/orthanc/db-v6"
    )
    plugin_paths: list[str] = Field(
        default_factory=list, description="folders or files of plugins; empty: where the installer puts them"
    )
    plugins: list[str] = Field(
        default_factory=lambda: ["dicom-web", "web-viewer"], description="plugins that a check wants loaded"
    )
    check_called_ae_title: bool = Field(True, description="whether callers must know its AE title")
    remote_access: bool = Field(True, description="whether other machines reach REST and web page")
    user: str = Field(
        "workshop", min_length=1, description="user of REST and web page; the password is in WINBAKE_PACS_PASSWORD"
    )
    stations: dict[str, ModalityOptions] = Field(
        default_factory=dict, description="name of a station → what the PACS is told of it beyond its address"
    )
    modalities: dict[str, Modality] = Field(
        default_factory=dict, description="more DICOM nodes that the PACS knows, by the name that it gives them"
    )

    @field_validator("ae_title")
    @classmethod
    def _title(cls, value: str) -> str:
        return _ae_title(value)

    @field_validator("web")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^https?://[^/\s]+", value):
            raise ValueError("not an http(s) address")
        return value

    @field_validator("modalities")
    @classmethod
    def _names(cls, values: dict[str, Modality]) -> dict[str, Modality]:
        for name in values:
            if not _MODALITY_NAME.match(name):
                raise ValueError(
                    f"'{name}': a node's name has letters, digits, - and _ only (it is a part of addresses)"
                )
        return values

    @property
    def rest(self) -> str:
        """Where REST answers, without a slash at the end."""
        return (self.web or f"http://{self.host}:{self.http_port}").rstrip("/")


@dataclass(frozen=True)
class Station:
    """One station as it shall be. `dns_name`: "" without a domain."""

    number: int
    name: str
    address: str
    ae_title: str
    port: int
    dns_name: str

    @property
    def modality(self) -> str:
        """What the PACS calls it: its AE title in small letters (`workstation01`), fit for an address."""
        return re.sub(r"[^a-z0-9_-]", "-", self.ae_title.lower())


def _fits_the_stations(pacs: Pacs, stations: list[Station], known_stations: list[Station]) -> None:
    """Raises ValueError for a station that there is not, and for AE titles or names that two nodes would share.

    Orthanc takes `ws01` and `WS01` for the same AE title (its option StrictAetComparison is off by default).
    `known_stations`: also those beyond the manifest's count, which `clones up --count` can make.
    """
    known = {station.name for station in known_stations}
    for name in pacs.stations:
        if name not in known:
            hint = nearest(name, [station.name for station in stations])
            raise ValueError(f"pacs.stations: there is no station {name}{hint}")
    titles = {pacs.ae_title.lower(): "the PACS"}
    names: dict[str, str] = {}
    nodes = [(f"station {one.name}", one.ae_title, one.modality) for one in stations]
    nodes += [(f"the node {name}", one.ae_title, name.lower()) for name, one in pacs.modalities.items()]
    for who, title, name in nodes:
        if other := titles.get(title.lower()):
            raise ValueError(f"{other} and {who} get the same AE title, {title}")
        if other := names.get(name):
            raise ValueError(f"the PACS would know {other} and {who} by the same name, {name}")
        titles[title.lower()] = names[name] = who


Classroom.model_rebuild()
