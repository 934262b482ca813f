<#
.SYNOPSIS
Tells what winbake's doctor asks of a host: engine, rights, free disk, pending reboot. One line of JSON.
#>
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
$principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList $identity
$administrator = [System.Security.Principal.WindowsBuiltInRole]::Administrator
$drive = New-Object -TypeName System.IO.DriveInfo -ArgumentList 'C'
$pending = @()
$base = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
if (Test-Path -Path "$base\Component Based Servicing\RebootPending") { $pending += 'Component Based Servicing' }
if (Test-Path -Path "$base\WindowsUpdate\Auto Update\RebootRequired") { $pending += 'Windows Update' }
$manager = Get-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
if ($manager.PendingFileRenameOperations) { $pending += 'files to replace' }
ConvertTo-Json -Compress -InputObject @{
    version       = $PSVersionTable.PSVersion.ToString()
    user          = $identity.Name
    administrator = $principal.IsInRole($administrator)
    free          = $drive.AvailableFreeSpace
    size          = $drive.TotalSize
    pending       = $pending
}
