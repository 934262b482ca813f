"""`-band -bor -bxor -bnot -shl -shr`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.operators.numeric import (
    INT_HIGH,
    INT_LOW,
    SMALL,
    is_number,
    to_number,
)
from winbake.rehearsal.powershell.types import EnumValue, get_type
from winbake.rehearsal.powershell.values import (
    INTEGER_RANGES,
    Int64,
    UInt32,
    UInt64,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


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
        return value if type(value) not in SMALL else int(value)
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
