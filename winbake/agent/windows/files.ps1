# Files: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostFileHash {
    <# .SYNOPSIS SHA-256 of a file, lower-case hex. #>
    [CmdletBinding()]
    param([string]$Path)
    $stream = [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::Read)
    try {
        $sha = [Security.Cryptography.SHA256]::Create()
        [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
    }
    finally { $stream.Close() }
}

function Get-HostFileHead {
    <# .SYNOPSIS The first bytes of a file as upper-case hex. #>
    [CmdletBinding()]
    param([string]$Path, [int]$Count)
    $stream = [IO.File]::OpenRead($Path)
    try {
        $buffer = New-Object byte[] $Count
        $read = $stream.Read($buffer, 0, $Count)
        [BitConverter]::ToString($buffer, 0, $read).Replace('-', '')
    }
    finally { $stream.Close() }
}

function Get-HostFileText {
    <# .SYNOPSIS The text of a file that another process may still write; a byte order mark is obeyed. #>
    [CmdletBinding()]
    param([string]$Path)
    $stream = [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::ReadWrite)
    try { (New-Object IO.StreamReader ($stream, [Text.Encoding]::Default, $true)).ReadToEnd() }
    finally { $stream.Close() }
}

function Get-HostFileVersion {
    <# .SYNOPSIS The numbers of a file's version resource, or its text; empty if it has none. #>
    [CmdletBinding()]
    param([string]$Path)
    $info = [Diagnostics.FileVersionInfo]::GetVersionInfo($Path)
    if ($null -eq $info.FileVersion) { return '' }
    '{0}.{1}.{2}.{3}' -f $info.FileMajorPart, $info.FileMinorPart, $info.FileBuildPart, $info.FilePrivatePart
}

function Get-HostSigner {
    <# .SYNOPSIS The subject of a file's valid Authenticode signature; empty if it has none that is valid. #>
    [CmdletBinding()]
    param([string]$Path)
    $signature = Get-AuthenticodeSignature -FilePath $Path
    if ([string]$signature.Status -ne 'Valid') { return '' }
    [string]$signature.SignerCertificate.Subject
}

function Expand-HostArchive {
    <# .SYNOPSIS Unpacks a zip into a folder that does not exist yet. #>
    [CmdletBinding()]
    param([string]$Archive, [string]$Folder)
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::ExtractToDirectory($Archive, $Folder)
}

function Get-HostArchiveScript {
    <# .SYNOPSIS The text of Expand-HostArchive, for a PowerShell of its own. #>
    [CmdletBinding()]
    param()
    [string]${function:Expand-HostArchive}
}

function Test-HostFolderContent {
    <# .SYNOPSIS Whether a folder is there and holds anything. #>
    [CmdletBinding()]
    param([string]$Path)
    Test-Path -Path "$Path\*"
}

function Remove-HostItem {
    <# .SYNOPSIS Deletes a file or a whole folder; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Path)
    if (Test-Path -LiteralPath $Path) { Remove-Item -LiteralPath $Path -Recurse -Force }
}

function Resolve-HostFolder {
    <# .SYNOPSIS The full paths of the folders that a path with wildcards names; none is no error. #>
    [CmdletBinding()]
    param([string]$Path)
    Get-Item -Path $Path -Force -ErrorAction SilentlyContinue | Where-Object { $_ -is [IO.DirectoryInfo] } | ForEach-Object { $_.FullName }
}

function Get-HostFolderItem {
    <# .SYNOPSIS All files, or all folders, below a folder, hidden ones too. #>
    [CmdletBinding()]
    param([string]$Folder, [switch]$File, [switch]$Directory)
    Get-ChildItem -LiteralPath $Folder -Recurse -Force -File:$File -Directory:$Directory
}

function Test-HostFileInUse {
    <# .SYNOPSIS Whether the file cannot be deleted: a process holds it open or runs it, or it is protected. Read-only ones can. #>
    [CmdletBinding()]
    param([string]$Path)
    try { [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None).Close() }
    catch [IO.IOException] { return $true }
    catch [UnauthorizedAccessException] { return -not (New-Object IO.FileInfo $Path).IsReadOnly }
    $false
}
