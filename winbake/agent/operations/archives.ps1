# Downloaded files put into their place, and archives unpacked there.

function Move-IntoPlace {
    <# .SYNOPSIS The operation `fetched_file`: a file that was downloaded and checked goes where it belongs. #>
    [CmdletBinding()]
    param($Operation)
    $path = Expand-HostVariable -Text $Operation.arguments.path
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
    Remove-HostItem -Path $path
    [IO.File]::Move($Operation.arguments.source, $path)
    @{}
}

function Expand-DataArchive {
    <# .SYNOPSIS The operation `data_archive`: the whole folder is what the archive holds, and the mark that says which one it was. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $destination = Expand-HostVariable -Text $arguments.destination
    Expand-IntoPlace -Archive $arguments.archive -Destination $destination -Root $arguments.root `
        -MarkName '.winbake.json' -MarkText $arguments.mark
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
        $null = [IO.Directory]::CreateDirectory($destination)
        foreach ($folder in [IO.Directory]::GetDirectories($fresh, '*', [IO.SearchOption]::AllDirectories)) {
            $null = [IO.Directory]::CreateDirectory($destination + $folder.Substring($fresh.Length))
        }
        foreach ($file in [IO.Directory]::GetFiles($fresh, '*', [IO.SearchOption]::AllDirectories)) {
            $target = $destination + $file.Substring($fresh.Length)
            Remove-HostItem -Path $target
            [IO.File]::Move($file, $target)
        }
    }
    finally { Remove-HostItem -Path $fresh }
    if ($arguments.creates) {
        $creates = Expand-HostVariable -Text $arguments.creates
        if (-not [IO.File]::Exists($creates) -and -not [IO.Directory]::Exists($creates)) {
            throw "unpacked, but $creates (creates) is not there"
        }
    }
    if ($arguments.delete_archive) { Remove-HostItem -Path $archive }
    @{}
}

$script:OperationTable['fetched_file'] = 'Move-IntoPlace'
$script:OperationTable['data_archive'] = 'Expand-DataArchive'
$script:OperationTable['unzip_into'] = 'Expand-IntoFolder'
