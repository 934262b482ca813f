# Optional features of DISM, enabled and disabled.

function Set-OptionalFeature {
    <# .SYNOPSIS The operation `optional_features`: all names in one call; says whether Windows wants a restart for it. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $names = [string[]]@($arguments.names)
    if ($arguments.present) { $result = Enable-HostOptionalFeature -Name $names -WithParents ([bool]$arguments.parents) }
    else { $result = Disable-HostOptionalFeature -Name $names }
    @{ reboot = [bool]$result.RestartNeeded }
}

$script:OperationTable['optional_features'] = 'Set-OptionalFeature'
