# Server roles and features: wrappers of a few lines round ServerManager, no decisions.

function Get-HostFeature {
    <# .SYNOPSIS Every role and feature that this Windows knows. #>
    [CmdletBinding()]
    param()
    Get-WindowsFeature
}

function Install-HostFeature {
    <# .SYNOPSIS Installs features with what they need; gives the result. #>
    [CmdletBinding()]
    param([string[]]$Name, [bool]$WithSubFeatures)
    Install-WindowsFeature -Name $Name -IncludeAllSubFeature:$WithSubFeatures
}

function Uninstall-HostFeature {
    <# .SYNOPSIS Removes features and all below them; gives the result. #>
    [CmdletBinding()]
    param([string[]]$Name)
    Uninstall-WindowsFeature -Name $Name
}
