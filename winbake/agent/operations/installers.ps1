# Installers: run with a time limit, their process tree ended at the limit, and looked for afterwards.

function Invoke-Installer {
    <# .SYNOPSIS Runs one installer and waits; downloads go on meanwhile. Throws at the limit. Gives the exit code. #>
    [CmdletBinding()]
    param($Operation, [string]$FileName, [string]$Arguments)
    $process = Start-HostProcess -FileName $FileName -Arguments $Arguments
    $started = Get-Date
    $told = $started
    while (-not $process.WaitForExit(250)) {
        Update-Download
        $now = Get-Date
        if (($now - $started).TotalSeconds -gt $Operation.limit_seconds) {
            $process.Refresh()
            $title = [string]$process.MainWindowTitle
            Stop-HostProcessTree -Id $process.Id
            $window = ''
            if ($title) { $window = "; a window is open: '$title'" }
            throw "still running after $($Operation.limit_seconds) s, so it and its child processes were ended: it may wait on a dialog that nobody sees$window"
        }
        if (($now - $told).TotalSeconds -ge 5) {
            $told = $now
            $seconds = [Math]::Round(($now - $started).TotalSeconds, 1)
            Write-AgentEvent -Name 'progress' -Data @{ id = $Operation.id; seconds = $seconds }
        }
    }
    [int]$process.ExitCode
}

function Complete-Installer {
    <# .SYNOPSIS Judges an exit code, then looks whether the tool is there. Gives what the event `done` carries. #>
    [CmdletBinding()]
    param($Operation, [int]$ExitCode)
    $arguments = $Operation.arguments
    $reboot = @($arguments.reboot_codes) -contains $ExitCode
    if (-not $reboot -and @($arguments.exit_codes) -notcontains $ExitCode) {
        $script:FailureData = @{ exit_code = $ExitCode; log = [string]$arguments.log; log_tail = [object[]](Get-LogTail -Path $arguments.log) }
        throw "installer exit $ExitCode"
    }
    $found = Wait-Detected -Detect $arguments.detect -Seconds 20
    if (-not $found.detected) {
        $script:FailureData = @{ exit_code = $ExitCode; log = [string]$arguments.log; log_tail = [object[]](Get-LogTail -Path $arguments.log) }
        throw "the installer ended with exit $ExitCode, but the tool is not there: $($found.rule)"
    }
    @{ exit_code = $ExitCode; reboot = [bool]$reboot; version = [string]$found.version }
}

function Install-Msi {
    <# .SYNOPSIS The operation `msi`. 1618 (another installation is running) is waited for. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($arguments.log))
    $line = '/i "{0}" {1} /l*v "{2}"' -f $arguments.file, $arguments.arguments, $arguments.log
    $code = Invoke-MsiExec -Operation $Operation -Line $line
    Complete-Installer -Operation $Operation -ExitCode $code
}

function Invoke-MsiExec {
    <# .SYNOPSIS msiexec, again and again while another installation holds the machine, within the limit. #>
    [CmdletBinding()]
    param($Operation, [string]$Line)
    $deadline = (Get-Date).AddSeconds($Operation.limit_seconds)
    while ($true) {
        $code = Invoke-Installer -Operation $Operation -FileName 'msiexec.exe' -Arguments $Line
        if ($code -ne 1618 -or (Get-Date).AddSeconds(15) -gt $deadline) { return $code }
        Write-AgentEvent -Name 'note' -Data @{ id = $Operation.id; text = 'another installation is running (1618): waiting 15 s' }
        Start-Sleep -Seconds 15
    }
}

function Install-Program {
    <# .SYNOPSIS The operation `installer`: an exe with its silent arguments. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($arguments.log))
    $code = Invoke-Installer -Operation $Operation -FileName $arguments.file -Arguments $arguments.arguments
    Complete-Installer -Operation $Operation -ExitCode $code
}

