# Windows updates: searched and installed by a task that runs as SYSTEM.

function Install-Update {
    <# .SYNOPSIS The operation `updates`: installs the updates of these ids that are still offered. What fails before a restart that
    is to come is tried again after it, so it is only told. #>
    [CmdletBinding()]
    param($Operation)
    $wanted = $Operation.arguments
    $arguments = @{ server = [int]$wanted.server; ids = [string[]]@($wanted.ids) }
    $end = Invoke-SystemTask -Kind 'install_updates' -Arguments $arguments -LimitSeconds $Operation.limit_seconds -Id $Operation.id
    $restart = [bool]$end.restart -and [bool]$wanted.reboot
    $failed = @($end.failed)
    if ($failed.Count -and -not $restart) { throw ($failed -join '; ') }
    foreach ($text in $failed) {
        Write-AgentEvent -Name 'note' -Data @{ id = $Operation.id; text = "$text; tried again after the restart" }
    }
    @{ installed = [object[]]@($end.installed); restart_owed = [bool]$end.restart; reboot = $restart }
}

$script:OperationTable['updates'] = 'Install-Update'
