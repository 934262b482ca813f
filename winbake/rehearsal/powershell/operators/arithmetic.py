"""`+ - * / %` of numbers, strings, arrays, tables and times; the signs before a value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.collections import Hashtable, OrderedDictionary
from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.errors import NetException, ScriptError, script_error
from winbake.rehearsal.powershell.memory import check_items, check_text
from winbake.rehearsal.powershell.operators.numeric import (
    INT_HIGH,
    INT_LOW,
    SMALL,
    arithmetic,
    checked,
    is_number,
    numeric_result,
    to_number,
)
from winbake.rehearsal.powershell.types import EnumValue, get_type, type_of
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    Char,
    PSArray,
    Single,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


def add(session: Session, left: Any, right: Any) -> Any:
    kind = type(left)
    if kind is int and type(right) is int:
        value = left + right
        return value if INT_LOW <= value <= INT_HIGH else float(value)
    if kind is str:
        tail = right if type(right) is str else convert.to_text(right, session)
        check_text(len(left) + len(tail))
        return left + tail
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
        added = _appended(right)
        check_items(len(bare.items) + len(added))
        return PSArray([*bare.items, *added])
    if isinstance(bare, Hashtable):
        return _add_tables(bare, right)
    if not is_number(bare) and not isinstance(bare, bool | EnumValue):
        items = convert.enumerate_items(bare)
        if items is not None:
            return PSArray([*items, *_appended(right)])
        table = _add_dictionaries(bare, right)
        if table is not None:
            return table
    return numeric_result(session, "+", left, right)


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
    return numeric_result(session, "-", left, right)


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
        check_text(len(bare) * times)
        return bare * times
    if isinstance(bare, PSArray):
        times = _times(session, right)
        check_items(len(bare.items) * times)
        return PSArray(bare.items * times, bare.element_type)
    if bare is None:
        return None
    if not is_number(bare) and not isinstance(bare, bool | EnumValue | str):
        items = convert.enumerate_items(bare)
        if items is not None:
            return PSArray(list(items) * _times(session, right))
    return numeric_result(session, "*", left, right)


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
    return numeric_result(session, "/", left, right)


def remainder(session: Session, left: Any, right: Any) -> Any:
    if type(left) is int and type(right) is int and left >= 0 and right > 0:
        return left % right
    return numeric_result(session, "%", left, right)


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
        return arithmetic("-", 0, number)
    if isinstance(bare, TimeSpan):
        return checked(lambda: -bare)
    return numeric_result(session, "-", 0, value)


def plus(session: Session, value: Any) -> Any:
    bare = unwrap(value)
    if type(bare) in SMALL:
        return int(bare) if not isinstance(bare, Char) else ord(bare)
    return numeric_result(session, "+", 0, value) if not is_number(bare) else bare
