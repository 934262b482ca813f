"""What an hour costs, asked of AWS's Price List. An unknown price is said to be unknown, never guessed.

Price List Query API (service `pricing`, us-east-1): on-demand, Windows, no pre-installed software, shared tenancy; and
a volume's gibibytes by the month. Snapshots, addresses and traffic cost extra; that is little beside the instances.
"""

from __future__ import annotations

import json
from typing import Any

from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession

API_REGION = "us-east-1"
HOURS_A_MONTH = 730


def hourly_price(session: AwsSession, instance_type: str) -> float | None:
    """US dollars an hour of one Windows instance; None where AWS does not tell (no permission, no such type)."""
    wanted = {
        "regionCode": session.region or "",
        "instanceType": instance_type,
        "operatingSystem": "Windows",
        "preInstalledSw": "NA",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "licenseModel": "No License required",
    }
    return _lowest(session, wanted, "Hrs")


def hourly_price_of_volume(session: AwsSession, volume_type: str, gibibytes: int) -> float | None:
    """US dollars an hour of an EBS volume's storage; None where AWS does not tell."""
    wanted = {"regionCode": session.region or "", "productFamily": "Storage", "volumeApiName": volume_type}
    monthly = _lowest(session, wanted, "GB-Mo")
    return None if monthly is None else monthly * gibibytes / HOURS_A_MONTH


def _lowest(session: AwsSession, wanted: dict[str, str], unit: str) -> float | None:
    filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in wanted.items()]
    try:
        with in_words():
            client = session.client("pricing", API_REGION)
            answer = client.get_products(ServiceCode="AmazonEC2", Filters=filters, MaxResults=10)
    except AwsError:
        return None  # a price is a courtesy: who may not ask for it may still launch
    products = [json.loads(product) for product in answer.get("PriceList", [])]
    prices = [price for product in products if (price := _price_of(product, unit)) is not None]
    return min(prices) if prices else None


def _price_of(product: dict[str, Any], unit: str) -> float | None:
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            amount = dimension.get("pricePerUnit", {}).get("USD")
            if amount is not None and dimension.get("unit") == unit and float(amount) > 0:
                return float(amount)
    return None


def in_dollars(price: float | None, count: int = 1) -> str:
    """`0.44 USD an hour`, or that it is unknown."""
    return "an unknown price" if price is None else f"about {price * count:.2f} USD an hour"
