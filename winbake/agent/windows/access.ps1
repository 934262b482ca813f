# Access rules of files and folders: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostSid {
    <# .SYNOPSIS The SID of an account that is given by name or SID; nothing if there is no such account. #>
    [CmdletBinding()]
    param([string]$Account)
    if ($Account -match '^S-1(-\d+)+$') { return New-Object Security.Principal.SecurityIdentifier $Account }
    $name = New-Object Security.Principal.NTAccount $Account
    try { $name.Translate([Security.Principal.SecurityIdentifier]) }
    catch [Security.Principal.IdentityNotMappedException] { return }
}

function Get-HostAccess {
    <# .SYNOPSIS The access control list of a file or folder: FileSecurity or DirectorySecurity, without owner and audit. #>
    [CmdletBinding()]
    param([string]$Path)
    (Get-Item -LiteralPath $Path -Force).GetAccessControl([Security.AccessControl.AccessControlSections]::Access)
}

function Get-HostAccessRule {
    <# .SYNOPSIS The rules of a list that are its own, not inherited, by SID. #>
    [CmdletBinding()]
    param($Access)
    $Access.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier])
}

function New-HostAccessRule {
    <# .SYNOPSIS A rule; rights, inheritance and propagation are the enumerations' numbers. #>
    [CmdletBinding()]
    param($Sid, [int]$Rights, [int]$Inherit, [int]$Propagation, [bool]$Deny)
    $right = [Security.AccessControl.FileSystemRights]$Rights
    $inheritance = [Security.AccessControl.InheritanceFlags]$Inherit
    $spread = [Security.AccessControl.PropagationFlags]$Propagation
    $type = [Security.AccessControl.AccessControlType][int]$Deny
    New-Object Security.AccessControl.FileSystemAccessRule ($Sid, $right, $inheritance, $spread, $type)
}

function Set-HostAccess {
    <# .SYNOPSIS Writes a list back: what is below inherits from it at once. #>
    [CmdletBinding()]
    param([string]$Path, $Access)
    (Get-Item -LiteralPath $Path -Force).SetAccessControl($Access)
}

function Protect-HostFile {
    <# .SYNOPSIS Lets only the system and administrators read and write a file; nothing comes from its folder. #>
    [CmdletBinding()]
    param([string]$Path)
    $access = New-Object Security.AccessControl.FileSecurity
    $access.SetAccessRuleProtection($true, $false)
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
        $full = [int][Security.AccessControl.FileSystemRights]::FullControl
        $access.AddAccessRule((New-HostAccessRule -Sid (Get-HostSid -Account $sid) -Rights $full -Inherit 0 -Propagation 0 -Deny $false))
    }
    Set-HostAccess -Path $Path -Access $access
}
