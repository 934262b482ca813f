# Installers and uninstallers: what their exit codes say, and whether the tool is there, or gone, afterwards.

function Install-Msi {
    <# .SYNOPSIS The operation `msi`. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    New-HostFolder -Path (Get-HostPathParent -Path $arguments.log)
    $line = '/i "{0}" {1} /l*v "{2}"' -f $arguments.file, $arguments.arguments, $arguments.log
    Start-Program -FileName 'msiexec.exe' -Arguments $line -Next 'Complete-Installer'
}

function Install-Program {
    <# .SYNOPSIS The operation `installer`: an exe with its silent arguments. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    New-HostFolder -Path (Get-HostPathParent -Path $arguments.log)
    Start-Program -FileName $arguments.file -Arguments $arguments.arguments -Next 'Complete-Installer'
}

function Complete-Installer {
    <# .SYNOPSIS Judges an installer's exit code, then looks whether the tool is there. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $again = Wait-OtherInstallation -Operation $Operation -Wait $Wait
    if ($null -ne $again) { return $again }
    $arguments = $Operation.arguments
    $code = [int]$Wait.Process.ExitCode
    $failure = @{ exit_code = $code; log = [string]$arguments.log; log_tail = [object[]](Get-LogTail -Path $arguments.log) }
    $reboot = @($arguments.reboot_codes) -contains $code
    if (-not $reboot -and @($arguments.exit_codes) -notcontains $code) {
        $script:FailureData = $failure
        throw "installer exit $code"
    }
    $missing = "the installer ended with exit $code, but the tool is not there"
    $result = @{ exit_code = $code; reboot = [bool]$reboot }
    Wait-Tool -Operation $Operation -Seconds 20 -Missing $missing -Result $result -Failure $failure
}

function Uninstall-Msi {
    <# .SYNOPSIS The operation `msi_uninstall`. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    New-HostFolder -Path (Get-HostPathParent -Path $arguments.log)
    $line = '/x {0} {1} /l*v "{2}"' -f $arguments.product_code, $arguments.arguments, $arguments.log
    Start-Program -FileName 'msiexec.exe' -Arguments $line -Next 'Complete-MsiUninstall'
}

function Complete-MsiUninstall {
    <# .SYNOPSIS Judges msiexec's exit code. 1605 (not installed) is as good as done. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    Complete-Uninstall -Operation $Operation -Wait $Wait -Good @(0, 1605, 1641, 3010)
}

function Uninstall-Program {
    <# .SYNOPSIS The operation `uninstaller`: the command that the uninstall entry names. #>
    [CmdletBinding()]
    param($Operation)
    $command = Split-CommandLine -Line $Operation.arguments.command
    Start-Program -FileName $command.Program -Arguments $command.Arguments -Next 'Complete-ProgramUninstall'
}

function Complete-ProgramUninstall {
    <# .SYNOPSIS Judges the exit code of an uninstaller that is no MSI. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    Complete-Uninstall -Operation $Operation -Wait $Wait -Good @(0, 3010)
}

function Complete-Uninstall {
    <# .SYNOPSIS Waits for the uninstall entry to go: many uninstallers return before they have done anything. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait, [int[]]$Good)
    $again = Wait-OtherInstallation -Operation $Operation -Wait $Wait
    if ($null -ne $again) { return $again }
    $code = [int]$Wait.Process.ExitCode
    if ($Good -notcontains $code) {
        $log = [string]$Operation.arguments.log
        $script:FailureData = @{ exit_code = $code; log = $log; log_tail = [object[]](Get-LogTail -Path $log) }
        throw "uninstaller exit $code"
    }
    Find-Remains -Operation $Operation -Wait @{
        Process = $null; Until = $null; Next = 'Find-Remains'; Deadline = (Get-HostTime).AddSeconds(60); ExitCode = $code
    }
}

function Find-Remains {
    <# .SYNOPSIS One look at the uninstall entry: it is gone, or is waited for, or the time is over. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $arguments = $Operation.arguments
    $code = $Wait.ExitCode
    if (-not (Test-UninstallEntry -Key $arguments.key -View $arguments.view)) {
        return @{ exit_code = $code; reboot = [bool](@(1641, 3010) -contains $code) }
    }
    $now = Get-HostTime
    if ($now -ge $Wait.Deadline) {
        throw "the uninstaller ended with exit $code, but its entry '$($arguments.key)' is still there"
    }
    $Wait.Until = $now.AddMilliseconds(500)
    $Wait
}

function Test-UninstallEntry {
    <# .SYNOPSIS Whether the key under Uninstall is there. View: 64, 32 or user. #>
    [CmdletBinding()]
    param([string]$Key, [string]$View)
    $path = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\' + $Key
    if ($View -eq 'user') { return $null -ne (Open-HostRegistryKey -Key "HKCU\$path") }
    $null -ne (Open-HostRegistryKey -Key "HKLM\$path" -View ([int]$View))
}

$script:OperationTable['msi'] = 'Install-Msi'
$script:OperationTable['installer'] = 'Install-Program'
$script:OperationTable['msi_uninstall'] = 'Uninstall-Msi'
$script:OperationTable['uninstaller'] = 'Uninstall-Program'
