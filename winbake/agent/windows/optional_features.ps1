# Optional features of DISM: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostOptionalFeature {
    <# .SYNOPSIS The feature of this name, nothing if this Windows has none. #>
    [CmdletBinding()]
    param([string]$Name)
    Get-WindowsOptionalFeature -Online -FeatureName $Name
}

function Enable-HostOptionalFeature {
    <# .SYNOPSIS Enables features, with -WithParents also those above; gives the result. #>
    [CmdletBinding()]
    param([string[]]$Name, [bool]$WithParents)
    Enable-WindowsOptionalFeature -Online -FeatureName $Name -All:$WithParents -NoRestart -WarningAction SilentlyContinue
}

function Disable-HostOptionalFeature {
    <# .SYNOPSIS Disables features; gives the result. #>
    [CmdletBinding()]
    param([string[]]$Name)
    Disable-WindowsOptionalFeature -Online -FeatureName $Name -NoRestart -WarningAction SilentlyContinue
}
