"""Numbers as .NET Framework 4.8 writes them: the standard formats C D E F G N P R X.

The Framework first makes decimal digits of a number (a double gives 15, or 17 where the format asks for more;
a single 7 or 9) and then rounds that text half away from zero. (From memory of its native formatting code;
differences.md, rows marked fx(m), confirms what is visible.)
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from winbake.rehearsal.powershell.dotnet.throwing import bad_format
from winbake.rehearsal.powershell.formatting.culture import Culture, NumberPatterns
from winbake.rehearsal.powershell.values import INTEGER_RANGES, BigInteger, Single

BAD_SPECIFIER = "Format specifier was invalid."


@dataclass
class Digits:
    """A number as 0.d1d2d3… × 10^scale. `text` is empty for zero; only a Decimal keeps trailing zeros."""

    text: str
    scale: int
    negative: bool
    precision: int
    is_decimal: bool = False

    def round(self, count: int) -> None:
        """Keeps `count` digits, half away from zero; what becomes zero loses its sign."""
        count = max(count, -1)
        if 0 <= count < len(self.text):
            if self.text[count] >= "5":
                kept = str(int(self.text[:count] or "0") + 1)
                self.scale += len(kept) - count
                self.text = kept
            else:
                self.text = self.text[:count]
        elif count < 0:
            self.text = ""
        self.text = self.text.rstrip("0")
        if not self.text:
            self.scale = 0
            self.negative = False


def parse_specifier(text: str) -> tuple[str, int] | None:
    """(letter, precision or -1) of a standard format; None for a custom one."""
    found = re.fullmatch(r"([A-Za-z])([0-9]{0,2})", text)
    return (found[1], int(found[2]) if found[2] else -1) if found else None


def digits_of_float(number: float, precision: int) -> Digits:
    """The first `precision` digits of a finite double, rounded half up."""
    if number == 0:
        return Digits("", 0, False, precision)
    rounded = Context(prec=precision, rounding=ROUND_HALF_UP).create_decimal(Decimal(abs(number)))
    return _digits(rounded, number < 0, precision)


def digits_of_integer(number: int, precision: int) -> Digits:
    text = str(abs(number))
    return Digits(text.rstrip("0") if number else "", len(text) if number else 0, number < 0, precision)


def digits_of_decimal(number: Decimal) -> Digits:
    """All digits of a System.Decimal, with its trailing zeros."""
    sign, parts, exponent = number.as_tuple()
    text = "".join(map(str, parts)).lstrip("0")
    return Digits(text, len(text) + int(exponent), bool(sign), 29, is_decimal=True)


def _digits(number: Decimal, negative: bool, precision: int) -> Digits:
    _, parts, exponent = number.as_tuple()
    text = "".join(map(str, parts))
    return Digits(text.rstrip("0"), len(text) + int(exponent), negative, precision)


def format_number(number: int | float | Decimal, text: str | None, culture: Culture) -> str:
    """`number.ToString(text, culture)`. Raises FormatException for a format the type does not know."""
    from winbake.rehearsal.powershell.formatting.custom_numbers import format_custom

    specifier = parse_specifier(text or "G")
    patterns = culture.numbers
    if isinstance(number, float):
        return _format_float(number, text, specifier, patterns)
    if isinstance(number, Decimal):
        digits = digits_of_decimal(number)
        return _standard(digits, *specifier, patterns) if specifier else format_custom(digits, text or "", patterns)
    if specifier is None:
        return format_custom(digits_of_integer(number, 10), text or "", patterns)
    letter, precision = specifier
    upper = letter.upper()
    big = isinstance(number, BigInteger)
    if upper == "D" or (upper == "G" and (precision < 1 or big)) or (upper == "R" and big):
        return ("-" if number < 0 else "") + str(abs(number)).rjust(precision, "0")
    if upper == "X":
        return _big_hex(number, letter, precision) if big else _hex(number, letter, precision)
    return _standard(digits_of_integer(number, _integer_precision(number)), letter, precision, patterns)


def round_trip(number: float) -> str:
    """ToString("R"): 15 digits (7 for a single) if they read back, else 17 (9)."""
    from winbake.rehearsal.powershell.formatting.culture import INVARIANT

    return format_number(number, "R", INVARIANT)


def _format_float(number: float, text: str | None, specifier: tuple[str, int] | None, patterns: NumberPatterns) -> str:
    from winbake.rehearsal.powershell.formatting.custom_numbers import format_custom

    if math.isnan(number):
        return patterns.nan
    if math.isinf(number):
        return patterns.infinity if number > 0 else "-" + patterns.infinity
    short, long = (7, 9) if isinstance(number, Single) else (15, 17)
    if specifier is None:
        return format_custom(digits_of_float(number, short), text or "", patterns)
    letter, precision = specifier
    match letter.upper():
        case "R":
            digits = digits_of_float(number, short)
            if _value(digits, isinstance(number, Single)) != number:
                digits = digits_of_float(number, long)
            return _standard(digits, "G" if letter == "R" else "g", digits.precision, patterns)
        case "E" if precision >= short:
            digits = digits_of_float(number, long)
        case "G" if precision > short:
            digits = digits_of_float(number, long)
        case _:
            digits = digits_of_float(number, short)
    return _standard(digits, letter, precision, patterns)


def _value(digits: Digits, single: bool) -> float:
    import struct

    value = float(f"{'-' if digits.negative else ''}0.{digits.text or '0'}e{digits.scale}")
    if not single:
        return value
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _integer_precision(number: int) -> int:
    _, high = INTEGER_RANGES.get(type(number), (0, 0))
    if high == 2**64 - 1:
        return 20
    if high == 2**63 - 1:
        return 19
    return 10 if high else max(len(str(abs(number))), 1)


def _hex(number: int, letter: str, precision: int) -> str:
    if number < 0:
        low, high = INTEGER_RANGES[type(number)]
        number += high - low + 1
    return format(number, letter).rjust(precision, "0")


def _big_hex(number: int, letter: str, precision: int) -> str:
    """BigInteger: two's complement, with a leading 0 where the top bit would read as a sign."""
    size = number.bit_length() // 8 + 1
    text = number.to_bytes(size, "big", signed=True).hex()
    fill = "f" if number < 0 else "0"
    text = text[1:] if text[0] == fill and (int(text[1], 16) >= 8) == (number < 0) else text
    text = text.rjust(precision, fill)
    return text.upper() if letter == "X" else text


