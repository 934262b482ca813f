# Small changes: PATH and variables, registry values, files, firewall rules, services, commands.

function Set-MachinePath {
    <# .SYNOPSIS The operation `path`: edits the machine PATH as it is now; the raw text is kept and it stays REG_EXPAND_SZ. #>
    [CmdletBinding()]
    param($Operation)
    $key = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment' -Create
    $text = [string](Get-HostRegistryData -RegistryKey $key -Name 'Path')
    $entries = New-Object Collections.ArrayList
    foreach ($entry in (Split-PathText -Text $text)) { $null = $entries.Add([string]$entry) }
    foreach ($edit in $Operation.arguments.edits) { Edit-PathEntry -Entries $entries -Edit $edit }
    $key.SetValue('Path', ($entries.ToArray() -join ';'), [Microsoft.Win32.RegistryValueKind]::ExpandString)
    $key.Close()
    Send-HostEnvironmentChange
    @{}
}

function Edit-PathEntry {
    <# .SYNOPSIS One edit: `remove` an entry, `remove_again` all but the first of it, or `put` it `before` another (or last). #>
    [CmdletBinding()]
    param([Collections.ArrayList]$Entries, $Edit)
    if ($null -ne $Edit.PSObject.Properties['remove']) {
        Remove-PathEntry -Entries $Entries -Entry $Edit.remove -Keep 0
        return
    }
    if ($null -ne $Edit.PSObject.Properties['remove_again']) {
        Remove-PathEntry -Entries $Entries -Entry $Edit.remove_again -Keep 1
        return
    }
    Remove-PathEntry -Entries $Entries -Entry $Edit.put -Keep 0
    $index = $Entries.Count
    if ($null -ne $Edit.before) {
        for ($i = 0; $i -lt $Entries.Count; $i++) {
            if ((Get-PathKey -Entry $Entries[$i]) -eq (Get-PathKey -Entry $Edit.before)) {
                $index = $i
                break
            }
        }
    }
    $Entries.Insert($index, [string]$Edit.put)
}

function Remove-PathEntry {
    <# .SYNOPSIS Removes every form of an entry, but keeps the first so many. #>
    [CmdletBinding()]
    param([Collections.ArrayList]$Entries, [string]$Entry, [int]$Keep)
    $wanted = Get-PathKey -Entry $Entry
    $seen = 0
    for ($i = 0; $i -lt $Entries.Count; $i++) {
        if ((Get-PathKey -Entry $Entries[$i]) -ne $wanted) { continue }
        $seen++
        if ($seen -gt $Keep) {
            $Entries.RemoveAt($i)
            $i--
        }
    }
}

function Get-PathKey {
    <# .SYNOPSIS Two entries are the same folder if these are equal: expanded, without quotes, final backslash and case. #>
    [CmdletBinding()]
    param([string]$Entry)
    (Expand-HostVariable -Text $Entry.Trim().Trim('"')).Replace('/', '\').TrimEnd('\').ToLowerInvariant()
}

function Set-MachineVariable {
    <# .SYNOPSIS The operation `environment`: written to the registry with its kind, then announced. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $place = 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    if ($null -eq $arguments.data) { Remove-HostRegistryValue -Key $place -Name $arguments.name }
    else {
        $key = Open-HostRegistryKey -Key $place -Create
        $key.SetValue($arguments.name, [string]$arguments.data, [Microsoft.Win32.RegistryValueKind]$arguments.kind)
        $key.Close()
    }
    Send-HostEnvironmentChange
    @{}
}

function Set-RegistryData {
    <# .SYNOPSIS The operation `registry`: one value with its kind; the key is made if it is missing, never emptied. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    if (-not $arguments.present) {
        Remove-HostRegistryValue -Key $arguments.key -Name $arguments.name -View $arguments.view
        return @{}
    }
    switch ($arguments.kind) {
        # RegistryKey takes signed numbers; 0xFFFFFFFF must go in as -1.
        'DWord' {
            if ($arguments.data -lt 0) { $data = [int]$arguments.data }
            else { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$arguments.data), 0) }
        }
        'QWord' {
            if ($arguments.data -lt 0) { $data = [long]$arguments.data }
            else { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$arguments.data), 0) }
        }
        'MultiString' { $data = [string[]]@($arguments.data) }
        'Binary' { $data = ConvertFrom-HexText -Text $arguments.data }
        default { $data = [string]$arguments.data }
    }
    $key = Open-HostRegistryKey -Key $arguments.key -View $arguments.view -Create
    $key.SetValue($arguments.name, $data, [Microsoft.Win32.RegistryValueKind]$arguments.kind)
    $key.Close()
    @{}
}

function ConvertFrom-HexText {
    <# .SYNOPSIS The bytes of `0aff`. #>
    [CmdletBinding()]
    param([string]$Text)
    $bytes = New-Object byte[] ($Text.Length / 2)
    for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($Text.Substring($i * 2, 2), 16) }
    , $bytes
}

function Set-FileContent {
    <# .SYNOPSIS The operation `file`: written beside its place, checked, then moved there. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $path = Expand-HostVariable -Text $arguments.path
    New-HostFolder -Path (Get-HostPathParent -Path $path)
    $fresh = $path + '.winbake-new'
    try {
        Set-HostFileContent -Path $fresh -Base64 $arguments.content
        Move-CheckedFile -Path $fresh -Target $path -Sha256 $arguments.sha256
    }
    finally { Remove-HostItem -Path $fresh }
    @{}
}

