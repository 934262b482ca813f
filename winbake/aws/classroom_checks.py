"""Checks of a classroom before money is spent: addresses, who has them, stations that are there but otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from winbake.aws import tags
from winbake.aws.errors import in_words
from winbake.aws.instances import Instance
from winbake.aws.network import Subnet
from winbake.aws.session import AwsSession
from winbake.config.classroom import Station


def problems(
    session: AwsSession, subnet: Subnet, stations: Iterable[Station], present: Mapping[str, Instance]
) -> list[str]:
    """What stands in the way, one sentence each; present: station → the instance that it is already."""
    wanted = list(stations)
    found = [f"{one.name}: {problem}" for one in wanted if (problem := subnet.problem_of(one.address))]
    taken = taken_addresses(session, subnet)
    for station in wanted:
        there = present.get(station.name)
        if there is None and station.address in taken:
            found.append(f"{station.name}: {station.address} is taken by {taken[station.address]}")
        elif there is not None and there.private != station.address:
            found.append(
                f"{station.name} is there as {there.id} with {there.private} instead of {station.address}: "
                f"python bake.py clones down --limit {station.name}, then up again"
            )
    missing = sum(1 for one in wanted if one.name not in present)
    if missing > subnet.free:
        found.append(f"the subnet {subnet.id} ({subnet.network}) has {subnet.free} free addresses, not {missing}")
    return found


def taken_addresses(session: AwsSession, subnet: Subnet) -> dict[str, str]:
    """Private address → who has it. Raises AwsError."""
    ec2 = session.client("ec2")
    with in_words():
        pages = ec2.get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": "subnet-id", "Values": [subnet.id]}]
        )
        interfaces = [one for page in pages for one in page["NetworkInterfaces"]]
        names = _names(ec2, {one["Attachment"]["InstanceId"] for one in interfaces if _instance_of(one)})
    taken: dict[str, str] = {}
    for one in interfaces:
        instance = _instance_of(one)
        named = f"{names[instance]} ({instance})" if names.get(instance) else instance
        who = named or one.get("Description") or "a network interface"
        for address in one.get("PrivateIpAddresses") or [one]:
            taken[address["PrivateIpAddress"]] = f"{who}, {one['NetworkInterfaceId']}"
    return taken


def _instance_of(interface: dict[str, object]) -> str:
    attachment = interface.get("Attachment")
    return str(attachment.get("InstanceId") or "") if isinstance(attachment, dict) else ""


def _names(ec2: object, ids: set[str]) -> dict[str, str]:
    """The Name tags of instances. By filter, so that one which is gone by now is no error."""
    if not ids:
        return {}
    pages = ec2.get_paginator("describe_instances").paginate(  # type: ignore[attr-defined]
        Filters=[{"Name": "instance-id", "Values": sorted(ids)}]
    )
    found = [one for page in pages for r in page["Reservations"] for one in r["Instances"]]
    return {one["InstanceId"]: tags.as_dict(one.get("Tags")).get("Name", "") for one in found}
