# Programs as a new process of the participant finds them, and what they answer.

$script:Block = $null
$script:Programs = $null

function Get-FreshBlock {
    <# .SYNOPSIS The variables that a new logon of the account would get, made from the registry: Windows' own, the machine's,
    the account's. Only entries of kind REG_EXPAND_SZ are expanded, as Windows does it. #>
    [CmdletBinding()]
    param()
    if ($null -ne $script:Block) { return $script:Block }
    $block = New-Object 'Collections.Generic.Dictionary[string,string]' ([StringComparer]::OrdinalIgnoreCase)
    foreach ($name in 'SystemRoot', 'SystemDrive', 'ProgramFiles', 'ProgramFiles(x86)', 'ProgramW6432', 'CommonProgramFiles',
        'CommonProgramFiles(x86)', 'CommonProgramW6432', 'ProgramData', 'ALLUSERSPROFILE', 'PUBLIC', 'COMPUTERNAME') {
        $value = [Environment]::GetEnvironmentVariable($name)
        if ($value) { $block[$name] = $value }
    }
    $machine = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Control\Session Manager\Environment')
    Add-Variable -Block $block -Key $machine
    $identity = Resolve-Account
    if ($identity.sid) {
        $block['USERNAME'] = $identity.name
        if ($identity.profile) {
            $block['USERPROFILE'] = $identity.profile
            $block['APPDATA'] = "$($identity.profile)\AppData\Roaming"
            $block['LOCALAPPDATA'] = "$($identity.profile)\AppData\Local"
        }
        $hive = [Microsoft.Win32.Registry]::Users.OpenSubKey("$($identity.sid)\Environment")
        if ($null -ne $hive) { Add-Variable -Block $block -Key $hive }
    }
    $script:Block = $block
    $block
}

function Add-Variable {
    <# .SYNOPSIS Puts a key's variables into the block, plain ones first. Path is appended to the one that is there. #>
    [CmdletBinding()]
    param($Block, $Key)
    $raw = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
    foreach ($expands in $false, $true) {
        foreach ($name in $Key.GetValueNames()) {
            if (([string]$Key.GetValueKind($name) -eq 'ExpandString') -ne $expands) { continue }
            $text = [string]$Key.GetValue($name, '', $raw)
            if ($expands) { $text = Expand-Text -Block $Block -Text $text }
            if ($name -eq 'Path' -and $Block.ContainsKey('Path')) { $text = $Block['Path'].TrimEnd(';') + ';' + $text }
            $Block[$name] = $text
        }
    }
}

function Expand-Text {
    <# .SYNOPSIS Fills in %...% from a block; a name that is not set stays as it stands. #>
    [CmdletBinding()]
    param($Block, [string]$Text)
    $done = New-Object Text.StringBuilder
    $from = 0
    foreach ($found in [regex]::Matches($Text, '%([^%]+)%')) {
        $name = $found.Groups[1].Value
        if (-not $Block.ContainsKey($name)) { continue }
        $null = $done.Append($Text.Substring($from, $found.Index - $from)).Append($Block[$name])
        $from = $found.Index + $found.Length
    }
    $done.Append($Text.Substring($from)).ToString()
}

