"""System.Decimal's arithmetic and System.Numerics.BigInteger's."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.compare_to import order
from winbake.rehearsal.powershell.dotnet.number_parsing import MAX_DECIMAL, fit_decimal
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, out_of_range, overflow
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import (
    BigInteger,
    Byte,
    Int16,
    Int64,
    PSArray,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)

DECIMAL = "System.Decimal"
BIG = "System.Numerics.BigInteger"
_WIDE = Context(prec=120)


def decimal_from_float(number: float) -> Decimal:
    """(decimal)double keeps 15 significant digits, (decimal)float 7. Raises OverflowException."""
    if math.isnan(number) or math.isinf(number):
        raise overflow("Value was either too large or too small for a Decimal.")
    digits = 7 if isinstance(number, Single) else 15
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(Decimal(number))
    return fit_decimal(fit_decimal(rounded).normalize())


def round_decimal(value: Decimal, places: int = 0, mode: int = 0) -> Decimal:
    """Decimal.Round; `mode` 0 to even, 1 away from zero. Fewer places than asked for stay as they are."""
    if not 0 <= places <= 28:
        raise out_of_range("decimals", "Decimal can only round to between 0 and 28 digits of precision.")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return value
    rounding = ROUND_HALF_UP if mode else ROUND_HALF_EVEN
    return value.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=Context(prec=60))


def divide_by_zero() -> NetError:
    return NetError("System.DivideByZeroException", "Attempted to divide by zero.")


def _whole(value: Decimal, rounding: str) -> Decimal:
    return value.quantize(Decimal(1), rounding=rounding, context=Context(prec=60))


@constructor(DECIMAL)
def new_decimal(first: Any, *rest: Any) -> Decimal:
    if rest:
        mid, high, negative, scale = rest
        return _from_parts(int(first), int(mid), int(high), bool(negative), int(scale))
    if isinstance(first, PSArray):
        low, mid, high, flags = (int(item) for item in first)
        return _from_parts(low, mid, high, flags < 0, flags >> 16 & 0xFF)
    return decimal_from_float(first) if isinstance(first, float) else Decimal(int(first))


def _from_parts(low: int, mid: int, high: int, negative: bool, scale: int) -> Decimal:
    if scale > 28:
        raise out_of_range("scale", "Decimal's scale value must be between 0 and 28, inclusive.")
    number = (low & 0xFFFFFFFF) | (mid & 0xFFFFFFFF) << 32 | (high & 0xFFFFFFFF) << 64
    return Decimal(-number if negative else number).scaleb(-scale, context=_WIDE)


@static(DECIMAL, "GetBits")
def get_bits(value: Decimal) -> PSArray:
    sign, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits)) or "0")
    flags = (-int(exponent) << 16) | (0x80000000 if sign else 0)
    words = [number & 0xFFFFFFFF, number >> 32 & 0xFFFFFFFF, number >> 64 & 0xFFFFFFFF, flags]
    return PSArray((word - 2**32 if word >= 2**31 else word for word in words), "System.Int32")


@static(DECIMAL, "Round")
def static_round(value: Decimal, *rest: Any) -> Decimal:
    places = next((item for item in rest if isinstance(item, int)), 0)
    mode = next((item.value for item in rest if isinstance(item, EnumValue)), 0)
    return round_decimal(value, places, mode)


@static(DECIMAL, "Truncate")
def truncate(value: Decimal) -> Decimal:
    return _whole(value, ROUND_DOWN)


@static(DECIMAL, "Floor")
def floor(value: Decimal) -> Decimal:
    return _whole(value, ROUND_FLOOR)


@static(DECIMAL, "Ceiling")
def ceiling(value: Decimal) -> Decimal:
    return _whole(value, ROUND_CEILING)


@static(DECIMAL, "Add")
def add(left: Decimal, right: Decimal) -> Decimal:
    return fit_decimal(_WIDE.add(left, right))


@static(DECIMAL, "Subtract")
def subtract(left: Decimal, right: Decimal) -> Decimal:
    return fit_decimal(_WIDE.subtract(left, right))


@static(DECIMAL, "Multiply")
def multiply(left: Decimal, right: Decimal) -> Decimal:
    return fit_decimal(_WIDE.multiply(left, right))


@static(DECIMAL, "Divide")
def divide(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise divide_by_zero()
    return fit_decimal(_WIDE.divide(left, right))


@static(DECIMAL, "Remainder")
def remainder(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise divide_by_zero()
    return fit_decimal(_WIDE.remainder(left, right))


@static(DECIMAL, "Negate")
def negate(value: Decimal) -> Decimal:
    return value.copy_negate()


@static(DECIMAL, "Compare")
def compare(left: Decimal, right: Decimal) -> int:
    return order(left, right)


@static(DECIMAL, "Equals")
def static_equals(left: Decimal, right: Decimal) -> bool:
    return left == right


def _register_to(name: str, kind: type) -> None:
    @static(DECIMAL, name)
    def convert(value: Decimal) -> Any:
        from winbake.rehearsal.powershell.dotnet.convert_class import integer_in_range

        return integer_in_range(int(value), kind)


for _name, _kind in {
    "ToByte": Byte,
    "ToSByte": SByte,
    "ToInt16": Int16,
    "ToUInt16": UInt16,
    "ToInt32": int,
    "ToUInt32": UInt32,
    "ToInt64": Int64,
    "ToUInt64": UInt64,
}.items():
    _register_to(_name, _kind)


@static(DECIMAL, "ToDouble")
def to_double(value: Decimal) -> float:
    return float(value)


def _constant(type_name: str, name: str, value: Any) -> None:
    static_getter(type_name, name)(lambda: value)


for _name, _number in {"MaxValue": MAX_DECIMAL, "MinValue": -MAX_DECIMAL, "One": 1, "MinusOne": -1, "Zero": 0}.items():
    _constant(DECIMAL, _name, Decimal(_number))


# ---- System.Numerics.BigInteger --------------------------------------------------------------------------


@constructor(BIG)
def new_big(value: Any) -> BigInteger:
    if isinstance(value, PSArray):
        return BigInteger(int.from_bytes(bytes_of(value), "little", signed=True))
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value)):
        raise overflow("BigInteger cannot represent infinity." if math.isinf(value) else "The value is not a number.")
    return BigInteger(int(value))


for _name, _number in {"One": 1, "Zero": 0, "MinusOne": -1}.items():
    _constant(BIG, _name, BigInteger(_number))


def _quotient(left: int, right: int) -> tuple[BigInteger, BigInteger]:
    """Truncating division, as .NET's."""
    if right == 0:
        raise divide_by_zero()
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return BigInteger(quotient), BigInteger(left - quotient * right)


