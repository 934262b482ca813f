# Services, all that are asked for in one query.

function Initialize-ServiceFact {
    <# .SYNOPSIS Reads every service that the queries name, in one go. #>
    [CmdletBinding()]
    param($Queries)
    $script:Services = @{}
    $names = @($Queries | Where-Object { $_.kind -eq 'service' } | ForEach-Object { [string]$_.arguments.name })
    if ($names.Count) { $script:Services = Get-ServiceFactTable -Name $names }
}

function Get-ServiceFact {
    <# .SYNOPSIS The answer to the query `service`. #>
    [CmdletBinding()]
    param($Query)
    $answer = $script:Services[([string]$Query.name).ToLowerInvariant()]
    if ($null -eq $answer) { $answer = @{ exists = $false } }
    $answer
}

function Get-ServiceFactTable {
    <# .SYNOPSIS Lower-case name → answer to the query `service`. #>
    [CmdletBinding()]
    param([string[]]$Name)
    $starts = @{ Auto = 'auto'; Manual = 'manual'; Disabled = 'disabled'; Boot = 'boot'; System = 'system' }
    $table = @{}
    foreach ($service in @(Get-HostService -Name $Name)) {
        $start = $starts[[string]$service.StartMode]
        if ($start -eq 'auto' -and $service.DelayedAutoStart) { $start = 'delayed' }
        $table[([string]$service.Name).ToLowerInvariant()] = @{
            exists       = $true
            name         = [string]$service.Name
            start        = [string]$start
            state        = ([string]$service.State).ToLowerInvariant()
            display_name = [string]$service.DisplayName
        }
    }
    $table
}

$script:QueryTable['service'] = 'Get-ServiceFact'
