"""What the project's things cost while they are there. What AWS does not tell is unknown, and said to be."""

from __future__ import annotations

from dataclasses import dataclass

from winbake.aws.holdings import Holding, Kind
from winbake.aws.prices import hourly_price, hourly_price_of_volume
from winbake.aws.session import AwsSession

BY_USE = {
    Kind.SNAPSHOT: "priced by content",
    Kind.ADDRESS: "priced by the hour",
    Kind.MEDIA: "priced by content",
}
"""Kinds that cost something of which nobody tells how much."""
_RUNS = ("pending", "running")


@dataclass(frozen=True)
class Sum:
    """hourly: US dollars of what is known. unknown: kinds of which the price is not known."""

    hourly: float
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        known = f"about {self.hourly:.2f} USD an hour"
        return f"{known}, without {_listed(self.unknown)} (unknown)" if self.unknown else known


class Costs:
    """Asks for each price once."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self._types: dict[str, float | None] = {}
        self._volumes: dict[str, float | None] = {}

    def hourly(self, one: Holding) -> float | None:
        """US dollars an hour; 0 for what costs nothing, None for what is not known."""
        if one.kind is Kind.INSTANCE:
            return self._of_type(one.type) if one.state in _RUNS else 0.0
        if one.kind is Kind.VOLUME:
            if one.type not in self._volumes:
                self._volumes[one.type] = hourly_price_of_volume(self._session, one.type, 1)
            price = self._volumes[one.type]
            return None if price is None else price * (one.size or 0)
        return None if one.kind in BY_USE else 0.0

    def sum(self, found: list[Holding]) -> Sum:
        prices = [(one, self.hourly(one)) for one in found]
        unknown = dict.fromkeys(_unknown_name(one) for one, price in prices if price is None)
        return Sum(sum(price for _, price in prices if price is not None), tuple(unknown))

    def in_words(self, one: Holding) -> str:
        """`0.22 USD an hour`; "" for what costs nothing."""
        if one.kind in BY_USE:
            return BY_USE[one.kind]
        price = self.hourly(one)
        if price is None:
            return "unknown price"
        if one.kind is Kind.INSTANCE and price == 0:
            return "costs its disk only" if one.state in ("stopping", "stopped") else ""
        return f"{price:.3f} USD an hour" if price else ""

    def _of_type(self, kind: str) -> float | None:
        if kind not in self._types:
            self._types[kind] = hourly_price(self._session, kind)
        return self._types[kind]


def _unknown_name(one: Holding) -> str:
    return one.type if one.kind in (Kind.INSTANCE, Kind.VOLUME) else plural(one.kind)


def plural(kind: Kind) -> str:
    """`elastic addresses`."""
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
