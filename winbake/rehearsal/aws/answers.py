"""Calls that moto does not answer, or not as AWS does: the newest Windows image, prices, passwords."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from winbake.rehearsal.aws import dns_answers
from winbake.rehearsal.aws.machines import ACCOUNT, RELEASES, amazon_image
from winbake.rehearsal.aws.query import Answer, Call, error, json_error, success

if TYPE_CHECKING:
    from winbake.rehearsal.aws.cloud import Cloud

_WINDOWS_PARAMETER = re.compile(r"^/aws/service/ami-windows-latest/Windows_Server-(\d{4})-English-Full-Base$")
_JSON = "application/x-amz-json-1.1"
# US dollars an hour, made up for the rehearsal; only their form is the Price List's.
STAND_IN_PRICES = {"t3.large": 0.12, "t3.xlarge": 0.24, "m7i.large": 0.22, "m7i.xlarge": 0.44, "m7i.2xlarge": 0.88}


REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
STAND_IN_GP3 = 0.09
"""A gibibyte and month, made up as well."""


def answer(cloud: Cloud, call: Call) -> Answer | None:
    """The answer to one of these calls, None for any other."""
    if call.action == "GetParameter":
        return _parameter(call)
    if call.action == "GetPasswordData":
        return _password(cloud, call)
    if call.action == "DescribeRegions" and call.service == "ec2":
        return _regions()
    if call.action == "GetProducts":
        return _price(call)
    if call.path == dns_answers.PATH:
        return dns_answers.answer(ACCOUNT, call)
    return None


def _regions() -> Answer:
    """Few regions are turned on in this account: moto knows nearly forty, and each takes its time."""
    rows = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        "<optInStatus>opt-in-not-required</optInStatus></item>"
        for name in REGIONS
    )
    return success("DescribeRegions", f"<regionInfo>{rows}</regionInfo>")


def _parameter(call: Call) -> Answer | None:
    name = json.loads(call.body)["Name"]
    if not name.startswith("/aws/service/ami-windows-latest/"):
        return None
    found = _WINDOWS_PARAMETER.match(name)
    if found is None or found[1] not in RELEASES:
        return json_error("ParameterNotFound", f"Parameter {name} not found.")
    body = {"Parameter": {"Name": name, "Type": "String", "Value": amazon_image(found[1]), "Version": 1}}
    return Answer(200, json.dumps(body).encode(), _JSON)


def _password(cloud: Cloud, call: Call) -> Answer:
    """Encrypted with the instance's key (RSA, PKCS #1 v1.5), empty until Windows has told EC2 of it."""
    instance_id = call.form["InstanceId"]
    instance = next((one for one in cloud.machines.instances(call.region) if one.id == instance_id), None)
    if instance is None:
        return error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
    password = cloud.machines.password_of(instance_id)
    key = cloud.machines.backend(call.region).key_pairs.get(instance.key_name)
    data = ""
    if password and key is not None:
        public = load_ssh_public_key(key.public_key.encode())
        assert isinstance(public, rsa.RSAPublicKey)
        data = base64.b64encode(public.encrypt(password.encode(), padding.PKCS1v15())).decode()
    stamp = cloud.machines.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return success(
        "GetPasswordData",
        f"<instanceId>{instance_id}</instanceId><timestamp>{stamp}</timestamp><passwordData>{data}</passwordData>",
    )


def _price(call: Call) -> Answer:
    filters = {one["Field"]: one["Value"] for one in json.loads(call.body).get("Filters", [])}
    price, unit = STAND_IN_PRICES.get(filters.get("instanceType", "")), "Hrs"
    if filters.get("volumeApiName") == "gp3":
        price, unit = STAND_IN_GP3, "GB-Mo"
    found = []
    if price is not None:
        dimension = {"unit": unit, "pricePerUnit": {"USD": f"{price:.10f}"}}
        terms = {"OnDemand": {"1": {"priceDimensions": {"1": dimension}}}}
        found.append(json.dumps({"product": {"attributes": filters}, "terms": terms}))
    return Answer(200, json.dumps({"FormatVersion": "aws_v1", "PriceList": found}).encode(), _JSON)
