"""Select-, Sort-, Group-, Measure-, Compare-Object and the members cmdlets."""

from __future__ import annotations

import pytest
from cmdlet_runs import run

ANSWERS = [
    # Select-Object
    ("1..5 | Select-Object -First 2 -Skip 1", ["2", "3"]),
    ("1..5 | Select-Object -Last 2 -Skip 1", ["3", "4"]),
    ("1..5 | Select-Object -SkipLast 4", ["1"]),
    ("1..5 | Select-Object -Index 3,1,3", ["2", "4"]),
    ("1..3 | ForEach-Object { $script:n++; $_ } | Select-Object -First 1; $n", ["1", "1"]),
    ("1..3 | ForEach-Object { $script:n++; $_ } | Select-Object -First 1 -Wait; $n", ["1", "3"]),
    ("[pscustomobject]@{a=1} | Select-Object @{l='x';ex={$_.a + 1}}", ["@{x=2}"]),
    ("[pscustomobject]@{a=1} | Select-Object @{n='x';e='a'}", ["@{x=1}"]),
    ("[pscustomobject]@{a=1} | Select-Object @{n='x';e={throw 'no'}}", ["@{x=}"]),
    ("[pscustomobject]@{ab=1;ac=2;b=3} | Select-Object a* -ExcludeProperty ac", ["@{ab=1}"]),
    ("@{a=1} | Select-Object a", ["@{a=}"]),
    ("'x','X','x' | Select-Object -Unique", ["x", "X"]),
    ("[pscustomobject]@{a=1,2} | Select-Object -ExpandProperty a", ["1", "2"]),
    ("[pscustomobject]@{a=$null} | Select-Object -ExpandProperty a", []),
    ("(1 | Select-Object Length).PSTypeNames[0]", ["Selected.System.Int32"]),
    # Sort-Object, Get-Unique
    ("'b','A','c' | Sort-Object -Descending", ["c", "b", "A"]),
    ("'b','B','a' | Sort-Object -Unique", ["a", "b"]),
    ("@('b','B','b' | Sort-Object -Unique -CaseSensitive).Count", ["2"]),
    ("'10','9' | Sort-Object { [int]$_ }", ["9", "10"]),
    ("[pscustomobject]@{n=2},[pscustomobject]@{m=1},[pscustomobject]@{n=1} | Sort-Object n | ForEach-Object { \"$($_.n)\" }", ["1", "2", ""]),
    ("3,1,2 | Sort-Object @{e={$_};descending=$true}", ["3", "2", "1"]),
    ("1,1,'1',2 | Get-Unique", ["1", "2"]),
    ("'a','A' | Get-Unique -AsString", ["a", "A"]),
    ("1,2,'x' | Get-Unique -OnType", ["1", "x"]),
    # Group-Object
    ("'b','a','B' | Group-Object | ForEach-Object { \"$($_.Name)$($_.Count)\" }", ["b2", "a1"]),
    ("$h = 'aa','b','cc' | Group-Object Length -AsHashTable; $h[2] -join '+'", ["aa+cc"]),
    ("$h = 'aa','b' | Group-Object Length -AsHashTable -AsString; $h['1']", ["b"]),
    ("(1,2 | Group-Object { $_ -gt 1 } -NoElement)[1].Name", ["True"]),
    ("(,@(1,2) | Group-Object { ,$_ }).Name", ["{1, 2}"]),
    # Measure-Object
    ("(1,2,3 | Measure-Object -Average).Average", ["2"]),
    ("(1,2 | Measure-Object -Sum).Sum.GetType().Name", ["Double"]),
    ("('b','a' | Measure-Object -Minimum).Minimum", ["a"]),
    ("(@() | Measure-Object).Count", ["0"]),
    ("$m = \"a b`nc\" | Measure-Object -Line -Word -Character; $m.Lines; $m.Words; $m.Characters", ["2", "3", "5"]),
    ("('ab','c' | Measure-Object Length -Maximum).Maximum", ["2"]),
    ("(1 | Measure-Object -Sum).Property -eq $null", ["True"]),
    # Compare-Object
    ("Compare-Object 1,2,3 3,4 -IncludeEqual | ForEach-Object { \"$($_.InputObject)$($_.SideIndicator)\" }", ["3==", "4=>", "1<=", "2<="]),
    ("Compare-Object 1,2,3 3,2,1", []),
    ("@(Compare-Object 1,2,3 2,3,1 -SyncWindow 0).Count", ["6"]),
    ("(Compare-Object @() 5).SideIndicator", ["=>"]),
    # Add-Member, Get-Member
    ("$o = [pscustomobject]@{a=1}; $o | Add-Member AliasProperty b a; $o.b", ["1"]),
    ("$o = New-Object psobject -Property @{a=1}; $o | Add-Member -TypeName My.T -PassThru | ForEach-Object { $_.PSTypeNames[0] }", ["My.T"]),
    ("$o = [pscustomobject]@{a=1} | Add-Member PropertySet s ('a','b') -PassThru | Add-Member b 2 -PassThru; $o | Select-Object s", ["@{a=1; b=2}"]),
    ("(1 | Get-Member -Name CompareTo).MemberType", ["Method"]),
    ("([pscustomobject]@{b=1;a='x'} | Get-Member -MemberType NoteProperty).Definition", ["string a=x", "int b=1"]),
    ("('a',1,'b' | Get-Member -Name ToString).TypeName", ["System.String", "System.Int32"]),
    ("([int] | Get-Member -Static -Name MaxValue).Definition", ["static int MaxValue {get;}"]),
]  # fmt: skip


