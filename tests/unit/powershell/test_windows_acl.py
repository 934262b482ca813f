"""Get-Acl, Set-Acl and icacls over the entries that the model has."""

from __future__ import annotations

from typing import Any

import pytest
from windows_script import ids, out

FOLDER = "$null = New-Item -ItemType Directory f; Set-Content f\\a.txt x; $f = (Resolve-Path f).ProviderPath\n"
RULE = (
    "$a = Get-Acl f; $a.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule 'Everyone', 'Modify', "
    "'ContainerInherit,ObjectInherit', 'None', 'Allow')); Set-Acl f $a\n"
)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("(Get-Acl f).GetType().Name; (Get-Acl f\\a.txt).GetType().Name", ["DirectorySecurity", "FileSecurity"]),
        ("(Get-Acl f).Owner", ["BUILTIN\\Administrators"]),
        ("(Get-Acl f).Path -eq 'Microsoft.PowerShell.Core\\FileSystem::' + $f", [True]),
        ("(Get-Acl f).Sddl.StartsWith('O:BAG:S-1-5-21-')", [True]),
        (RULE + "((Get-Acl f).AccessToString -split \"`n\")[0]", ["Everyone Allow  Modify, Synchronize"]),
        (RULE + "$r = (Get-Acl f\\a.txt).Access[0]; $r.IdentityReference.Value; $r.IsInherited", ["Everyone", True]),
        (RULE + "(icacls f)[0]", ["f Everyone:(OI)(CI)(M)"]),
        ("icacls f /grant '*S-1-1-0:(OI)(CI)RX'; $LASTEXITCODE; (icacls f)[0]",
         ["processed file: f", "Successfully processed 1 files; Failed processing 0 files", 0,
          "f Everyone:(OI)(CI)(RX)"]),
        (RULE + "$null = icacls f /remove Everyone; (icacls f)[0]", ["f BUILTIN\\Administrators:(I)(OI)(CI)(F)"]),
        ("$null = icacls f /grant 'Everyone:(RX,WD)'; (icacls f)[0]", ["f Everyone:(RD,WD,REA,X,RA,RC,S)"]),
        # what inherits nothing stays so under Set-Acl and icacls
        ("$a = Get-Acl f; $a.SetAccessRuleProtection($true, $false); Set-Acl f $a\n" + RULE
         + "(Get-Acl f).Sddl -match 'D:PAI\\('; $null = icacls f /grant Users:R; @((Get-Acl f).Access).Count", [True, 2]),
        ("icacls nosuch 2>$null; $LASTEXITCODE", ["Successfully processed 0 files; Failed processing 1 files", 2]),
        ("icacls f /grant nobody:F 2>$null; $LASTEXITCODE",
         ["Successfully processed 0 files; Failed processing 1 files", 1332]),
    ],
)  # fmt: skip
def test_entries_are_read_and_written(script: str, answer: list[Any]) -> None:
    assert out(FOLDER + script) == answer


def test_a_missing_path_has_windows_id() -> None:
    assert ids("Get-Acl nosuch") == ["PathNotFound,Microsoft.PowerShell.Commands.GetAclCommand"]


def test_what_a_new_list_shows_is_refused_by_name() -> None:
    with pytest.raises(AssertionError, match=r"does not model .* read of no file"):
        out("(New-Object Security.AccessControl.DirectorySecurity).Owner")
