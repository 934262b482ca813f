# Local users and groups: wrappers of a few lines round Microsoft.PowerShell.LocalAccounts, no decisions.

function Get-HostUser {
    <# .SYNOPSIS The local account of this name, or nothing. #>
    [CmdletBinding()]
    param([string]$Name)
    Get-LocalUser | Where-Object -FilterScript { $_.Name -eq $Name }
}

function New-HostUser {
    <# .SYNOPSIS Makes a local account with a password. #>
    [CmdletBinding()]
    param([string]$Name, [Security.SecureString]$Password)
    $null = New-LocalUser -Name $Name -Password $Password -ErrorAction Stop
}

function Set-HostUser {
    <# .SYNOPSIS Changes an account; the properties are Set-LocalUser's parameters. #>
    [CmdletBinding()]
    param([string]$Name, [hashtable]$Property)
    Set-LocalUser -Name $Name @Property -ErrorAction Stop
}

function Set-HostUserEnabled {
    <# .SYNOPSIS Enables or disables an account. #>
    [CmdletBinding()]
    param([string]$Name, [bool]$Enabled)
    if ($Enabled) { Enable-LocalUser -Name $Name -ErrorAction Stop } else { Disable-LocalUser -Name $Name -ErrorAction Stop }
}

function Remove-HostUser {
    <# .SYNOPSIS Removes an account. #>
    [CmdletBinding()]
    param([string]$Name)
    Remove-LocalUser -Name $Name -ErrorAction Stop
}

function Get-HostGroup {
    <# .SYNOPSIS The local group of this name or SID, or nothing. #>
    [CmdletBinding()]
    param([string]$Group)
    Get-LocalGroup | Where-Object -FilterScript { $_.Name -eq $Group -or $_.SID.Value -eq $Group }
}

function Get-HostGroupMember {
    <# .SYNOPSIS The members of the group with this SID. #>
    [CmdletBinding()]
    param([string]$Sid)
    Get-LocalGroupMember -SID $Sid -ErrorAction Stop
}

function Set-HostGroupMember {
    <# .SYNOPSIS Puts an account into a group, or takes it out. #>
    [CmdletBinding()]
    param([string]$Sid, [string]$Member, [bool]$Present)
    if ($Present) { Add-LocalGroupMember -SID $Sid -Member $Member -ErrorAction Stop }
    else { Remove-LocalGroupMember -SID $Sid -Member $Member -ErrorAction Stop }
}

function ConvertTo-HostSecret {
    <# .SYNOPSIS A SecureString, made character by character. #>
    [CmdletBinding()]
    param([string]$Text)
    $secret = New-Object Security.SecureString
    foreach ($character in $Text.ToCharArray()) { $secret.AppendChar($character) }
    $secret
}
