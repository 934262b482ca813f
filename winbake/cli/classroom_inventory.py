"""`classroom.yaml`: the stations as Ansible's YAML inventory, so that plan, doctor and Ansible reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from winbake.aws import tags
from winbake.aws.instances import Instance, reachable
from winbake.aws.session import AwsSession
from winbake.cli.targets import CERTIFICATE_VARIABLE
from winbake.config.classroom import Station
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.verify.station import AE_TITLE, STATION_VARIABLE

NAME = "classroom.yaml"
_HEAD = "# Written by `bake.py clones`, which overwrites it. Use it: python bake.py doctor -i classroom.yaml\n"


def write(
    project: Project, session: AwsSession, key: Path, stations: Iterable[Station], there: Mapping[str, Instance]
) -> Path:
    """The running stations. The connection's variables are those of the project's inventory, as they are written there:
    a lookup stays a lookup. Raises EngineError over a file that a person wrote."""
    path = project.inventory.parent / NAME
    if path.exists() and not path.read_text(encoding="utf-8").startswith(_HEAD):
        raise EngineError(
            f"{path} was not written by winbake, so it is left as it is", "rename it, then run bake.py clones list"
        )
    hosts = {
        one.name: _host(session, key, one, there[one.name])
        for one in stations
        if one.name in there and there[one.name].state == "running"
    }
    body = {
        "all": {
            # The playbooks are written for masters; a station is to be as the master was.
            "children": {"masters": {"children": {"stations": {"hosts": hosts}}}},
            "vars": _variables(project.inventory),
        }
    }
    path.write_text(_HEAD + yaml.safe_dump(body, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _host(session: AwsSession, key: Path, station: Station, instance: Instance) -> dict[str, Any]:
    # The tag was written when the station was seen for the first time: also another computer trusts this one only.
    seen = instance.tags.get(tags.CERTIFICATE)
    return {
        "ansible_host": reachable(session, instance),
        STATION_VARIABLE: station.name,
        "winbake_instance": instance.id,
        "winbake_region": session.region,
        "winbake_key": str(key),
        **({CERTIFICATE_VARIABLE: seen} if seen else {}),
        AE_TITLE: station.ae_title,
        "dicom_port": station.port,
        "private_address": instance.private,
    }


def _variables(inventory: Path) -> dict[str, Any]:
    if not inventory.is_file():
        return {}
    body = yaml.safe_load(inventory.read_text(encoding="utf-8")) or {}
    variables: dict[str, Any] = (body.get("all") or {}).get("vars") or {}
    return variables
