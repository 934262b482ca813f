# Programs that an operation waits for while others go on: started, watched within their limit, taken up again at their end.

function Start-Program {
    <# .SYNOPSIS Starts a program and gives what the schedule waits for; -Next takes the operation up again when it has ended.
    -Capture: its output is wanted. -Clean: folders to delete if the operation fails. #>
    [CmdletBinding()]
    param([string]$FileName, [string]$Arguments, [string]$Next, [switch]$Capture, [string[]]$Clean = @())
    $now = Get-HostTime
    $wait = @{
        Process = $null; Until = $null; Next = $Next; Clean = $Clean; Started = $now; Told = $now; FirstStarted = $now
        FileName = $FileName; Arguments = $Arguments; Output = $null; ErrorOutput = $null
    }
    $wait.Process = Start-HostProcess -FileName $FileName -Arguments $Arguments -Capture:$Capture
    if ($Capture) {
        $wait.Process.StandardInput.Close()
        $wait.Output = $wait.Process.StandardOutput.ReadToEndAsync()
        $wait.ErrorOutput = $wait.Process.StandardError.ReadToEndAsync()
    }
    $wait
}

function Watch-Program {
    <# .SYNOPSIS True if the program has ended. Progress every few seconds; at the limit it is ended, and this throws. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $process = $Wait.Process
    if ($process.HasExited) { return $true }
    $now = Get-HostTime
    if (($now - $Wait.Started).TotalSeconds -gt $Operation.limit_seconds) {
        $process.Refresh()
        $title = [string]$process.MainWindowTitle
        Stop-HostProcessTree -Id $process.Id
        $null = $process.WaitForExit(10000)
        $window = ''
        if ($title) { $window = "; a window is open: '$title'" }
        throw "still running after $($Operation.limit_seconds) s, so it and its child processes were ended: it may wait on a dialog that nobody sees$window"
    }
    if (($now - $Wait.Told).TotalSeconds -ge 5) {
        $Wait.Told = $now
        $seconds = [Math]::Round(($now - $Wait.Started).TotalSeconds, 1)
        Write-AgentEvent -Name 'progress' -Data @{ id = $Operation.id; seconds = $seconds }
    }
    $false
}

function Get-ProgramOutput {
    <# .SYNOPSIS What a program that has ended has printed, as Get-OutputTail takes it. #>
    [CmdletBinding()]
    param([hashtable]$Wait)
    @{ stdout = [string]$Wait.Output.Result; stderr = [string]$Wait.ErrorOutput.Result }
}

function Wait-OtherInstallation {
    <# .SYNOPSIS After exit 1618 (another installation is running): waits and tries again, within the limit. Else nothing. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $again = (Get-HostTime).AddSeconds(15)
    if ([int]$Wait.Process.ExitCode -ne 1618 -or $again -gt $Wait.FirstStarted.AddSeconds($Operation.limit_seconds)) { return }
    Write-AgentEvent -Name 'note' -Data @{ id = $Operation.id; text = 'another installation is running (1618): waiting 15 s' }
    @{ Process = $null; Until = $again; Next = 'Restart-Program'; Retry = $Wait }
}

function Restart-Program {
    <# .SYNOPSIS Starts a program anew that Windows Installer had refused; none of ours may hold Windows Installer then. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    if ($Operation.holds -ne 'msi') {
        if (-not (Test-HoldFree -Name 'msi')) {
            $Wait.Until = (Get-HostTime).AddSeconds(1)
            return $Wait
        }
        # An exe that met 1618 has an MSI inside: from here on it counts as one.
        $Operation.holds = 'msi'
    }
    $retry = $Wait.Retry
    $again = Start-Program -FileName $retry.FileName -Arguments $retry.Arguments -Next $retry.Next
    $again.FirstStarted = $retry.FirstStarted
    $again
}
