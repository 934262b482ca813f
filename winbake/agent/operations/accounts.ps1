# Local users and the members of local groups.

function Set-UserState {
    <# .SYNOPSIS The operation `user`: made, changed in what is given, or removed. A user that was made without success is taken away again. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $name = [string]$arguments.name
    $found = $null -ne (Get-HostUser -Name $name)
    if (-not $arguments.present) {
        if ($found) { Remove-HostUser -Name $name }
        return @{}
    }
    $property = @{}
    if ($null -ne $arguments.fullname) { $property['FullName'] = [string]$arguments.fullname }
    if ($null -ne $arguments.description) { $property['Description'] = [string]$arguments.description }
    if ($null -ne $arguments.never_expires) { $property['PasswordNeverExpires'] = [bool]$arguments.never_expires }
    if ($null -ne $arguments.cannot_change) { $property['UserMayChangePassword'] = -not $arguments.cannot_change }
    if ($null -ne $arguments.password) {
        $password = ConvertTo-HostSecret -Text $arguments.password
        if ($found) { $property['Password'] = $password } else { New-UserOrNone -Name $name -Password $password }
    }
    if ($property.Count -gt 0) { Set-HostUser -Name $name -Property $property }
    if ($null -ne $arguments.disabled) { Set-HostUserEnabled -Name $name -Enabled (-not $arguments.disabled) }
    @{}
}

function New-UserOrNone {
    <# .SYNOPSIS Windows 5.1 leaves an account without password behind when it refuses the password; that account is removed. #>
    [CmdletBinding()]
    param([string]$Name, $Password)
    try { New-HostUser -Name $Name -Password $Password }
    catch {
        if ($null -ne (Get-HostUser -Name $Name)) { Remove-HostUser -Name $Name }
        throw
    }
}

function Set-GroupMemberState {
    <# .SYNOPSIS The operation `group_members`: puts accounts into a group or takes them out; what is so already stays. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $group = Get-HostGroup -Group $arguments.group
    if ($null -eq $group) { throw "There is no local group $($arguments.group)." }
    $known = (Get-GroupFact -Query $arguments).members
    foreach ($member in $arguments.members) {
        if (($known -contains $member) -eq [bool]$arguments.present) { continue }
        Set-HostGroupMember -Sid $group.SID.Value -Member $member -Present $arguments.present
    }
    @{}
}

$script:OperationTable['user'] = 'Set-UserState'
$script:OperationTable['group_members'] = 'Set-GroupMemberState'
