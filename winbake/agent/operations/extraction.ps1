# Tools that are one file, and installers that are opened as archives instead of run.

function Copy-Tool {
    <# .SYNOPSIS The operation `copy_tool`: one file, put into its folder. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($arguments.path))
    [IO.File]::Copy($arguments.file, $arguments.path, $true)
    Complete-Placement -Detect $arguments.detect -Done 'put in place'
}

function Expand-Installer {
    <# .SYNOPSIS The operation `extract`: 7-Zip takes an archive out of the installer, and out of that the tool's folder. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $outer = $arguments.destination + '.winbake-outer'
    $fresh = $arguments.destination + '.winbake-new'
    Remove-HostItem -Path $outer
    Remove-HostItem -Path $fresh
    try {
        Invoke-Extraction -Operation $Operation -Archive $arguments.file -Folder $outer -Item $arguments.inside
        $inside = [IO.Path]::Combine($outer, $arguments.inside)
        if (-not [IO.File]::Exists($inside)) { throw "there is no '$($arguments.inside)' in $($arguments.file)" }
        Invoke-Extraction -Operation $Operation -Archive $inside -Folder $fresh -Item ''
        $source = $fresh
        if ($arguments.root) { $source = [IO.Path]::Combine($fresh, $arguments.root) }
        if (-not [IO.Directory]::Exists($source)) { throw "there is no folder '$($arguments.root)' in $($arguments.inside)" }
        Remove-HostItem -Path $arguments.destination
        [IO.Directory]::Move($source, $arguments.destination)
    }
    finally {
        Remove-HostItem -Path $outer
        Remove-HostItem -Path $fresh
    }
    Complete-Placement -Detect $arguments.detect -Done 'extracted'
}

function Invoke-Extraction {
    <# .SYNOPSIS 7z x; an exit code of 2 or more is an error of 7-Zip. #>
    [CmdletBinding()]
    param($Operation, [string]$Archive, [string]$Folder, [string]$Item)
    $parts = @('x', $Archive, "-o$Folder", '-y')
    if ($Item) { $parts += $Item }
    $program = [string]$Operation.arguments.program
    if (-not [IO.File]::Exists($program)) { throw "there is no $program to open the installer with" }
    $run = Invoke-HostCommand -FileName $program -Arguments (Join-Argument -Argument $parts) -LimitSeconds $Operation.limit_seconds
    if (-not $run.in_time) { throw "7-Zip did not end within $($Operation.limit_seconds) s" }
    if ($run.exit_code -gt 1) {
        $script:FailureData = @{ exit_code = $run.exit_code; log_tail = [object[]](Get-OutputTail -Run $run) }
        throw "7-Zip exit $($run.exit_code)"
    }
}

$script:OperationTable['copy_tool'] = 'Copy-Tool'
$script:OperationTable['extract'] = 'Expand-Installer'
