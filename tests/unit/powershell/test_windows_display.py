"""What a person sees of Windows' own objects: default tables, and everything with Format-List *."""

from __future__ import annotations

import pytest
from windows_script import out


def lines(script: str) -> list[str]:
    return [line.rstrip() for line in str(out(f"{script} | Out-String -Width 119")[0]).split("\r\n")]


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        ("Get-Service W32Time", "Running  W32Time            Windows Time"),
        ("Get-WindowsFeature DHCP",
         "[ ] DHCP Server                                         DHCP                         Available"),
        ("Get-WindowsFeature DHCP", "Display Name                                            Name                     "
                                    "Install State"),
        ("Get-PSProvider Registry", "Registry             ShouldProcess, Transactions                       "
                                    "{HKLM, HKCU}"),
        ("Get-Service W32Time | Format-List *", "ServiceHandle       : SafeServiceHandle"),
        ("Get-Process -Id $PID | Format-List *", "MaxWorkingSet              : 1413120"),
        ("Get-Item HKLM:\\SOFTWARE\\Microsoft | Format-List *",
         "Handle        : Microsoft.Win32.SafeHandles.SafeRegistryHandle"),
        ("$c = New-SelfSignedCertificate -DnsName a.b -CertStoreLocation Cert:\\LocalMachine\\My; "
         "Get-ChildItem Cert:\\LocalMachine\\My; Remove-Item Cert:\\LocalMachine\\My\\$($c.Thumbprint)",
         "   PSParentPath: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\My"),
    ],
)  # fmt: skip
def test_a_line_of_what_is_shown(script: str, shown: str) -> None:
    assert shown in lines(f"&{{ {script} }}")


def test_a_hotfix_names_the_computer_it_is_from() -> None:
    name = str(out("$env:COMPUTERNAME")[0])
    assert any(line.startswith(name[:10] + "...") for line in lines("Get-HotFix"))