def _standard(digits: Digits, letter: str, precision: int, patterns: NumberPatterns) -> str:
    places = precision if precision >= 0 else patterns.decimals
    sign = "-"
    match letter.upper():
        case "C":
            digits.round(digits.scale + places)
            body = fixed(digits, places, patterns, grouped=True)
            pattern = patterns.currency_negative if digits.negative else patterns.currency_positive
            return pattern.replace("$", patterns.currency_symbol).replace("n", body)
        case "F" | "N":
            digits.round(digits.scale + places)
            body = fixed(digits, places, patterns, grouped=letter in "Nn")
        case "P":
            if digits.text:
                digits.scale += 2
            digits.round(digits.scale + places)
            pattern = patterns.percent_negative if digits.negative else patterns.percent_positive
            return pattern.replace("n", fixed(digits, places, patterns, grouped=True))
        case "E":
            places = 6 if precision < 0 else precision
            digits.round(places + 1)
            body = scientific(digits, places + 1, letter, 3, patterns)
        case "G":
            body = general(digits, letter, precision, patterns)
        case _:
            raise bad_format(BAD_SPECIFIER)
    return sign + body if digits.negative else body


def general(digits: Digits, letter: str, precision: int, patterns: NumberPatterns) -> str:
    """G without the sign: fixed or scientific, whichever is shorter; a Decimal without a precision is fixed."""
    as_is = digits.is_decimal and precision == -1
    places = digits.precision if precision < 1 else precision
    if not as_is:
        digits.round(places)
        if digits.text and (digits.scale > places or digits.scale < -3):
            exponent_letter = "E" if letter == "G" else "e"
            return scientific(digits, len(digits.text), exponent_letter, 2, patterns)
    elif not digits.text.strip("0"):
        digits.negative = False
    whole = digits.text[: max(digits.scale, 0)].ljust(max(digits.scale, 0), "0") or "0"
    rest = "0" * max(-digits.scale, 0) + digits.text[max(digits.scale, 0) :]
    return whole + (patterns.decimal_separator + rest if rest else "")


def fixed(digits: Digits, places: int, patterns: NumberPatterns, grouped: bool = False) -> str:
    """The (already rounded) digits with `places` decimals, no sign."""
    scale = digits.scale
    whole = digits.text[: max(scale, 0)].ljust(max(scale, 0), "0") or "0"
    if grouped:
        whole = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+$)", patterns.group_separator.replace("\\", "\\\\"), whole)
    if places <= 0:
        return whole
    rest = ("0" * max(-scale, 0) + digits.text[max(scale, 0) :])[:places].ljust(places, "0")
    return whole + patterns.decimal_separator + rest


def scientific(digits: Digits, count: int, letter: str, exponent_digits: int, patterns: NumberPatterns) -> str:
    """`count` significant digits and an exponent of at least `exponent_digits`."""
    text = digits.text[:count].ljust(count, "0")
    exponent = digits.scale - 1 if digits.text else 0
    mantissa = text[0] + (patterns.decimal_separator + text[1:] if len(text) > 1 else "")
    return f"{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):0{exponent_digits}d}"