function Uninstall-Msi {
    <# .SYNOPSIS The operation `msi_uninstall`. 1605 (not installed) is as good as done. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($arguments.log))
    $line = '/x {0} {1} /l*v "{2}"' -f $arguments.product_code, $arguments.arguments, $arguments.log
    $code = Invoke-MsiExec -Operation $Operation -Line $line
    Complete-Uninstall -Operation $Operation -ExitCode $code -Good @(0, 1605, 1641, 3010)
}

function Uninstall-Program {
    <# .SYNOPSIS The operation `uninstaller`: the command that the uninstall entry names. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $command = Split-CommandLine -Line $arguments.command
    $code = Invoke-Installer -Operation $Operation -FileName $command.Program -Arguments $command.Arguments
    Complete-Uninstall -Operation $Operation -ExitCode $code -Good @(0, 3010)
}

function Complete-Uninstall {
    <# .SYNOPSIS Waits for the uninstall entry to go: many uninstallers return before they have done anything. #>
    [CmdletBinding()]
    param($Operation, [int]$ExitCode, [int[]]$Good)
    $arguments = $Operation.arguments
    if ($Good -notcontains $ExitCode) {
        $script:FailureData = @{ exit_code = $ExitCode; log = [string]$arguments.log; log_tail = [object[]](Get-LogTail -Path $arguments.log) }
        throw "uninstaller exit $ExitCode"
    }
    $deadline = (Get-Date).AddSeconds(60)
    while ((Test-UninstallEntry -Key $arguments.key -View $arguments.view) -and (Get-Date) -lt $deadline) { Start-Sleep -Milliseconds 500 }
    if (Test-UninstallEntry -Key $arguments.key -View $arguments.view) {
        throw "the uninstaller ended with exit $ExitCode, but its entry '$($arguments.key)' is still there"
    }
    @{ exit_code = $ExitCode; reboot = [bool](@(1641, 3010) -contains $ExitCode) }
}

function Test-UninstallEntry {
    <# .SYNOPSIS Whether the key under Uninstall is there. View: 64, 32 or user. #>
    [CmdletBinding()]
    param([string]$Key, [string]$View)
    $path = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\' + $Key
    if ($View -eq 'user') { return $null -ne (Open-HostRegistryKey -Key "HKCU\$path") }
    $null -ne (Open-HostRegistryKey -Key "HKLM\$path" -View ([int]$View))
}

function Wait-Detected {
    <# .SYNOPSIS Tests the detection rule for some seconds: an installer's child may still be at work. #>
    [CmdletBinding()]
    param($Detect, [int]$Seconds)
    $deadline = (Get-Date).AddSeconds($Seconds)
    $found = Test-Detected -Detect $Detect
    while (-not $found.detected -and (Get-Date) -lt $deadline) {
        Start-Sleep -Milliseconds 1000
        $found = Test-Detected -Detect $Detect
    }
    $found
}

function Test-Detected {
    <# .SYNOPSIS Whether anything answers the manifest's rule, and with which version. The controller judges the version. #>
    [CmdletBinding()]
    param($Detect)
    if ($Detect.product_code -or $Detect.display_name) {
        foreach ($entry in (Get-UninstallFact)) {
            $byCode = $Detect.product_code -and $entry.key -eq $Detect.product_code
            $byName = -not $Detect.product_code -and $entry.name -cmatch $Detect.display_name
            if ($byCode -or $byName) { return @{ detected = $true; version = $entry.version; rule = '' } }
        }
        return @{ detected = $false; version = ''; rule = "no uninstall entry for $(@($Detect.product_code, $Detect.display_name) -ne $null -join ' or ')" }
    }
    if ($Detect.file) {
        $path = Expand-HostVariable -Text $Detect.file
        if (-not [IO.File]::Exists($path)) { return @{ detected = $false; version = ''; rule = "no file $path" } }
        return @{ detected = $true; version = [string](Get-HostFileVersion -Path $path); rule = '' }
    }
    if ($Detect.registry) { return Test-RegistryDetected -Detect $Detect }
    $query = New-Object PSObject -Property @{ argv = @($Detect.command); limit_seconds = 30 }
    $answer = Get-CommandFact -Query $query
    if (-not $answer.found) { return @{ detected = $false; version = ''; rule = "no program $($query.argv[0])" } }
    $text = $answer.stdout + "`n" + $answer.stderr
    $version = Get-MatchedVersion -Text $text -Pattern $Detect.matches
    if (@($Detect.exit_codes) -notcontains $answer.exit_code -or $null -eq $version) {
        return @{ detected = $false; version = ''; rule = "$($query.argv -join ' ') answered with exit $($answer.exit_code)" }
    }
    @{ detected = $true; version = [string]$version; rule = '' }
}

