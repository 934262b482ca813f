"""The manifest's `aws:` and `classroom:`: where the machines run, and what the twenty stations are called."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from winbake.config.validation import Model

AE_TITLE_LENGTH = 16
"""DICOM PS3.5 section 6.2, value representation AE: at most 16 characters, no backslash and no control characters."""
_NUMBER = re.compile(r"\{n(?::0?\d+)?\}")
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
    pacs: Pacs | None = Field(None, description="the PACS of the classroom, for handouts and checks")

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


class Pacs(Model):
    """The PACS that participants query."""

    ae_title: str = Field(description="its AE title")
    host: str = Field(description="address or name")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(4242, description="DICOM port")
    web: str | None = Field(None, description="address of its web page")

    @field_validator("ae_title")
    @classmethod
    def _title(cls, value: str) -> str:
        if problem := ae_title_problem(value):
            raise ValueError(problem)
        return value


@dataclass(frozen=True)
class Station:
    """One station as it shall be. `dns_name`: "" without a domain."""

    number: int
    name: str
    address: str
    ae_title: str
    port: int
    dns_name: str


Classroom.model_rebuild()
