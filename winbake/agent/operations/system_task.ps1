# What WinRM's network logon may not do runs as SYSTEM: this same script, in a scheduled task, telling of itself in a file.

# What such a task can do: kind → function, which gets the request's arguments and gives a hashtable.
$script:TaskTable = @{}
$script:TaskName = 'winbake'

function Invoke-SystemTask {
    <# .SYNOPSIS Runs a kind of task to its end; gives its last line. Throws what it failed with, or that the limit has passed. #>
    [CmdletBinding()]
    param([string]$Kind, [hashtable]$Arguments, [int]$LimitSeconds, [string]$Id)
    Clear-SystemTask
    $folder = "$env:SystemRoot\Temp\winbake-$(New-HostName)"
    try {
        New-HostFolder -Path $folder
        Set-HostFileText -Path "$folder\agent.ps1" -Text $script:AgentSource -Mark
        $request = @{ kind = $Kind; arguments = $Arguments; agent = Get-HostProcessId }
        $text = ConvertTo-Json -InputObject $request -Compress -Depth 8
        Set-HostFileText -Path "$folder\request.json" -Text $text -Mark
        $task = Start-SystemTask -Folder $folder -LimitSeconds $LimitSeconds
        $end = Wait-SystemTask -Task $task -Folder $folder -LimitSeconds $LimitSeconds -Id $Id
    }
    finally { Clear-SystemTask }
    if ($end.error) { throw $end.error }
    $end
}

function Start-SystemTask {
    <# .SYNOPSIS Registers the task and runs it. Windows ends it a minute after the limit, should nobody be left to do so. #>
    [CmdletBinding()]
    param([string]$Folder, [int]$LimitSeconds)
    $definition = New-HostTaskDefinition
    $definition.RegistrationInfo.Description = 'winbake at work; it removes this task'
    $definition.Principal.RunLevel = 1
    $definition.Settings.ExecutionTimeLimit = "PT$($LimitSeconds + 60)S"
    $definition.Settings.DisallowStartIfOnBatteries = $false
    $definition.Settings.StopIfGoingOnBatteries = $false
    # 7, the default, is below normal for processor, disk and memory alike.
    $definition.Settings.Priority = 5
    $action = $definition.Actions.Create(0)
    $action.Path = "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe"
    $action.Arguments = "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$Folder\agent.ps1`" -TaskFolder `"$Folder`""
    $task = Register-HostTask -Path '\' -Name $script:TaskName -Definition $definition -User 'SYSTEM'
    $null = $task.Run($null)
    $task
}

function Wait-SystemTask {
    <# .SYNOPSIS Follows the task's lines, each an event `progress` of the operation, until its last one, which it gives. #>
    [CmdletBinding()]
    param($Task, [string]$Folder, [int]$LimitSeconds, [string]$Id)
    $started = Get-HostTime
    $seen = 0
    $now = 'it has not said what it does'
    while ($true) {
        # Asked before the lines are read: what a task that has ended said last is there then.
        $running = Test-SystemTask -Task $Task
        $seconds = [Math]::Round(((Get-HostTime) - $started).TotalSeconds, 1)
        $lines = @(Get-TaskLine -Folder $Folder)
        for (; $seen -lt $lines.Count; $seen++) {
            $line = ConvertFrom-Json -InputObject $lines[$seen]
            if ($line.end) { return $line }
            $now = [string]$line.text
            if ($Id) { Write-AgentEvent -Name 'progress' -Data @{ id = $Id; seconds = $seconds; text = $now; percent = [int]$line.percent } }
        }
        if (-not $running) {
            throw ('the task that runs as SYSTEM ended with result 0x{0:X8} and did not say how it went ({1})' -f $Task.LastTaskResult, $now)
        }
        if ($seconds -gt $LimitSeconds) { throw "still running after $LimitSeconds s, so its task was ended: $now" }
        if ($Id) { Update-Download }
        Wait-HostMoment -Milliseconds 1000
    }
}

function Test-SystemTask {
    <# .SYNOPSIS Whether the task runs or is about to: 267009 running, 267011 not run yet, 267045 queued. Run returns before it does. #>
    [CmdletBinding()]
    param($Task)
    $Task.State -eq 4 -or @(267009, 267011, 267045) -contains $Task.LastTaskResult
}

function Get-TaskLine {
    <# .SYNOPSIS The whole lines that the task has written. #>
    [CmdletBinding()]
    param([string]$Folder)
    if (-not (Test-HostFile -Path "$Folder\lines")) { return }
    $parts = @((Get-HostFileText -Path "$Folder\lines") -split "`n")
    $parts | Select-Object -First ($parts.Count - 1)
}

function Clear-SystemTask {
    <# .SYNOPSIS Ends and removes the task with its folder; also one that an interrupted run has left. #>
    [CmdletBinding()]
    param()
    $task = Get-HostTask -Path '\' -Name $script:TaskName
    if ($null -ne $task) {
        $task.Stop(0)
        Remove-HostTask -Path '\' -Name $script:TaskName
    }
    foreach ($folder in (Get-HostSubfolder -Path "$env:SystemRoot\Temp" -Pattern 'winbake-*')) { Remove-HostItem -Path $folder }
}

function Invoke-TaskScript {
    <# .SYNOPSIS What the task does: its request carried out, and a last line written. If nobody waits for it any more it leaves nothing behind. #>
    [CmdletBinding()]
    param([string]$Folder)
    $request = ConvertFrom-Json -InputObject (Get-HostFileText -Path "$Folder\request.json")
    $script:TaskLines = "$Folder\lines"
    $script:TaskAgent = [int]$request.agent
    try {
        $result = & $script:TaskTable[[string]$request.kind] -Arguments $request.arguments
        Write-TaskLine -End -Data (@{ error = '' } + $result)
    }
    catch { Write-TaskLine -End -Data @{ error = Get-ErrorText -ErrorRecord $_ } }
    finally {
        if (-not (Test-HostProcess -Id $script:TaskAgent)) {
            Remove-HostTask -Path '\' -Name $script:TaskName
            Remove-HostItem -Path $Folder
        }
    }
}

function Write-TaskLine {
    <# .SYNOPSIS A line for the agent that waits. Values must be plain, as in its events. #>
    [CmdletBinding()]
    param([hashtable]$Data, [switch]$End)
    $line = (ConvertTo-Json -InputObject (@{ end = [bool]$End } + $Data) -Compress -Depth 8) + "`n"
    # With a byte order mark at the file's begin, so that titles in any language are read as they were written.
    Add-HostFileText -Path $script:TaskLines -Text $line
}
