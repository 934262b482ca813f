# Local users and who is in a local group.

function Get-UserFact {
    <# .SYNOPSIS The answer to the query `user`. #>
    [CmdletBinding()]
    param($Query)
    $user = Get-HostUser -Name $Query.name
    if ($null -eq $user) {
        return @{ exists = $false; fullname = ''; description = ''; disabled = $false; never_expires = $false; cannot_change = $false }
    }
    @{
        exists        = $true
        fullname      = [string]$user.FullName
        description   = [string]$user.Description
        disabled      = -not $user.Enabled
        never_expires = $null -eq $user.PasswordExpires
        cannot_change = -not $user.UserMayChangePassword
    }
}

function Get-GroupFact {
    <# .SYNOPSIS The answer to the query `group`: each member by SID and by name, a local one also without the computer's name. #>
    [CmdletBinding()]
    param($Query)
    $group = Get-HostGroup -Group $Query.group
    if ($null -eq $group) { return @{ exists = $false; name = ''; members = @() } }
    $names = New-Object Collections.ArrayList
    $prefix = (Get-HostComputerName) + '\'
    foreach ($member in @(Get-HostGroupMember -Sid $group.SID.Value)) {
        $null = $names.Add([string]$member.SID.Value)
        $name = [string]$member.Name
        $null = $names.Add($name)
        if ($name.StartsWith($prefix, [StringComparison]::OrdinalIgnoreCase)) { $null = $names.Add($name.Substring($prefix.Length)) }
    }
    @{ exists = $true; name = [string]$group.Name; members = $names.ToArray() }
}

$script:QueryTable['user'] = 'Get-UserFact'
$script:QueryTable['group'] = 'Get-GroupFact'
