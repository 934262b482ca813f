"""Equality and order as `-eq` and `-lt` see them: the left value's type decides (LanguagePrimitives)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from winbake.rehearsal.powershell.conversion.collation import compare_text, equal_text
from winbake.rehearsal.powershell.conversion.numbers import double_to_decimal, is_number
from winbake.rehearsal.powershell.conversion.text import flat_text, to_text
from winbake.rehearsal.powershell.errors import NetError, ScriptError, script_error
from winbake.rehearsal.powershell.types import EnumValue, get_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    BigInteger,
    Char,
    NetObject,
    PSObject,
    is_custom,
    unwrap,
)


def equals(left: Any, right: Any, ignore_case: bool = True, session: Any = None) -> bool:
    """Whether two single values are equal; never throws for values that do not convert."""
    left, right = unwrap(left), unwrap(right)
    if left is right:
        return not (isinstance(left, float) and left != left)
    if left is None or right is None:
        return False
    if type(left) is str:
        return equal_text(left, right if type(right) is str else to_text(right, session), ignore_case)
    if is_number(left) and is_number(right):
        return _compare_numbers(left, right) == 0
    if type(left) is Char:
        if type(right) is Char or (type(right) is str and len(right) == 1 and ignore_case):
            return str(left) == str(right) or (ignore_case and str(left).upper() == str(right).upper())
    elif net_equals(left, right):
        return True
    if is_custom(left):
        return False
    from winbake.rehearsal.powershell.convert import convert

    try:
        converted = convert(right, type_of(left), session)
    except ScriptError:
        return False
    return net_equals(left, converted)


def net_equals(left: Any, right: Any) -> bool:
    """left.Equals(right) of .NET: no conversion."""
    left, right = unwrap(left), unwrap(right)
    if left is right:
        return True
    if left is None or right is None:
        return False
    if isinstance(left, PSObject) or isinstance(right, PSObject):
        return False
    if isinstance(left, NetObject):
        script = getattr(getattr(left, "net_type", None), "script_class", None)
        if script is not None and not isinstance(left, EnumValue):
            return _script_equals(left, right)
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def _script_equals(left: Any, right: Any) -> bool:
    from winbake.rehearsal.powershell.members import find_script_methods, invoke_method

    if not find_script_methods(left, "Equals"):
        return left is right
    return bool(invoke_method(None, left, "Equals", [right]))


def compare(left: Any, right: Any, ignore_case: bool = True, session: Any = None) -> int:
    """-1, 0 or 1. Raises ScriptError if `right` does not convert to the left's type, or that type has no order."""
    left, right = unwrap(left), unwrap(right)
    if left is None or left is AUTOMATION_NULL:
        return 0 if right is None else _against_null(right, True)
    if right is None:
        return _against_null(left, False)
    if type(left) is str:
        return compare_text(left, right if type(right) is str else to_text(right, session), ignore_case)
    if is_number(left) and is_number(right):
        return _compare_numbers(left, right)
    if is_custom(left):
        raise _not_comparable(left)
    from winbake.rehearsal.powershell.convert import convert

    converted = convert(right, type_of(left), session)
    found = _net_compare(left, converted, session)
    if found is not None:
        return found
    if net_equals(left, converted):
        return 0
    raise _not_comparable(left)


def _against_null(value: Any, null_is_left: bool) -> int:
    """Null stands below everything but negative numbers."""
    below = not (is_number(value) and value < 0)
    return (-1 if below else 1) if null_is_left else (1 if below else -1)


def _compare_numbers(left: Any, right: Any) -> int:
    if isinstance(left, Decimal) != isinstance(right, Decimal) and (
        isinstance(left, float) or isinstance(right, float)
    ):
        try:
            left = double_to_decimal(left) if isinstance(left, float) else left
            right = double_to_decimal(right) if isinstance(right, float) else right
        except NetError:
            left, right = float(left), float(right)
    if isinstance(left, float) and isinstance(right, int) and not isinstance(right, BigInteger):
        right = float(right)
    elif isinstance(right, float) and isinstance(left, int) and not isinstance(left, BigInteger):
        left = float(left)
    if left != left or right != right:
        return -1 if left != left else 1
    return int(left > right) - int(left < right)


def _has_order(value: Any) -> bool:
    """Whether the value's Python class says what is less: then it stands for CompareTo."""
    return any("__lt__" in vars(one) for one in type(value).__mro__ if one is not object)


def _net_compare(left: Any, right: Any, session: Any) -> int | None:
    """IComparable.CompareTo; None if the type is not IComparable."""
    if isinstance(left, bool) and isinstance(right, bool):
        return int(left) - int(right)
    if isinstance(left, Char):
        return (str(left) > str(right)) - (str(left) < str(right))
    if isinstance(left, EnumValue):
        return int(left.value > right.value) - int(left.value < right.value)
    net_type = type_of(left)
    if not get_type("System.IComparable").assignable_from(net_type):
        return None
    if net_type.script_class is None and _has_order(left):
        return int(left > right) - int(left < right)
    from winbake.rehearsal.powershell.members import invoke_method

    answer = invoke_method(session, left, "CompareTo", [right])
    return int(answer > 0) - int(answer < 0)


def _not_comparable(value: Any) -> ScriptError:
    return script_error("NotIcomparable", f'Cannot compare "{flat_text(value)}" because it is not IComparable.')
