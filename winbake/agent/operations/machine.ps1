# Time zone and name of the machine, set.

function Set-TimeZoneState {
    <# .SYNOPSIS The operation `time_zone`. #>
    [CmdletBinding()]
    param($Operation)
    Set-HostTimeZone -Id $Operation.arguments.id
    @{}
}

function Set-ComputerNameState {
    <# .SYNOPSIS The operation `computer_name`: Windows takes the new name at the restart that this asks for. #>
    [CmdletBinding()]
    param($Operation)
    Rename-Host -Name $Operation.arguments.name
    @{ reboot = $true }
}

$script:OperationTable['time_zone'] = 'Set-TimeZoneState'
$script:OperationTable['computer_name'] = 'Set-ComputerNameState'
