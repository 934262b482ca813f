# Processes, downloads, the lock and the restart: wrappers of a few lines, no decisions. Only this folder touches Windows.

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

function Test-HostProcess {
    <# .SYNOPSIS Whether a process with this number is there. #>
    [CmdletBinding()]
    param([int]$Id)
    @(Get-Process -Id $Id -ErrorAction SilentlyContinue).Count -gt 0
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
