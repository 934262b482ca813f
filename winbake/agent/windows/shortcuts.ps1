# Shell links: wrappers of a few lines round WScript.Shell, no decisions.

function Read-HostShortcut {
    <# .SYNOPSIS What an existing .lnk file says. #>
    [CmdletBinding()]
    param([string]$Path)
    $shell = New-Object -ComObject WScript.Shell
    $link = $shell.CreateShortcut($Path)
    @{
        target      = [string]$link.TargetPath
        arguments   = [string]$link.Arguments
        directory   = [string]$link.WorkingDirectory
        icon        = [string]$link.IconLocation
        description = [string]$link.Description
    }
    $null = [Runtime.InteropServices.Marshal]::ReleaseComObject($shell)
}

function Write-HostShortcut {
    <# .SYNOPSIS Sets the properties given, by WshShortcut's names, and saves; what is not given stays as it is. #>
    [CmdletBinding()]
    param([string]$Path, [hashtable]$Property)
    $shell = New-Object -ComObject WScript.Shell
    $link = $shell.CreateShortcut($Path)
    foreach ($name in $Property.Keys) { $link.$name = [string]$Property[$name] }
    $link.Save()
    $null = [Runtime.InteropServices.Marshal]::ReleaseComObject($shell)
}
