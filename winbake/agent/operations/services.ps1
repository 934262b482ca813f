# Services: start mode and state. A service may take long to start or stop, so the schedule goes on meanwhile.

function Set-ServiceSetting {
    <# .SYNOPSIS The operation `service`: start mode first, then state. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $name = [string]$arguments.name
    if ($arguments.start) { Set-HostServiceStart -Name $name -Start $arguments.start }
    if (-not $arguments.state) { return @{} }
    $wait = @{
        Process = $null; Until = $null; Next = 'Find-ServiceState'; Name = $name; Wanted = 'Stopped'
        Left = @(); Deadline = (Get-HostTime).AddSeconds($Operation.limit_seconds)
    }
    if ($arguments.state -eq 'running') {
        $wait.Left = @($name)
        return Start-NextService -Operation $Operation -Wait $wait
    }
    # What hangs on a service is stopped with it, and started again after it.
    if ($arguments.state -eq 'restarted') { $wait.Left = @($name) + @(Get-HostRunningDependent -Name $name) }
    if ((Get-HostServiceState -Name $name) -ne 'Stopped') { Stop-HostService -Name $name }
    Find-ServiceState -Operation $Operation -Wait $wait
}

function Find-ServiceState {
    <# .SYNOPSIS One look at a service: it is as wanted, or is waited for, or it will not come to that. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $state = Get-HostServiceState -Name $Wait.Name
    if ($state -eq $Wait.Wanted) { return Start-NextService -Operation $Operation -Wait $Wait }
    if ($state -eq 'Stopped') { throw "the service $($Wait.Name) stopped again while it started" }
    $now = Get-HostTime
    if ($now -gt $Wait.Deadline) {
        throw "the service $($Wait.Name) is $state after $($Operation.limit_seconds) s, wanted $($Wait.Wanted)"
    }
    $Wait.Until = $now.AddMilliseconds(250)
    $Wait
}

function Start-NextService {
    <# .SYNOPSIS Starts the next of the services that are to run; the end of the operation if none is left. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    if ($Wait.Left.Count -eq 0) { return @{} }
    $name, $left = $Wait.Left
    $Wait.Name = $name
    $Wait.Left = @($left | Where-Object { $_ })
    $Wait.Wanted = 'Running'
    if ((Get-HostServiceState -Name $name) -eq 'Stopped') { Start-HostService -Name $name }
    Find-ServiceState -Operation $Operation -Wait $Wait
}

$script:OperationTable['service'] = 'Set-ServiceSetting'