function Copy-SentFile {
    <# .SYNOPSIS The operation `place`: a file that was sent, copied beside its place, checked, then moved there. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    $path = Expand-HostVariable -Text $arguments.path
    New-HostFolder -Path (Get-HostPathParent -Path $path)
    $fresh = $path + '.winbake-new'
    try {
        Copy-HostFile -Path $arguments.from -Target $fresh
        Move-CheckedFile -Path $fresh -Target $path -Sha256 $arguments.sha256
    }
    finally { Remove-HostItem -Path $fresh }
    @{}
}

function Move-CheckedFile {
    <# .SYNOPSIS Puts a file in the place of another if it has the right hash. #>
    [CmdletBinding()]
    param([string]$Path, [string]$Target, [string]$Sha256)
    $hash = [string](Get-HostFileHash -Path $Path)
    if ($hash -ne $Sha256) { throw "written with sha256 $hash, wanted $Sha256" }
    Remove-HostItem -Path $Target
    Move-HostFile -Path $Path -Target $Target
}

function New-Folder {
    <# .SYNOPSIS The operation `directory`. #>
    [CmdletBinding()]
    param($Operation)
    New-HostFolder -Path (Expand-HostVariable -Text $Operation.arguments.path)
    @{}
}

function Remove-Thing {
    <# .SYNOPSIS The operation `delete`: a file or a whole folder. #>
    [CmdletBinding()]
    param($Operation)
    Remove-HostItem -Path (Expand-HostVariable -Text $Operation.arguments.path)
    @{}
}

function Set-FirewallRule {
    <# .SYNOPSIS The operation `firewall`: removes what must go, then makes the rule anew. #>
    [CmdletBinding()]
    param($Operation)
    foreach ($id in @($Operation.arguments.remove)) { if ($id) { Remove-HostFirewallRule -Id $id } }
    $rule = $Operation.arguments.rule
    if ($null -eq $rule) { return @{} }
    $parameters = @{
        Name        = [string]$rule.id
        DisplayName = [string]$rule.name
        Enabled     = @('False', 'True')[[int][bool]$rule.enabled]
        Direction   = @{ in = 'Inbound'; out = 'Outbound' }[$rule.direction]
        Action      = @{ allow = 'Allow'; block = 'Block' }[$rule.action]
        Protocol    = ([string]$rule.protocol).ToUpperInvariant()
    }
    if (@($rule.local_ports).Count) { $parameters.LocalPort = [string[]]@($rule.local_ports) }
    if (@($rule.remote_addresses).Count) { $parameters.RemoteAddress = [string[]]@($rule.remote_addresses) }
    if (@($rule.profiles).Count) { $parameters.Profile = @($rule.profiles) -join ', ' }
    if ($rule.program) { $parameters.Program = [string]$rule.program }
    New-HostFirewallRule -Rule $parameters
    @{}
}

function Invoke-CommandOperation {
    <# .SYNOPSIS The operation `command`. #>
    [CmdletBinding()]
    param($Operation)
    $arguments = $Operation.arguments
    switch ($arguments.shell) {
        'cmd' { $command = @{ Program = "$env:SystemRoot\System32\cmd.exe"; Arguments = '/d /s /c "' + $arguments.line + '"' } }
        'powershell' {
            $command = @{ Program = 'powershell.exe'; Arguments = Get-PowerShellArgument -Text $arguments.line }
        }
        default { $command = Split-CommandLine -Line $arguments.line }
    }
    $run = Invoke-HostCommand -FileName $command.Program -Arguments $command.Arguments -Directory ([string]$arguments.directory) `
        -Text ([string]$arguments.stdin) -LimitSeconds $Operation.limit_seconds
    $tail = Get-OutputTail -Run $run
    if (-not $run.in_time) {
        $script:FailureData = @{ log_tail = $tail }
        throw "still running after $($Operation.limit_seconds) s, so it and its child processes were ended"
    }
    if (@($arguments.exit_codes) -notcontains $run.exit_code) {
        $script:FailureData = @{ exit_code = $run.exit_code; log_tail = $tail }
        throw "exit $($run.exit_code)"
    }
    @{ exit_code = $run.exit_code; output = $tail }
}

function Invoke-Restart {
    <# .SYNOPSIS The operation `reboot`. #>
    [CmdletBinding()]
    param($Operation)
    Restart-Host -DelaySeconds $Operation.arguments.delay_seconds
    @{}
}

$script:OperationTable['delete'] = 'Remove-Thing'
$script:OperationTable['place'] = 'Copy-SentFile'
$script:OperationTable['directory'] = 'New-Folder'
$script:OperationTable['file'] = 'Set-FileContent'
$script:OperationTable['path'] = 'Set-MachinePath'
$script:OperationTable['environment'] = 'Set-MachineVariable'
$script:OperationTable['registry'] = 'Set-RegistryData'
$script:OperationTable['firewall'] = 'Set-FirewallRule'
$script:OperationTable['command'] = 'Invoke-CommandOperation'
$script:OperationTable['reboot'] = 'Invoke-Restart'
