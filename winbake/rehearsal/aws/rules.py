"""What EC2 refuses and moto takes: addresses, names, user data; and client tokens, which moto does not know.

Sources: the EC2 API reference's error codes, Run_Instance_Idempotency, and the VPC guide on reserved addresses (the
first four and the last of a subnet).
"""

from __future__ import annotations

import base64
import ipaddress
from typing import TYPE_CHECKING

from winbake.rehearsal.aws import deletions
from winbake.rehearsal.aws.query import Answer, Call, error

if TYPE_CHECKING:
    from winbake.rehearsal.aws.cloud import Cloud

USER_DATA_LIMIT = 16_384
_NOT_COMPARED = ("ClientToken", "Version", "Action")


def refuse(cloud: Cloud, call: Call) -> Answer | None:
    """An error, or what the same client token was answered before; None lets the call through."""
    repeated = _repeated(cloud, call)
    if repeated is not None:
        return repeated
    used = deletions.refuse(cloud, call)
    if used is not None:
        return used
    if call.action == "RunInstances":
        return _launch(cloud, call)
    if call.action in ("CreateImage", "CopyImage") and any(
        ami.name == call.form.get("Name") for ami in cloud.machines.own_images(call.region)
    ):
        name = call.form.get("Name", "")
        return error("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI")
    return None


def remember(cloud: Cloud, call: Call, answer: Answer) -> None:
    token = call.form.get("ClientToken")
    if token:
        cloud.tokens[call.action, token] = (_asked(call), answer)


def _repeated(cloud: Cloud, call: Call) -> Answer | None:
    known = cloud.tokens.get((call.action, call.form.get("ClientToken", "")))
    if known is None:
        return None
    asked, answer = known
    if asked != _asked(call):
        return error(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return answer


def _asked(call: Call) -> str:
    return "&".join(f"{k}={v}" for k, v in sorted(call.form.items()) if k not in _NOT_COMPARED)


def _launch(cloud: Cloud, call: Call) -> Answer | None:
    form = call.form
    image = cloud.machines.image(form.get("ImageId", ""), call.region)
    if image is None:
        return error("InvalidAMIID.NotFound", f"The image id '[{form.get('ImageId')}]' does not exist")
    if image.state != "available":
        return error("InvalidAMIID.Unavailable", f"The image ID '{image.id}' is not available")
    if len(base64.b64decode(form.get("UserData", ""))) > USER_DATA_LIMIT:
        return error("InvalidParameterValue", "User data is limited to 16384 bytes")
    key = form.get("KeyName")
    if key and key not in cloud.machines.backend(call.region).key_pairs:
        return error("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    return _address(cloud, call)


def _address(cloud: Cloud, call: Call) -> Answer | None:
    form = call.form
    wanted = form.get("PrivateIpAddress") or form.get("NetworkInterface.1.PrivateIpAddress")
    if not wanted:
        return None
    if form.get("MaxCount", "1") != "1":
        return error("InvalidParameterCombination", "The parameter 'privateIpAddress' goes with one instance only")
    subnet_id = form.get("SubnetId") or form.get("NetworkInterface.1.SubnetId")
    subnet = cloud.machines.subnet(subnet_id, call.region)
    if subnet is None:
        return error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    network, address = ipaddress.ip_network(subnet.cidr_block), ipaddress.ip_address(wanted)
    if address not in network:
        return error("InvalidParameterValue", f"Address {wanted} does not fall within the subnet's address range")
    if address in {*(network[number] for number in range(4)), network.broadcast_address}:
        return error("InvalidParameterValue", f"Address {wanted} is in subnet's reserved address range")
    if wanted in cloud.machines.addresses_in_use(call.region):
        return error("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
    return None
