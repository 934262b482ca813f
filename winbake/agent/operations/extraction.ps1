# Tools that are one file, and installers that are opened as archives instead of run.

function Copy-Tool {
    <# .SYNOPSIS The operation `copy_tool`: one file, put into its folder. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    New-HostFolder -Path (Get-HostPathParent -Path $arguments.path)
    Copy-HostFile -Path $arguments.file -Target $arguments.path
    Complete-Placement -Operation $Operation -Done 'put in place'
}

function Expand-Installer {
    <# .SYNOPSIS The operation `extract`: 7-Zip takes an archive out of the installer, and out of that the tool's folder. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    if (-not (Test-HostFile -Path $arguments.program)) { throw "there is no $($arguments.program) to open the installer with" }
    $outer = $arguments.destination + '.winbake-outer'
    Remove-HostItem -Path $outer
    Remove-HostItem -Path ($arguments.destination + '.winbake-new')
    Start-Extraction -Operation $Operation -Archive $arguments.file -Folder $outer -Item $arguments.inside -Next 'Expand-InnerArchive'
}

function Start-Extraction {
    <# .SYNOPSIS 7z x, into one of the two folders beside the tool's place. #>
    [CmdletBinding()]
    param($Operation, [string]$Archive, [string]$Folder, [string]$Item, [string]$Next)
    $parts = @('x', $Archive, "-o$Folder", '-y')
    if ($Item) { $parts += $Item }
    $destination = $Operation.arguments.destination
    Start-Program -FileName $Operation.arguments.program -Arguments (Join-Argument -Argument $parts) -Next $Next -Capture `
        -Clean @("$destination.winbake-outer", "$destination.winbake-new")
}

function Test-Extraction {
    <# .SYNOPSIS Throws if 7-Zip failed: an exit code of 2 or more is an error, 1 a warning. #>
    [CmdletBinding()]
    param([hashtable]$Wait)
    $code = [int]$Wait.Process.ExitCode
    if ($code -le 1) { return }
    $script:FailureData = @{ exit_code = $code; log_tail = [object[]](Get-OutputTail -Run (Get-ProgramOutput -Wait $Wait)) }
    throw "7-Zip exit $code"
}

function Expand-InnerArchive {
    <# .SYNOPSIS The second half of `extract`: the archive that came out of the installer is unpacked too. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    Test-Extraction -Wait $Wait
    $arguments = $Operation.arguments
    $inside = Join-HostPath -Path ($arguments.destination + '.winbake-outer') -Child $arguments.inside
    if (-not (Test-HostFile -Path $inside)) { throw "there is no '$($arguments.inside)' in $($arguments.file)" }
    $fresh = $arguments.destination + '.winbake-new'
    Start-Extraction -Operation $Operation -Archive $inside -Folder $fresh -Item '' -Next 'Complete-Extraction'
}

function Complete-Extraction {
    <# .SYNOPSIS The end of `extract`: the folder goes to its place whole. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    Test-Extraction -Wait $Wait
    $arguments = $Operation.arguments
    $fresh = $arguments.destination + '.winbake-new'
    $source = $fresh
    if ($arguments.root) { $source = Join-HostPath -Path $fresh -Child $arguments.root }
    if (-not (Test-HostFolder -Path $source)) { throw "there is no folder '$($arguments.root)' in $($arguments.inside)" }
    Remove-HostItem -Path $arguments.destination
    Move-HostFolder -Path $source -Target $arguments.destination
    Remove-HostItem -Path ($arguments.destination + '.winbake-outer')
    Remove-HostItem -Path $fresh
    Complete-Placement -Operation $Operation -Done 'extracted'
}

$script:OperationTable['copy_tool'] = 'Copy-Tool'
$script:OperationTable['extract'] = 'Expand-Installer'
