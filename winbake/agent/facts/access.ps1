# Who may do what with a file or folder.

function Get-AccessFact {
    <# .SYNOPSIS The answer to the query `access`: an account's own rules on a path; an account that is not there has no SID. #>
    [CmdletBinding()]
    param($Query)
    $sid = Get-HostSid -Account $Query.account
    $answer = @{ sid = ''; rules = @() }
    if ($null -eq $sid) { return $answer }
    $answer.sid = [string]$sid.Value
    $path = Expand-HostVariable -Text $Query.path
    if (-not ((Test-HostFolder -Path $path) -or (Test-HostFile -Path $path))) { return $answer }
    $answer.rules = @(
        foreach ($rule in (Get-HostAccessRule -Access (Get-HostAccess -Path $path))) {
            if ([string]$rule.IdentityReference.Value -eq $answer.sid) {
                @{
                    rights      = [int]$rule.FileSystemRights
                    inherit     = [int]$rule.InheritanceFlags
                    propagation = [int]$rule.PropagationFlags
                    deny        = [int]$rule.AccessControlType -eq 1
                }
            }
        }
    )
    $answer
}

$script:QueryTable['access'] = 'Get-AccessFact'
