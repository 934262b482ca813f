"""The operators: each is a function of (session, left, right) or (session, value), with .NET's numeric promotion.

Results of Int32 and Int64 arithmetic that do not fit become Double, as in the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.collections import Hashtable, OrderedDictionary
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, DateTimeOffset, TimeSpan
from winbake.rehearsal.powershell.errors import NetError, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.formatting import composite
from winbake.rehearsal.powershell.functions import ScriptBlock
from winbake.rehearsal.powershell.parser import parse_number as read_number
from winbake.rehearsal.powershell.regex import compile_pattern
from winbake.rehearsal.powershell.types import EnumValue, NetType, get_type, is_instance, resolve_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    INTEGER_RANGES,
    BigInteger,
    Byte,
    Char,
    Int16,
    Int64,
    PSArray,
    PSObject,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
    unwrap,
)
from winbake.rehearsal.powershell.wildcard import Wildcard

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

INT_LOW, INT_HIGH = -(2**31), 2**31 - 1
LONG_LOW, LONG_HIGH = -(2**63), 2**63 - 1
ULONG_HIGH = 2**64 - 1
_SMALL = (Byte, SByte, Int16, UInt16, Char)
_DECIMAL = Context(prec=29)
_DECIMAL_MAX = Decimal("79228162514264337593543950335")


# ---- numbers ----------------------------------------------------------------------------------------------


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
    if kind is int or kind in _SMALL:
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


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
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


def _numeric(session: Session, operator: str, left: Any, right: Any) -> Any:
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
    return _arithmetic(operator, one, two)


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
    """DateTime - DateTime, TimeSpan + TimeSpan …: what the op_ methods of those types do."""
    if isinstance(left, _TIMES) and operator in ("+", "-"):
        return _time_arithmetic(session, operator, left, right)
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
        return _checked(lambda: left + other)
    if isinstance(left, TimeSpan) and not isinstance(other, TimeSpan):
        raise _missing_overload(operator)
    return _checked(lambda: left - other)


def _checked(function: Callable[[], Any]) -> Any:
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


def add(session: Session, left: Any, right: Any) -> Any:
    kind = type(left)
    if kind is int and type(right) is int:
        value = left + right
        return value if INT_LOW <= value <= INT_HIGH else float(value)
    if kind is str:
        return left + (right if type(right) is str else convert.to_text(right, session))
    if kind is float and type(right) is float:
        return left + right
    bare = unwrap(left)
    if bare is None:
        if right is AUTOMATION_NULL or right is None:
            return None
        return right
    if isinstance(bare, Char):
        return str(bare) + convert.to_text(right, session)
    if isinstance(bare, str):
        return str(bare) + convert.to_text(right, session)
    if isinstance(bare, PSArray):
        return PSArray([*bare.items, *_appended(right)])
    if isinstance(bare, Hashtable):
        return _add_tables(bare, right)
    if not is_number(bare) and not isinstance(bare, bool | EnumValue):
        items = convert.enumerate_items(bare)
        if items is not None:
            return PSArray([*items, *_appended(right)])
        table = _add_dictionaries(bare, right)
        if table is not None:
            return table
    return _numeric(session, "+", left, right)


def _appended(right: Any) -> list[Any]:
    if right is AUTOMATION_NULL:
        return []
    items = convert.enumerate_items(right)
    return [right] if items is None else list(items)


def _add_tables(left: Any, right: Any) -> Any:
    other = unwrap(right)
    if other is None:
        other = Hashtable(ignore_case=True)
    if not (hasattr(other, "items") and hasattr(other, "contains")):
        raise script_error(
            "AddHashTableToNonHashTable",
            "A hash table can only be added to another hash table.",
            "InvalidOperation",
        )
    out: Any = OrderedDictionary() if isinstance(left, OrderedDictionary) else Hashtable(ignore_case=True)
    for key, value in left.items():
        out.set(key, value)
    for key, value in other.items():
        if out.contains(key):
            text = convert.to_text(key)
            raise ScriptError(
                _record(
                    "System.ArgumentException",
                    f"Item has already been added. Key in dictionary: '{text}'  Key being added: '{text}'",
                    "System.ArgumentException",
                )
            )
        out.set(key, value)
    return out


def _record(type_name: str, message: str, error_id: str) -> Any:
    from winbake.rehearsal.powershell.errors import ErrorRecord

    return ErrorRecord(NetException(type_name, message), error_id, "OperationStopped")


def _add_dictionaries(left: Any, right: Any) -> Any:
    if hasattr(left, "items") and hasattr(left, "contains") and hasattr(unwrap(right), "contains"):
        return _add_tables(left, right)
    return None


def subtract(session: Session, left: Any, right: Any) -> Any:
    if type(left) is int and type(right) is int:
        value = left - right
        return value if INT_LOW <= value <= INT_HIGH else float(value)
    if type(left) is float and type(right) is float:
        return left - right
    return _numeric(session, "-", left, right)


def multiply(session: Session, left: Any, right: Any) -> Any:
    if type(left) is int and type(right) is int:
        value = left * right
        return value if INT_LOW <= value <= INT_HIGH else float(value)
    bare = unwrap(left)
    if isinstance(bare, bool):
        raise script_error(
            "NotADefinedOperationForType",
            f"The operation '[System.Boolean] * [{_type_text(right)}]' is not defined.",
            "InvalidOperation",
        )
    if isinstance(bare, str) and not isinstance(bare, Char):
        times = _times(session, right)
        return bare * times
    if isinstance(bare, PSArray):
        times = _times(session, right)
        return PSArray(bare.items * times, bare.element_type)
    if bare is None:
        return None
    if not is_number(bare) and not isinstance(bare, bool | EnumValue | str):
        items = convert.enumerate_items(bare)
        if items is not None:
            return PSArray(list(items) * _times(session, right))
    return _numeric(session, "*", left, right)


def _type_text(value: Any) -> str:
    return type_of(value).key if value is not None and value is not AUTOMATION_NULL else "System.Object"


def _times(session: Session, right: Any) -> int:
    times = convert.convert(right, get_type("System.Int32"), session)
    if times < 0:
        raise ScriptError(
            _record(
                "System.ArgumentOutOfRangeException",
                "Specified argument was out of the range of valid values.\r\nParameter name: times",
                "System.ArgumentOutOfRangeException",
            )
        )
    return int(times)


def divide(session: Session, left: Any, right: Any) -> Any:
    return _numeric(session, "/", left, right)


def remainder(session: Session, left: Any, right: Any) -> Any:
    if type(left) is int and type(right) is int and left >= 0 and right > 0:
        return left % right
    return _numeric(session, "%", left, right)


def negate(session: Session, value: Any) -> Any:
    if type(value) is int:
        return -value if value != INT_LOW else -float(value)
    if type(value) is float:
        return -value
    bare = unwrap(value)
    if isinstance(bare, str | EnumValue | bool) or bare is None or is_number(bare):
        number = to_number(session, bare)
        if isinstance(number, float):
            return Single(-number) if type(number) is Single else -number
        if isinstance(number, Decimal):
            return -number
        return _arithmetic("-", 0, number)
    if isinstance(bare, TimeSpan):
        return _checked(lambda: -bare)
    return _numeric(session, "-", 0, value)


def plus(session: Session, value: Any) -> Any:
    bare = unwrap(value)
    if type(bare) in _SMALL:
        return int(bare) if not isinstance(bare, Char) else ord(bare)
    return _numeric(session, "+", 0, value) if not is_number(bare) else bare


# ---- bits -------------------------------------------------------------------------------------------------


def _bit_operands(session: Session, left: Any, right: Any) -> tuple[int, int, type, Any]:
    enum_type = None
    bare_left, bare_right = unwrap(left), unwrap(right)
    if isinstance(bare_left, EnumValue):
        enum_type = bare_left.net_type
        bare_right = convert.convert(bare_right, enum_type, session)
    elif isinstance(bare_right, EnumValue) and not is_number(bare_left):
        enum_type = bare_right.net_type
        bare_left = convert.convert(bare_left, enum_type, session)
    one, two = _to_integer(session, bare_left), _to_integer(session, bare_right)
    kinds = [type(one), type(two)]
    kind: type
    if UInt64 in kinds:
        kind = UInt64
    elif Int64 in kinds:
        kind = Int64
    elif UInt32 in kinds:
        other = two if kinds[0] is UInt32 else one
        kind = UInt32 if kinds[0] is kinds[1] or (other >= 0) else Int64
    else:
        kind = int
    return int(one), int(two), kind, enum_type


def _to_integer(session: Session, value: Any) -> Any:
    value = unwrap(value)
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, EnumValue):
        return int(value.value)
    if isinstance(value, str):
        value = to_number(session, value)
    if isinstance(value, float | Decimal):
        rounded = convert.convert(value, get_type("System.Int64"), session)
        if INT_LOW <= rounded <= INT_HIGH:
            return int(rounded)
        if 0 <= rounded <= 0xFFFFFFFF:
            return UInt32(rounded)
        return rounded
    if isinstance(value, int):
        return value if type(value) not in _SMALL else int(value)
    return convert.convert(value, get_type("System.Int64"), session)


def _wrap(value: int, kind: type) -> Any:
    low, high = INTEGER_RANGES.get(kind, (INT_LOW, INT_HIGH))
    size = high - low + 1
    value = (value - low) % size + low
    return value if kind is int else kind(value)


def _bits(function: Callable[[int, int], int]) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        one, two, kind, enum_type = _bit_operands(session, left, right)
        value = _wrap(function(one, two), kind)
        return EnumValue(enum_type, int(value)) if enum_type is not None else value

    return operate


band = _bits(lambda a, b: a & b)
bor = _bits(lambda a, b: a | b)
bxor = _bits(lambda a, b: a ^ b)


def bnot(session: Session, value: Any) -> Any:
    bare = unwrap(value)
    if isinstance(bare, EnumValue):
        return EnumValue(bare.net_type, ~bare.value)
    number = _to_integer(session, bare)
    kind = type(number)
    return _wrap(~int(number), kind if kind in (UInt32, UInt64, Int64) else int)


def shift_left(session: Session, left: Any, right: Any) -> Any:
    return _shift(session, left, right, lambda value, by: value << by)


def shift_right(session: Session, left: Any, right: Any) -> Any:
    return _shift(session, left, right, lambda value, by: value >> by)


def _shift(session: Session, left: Any, right: Any, function: Callable[[int, int], int]) -> Any:
    number = _to_integer(session, left)
    by = convert.convert(right, get_type("System.Int32"), session)
    kind = type(number) if type(number) in (UInt32, UInt64, Int64) else int
    by &= 63 if kind in (Int64, UInt64) else 31
    return _wrap(function(int(number), by), kind)


# ---- comparison -------------------------------------------------------------------------------------------


def _each(left: Any) -> Any:
    """The items if the left side of a comparison is a collection."""
    if isinstance(left, str | int | float) or left is None:
        return None
    return convert.enumerate_items(left)


def _comparison(test: Callable[[Any, Any], bool]) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        items = _each(left)
        if items is None:
            return test(left, right)
        return PSArray([item for item in items if test(item, right)])

    return operate


def _make_equal(ignore_case: bool, wanted: bool) -> Callable[[Session, Any, Any], Any]:
    general = _comparison(lambda a, b: convert.equals(a, b, ignore_case) is wanted)

    def operate(session: Session, left: Any, right: Any) -> Any:
        if type(left) is int and type(right) is int:
            return (left == right) is wanted
        return general(session, left, right)

    return operate


def _make_order(ignore_case: bool, test: Callable[[int], bool], quick: Callable[[Any, Any], bool]) -> Any:
    def one(left: Any, right: Any) -> bool:
        result = convert.compare(left, right, ignore_case)
        return result is not None and test(result)

    general = _comparison(one)

    def operate(session: Session, left: Any, right: Any) -> Any:
        if (type(left) is int or type(left) is float) and (type(right) is int or type(right) is float):
            return quick(left, right)
        return general(session, left, right)

    return operate


equal, cequal = _make_equal(True, True), _make_equal(False, True)
not_equal, cnot_equal = _make_equal(True, False), _make_equal(False, False)
_ORDERS: dict[str, tuple[Callable[[int], bool], Callable[[Any, Any], bool]]] = {
    "lt": (lambda r: r < 0, lambda a, b: a < b),
    "le": (lambda r: r <= 0, lambda a, b: a <= b),
    "gt": (lambda r: r > 0, lambda a, b: a > b),
    "ge": (lambda r: r >= 0, lambda a, b: a >= b),
}


def contains(session: Session, left: Any, right: Any, ignore_case: bool = True) -> bool:
    items = _each(left)
    if items is None:
        return convert.equals(left, right, ignore_case)
    return any(convert.equals(item, right, ignore_case) for item in items)


def _wildcard(session: Session, right: Any, ignore_case: bool) -> Wildcard:
    return session.wildcard(convert.to_text(right, session), ignore_case)


def _make_like(ignore_case: bool, wanted: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        pattern = _wildcard(session, right, ignore_case)
        items = _each(left)
        if items is None:
            return pattern.matches(convert.to_text(left, session)) is wanted
        texts = [convert.to_text(item, session) for item in items]
        return PSArray([text for text in texts if pattern.matches(text) is wanted])

    return operate


def _regex(session: Session, pattern: Any, ignore_case: bool) -> Any:
    bare = unwrap(pattern)
    if hasattr(bare, "match") and hasattr(bare, "replace") and not isinstance(bare, str):
        return bare
    return session.regex(convert.to_text(pattern, session), ignore_case)


def match_text(session: Session, left: Any, right: Any, ignore_case: bool) -> Any:
    """The match object of a scalar -match, or None. `$Matches` is the caller's business."""
    found = _regex(session, right, ignore_case).match(convert.to_text(left, session))
    return found if found.success else None