@static(BIG, "Pow")
def big_pow(value: int, exponent: int) -> BigInteger:
    if exponent < 0:
        raise out_of_range("exponent", "The number must be greater than or equal to zero.")
    return BigInteger(int(value) ** exponent)


@static(BIG, "ModPow")
def big_mod_pow(value: int, exponent: int, modulus: int) -> BigInteger:
    if exponent < 0:
        raise out_of_range("exponent", "The number must be greater than or equal to zero.")
    if modulus == 0:
        raise divide_by_zero()
    result = pow(abs(int(value)), int(exponent), abs(int(modulus)))
    return BigInteger(-result if value < 0 and exponent % 2 else result)


@static(BIG, "Add")
def big_add(left: int, right: int) -> BigInteger:
    return BigInteger(int(left) + int(right))


@static(BIG, "Subtract")
def big_subtract(left: int, right: int) -> BigInteger:
    return BigInteger(int(left) - int(right))


@static(BIG, "Multiply")
def big_multiply(left: int, right: int) -> BigInteger:
    return BigInteger(int(left) * int(right))


@static(BIG, "Divide")
def big_divide(left: int, right: int) -> BigInteger:
    return _quotient(left, right)[0]


@static(BIG, "Remainder")
def big_remainder(left: int, right: int) -> BigInteger:
    return _quotient(left, right)[1]


@static(BIG, "DivRem")
def big_div_rem(left: int, right: int, rest: Any) -> BigInteger:
    quotient, rest.value = _quotient(left, right)
    return quotient


@static(BIG, "Abs")
def big_abs(value: int) -> BigInteger:
    return BigInteger(abs(value))


@static(BIG, "Negate")
def big_negate(value: int) -> BigInteger:
    return BigInteger(-value)


@static(BIG, "Max")
def big_max(left: int, right: int) -> BigInteger:
    return BigInteger(max(left, right))


@static(BIG, "Min")
def big_min(left: int, right: int) -> BigInteger:
    return BigInteger(min(left, right))


@static(BIG, "GreatestCommonDivisor")
def big_gcd(left: int, right: int) -> BigInteger:
    return BigInteger(math.gcd(left, right))


@static(BIG, "Compare")
def big_compare(left: int, right: int) -> int:
    return order(left, right)


@static(BIG, "Log")
def big_log(value: int, base: float = math.e) -> float:
    return math.log(value, base) if value > 0 else (-math.inf if value == 0 else math.nan)


@static(BIG, "Log10")
def big_log10(value: int) -> float:
    return math.log10(value) if value > 0 else (-math.inf if value == 0 else math.nan)


@method(BIG, "ToByteArray")
def big_to_bytes(value: int) -> PSArray:
    if value is None:
        raise argument_null("value")
    return byte_array(
        int(value).to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "little", signed=True)
    )


@getter(BIG, "Sign")
def big_sign(value: int) -> int:
    return order(value, 0)


@getter(BIG, "IsZero")
def big_is_zero(value: int) -> bool:
    return value == 0


@getter(BIG, "IsOne")
def big_is_one(value: int) -> bool:
    return value == 1


@getter(BIG, "IsEven")
def big_is_even(value: int) -> bool:
    return value % 2 == 0


@getter(BIG, "IsPowerOfTwo")
def big_is_power_of_two(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0