function Get-ProgramIndex {
    <# .SYNOPSIS The programs in the folders of the block's PATH, by name without ending. Each folder is read once: asking for every
    ending in every folder takes half a thousand looks a name. #>
    [CmdletBinding()]
    param()
    if ($null -ne $script:Programs) { return $script:Programs }
    $block = Get-FreshBlock
    $endings = $block['PATHEXT'].ToUpperInvariant().Split(';')
    $index = New-Object 'Collections.Generic.Dictionary[string,object]' ([StringComparer]::OrdinalIgnoreCase)
    $place = 0
    foreach ($folder in $block['Path'].Split(';')) {
        $place = $place + 1
        $folder = $folder.Trim().Trim('"').TrimEnd('\') + '\'
        if ($folder -eq '\' -or -not [IO.Directory]::Exists($folder)) { continue }
        foreach ($file in [IO.Directory]::GetFiles($folder)) {
            $ending = [Array]::IndexOf($endings, [IO.Path]::GetExtension($file).ToUpperInvariant())
            if ($ending -lt 0) { continue }
            $name = [IO.Path]::GetFileNameWithoutExtension($file)
            if (-not $index.ContainsKey($name)) { $index[$name] = New-Object Collections.ArrayList }
            $null = $index[$name].Add(@{ place = $place; ending = $ending; file = $file })
        }
    }
    $script:Programs = $index
    $index
}

function Find-Program {
    <# .SYNOPSIS All files that a program's name means on the block's PATH, the one that wins first: by folder, then by PATHEXT. #>
    [CmdletBinding()]
    param([string]$Name)
    $block = Get-FreshBlock
    $plain = Expand-Text -Block $block -Text $Name
    if ($plain.Contains('\')) {
        if ([IO.File]::Exists($plain)) { $plain }
        return
    }
    if (-not [IO.Path]::GetExtension($plain)) {
        $index = Get-ProgramIndex
        if ($index.ContainsKey($plain)) {
            $index[$plain] | Sort-Object -Property { $_.place }, { $_.ending } | ForEach-Object { $_.file }
        }
        return
    }
    foreach ($folder in $block['Path'].Split(';')) {
        $folder = $folder.Trim().Trim('"')
        if (-not $folder) { continue }
        $file = $folder.TrimEnd('\') + '\' + $plain
        if ([IO.File]::Exists($file)) { $file }
    }
}

function Read-Program {
    <# .SYNOPSIS Question `program`: where a name leads, first and further on. #>
    [CmdletBinding()]
    param($Question)
    @{ paths = [string[]]@(Find-Program -Name $Question.name) }
}

function Read-Variable {
    <# .SYNOPSIS Question `environment`: the whole block of a new process of the account. #>
    [CmdletBinding()]
    param($Question)
    $block = Get-FreshBlock
    $variables = @{}
    foreach ($name in $block.Keys) { $variables[$name] = $block[$name] }
    @{ variables = $variables }
}

function Read-Command {
    <# .SYNOPSIS Question `command`: output and exit code of a program (argv) or of a line for cmd.exe, run with that block; its
    whole tree is ended at the limit. #>
    [CmdletBinding()]
    param($Question)
    if (Test-Asked -Question $Question -Name 'line') {
        $file = @("$env:SystemRoot\System32\cmd.exe")
        $tail = '/d /s /c "' + $Question.line + '"'
    }
    else {
        $words = @($Question.argv)
        $file = @(Find-Program -Name $words[0])
        if ($file.Count -eq 0) { return @{ found = $false } }
        $tail = ConvertTo-CommandTail -Word @($words | Select-Object -Skip 1)
    }
    $most = 8000
    if (Test-Asked -Question $Question -Name 'most') { $most = [int]$Question.most }
    $block = Get-FreshBlock
    $start = New-Object Diagnostics.ProcessStartInfo ($file[0], $tail)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($name in $block.Keys) { $start.EnvironmentVariables[$name] = $block[$name] }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $output = $process.StandardOutput.ReadToEndAsync()
    $complaints = $process.StandardError.ReadToEndAsync()
    $ended = $process.WaitForExit(1000 * [int]$Question.limit)
    if (-not $ended) {
        $null = & "$env:SystemRoot\System32\taskkill.exe" /T /F /PID $process.Id
        $null = $process.WaitForExit(5000)
    }
    $answer = @{ found = $true; path = $file[0]; ended = $ended; seconds = [Math]::Round($clock.Elapsed.TotalSeconds, 1); exit_code = 0 }
    # A child that outlives the program may still hold its output open: what is not there in five seconds is left out.
    $answer['stdout'] = ConvertTo-Excerpt -Most $most -Text ($output | Where-Object { $_.Wait(5000) } | ForEach-Object { $_.Result })
    $answer['stderr'] = ConvertTo-Excerpt -Most $most -Text ($complaints | Where-Object { $_.Wait(5000) } | ForEach-Object { $_.Result })
    if ($process.HasExited) { $answer['exit_code'] = [int]$process.ExitCode }
    $answer
}

function ConvertTo-Excerpt {
    <# .SYNOPSIS The first characters of a text. #>
    [CmdletBinding()]
    param([string]$Text, [int]$Most)
    $Text.Substring(0, [Math]::Min($Most, $Text.Length))
}

function ConvertTo-CommandTail {
    <# .SYNOPSIS Arguments as one text, quoted as CommandLineToArgvW takes them apart again. #>
    [CmdletBinding()]
    param([string[]]$Word)
    $quoted = foreach ($one in $Word) {
        if ($one -and $one -notmatch '[\s"]') { $one; continue }
        $inner = [regex]::Replace($one, '(\\*)"', '$1$1\"')
        '"' + [regex]::Replace($inner, '(\\+)$', '$1$1') + '"'
    }
    [string]::Join(' ', [string[]]@($quoted))
}

$script:Readers['program'] = 'Read-Program'
$script:Readers['environment'] = 'Read-Variable'
$script:Readers['command'] = 'Read-Command'