@pytest.mark.parametrize(("script", "wanted"), ANSWERS, ids=[script for script, _ in ANSWERS])
def test_answers(script: str, wanted: list[str]) -> None:
    ran = run(script)
    assert (ran.out, ran.errors) == (wanted, [])


ERRORS = [
    ("1 | Select-Object @{x=1}", "DictionaryKeyIllegal,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object @{n='a'}", "DictionaryKeyMandatoryEntry,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object @{e=1}", "DictionaryKeyIllegalValue1,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object @{n='a';name='b';e={1}}", "DictionaryKeyDuplicate,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object 5", "DictionaryKeyUnknownType,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object -ExpandProperty nope", "ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("'a' | Select-Object Length, length", "AlreadyExistingUserSpecifiedPropertyNoExpand,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1 | Select-Object -First -1", "ParameterArgumentValidationError,Microsoft.PowerShell.Commands.SelectObjectCommand"),
    ("1,2 | Sort-Object { throw 'x' }", "ExpressionEvaluation,Microsoft.PowerShell.Commands.SortObjectCommand"),
    ("'x' | Measure-Object -Sum", "NonNumericInputObject,Microsoft.PowerShell.Commands.MeasureObjectCommand"),
    ("1 | Measure-Object nope", "GenericMeasurePropertyNotFound,Microsoft.PowerShell.Commands.MeasureObjectCommand"),
    ("1 | Measure-Object nope -Line", "TextMeasurePropertyNotFound,Microsoft.PowerShell.Commands.MeasureObjectCommand"),
    ("1 | Group-Object -AsString", "ArgumentException,Microsoft.PowerShell.Commands.GroupObjectCommand"),
    ("Compare-Object $null 1", "ParameterArgumentValidationErrorNullNotAllowed,Microsoft.PowerShell.Commands.CompareObjectCommand"),
    ("[pscustomobject]@{a=1} | Add-Member a 2", "MemberAlreadyExists,Microsoft.PowerShell.Commands.AddMemberCommand"),
    ("1 | Add-Member All x 1", "WrongMemberCount,Microsoft.PowerShell.Commands.AddMemberCommand"),
    ("1 | Add-Member Method x 1", "CannotAddMemberType,Microsoft.PowerShell.Commands.AddMemberCommand"),
    ("Get-Member", "NoObjectInGetMember,Microsoft.PowerShell.Commands.GetMemberCommand"),
    ("New-Object No.Such", "TypeNotFound,Microsoft.PowerShell.Commands.NewObjectCommand"),
    ("New-Object Math", "CannotFindAppropriateCtor,Microsoft.PowerShell.Commands.NewObjectCommand"),
    ("New-Object version 'x'", "ConstructorInvokedThrowException,Microsoft.PowerShell.Commands.NewObjectCommand"),
    ("New-Object Text.StringBuilder -Property @{Nope=1}", "InvalidOperationException,Microsoft.PowerShell.Commands.NewObjectCommand"),
    ("New-Object -ComObject No.Such", "NoCOMClassIdentified,Microsoft.PowerShell.Commands.NewObjectCommand"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "wanted"), ERRORS, ids=[script for script, _ in ERRORS])
def test_errors(script: str, wanted: str) -> None:
    ran = run(f"{script}; 'after'")
    assert set(ran.errors) == {wanted}
    assert ran.out[-1] == "after"
