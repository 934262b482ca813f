# Services, all that are asked for in one query.

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
