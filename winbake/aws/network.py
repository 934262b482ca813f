"""Subnet, this machine's own address, and security groups that let in no more than is needed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import requests
from botocore.exceptions import ClientError

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession
from winbake.config.classroom import Aws

RDP, WINRM = 3389, 5986
OWN_ADDRESS = "https://checkip.amazonaws.com"
"""Answers with the address that it is asked from (Amazon's own service for that)."""


@dataclass(frozen=True)
class Subnet:
    """Where the machines get their addresses."""

    id: str
    vpc: str
    network: ipaddress.IPv4Network
    zone: str
    free: int

    def problem_of(self, address: str) -> str:
        """Why an address cannot be had in this subnet, "" if it can. AWS keeps the first four and the last."""
        wanted = ipaddress.IPv4Address(address)
        if wanted not in self.network:
            return f"{address} is not in the subnet {self.id} ({self.network})"
        kept = [self.network[i] for i in range(4)] + [self.network[-1]]
        if wanted in kept:
            return f"{address} is one of the five addresses of {self.network} that AWS keeps for itself"
        return ""


@dataclass(frozen=True)
class Opening:
    """One inbound rule: a TCP port for networks, or for the group's own members (`own`)."""

    port: int
    networks: tuple[str, ...] = ()
    own: bool = False
    why: str = ""


def find_subnet(session: AwsSession, aws: Aws, holds: str | None = None) -> Subnet:
    """The manifest's subnet, or the one of the default VPC that holds an address. Raises AwsError."""
    ec2 = session.client("ec2")
    with in_words():
        if aws.subnet:
            found = ec2.describe_subnets(SubnetIds=[aws.subnet])["Subnets"]
        else:
            found = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    subnets = sorted((_subnet(one) for one in found), key=lambda one: one.zone)
    fitting = [one for one in subnets if holds is None or not one.problem_of(holds)]
    if fitting:
        return fitting[0]
    if not subnets:
        raise AwsError(
            f"the region {session.region} has no default VPC with subnets", "name a subnet: aws.subnet in the manifest"
        )
    problem = subnets[0].problem_of(holds or "") if len(subnets) == 1 else ""
    raise AwsError(
        problem or f"{holds} is in none of the subnets {', '.join(str(one.network) for one in subnets)}",
        "take an address of the subnet (classroom.base_address, aws.master_address), or another aws.subnet",
    )


def own_network(session: AwsSession) -> str:
    """This machine's public address as a network of one. Raises AwsError."""
    if session.rehearsal:
        return "127.0.0.1/32"
    try:
        answer = requests.get(OWN_ADDRESS, timeout=10)
        answer.raise_for_status()
        return f"{ipaddress.IPv4Address(answer.text.strip())}/32"
    except (requests.RequestException, ValueError) as error:
        raise AwsError(
            f"{OWN_ADDRESS} does not tell this machine's address: {error}",
            "write it into the manifest: aws.allow_from: [203.0.113.7/32]",
        ) from error


def ensure_group(
    session: AwsSession, image: str, name: str, vpc: str, openings: Iterable[Opening], tell: Any = lambda text: None
) -> str:
    """The id of the security group `name` with exactly these openings; made, or mended. Raises AwsError."""
    ec2 = session.client("ec2")
    with in_words():
        wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [name]}]
        found = ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]
        if found:
            group = found[0]
        else:
            made = ec2.create_security_group(
                GroupName=name,
                Description=f"winbake: {name}",
                VpcId=vpc,
                TagSpecifications=tags.specifications(["security-group"], image, tags.NETWORK, name),
            )
            group = {"GroupId": made["GroupId"], "IpPermissions": [], "Tags": tags.tags(image, tags.NETWORK, name)}
            tell(f"security group {name} made")
    if tags.as_dict(group.get("Tags")).get(tags.IMAGE) != image:
        raise AwsError(
            f"there is a security group {name} that is not winbake's (no tag {tags.IMAGE}={image})",
            "rename or delete it, or give the image another name",
        )
    group_id = str(group["GroupId"])
    present, needed = _rules(group["IpPermissions"]), _wanted_rules(openings, group_id)
    with in_words():
        for rule in needed - present:
            _authorize(ec2, group_id, rule)
        if present - needed:
            ec2.revoke_security_group_ingress(
                GroupId=group_id, IpPermissions=[_permission(rule) for rule in sorted(present - needed)]
            )
    return group_id


# A rule as a value: (protocol, from port, to port, network or group id).
_Rule = tuple[str, int, int, str]


def _wanted_rules(openings: Iterable[Opening], group_id: str) -> set[_Rule]:
    rules: set[_Rule] = set()
    for one in openings:
        rules |= {("tcp", one.port, one.port, network) for network in one.networks}
        if one.own:
            rules.add(("tcp", one.port, one.port, group_id))
    return rules


def _rules(permissions: Iterable[dict[str, Any]]) -> set[_Rule]:
    rules: set[_Rule] = set()
    for one in permissions:
        ports = (str(one.get("IpProtocol")), int(one.get("FromPort", -1)), int(one.get("ToPort", -1)))
        rules |= {(*ports, network["CidrIp"]) for network in one.get("IpRanges", [])}
        rules |= {(*ports, network["CidrIpv6"]) for network in one.get("Ipv6Ranges", [])}
        rules |= {(*ports, pair["GroupId"]) for pair in one.get("UserIdGroupPairs", [])}
    return rules


def _permission(rule: _Rule) -> dict[str, Any]:
    protocol, first, last, source = rule
    permission: dict[str, Any] = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    if source.startswith("sg-"):
        return {**permission, "UserIdGroupPairs": [{"GroupId": source}]}
    kind, key = ("Ipv6Ranges", "CidrIpv6") if ":" in source else ("IpRanges", "CidrIp")
    return {**permission, kind: [{key: source}]}


def _authorize(ec2: Any, group_id: str, rule: _Rule) -> None:
    try:
        ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[_permission(rule)])
    except ClientError as error:
        # A run that was killed after this call has made it already.
        if error.response.get("Error", {}).get("Code") != "InvalidPermission.Duplicate":
            raise


def _subnet(described: dict[str, Any]) -> Subnet:
    return Subnet(
        described["SubnetId"],
        described["VpcId"],
        ipaddress.IPv4Network(described["CidrBlock"]),
        described["AvailabilityZone"],
        int(described.get("AvailableIpAddressCount", 0)),
    )
