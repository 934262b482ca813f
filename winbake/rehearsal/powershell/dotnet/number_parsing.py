"""Text to numbers under NumberStyles, as Int32.Parse, Double.Parse and Decimal.Parse of .NET Framework read it."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from winbake.rehearsal.powershell.dotnet.throwing import argument, bad_format, overflow
from winbake.rehearsal.powershell.formatting.culture import Culture
from winbake.rehearsal.powershell.values import (
    INTEGER_RANGES,
    BigInteger,
    Byte,
    Int16,
    Int64,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

LEADING_WHITE, TRAILING_WHITE, LEADING_SIGN, TRAILING_SIGN, PARENTHESES = 1, 2, 4, 8, 16
DECIMAL_POINT, THOUSANDS, EXPONENT, CURRENCY, HEX = 32, 64, 128, 256, 512
INTEGER, NUMBER, FLOAT, ANY = 7, 111, 167, 511
"""System.Globalization.NumberStyles."""

MAX_DECIMAL = 2**96 - 1
TOO_LARGE = {
    Byte: "Value was either too large or too small for an unsigned byte.",
    SByte: "Value was either too large or too small for a signed byte.",
    Int16: "Value was either too large or too small for an Int16.",
    UInt16: "Value was either too large or too small for a UInt16.",
    int: "Value was either too large or too small for an Int32.",
    UInt32: "Value was either too large or too small for a UInt32.",
    Int64: "Value was either too large or too small for an Int64.",
    UInt64: "Value was either too large or too small for a UInt64.",
    Decimal: "Value was either too large or too small for a Decimal.",
    float: "Value was either too large or too small for a Double.",
    Single: "Value was either too large or too small for a Single.",
}


@dataclass(frozen=True)
class _Scanned:
    negative: bool
    whole: str
    fraction: str
    exponent: int

    def as_decimal(self) -> Decimal:
        sign = "-" if self.negative else ""
        return Decimal(f"{sign}{self.whole or '0'}.{self.fraction or '0'}E{self.exponent}")


def parse_integer(text: str, kind: type[int], styles: int, culture: Culture) -> int:
    """Raises NetError: FormatException, or OverflowException outside the type's range."""
    if styles & HEX:
        return _parse_hex(text, kind, styles)
    scanned = _scan(text, styles, culture)
    value = scanned.as_decimal()
    if kind is not BigInteger:
        low, high = INTEGER_RANGES[kind]
        if value != value.to_integral_value() or not low <= value <= high:
            raise overflow(TOO_LARGE[kind])
    return kind(int(value))


def parse_double(text: str, kind: type[float], styles: int, culture: Culture) -> float:
    """Raises NetError: FormatException, or OverflowException for what only infinity could hold."""
    trimmed = text.strip(" \t\n\v\f\r")
    numbers = culture.numbers
    for symbol, value in ((numbers.infinity, math.inf), ("-" + numbers.infinity, -math.inf), (numbers.nan, math.nan)):
        if trimmed == symbol:
            return kind(value)
    scanned = _scan(text, styles, culture)
    number = float(scanned.as_decimal())
    if kind is Single:
        number = to_single(number)
    if math.isinf(number):
        raise overflow(TOO_LARGE[kind])
    return kind(number)


def parse_decimal(text: str, styles: int, culture: Culture) -> Decimal:
    """Keeps the zeros that stand behind the point. Raises NetError: FormatException or OverflowException."""
    scanned = _scan(text, styles, culture)
    exact = Decimal(f"{'-' if scanned.negative else ''}{scanned.whole}{scanned.fraction}" or "0")
    return fit_decimal(exact.scaleb(scanned.exponent - len(scanned.fraction), Context(prec=2000)), ROUND_HALF_UP)


