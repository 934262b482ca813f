"""Files that inherit nothing: SetAccessRuleProtection, and what is left in the list (ObjectSecurity.cs)."""

from __future__ import annotations

import pytest
from windows_script import out

MAKE = r"""
    Remove-Item C:\probe.txt -ErrorAction SilentlyContinue
    $null = New-Item C:\probe.txt -ItemType File -Force
    $file = Get-Item C:\probe.txt
"""
SHOW = r"""
    $again = (Get-Item C:\probe.txt).GetAccessControl('Access')
    $rules = $again.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
    "$($again.AreAccessRulesProtected) $($rules.Count)"
    $rules | ForEach-Object { "$($_.IdentityReference) $($_.IsInherited)" }
"""


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (
            "$a = New-Object Security.AccessControl.FileSecurity; $a.SetAccessRuleProtection($true, $false)",
            ["True 0"],
        ),
        (
            "$a = $file.GetAccessControl('Access'); $a.SetAccessRuleProtection($true, $true)",
            ["True 4", "S-1-5-32-544 False", "S-1-5-18 False", "S-1-5-32-545 False", "S-1-5-32-544 False"],
        ),
        (
            "$a = $file.GetAccessControl('Access'); $a.SetAccessRuleProtection($true, $false); "
            "$file.SetAccessControl($a); $a.SetAccessRuleProtection($false, $false)",
            ["False 4", "S-1-5-32-544 True", "S-1-5-18 True", "S-1-5-32-545 True", "S-1-5-32-544 True"],
        ),
    ],
)
def test_protection(change: str, shown: list[str]) -> None:
    """Twice Administrators: once for itself, once as the owner, whom CREATOR OWNER of the drive's root stands for."""
    assert out(MAKE + change + "; $file.SetAccessControl($a)" + SHOW + "Remove-Item C:\\probe.txt") == shown
