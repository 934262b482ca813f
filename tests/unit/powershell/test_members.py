"""Member access, overloads, indexing and collections without a session."""

from __future__ import annotations

from typing import Any

import pytest

from winbake.rehearsal.powershell import members
from winbake.rehearsal.powershell.dotnet.collections import Hashtable, OrderedDictionary
from winbake.rehearsal.powershell.engine_values import Reference
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.types import resolve_type
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    AliasProperty,
    Char,
    NoteProperty,
    PSArray,
    custom_object,
)


def new(written: str, *arguments: Any) -> Any:
    wanted = resolve_type(written)
    assert wanted is not None
    return members.create(None, wanted, list(arguments))


def call(target: Any, name: str, *arguments: Any) -> Any:
    return members.invoke_method(None, target, name, list(arguments))


def static(written: str, name: str, *arguments: Any) -> Any:
    wanted = resolve_type(written)
    assert wanted is not None
    return members.invoke_static(None, wanted, name, list(arguments))


def get(target: Any, name: str, strict: bool = False) -> Any:
    return members.get_member_value(None, target, name, strict)


def error_of(action: Any) -> tuple[str, str]:
    with pytest.raises(ScriptError) as caught:
        action()
    record = caught.value.record
    return record.error_id, record.exception.type_name.rpartition(".")[2]


@pytest.mark.parametrize(
    ("target", "name", "wanted"),
    [
        ("abc", "LENGTH", 3),
        ("abc", "Count", 1),
        (5, "Count", 1),
        (None, "Count", 0),
        (None, "Anything", None),
        ("abc", "Nope", None),
        (custom_object([("a", 1)]), "Count", None),
        (custom_object([("UserName", "x")]), "username", "x"),
        (PSArray([1, 2]), "Count", 2),
        (Hashtable([("Count", 99)], ignore_case=True), "count", 99),
        (Hashtable([("a", 1)], ignore_case=True), "Count", 1),
        (PSArray(["a", "bb"]), "Length", 2),
        (PSArray([custom_object([("n", 1)])]), "n", 1),
        (PSArray(), "n", None),
    ],
)
def test_a_member_gives(target: Any, name: str, wanted: Any) -> None:
    assert get(target, name) == wanted


def test_members_of_all_items() -> None:
    objects = PSArray([custom_object([("t", PSArray(["x", "y"]))]), custom_object([("t", "z")]), custom_object()])
    assert get(objects, "t").items == ["x", "y", "z", None]
    assert call(PSArray(["a", "b"]), "ToUpper").items == ["A", "B"]
    assert error_of(lambda: call(PSArray(["a", 1]), "ToUpper")) == ("MethodNotFound", "RuntimeException")


def test_missing_members() -> None:
    thing = custom_object([("a", 1)])
    assert error_of(lambda: get(thing, "b", strict=True)) == ("PropertyNotFoundStrict", "PropertyNotFoundException")
    assert error_of(lambda: members.set_member_value(None, thing, "b", 1)) == (
        "ExceptionWhenSetting",
        "SetValueInvocationException",
    )
    assert error_of(lambda: members.set_member_value(None, "x", "Nope", 1)) == (
        "PropertyAssignmentException",
        "RuntimeException",
    )
    assert error_of(lambda: members.set_member_value(None, "x", "Length", 1))[0] == "PropertyAssignmentException"
    assert error_of(lambda: call("x", "Nope")) == ("MethodNotFound", "RuntimeException")
    assert error_of(lambda: call(None, "Nope")) == ("InvokeMethodOnNull", "RuntimeException")


@pytest.mark.parametrize(
    ("arguments", "wanted"), [(("1",), "bc"), ((1.2, True), "b"), ((0, "2"), "ab")]
)
def test_arguments_are_converted(arguments: tuple[Any, ...], wanted: str) -> None:
    assert call("abc", "Substring", *arguments) == wanted


@pytest.mark.parametrize(
    ("separator", "wanted"),
    [("--", ["a", "", "b"]), ("-", ["a", "", "b"]), (Char("-"), ["a", "", "b"]), (PSArray(["-"]), ["a", "", "b"])],
)
def test_a_params_array_takes_text_as_its_characters(separator: Any, wanted: list[str]) -> None:
    assert call("a--b", "Split", separator).items == wanted


def test_errors_of_calls() -> None:
    assert error_of(lambda: call("abc", "Substring")) == ("MethodCountCouldNotFindBest", "MethodException")
    assert error_of(lambda: call("abc", "Substring", 9)) == ("ArgumentOutOfRangeException", "MethodInvocationException")
    integers = new("System.Collections.Generic.List[int]")
    assert error_of(lambda: call(integers, "Add", "x")) == ("MethodArgumentConversionInvalidCastArgument", "MethodException")
    assert error_of(lambda: new("version", "1.x"))[1] == "MethodInvocationException"
    assert error_of(lambda: new("version", 1, 2, 3, 4, 5)) == ("MethodCountCouldNotFindBest", "MethodException")


def test_out_parameters_need_a_reference() -> None:
    target = Reference(0)
    assert static("int", "TryParse", "42", target) is True
    assert target.value == 42
    assert error_of(lambda: static("int", "TryParse", "42", 0))[0] == "NonRefArgumentToRefParameterMsg"


def test_methods_without_result_give_nothing() -> None:
    things = new("System.Collections.Generic.List[int]")
    assert call(things, "Add", "5") is AUTOMATION_NULL
    assert call(new("System.Collections.ArrayList"), "Add", 1) == 0
    assert things.items == [5]


@pytest.mark.parametrize(
    ("index", "wanted"),
    [(0, "a"), (-1, "c"), ("1", "b"), (9, None), ("x", None)],
)
def test_an_index_gives(index: Any, wanted: Any) -> None:
    assert members.get_index(None, PSArray(["a", "b", "c"]), index) == wanted


