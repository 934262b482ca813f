"""Numbers: between the numeric types, and from text, as System.Convert and the engine's casts do it."""

from __future__ import annotations

import decimal
import math
import re
import struct
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.throwing import bad_format, overflow
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import (
    INTEGER_RANGES,
    INTEGER_TYPES,
    BigInteger,
    Char,
    Single,
)

NUMBERS: dict[str, type] = {
    **INTEGER_TYPES,
    "System.Double": float,
    "System.Single": Single,
    "System.Decimal": Decimal,
    "System.Numerics.BigInteger": BigInteger,
}

_NAMES = {
    "System.Byte": "an unsigned byte",
    "System.SByte": "a signed byte",
    "System.Int16": "an Int16",
    "System.Int32": "an Int32",
    "System.Int64": "an Int64",
    "System.UInt16": "a UInt16",
    "System.UInt32": "a UInt32",
    "System.UInt64": "a UInt64",
    "System.Char": "a character",
    "System.Decimal": "a Decimal",
    "System.Double": "a Double",
    "System.Single": "a Single",
}
DECIMAL_MAX = Decimal(2**96 - 1)

_REAL = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\v\f\r]*\Z")
_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)[ \t\n\v\f\r]*\Z")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def out_of_range(key: str) -> NetError:
    """OverflowException of a type: `Value was either too large or too small for an Int32.`"""
    return overflow(f"Value was either too large or too small for {_NAMES[key]}.")


def make_integer(key: str, value: int) -> Any:
    """An integer of the type named; OverflowException outside its range."""
    made = INTEGER_TYPES[key]
    low, high = INTEGER_RANGES[made]
    if not low <= value <= high:
        raise out_of_range(key)
    return made(value)


def single(value: float) -> Single:
    """The nearest float32; out of range is infinity."""
    if math.isnan(value) or math.isinf(value):
        return Single(value)
    try:
        return Single(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return Single(math.copysign(math.inf, value))


def double_to_decimal(value: float) -> Decimal:
    """Convert.ToDecimal: 15 significant digits of a Double, 7 of a Single."""
    if math.isnan(value) or math.isinf(value):
        raise out_of_range("System.Decimal")
    digits = 7 if isinstance(value, Single) else 15
    made = Decimal(f"{value:.{digits - 1}e}")
    if abs(made) > DECIMAL_MAX:
        raise out_of_range("System.Decimal")
    made = made.normalize()
    return made.quantize(Decimal(1)) if made == made.to_integral_value() and abs(made) < Decimal(10) ** 28 else made


def convert_number(value: Any, key: str) -> Any:
    """A number, boolean or character as the numeric type named; banker's rounding; OverflowException."""
    if isinstance(value, Char):
        value = ord(value)
    if key in INTEGER_TYPES or key == "System.Numerics.BigInteger":
        if isinstance(value, float | Decimal):
            if isinstance(value, float) and not math.isfinite(value):
                raise out_of_range(key) if key in INTEGER_TYPES else overflow()
            value = round(value) if key in INTEGER_TYPES else int(value)
        return make_integer(key, int(value)) if key in INTEGER_TYPES else BigInteger(value)
    if key == "System.Decimal":
        if isinstance(value, float):
            return double_to_decimal(value)
        made = value if isinstance(value, Decimal) else Decimal(int(value))
        if abs(made) > DECIMAL_MAX:
            raise out_of_range(key)
        return made
    try:
        return single(float(value)) if key == "System.Single" else float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


# ---- from text ------------------------------------------------------------------------------------------


def integer_from_text(text: str, key: str) -> Any:
    """`[int]'…'`: decimal or 0x, &h, # hexadecimal digits; else read as a real number and rounded.

    FormatException or OverflowException.
    """
    stripped = text.strip(" \t\n\v\f\r")
    if not stripped:
        return make_integer(key, 0)
    prefix = next((p for p in ("#", "0x", "&h") if stripped.lower().startswith(p)), None)
    if prefix is not None:
        return _from_hex(stripped[len(prefix) :], key)
    if _INTEGER.match(text):
        return make_integer(key, int(stripped))
    return convert_number(real_from_text(text), key)


def _from_hex(digits: str, key: str) -> Any:
    if not re.fullmatch(r"[0-9a-fA-F]+", digits):
        raise bad_format("Could not find any recognizable digits.")
    value = int(digits, 16)
    made = INTEGER_TYPES[key]
    low, high = INTEGER_RANGES[made]
    if low < 0 and high < value <= 2 * high + 1:
        value -= 2 * (high + 1)
    return make_integer(key, value)


def real_from_text(text: str) -> float:
    """`[double]'…'`: exponent, and commas between digits, which count for nothing; no hexadecimal."""
    stripped = text.strip(" \t\n\v\f\r")
    if not stripped:
        return 0.0
    named = {"nan": "nan", "infinity": "inf", "-infinity": "-inf"}.get(stripped.lower())
    if named is not None:
        return float(named)
    found = _REAL.match(text)
    if found is None:
        raise bad_format()
    value = float(found[1].replace(",", ""))
    if math.isinf(value):
        raise out_of_range("System.Double")
    return value


def decimal_from_text(text: str) -> Decimal:
    if not text.strip(" \t\n\v\f\r"):
        return Decimal(0)
    found = _REAL.match(text)
    if found is None:
        raise bad_format()
    with decimal.localcontext() as context:
        context.prec = 60
        value = Decimal(found[1].replace(",", ""))
        if abs(value) > DECIMAL_MAX:
            raise out_of_range("System.Decimal")
        return fit_decimal(value)


def fit_decimal(value: Decimal) -> Decimal:
    """At most 28 places and 96 bits, as System.Decimal can hold."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        value = value.quantize(Decimal(1))
    places = min(28, max(0, -exponent)) if isinstance(exponent, int) else 0
    while True:
        fitted = value.quantize(Decimal(1).scaleb(-places), rounding=decimal.ROUND_HALF_EVEN)
        if abs(fitted.scaleb(places)) <= DECIMAL_MAX or places == 0:
            return fitted
        places -= 1


def number_from_text(text: str, key: str) -> Any:
    if key in INTEGER_TYPES:
        return integer_from_text(text, key)
    if key == "System.Decimal":
        return decimal_from_text(text)
    value = real_from_text(text)
    return single(value) if key == "System.Single" else value
