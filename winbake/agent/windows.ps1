# The only file that touches Windows: registry, CIM, .NET statics, processes. Wrappers of a few lines, no decisions.
# Replace these functions and the rest runs anywhere (tests, recordings).

function Open-HostRegistryKey {
    <# .SYNOPSIS Opens a key such as HKLM\SOFTWARE\X in the 64- or 32-bit view; $null if it is not there. #>
    [CmdletBinding()]
    param([string]$Key, [int]$View = 64, [switch]$Create)
    $hiveName, $path = $Key.Split([char[]]'\', 2)
    $hives = @{ HKLM = 'LocalMachine'; HKCU = 'CurrentUser'; HKCR = 'ClassesRoot'; HKU = 'Users'; HKCC = 'CurrentConfig' }
    $registryView = [Microsoft.Win32.RegistryView]"Registry$View"
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]$hives[$hiveName], $registryView)
    if ($Create) { return $root.CreateSubKey($path) }
    $root.OpenSubKey($path)
}

function Get-HostRegistryData {
    <# .SYNOPSIS The data of a value as it lies there: %...% unexpanded. #>
    [CmdletBinding()]
    param($RegistryKey, [string]$Name)
    , $RegistryKey.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
}

function Remove-HostRegistryValue {
    <# .SYNOPSIS Deletes a value; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Key, [string]$Name, [int]$View = 64)
    $hiveName, $path = $Key.Split([char[]]'\', 2)
    $hives = @{ HKLM = 'LocalMachine'; HKCU = 'CurrentUser'; HKCR = 'ClassesRoot'; HKU = 'Users'; HKCC = 'CurrentConfig' }
    $registryView = [Microsoft.Win32.RegistryView]"Registry$View"
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]$hives[$hiveName], $registryView)
    $registryKey = $root.OpenSubKey($path, $true)
    if ($null -ne $registryKey) {
        $registryKey.DeleteValue($Name, $false)
        $registryKey.Close()
    }
}

function Send-HostEnvironmentChange {
    <# .SYNOPSIS Tells running programs that the environment changed: .NET broadcasts after any such call. #>
    [CmdletBinding()]
    param()
    [Environment]::SetEnvironmentVariable('winbake', $null, 'Machine')
}

