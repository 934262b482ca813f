# Windows updates: search, and, as SYSTEM, install one after the other.

function Search-PendingUpdate {
    <# .SYNOPSIS The task `search_updates`: what is offered in these categories (* for all) and not installed. #>
    [CmdletBinding()]
    param($Arguments)
    $categories = @($Arguments.categories)
    $found = foreach ($update in (Find-HostUpdate -Server $Arguments.server)) {
        $own = @(Get-HostItem -Collection $update.Categories | ForEach-Object { [string]$_.Name })
        if ($categories -contains '*' -or @($own | Where-Object { $categories -contains $_ }).Count) {
            @{
                id         = [string]$update.Identity.UpdateID
                kb         = Get-UpdateName -Update $update
                title      = [string]$update.Title
                categories = [object[]]$own
                size       = [long]$update.MaxDownloadSize
                optional   = [bool]$update.BrowseOnly
                waits      = [bool]$update.RebootRequired
            }
        }
    }
    @{ restart = [bool](Test-UpdateRestart); updates = [object[]]@($found) }
}

function Test-UpdateRestart {
    <# .SYNOPSIS Whether Windows Update waits for a restart: its key says so to every logon. #>
    [CmdletBinding()]
    param()
    $null -ne (Open-HostRegistryKey -Key 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired')
}

function Get-UpdateName {
    <# .SYNOPSIS `KB5046616`; for an update without a number its title. #>
    [CmdletBinding()]
    param($Update)
    $numbers = @(Get-HostItem -Collection $Update.KBArticleIDs | ForEach-Object { "KB$_" })
    if ($numbers.Count) { return $numbers -join ' ' }
    [string]$Update.Title
}

function Install-PendingUpdate {
    <# .SYNOPSIS The task `install_updates`. While Windows waits for a restart nothing is installed. Gives what went well, what failed
    (as text) and whether a restart is owed. #>
    [CmdletBinding()]
    param($Arguments)
    $script:Installed = @()
    $script:Failed = @()
    if (-not (Test-UpdateRestart)) {
        Write-TaskLine -Data @{ text = 'searching'; percent = 0 }
        $ids = @($Arguments.ids)
        # Those that never want a restart come first, those that always do last: after one of these nothing may be installed.
        $updates = @(Find-HostUpdate -Server $Arguments.server | Where-Object { $ids -contains [string]$_.Identity.UpdateID } |
                Sort-Object -Property { Get-RestartOrder -Update $_ })
        for ($i = 0; $i -lt $updates.Count; $i++) {
            if (-not (Install-OneUpdate -Update $updates[$i] -Index $i -Count $updates.Count)) { break }
        }
    }
    @{ installed = [object[]]$script:Installed; failed = [object[]]$script:Failed; restart = [bool](Test-UpdateRestart) }
}

function Get-RestartOrder {
    <# .SYNOPSIS 0: never wants a restart, 1: may want one, 2: always does. Windows may say nothing of it: then it may. #>
    [CmdletBinding()]
    param($Update)
    $behavior = $Update.InstallationBehavior
    if ($null -eq $behavior) { return 1 }
    @{ 0 = 0; 2 = 1; 1 = 2 }[[int]$behavior.RebootBehavior]
}

function Install-OneUpdate {
    <# .SYNOPSIS Downloads and installs an update; false if no other may follow before a restart. #>
    [CmdletBinding()]
    param($Update, [int]$Index, [int]$Count)
    if (-not (Test-HostProcess -Id $script:TaskAgent)) { throw 'whoever asked for the updates is gone' }
    $name = Get-UpdateName -Update $Update
    $place = "($($Index + 1) of $Count)"
    $percent = [int](100 * $Index / $Count)
    try {
        if (-not $Update.EulaAccepted) { $Update.AcceptEula() }
        if (-not $Update.IsDownloaded) {
            Write-TaskLine -Data @{ text = "downloading $name $place"; percent = $percent }
            Assert-UpdateResult -Result (Save-HostUpdate -Update $Update)
        }
        while (Test-HostUpdateBusy) {
            Write-TaskLine -Data @{ text = "waiting for another installation before $name $place"; percent = $percent }
            Wait-HostMoment -Milliseconds 15000
        }
        Write-TaskLine -Data @{ text = "installing $name $place"; percent = $percent + [int](50 / $Count) }
        Assert-UpdateResult -Result (Install-HostUpdate -Update $Update)
        $script:Installed += $name
    }
    catch {
        $code = Get-ErrorCode -ErrorRecord $_
        # WU_E_INSTALL_NOT_ALLOWED: the restart that an earlier one has asked for must come first.
        if ($code -eq '0x80240016' -and (Test-UpdateRestart)) { return $false }
        $script:Failed += "$name failed with $code ($([string]$Update.Title))"
    }
    $true
}

function Assert-UpdateResult {
    <# .SYNOPSIS Throws the HRESULT of a download or installation that did not go well. #>
    [CmdletBinding()]
    param($Result)
    if (@(2, 3) -contains $Result.ResultCode) { return }
    # WU_E_UNEXPECTED where Windows gives no reason of its own.
    $code = @([int]$Result.HResult, -2145120257) | Where-Object { $_ -lt 0 } | Select-Object -First 1
    [Runtime.InteropServices.Marshal]::ThrowExceptionForHR($code)
}

function Get-ErrorCode {
    <# .SYNOPSIS The HRESULT of the innermost cause, as 0x80240016. #>
    [CmdletBinding()]
    param($ErrorRecord)
    $exception = $ErrorRecord.Exception
    while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
    '0x{0:X8}' -f $exception.HResult
}

$script:TaskTable['search_updates'] = 'Search-PendingUpdate'
$script:TaskTable['install_updates'] = 'Install-PendingUpdate'
