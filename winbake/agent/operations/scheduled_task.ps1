# Scheduled tasks: make, change, enable, disable, delete.

function Set-ScheduledTaskState {
    <# .SYNOPSIS The operation `scheduled_task`: what `definition` does not name stays as it is. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    if (-not $arguments.present) {
        Remove-HostTask -Path $arguments.path -Name $arguments.name
        return @{}
    }
    $task = Get-HostTask -Path $arguments.path -Name $arguments.name
    if ($null -ne $arguments.definition) {
        if ($null -eq $task) { $definition = New-HostTaskDefinition }
        else { $definition = $task.Definition }
        Set-TaskDefinition -Definition $definition -Wanted $arguments.definition
        $task = Register-HostTask -Path $arguments.path -Name $arguments.name -Definition $definition -User $arguments.user `
            -LogonType $arguments.logon_type
    }
    if ($null -ne $arguments.enabled) { $task.Enabled = [bool]$arguments.enabled }
    @{}
}

function Set-TaskDefinition {
    <# .SYNOPSIS Writes the wanted parts into a definition; $null leaves one as it is. #>
    [CmdletBinding()]
    param($Definition, $Wanted)
    if ($null -ne $Wanted.highest) { $Definition.Principal.RunLevel = [int][bool]$Wanted.highest }
    if ($null -ne $Wanted.limit) { $Definition.Settings.ExecutionTimeLimit = [string]$Wanted.limit }
    if ($null -ne $Wanted.description) { $Definition.RegistrationInfo.Description = [string]$Wanted.description }
    if ($null -ne $Wanted.actions) {
        $Definition.Actions.Clear()
        foreach ($wish in $Wanted.actions) {
            $action = $Definition.Actions.Create(0)
            $action.Path = [string]$wish.path
            $action.Arguments = [string]$wish.arguments
            $action.WorkingDirectory = [string]$wish.directory
        }
    }
    if ($null -ne $Wanted.triggers) {
        $numbers = @{ registration = 7; boot = 8; logon = 9 }
        $Definition.Triggers.Clear()
        foreach ($wish in $Wanted.triggers) {
            $trigger = $Definition.Triggers.Create($numbers[[string]$wish.type])
            $trigger.Enabled = [bool]$wish.enabled
            if ($wish.delay) { $trigger.Delay = [string]$wish.delay }
        }
    }
}

$script:OperationTable['scheduled_task'] = 'Set-ScheduledTaskState'
