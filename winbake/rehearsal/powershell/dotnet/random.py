"""System.Random: the Framework's own generator, so that a seed gives the numbers Windows gives.

The algorithm is Knuth's subtractive generator (Numerical Recipes, ran3) with the Framework's constants.
"""

from __future__ import annotations

import secrets

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array
from winbake.rehearsal.powershell.dotnet.registry import constructor, method
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, out_of_range
from winbake.rehearsal.powershell.values import NetObject, PSArray

RANDOM = "System.Random"
_BIG = 2**31 - 1
_SEED = 161803398


class Random(NetObject):
    """The generator; without a seed an unpredictable one."""

    net_type_name = RANDOM

    def __init__(self, seed: int | None = None) -> None:
        start = secrets.randbelow(_BIG) if seed is None else min(abs(seed), _BIG)
        table = [0] * 56
        current = _wrap(_SEED - start)
        table[55] = current
        following = 1
        for index in range(1, 55):
            place = 21 * index % 55
            table[place] = following
            following = current - following
            if following < 0:
                following += _BIG
            current = table[place]
        for _ in range(4):
            for index in range(1, 56):
                table[index] = _wrap(table[index] - table[1 + (index + 30) % 55])
                if table[index] < 0:
                    table[index] += _BIG
        self._table = table
        self._first = 0
        self._second = 21

    def sample(self) -> int:
        """The next number from 0 to 2147483646."""
        self._first = self._first % 55 + 1
        self._second = self._second % 55 + 1
        result = self._table[self._first] - self._table[self._second]
        if result == _BIG:
            result -= 1
        if result < 0:
            result += _BIG
        self._table[self._first] = result
        return result

    def fraction(self) -> float:
        return self.sample() * (1.0 / _BIG)

    def between(self, low: int, high: int) -> int:
        """`low` included, `high` not."""
        span = high - low
        if span <= _BIG:
            return int(self.fraction() * span) + low
        large = self.sample()
        if self.sample() % 2 == 0:
            large = -large
        return int((large + (_BIG - 1)) / (2 * float(_BIG) - 1) * span) + low


def _wrap(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31


@constructor(RANDOM)
def new_random(seed: int | None = None) -> Random:
    return Random(seed)


@method(RANDOM, "Next", "")
def next_number(value: Random) -> int:
    return value.sample()


@method(RANDOM, "Next", "Int32")
def next_below(value: Random, high: int) -> int:
    if high < 0:
        raise out_of_range("maxValue", "'maxValue' must be greater than zero.")
    return int(value.fraction() * high)


@method(RANDOM, "Next", "Int32, Int32")
def next_between(value: Random, low: int, high: int) -> int:
    if low > high:
        raise out_of_range("minValue", "'minValue' cannot be greater than maxValue.")
    return value.between(low, high)


@method(RANDOM, "NextDouble")
def next_double(value: Random) -> float:
    return value.fraction()


@method(RANDOM, "NextBytes")
def next_bytes(value: Random, buffer: PSArray | None) -> None:
    if buffer is None:
        raise argument_null("buffer")
    buffer.items[:] = byte_array(value.sample() % 256 for _ in buffer.items).items
