# Files, folders, and what programs answer.

function Get-FileFact {
    <# .SYNOPSIS The answer to the query `file`; hash and version only where they are asked for. #>
    [CmdletBinding()]
    param($Query)
    $path = Expand-HostVariable -Text $Query.path
    $answer = @{ exists = $false; directory = $false; size = 0; sha256 = ''; version = '' }
    if (Test-HostFolder -Path $path) {
        $answer.exists = $true
        $answer.directory = $true
    }
    elseif (Test-HostFile -Path $path) {
        $answer.exists = $true
        $answer.size = [long](Get-HostFileSize -Path $path)
        if ($null -ne $Query.PSObject.Properties['sha256']) { $answer.sha256 = [string](Get-HostFileHash -Path $path) }
        if ($null -ne $Query.PSObject.Properties['version']) { $answer.version = [string](Get-HostFileVersion -Path $path) }
    }
    $answer
}

function Get-ListingFact {
    <# .SYNOPSIS The answer to the query `listing`: full paths that a wildcard in the last part finds. #>
    [CmdletBinding()]
    param($Query)
    $pattern = Expand-HostVariable -Text $Query.pattern
    $folder = Get-HostPathParent -Path $pattern
    $found = @()
    if (Test-HostFolder -Path $folder) {
        $found = @(Get-HostFolderEntry -Path $folder -Pattern (Get-HostPathLeaf -Path $pattern) | Sort-Object)
    }
    , @($found | ForEach-Object { [string]$_ })
}

function Get-CommandFact {
    <# .SYNOPSIS The answer to the query `command`: what a program prints and the code it ends with. #>
    [CmdletBinding()]
    param($Query)
    $argv = @($Query.argv)
    $program = Resolve-Program -Name $argv[0]
    $answer = @{ found = $false; exit_code = 0; stdout = ''; stderr = '' }
    if (-not $program) { return $answer }
    $rest = @($argv | Select-Object -Skip 1)
    $run = Invoke-HostCommand -FileName $program -Arguments (Join-Argument -Argument $rest) -LimitSeconds $Query.limit_seconds
    $answer.found = $true
    $answer.exit_code = $run.exit_code
    $answer.stdout = Limit-Text -Text $run.stdout
    $answer.stderr = Limit-Text -Text $run.stderr
    $answer
}

function Limit-Text {
    <# .SYNOPSIS At most 4,000 characters of a text. #>
    [CmdletBinding()]
    param([string]$Text)
    if ($Text.Length -gt 4000) { return $Text.Substring(0, 4000) }
    $Text
}

function Resolve-Program {
    <# .SYNOPSIS The full path of a program, looked up on the PATH of a new process; nothing if there is none. #>
    [CmdletBinding()]
    param([string]$Name)
    $plain = Expand-HostVariable -Text $Name
    if (Test-HostPathRooted -Path $plain) {
        if (Test-HostFile -Path $plain) { return $plain }
        return
    }
    $endings = @('')
    if (-not (Test-HostPathExtension -Path $plain)) { $endings = @($env:PATHEXT -split ';') }
    foreach ($folder in (Split-PathText -Text (Get-HostFreshPath))) {
        foreach ($ending in $endings) {
            $candidate = Join-HostPath -Path (Expand-HostVariable -Text $folder.Trim('"')) -Child ($plain + $ending)
            if (Test-HostFile -Path $candidate) { return $candidate }
        }
    }
}

$script:QueryTable['file'] = 'Get-FileFact'
$script:QueryTable['listing'] = 'Get-ListingFact'
$script:QueryTable['command'] = 'Get-CommandFact'
