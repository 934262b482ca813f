# Downloads: the host fetches its files itself, several at once, while earlier installers run.

function Initialize-Download {
    <# .SYNOPSIS Takes the download operations of this run and begins the first of them. #>
    [CmdletBinding()]
    param($Operations, [int]$AtOnce)
    $script:Downloads = @{}
    $script:DownloadQueue = New-Object Collections.ArrayList
    $script:DownloadsAtOnce = $AtOnce
    foreach ($operation in $Operations) {
        $script:Downloads[$operation.id] = @{
            Operation = $operation; Handle = $null; State = 'waiting'; Message = ''; Started = $null; Seen = [long]0; SeenAt = $null; Told = $null
        }
        $null = $script:DownloadQueue.Add($operation.id)
    }
    Update-Download
}

function Update-Download {
    <# .SYNOPSIS Looks after the downloads under way: ends, stalls, progress, and begins the next. #>
    [CmdletBinding()]
    param()
    $busy = 0
    foreach ($id in @($script:Downloads.Keys)) {
        $download = $script:Downloads[$id]
        if ($download.State -ne 'running') { continue }
        if ($download.Handle.Task.IsCompleted) { Complete-Download -Download $download }
        else {
            Watch-Download -Download $download
            if ($download.State -eq 'running') { $busy++ }
        }
    }
    while ($busy -lt $script:DownloadsAtOnce -and $script:DownloadQueue.Count -gt 0) {
        $id = $script:DownloadQueue[0]
        $script:DownloadQueue.RemoveAt(0)
        Start-Download -Download $script:Downloads[$id]
        if ($script:Downloads[$id].State -eq 'running') { $busy++ }
    }
}

function Start-Download {
    <# .SYNOPSIS Begins one download into a .part file. #>
    [CmdletBinding()]
    param([hashtable]$Download)
    $arguments = $Download.Operation.arguments
    Write-AgentEvent -Name 'started' -Data @{ id = $Download.Operation.id }
    $Download.Started = Get-HostTime
    $Download.SeenAt = Get-HostTime
    $Download.Told = Get-HostTime
    try {
        New-HostFolder -Path (Get-HostPathParent -Path $arguments.path)
        $Download.Handle = Start-HostDownload -Url $arguments.url -Path ($arguments.path + '.part')
        $Download.State = 'running'
    }
    catch { Stop-Download -Download $Download -Message "the download of $($arguments.url) could not begin: $(Get-ErrorText -ErrorRecord $_)" }
}

function Watch-Download {
    <# .SYNOPSIS Progress every few seconds; a download that brings nothing for a minute is given up. #>
    [CmdletBinding()]
    param([hashtable]$Download)
    $arguments = $Download.Operation.arguments
    $size = [long]0
    if (Test-HostFile -Path ($arguments.path + '.part')) { $size = [long](Get-HostFileSize -Path ($arguments.path + '.part')) }
    $now = Get-HostTime
    if ($size -gt $Download.Seen) {
        $Download.Seen = $size
        $Download.SeenAt = $now
    }
    elseif (($now - $Download.SeenAt).TotalSeconds -gt 60) {
        Stop-HostDownload -Handle $Download.Handle
        Stop-Download -Download $Download -Message "the download of $($arguments.url) brought nothing for 60 s (after $size bytes)"
        return
    }
    if (($now - $Download.Told).TotalSeconds -ge 2) {
        $Download.Told = $now
        $seconds = ($now - $Download.Started).TotalSeconds
        Write-AgentEvent -Name 'progress' -Data @{ id = $Download.Operation.id; bytes = $size; seconds = [Math]::Round($seconds, 1) }
    }
}

