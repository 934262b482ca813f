"""The .NET types a script can name."""

from __future__ import annotations

import pytest

from winbake.rehearsal.powershell.type_system.type_names import display_name
from winbake.rehearsal.powershell.types import (
    array_of,
    enum_value,
    get_type,
    is_instance,
    resolve_type,
    type_in_signature,
    type_of,
)
from winbake.rehearsal.powershell.values import Char, Int64, PSArray, PSObject, custom_object


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("int", "System.Int32"),
        ("INT32", "System.Int32"),
        ("System.Int32", "System.Int32"),
        ("DateTime", "System.DateTime"),
        ("io.file", "System.IO.File"),
        ("pscustomobject", "System.Management.Automation.PSObject"),
        ("object[]", "System.Object[]"),
        ("int[,]", "System.Int32[,]"),
        ("byte[][]", "System.Byte[][]"),
        ("nullable[int]", "System.Nullable`1[System.Int32]"),
        ("Collections.Generic.List[string]", "System.Collections.Generic.List`1[System.String]"),
        (
            "System.Collections.Generic.Dictionary[string, int[]]",
            "System.Collections.Generic.Dictionary`2[System.String,System.Int32[]]",
        ),
        ("System.Collections.Generic.List`1[[System.String, mscorlib]]", "System.Collections.Generic.List`1[System.String]"),
        ("System.String, mscorlib", "System.String"),
        ("Environment+SpecialFolder", "System.Environment+SpecialFolder"),
        ("xml", "System.Xml.XmlDocument"),
    ],
)
def test_a_name_in_brackets_means(written: str, key: str) -> None:
    found = resolve_type(written)
    assert found is not None
    assert found.key == key
    assert get_type(key) is found


@pytest.mark.parametrize("written", ["no.such", "List[int]", "int[", "Environment.SpecialFolder", "semver", "string[int]"])
def test_what_is_no_type(written: str) -> None:
    assert resolve_type(written) is None


@pytest.mark.parametrize(
    ("written", "name", "full_name", "shown"),
    [
        ("int", "Int32", "System.Int32", "int"),
        ("string[]", "String[]", "System.String[]", "string[]"),
        ("float", "Single", "System.Single", "float"),
        ("Environment+SpecialFolder", "SpecialFolder", "System.Environment+SpecialFolder", "System.Environment+SpecialFolder"),
        (
            "System.Collections.Generic.List[int]",
            "List`1",
            "System.Collections.Generic.List`1[[System.Int32, mscorlib, Version=4.0.0.0, Culture=neutral, "
            "PublicKeyToken=b77a5c561934e089]]",
            "System.Collections.Generic.List[int]",
        ),
    ],
)
def test_names(written: str, name: str, full_name: str, shown: str) -> None:
    found = resolve_type(written)
    assert found is not None
    assert (found.name, found.full_name, display_name(found)) == (name, full_name, shown)


@pytest.mark.parametrize(
    ("value", "written", "wanted"),
    [
        (5, "IComparable", True),
        (5, "long", False),
        (5, "ValueType", True),
        (5, "object", True),
        ("a", "ValueType", False),
        ("a", "Collections.IEnumerable", True),
        (None, "object", False),
        (PSArray([1], "System.Int32"), "array", True),
        (PSArray([1], "System.Int32"), "object[]", False),
        (PSArray(["a"], "System.String"), "object[]", True),
        (PSArray(["a"], "System.String"), "Collections.Generic.IEnumerable[object]", True),
        (custom_object(), "pscustomobject", True),
        ("a", "pscustomobject", False),
        (PSObject("a"), "psobject", True),
        (PSObject("a"), "string", True),
        (Char("a"), "string", False),
    ],
)
def test_is(value: object, written: str, wanted: bool) -> None:
    found = resolve_type(written)
    assert found is not None
    assert is_instance(value, found) is wanted


def test_the_type_of_a_value_is_one_object() -> None:
    assert type_of(Int64(5)) is get_type("System.Int64")
    assert type_of(True) is get_type("System.Boolean")
    assert type_of(PSArray([], "System.Int32")) is array_of(get_type("System.Int32"))
    assert type_of(custom_object()).name == "PSCustomObject"


def test_exceptions_descend_as_in_windows() -> None:
    names = [one.name for one in get_type("System.IO.FileNotFoundException").ancestors()]
    assert names == ["FileNotFoundException", "IOException", "SystemException", "Exception", "Object"]
    engine = [one.name for one in get_type("System.Management.Automation.CommandNotFoundException").ancestors()]
    assert engine == ["CommandNotFoundException", "RuntimeException", "SystemException", "Exception", "Object"]


def test_types_inside_signatures_depend_on_where_they_stand() -> None:
    dictionary = resolve_type("System.Collections.Generic.Dictionary[string,int]")
    assert dictionary is not None
    found = type_in_signature("KeyCollection[TKey,TValue]", dictionary)
    assert found is not None
    assert found.key == "System.Collections.Generic.Dictionary`2+KeyCollection[System.String,System.Int32]"
    assert type_in_signature("TValue", dictionary) is get_type("System.Int32")


@pytest.mark.parametrize(
    ("type_name", "number", "name"),
    [
        ("System.DayOfWeek", 1, "Monday"),
        ("System.DayOfWeek", 9, "9"),
        ("System.IO.FileAttributes", 3, "ReadOnly, Hidden"),
        ("System.IO.FileAttributes", 1 << 30, str(1 << 30)),
    ],
)
def test_enum_values_by_name(type_name: str, number: int, name: str) -> None:
    assert enum_value(type_name, number).name == name


def test_enum_names_ignore_case_and_must_exist() -> None:
    assert enum_value("System.DayOfWeek", "friday").value == 5
    with pytest.raises(KeyError):
        enum_value("System.DayOfWeek", "Funday")
