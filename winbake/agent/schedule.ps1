# The schedule: which operation begins when, several at once, in one loop without threads.
#
# An operation's function gives its result, or a hashtable with `Next`: what it waits for (`Process`, a program that runs, or
# `Until`, a moment) and the function that takes it up again. The controller says what each waits for (`after`, `needs`) and
# what it holds meanwhile (`holds`); the order of the list is the order in which what is ready begins.

# msi: Windows Installer takes one package at a time (_MSIExecute). program: other installers and archives beside it.
$script:AtOnce = @{ msi = 1; program = 3 }

function Invoke-OperationList {
    <# .SYNOPSIS All operations; after the first failure nothing begins any more, and what runs is let end. True if all are done. #>
    [CmdletBinding()]
    param($Operations)
    $operations = @($Operations)
    $script:Waiting = @($operations | Where-Object { $_.kind -ne 'download' })
    $script:Running = @()
    $script:Undone = @{}
    foreach ($operation in $script:Waiting) { $script:Undone[[string]$operation.id] = $true }
    $script:Failed = $false
    $script:Closing = $false
    $script:LookAgain = $true
    Initialize-Download -Operations @($operations | Where-Object { $_.kind -eq 'download' }) -AtOnce 4
    while ($true) {
        Update-Download
        Update-Operation
        if ($script:LookAgain -and -not $script:Closing) {
            $script:LookAgain = $false
            Start-ReadyOperation
        }
        if ($script:Running.Count -eq 0) {
            if ($script:Closing -or $script:Waiting.Count -eq 0) { break }
            if (-not $script:LookAgain -and -not (Test-DownloadUnderWay)) {
                throw "these operations wait for one another: $(@($script:Waiting | ForEach-Object { $_.id }) -join ', ')"
            }
        }
        if (-not $script:LookAgain -or $script:Closing) { Wait-HostMoment -Milliseconds 200 }
    }
    if ($script:Closing) { Stop-DownloadList }
    if ($script:Failed) { return $false }
    $done = @($script:Downloads.Keys | Where-Object { $script:Closing -or (Wait-Download -Id $_) })
    $done.Count -eq $script:Downloads.Count
}

function Start-ReadyOperation {
    <# .SYNOPSIS Begins what may begin now. One that has ended at once ends this pass: the loop looks at the others in between. #>
    [CmdletBinding()]
    param()
    foreach ($operation in $script:Waiting) {
        if (-not (Test-Ready -Operation $operation)) { continue }
        $script:Waiting = @($script:Waiting | Where-Object { $_.id -ne $operation.id })
        Start-Operation -Operation $operation
        if ($script:LookAgain) { return }
    }
}

function Test-Ready {
    <# .SYNOPSIS Whether what an operation waits for has ended, and what it holds is free. A failed download has ended too. #>
    [CmdletBinding()]
    param($Operation)
    foreach ($id in $Operation.after) {
        if ($script:Undone.ContainsKey($id)) { return $false }
    }
    foreach ($id in $Operation.needs) {
        if ($script:Downloads.ContainsKey($id) -and @('waiting', 'running') -contains $script:Downloads[$id].State) { return $false }
    }
    -not $Operation.holds -or (Test-HoldFree -Name $Operation.holds)
}

function Test-HoldFree {
    <# .SYNOPSIS Whether one more operation may hold this. #>
    [CmdletBinding()]
    param([string]$Name)
    @($script:Running | Where-Object { $_.Operation.holds -eq $Name }).Count -lt $script:AtOnce[$Name]
}

function Start-Operation {
    <# .SYNOPSIS Begins one operation: its event `started`, then its function. #>
    [CmdletBinding()]
    param($Operation)
    foreach ($needed in $Operation.needs) {
        if ($script:Downloads.ContainsKey($needed) -and $script:Downloads[$needed].State -ne 'done') {
            Write-AgentEvent -Name 'failed' -Data @{ id = $Operation.id; seconds = 0; message = 'its download failed'; needed = $needed }
            Stop-Schedule
            return
        }
    }
    Write-AgentEvent -Name 'started' -Data @{ id = $Operation.id }
    $run = @{ Operation = $Operation; Started = Get-HostTime; Wait = $null; Ended = $false }
    $script:Running += $run
    Step-Operation -Run $run
}

function Update-Operation {
    <# .SYNOPSIS Takes up again every operation whose waiting is over. #>
    [CmdletBinding()]
    param()
    foreach ($run in $script:Running) { Step-Operation -Run $run }
}

function Step-Operation {
    <# .SYNOPSIS One step of an operation, if it can make one: on to its next wait, to its event `done`, or to `failed`. #>
    [CmdletBinding()]
    param([hashtable]$Run)
    $operation = $Run.Operation
    $script:FailureData = @{}
    try {
        $result = Get-StepResult -Run $Run
        if ($null -eq $result) { return }
        if ($result.ContainsKey('Next')) {
            $Run.Wait = $result
            return
        }
        $seconds = [Math]::Round(((Get-HostTime) - $Run.Started).TotalSeconds, 1)
        Write-AgentEvent -Name 'done' -Data (@{ id = $operation.id; seconds = $seconds } + $result)
        $script:Undone.Remove([string]$operation.id)
        # 1641: the installer has begun to restart the machine.
        if ($result['exit_code'] -eq 1641) { $script:Closing = $true }
    }
    catch {
        $seconds = [Math]::Round(((Get-HostTime) - $Run.Started).TotalSeconds, 1)
        $data = @{ id = $operation.id; seconds = $seconds; message = Get-ErrorText -ErrorRecord $_ } + $script:FailureData
        Write-AgentEvent -Name 'failed' -Data $data
        Clear-HalfDone -Run $Run
        Stop-Schedule
    }
    $script:Running = @($script:Running | Where-Object { $_.Operation.id -ne $operation.id })
    $script:LookAgain = $true
}

function Get-StepResult {
    <# .SYNOPSIS What an operation's function gives; nothing while it still waits. #>
    [CmdletBinding()]
    param([hashtable]$Run)
    $operation = $Run.Operation
    $wait = $Run.Wait
    if ($null -eq $wait) {
        $function = $script:OperationTable[[string]$operation.kind]
        if ($null -eq $function) { throw "the agent knows no operation '$($operation.kind)'" }
        return & $function -Operation $operation
    }
    if ($null -ne $wait.Process -and -not (Watch-Program -Operation $operation -Wait $wait)) { return }
    if ($null -ne $wait.Until -and (Get-HostTime) -lt $wait.Until) { return }
    & $wait.Next -Operation $operation -Wait $wait
}

function Clear-HalfDone {
    <# .SYNOPSIS Deletes the folders that an operation which failed was filling. #>
    [CmdletBinding()]
    param([hashtable]$Run)
    if ($null -eq $Run.Wait) { return }
    foreach ($folder in @($Run.Wait['Clean'])) {
        if (-not $folder) { continue }
        try { Remove-HostItem -Path $folder }
        catch { Write-AgentEvent -Name 'note' -Data @{ text = "a half-filled folder stays: $(Get-ErrorText -ErrorRecord $_)" } }
    }
}

function Stop-Schedule {
    <# .SYNOPSIS After a failure: nothing begins any more. #>
    [CmdletBinding()]
    param()
    $script:Failed = $true
    $script:Closing = $true
    $script:LookAgain = $true
    Stop-DownloadList
}
