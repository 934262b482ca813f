"""What EC2 does with images and moto does not: tags on snapshots, progress, copies that take time, deprecation.

Sources: EC2 API reference, CreateImage and CopyImage (TagSpecification.N of image and snapshot), DescribeSnapshots
(Progress), EnableImageDeprecation. Assumed: that a copy takes as long as an image.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.models.instances import StateReason

from winbake.rehearsal.aws.query import Answer, Call, error, success

if TYPE_CHECKING:
    from winbake.rehearsal.aws.machines import Machines

_TAG_SPECIFICATION = re.compile(r"^TagSpecification\.(\d+)\.")
MAKING = ("CreateImage", "CopyImage")


class GrowingSnapshot(Snapshot):
    """moto's snapshots are complete from their first moment; this one tells how far it is."""

    percent = 0

    @property
    def progress(self) -> str:
        return f"{self.percent}%"


def grow(ami: Any, percent: int) -> None:
    """The image's snapshot is so far."""
    ami.ebs_snapshot.__class__ = GrowingSnapshot
    ami.ebs_snapshot.percent = percent


def fail(ami: Any) -> None:
    ami.state, ami.ebs_snapshot.status = "failed", "error"
    ami.state_reason = StateReason("Client.InternalError: the snapshot could not be completed", "Client.InternalError")


def shut_down_by_itself(instance: Any) -> None:
    """The reason of an instance whose own system has shut it down."""
    code = "Client.InstanceInitiatedShutdown"
    instance.state_reason = StateReason(f"{code}: Instance initiated shutdown", code)


def for_moto(environ: dict[str, Any], call: Call) -> dict[str, Any]:
    """The call without the tags that moto does not take; `tagged` sees to them."""
    if call.action not in MAKING:
        return environ
    body = urlencode({k: v for k, v in call.form.items() if not _TAG_SPECIFICATION.match(k)}).encode()
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def made(machines: Machines, call: Call) -> Any:
    """The image that this call has made, with its tags and those of its snapshot."""
    ami = next(one for one in machines.own_images(call.region) if one.name == call.form["Name"])
    for number in {found[1] for key in call.form if (found := _TAG_SPECIFICATION.match(key))}:
        start = f"TagSpecification.{number}."
        kind = call.form[f"{start}ResourceType"]
        keys = sorted(key for key in call.form if key.startswith(f"{start}Tag.") and key.endswith(".Key"))
        target = ami if kind == "image" else ami.ebs_snapshot
        for key in keys:
            target.add_tag(call.form[key], call.form.get(key.removesuffix("Key") + "Value", ""))
    if call.form.get("Encrypted") == "true":
        ami.ebs_snapshot.encrypted = True
        ami.ebs_snapshot.kms_key_id = call.form.get("KmsKeyId")
    return ami


def answer(machines: Machines, call: Call) -> Answer | None:
    """Calls that moto fails at; None for any other."""
    if call.action == "EnableImageDeprecation":
        return _deprecate(machines, call)
    if call.action == "CopyImage":
        source = machines.image(call.form["SourceImageId"], call.form["SourceRegion"])
        if source is None or source.state != "available":
            return error("InvalidAMIID.Unavailable", f"The image ID '{call.form['SourceImageId']}' is not available")
    return None


def _deprecate(machines: Machines, call: Call) -> Answer:
    ami = machines.image(call.form["ImageId"], call.region)
    if ami is None:
        return error("InvalidAMIID.NotFound", f"The image id '[{call.form['ImageId']}]' does not exist")
    at = datetime.fromisoformat(call.form["DeprecateAt"])
    if at <= datetime.now(UTC):
        return error("InvalidParameterValue", "The deprecation date must be in the future")
    ami.deprecation_time = at
    return success("EnableImageDeprecation", "<return>true</return>")
