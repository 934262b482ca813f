"""Versions of the modules whose commands the table has, as `Get-Command` shows them.

Read out of the inventory of a Windows 5.1.14393 host that PSScriptAnalyzer carries
(Engine/Settings/desktop-5.1.14393.206-windows.json). The commands of Microsoft.PowerShell.Core come from a snap-in
of version 3.0.0.0 and not from a module. What that inventory does not have has no version here.
"""

from __future__ import annotations

MODULE_VERSIONS = {
    "bitstransfer": "2.0.0.0", "cimcmdlets": "1.0.0.0", "defender": "1.0", "dism": "3.0", "dnsclient": "1.0.0.0",
    "international": "2.0.0.0", "microsoft.powershell.archive": "1.0.1.0", "microsoft.powershell.core": "3.0.0.0",
    "microsoft.powershell.diagnostics": "3.0.0.0", "microsoft.powershell.host": "3.0.0.0",
    "microsoft.powershell.localaccounts": "1.0.0.0", "microsoft.powershell.management": "3.1.0.0",
    "microsoft.powershell.security": "3.0.0.0", "microsoft.powershell.utility": "3.1.0.0",
    "microsoft.wsman.management": "3.0.0.0", "netadapter": "2.0.0.0", "netconnection": "1.0.0.0",
    "netsecurity": "2.0.0.0", "nettcpip": "1.0.0.0", "pki": "1.0.0.0", "pnpdevice": "1.0.0.0",
    "psscheduledjob": "1.1.0.0", "scheduledtasks": "1.0.0.0", "secureboot": "2.0.0.0", "smbshare": "2.0.0.0",
    "startlayout": "1.0.0.0", "storage": "2.0.0.0", "tls": "2.0.0.0", "windowserrorreporting": "1.0",
    "windowsupdate": "1.0.0.0",
}  # fmt: skip
"""Lower-case module → version."""
