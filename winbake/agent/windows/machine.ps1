# Time zone and name of the machine: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostTimeZone {
    <# .SYNOPSIS The zone in force; with -Id that one, nothing if this Windows does not know it. #>
    [CmdletBinding()]
    param([string]$Id)
    if ($Id) { Get-TimeZone -Id $Id -ErrorAction SilentlyContinue } else { Get-TimeZone }
}

function Set-HostTimeZone {
    <# .SYNOPSIS Puts a zone in force, with its daylight saving time. #>
    [CmdletBinding()]
    param([string]$Id)
    Set-TimeZone -Id $Id -ErrorAction Stop
}

function Rename-Host {
    <# .SYNOPSIS Gives the machine a name that holds from its next start. #>
    [CmdletBinding()]
    param([string]$Name)
    Rename-Computer -NewName $Name -Force -ErrorAction Stop -WarningAction SilentlyContinue
}
