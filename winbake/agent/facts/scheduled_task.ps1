# Scheduled tasks, each by its folder and name.

function Get-ScheduledTaskFact {
    <# .SYNOPSIS The answer to the query `scheduled_task`. #>
    [CmdletBinding()]
    param($Query)
    $task = Get-HostTask -Path $Query.path -Name $Query.name
    if ($null -eq $task) { return @{ exists = $false } }
    $definition = $task.Definition
    $actions = @(Get-HostItem -Collection $definition.Actions)
    $principal = $definition.Principal
    @{
        exists        = $true
        enabled       = [bool]$task.Enabled
        user          = @([string]$principal.UserId, [string]$principal.GroupId | Where-Object { $_ }) -join ''
        highest       = [int]$principal.RunLevel -eq 1
        limit         = [string]$definition.Settings.ExecutionTimeLimit
        description   = [string]$definition.RegistrationInfo.Description
        actions       = @($actions | Where-Object { $_.Type -eq 0 } | ForEach-Object { Get-TaskActionFact -Action $_ })
        other_actions = @($actions | Where-Object { $_.Type -ne 0 }).Count
        triggers      = @(Get-HostItem -Collection $definition.Triggers | ForEach-Object { Get-TaskTriggerFact -Trigger $_ })
    }
}

function Get-TaskActionFact {
    <# .SYNOPSIS A program that a task runs. #>
    [CmdletBinding()]
    param($Action)
    @{ path = [string]$Action.Path; arguments = [string]$Action.Arguments; directory = [string]$Action.WorkingDirectory }
}

function Get-TaskTriggerFact {
    <# .SYNOPSIS A trigger; of those that winbake does not make, only the type's number. #>
    [CmdletBinding()]
    param($Trigger)
    $words = @{ 7 = 'registration'; 8 = 'boot'; 9 = 'logon' }
    $type = [int]$Trigger.Type
    $fact = @{ type = [string]$type; enabled = [bool]$Trigger.Enabled; delay = '' }
    if ($words.ContainsKey($type)) {
        $fact.type = $words[$type]
        $fact.delay = [string]$Trigger.Delay
    }
    $fact
}

$script:QueryTable['scheduled_task'] = 'Get-ScheduledTaskFact'
