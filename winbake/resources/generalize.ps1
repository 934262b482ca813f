<#
.SYNOPSIS
Generalizes this machine by Amazon's launch agent, if one is named, and shuts it down, once its way in is closed.
.DESCRIPTION
Runs as the built-in Administrator, from a scheduled task, without its password (S4U): sysprep is not supported as SYSTEM.
Waits until the closing's own task has gone and WinRM has no listener over HTTPS any more, so that a machine which has shut
itself down holds no private key of the bake; after the limit nothing is done. The task is deleted before sysprep begins: no
image has it. Nothing else of the agent is there any more, so this touches Windows itself. Amazon's scripts run in processes
of their own: they are not made for this one's strict mode. If sysprep fails, Remote Desktop is let in again, which the launch
agent has turned off before it: its logs are the only ones who know why.
#>
[CmdletBinding()]
param([string]$Request)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$wanted = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Request)))
$service = New-Object -ComObject Schedule.Service
$service.Connect()
$folder = $service.GetFolder('\')
$end = [datetime]::UtcNow.AddSeconds([int]$wanted.limit_seconds)
try {
    Start-Service -Name WinRM
    while ($true) {
        $closing = @($folder.GetTasks(1) | Where-Object -FilterScript { $_.Name -eq $wanted.closing })
        $listeners = @(Get-WSManInstance -ResourceURI 'winrm/config/Listener' -Enumerate | Where-Object -FilterScript {
                $_.Transport -eq 'HTTPS'
            })
        if (-not $closing.Count -and -not $listeners.Count) { break }
        if ([datetime]::UtcNow -gt $end) { throw 'the way in is still open' }
        Start-Sleep -Seconds 2
    }
}
finally { $folder.DeleteTask([string]$wanted.task, 0) }
$shutdown = "$env:SystemRoot\System32\shutdown.exe"
if (-not $wanted.agent) {
    & $shutdown /s /t 0
    return
}
$powershell = "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
if ($wanted.agent -eq 'EC2Launch v2') {
    & ([string]$wanted.file) sysprep --shutdown=true --block
}
elseif ($wanted.agent -eq 'EC2Launch v1') {
    $scripts = Split-Path -Path ([string]$wanted.file) -Parent
    & $powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "$scripts\InitializeInstance.ps1" -Schedule
    & $powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File ([string]$wanted.file) -NoShutdown
}
else {
    & ([string]$wanted.file) -sysprep
}
$setup = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$state = (Get-ItemProperty -LiteralPath $setup -Name 'ImageState').ImageState
if ($state -eq 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') {
    & $shutdown /s /t 0
}
else {
    $terminal = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server'
    Set-ItemProperty -LiteralPath $terminal -Name 'fDenyTSConnections' -Value 0
}