function Complete-Download {
    <# .SYNOPSIS Checks size, magic bytes and hash before anything may run the file. #>
    [CmdletBinding()]
    param([hashtable]$Download)
    $arguments = $Download.Operation.arguments
    $part = $arguments.path + '.part'
    try {
        if ($Download.Handle.Task.IsFaulted) {
            $cause = $Download.Handle.Task.Exception.GetBaseException().Message
            throw "the download of $($arguments.url) failed: $cause"
        }
        $size = [long](Get-HostFileSize -Path $part)
        Test-DownloadMagic -Path $part -Magic $arguments.magic -Url $arguments.url -Size $size
        if ($null -ne $arguments.size -and $size -ne $arguments.size) {
            throw "the download of $($arguments.url) is $size bytes long, $($arguments.size) were expected: cut short, or another file"
        }
        $hash = [string](Get-HostFileHash -Path $part)
        if ($arguments.sha256 -and $hash -ne $arguments.sha256) {
            throw "the file from $($arguments.url) has sha256 $hash, wanted $($arguments.sha256): it is not the file that was reviewed"
        }
        if (-not $arguments.sha256) {
            $signer = [string](Get-HostSigner -Path $part)
            if (-not $signer.StartsWith($arguments.signer)) {
                throw "the file from $($arguments.url) is not signed by $($arguments.signer) (signer: '$signer')"
            }
        }
        Remove-HostItem -Path $arguments.path
        Move-HostFile -Path $part -Target $arguments.path
        $Download.State = 'done'
        $script:LookAgain = $true
        $seconds = [Math]::Round(((Get-HostTime) - $Download.Started).TotalSeconds, 1)
        Write-AgentEvent -Name 'done' -Data @{ id = $Download.Operation.id; seconds = $seconds; bytes = $size; sha256 = $hash }
    }
    catch { Stop-Download -Download $Download -Message (Get-ErrorText -ErrorRecord $_) }
}

function Test-DownloadMagic {
    <# .SYNOPSIS Whether the first bytes are those of a zip, MSI or EXE: some mirrors answer 200 with a page of HTML. No magic: any file. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Magic, [string]$Url, [long]$Size)
    if (-not $Magic) { return }
    $wanted = @{ zip = '504B0304'; msi = 'D0CF11E0A1B11AE1'; exe = '4D5A' }[$Magic]
    $head = [string](Get-HostFileHead -Path $Path -Count 64)
    if ($head.StartsWith($wanted)) { return }
    # 3C is "<": a page, where a file was expected.
    if ($head.TrimStart('0', '9', 'A', 'D').StartsWith('3C') -or $head.Contains('3C21') -or $head.Contains('3C68746D6C')) {
        throw "$Url answered with a page of HTML ($Size bytes) instead of a $Magic file: the file may have moved"
    }
    throw "the file from $Url is no $Magic file (it begins with $($head.Substring(0, [Math]::Min(16, $head.Length))))"
}

function Stop-Download {
    <# .SYNOPSIS Marks a download as failed, says so, and leaves no half file. #>
    [CmdletBinding()]
    param([hashtable]$Download, [string]$Message)
    $Download.State = 'failed'
    $script:LookAgain = $true
    $Download.Message = $Message
    $seconds = [Math]::Round(((Get-HostTime) - $Download.Started).TotalSeconds, 1)
    Write-AgentEvent -Name 'failed' -Data @{ id = $Download.Operation.id; seconds = $seconds; message = $Message }
    try { Remove-HostItem -Path ($Download.Operation.arguments.path + '.part') }
    catch { Write-AgentEvent -Name 'note' -Data @{ text = "a half file stays: $(Get-ErrorText -ErrorRecord $_)" } }
}

function Test-DownloadUnderWay {
    <# .SYNOPSIS Whether any download is still to end. #>
    [CmdletBinding()]
    param()
    @($script:Downloads.Values | Where-Object { @('waiting', 'running') -contains $_.State }).Count -gt 0
}

function Wait-Download {
    <# .SYNOPSIS Waits until one download has ended; true if it is there. #>
    [CmdletBinding()]
    param([string]$Id)
    while (@('waiting', 'running') -contains $script:Downloads[$Id].State) {
        Update-Download
        if (@('waiting', 'running') -contains $script:Downloads[$Id].State) { Wait-HostMoment -Milliseconds 200 }
    }
    $script:Downloads[$Id].State -eq 'done'
}

function Stop-DownloadList {
    <# .SYNOPSIS Ends the downloads that are still under way, when nothing may begin any more. #>
    [CmdletBinding()]
    param()
    $script:DownloadQueue.Clear()
    foreach ($download in $script:Downloads.Values) {
        if ($download.State -eq 'running') {
            $download.State = 'ended'
            Stop-HostDownload -Handle $download.Handle
            Remove-HostItem -Path ($download.Operation.arguments.path + '.part')
        }
    }
}
