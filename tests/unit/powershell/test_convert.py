"""Conversion, truth, equality and order as Windows PowerShell 5.1 has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.collections import ArrayList, Hashtable, OrderedDictionary
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.types import enum_value, get_type, resolve_type
from winbake.rehearsal.powershell.values import Byte, Char, Int64, PSArray, Single, UInt32, custom_object


def cast(value: Any, written: str) -> Any:
    wanted = resolve_type(written)
    assert wanted is not None
    return convert.convert(value, wanted)


@pytest.mark.parametrize(
    ("value", "written", "wanted"),
    [
        ("12", "int", 12),
        (" 12 ", "int", 12),
        ("", "int", 0),
        ("0x10", "int", 16),
        ("0xFFFFFFFF", "int", -1),
        ("2.5", "int", 2),
        ("3.5", "int", 4),
        ("1e3", "int", 1000),
        ("1,5", "double", 15.0),
        (2.5, "int", 2),
        (Decimal("3.5"), "int", 4),
        (True, "int", 1),
        (Char("A"), "int", 65),
        (65, "char", Char("A")),
        ("7", "char", Char("7")),
        (5, "byte", Byte(5)),
        (0.1, "decimal", Decimal("0.1")),
        (1.0, "decimal", Decimal(1)),
        (1 / 3, "decimal", Decimal("0.333333333333333")),
        (0.1, "float", Single(0.10000000149011612)),
        (None, "int", 0),
        (None, "string", ""),
        (None, "bool", False),
        (None, "nullable[int]", None),
        ("5", "nullable[int]", 5),
        ("fri", "DayOfWeek", enum_value("System.DayOfWeek", 5)),
        ("5", "DayOfWeek", enum_value("System.DayOfWeek", 5)),
        ("ReadOnly, hidden", "IO.FileAttributes", enum_value("System.IO.FileAttributes", 3)),
        (3, "IO.FileAttributes", enum_value("System.IO.FileAttributes", 3)),
        ("string", "type", get_type("System.String")),
    ],
)
def test_a_cast_gives(value: Any, written: str, wanted: Any) -> None:
    found = cast(value, written)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("value", "written", "error_id"),
    [
        ("abc", "int", "InvalidCastFromStringToInteger"),
        ("99999999999", "int", "InvalidCastFromStringToInteger"),
        ("1kb", "int", "InvalidCastFromStringToInteger"),
        ("x", "double", "InvalidCastFromStringToDoubleOrSingle"),
        ("1e400", "double", "InvalidCastFromStringToDoubleOrSingle"),
        ("0x10", "double", "InvalidCastFromStringToDoubleOrSingle"),
        ("x", "decimal", "InvalidCastFromStringToDecimal"),
        (300, "byte", "InvalidCastIConvertible"),
        (1e10, "int", "InvalidCastIConvertible"),
        ("ab", "char", "InvalidCastParseTargetInvocation"),
        ("1", "version", "InvalidCastParseTargetInvocation"),
        ("", "timespan", "InvalidCastParseTargetInvocationWithFormatProvider"),
        (None, "datetime", "nullToObjectInvalidCast"),
        (None, "DayOfWeek", "nullToEnumInvalidCast"),
        ("S", "DayOfWeek", "SubstringDisambiguationEnumParseThrewAnException"),
        ("Funday", "DayOfWeek", "SubstringDisambiguationEnumParseThrewAnException"),
        (99, "DayOfWeek", "UndefinedIntegerToEnum"),
        ("99", "DayOfWeek", "UndefinedStringToEnum"),
        (PSArray([1, 2]), "int", "ConvertToFinalInvalidCastException"),
        (custom_object(), "int", "ConvertToFinalInvalidCastException"),
        ("1+1", "scriptblock", "ConvertToFinalInvalidCastException"),
        ("No.Such", "type", "InvalidCastFromStringToType"),
        ("<a>", "xml", "InvalidCastToXmlDocument"),
    ],
)
def test_a_cast_that_fails(value: Any, written: str, error_id: str) -> None:
    with pytest.raises(ScriptError) as caught:
        cast(value, written)
    record = caught.value.record
    assert (record.error_id, record.category) == (error_id, "InvalidArgument")
    assert record.exception.type_name == "System.Management.Automation.RuntimeException"
    assert convert.try_convert(value, resolve_type(written))[0] is False  # type: ignore[arg-type]


def test_arrays_convert_item_by_item() -> None:
    found = cast(PSArray(["1", 2.5, True]), "int[]")
    assert (found.items, found.element_type) == ([1, 2, 1], "System.Int32")
    assert cast("7", "int[]").items == [7]
    assert cast("abc", "char[]").items == ["a", "b", "c"]
    assert cast("abc", "object[]").items == ["abc"]
    assert cast(PSArray([PSArray([1, "2"])]), "int[][]").items[0].items == [1, 2]


def test_collections_are_made_of_arrays() -> None:
    assert cast(PSArray(["1", 2]), "System.Collections.Generic.List[int]").items == [1, 2]
    assert cast("5", "System.Collections.Generic.List[int]").items == [5]
    assert isinstance(cast(PSArray([1]), "System.Collections.ArrayList"), ArrayList)


def test_a_dictionary_becomes_a_hashtable_or_an_object() -> None:
    ordered = OrderedDictionary([("z", 1), ("a", 2)])
    assert isinstance(cast(ordered, "hashtable"), Hashtable)
    made = convert.to_custom_object(OrderedDictionary([("PSTypeName", "My.Type"), ("a", 1)]))
    assert [member.name for member in made.members] == ["a"]
    assert made.type_names[0] == "My.Type"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, ""),
        (1.50, "1.5"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1E+20"),
        (Decimal("1.50"), "1.50"),
        (True, "True"),
        (PSArray([1, PSArray([2, 3]), None, "x"]), "1 System.Object[]  x"),
        (Hashtable(), "System.Collections.Hashtable"),
        (custom_object([("a", 1), ("b", PSArray([1])), ("c", None)]), "@{a=1; b=System.Object[]; c=}"),
        (custom_object(), ""),
        (get_type("System.Int32"), "int"),
        (enum_value("System.DayOfWeek", 1), "Monday"),
        (ArrayList([1, 2]), "1 2"),
    ],
)
def test_text_of(value: Any, wanted: str) -> None:
    assert convert.to_text(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, False),
        (0, False),
        (0.0, False),
        ("", False),
        ("False", True),
        (Char("\0"), False),
        (PSArray(), False),
        (PSArray([0]), False),
        (PSArray([0, 0]), True),
        (PSArray([PSArray()]), False),
        (PSArray([PSArray([0])]), True),
        (ArrayList(), False),
        (Hashtable(), True),
        (custom_object(), True),
        (enum_value("System.DayOfWeek", 0), False),
    ],
)
def test_truth(value: Any, wanted: bool) -> None:
    assert convert.to_bool(value) is wanted


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (1, 1.0, True),
        (1, "1", True),
        ("1", 1, True),
        ("01", 1, False),
        ("abc", "ABC", True),
        (5, "abc", False),
        (Decimal("1.10"), 1.1, True),
        (Int64(5), UInt32(5), True),
        (None, 0, False),
        (None, None, True),
        (True, "x", True),
        (Char("a"), "A", True),
        (enum_value("System.DayOfWeek", 1), "monday", True),
        ("Monday", enum_value("System.DayOfWeek", 1), True),
        (enum_value("System.DayOfWeek", 1), 1, True),
        (enum_value("System.DayOfWeek", 1), "nope", False),
        (float("nan"), float("nan"), False),
        (custom_object([("a", 1)]), custom_object([("a", 1)]), False),
    ],
)
def test_equality_by_the_left_type(left: Any, right: Any, wanted: bool) -> None:
    assert convert.equals(left, right) is wanted


@pytest.mark.parametrize(
    ("left", "right", "sign"),
    [
        ("a", "B", -1),
        ("2", "10", 1),
        ("a10", "a9", -1),
        ("coop", "co-op", -1),
        ("con", "co-op", -1),
        (10, "9", 1),
        (None, 0, -1),
        (None, -1, 1),
        (1, None, 1),
        (enum_value("System.DayOfWeek", 5), "Monday", 1),
    ],
)
def test_order(left: Any, right: Any, sign: int) -> None:
    assert convert.compare(left, right) == sign


def test_what_has_no_order() -> None:
    with pytest.raises(ScriptError) as caught:
        convert.compare(custom_object(), custom_object())
    assert caught.value.record.error_id == "NotIcomparable"


def test_case_counts_when_asked() -> None:
    assert convert.equals("a", "A", ignore_case=False) is False
    assert convert.compare("a", "A", ignore_case=False) == -1
