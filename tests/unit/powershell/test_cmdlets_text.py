"""CSV, strings, dates, random numbers, CLIXML and the rest of the Utility module."""

from __future__ import annotations

import re

import pytest
from cmdlet_runs import run

ANSWERS = [
    # CSV
    ("[pscustomobject]@{a=1;b='x\"y';c=$null} | ConvertTo-Csv -NoTypeInformation", ['"a","b","c"', '"1","x""y",']),
    ("[pscustomobject]@{a=1} | ConvertTo-Csv -Delimiter ';' | Select-Object -First 1", ["#TYPE System.Management.Automation.PSCustomObject"]),
    ("[pscustomobject]@{a=1;b=2},[pscustomobject]@{b=3} | ConvertTo-Csv -NoTypeInformation -Delimiter ';'", ['"a";"b"', '"1";"2"', ';"3"']),
    ("[pscustomobject]@{a=1,2;h=@{}} | ConvertTo-Csv -NoTypeInformation | Select-Object -Last 1", ['"System.Object[]","System.Collections.Hashtable"']),
    ("'a,b', 'x y ,\" q\"' | ConvertFrom-Csv | ForEach-Object { \"[$($_.a)][$($_.b)]\" }", ["[x y ][ q]"]),
    ("\"a`n`n1`n2\" | ConvertFrom-Csv | ForEach-Object a", ["1", "2"]),
    ("\"a,b`n1,`\"x`ny`\"\" | ConvertFrom-Csv | ForEach-Object { $_.b.Length }", ["3"]),
    ("'a', 'foo \"ba,r\"' | ConvertFrom-Csv | ForEach-Object a", ['foo "ba']),
    ("[pscustomobject]@{a='ä'} | Export-Csv e.csv -NoTypeInformation -Encoding UTF8; (Import-Csv e.csv).a", ["ä"]),
    ("1 | Select-Object @{n='x';e={1}} | Export-Csv t.csv; (Get-Content t.csv)[0]; (Import-Csv t.csv).PSTypeNames[0]", ["#TYPE Selected.System.Int32", "CSV:Selected.System.Int32"]),
    # text
    ("(ConvertFrom-StringData 'a=x\\ty').a", ["x\ty"]),
    ("'one','two' | Select-String o -AllMatches | ForEach-Object { $_.Matches.Count }", ["1", "1"]),
    ("'a','b','c' | Select-String b -Context 1 | ForEach-Object { \"$_\" }", ["  a\r\n> b\r\n  c"]),
    ("Set-Content s.txt 'x1','y','x2'; Select-String x s.txt | ForEach-Object { \"$_\" }", ["C:\\T\\s.txt:1:x1", "C:\\T\\s.txt:3:x2"]),
    ("Set-Content s2.txt 'x'; Get-ChildItem s2.txt | Select-String x -Quiet; Get-ChildItem s2.txt | Select-String z -Quiet", ["True", "False"]),
    ("'a.c','abc' | Select-String a.c -SimpleMatch | ForEach-Object Line", ["a.c"]),
    ("'x' | Select-String y -NotMatch | ForEach-Object Pattern", ["y"]),
    ("[pscustomobject]@{A=1} | ConvertTo-Html -Title t | Select-Object -Index 3, 4, 6", ["<title>t</title>", "</head><body>", "<colgroup><col/></colgroup>"]),
    # dates
    ("Get-Date 2021-03-04T05:06:07 -Format FileDateTime", ["20210304T0506070000"]),
    ("Get-Date 2021-03-04 -UFormat '+%j|%u|%e|%C|%A %%'", ["63|4| 4|20|Thursday %"]),
    ("(Get-Date 2021-01-31 -Month 2).ToString('MM-dd')", ["02-28"]),
    ("(Get-Date 2021-03-04).DateTime", ["Thursday, 04 March 2021 00:00:00"]),
    ("(New-TimeSpan -Hours 25).ToString()", ["1.01:00:00"]),
    ("(New-TimeSpan 2020-01-01 2020-01-03).Days", ["2"]),
    ("(Measure-Command { 1 }).GetType().Name", ["TimeSpan"]),
    ("Measure-Command { $script:x = 5 } | Out-Null; $x", ["5"]),
    # random
    ("Get-Random -Minimum 3L -Maximum 4L | ForEach-Object { $_.GetType().Name }", ["Int64"]),
    ("$r = Get-Random -Minimum 1.5 -Maximum 2; $r -ge 1.5 -and $r -lt 2", ["True"]),
    ("(Get-Random (1,2,3)) -in 1,2,3", ["True"]),
    ("(New-Guid).GetType().Name", ["Guid"]),
    # CLIXML
    ("@{a=1;b='x',2} | Export-Clixml c.xml; $h = Import-Clixml c.xml; $h.GetType().Name; $h.b -join '+'", ["Hashtable", "x+2"]),
    ("$o = [pscustomobject]@{d=[datetime]'2020-01-02'; t=[timespan]'1:02:03'; g=[guid]::Empty; e=[DayOfWeek]::Friday}\n$o | Export-Clixml d.xml; $i = Import-Clixml d.xml; $i.d.Year; $i.t.TotalSeconds; \"$($i.g)\"; \"$($i.e)\"", ["2020", "3723", "00000000-0000-0000-0000-000000000000", "Friday"]),
    ("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize(\"a`0<&\")).Length", ["4"]),
    # the rest
    ("1,2 | Tee-Object -Variable t | Out-Null; $t.Count", ["2"]),
    ("'x' | Tee-Object tee.txt | Out-Null; Get-Content tee.txt", ["x"]),
    ("$s = ConvertTo-SecureString p -AsPlainText -Force; (New-Object pscredential u, $s).GetNetworkCredential().Password", ["p"]),
    ("[IO.File]::WriteAllText('C:\\T\\d.psd1', \"@{ A = -1; B = 'x', @{ C = `$true } }\"); $d = Import-PowerShellDataFile d.psd1; $d.A; $d.B[1].C", ["-1", "True"]),
    ("'abc' | Format-Hex | ForEach-Object { $_.Bytes -join ' ' }", ["97 98 99"]),
    ("Add-Type -AssemblyName System.Web, System.IO.Compression.FileSystem; 'ok'", ["ok"]),
    ("Update-TypeData -TypeName System.Int32 -MemberType ScriptProperty -MemberName Twice -Value { $this * 2 }; (4).Twice", ["8"]),
    ("@(Get-History).Count", ["0"]),
    ("(Get-Verb U*).Verb -join ' '", ["Undo Unlock Unpublish Update Uninstall Unregister Unblock Unprotect Use"]),
    ("([pscustomobject]@{a=1;z=$null} | ConvertTo-Xml -As String) -split '\r\n' | Select-Object -Skip 2", ['  <Object Type="System.Management.Automation.PSCustomObject">', '    <Property Name="a" Type="System.Int32">1</Property>', '    <Property Name="z" Type="System.Object" />', "  </Object>", "</Objects>"]),
    ("Set-Content mm.psm1 'function Get-Mm { 5 } function Get-Hidden { 6 }'; New-ModuleManifest mm.psd1 -RootModule mm.psm1 -ModuleVersion 2.1 -FunctionsToExport Get-Mm; Import-Module ./mm.psd1; Get-Mm; \"$((Get-Module mm).Version)\"; [bool](Get-Command Get-Hidden -ErrorAction SilentlyContinue)", ["5", "2.1", "False"]),
]  # fmt: skip


