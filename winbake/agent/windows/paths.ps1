# Whether files and folders are there, how they are made, moved and written, and what their paths say: wrappers of a line, no decisions.

function Test-HostFile {
    <# .SYNOPSIS Whether a file is there. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.File]::Exists($Path)
}

function Test-HostFolder {
    <# .SYNOPSIS Whether a folder is there. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.Directory]::Exists($Path)
}

function New-HostFolder {
    <# .SYNOPSIS Makes a folder with those above it; one that is there stays as it is. #>
    [CmdletBinding()]
    param([string]$Path)
    $null = [IO.Directory]::CreateDirectory($Path)
}

function Get-HostFileSize {
    <# .SYNOPSIS A file's bytes. #>
    [CmdletBinding()]
    param([string]$Path)
    (New-Object IO.FileInfo $Path).Length
}

function Get-HostFolderEntry {
    <# .SYNOPSIS The full paths of the files and folders in a folder that fit a pattern. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Pattern = '*')
    [IO.Directory]::GetFileSystemEntries($Path, $Pattern)
}

function Get-HostSubfolder {
    <# .SYNOPSIS The full paths of the folders in a folder that fit a pattern. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Pattern)
    [IO.Directory]::GetDirectories($Path, $Pattern)
}

function Get-HostFolderTree {
    <# .SYNOPSIS The full paths of all folders below a folder, or with -File of all files. #>
    [CmdletBinding()]
    param([string]$Path, [switch]$File)
    if ($File) { [IO.Directory]::GetFiles($Path, '*', [IO.SearchOption]::AllDirectories) }
    else { [IO.Directory]::GetDirectories($Path, '*', [IO.SearchOption]::AllDirectories) }
}

function Move-HostFile {
    <# .SYNOPSIS Moves a file to a path where none is yet. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Target)
    [IO.File]::Move($Path, $Target)
}

function Move-HostFolder {
    <# .SYNOPSIS Moves a folder to a path where none is yet. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Target)
    [IO.Directory]::Move($Path, $Target)
}

function Copy-HostFile {
    <# .SYNOPSIS Copies a file, over one that is there. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Target)
    [IO.File]::Copy($Path, $Target, $true)
}

function Set-HostFileContent {
    <# .SYNOPSIS Writes a file of the bytes that a base64 text holds. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Base64)
    [IO.File]::WriteAllBytes($Path, [Convert]::FromBase64String($Base64))
}

function Set-HostFileText {
    <# .SYNOPSIS Writes a text file in UTF-8; -Mark: with a byte order mark. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Text, [switch]$Mark)
    [IO.File]::WriteAllText($Path, $Text, (New-Object Text.UTF8Encoding ([bool]$Mark)))
}

function Add-HostFileText {
    <# .SYNOPSIS Adds to a text file in UTF-8, which begins with a byte order mark. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Text)
    [IO.File]::AppendAllText($Path, $Text, (New-Object Text.UTF8Encoding $true))
}

function Join-HostPath {
    <# .SYNOPSIS A path and what lies below it; a child that is a full path stands alone. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Child)
    [IO.Path]::Combine($Path, $Child)
}

function Get-HostPathParent {
    <# .SYNOPSIS The folder that a path lies in. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.Path]::GetDirectoryName($Path)
}

function Get-HostPathLeaf {
    <# .SYNOPSIS The last part of a path. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.Path]::GetFileName($Path)
}

function Test-HostPathRooted {
    <# .SYNOPSIS Whether a path begins at a drive or at a root. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.Path]::IsPathRooted($Path)
}

function Test-HostPathExtension {
    <# .SYNOPSIS Whether a path's last part has an extension. #>
    [CmdletBinding()]
    param([string]$Path)
    [IO.Path]::HasExtension($Path)
}
