# How this machine is reached by WinRM over HTTPS, and as whom: wrappers of a few lines, no decisions.

function Get-HostListener {
    <# .SYNOPSIS The listeners of the WinRM service, as XML elements. #>
    [CmdletBinding()]
    param()
    Get-WSManInstance -ResourceURI 'winrm/config/Listener' -Enumerate
}

function Get-HostCertificate {
    <# .SYNOPSIS The certificate of LocalMachine\My with this thumbprint, or nothing. #>
    [CmdletBinding()]
    param([string]$Thumbprint)
    $path = "Cert:\LocalMachine\My\$Thumbprint"
    if ($Thumbprint -and (Test-Path -LiteralPath $path)) { Get-Item -LiteralPath $path }
}

function Get-HostOwnSid {
    <# .SYNOPSIS The SID of the account that this process runs as. #>
    [CmdletBinding()]
    param()
    [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
}

function Get-HostUserBySid {
    <# .SYNOPSIS The local account with this SID, or nothing. #>
    [CmdletBinding()]
    param([string]$Sid)
    Get-LocalUser | Where-Object -FilterScript { $_.SID.Value -eq $Sid }
}
