<#
.SYNOPSIS
Closes the way in by which this machine was baked: the last act, as SYSTEM, from a scheduled task, some time after the run.
.DESCRIPTION
Nothing else of the agent is there any more, so this touches Windows itself. One step after the other, and the first that
fails ends it: whoever finds the listener's port closed knows that what comes before it has gone too. The rule of the
firewall goes last, since without it the port is closed whatever else is left. The task is deleted in any case.
A machine that restarts first does this at its next start; then a listener that has another certificate by now is left alone.
#>
[CmdletBinding()]
param([string]$Request)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$wanted = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Request)))
try {
    # At a start of the machine this may come before WinRM, which starts delayed and answers for its listeners.
    Start-Service -Name WinRM
    if ($wanted.sid) {
        Get-LocalUser | Where-Object -FilterScript { $_.SID.Value -eq $wanted.sid } | Remove-LocalUser
        $query = "SID='$($wanted.sid)'"
        # Windows unloads the profile some seconds after the account's last process has ended.
        for ($i = 0; $i -lt 60; $i++) {
            $used = Get-CimInstance -ClassName Win32_UserProfile -Filter $query
            if ($null -eq $used -or -not $used.Loaded) { break }
            Start-Sleep -Seconds 2
        }
        if ($null -ne $used) { Remove-CimInstance -InputObject $used }
    }
    if ($wanted.token_policy) {
        $policies = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
        Remove-ItemProperty -LiteralPath $policies -Name 'LocalAccountTokenFilterPolicy'
    }
    foreach ($listener in @($wanted.listeners)) {
        $certificate = "Cert:\LocalMachine\My\$($listener.thumbprint)"
        if ($listener.thumbprint -and (Test-Path -LiteralPath $certificate)) {
            Remove-Item -LiteralPath $certificate -DeleteKey
        }
        $mine = @(Get-WSManInstance -ResourceURI 'winrm/config/Listener' -Enumerate | Where-Object -FilterScript {
                $_.Transport -eq 'HTTPS' -and $_.Address -eq $listener.address -and
                $_.CertificateThumbprint -eq $listener.thumbprint
            })
        if ($mine.Count) {
            $selectors = @{ Address = [string]$listener.address; Transport = 'HTTPS' }
            Remove-WSManInstance -ResourceURI 'winrm/config/Listener' -SelectorSet $selectors
        }
    }
    foreach ($rule in @($wanted.rules)) { Remove-NetFirewallRule -Name ([string]$rule) }
}
finally {
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    $service.GetFolder('\').DeleteTask([string]$wanted.task, 0)
}