def test_slices() -> None:
    assert members.get_index(None, PSArray(["a", "b", "c"]), PSArray([0, -1, 9])).items == ["a", "c"]
    assert members.get_index(None, "abc", 0) == Char("a")
    table = Hashtable([("a", 1), ("b", 2)], ignore_case=True)
    assert members.get_index(None, table, PSArray(["A", "zip"])).items == [1, None]


def test_writing_by_index() -> None:
    numbers = PSArray([1, 2], "System.Int32")
    members.set_index(None, numbers, -1, "5")
    assert numbers.items == [1, 5]
    assert error_of(lambda: members.set_index(None, numbers, 0, "x"))[0] == "InvalidCastFromStringToInteger"
    assert error_of(lambda: members.set_index(None, numbers, 2, 1)) == (
        "System.IndexOutOfRangeException",
        "IndexOutOfRangeException",
    )
    assert error_of(lambda: members.set_index(None, numbers, None, 1))[0] == "NullArrayIndex"


def test_what_has_no_index_is_itself_at_0() -> None:
    assert members.get_index(None, 5, 0) == 5
    assert members.get_index(None, 5, 1) is AUTOMATION_NULL
    assert error_of(lambda: members.get_index(None, 5, 1, strict=True))[0] == "CannotIndex"


def test_ordered_dictionaries_by_place_and_key() -> None:
    table = OrderedDictionary([(10, "ten"), ("b", 2)])
    assert members.get_index(None, table, 0) == "ten"
    assert members.get_index(None, table, -1) == 2
    assert members.get_index(None, table, "B") == 2
    assert members.get_index(None, table, 10) is None
    assert members.get_index(None, table, 10, by_key=True) == "ten"


def test_keys_of_different_types_differ() -> None:
    table = Hashtable([("1", "text"), (1, "int"), (1.0, "double"), (True, "bool")], ignore_case=True)
    assert len(table) == 4
    assert members.get_index(None, table, 1) == "int"


def test_a_collection_must_not_change_while_it_is_enumerated() -> None:
    things = new("System.Collections.ArrayList", PSArray([1, 2]))
    enumerator = call(things, "GetEnumerator")
    assert call(enumerator, "MoveNext") is True
    call(things, "Add", 3)
    assert error_of(lambda: call(enumerator, "MoveNext")) == ("InvalidOperationException", "MethodInvocationException")


def test_dictionaries() -> None:
    table = new("System.Collections.Generic.Dictionary[string,int]")
    members.set_index(None, table, "a", "5")
    assert get(table, "a") == 5
    assert get(table, "zip") is None
    assert error_of(lambda: call(table, "Add", "a", 1))[0] == "ArgumentException"
    insensitive = new(
        "System.Collections.Generic.Dictionary[string,int]",
        members.get_static(None, resolve_type("StringComparer"), "OrdinalIgnoreCase"),  # type: ignore[arg-type]
    )
    call(insensitive, "Add", "a", 1)
    assert call(insensitive, "ContainsKey", "A") is True


def test_members_added_to_an_object() -> None:
    thing = custom_object([("k", "v")])
    thing.members.add(AliasProperty("kk", "k"))
    members.set_member_value(None, thing, "kk", "w")
    assert get(thing, "k") == "w"
    names = [info.name for info in get(get(thing, "PSObject"), "Properties")]
    assert names == ["k", "kk"]
    array = PSArray([1, 2])
    array.ps_members = custom_object([("label", "L")]).members
    assert get(array, "label") == "L"


def test_listing_says_what_each_member_is() -> None:
    found = {info.name: info.kind for info in members.members_of(None, "abc")}
    assert found["Length"] == "Property"
    assert found["Chars"] == "ParameterizedProperty"
    assert found["Trim"] == "Method"
    thing = custom_object()
    thing.members.add(NoteProperty("n", 1))
    assert members.members_of(None, thing)[0].definition == "int n=1"


XML = '<l x="0"><b id="1"><t>A</t></b><b id="2"><t>B</t></b><e/><f></f></l>'


def xml() -> Any:
    made = new("xml")
    call(made, "LoadXml", XML)
    return made


def test_xml_by_the_adapter() -> None:
    root = get(xml(), "L")
    assert get(root, "x") == "0"
    assert get(get(root, "b"), "t").items == ["A", "B"]
    assert get(root, "e") == ""
    assert get(root, "nope") is None
    assert get(root, "OuterXml") == XML.replace("<e/>", "<e />")


def test_xml_by_path() -> None:
    document = xml()
    assert get(call(document, "SelectSingleNode", '/l/b[@id="2"]/t'), "InnerText") == "B"
    assert get(call(document, "SelectSingleNode", "//b/@id"), "Value") == "1"
    assert get(call(document, "SelectNodes", "//zz"), "Count") == 0
    assert error_of(lambda: call(document, "SelectNodes", "//["))[0] == "XPathException"


def test_xml_changes() -> None:
    document = xml()
    root = get(document, "DocumentElement")
    members.set_member_value(None, root, "x", "9")
    call(root, "RemoveChild", call(document, "SelectSingleNode", "//b"))
    made = call(document, "CreateElement", "new")
    call(made, "SetAttribute", "a", '<"&')
    call(root, "AppendChild", made)
    assert get(root, "OuterXml") == (
        '<l x="9"><b id="2"><t>B</t></b><e /><f></f><new a="&lt;&quot;&amp;" /></l>'
    )
    assert error_of(lambda: members.set_member_value(None, root, "zip", "1"))[0] == "ExceptionWhenSetting"
