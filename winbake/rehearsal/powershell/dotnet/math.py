"""System.Math."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.dotnet.decimals import ceiling, divide_by_zero, floor, round_decimal, truncate
from winbake.rehearsal.powershell.dotnet.registry import static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import out_of_range, overflow
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import INTEGER_RANGES, Int64

MATH = "System.Math"


@static_getter(MATH, "PI")
def pi() -> float:
    return math.pi


@static_getter(MATH, "E")
def e() -> float:
    return math.e


@static(MATH, "Abs")
def absolute(value: Any) -> Any:
    if isinstance(value, int) and value == INTEGER_RANGES[type(value)][0] and value < 0:
        raise overflow("Negating the minimum value of a twos complement number is invalid.")
    return type(value)(abs(value))


@static(MATH, "Sign")
def sign(value: Any) -> int:
    if value != value:
        raise NetError("System.ArithmeticException", "Function does not accept floating point Not-a-Number values.")
    return int(value > 0) - int(value < 0)


@static(MATH, "Max")
def maximum(left: Any, right: Any) -> Any:
    if left != left or right != right:
        return left if left != left else right
    return max(left, right)


@static(MATH, "Min")
def minimum(left: Any, right: Any) -> Any:
    if left != left or right != right:
        return left if left != left else right
    return min(left, right)


@static(MATH, "Ceiling")
def static_ceiling(value: Any) -> Any:
    return ceiling(value) if isinstance(value, Decimal) else _whole(value, math.ceil)


@static(MATH, "Floor")
def static_floor(value: Any) -> Any:
    return floor(value) if isinstance(value, Decimal) else _whole(value, math.floor)


@static(MATH, "Truncate")
def static_truncate(value: Any) -> Any:
    return truncate(value) if isinstance(value, Decimal) else _whole(value, math.trunc)


def _whole(value: float, function: Callable[[float], int]) -> float:
    return math.copysign(float(function(value)), value) if math.isfinite(value) else value


@static(MATH, "Round")
def static_round(value: Any, *rest: Any) -> Any:
    places = next((item for item in rest if isinstance(item, int)), None)
    mode = next((item.value for item in rest if isinstance(item, EnumValue)), 0)
    if isinstance(value, Decimal):
        return round_decimal(value, places or 0, mode)
    return round_double(value, places or 0, mode)


def round_double(value: float, places: int = 0, mode: int = 0) -> float:
    """Math.Round of the Framework: scales up, rounds (0 to even, 1 away from zero), scales down."""
    if not 0 <= places <= 15:
        raise out_of_range("digits", "Rounding digits must be between 0 and 15, inclusive.")
    if not abs(value) < 1e16:
        return value
    power = 10.0**places
    scaled = value * power
    if mode:
        fraction, whole = math.modf(scaled)
        if abs(fraction) >= 0.5:
            whole += math.copysign(1.0, fraction)
    else:
        whole = math.copysign(float(round(scaled)), scaled)
    return whole / power


def _function(name: str, function: Callable[..., float]) -> None:
    """Registers a function of doubles that answers NaN or infinity where Python raises."""

    @static(MATH, name)
    def call(*arguments: float) -> float:
        try:
            return float(function(*arguments))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "Acos": math.acos,
    "Asin": math.asin,
    "Atan": math.atan,
    "Atan2": math.atan2,
    "Cos": math.cos,
    "Cosh": math.cosh,
    "Exp": math.exp,
    "IEEERemainder": math.remainder,
    "Sin": math.sin,
    "Sqrt": math.sqrt,
    "Tan": math.tan,
    "Tanh": math.tanh,
}
for _name, _python_function in _FUNCTIONS.items():
    _function(_name, _python_function)


@static(MATH, "Sinh")
def sinh(value: float) -> float:
    try:
        return math.sinh(value)
    except OverflowError:
        return math.copysign(math.inf, value)


@static(MATH, "Pow")
def power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent == int(exponent) and int(exponent) % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base == 0:
            odd = exponent == int(exponent) and int(exponent) % 2 == 1
            return math.copysign(math.inf, base) if odd else math.inf
        return math.nan


@static(MATH, "Log")
def logarithm(value: float, base: float | None = None) -> float:
    if base is None:
        return _logarithm(value, math.log)
    if base == 1 or (value != 1 and (base == 0 or base == math.inf)):
        return math.nan
    return _logarithm(value, math.log) / _logarithm(base, math.log)


@static(MATH, "Log10")
def logarithm_10(value: float) -> float:
    return _logarithm(value, math.log10)


def _logarithm(value: float, function: Callable[[float], float]) -> float:
    if value == 0:
        return -math.inf
    return math.nan if value < 0 or math.isnan(value) else function(value)


@static(MATH, "DivRem")
def div_rem(left: int, right: int, result: Any) -> int:
    if right == 0:
        raise divide_by_zero()
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    kind = type(left)
    result.value = kind(left - quotient * right)
    return kind(quotient)


@static(MATH, "BigMul")
def big_mul(left: int, right: int) -> Int64:
    return Int64(left * right)
