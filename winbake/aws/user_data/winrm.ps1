# WinRM over HTTPS with a certificate of this machine's own; part of every first start. Nothing here is secret.
# WinRM over plain HTTP stays as Windows has it, encrypted by NTLM; AllowUnencrypted and CredSSP are never turned on.
function Open-WinRM {
    <# .SYNOPSIS Listens for HTTPS on 5986. A listener, certificate or rule that the image brought along is replaced. #>
    [CmdletBinding()]
    param([string]$Name)
    $uri = 'winrm/config/Listener'
    $store = 'Cert:\LocalMachine\My'
    Set-Service -Name WinRM -StartupType Automatic
    Start-Service -Name WinRM
    $old = @(Get-WSManInstance -ResourceURI $uri -Enumerate | Where-Object -FilterScript { $_.Transport -eq 'HTTPS' })
    foreach ($listener in $old) {
        Remove-WSManInstance -ResourceURI $uri -SelectorSet @{ Transport = 'HTTPS'; Address = $listener.Address }
        # Sysprep leaves certificates: without this, all clones would share one private key.
        $path = Join-Path -Path $store -ChildPath $listener.CertificateThumbprint
        if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -DeleteKey }
    }
    $certificate = New-SelfSignedCertificate -CertStoreLocation $store -DnsName $Name
    $values = @{ CertificateThumbprint = $certificate.Thumbprint; Enabled = $true }
    $null = New-WSManInstance -ResourceURI $uri -SelectorSet @{ Transport = 'HTTPS'; Address = '*' } -ValueSet $values
    $rule = @{
        Name = 'WinRM-HTTPS-In-TCP'; DisplayName = 'WinRM over HTTPS'; Direction = 'Inbound'; Protocol = 'TCP'
        LocalPort = 5986; Action = 'Allow'
    }
    Get-NetFirewallRule -Name $rule.Name -ErrorAction SilentlyContinue | Remove-NetFirewallRule
    $null = New-NetFirewallRule @rule
    Restart-Service -Name WinRM
}
