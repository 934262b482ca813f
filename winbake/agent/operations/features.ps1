# Server roles and features, in and out.

function Set-Feature {
    <# .SYNOPSIS The operation `features`: all names in one call; says whether Windows wants a restart for it. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $names = [string[]]@($arguments.names)
    if ($arguments.present) { $result = Install-HostFeature -Name $names -WithSubFeatures ([bool]$arguments.sub_features) }
    else { $result = Uninstall-HostFeature -Name $names }
    @{ exit_code = [string]$result.ExitCode; reboot = [bool]([string]$result.RestartNeeded -eq 'Yes') }
}

$script:OperationTable['features'] = 'Set-Feature'
