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

function Set-HostServiceState {
    <# .SYNOPSIS Starts, stops or restarts a service and waits until it is so. #>
    [CmdletBinding()]
    param([string]$Name, [string]$State)
    switch ($State) {
        'running' { Start-Service -Name $Name -WarningAction SilentlyContinue }
        'stopped' { Stop-Service -Name $Name -Force -WarningAction SilentlyContinue }
        'restarted' { Restart-Service -Name $Name -Force -WarningAction SilentlyContinue }
    }
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
