"""What EC2 does not delete while something uses it, and moto does.

Sources: the EC2 API reference, DeleteSecurityGroup (DependencyViolation), ReleaseAddress (InvalidIPAddress.InUse in a
VPC), and its list of error codes (InvalidNetworkInterface.InUse, OperationNotPermitted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.aws.query import Answer, Call, error, success

if TYPE_CHECKING:
    from winbake.rehearsal.aws.cloud import Cloud


def refuse(cloud: Cloud, call: Call) -> Answer | None:
    """The answer to a deletion that moto would not give; None for any other call."""
    if call.action == "DeleteSecurityGroup" and _group_is_used(cloud, call):
        return error("DependencyViolation", f"resource {call.form.get('GroupId')} has a dependent object")
    backend = cloud.machines.backend(call.region)
    if call.action == "DeleteKeyPair" and "KeyPairId" in call.form:
        return _delete_key_pair(backend, call.form["KeyPairId"])
    if call.action == "ReleaseAddress":
        address = next((a for a in backend.addresses if a.allocation_id == call.form.get("AllocationId")), None)
        if address is not None and address.association_id:
            return error("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    if call.action == "DeleteNetworkInterface":
        interface = backend.enis.get(call.form.get("NetworkInterfaceId"))
        if interface is not None and interface.instance is not None:
            return error("InvalidNetworkInterface.InUse", f"Network interface '{interface.id}' is currently in use.")
    return None


def _delete_key_pair(backend: Any, identity: str) -> Answer:
    """moto knows a key pair's name only."""
    name = next((one.key_name for one in backend.key_pairs.values() if one.id == identity), None)
    if name is None:
        return error("InvalidKeyPair.NotFound", f"The key pair ID '{identity}' does not exist")
    del backend.key_pairs[name]
    return success("DeleteKeyPair", f"<return>true</return><keyPairId>{identity}</keyPairId>")


def _group_is_used(cloud: Cloud, call: Call) -> bool:
    group_id = call.form.get("GroupId")
    backend = cloud.machines.backend(call.region)
    live = [one for one in cloud.machines.instances(call.region) if one.state != "terminated"]
    if any(group.id == group_id for one in live for group in one.security_groups):
        return True
    if any(group.id == group_id for interface in backend.enis.values() for group in interface.group_set):
        return True
    others = [group for groups in backend.groups.values() for group in groups.values() if group.id != group_id]
    return any(_names(rule, group_id) for group in others for rule in (*group.ingress_rules, *group.egress_rules))


def _names(rule: Any, group_id: str | None) -> bool:
    return bool(rule.source_group.get("GroupId") == group_id)
