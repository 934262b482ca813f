# Who the machine is: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostItem {
    <# .SYNOPSIS What a collection of Windows' holds: a task's actions, an update's categories. #>
    [CmdletBinding()]
    param($Collection)
    foreach ($item in $Collection) { $item }
}

function Get-HostOperatingSystem {
    <# .SYNOPSIS Caption, build and times of the running Windows. #>
    [CmdletBinding()]
    param()
    Get-CimInstance -ClassName Win32_OperatingSystem
}

function Get-HostFreeSpace {
    <# .SYNOPSIS Free bytes of the system drive. #>
    [CmdletBinding()]
    param()
    (Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='C:'").FreeSpace
}

function Get-HostComputerName {
    <# .SYNOPSIS The computer's name. #>
    [CmdletBinding()]
    param()
    [Environment]::MachineName
}

function Test-HostAdministrator {
    <# .SYNOPSIS Whether this process holds an administrator's token. #>
    [CmdletBinding()]
    param()
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object Security.Principal.WindowsPrincipal ($identity)
    $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
