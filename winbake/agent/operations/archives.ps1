# Downloaded files put into their place, and archives unpacked there.

function Move-IntoPlace {
    <# .SYNOPSIS The operation `fetched_file`: a file that was downloaded and checked goes where it belongs. #>
    [CmdletBinding()]
    param($Operation)
    $path = Expand-HostVariable -Text $Operation.arguments.path
    New-HostFolder -Path (Get-HostPathParent -Path $path)
    Remove-HostItem -Path $path
    Move-HostFile -Path $Operation.arguments.source -Target $path
    @{}
}

function Start-Unpacking {
    <# .SYNOPSIS Begins to unpack beside a folder's place, in a PowerShell of its own: others go on meanwhile, and it can be ended. #>
    [CmdletBinding()]
    param([string]$Archive, [string]$Destination, [string]$Next)
    $fresh = $Destination + '.winbake-new'
    Remove-HostItem -Path $fresh
    New-HostFolder -Path (Get-HostPathParent -Path $Destination)
    $call = "Expand-HostArchive -Archive '{0}' -Folder '{1}'" -f $Archive.Replace("'", "''"), $fresh.Replace("'", "''")
    $text = "function Expand-HostArchive {$(Get-HostArchiveScript)}`n" +
        "try { $call } catch { [Console]::Out.Write(`$_.Exception.GetBaseException().Message); exit 1 }"
    Start-Program -FileName 'powershell.exe' -Arguments (Get-PowerShellArgument -Text $text) -Next $Next -Capture -Clean @($fresh)
}

function Complete-Unpacking {
    <# .SYNOPSIS Moves what was unpacked to its place whole, so that no half of it is ever seen. A mark is a file in it. #>
    [CmdletBinding()]
    param([hashtable]$Wait, [string]$Destination, [string]$Root, [string]$MarkName, [string]$MarkText)
    if ([int]$Wait.Process.ExitCode -ne 0) { throw "the archive could not be unpacked: $((Get-ProgramOutput -Wait $Wait).stdout)" }
    $fresh = $Destination + '.winbake-new'
    $source = $fresh
    if ($Root) { $source = Join-HostPath -Path $fresh -Child $Root }
    if (-not (Test-HostFolder -Path $source)) {
        $names = @(Get-HostFolderEntry -Path $fresh | ForEach-Object { Get-HostPathLeaf -Path $_ }) -join ', '
        throw "the archive has no folder '$Root' (it has: $names)"
    }
    if ($MarkName) { Set-HostFileText -Path (Join-HostPath -Path $source -Child $MarkName) -Text $MarkText }
    Remove-HostItem -Path $Destination
    Move-HostFolder -Path $source -Target $Destination
    Remove-HostItem -Path $fresh
}

function Expand-Tool {
    <# .SYNOPSIS The operation `unzip`: a tool that is an archive. #>
    [CmdletBinding()]
    param($Operation)
    Start-Unpacking -Archive $Operation.arguments.archive -Destination $Operation.arguments.destination -Next 'Complete-UnpackedTool'
}

function Complete-UnpackedTool {
    <# .SYNOPSIS The end of `unzip`. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    Complete-Unpacking -Wait $Wait -Destination $Operation.arguments.destination -Root $Operation.arguments.root
    Complete-Placement -Operation $Operation -Done 'unpacked'
}

function Complete-Placement {
    <# .SYNOPSIS Looks for a tool whose files were put into place. #>
    [CmdletBinding()]
    param($Operation, [string]$Done)
    Wait-Tool -Operation $Operation -Seconds 2 -Missing "$Done, but the tool is not there" -Result @{ reboot = $false }
}

function Expand-DataArchive {
    <# .SYNOPSIS The operation `data_archive`: the whole folder is what the archive holds, and the mark that says which one it was. #>
    [CmdletBinding()]
    param($Operation)
    $destination = Expand-HostVariable -Text $Operation.arguments.destination
    Start-Unpacking -Archive $Operation.arguments.archive -Destination $destination -Next 'Complete-DataArchive'
}

function Complete-DataArchive {
    <# .SYNOPSIS The end of `data_archive`. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $arguments = $Operation.arguments
    $destination = Expand-HostVariable -Text $arguments.destination
    Complete-Unpacking -Wait $Wait -Destination $destination -Root $arguments.root -MarkName '.winbake.json' -MarkText $arguments.mark
    @{}
}

function Expand-IntoFolder {
    <# .SYNOPSIS The operation `unzip_into`: an archive on the host into a folder; what else is in the folder stays. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $archive = Expand-HostVariable -Text $arguments.archive
    $destination = (Expand-HostVariable -Text $arguments.destination).TrimEnd('\')
    $fresh = $destination + '.winbake-new'
    Remove-HostItem -Path $fresh
    try {
        Expand-HostArchive -Archive $archive -Folder $fresh
        New-HostFolder -Path $destination
        foreach ($folder in (Get-HostFolderTree -Path $fresh)) {
            New-HostFolder -Path ($destination + $folder.Substring($fresh.Length))
        }
        foreach ($file in (Get-HostFolderTree -Path $fresh -File)) {
            $target = $destination + $file.Substring($fresh.Length)
            Remove-HostItem -Path $target
            Move-HostFile -Path $file -Target $target
        }
    }
    finally { Remove-HostItem -Path $fresh }
    if ($arguments.creates) {
        $creates = Expand-HostVariable -Text $arguments.creates
        if (-not (Test-HostFile -Path $creates) -and -not (Test-HostFolder -Path $creates)) {
            throw "unpacked, but $creates (creates) is not there"
        }
    }
    if ($arguments.delete_archive) { Remove-HostItem -Path $archive }
    @{}
}

$script:OperationTable['unzip'] = 'Expand-Tool'
$script:OperationTable['fetched_file'] = 'Move-IntoPlace'
$script:OperationTable['data_archive'] = 'Expand-DataArchive'
$script:OperationTable['unzip_into'] = 'Expand-IntoFolder'
