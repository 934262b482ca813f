# Time zone and name of the machine.

function Get-TimeZoneFact {
    <# .SYNOPSIS The answer to the query `time_zone`: the zone in force, as tzutil.exe /g names it, and whether the wanted one exists. #>
    [CmdletBinding()]
    param($Query)
    $zone = Get-HostTimeZone
    $current = [string]$zone.Id
    $key = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation'
    $off = Get-HostRegistryData -RegistryKey $key -Name 'DynamicDaylightTimeDisabled'
    if ($zone.SupportsDaylightSavingTime -and $off -eq 1) { $current += '_dstoff' }
    @{ current = $current; known = $null -ne (Get-HostTimeZone -Id $Query.id) }
}

function Get-ComputerNameFact {
    <# .SYNOPSIS The answer to the query `computer_name`: the name in use, and the one from the next start on. #>
    [CmdletBinding()]
    param($Query)
    $key = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName'
    @{ active = [string](Get-HostComputerName); next = [string](Get-HostRegistryData -RegistryKey $key -Name 'ComputerName') }
}

$script:QueryTable['time_zone'] = 'Get-TimeZoneFact'
$script:QueryTable['computer_name'] = 'Get-ComputerNameFact'
