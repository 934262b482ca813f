"""Number literals: the text of a number token → its value, with the type that Windows PowerShell 5.1 gives it."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.values import INTEGER_RANGES, Int64

MULTIPLIERS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_DECIMAL_LIMIT = 79228162514264337593543950335  # System.Decimal.MaxValue
_INT_LOW, _INT_HIGH = INTEGER_RANGES[int]
_LONG_LOW, _LONG_HIGH = INTEGER_RANGES[Int64]


def number_value(digits: str, *, is_hex: bool, is_real: bool, suffix: str, multiplier: int) -> Any:
    """The value of a literal, or None if it does not fit (then it is a bad numeric constant).

    `digits` has the sign and, for hex, no `0x`; `suffix` is "", "d" or "l".
    """
    if suffix == "d":
        return None if is_hex else _decimal(digits, multiplier)
    if is_real:
        number = float(digits)
        if math.isinf(number):
            return None
        if suffix == "l":
            whole = round(number) * multiplier
            return Int64(whole) if _LONG_LOW <= whole <= _LONG_HIGH else None
        return number * multiplier
    if is_hex:
        return _hex(digits, suffix, multiplier)
    whole = int(digits)
    if suffix == "l":
        product = whole * multiplier
        return Int64(product) if _fits_long(whole) and _fits_long(product) else None
    if _INT_LOW <= whole <= _INT_HIGH:
        return _narrowest(whole * multiplier, 0)
    if _fits_long(whole):
        return _narrowest(whole * multiplier, 1)
    if abs(whole) <= _DECIMAL_LIMIT:
        return _narrowest(whole * multiplier, 2)
    number = float(whole) if abs(whole) < 10**308 else math.inf
    return None if math.isinf(number) else number * multiplier


def _hex(digits: str, suffix: str, multiplier: int) -> Any:
    """Hexadecimal digits are the bits of an Int32, else of an Int64: 0xFFFFFFFF is -1."""
    if digits[0] in "+-":
        multiplier = -multiplier if digits[0] == "-" else multiplier
        digits = digits[1:]
    bits = int(digits, 16)
    if bits >= 2**64:
        return None
    if suffix == "l" or bits >= 2**32:
        value = bits - 2**64 if bits >= 2**63 else bits
        product = value * multiplier
        if suffix == "l":
            return Int64(product) if _fits_long(product) else None
        return _narrowest(product, 1)
    return _narrowest((bits - 2**32 if bits >= 2**31 else bits) * multiplier, 0)


def _narrowest(value: int, at_least: int) -> Any:
    """Int32 (0), Int64 (1), Decimal (2) or Double, whichever holds the value and is not narrower than asked."""
    if at_least == 0 and _INT_LOW <= value <= _INT_HIGH:
        return value
    if at_least <= 1 and _fits_long(value):
        return Int64(value)
    if abs(value) <= _DECIMAL_LIMIT:
        return Decimal(value)
    return float(value)


def _fits_long(value: int) -> bool:
    return _LONG_LOW <= value <= _LONG_HIGH


def _decimal(digits: str, multiplier: int) -> Decimal | None:
    number = Decimal(digits)
    if abs(number) > _DECIMAL_LIMIT:
        return None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -28:
        number = number.quantize(Decimal(1).scaleb(-28)) if number.adjusted() < 0 else number.normalize()
    elif isinstance(exponent, int) and exponent > 0:
        number = Decimal(int(number))
    product = number if multiplier == 1 else number * multiplier
    return product if abs(product) <= _DECIMAL_LIMIT else None
