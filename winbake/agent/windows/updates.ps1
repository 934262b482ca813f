# Windows Update Agent (COM): wrappers of a few lines, no decisions. Only this folder touches Windows. WinRM's network logon may search, before
# Server 2025; all the rest is for SYSTEM.

function Find-HostUpdate {
    <# .SYNOPSIS The updates that apply to this machine and are not installed, hidden ones left out. Asks the update server. #>
    [CmdletBinding()]
    param([int]$Server)
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $searcher.ServerSelection = $Server
    $result = $searcher.Search('IsInstalled=0 and IsHidden=0')
    if (@(2, 3) -notcontains $result.ResultCode) { throw "the search for updates ended with result $($result.ResultCode)" }
    foreach ($update in $result.Updates) { $update }
}

function Test-HostUpdateBusy {
    <# .SYNOPSIS Whether an update is being installed, whoever asked for it. #>
    [CmdletBinding()]
    param()
    (New-Object -ComObject Microsoft.Update.Session).CreateUpdateInstaller().IsBusy
}

function Save-HostUpdate {
    <# .SYNOPSIS Downloads one update; gives its result. #>
    [CmdletBinding()]
    param($Update)
    $downloader = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateDownloader()
    $downloader.Updates = New-HostUpdateCollection -Update $Update
    $downloader.Download().GetUpdateResult(0)
}

function Install-HostUpdate {
    <# .SYNOPSIS Installs one downloaded update; gives its result. #>
    [CmdletBinding()]
    param($Update)
    $installer = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateInstaller()
    $installer.Updates = New-HostUpdateCollection -Update $Update
    $installer.Install().GetUpdateResult(0)
}

function New-HostUpdateCollection {
    <# .SYNOPSIS A collection that holds one update. #>
    [CmdletBinding()]
    param($Update)
    $collection = New-Object -ComObject Microsoft.Update.UpdateColl
    $null = $collection.Add($Update)
    , $collection
}