@pytest.mark.parametrize(("script", "wanted"), ANSWERS, ids=[script for script, _ in ANSWERS])
def test_answers(script: str, wanted: list[str]) -> None:
    ran = run(script)
    assert (ran.out, ran.errors, ran.refused) == (wanted, [], None)


ERRORS = [
    ("Import-Csv none.csv", "FileOpenFailure,Microsoft.PowerShell.Commands.ImportCsvCommand"),
    ("'a,A','1,2' | ConvertFrom-Csv", "AlreadyPresentPSMemberInfoInternalCollectionAdd,Microsoft.PowerShell.Commands.ConvertFromCsvCommand"),
    ("Set-Content n.csv x; 1 | Export-Csv n.csv -NoClobber", "NoClobber,Microsoft.PowerShell.Commands.ExportCsvCommand"),
    ("ConvertFrom-StringData 'x'", "InvalidOperation,Microsoft.PowerShell.Commands.ConvertFromStringDataCommand"),
    ("'a' | Select-String '('", "InvalidRegex,Microsoft.PowerShell.Commands.SelectStringCommand"),
    ("Select-String x none.txt", "PathNotFound,Microsoft.PowerShell.Commands.SelectStringCommand"),
    ("Get-Random -Minimum 2 -Maximum 1", "MinGreaterThanOrEqualMax,Microsoft.PowerShell.Commands.GetRandomCommand"),
    ("ConvertTo-SecureString x -AsPlainText", "ImportSecureString_ForceRequired,Microsoft.PowerShell.Commands.ConvertToSecureStringCommand"),
    ("Read-Host x", "InvalidOperation,Microsoft.PowerShell.Commands.ReadHostCommand"),
    ("Set-Content bad.psd1 '5'; Import-PowerShellDataFile bad.psd1", "CouldNotParseAsPowerShellDataFileNoHashtableRoot,Import-PowerShellDataFile"),
    ("Remove-TypeData -TypeName No.Such", "TypesDynamicRemoveException,Microsoft.PowerShell.Commands.RemoveTypeDataCommand"),
    ("Set-Content em.psd1 '@{ Author = 1 }'; Test-ModuleManifest em.psd1", "Modules_InvalidManifest,Microsoft.PowerShell.Commands.TestModuleManifestCommand"),
    ("Update-TypeData -TypeName A.B", "TypeDataEmpty,Microsoft.PowerShell.Commands.UpdateTypeDataCommand"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "wanted"), ERRORS, ids=[script for script, _ in ERRORS])
def test_errors(script: str, wanted: str) -> None:
    ran = run(f"{script}; 'after'")
    assert set(ran.errors) == {wanted}
    assert ran.out[-1] == "after"


@pytest.mark.parametrize("script", ["Add-Type 'class A {}'", "Get-Random -SetSeed 1", "New-Object -ComObject Excel.Application"])
def test_what_is_not_modelled_is_refused_by_name(script: str) -> None:
    assert re.match("the rehearsal does not model ", run(script).refused or "")


def test_an_unnamed_csv_column_is_warned_about_once() -> None:
    ran = run("'a,,c','1,2,3','4,5,6' | ConvertFrom-Csv | ForEach-Object H1")
    assert (ran.out, len(ran.warnings)) == (["2", "5"], 1)
