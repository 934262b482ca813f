# Empties temporary folders.

function Clear-Folder {
    <# .SYNOPSIS The operation `empty_folder`: what a program holds open stays, with the folders round it. #>
    [CmdletBinding()]
    param($Operation)
    foreach ($folder in @(Resolve-HostFolder -Path (Expand-HostVariable -Text $Operation.arguments.path))) {
        foreach ($file in @(Get-HostFolderItem -Folder $folder -File)) {
            if (-not (Test-HostFileInUse -Path $file.FullName)) { Remove-HostItem -Path $file.FullName }
        }
        # The deepest first: by then the ones below are gone.
        $inner = @(Get-HostFolderItem -Folder $folder -Directory | Sort-Object -Property { $_.FullName.Length } -Descending)
        foreach ($one in $inner) {
            if (-not (Test-HostFolderContent -Path $one.FullName)) { Remove-HostItem -Path $one.FullName }
        }
    }
    @{}
}

$script:OperationTable['empty_folder'] = 'Clear-Folder'
