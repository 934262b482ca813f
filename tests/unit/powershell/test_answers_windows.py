"""What scripts get of files, providers, COM and WMI objects: neighbours of the corpus' cases."""

from __future__ import annotations

import pytest
from cmdlet_runs import run

_LINK = "$w = New-Object -ComObject WScript.Shell; $l = $w.CreateShortcut('C:\\T\\answers.lnk'); "
_TREE = (
    "Remove-Item C:\\T\\attr -Recurse -Force -ErrorAction Ignore; New-Item C:\\T\\attr\\d -ItemType Directory -Force | Out-Null; "
    "'a','b','h' | ForEach-Object { [IO.File]::WriteAllText(\"C:\\T\\attr\\$_\", '1') }; "
    "(Get-Item C:\\T\\attr\\b).Attributes = 'ReadOnly'; (Get-Item C:\\T\\attr\\h -Force).Attributes = 'Hidden'; "
)
_XML = "$x = [xml]'<a><b>1</b></a>'; "

ANSWERS = [
    # shortcuts
    (_LINK + "$l.TargetPath = 'C:\\x.exe'; $l.Save(); $w.CreateShortcut('C:\\T\\answers.lnk').TargetPath", ["C:\\x.exe"]),
    (_LINK + "$l.WindowStyle = '7'; $l.WindowStyle.GetType().Name", ["Int32"]),
    ("(New-Object -ComObject WScript.Shell).CreateShortcut('C:\\T\\none.lnk').IconLocation", [",0"]),
    ("(New-Object -ComObject WScript.Shell).Run('cmd /c exit 3', 0, $true)", ["3"]),
    # Get-ChildItem -Attributes
    (_TREE + "Get-ChildItem C:\\T\\attr -Attributes D,R -Name", ["d", "b"]),
    (_TREE + "Get-ChildItem C:\\T\\attr -Attributes !Directory+!ReadOnly -Name", ["a"]),
    (_TREE + "Get-ChildItem C:\\T\\attr -Attributes Hidden -Name", ["h"]),
    # WMI
    ("(Get-WmiObject Win32_OperatingSystem).ConvertToDateTime('20240102030405.500000+060').ToString('o')",
     ["2024-01-02T02:04:05.5000000+00:00"]),
    ("([wmiclass]'Win32_Process').Create('cmd /c exit').ReturnValue", ["0"]),
    ("([wmiclass]'\\\\.\\root\\cimv2:Win32_Process').Create('nosuch.exe').ReturnValue", ["9"]),
    # XML
    (_XML + "$s = New-Object IO.StringWriter; $x.Save($s); ($s.ToString() -split \"`r`n\")[0]",
     ['<?xml version="1.0" encoding="utf-16"?>']),
    (_XML + "Select-Xml -Xml $x -XPath '/a/b' | ForEach-Object { $_.Node.InnerText }", ["1"]),
    # aliases, drives
    ("Get-Alias ls | ForEach-Object DisplayName", ["ls -> Get-ChildItem"]),
    ("gcm rmo | ForEach-Object Definition", ["Remove-Module"]),
    ("$env:ANSWERS = '1'; New-Item env:ANSWERS -Value 2 -Force | ForEach-Object Value", ["2"]),
    ("'x'.GetTypeCode()", ["String"]),
]  # fmt: skip

ERRORS = [
    ("New-Item env:NO_VALUE", "NewItemValueNotSpecified,Microsoft.PowerShell.Commands.NewItemCommand"),
    ("$env:TAKEN = '1'; New-Item env:TAKEN -Value 2", "Argument,Microsoft.PowerShell.Commands.NewItemCommand"),
    ("New-LocalUser q -Password plain",
     "CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.NewLocalUserCommand"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "out"), ANSWERS)
def test_answers(script: str, out: list[str]) -> None:
    ran = run(script)
    assert (ran.refused, ran.errors, ran.threw) == (None, [], None)
    assert ran.out == out


@pytest.mark.parametrize(("script", "error"), ERRORS)
def test_errors(script: str, error: str) -> None:
    ran = run(script)
    assert ran.errors == [error]
    assert ran.out == []
