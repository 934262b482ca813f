# Events to the controller, one line of JSON each, every one with the run's nonce.

# What the agent can answer and do: kind → function. Each file of facts/ and operations/ adds its own.
$script:Held = New-Object Text.StringBuilder
$script:QueryTable = @{}
$script:OperationTable = @{}

function Write-AgentEvent {
    <# .SYNOPSIS Sends one event. Values must be plain: strings, numbers, booleans, hashtables, arrays.
    -Hold: it may wait for the next ones. Every piece of output is an answer to a request of its own, so facts go together. #>
    [CmdletBinding()]
    param([string]$Name, [hashtable]$Data = @{}, [switch]$Hold)
    $line = @{ nonce = $script:Nonce; event = $Name } + $Data
    $null = $script:Held.AppendLine((ConvertTo-Json -InputObject $line -Compress -Depth 8))
    if ($Hold -and $script:Held.Length -lt 65536) { return }
    [Console]::Out.Write($script:Held.ToString())
    [Console]::Out.Flush()
    $script:Held.Length = 0
}

function Get-ErrorText {
    <# .SYNOPSIS The message of the innermost cause, which is the one that helps. #>
    [CmdletBinding()]
    param($ErrorRecord)
    $exception = $ErrorRecord.Exception
    while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
    [string]$exception.Message
}

function Get-LogTail {
    <# .SYNOPSIS The lines of an installer's log that tell most: round "return value 3" of an MSI log, else the last ones. #>
    [CmdletBinding()]
    param([string]$Path, [int]$Count = 10)
    if (-not (Test-HostFile -Path $Path)) { return , @() }
    $lines = @((Get-HostFileText -Path $Path) -split "`r?`n" | Where-Object { $_.Trim() })
    for ($i = $lines.Count - 1; $i -ge 0; $i--) {
        if ($lines[$i] -match 'return value 3\.?\s*$') {
            $first = [Math]::Max(0, $i - $Count + 1)
            return , @($lines[$first..$i] | ForEach-Object { [string]$_ })
        }
    }
    if ($lines.Count -gt $Count) { $lines = $lines[($lines.Count - $Count)..($lines.Count - 1)] }
    , @($lines | ForEach-Object { [string]$_ })
}

function Get-OutputTail {
    <# .SYNOPSIS The last ten lines that a program has printed, as Invoke-HostCommand gives them. #>
    [CmdletBinding()]
    param([hashtable]$Run)
    $lines = ($Run.stdout + $Run.stderr) -split "`r?`n" | Where-Object { $_.Trim() } | Select-Object -Last 10
    , @($lines | ForEach-Object { [string]$_ })
}

function Split-CommandLine {
    <# .SYNOPSIS The program of a command line, and the rest of it. #>
    [CmdletBinding()]
    param([string]$Line)
    $text = $Line.Trim()
    if ($text.StartsWith('"')) {
        $end = $text.IndexOf('"', 1)
        if ($end -lt 0) { throw "a quote is missing in: $Line" }
        return @{ Program = $text.Substring(1, $end - 1); Arguments = $text.Substring($end + 1).Trim() }
    }
    # Without quotes the program may hold spaces: the shortest beginning that is a file wins, as in Windows.
    $words = $text -split ' '
    for ($i = 0; $i -lt $words.Count; $i++) {
        $candidate = $words[0..$i] -join ' '
        if (Test-HostFile -Path $candidate) {
            return @{ Program = $candidate; Arguments = $text.Substring($candidate.Length).Trim() }
        }
    }
    @{ Program = $words[0]; Arguments = $text.Substring($words[0].Length).Trim() }
}

function Join-Argument {
    <# .SYNOPSIS A command line's tail from single arguments, quoted as Windows programs read them. #>
    [CmdletBinding()]
    param([string[]]$Argument)
    $parts = foreach ($text in $Argument) {
        if ($text -eq '' -or $text -match '[\s"]') {
            '"' + ($text -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
        }
        else { $text }
    }
    @($parts) -join ' '
}

function Get-PowerShellArgument {
    <# .SYNOPSIS The command line of powershell.exe for a script's text. #>
    [CmdletBinding()]
    param([string]$Text)
    '-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ' + [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Text))
}

function Invoke-HostCommand {
    <# .SYNOPSIS Runs a program to its end, or ends its tree at the limit; gives exit code and output. #>
    [CmdletBinding()]
    param([string]$FileName, [string]$Arguments, [string]$Directory, [string]$Text, [int]$LimitSeconds)
    $process = Start-HostProcess -FileName $FileName -Arguments $Arguments -Directory $Directory -Capture
    if ($Text) { $process.StandardInput.Write($Text) }
    $process.StandardInput.Close()
    $out = $process.StandardOutput.ReadToEndAsync()
    $err = $process.StandardError.ReadToEndAsync()
    $inTime = $process.WaitForExit($LimitSeconds * 1000)
    if (-not $inTime) {
        Stop-HostProcessTree -Id $process.Id
        $null = $process.WaitForExit(10000)
    }
    @{
        exit_code = [int]$process.ExitCode
        stdout    = [string]$out.Result
        stderr    = [string]$err.Result
        in_time   = [bool]$inTime
    }
}
