# What listens on the network: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Test-HostPort {
    <# .SYNOPSIS Whether all of these TCP ports are listened on. #>
    [CmdletBinding()]
    param([int[]]$Port)
    $open = @(Get-NetTCPConnection -State Listen | ForEach-Object { [int]$_.LocalPort })
    @($Port | Where-Object { $open -notcontains $_ }).Count -eq 0
}
