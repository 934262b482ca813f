# First start of the master: WinRM over HTTPS with a certificate of its own. Nothing here is secret.
# WinRM over plain HTTP stays as Windows has it, encrypted by NTLM; AllowUnencrypted and CredSSP are never turned on.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
$store = 'Cert:\LocalMachine\My'
$uri = 'winrm/config/Listener'
$selectors = @{ Transport = 'HTTPS'; Address = '*' }
$certificate = New-SelfSignedCertificate -CertStoreLocation $store -DnsName $env:COMPUTERNAME
$values = @{ CertificateThumbprint = $certificate.Thumbprint; Enabled = $true }
$null = New-WSManInstance -ResourceURI $uri -SelectorSet $selectors -ValueSet $values
$rule = @{
    Name = 'WinRM-HTTPS-In-TCP'; DisplayName = 'WinRM over HTTPS'; Direction = 'Inbound'; Protocol = 'TCP'
    LocalPort = 5986; Action = 'Allow'
}
$null = New-NetFirewallRule @rule
Set-Service -Name WinRM -StartupType Automatic
Restart-Service -Name WinRM
