# The time, waiting, and what else is another at every run: wrappers of a line, no decisions. With these answered, a run can be replayed.

function Get-HostTime {
    <# .SYNOPSIS Now, in UTC. #>
    [CmdletBinding()]
    param()
    [datetime]::UtcNow
}

function Wait-HostMoment {
    <# .SYNOPSIS Lets some time pass. #>
    [CmdletBinding()]
    param([int]$Milliseconds)
    Start-Sleep -Milliseconds $Milliseconds
}

function New-HostName {
    <# .SYNOPSIS A name that nothing else has. #>
    [CmdletBinding()]
    param()
    [string][Guid]::NewGuid()
}

function Get-HostProcessId {
    <# .SYNOPSIS The number of this process. #>
    [CmdletBinding()]
    param()
    $PID
}

function Get-HostPowerShellVersion {
    <# .SYNOPSIS The version of the PowerShell that runs this. #>
    [CmdletBinding()]
    param()
    $PSVersionTable.PSVersion
}
