"""The operators: each is a function of (session, left, right) or (session, value), in the tables BINARY and UNARY."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.errors import NetError, script_error
from winbake.rehearsal.powershell.formatting import composite
from winbake.rehearsal.powershell.memory import check_items
from winbake.rehearsal.powershell.operators.arithmetic import add, divide, multiply, negate, plus, remainder, subtract
from winbake.rehearsal.powershell.operators.bits import band, bnot, bor, bxor, shift_left, shift_right
from winbake.rehearsal.powershell.operators.comparing import (
    ORDERS,
    cequal,
    cnot_equal,
    contains,
    equal,
    make_order,
    not_equal,
)
from winbake.rehearsal.powershell.operators.matching import make_like, make_match, make_replace
from winbake.rehearsal.powershell.operators.splitting import join, join_bare, make_split, split_white
from winbake.rehearsal.powershell.types import NetType, get_type, is_instance, resolve_type
from winbake.rehearsal.powershell.values import (
    PSArray,
    PSObject,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


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
    check_items(abs(high - low) + 1)
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
for _name, (_test, _quick) in ORDERS.items():
    BINARY[f"-{_name}"] = BINARY[f"-i{_name}"] = make_order(True, _test, _quick)
    BINARY[f"-c{_name}"] = make_order(False, _test, _quick)
for _prefix, _fold in (("-", True), ("-i", True), ("-c", False)):
    BINARY[f"{_prefix}like"] = make_like(_fold, True)
    BINARY[f"{_prefix}notlike"] = make_like(_fold, False)
    BINARY[f"{_prefix}match"] = make_match(_fold, True)
    BINARY[f"{_prefix}notmatch"] = make_match(_fold, False)
    BINARY[f"{_prefix}replace"] = make_replace(_fold)
    BINARY[f"{_prefix}split"] = make_split(_fold)
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
