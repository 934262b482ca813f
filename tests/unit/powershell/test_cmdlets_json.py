"""ConvertTo-Json and ConvertFrom-Json answer as Windows PowerShell 5.1 (differences.md)."""

from __future__ import annotations

import pytest
from cmdlet_runs import run

WRITTEN = [
    ("@{a=@{k=@(1)}} | ConvertTo-Json", '{{\r\n    "a":  {{\r\n{14}"k":  [\r\n{24}1\r\n{20}]\r\n{10}}}\r\n}}'),
    ("ConvertTo-Json @()", "[\r\n\r\n]"),
    ("ConvertTo-Json @(1, @{}) -Compress", "[1,{{}}]"),
    ("ConvertTo-Json 'a/b<>' -Compress", '"a/b\\u003c\\u003e"'),
    ("@{d=[decimal]'1.50'; x=$null} | ConvertTo-Json -Compress | ForEach-Object Length", "19"),
    ("@{f=[single]0.1} | ConvertTo-Json -Compress", '{{"f":0.1}}'),
    ("@{e=[DayOfWeek]::Monday} | ConvertTo-Json -Compress", '{{"e":1}}'),
    ("@{v=[version]'1.2'} | ConvertTo-Json -Compress", '{{"v":{{"Major":1,"Minor":2,"Build":-1,"Revision":-1,"MajorRevision":-1,"MinorRevision":-1}}}}'),
    ("@{a=[pscustomobject]@{b=[pscustomobject]@{c=[pscustomobject]@{d=1}}}} | ConvertTo-Json -Compress", '{{"a":{{"b":{{"c":"@{{d=1}}"}}}}}}'),
    ("@{a=ConvertFrom-Json '[1]'} | ConvertTo-Json -Compress", '{{"a":{{"value":[1],"Count":1}}}}'),
    ("@{s=('x' | Add-Member n 1 -PassThru)} | ConvertTo-Json -Compress", '{{"s":{{"value":"x","n":1}}}}'),
    ("ConvertTo-Json ([char]0)", "null"),
]


@pytest.mark.parametrize(("script", "wanted"), WRITTEN, ids=[script for script, _ in WRITTEN])
def test_written(script: str, wanted: str) -> None:
    assert run(script).out == [wanted.format(*(" " * i for i in range(30)))]


READ = [
    ("(ConvertFrom-Json '[1,[2]]')[1].GetType().Name", ["Object[]"]),
    ("(ConvertFrom-Json '{a:1, ''b'':\"x\"}').b", ["x"]),
    ("(ConvertFrom-Json '{\"n\":12345678901234567890123}').n.GetType().Name", ["Decimal"]),
    ("(ConvertFrom-Json '5-').GetType().Name", ["Decimal"]),
    ("$null -eq (ConvertFrom-Json ' ')", ["True"]),
    ("'{\"a\":', '2}' | ConvertFrom-Json | ForEach-Object a", ["2"]),
    ("(ConvertFrom-Json '{\"a\":1,\"a\":2}').a", ["2"]),
    ("ConvertFrom-Json '\"\\u00e9\\/\"'", ["é/"]),
    ("(ConvertFrom-Json '\"\\/Date(0)\\/\"').Kind", ["Utc"]),
]


@pytest.mark.parametrize(("script", "wanted"), READ, ids=[script for script, _ in READ])
def test_read(script: str, wanted: list[str]) -> None:
    assert run(script).out == wanted


BAD = ["{'a' 1}", "[1", "{\"a\":1} x", "tru", "\"a", "[1 2]", "\"\\q\"", "1e999"]


@pytest.mark.parametrize("text", BAD)
def test_bad_json_is_an_argument_exception(text: str) -> None:
    ran = run(f"ConvertFrom-Json '{text.replace(chr(39), chr(39) * 2)}'; 'after'")
    assert ran.errors == ["System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand"]
    assert ran.out == ["after"]


def test_refusals() -> None:
    assert run("ConvertTo-Json @{} -Depth 101").errors == [
        "ReachedMaximumDepthAllowed,Microsoft.PowerShell.Commands.ConvertToJsonCommand"
    ]
    assert run("ConvertTo-Json @{1=2}").errors == [
        "NonStringKeyInDictionary,Microsoft.PowerShell.Commands.ConvertToJsonCommand"
    ]
