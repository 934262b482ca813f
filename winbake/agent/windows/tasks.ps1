# Scheduled tasks through the COM class Schedule.Service: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Get-HostTaskService {
    <# .SYNOPSIS The Task Scheduler of this machine. #>
    [CmdletBinding()]
    param()
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    $service
}

function Get-HostTaskFolder {
    <# .SYNOPSIS The scheduler's folder \A\B, nothing if it is not there. -Create makes what is missing. #>
    [CmdletBinding()]
    param([string]$Path, [switch]$Create)
    $folder = (Get-HostTaskService).GetFolder('\')
    foreach ($part in @($Path.Split('\') | Where-Object { $_ })) {
        $next = @($folder.GetFolders(0) | Where-Object { $_.Name -eq $part })
        if ($next.Count) { $folder = $next[0] }
        elseif ($Create) { $folder = $folder.CreateFolder($part) }
        else { return }
    }
    $folder
}

function Get-HostTask {
    <# .SYNOPSIS The registered task, nothing if it is not there. Hidden ones too. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Name)
    $folder = Get-HostTaskFolder -Path $Path
    if ($null -ne $folder) { $folder.GetTasks(1) | Where-Object { $_.Name -eq $Name } }
}

function New-HostTaskDefinition {
    <# .SYNOPSIS An empty definition, which is nothing to the host until it is registered. #>
    [CmdletBinding()]
    param()
    (Get-HostTaskService).NewTask(0)
}

function Register-HostTask {
    <#
    .SYNOPSIS
    Makes or replaces a task (6: create or update) that needs no password: of a service account (5), or of a user by
    service-for-user (2), who then has no access to the network.
    #>
    [CmdletBinding()]
    param([string]$Path, [string]$Name, $Definition, [string]$User, [int]$LogonType = 5)
    $folder = Get-HostTaskFolder -Path $Path -Create
    $folder.RegisterTaskDefinition($Name, $Definition, 6, $User, $null, $LogonType)
}

function Remove-HostTask {
    <# .SYNOPSIS Deletes a task, and its folder if that is empty then. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Name)
    $folder = Get-HostTaskFolder -Path $Path
    $folder.DeleteTask($Name, 0)
    if ($folder.Path -ne '\' -and $folder.GetTasks(1).Count -eq 0 -and $folder.GetFolders(0).Count -eq 0) {
        (Get-HostTaskService).GetFolder('\').DeleteFolder($folder.Path.TrimStart('\'), 0)
    }
}
