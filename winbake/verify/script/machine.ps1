# Files, shortcuts, the registry, installed software, services, processes.

function Read-File {
    <# .SYNOPSIS Question `file`: what lies at a path; sha256, version, signer, content (base64), names in a folder where asked for. #>
    [CmdletBinding()]
    param($Question)
    $path = Expand-Text -Block (Get-FreshBlock) -Text $Question.path
    if (-not (Test-Path -LiteralPath $path)) { return @{ exists = $false; path = $path } }
    $item = Get-Item -LiteralPath $path -Force
    $answer = @{ exists = $true; path = [string]$item.FullName; folder = [bool]$item.PSIsContainer; size = 0; sha256 = ''; version = ''; signer = '' }
    if ($item.PSIsContainer) {
        if (Test-Asked -Question $Question -Name 'names') {
            $answer['names'] = [string[]]@(Get-ChildItem -LiteralPath $path -Force | ForEach-Object { [string]$_.Name })
        }
        return $answer
    }
    $answer.size = [long]$item.Length
    if (Test-Asked -Question $Question -Name 'sha256') {
        $answer.sha256 = [string](Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLowerInvariant()
    }
    if (Test-Asked -Question $Question -Name 'version') {
        $version = $item.VersionInfo
        if ($version.FileVersion) {
            $answer.version = [string]::Join('.', [string[]]@($version.FileMajorPart, $version.FileMinorPart, $version.FileBuildPart, $version.FilePrivatePart))
        }
    }
    if (Test-Asked -Question $Question -Name 'signer') {
        $signature = Get-AuthenticodeSignature -LiteralPath $path
        if ([string]$signature.Status -eq 'Valid') { $answer.signer = [string]$signature.SignerCertificate.Subject }
    }
    if (Test-Asked -Question $Question -Name 'content') {
        if ($item.Length -gt 1MB) { throw "$path has $($item.Length) bytes; contents are read up to 1 MB" }
        $answer['content'] = [Convert]::ToBase64String([IO.File]::ReadAllBytes($path))
    }
    $answer
}

function Read-Shortcut {
    <# .SYNOPSIS Question `shortcut`: where a .lnk file points, and whether anything is there. #>
    [CmdletBinding()]
    param($Question)
    if (-not [IO.File]::Exists($Question.path)) { return @{ exists = $false } }
    $link = (New-Object -ComObject WScript.Shell).CreateShortcut($Question.path)
    $target = [string]$link.TargetPath
    @{ exists = $true; target = $target; arguments = [string]$link.Arguments; leads_somewhere = [bool]($target -and (Test-Path -LiteralPath $target)) }
}

function Read-RegistryValue {
    <# .SYNOPSIS Question `registry`: a value as it lies there, in the 64- or 32-bit view; with no name, the key's default. #>
    [CmdletBinding()]
    param($Question)
    $hive, $path = ([string]$Question.key).Split([char[]]'\', 2)
    $hives = @{ HKLM = 'LocalMachine'; HKU = 'Users'; HKCU = 'CurrentUser'; HKCR = 'ClassesRoot'; HKCC = 'CurrentConfig' }
    $view = [Microsoft.Win32.RegistryView]::Registry64
    if ($Question.view -eq 32) { $view = [Microsoft.Win32.RegistryView]::Registry32 }
    $key = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hives[$hive], $view).OpenSubKey($path)
    if ($null -eq $key) { return @{ key_exists = $false; exists = $false } }
    $names = @($key.GetValueNames())
    if ($names -notcontains $Question.name) { return @{ key_exists = $true; exists = $false; names = [string[]]$names } }
    $data = $key.GetValue($Question.name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    $kind = [string]$key.GetValueKind($Question.name)
    if ($kind -eq 'Binary') { $data = [BitConverter]::ToString($data).Replace('-', '').ToLowerInvariant() }
    elseif ($kind -eq 'MultiString') { $data = [string[]]$data }
    @{ key_exists = $true; exists = $true; kind = $kind; data = $data; names = [string[]]$names }
}

function Read-InstalledSoftware {
    <# .SYNOPSIS Question `software`: the entries that "Apps & features" shows for all users. #>
    [CmdletBinding()]
    param($Question)
    $found = foreach ($top in 'HKLM:\SOFTWARE', 'HKLM:\SOFTWARE\WOW6432Node') {
        foreach ($key in Get-ChildItem -Path "$top\Microsoft\Windows\CurrentVersion\Uninstall" -ErrorAction SilentlyContinue) {
            $name = [string]$key.GetValue('DisplayName')
            if ($name) { @{ key = [string]$key.PSChildName; name = $name; version = [string]$key.GetValue('DisplayVersion') } }
        }
    }
    @{ entries = [object[]]@($found) }
}

function Read-Service {
    <# .SYNOPSIS Question `service`: state, start mode, how it ended. #>
    [CmdletBinding()]
    param($Question)
    $name = ([string]$Question.name).Replace("'", "\'")
    $service = @(Get-CimInstance -Query "SELECT * FROM Win32_Service WHERE Name = '$name'")
    if ($service.Count -eq 0) { return @{ exists = $false } }
    $one = $service[0]
    @{
        exists = $true; name = [string]$one.Name; state = [string]$one.State; start = [string]$one.StartMode
        delayed = [bool]$one.DelayedAutoStart; account = [string]$one.StartName; exit_code = [long]$one.ExitCode; pid = [long]$one.ProcessId
    }
}

function Read-Process {
    <# .SYNOPSIS Question `processes`: everything that runs. #>
    [CmdletBinding()]
    param($Question)
    $found = foreach ($one in Get-CimInstance -ClassName Win32_Process) {
        @{ pid = [long]$one.ProcessId; parent = [long]$one.ParentProcessId; name = [string]$one.Name; path = [string]$one.ExecutablePath; command_line = [string]$one.CommandLine }
    }
    @{ processes = [object[]]@($found) }
}

$script:Readers['file'] = 'Read-File'
$script:Readers['shortcut'] = 'Read-Shortcut'
$script:Readers['registry'] = 'Read-RegistryValue'
$script:Readers['software'] = 'Read-InstalledSoftware'
$script:Readers['service'] = 'Read-Service'
$script:Readers['processes'] = 'Read-Process'
