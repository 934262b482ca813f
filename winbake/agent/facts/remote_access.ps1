# The way in: listeners over HTTPS with their certificates, and the account that came in by it.

function Get-RemoteAccessFact {
    <# .SYNOPSIS The answer to the query `remote_access`. The account is empty if it is not one of this machine. #>
    [CmdletBinding()]
    param($Query)
    $listeners = @(foreach ($listener in @(Get-HostListener)) {
            if ([string]$listener.Transport -ne 'HTTPS') { continue }
            $certificate = Get-HostCertificate -Thumbprint $listener.CertificateThumbprint
            @{
                address    = [string]$listener.Address
                port       = [int]$listener.Port
                thumbprint = [string]$listener.CertificateThumbprint
                subject    = $(if ($null -ne $certificate) { [string]$certificate.Subject } else { '' })
            }
        })
    $sid = Get-HostOwnSid
    $user = Get-HostUserBySid -Sid $sid
    @{
        listeners = [object[]]$listeners
        sid       = [string]$sid
        account   = $(if ($null -ne $user) { [string]$user.Name } else { '' })
    }
}

$script:QueryTable['remote_access'] = 'Get-RemoteAccessFact'
