# Access rules of files and folders, added and removed.

function Set-AccessRuleState {
    <# .SYNOPSIS The operation `access`: adds a rule, or removes the one that is exactly so. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $sid = Get-HostSid -Account $arguments.account
    if ($null -eq $sid) { throw "There is no account $($arguments.account)." }
    $path = Expand-HostVariable -Text $arguments.path
    $spread = @{ Inherit = $arguments.inherit; Propagation = $arguments.propagation }
    $rule = New-HostAccessRule -Sid $sid -Rights $arguments.rights -Deny $arguments.deny @spread
    $access = Get-HostAccess -Path $path
    if ($arguments.present) { $access.AddAccessRule($rule) } else { $access.RemoveAccessRuleSpecific($rule) }
    Set-HostAccess -Path $path -Access $access
    @{}
}

$script:OperationTable['access'] = 'Set-AccessRuleState'