def matches_table(match: Any) -> Hashtable:
    """`$Matches`: numbered groups that took part, and named ones under their names."""
    table = Hashtable(ignore_case=True)
    for group in match.groups:
        if group.success:
            table.set(int(group.name) if group.name.isdigit() else group.name, group.value)
    return table


def _make_match(ignore_case: bool, wanted: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        regex = _regex(session, right, ignore_case)
        items = _each(left)
        if items is None:
            found = regex.match(convert.to_text(left, session))
            if found.success:
                session.scope.put("matches", matches_table(found))
            return found.success is wanted
        return PSArray([item for item in items if regex.is_match(convert.to_text(item, session)) is wanted])

    return operate


def _make_replace(ignore_case: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        parts = convert.enumerate_items(right)
        if parts is None:
            pattern, replacement = right, ""
        else:
            found = list(parts)
            if len(found) > 2:
                raise script_error(
                    "BadReplaceArgument",
                    f"The -replace operator allows only two elements to follow it, not {len(found)}.",
                )
            pattern = found[0] if found else ""
            replacement = found[1] if len(found) == 2 else ""
        regex = _regex(session, pattern, ignore_case)
        text = convert.to_text(replacement, session)
        items = _each(left)
        if items is None:
            return regex.replace(convert.to_text(left, session), text)
        return PSArray([regex.replace(convert.to_text(item, session), text) for item in items])

    return operate


def _make_split(ignore_case: bool) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        items = _each(left)
        texts = [convert.to_text(left, session)] if items is None else [convert.to_text(i, session) for i in items]
        parts = convert.enumerate_items(right)
        arguments = [right] if parts is None else list(parts)
        separator = arguments[0] if arguments else ""
        limit = 0
        if len(arguments) > 1:
            limit = convert.convert(arguments[1], get_type("System.Int32"), session)
        options = 0
        if len(arguments) > 2:
            options = convert.convert(
                arguments[2], get_type("System.Management.Automation.SplitOptions"), session
            ).value
        out: list[Any] = []
        bare = unwrap(separator)
        for text in texts:
            if isinstance(bare, ScriptBlock):
                out += _split_by_block(session, text, bare, limit)
            elif options & 1:
                out += _split_simple(
                    text, convert.to_text(separator, session), limit, ignore_case or bool(options & 64)
                )
            else:
                out += _split_by_regex(session, text, separator, limit, options, ignore_case)
        return PSArray(out, "System.String")

    return operate


def _split_by_regex(
    session: Session, text: str, separator: Any, limit: int, options: int, ignore_case: bool
) -> list[str]:
    flags = 0
    if ignore_case or options & 0x40:
        flags |= 1
    if options & 4:
        flags |= 512  # RegexOptions.CultureInvariant
    if options & 8:
        flags |= 32  # IgnorePatternWhitespace
    if options & 16:
        flags |= 2  # Multiline
    if options & 32:
        flags |= 16  # Singleline
    if options & 128:
        flags |= 4  # ExplicitCapture
    regex = compile_pattern(convert.to_text(separator, session), flags)
    return list(regex.split(text, max(limit, 0)))


def _split_simple(text: str, separator: str, limit: int, ignore_case: bool) -> list[str]:
    if not separator:
        return [text]
    hay, needle = (text.lower(), separator.lower()) if ignore_case else (text, separator)
    out: list[str] = []
    at = 0
    while not (0 < limit <= len(out) + 1):
        found = hay.find(needle, at)
        if found < 0:
            break
        out.append(text[at:found])
        at = found + len(needle)
    out.append(text[at:])
    return out


def _split_by_block(session: Session, text: str, block: ScriptBlock, limit: int) -> list[str]:
    out: list[str] = []
    current = ""
    for index, character in enumerate(text):
        if 0 < limit <= len(out) + 1:
            current += text[index:]
            break
        verdict = session.invoke(block, text, index, underscore=character)
        if convert.to_bool(session.collected(verdict)):
            out.append(current)
            current = ""
        else:
            current += character
    out.append(current)
    return out


def split_white(session: Session, value: Any) -> Any:
    """Unary -split."""
    items = convert.enumerate_items(value)
    texts = [convert.to_text(value, session)] if items is None else [convert.to_text(i, session) for i in items]
    return PSArray([part for text in texts for part in text.split()], "System.String")


def join(session: Session, left: Any, right: Any) -> str:
    items = convert.enumerate_items(left)
    if items is None:
        return convert.to_text(left, session)
    return convert.to_text(right, session).join([convert.to_text(item, session) for item in items])


def join_bare(session: Session, value: Any) -> str:
    return join(session, value, "")


def format_operator(session: Session, left: Any, right: Any) -> str:
    items = convert.enumerate_items(right)
    arguments = [right] if items is None else list(items)
    try:
        return composite(convert.to_text(left, session), arguments)
    except NetError as failure:
        exception = failure.exception
        message = f"Error formatting a string: {exception.message}"
        raise script_error("FormatError", message, "InvalidOperation", inner=exception) from failure


def is_type(session: Session, left: Any, right: Any) -> bool:
    net_type = _right_type(session, right)
    if net_type.key == "System.Management.Automation.PSCustomObject" and left is not None:
        return isinstance(left, PSObject)
    return is_instance(left, net_type)


def _right_type(session: Session, right: Any) -> NetType:
    bare = unwrap(right)
    if isinstance(bare, NetType):
        return bare
    text = convert.to_text(right, session)
    found = resolve_type(text, session)
    if found is None:
        raise script_error(
            "RuntimeException",
            f'Cannot convert the "{text}" value of type "System.String" to type "System.Type".',
            "InvalidOperation",
        )
    return found


def as_type(session: Session, left: Any, right: Any) -> Any:
    ok, value = convert.try_convert(left, _right_type(session, right), session)
    return value if ok else None


def range_operator(session: Session, left: Any, right: Any) -> PSArray:
    low = range_end(session, left)
    high = range_end(session, right)
    step = 1 if high >= low else -1
    return PSArray(range(low, high + step, step))


def range_end(session: Session, value: Any) -> int:
    if type(value) is int:
        return value
    return int(convert.convert(unwrap(value), get_type("System.Int32"), session))


def logical_not(session: Session, value: Any) -> bool:
    return not convert.to_bool(value)


def _invert(operator: Callable[[Session, Any, Any], bool]) -> Callable[[Session, Any, Any], bool]:
    return lambda session, left, right: not operator(session, left, right)


def _sides(ignore_case: bool) -> Callable[[Session, Any, Any], bool]:
    return lambda session, left, right: contains(session, left, right, ignore_case)


def _swapped(operator: Callable[[Session, Any, Any], bool]) -> Callable[[Session, Any, Any], bool]:
    return lambda session, left, right: operator(session, right, left)


BINARY: dict[str, Callable[[Session, Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "..": range_operator,
    "-f": format_operator,
    "-band": band,
    "-bor": bor,
    "-bxor": bxor,
    "-shl": shift_left,
    "-shr": shift_right,
    "-is": is_type,
    "-isnot": _invert(is_type),
    "-as": as_type,
    "-join": join,
    "-eq": equal,
    "-ieq": equal,
    "-ceq": cequal,
    "-ne": not_equal,
    "-ine": not_equal,
    "-cne": cnot_equal,
}
for _name, (_test, _quick) in _ORDERS.items():
    BINARY[f"-{_name}"] = BINARY[f"-i{_name}"] = _make_order(True, _test, _quick)
    BINARY[f"-c{_name}"] = _make_order(False, _test, _quick)
for _prefix, _fold in (("-", True), ("-i", True), ("-c", False)):
    BINARY[f"{_prefix}like"] = _make_like(_fold, True)
    BINARY[f"{_prefix}notlike"] = _make_like(_fold, False)
    BINARY[f"{_prefix}match"] = _make_match(_fold, True)
    BINARY[f"{_prefix}notmatch"] = _make_match(_fold, False)
    BINARY[f"{_prefix}replace"] = _make_replace(_fold)
    BINARY[f"{_prefix}split"] = _make_split(_fold)
    BINARY[f"{_prefix}contains"] = _sides(_fold)
    BINARY[f"{_prefix}notcontains"] = _invert(_sides(_fold))
    BINARY[f"{_prefix}in"] = _swapped(_sides(_fold))
    BINARY[f"{_prefix}notin"] = _invert(_swapped(_sides(_fold)))
UNARY: dict[str, Callable[[Session, Any], Any]] = {
    "-": negate,
    "+": plus,
    "!": logical_not,
    "-not": logical_not,
    "-bnot": bnot,
    "-split": split_white,
    "-isplit": split_white,
    "-csplit": split_white,
    "-join": join_bare,
}
