# The participant, other accounts, and who is in which group.

function Resolve-Account {
    <# .SYNOPSIS Name, SID and profile folder of the account whose eyes the checks see with; empty where there is none. #>
    [CmdletBinding()]
    param()
    $found = @{ name = ''; sid = ''; profile = '' }
    if (-not $script:Account) { return $found }
    $user = @(Get-CimInstance -ClassName Win32_UserAccount -Filter "LocalAccount=True" | Where-Object { $_.Name -eq $script:Account })
    if ($user.Count -eq 0) { return $found }
    $found.name = [string]$user[0].Name
    $found.sid = [string]$user[0].SID
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey("SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\$($found.sid)")
    if ($null -ne $key) { $found.profile = [string]$key.GetValue('ProfileImagePath') }
    $found
}

function Read-User {
    <# .SYNOPSIS Question `user`: a local account and the SIDs and names of the groups it is in. A group that holds an account
    which is gone cannot be read by Get-LocalGroupMember; it is left out here. #>
    [CmdletBinding()]
    param($Question)
    $user = Get-LocalUser -Name $Question.name -ErrorAction SilentlyContinue
    if ($null -eq $user) { return @{ exists = $false } }
    $groups = foreach ($group in Get-LocalGroup) {
        $members = @(Get-LocalGroupMember -SID $group.SID -ErrorAction SilentlyContinue | ForEach-Object { [string]$_.SID })
        if ($members -contains [string]$user.SID) { @{ sid = [string]$group.SID; name = [string]$group.Name } }
    }
    @{
        exists = $true; name = [string]$user.Name; sid = [string]$user.SID; enabled = [bool]$user.Enabled
        full_name = [string]$user.FullName; groups = [object[]]@($groups)
    }
}

function Read-Group {
    <# .SYNOPSIS Question `group`: a local group by SID or name, and its members. #>
    [CmdletBinding()]
    param($Question)
    $group = @(Get-LocalGroup | Where-Object { [string]$_.SID -eq $Question.group -or $_.Name -eq $Question.group })
    if ($group.Count -eq 0) { return @{ exists = $false } }
    $members = foreach ($member in Get-LocalGroupMember -SID $group[0].SID) { @{ sid = [string]$member.SID; name = [string]$member.Name } }
    @{ exists = $true; name = [string]$group[0].Name; sid = [string]$group[0].SID; members = [object[]]@($members) }
}

$script:Readers['user'] = 'Read-User'
$script:Readers['group'] = 'Read-Group'