function Get-MatchedVersion {
    <# .SYNOPSIS Group 1 of the pattern in the text, or the whole match where it has no group; $null if it does not match. #>
    [CmdletBinding()]
    param([string]$Text, [string]$Pattern)
    if ($Text -cnotmatch $Pattern) { return $null }
    if ($Matches.Count -gt 1) { return [string]$Matches[1] }
    $Matches[0]
}

function Expand-IntoPlace {
    <# .SYNOPSIS Unpacks beside a folder's place and moves it there whole, so that no half of it is ever seen. A mark is a file in it. #>
    [CmdletBinding()]
    param([string]$Archive, [string]$Destination, [string]$Root, [string]$MarkName, [string]$MarkText)
    $fresh = $Destination + '.winbake-new'
    Remove-HostItem -Path $fresh
    try {
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Destination))
        Expand-HostArchive -Archive $Archive -Folder $fresh
        $source = $fresh
        if ($Root) { $source = [IO.Path]::Combine($fresh, $Root) }
        if (-not [IO.Directory]::Exists($source)) {
            $names = @([IO.Directory]::GetFileSystemEntries($fresh) | ForEach-Object { [IO.Path]::GetFileName($_) }) -join ', '
            throw "the archive has no folder '$Root' (it has: $names)"
        }
        if ($MarkName) { [IO.File]::WriteAllText([IO.Path]::Combine($source, $MarkName), $MarkText) }
        Remove-HostItem -Path $Destination
        [IO.Directory]::Move($source, $Destination)
    }
    finally { Remove-HostItem -Path $fresh }
}

function Test-RegistryDetected {
    <# .SYNOPSIS Whether the rule's registry value is there, and the version in it. #>
    [CmdletBinding()]
    param($Detect)
    $mark = $Detect.registry
    $query = New-Object PSObject -Property @{ key = $mark.key; name = $mark.value; view = $mark.view }
    $value = Get-RegistryValueFact -Query $query
    if (-not $value.exists) { return @{ detected = $false; version = ''; rule = "no value '$($mark.value)' in $($mark.key)" } }
    $version = [string]$value.data
    if ($Detect.matches) {
        $text = $version
        $version = Get-MatchedVersion -Text $text -Pattern $Detect.matches
        if ($null -eq $version) { return @{ detected = $false; version = ''; rule = "$($mark.key) $($mark.value) is '$text'" } }
    }
    @{ detected = $true; version = [string]$version; rule = '' }
}

function Expand-Tool {
    <# .SYNOPSIS The operation `unzip`: a tool that is an archive. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    Expand-IntoPlace -Archive $arguments.archive -Destination $arguments.destination -Root $arguments.root
    Complete-Placement -Detect $arguments.detect -Done 'unpacked'
}

function Complete-Placement {
    <# .SYNOPSIS Looks for a tool whose files were put into place. Gives what the event `done` carries. #>
    [CmdletBinding()]
    param($Detect, [string]$Done)
    $found = Wait-Detected -Detect $Detect -Seconds 2
    if (-not $found.detected) { throw "$Done, but the tool is not there: $($found.rule)" }
    @{ version = [string]$found.version; reboot = $false }
}

$script:OperationTable['msi'] = 'Install-Msi'
$script:OperationTable['installer'] = 'Install-Program'
$script:OperationTable['msi_uninstall'] = 'Uninstall-Msi'
$script:OperationTable['uninstaller'] = 'Uninstall-Program'
$script:OperationTable['unzip'] = 'Expand-Tool'
