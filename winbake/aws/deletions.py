"""The calls of a teardown: how each kind is deleted, and what must be done to it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.aws import holdings
from winbake.aws.errors import AwsError, in_words
from winbake.aws.holdings import Holding, Kind
from winbake.aws.session import AwsSession

DELETERS: dict[Kind, Callable[[Any, str], Any]] = {
    Kind.INSTANCE: lambda ec2, id_: ec2.terminate_instances(InstanceIds=[id_]),
    Kind.ADDRESS: lambda ec2, id_: ec2.release_address(AllocationId=id_),
    Kind.INTERFACE: lambda ec2, id_: ec2.delete_network_interface(NetworkInterfaceId=id_),
    Kind.VOLUME: lambda ec2, id_: ec2.delete_volume(VolumeId=id_),
    Kind.IMAGE: lambda ec2, id_: ec2.deregister_image(ImageId=id_),
    Kind.SNAPSHOT: lambda ec2, id_: ec2.delete_snapshot(SnapshotId=id_),
    Kind.GROUP: lambda ec2, id_: ec2.delete_security_group(GroupId=id_),
    Kind.KEY_PAIR: lambda ec2, id_: ec2.delete_key_pair(KeyPairId=id_),
}


def keep_foreign_volumes(session: AwsSession, image: str, instance: Holding) -> list[str]:
    """Sees to it that volumes without the project's tag stay when an instance goes. Their ids. Raises AwsError."""
    own = {one.id for one in holdings.read_kind(session, image, Kind.VOLUME)}
    if own.issuperset(instance.uses):
        return []
    with in_words():
        ec2 = session.client("ec2", instance.region)
        (reservation,) = ec2.describe_instances(InstanceIds=[instance.id])["Reservations"]
        foreign = [
            one
            for one in reservation["Instances"][0].get("BlockDeviceMappings", [])
            if "Ebs" in one and one["Ebs"]["VolumeId"] not in own
        ]
        for one in foreign:
            if one["Ebs"].get("DeleteOnTermination"):
                spared = {"DeviceName": one["DeviceName"], "Ebs": {"DeleteOnTermination": False}}
                ec2.modify_instance_attribute(InstanceId=instance.id, BlockDeviceMappings=[spared])
    return [one["Ebs"]["VolumeId"] for one in foreign]


def unlink_group(session: AwsSession, group: Holding) -> None:
    """Takes away the rules of a security group that name groups. Raises AwsError."""
    ec2 = session.client("ec2", group.region)
    with in_words():
        (described,) = ec2.describe_security_groups(GroupIds=[group.id])["SecurityGroups"]
        for key, revoke in (
            ("IpPermissions", ec2.revoke_security_group_ingress),
            ("IpPermissionsEgress", ec2.revoke_security_group_egress),
        ):
            rules = [_only_groups(one) for one in described.get(key, []) if one.get("UserIdGroupPairs")]
            if rules:
                revoke(GroupId=group.id, IpPermissions=rules)


def users_of_group(session: AwsSession, group: Holding) -> list[str]:
    """Ids of what keeps a security group from being deleted: groups whose rules name it, and its members."""
    ec2 = session.client("ec2", group.region)
    try:
        with in_words():
            named = [{"Name": "ip-permission.group-id", "Values": [group.id]}]
            groups = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
            member = [{"Name": "group-id", "Values": [group.id]}]
            interfaces = ec2.describe_network_interfaces(Filters=member)["NetworkInterfaces"]
    except AwsError:
        return []  # who uses it is a courtesy: the refusal itself is told
    attached = {(one.get("Attachment") or {}).get("InstanceId") or one["NetworkInterfaceId"] for one in interfaces}
    return sorted({one["GroupId"] for one in groups} - {group.id}) + sorted(attached)


def _only_groups(permission: dict[str, Any]) -> dict[str, Any]:
    """A rule's part that names groups, as the revoke calls take it."""
    kept: dict[str, Any] = {key: permission[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in permission}
    pairs = [{"GroupId": pair["GroupId"]} for pair in permission["UserIdGroupPairs"]]
    return {**kept, "UserIdGroupPairs": pairs}
