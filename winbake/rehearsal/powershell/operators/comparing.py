"""`-eq -ne -lt -le -gt -ge -contains`: of one value, or of each item of a collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.values import (
    PSArray,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


def compared_items(left: Any) -> Any:
    """The items if the left side of a comparison is a collection."""
    if isinstance(left, str | int | float) or left is None:
        return None
    return convert.enumerate_items(left)


def _comparison(test: Callable[[Any, Any], bool]) -> Callable[[Session, Any, Any], Any]:
    def operate(session: Session, left: Any, right: Any) -> Any:
        items = compared_items(left)
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


def make_order(ignore_case: bool, test: Callable[[int], bool], quick: Callable[[Any, Any], bool]) -> Any:
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
ORDERS: dict[str, tuple[Callable[[int], bool], Callable[[Any, Any], bool]]] = {
    "lt": (lambda r: r < 0, lambda a, b: a < b),
    "le": (lambda r: r <= 0, lambda a, b: a <= b),
    "gt": (lambda r: r > 0, lambda a, b: a > b),
    "ge": (lambda r: r >= 0, lambda a, b: a >= b),
}


def contains(session: Session, left: Any, right: Any, ignore_case: bool = True) -> bool:
    items = compared_items(left)
    if items is None:
        return convert.equals(left, right, ignore_case)
    return any(convert.equals(item, right, ignore_case) for item in items)
