# Is the tool there? The manifest's rule, tested right after an install, for some seconds: a child may still be at work.

function Wait-Tool {
    <# .SYNOPSIS Looks for an operation's tool, again and again for some seconds. Result: what `done` carries besides the version. #>
    [CmdletBinding()]
    param($Operation, [int]$Seconds, [string]$Missing, [hashtable]$Result, [hashtable]$Failure = @{})
    Find-Tool -Operation $Operation -Wait @{
        Process = $null; Until = $null; Next = 'Find-Tool'; Deadline = [datetime]::UtcNow.AddSeconds($Seconds)
        Missing = $Missing; Result = $Result; Failure = $Failure
    }
}

function Find-Tool {
    <# .SYNOPSIS One look at an operation's tool: it is there, or is waited for, or the time is over. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $found = Test-Detected -Detect $Operation.arguments.detect
    if ($found.detected) { return $Wait.Result + @{ version = [string]$found.version } }
    $now = [datetime]::UtcNow
    if ($now -lt $Wait.Deadline) {
        $Wait.Until = $now.AddSeconds(1)
        return $Wait
    }
    $script:FailureData = $Wait.Failure
    throw "$($Wait.Missing): $($found.rule)"
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
