# Services and firewall rules: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostService {
    <# .SYNOPSIS Win32_Service objects of these names, in one query. #>
    [CmdletBinding()]
    param([string[]]$Name)
    $filter = @($Name | ForEach-Object { "Name='" + $_.Replace("'", "''") + "'" }) -join ' OR '
    Get-CimInstance -ClassName Win32_Service -Filter $filter
}

function Set-HostServiceStart {
    <# .SYNOPSIS Sets a service's start mode (auto, delayed, manual, disabled). #>
    [CmdletBinding()]
    param([string]$Name, [string]$Start)
    $words = @{ auto = 'auto'; delayed = 'delayed-auto'; manual = 'demand'; disabled = 'disabled' }
    $text = & "$env:SystemRoot\System32\sc.exe" config $Name start= $words[$Start]
    if ($LASTEXITCODE -ne 0) { throw "sc.exe config $Name answered $LASTEXITCODE`: $($text -join ' ')" }
}

function Get-HostServiceState {
    <# .SYNOPSIS Stopped, StartPending, StopPending, Running … #>
    [CmdletBinding()]
    param([string]$Name)
    [string](Get-Service -Name $Name).Status
}

function Start-HostService {
    <# .SYNOPSIS Asks for a service's start; does not wait until it runs. #>
    [CmdletBinding()]
    param([string]$Name)
    (Get-Service -Name $Name).Start()
}

function Stop-HostService {
    <# .SYNOPSIS Asks for a service's end, and for that of the services that depend on it; does not wait for it. #>
    [CmdletBinding()]
    param([string]$Name)
    Stop-Service -Name $Name -Force -NoWait -WarningAction SilentlyContinue
}

function Get-HostRunningDependent {
    <# .SYNOPSIS The names of the running services that depend on this one. #>
    [CmdletBinding()]
    param([string]$Name)
    (Get-Service -Name $Name).DependentServices | Where-Object { [string]$_.Status -eq 'Running' } | ForEach-Object { [string]$_.Name }
}

function New-HostFirewallRule {
    <# .SYNOPSIS Makes a firewall rule; the parameters are New-NetFirewallRule's. #>
    [CmdletBinding()]
    param([hashtable]$Rule)
    $null = New-NetFirewallRule @Rule
}

function Remove-HostFirewallRule {
    <# .SYNOPSIS Removes the rule with this InstanceID; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Id)
    Remove-NetFirewallRule -Name $Id -ErrorAction SilentlyContinue
}