function Expand-HostVariable {
    <# .SYNOPSIS Fills in %...% from this process's environment. #>
    [CmdletBinding()]
    param([string]$Text)
    [Environment]::ExpandEnvironmentVariables($Text)
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

function Get-HostService {
    <# .SYNOPSIS Win32_Service objects of these names, in one query. #>
    [CmdletBinding()]
    param([string[]]$Name)
    $filter = @($Name | ForEach-Object { "Name='" + $_.Replace("'", "''") + "'" }) -join ' OR '
    Get-CimInstance -ClassName Win32_Service -Filter $filter
}

function Set-HostServiceStart {
    <# .SYNOPSIS Sets a service's start mode (auto, delayed, manual, disabled). #>
    [CmdletBinding()]
    param([string]$Name, [string]$Start)
    $words = @{ auto = 'auto'; delayed = 'delayed-auto'; manual = 'demand'; disabled = 'disabled' }
    $text = & "$env:SystemRoot\System32\sc.exe" config $Name start= $words[$Start]
    if ($LASTEXITCODE -ne 0) { throw "sc.exe config $Name answered $LASTEXITCODE`: $($text -join ' ')" }
}

function Set-HostServiceState {
    <# .SYNOPSIS Starts, stops or restarts a service and waits until it is so. #>
    [CmdletBinding()]
    param([string]$Name, [string]$State)
    switch ($State) {
        'running' { Start-Service -Name $Name -WarningAction SilentlyContinue }
        'stopped' { Stop-Service -Name $Name -Force -WarningAction SilentlyContinue }
        'restarted' { Restart-Service -Name $Name -Force -WarningAction SilentlyContinue }
    }
}

function New-HostFirewallRule {
    <# .SYNOPSIS Makes a firewall rule; the parameters are New-NetFirewallRule's. #>
    [CmdletBinding()]
    param([hashtable]$Rule)
    $null = New-NetFirewallRule @Rule
}

function Remove-HostFirewallRule {
    <# .SYNOPSIS Removes the rule with this InstanceID; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Id)
    Remove-NetFirewallRule -Name $Id -ErrorAction SilentlyContinue
}

function Start-HostProcess {
    <# .SYNOPSIS Starts a program without a window and gives its Process. -Capture: its output can be read. #>
    [CmdletBinding()]
    param([string]$FileName, [string]$Arguments, [string]$Directory, [switch]$Capture)
    $info = New-Object Diagnostics.ProcessStartInfo
    $info.FileName = $FileName
    $info.Arguments = $Arguments
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    if ($Directory) { $info.WorkingDirectory = $Directory }
    $info.EnvironmentVariables['Path'] = Get-HostFreshPath
    if ($Capture) {
        $info.RedirectStandardInput = $true
        $info.RedirectStandardOutput = $true
        $info.RedirectStandardError = $true
    }
    [Diagnostics.Process]::Start($info)
}

function Get-HostFreshPath {
    <# .SYNOPSIS The PATH that a process started now by a new logon would get: this process may be older than the last change. #>
    [CmdletBinding()]
    param()
    $machine = [Environment]::GetEnvironmentVariable('Path', 'Machine')
    $user = [Environment]::GetEnvironmentVariable('Path', 'User')
    if ($user) { return "$machine;$user" }
    $machine
}

function Stop-HostProcessTree {
    <# .SYNOPSIS Ends a process and everything it started. #>
    [CmdletBinding()]
    param([int]$Id)
    $null = & "$env:SystemRoot\System32\cmd.exe" /d /c "taskkill.exe /F /T /PID $Id >nul 2>&1"
}

function Start-HostDownload {
    <# .SYNOPSIS Begins to fetch a url into a file; gives the client and its task. #>
    [CmdletBinding()]
    param([string]$Url, [string]$Path)
    $client = New-Object Net.WebClient
    $client.Headers.Add('User-Agent', 'winbake')
    @{ Client = $client; Task = $client.DownloadFileTaskAsync([uri]$Url, $Path) }
}

function Stop-HostDownload {
    <# .SYNOPSIS Ends a download and waits until it has let go of its file. #>
    [CmdletBinding()]
    param([hashtable]$Handle)
    $Handle.Client.CancelAsync()
    for ($i = 0; $i -lt 100 -and -not $Handle.Task.IsCompleted; $i++) { Start-Sleep -Milliseconds 100 }
    $Handle.Client.Dispose()
}

function Set-HostTls {
    <# .SYNOPSIS Lets .NET speak TLS 1.2, which older servers leave off. #>
    [CmdletBinding()]
    param()
    [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
}

function Get-HostFileHash {
    <# .SYNOPSIS SHA-256 of a file, lower-case hex. #>
    [CmdletBinding()]
    param([string]$Path)
    $stream = [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::Read)
    try {
        $sha = [Security.Cryptography.SHA256]::Create()
        [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
    }
    finally { $stream.Close() }
}

function Get-HostFileHead {
    <# .SYNOPSIS The first bytes of a file as upper-case hex. #>
    [CmdletBinding()]
    param([string]$Path, [int]$Count)
    $stream = [IO.File]::OpenRead($Path)
    try {
        $buffer = New-Object byte[] $Count
        $read = $stream.Read($buffer, 0, $Count)
        [BitConverter]::ToString($buffer, 0, $read).Replace('-', '')
    }
    finally { $stream.Close() }
}

function Get-HostFileText {
    <# .SYNOPSIS The text of a file that another process may still write; a byte order mark is obeyed. #>
    [CmdletBinding()]
    param([string]$Path)
    $stream = [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::ReadWrite)
    try { (New-Object IO.StreamReader ($stream, [Text.Encoding]::Default, $true)).ReadToEnd() }
    finally { $stream.Close() }
}

function Get-HostFileVersion {
    <# .SYNOPSIS The numbers of a file's version resource, or its text; empty if it has none. #>
    [CmdletBinding()]
    param([string]$Path)
    $info = [Diagnostics.FileVersionInfo]::GetVersionInfo($Path)
    if ($null -eq $info.FileVersion) { return '' }
    '{0}.{1}.{2}.{3}' -f $info.FileMajorPart, $info.FileMinorPart, $info.FileBuildPart, $info.FilePrivatePart
}

function Get-HostSigner {
    <# .SYNOPSIS The subject of a file's valid Authenticode signature; empty if it has none that is valid. #>
    [CmdletBinding()]
    param([string]$Path)
    $signature = Get-AuthenticodeSignature -FilePath $Path
    if ([string]$signature.Status -ne 'Valid') { return '' }
    [string]$signature.SignerCertificate.Subject
}

function Expand-HostArchive {
    <# .SYNOPSIS Unpacks a zip into a folder that does not exist yet. #>
    [CmdletBinding()]
    param([string]$Archive, [string]$Folder)
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::ExtractToDirectory($Archive, $Folder)
}

function Remove-HostItem {
    <# .SYNOPSIS Deletes a file or a whole folder; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Path)
    if (Test-Path -LiteralPath $Path) { Remove-Item -LiteralPath $Path -Recurse -Force }
}

function Enter-HostLock {
    <# .SYNOPSIS Takes the machine-wide lock of winbake; $null if another run holds it. #>
    [CmdletBinding()]
    param([string]$Name)
    $mutex = New-Object Threading.Mutex ($false, $Name)
    try { $taken = $mutex.WaitOne(0) }
    catch [Threading.AbandonedMutexException] { $taken = $true }
    if ($taken) { return $mutex }
    $mutex.Close()
}

function Restart-Host {
    <# .SYNOPSIS Asks Windows to restart in a few seconds. 1115 and 1190: it is already on its way. #>
    [CmdletBinding()]
    param([int]$DelaySeconds)
    $text = & "$env:SystemRoot\System32\cmd.exe" /d /c "shutdown.exe /r /t $DelaySeconds /d p:4:1 /c winbake 2>&1"
    if (@(0, 1115, 1190) -notcontains $LASTEXITCODE) { throw "shutdown.exe answered $LASTEXITCODE`: $($text -join ' ')" }
}
