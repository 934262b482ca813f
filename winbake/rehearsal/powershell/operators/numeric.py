"""Numbers of the operators: what an operand counts as, and .NET's promotion of a pair of them.

Results of Int32 and Int64 arithmetic that do not fit become Double, as in the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, DateTimeOffset, TimeSpan
from winbake.rehearsal.powershell.errors import NetError, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.parser import parse_number as read_number
from winbake.rehearsal.powershell.types import EnumValue, get_type, type_of
from winbake.rehearsal.powershell.values import (
    BigInteger,
    Byte,
    Char,
    Int16,
    Int64,
    PSArray,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

INT_LOW, INT_HIGH = -(2**31), 2**31 - 1
LONG_LOW, LONG_HIGH = -(2**63), 2**63 - 1
ULONG_HIGH = 2**64 - 1
SMALL = (Byte, SByte, Int16, UInt16, Char)
_DECIMAL = Context(prec=29)
_DECIMAL_MAX = Decimal("79228162514264337593543950335")


def integer_result(value: int) -> Any:
    """The value as Int32 if it fits, else Int64 if it fits, else Double."""
    if INT_LOW <= value <= INT_HIGH:
        return value
    if LONG_LOW <= value <= LONG_HIGH:
        return Int64(value)
    return float(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def to_number(session: Session, value: Any) -> Any:
    """What the engine makes of an operand of arithmetic: numbers stay, null is 0, texts and booleans are converted.

    Returns None if there is no number in it.
    """
    value = unwrap(value)
    kind = type(value)
    if kind is int or kind is float or kind is Int64:
        return value
    if kind is bool:
        return int(value)
    if value is None:
        return 0
    if kind is Char:
        return ord(value)
    if kind is str:
        return parse_number(session, value)
    if isinstance(value, EnumValue):
        return int(value.value)
    if isinstance(value, int | float | Decimal):
        return value
    ok, number = convert.try_convert(value, get_type("System.Int32"), session)
    return number if ok else None


def parse_number(session: Session, text: str) -> Any:
    """A text as an operand: what `[int]`, `[long]`, `[double]` would read; raises the conversion's error."""
    found = read_number(text)
    if found is not None:
        return found
    return convert.convert(text, get_type("System.Int32"), session)


def _kind(value: Any) -> float:
    """0 Int32, 1 Int64, 2 UInt64, 3 Decimal, 4 Double, 5 BigInteger: the type in which the engine calculates."""
    kind = type(value)
    if kind is int or kind in SMALL:
        return 0
    if kind is UInt32:
        return 0.5
    if kind is Int64:
        return 1
    if kind is UInt64:
        return 2
    if kind is Decimal:
        return 3
    if kind is float or kind is Single:
        return 4
    return 5


def _divide_by_zero() -> ScriptError:
    inner = NetException("System.DivideByZeroException", "Attempted to divide by zero.")
    return script_error("RuntimeException", "Attempted to divide by zero.", "NotSpecified", inner=inner)


def _overflow(message: str = "Value was either too large or too small for a Decimal.") -> ScriptError:
    inner = NetException("System.OverflowException", message)
    return script_error("RuntimeException", message, "NotSpecified", inner=inner)


def _as_decimal(value: Any) -> Decimal:
    if type(value) is Decimal:
        return value
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value) or abs(value) > float(_DECIMAL_MAX):
            raise _overflow()
        return Decimal(f"{value:.15g}")
    return Decimal(int(value))


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    kind = max(_kind(left), _kind(right))
    if kind == 0:
        return _integers(operator, int(left), int(right), INT_LOW, INT_HIGH, int)
    if kind == 0.5:
        if left < 0 or right < 0:
            return _integers(operator, int(left), int(right), LONG_LOW, LONG_HIGH, Int64)
        return _integers(operator, int(left), int(right), 0, 2**32 - 1, UInt32)
    if kind == 1:
        return _integers(operator, int(left), int(right), LONG_LOW, LONG_HIGH, Int64)
    if kind == 2:
        if left < 0 or right < 0:
            return _doubles(operator, float(left), float(right))
        return _integers(operator, int(left), int(right), 0, ULONG_HIGH, UInt64)
    if kind == 3:
        return _decimals(operator, _as_decimal(left), _as_decimal(right))
    if kind == 5:
        if isinstance(left, float) or isinstance(right, float):
            return _doubles(operator, float(left), float(right))
        return BigInteger(_integers(operator, int(left), int(right), None, None, BigInteger))
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        left, right = float(left), float(right)
    return _doubles(operator, float(left), float(right))


def _integers(operator: str, left: int, right: int, low: int | None, high: int | None, kind: type[int]) -> Any:
    if operator == "+":
        value = left + right
    elif operator == "-":
        value = left - right
    elif operator == "*":
        value = left * right
    elif operator == "/":
        if right == 0:
            raise _divide_by_zero()
        value, rest = divmod(left, right)
        if rest:
            return float(left) / float(right)
    else:
        if right == 0:
            raise _divide_by_zero()
        value = abs(left) % abs(right)
        if left < 0:
            value = -value
    if low is not None and high is not None and not low <= value <= high:
        return float(value)
    return value if kind is int else kind(value)


