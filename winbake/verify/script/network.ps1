# What listens, and what the firewall says to it.

$script:Listeners = $null
$script:Rules = $null

function Get-Listener {
    <# .SYNOPSIS TCP ports that are listened on, with their process; read once. #>
    [CmdletBinding()]
    param()
    if ($null -eq $script:Listeners) {
        $names = @{}
        foreach ($one in Get-Process) { $names[[long]$one.Id] = [string]$one.ProcessName }
        $script:Listeners = @(foreach ($one in Get-NetTCPConnection -State Listen) {
            $owner = [long]$one.OwningProcess
            @{ address = [string]$one.LocalAddress; port = [int]$one.LocalPort; pid = $owner; process = [string]$names[$owner] }
        })
    }
    , $script:Listeners
}

function Get-InboundRule {
    <# .SYNOPSIS The inbound rules that name local ports, on or off; read once, rules and filters each in one go. #>
    [CmdletBinding()]
    param()
    if ($null -eq $script:Rules) {
        $filters = @{}
        foreach ($one in Get-NetFirewallPortFilter) { $filters[[string]$one.InstanceID] = $one }
        $script:Rules = @(foreach ($rule in Get-NetFirewallRule -Direction Inbound) {
            $filter = $filters[[string]$rule.InstanceID]
            if ($null -eq $filter -or @($filter.LocalPort) -contains 'Any') { continue }
            $ports = @($filter.LocalPort | ForEach-Object { [string]$_ })
            @{
                id = [string]$rule.InstanceID; name = [string]$rule.DisplayName; enabled = [string]$rule.Enabled -eq 'True'
                action = [string]$rule.Action; protocol = [string]$filter.Protocol; ports = [string[]]$ports; profiles = [string]$rule.Profile
            }
        })
    }
    , $script:Rules
}

function Read-Socket {
    <# .SYNOPSIS Question `sockets`: all listening TCP ports. #>
    [CmdletBinding()]
    param($Question)
    @{ sockets = [object[]](Get-Listener) }
}

function Read-Rule {
    <# .SYNOPSIS Question `rules`: the inbound rules for one port, or those of one display name. #>
    [CmdletBinding()]
    param($Question)
    $found = @(Get-InboundRule | ForEach-Object { $_ })
    if (Test-Asked -Question $Question -Name 'name') { $found = @($found | Where-Object { $_.name -eq $Question.name }) }
    if (Test-Asked -Question $Question -Name 'port') {
        $found = @($found | Where-Object { $_.protocol -eq $Question.protocol -and (Test-PortNamed -Ports $_.ports -Port $Question.port) })
    }
    @{ rules = [object[]]$found }
}

function Test-PortNamed {
    <# .SYNOPSIS Whether a rule's ports, single ones or ranges as 5000-5010, hold this one. #>
    [CmdletBinding()]
    param([string[]]$Ports, [int]$Port)
    foreach ($one in $Ports) {
        if ($one -notmatch '^(\d+)(?:-(\d+))?$') { continue }
        $last = $Matches[1]
        if ($Matches.ContainsKey(2)) { $last = $Matches[2] }
        if ([int]$Matches[1] -le $Port -and $Port -le [int]$last) { return $true }
    }
    $false
}

$script:Readers['sockets'] = 'Read-Socket'
$script:Readers['rules'] = 'Read-Rule'
