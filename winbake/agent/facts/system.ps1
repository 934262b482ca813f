# Who the host is, and whether it waits for a restart.

function Get-SystemFact {
    <# .SYNOPSIS The answer to the query `system`. #>
    [CmdletBinding()]
    param($Query)
    $os = Get-HostOperatingSystem
    @{
        computer       = [string](Get-HostComputerName)
        os             = [string]$os.Caption
        build          = [int]$os.BuildNumber
        boot_time      = ConvertTo-UtcText -Time $os.LastBootUpTime
        now            = ConvertTo-UtcText -Time $os.LocalDateTime
        free_bytes     = [long](Get-HostFreeSpace)
        powershell     = [string](Get-HostPowerShellVersion)
        administrator  = [bool](Test-HostAdministrator)
        pending_reboot = @(Get-PendingReboot)
        logon_ready    = [bool](Test-LogonReady)
        servicing      = [bool](Test-Servicing)
    }
}

function ConvertTo-UtcText {
    <# .SYNOPSIS A time as ISO 8601 in UTC. #>
    [CmdletBinding()]
    param([datetime]$Time)
    $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture)
}

function Get-PendingReboot {
    <# .SYNOPSIS The reasons for which Windows wants a restart, in words. #>
    [CmdletBinding()]
    param()
    $keys = @{
        'Component Based Servicing' = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
        'Windows Update'            = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
    }
    foreach ($reason in 'Component Based Servicing', 'Windows Update') {
        if ($null -ne (Open-HostRegistryKey -Key $keys[$reason])) { $reason }
    }
    $manager = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager'
    $renames = @()
    if ($null -ne $manager) { $renames = @(Get-HostRegistryData -RegistryKey $manager -Name 'PendingFileRenameOperations') }
    if (@($renames | Where-Object { $_ }).Count -gt 0) { 'file renames' }
    $names = foreach ($kind in 'ActiveComputerName', 'ComputerName') {
        $key = Open-HostRegistryKey -Key "HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\$kind"
        if ($null -ne $key) { [string](Get-HostRegistryData -RegistryKey $key -Name 'ComputerName') }
    }
    $names = @($names)
    if ($names.Count -eq 2 -and $names[0] -ne $names[1]) { 'computer name' }
}

function Test-LogonReady {
    <# .SYNOPSIS Whether the logon screen was reached since the start: LogonUI makes this volatile key. #>
    [CmdletBinding()]
    param()
    $null -ne (Open-HostRegistryKey -Key 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\AutoLogonChecked')
}

function Test-Servicing {
    <# .SYNOPSIS Whether component servicing holds the machine. The key is there on healthy hosts too; its value counts. #>
    [CmdletBinding()]
    param()
    $key = Open-HostRegistryKey -Key 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\SessionsPending'
    if ($null -eq $key) { return $false }
    $exclusive = Get-HostRegistryData -RegistryKey $key -Name 'Exclusive'
    $null -ne $exclusive -and $exclusive -ne 0
}

$script:QueryTable['system'] = 'Get-SystemFact'
