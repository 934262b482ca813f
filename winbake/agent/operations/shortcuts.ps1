# Shortcuts: .lnk files that point to a program.

function Set-Shortcut {
    <# .SYNOPSIS The operation `shortcut`: made, or changed in what is given. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $path = Expand-HostVariable -Text $arguments.path
    New-HostFolder -Path (Get-HostPathParent -Path $path)
    $property = @{}
    $names = @{ target = 'TargetPath'; arguments = 'Arguments'; directory = 'WorkingDirectory'; icon = 'IconLocation'; description = 'Description' }
    foreach ($name in $names.Keys) {
        if ($null -eq $arguments.$name) { continue }
        $text = [string]$arguments.$name
        if (@('target', 'directory', 'icon') -contains $name) { $text = Expand-HostVariable -Text $text }
        $property[$names[$name]] = $text
    }
    Write-HostShortcut -Path $path -Property $property
    @{}
}

$script:OperationTable['shortcut'] = 'Set-Shortcut'