def fit_decimal(value: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The System.Decimal nearest to `value`: 96 bits of digits, at most 28 places. Raises OverflowException."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value) >= MAX_DECIMAL + Decimal("0.5"):
        raise overflow(TOO_LARGE[Decimal])
    if exponent > 0:
        value = value.quantize(Decimal(1), context=Context(prec=60))
        exponent = 0
    places = min(-exponent, 28)
    context = Context(prec=2000, rounding=rounding)
    while True:
        rounded = value.quantize(Decimal(1).scaleb(-places), context=context)
        if int(abs(rounded).scaleb(places, context=context)) <= MAX_DECIMAL:
            return rounded
        if places == 0:
            raise overflow(TOO_LARGE[Decimal])
        places -= 1


def to_single(number: float) -> float:
    """The nearest single, as a double; infinity if there is none."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


def _parse_hex(text: str, kind: type[int], styles: int) -> int:
    if styles & ~(LEADING_WHITE | TRAILING_WHITE | HEX):
        raise argument(
            "With the AllowHexSpecifier bit set in the enum bit field, the only other valid bits that can be "
            "combined into the enum value must be a subset of those in HexNumber."
        )
    found = re.fullmatch(r"([ \t\n\v\f\r]*)([0-9A-Fa-f]+)([ \t\n\v\f\r]*)\0*", text)
    if not found or (found[1] and not styles & LEADING_WHITE) or (found[3] and not styles & TRAILING_WHITE):
        raise bad_format()
    number = int(found[2], 16)
    if kind is BigInteger:
        bits = len(found[2]) * 4
        return BigInteger(number - 2**bits if int(found[2][0], 16) >= 8 else number)
    low, high = INTEGER_RANGES[kind]
    if number > high - low:
        raise overflow(TOO_LARGE[kind])
    return kind(number - (high - low + 1) if number > high else number)


def _scan(text: str, styles: int, culture: Culture) -> _Scanned:
    found = _pattern(styles, culture).fullmatch(text)
    if not found or not (found["whole"] or found["fraction"]):
        raise bad_format()
    parts = found.groupdict()
    signs = [sign for name in ("sign", "sign2", "after") if (sign := parts.get(name))]
    opened, closed = bool(parts.get("open")), bool(parts.get("close"))
    if len(signs) + opened > 1 or opened != closed:
        raise bad_format()
    exponent = int(parts.get("exponent") or 0)
    whole = re.sub(r"[^0-9]", "", parts["whole"])
    fraction = parts.get("fraction") or ""
    return _Scanned("-" in signs or opened, whole, fraction, max(min(exponent, 9999), -9999))


@lru_cache(maxsize=64)
def _pattern(styles: int, culture: Culture) -> re.Pattern[str]:
    numbers = culture.numbers
    white = r"[ \t\n\v\f\r]*"
    symbol = re.escape(numbers.currency_symbol)
    head = white if styles & LEADING_WHITE else ""
    if styles & LEADING_SIGN:
        head += "(?P<sign>[+-])?" + (white if styles & LEADING_WHITE else "")
    if styles & PARENTHESES:
        head += r"(?P<open>\()?" + (white if styles & LEADING_WHITE else "")
    if styles & CURRENCY:
        head += f"(?:{symbol})?{white}" + ("(?P<sign2>[+-])?" if styles & LEADING_SIGN else "")
    digits = f"[0-9{re.escape(numbers.group_separator)}]" if styles & THOUSANDS else "[0-9]"
    body = f"(?P<whole>(?:[0-9]{digits}*)?)"
    body += (
        f"(?:{re.escape(numbers.decimal_separator)}(?P<fraction>[0-9]*))?"
        if styles & DECIMAL_POINT
        else "(?P<fraction>)"
    )
    if styles & EXPONENT:
        body += "(?:[eE](?P<exponent>[+-]?[0-9]+))?"
    tail = white if styles & TRAILING_WHITE else ""
    if styles & TRAILING_SIGN:
        tail += "(?P<after>[+-])?" + (white if styles & TRAILING_WHITE else "")
    if styles & CURRENCY:
        tail += f"(?:{symbol})?{white}"
    if styles & PARENTHESES:
        tail += r"(?P<close>\))?" + (white if styles & TRAILING_WHITE else "")
    return re.compile(head + body + tail + r"\0*")
