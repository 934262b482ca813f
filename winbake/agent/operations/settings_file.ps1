# A service's settings file: written, the service restarted with it, looked at; if it does not run, the old file is put back.
#
# The old file stays beside it as .winbake-old until the service has been seen to run with the new one. A run that is cut
# leaves it there, and the next one takes it for the last file that was right. There are passwords in these files: only the
# system and administrators read them.

function Set-SettingsFile {
    <# .SYNOPSIS The operation `put_settings`. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $path = Expand-HostVariable -Text $arguments.path
    $name = [string]$arguments.service.name
    $state = Get-HostServiceState -Name $name
    if (-not (Test-HostFile -Path ($path + '.winbake-old'))) {
        New-HostFolder -Path (Get-HostPathParent -Path $path)
        if (Test-HostFile -Path $path) { Copy-HostFile -Path $path -Target ($path + '.winbake-old') }
        else { Set-HostFileContent -Path ($path + '.winbake-old') -Base64 '' }
        Protect-HostFile -Path ($path + '.winbake-old')
    }
    $fresh = $path + '.winbake-new'
    try {
        Set-HostFileContent -Path $fresh -Base64 ''
        Protect-HostFile -Path $fresh
        Set-HostFileContent -Path $fresh -Base64 $arguments.content
        Move-CheckedFile -Path $fresh -Target $path -Sha256 $arguments.sha256
    }
    finally { Remove-HostItem -Path $fresh }
    $wait = @{
        Process = $null; Until = $null; Next = 'Find-SettingsService'; Path = $path; Name = $name; Going = 'down'
        Ran = ($state -ne 'Stopped'); Failure = ''; Log = ''; Tail = @(); Deadline = (Get-HostTime).AddSeconds($Operation.limit_seconds / 2)
    }
    Restart-SettingsService -Operation $Operation -Wait $wait
}

function Restart-SettingsService {
    <# .SYNOPSIS Asks for the service's end, after which it is started again. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $Wait.Going = 'down'
    if ((Get-HostServiceState -Name $Wait.Name) -ne 'Stopped') { Stop-HostService -Name $Wait.Name }
    Find-SettingsService -Operation $Operation -Wait $Wait
}

function Find-SettingsService {
    <# .SYNOPSIS One look at the service: it is waited for, or runs and listens, or will not come to that. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $state = Get-HostServiceState -Name $Wait.Name
    $Wait.Until = (Get-HostTime).AddMilliseconds(250)
    if ($Wait.Going -eq 'down' -and $state -eq 'Stopped') {
        $Wait.Going = 'up'
        try { Start-HostService -Name $Wait.Name }
        catch { return Undo-SettingsFile -Operation $Operation -Wait $Wait -Why (Get-ErrorText -ErrorRecord $_) }
        return $Wait
    }
    if ($Wait.Going -eq 'up' -and $state -eq 'Stopped') {
        return Undo-SettingsFile -Operation $Operation -Wait $Wait -Why 'it stopped again while it started'
    }
    if ($Wait.Going -eq 'up' -and $state -eq 'Running' -and ($Wait.Failure -or (Test-HostPort -Port $Operation.arguments.ports))) {
        return Complete-SettingsFile -Wait $Wait
    }
    if ((Get-HostTime) -gt $Wait.Deadline) {
        $ports = @($Operation.arguments.ports) -join ' and '
        return Undo-SettingsFile -Operation $Operation -Wait $Wait -Why "it is $state and does not listen on $ports after $($Operation.limit_seconds / 2) s"
    }
    $Wait
}

function Undo-SettingsFile {
    <# .SYNOPSIS Puts the old file back; the service is started with it if it ran before. A second failure is the end. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait, [string]$Why)
    if ($Wait.Failure) {
        $script:FailureData = @{ log = $Wait.Log; log_tail = [object[]]$Wait.Tail }
        throw "$($Wait.Failure), and does not start either: $Why"
    }
    $Wait.Log = [string](Find-SettingsLog -Folder $Operation.arguments.service.logs)
    $Wait.Tail = @(Get-SettingsLogTail -Path $Wait.Log -Content $Operation.arguments.content)
    $old = $Wait.Path + '.winbake-old'
    $had = (Get-HostFileSize -Path $old) -gt 0
    Remove-HostItem -Path $Wait.Path
    if ($had) { Move-HostFile -Path $old -Target $Wait.Path }
    else { Remove-HostItem -Path $old }
    $back = 'it is removed again'
    if ($had) { $back = 'the old one is back' }
    $Wait.Failure = "the service does not run with the new configuration: $Why; $back"
    if (-not $Wait.Ran) {
        if ((Get-HostServiceState -Name $Wait.Name) -ne 'Stopped') { Stop-HostService -Name $Wait.Name }
        $script:FailureData = @{ log = $Wait.Log; log_tail = [object[]]$Wait.Tail }
        throw $Wait.Failure
    }
    $Wait.Deadline = (Get-HostTime).AddSeconds($Operation.limit_seconds / 2)
    Restart-SettingsService -Operation $Operation -Wait $Wait
}

function Complete-SettingsFile {
    <# .SYNOPSIS The service runs: with the new file, which is the end of it, or with the old one, which is the end of a failure. #>
    [CmdletBinding()]
    param([hashtable]$Wait)
    if ($Wait.Failure) {
        $script:FailureData = @{ log = $Wait.Log; log_tail = [object[]]$Wait.Tail }
        throw "$($Wait.Failure) and runs"
    }
    Remove-HostItem -Path ($Wait.Path + '.winbake-old')
    @{}
}

function Find-SettingsLog {
    <# .SYNOPSIS The newest log of a folder; nothing where there is none. #>
    [CmdletBinding()]
    param([string]$Folder)
    if (-not (Test-HostFolder -Path $Folder)) { return }
    Get-HostFolderItem -Folder $Folder -File | Sort-Object -Property LastWriteTimeUtc | Select-Object -Last 1 -ExpandProperty FullName
}

function Get-SettingsLogTail {
    <# .SYNOPSIS The end of a log, without the passwords that the settings hold. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Content)
    if (-not $Path) { return }
    $settings = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Content)))
    $passwords = @($settings.RegisteredUsers.PSObject.Properties | ForEach-Object { [string]$_.Value })
    foreach ($line in (Get-LogTail -Path $Path)) {
        $text = [string]$line
        foreach ($password in $passwords) { $text = $text.Replace($password, '********') }
        $text
    }
}

$script:OperationTable['put_settings'] = 'Set-SettingsFile'