def _doubles(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/":
        if right == 0:
            if left == 0 or math.isnan(left):
                return math.nan
            return math.copysign(math.inf, left) * math.copysign(1.0, right)
        return left / right
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


def _decimals(operator: str, left: Decimal, right: Decimal) -> Decimal:
    try:
        if operator == "+":
            value = _DECIMAL.add(left, right)
        elif operator == "-":
            value = _DECIMAL.subtract(left, right)
        elif operator == "*":
            value = _DECIMAL.multiply(left, right)
        elif right == 0:
            raise _divide_by_zero()
        elif operator == "/":
            value = _DECIMAL.divide(left, right)
            if value == value.to_integral_value() and value.as_tuple().exponent > 0:  # type: ignore[operator]
                value = value.quantize(Decimal(1))
        else:
            value = left - right * (left / right).to_integral_value(rounding=ROUND_DOWN)
    except (InvalidOperation, Overflow) as failure:
        raise _overflow() from failure
    if abs(value) > _DECIMAL_MAX:
        raise _overflow()
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -28:
        value = value.quantize(Decimal(1).scaleb(-28))
    return value


def _missing_operator(left: Any, operator: str) -> ScriptError:
    name = {"+": "op_Addition", "-": "op_Subtraction", "*": "op_Multiply", "/": "op_Division", "%": "op_Modulus"}[
        operator
    ]
    type_name = type_of(left).key if left is not None else "System.Object"
    return script_error(
        "MethodNotFound",
        f"Method invocation failed because [{type_name}] does not contain a method named '{name}'.",
    )


def numeric_result(session: Session, operator: str, left: Any, right: Any) -> Any:
    """Arithmetic of operands that are not both plain Int32 or Double."""
    bare_left, bare_right = unwrap(left), unwrap(right)
    found = _operator_method(session, operator, bare_left, bare_right)
    if found is not _NONE:
        return found
    one = to_number_left(session, bare_left)
    if one is None:
        raise _missing_operator(bare_left, operator)
    two = _right_number(session, bare_right, one)
    if two is None:
        raise _missing_operator(bare_left, operator)
    return arithmetic(operator, one, two)


def _right_number(session: Session, value: Any, left: Any) -> Any:
    if is_number(value) or value is None or isinstance(value, bool | str | EnumValue):
        return to_number(session, value)
    if isinstance(value, PSArray) or convert.enumerate_items(value) is not None:
        raise script_error(
            "MethodNotFound",
            "Method invocation failed because [System.Object[]] does not contain a method named 'op_Subtraction'.",
        )
    return to_number(session, value)


def to_number_left(session: Session, value: Any) -> Any:
    if is_number(value) or value is None or isinstance(value, bool | str | EnumValue):
        return to_number(session, value)
    return None


_NONE = object()
_NAMES = {"+": "op_Addition", "-": "op_Subtraction", "*": "op_Multiply", "/": "op_Division", "%": "op_Modulus"}


def _operator_method(session: Session, operator: str, left: Any, right: Any) -> Any:
    """DateTime - DateTime, TimeSpan + TimeSpan …: what the op_ methods of those types, and of script classes, do."""
    from winbake.rehearsal.powershell import members

    if isinstance(left, _TIMES) and operator in ("+", "-"):
        return _time_arithmetic(session, operator, left, right)
    decisive = right if left is None or is_number(left) else left
    owner = type_of(decisive) if decisive is not None else None
    if owner is not None and owner.script_class is not None:
        made = members.invoke_operator(session, owner, _NAMES[operator], left, right)
        if made is not members.NO_OPERATOR:
            return made
    return _NONE


_TIMES = (DateTime, TimeSpan, DateTimeOffset)


def _time_arithmetic(session: Session, operator: str, left: Any, right: Any) -> Any:
    span = get_type("System.TimeSpan")
    other = right
    if not isinstance(other, _TIMES):
        wanted = span if operator == "+" or isinstance(left, TimeSpan) else type_of(left)
        ok, other = convert.try_convert(right, wanted, session)
        if not ok and operator == "-":
            ok, other = convert.try_convert(right, span, session)
        if not ok:
            raise _missing_overload(operator)
    if operator == "+":
        if not isinstance(other, TimeSpan):
            raise _missing_overload(operator)
        return checked(lambda: left + other)
    if isinstance(left, TimeSpan) and not isinstance(other, TimeSpan):
        raise _missing_overload(operator)
    return checked(lambda: left - other)


def checked(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except NetError as failure:
        exception = failure.exception
        raise script_error("RuntimeException", exception.message, "NotSpecified", inner=exception) from failure


def _missing_overload(operator: str) -> ScriptError:
    return script_error(
        "MethodCountCouldNotFindBest",
        f'Cannot find an overload for "{_NAMES[operator]}" and the argument count: "2".',
        "NotSpecified",
        "System.Management.Automation.MethodException",
    )
