# First start of a clone: it becomes a station of its own, with name, AE title and a way in.
function Set-OrthancTitle {
    <# .SYNOPSIS The AE title of an Orthanc in the image; its other settings stay. Nothing to do without one. #>
    [CmdletBinding()]
    param([string]$AeTitle)
    $path = Join-Path -Path $env:ProgramFiles -ChildPath 'Orthanc Server\Configuration\orthanc.json'
    if (-not (Test-Path -LiteralPath $path)) { return }
    $quoted = (ConvertTo-Json -InputObject $AeTitle).Replace('$', '$$')
    $text = [IO.File]::ReadAllText($path) -replace '("DicomAet"\s*:\s*)"[^"]*"', ('${1}' + $quoted)
    [IO.File]::WriteAllText($path, $text)
}

function Set-Station {
    <# .SYNOPSIS Name, AE title, idle guard (-StopAt, may be empty) and WinRM of this station; one restart at the end. #>
    [CmdletBinding()]
    param([string]$Name, [string]$AeTitle, [string]$StopAt)
    [Environment]::SetEnvironmentVariable('WORKSHOP_STATION', $Name, 'Machine')
    [Environment]::SetEnvironmentVariable('WORKSHOP_AE_TITLE', $AeTitle, 'Machine')
    Set-OrthancTitle -AeTitle $AeTitle
    if ($StopAt) { Set-IdleGuard -At $StopAt }
    if ($env:COMPUTERNAME -ne $Name) { Rename-Computer -NewName $Name -Force -WarningAction SilentlyContinue }
    # Last before the restart: whoever finds this listener soon finds the station with its name.
    Open-WinRM -Name $Name
    if ($env:COMPUTERNAME -ne $Name) { Restart-Computer -Force }
}
