# Is the tool there? The manifest's rule, tested right after an install, for some seconds: a child may still be at work.

function Wait-Tool {
    <# .SYNOPSIS Looks for an operation's tool, again and again for some seconds. Result: what `done` carries besides the version. #>
    [CmdletBinding()]
    param($Operation, [int]$Seconds, [string]$Missing, [hashtable]$Result, [hashtable]$Failure = @{})
    Find-Tool -Operation $Operation -Wait @{
        Process = $null; Until = $null; Next = 'Find-Tool'; Deadline = (Get-HostTime).AddSeconds($Seconds)
        Missing = $Missing; Result = $Result; Failure = $Failure
    }
}

function Find-Tool {
    <# .SYNOPSIS One look at an operation's tool: its version is there, or is waited for, or the time is over. #>
    [CmdletBinding()]
    param($Operation, [hashtable]$Wait)
    $detect = $Operation.arguments.detect
    $found = Test-Detected -Detect $detect
    $right = $found.detected -and (-not $found.version -or (Test-VersionRight -Version $found.version -Right $detect.right))
    if ($right) { return $Wait.Result + @{ version = [string]$found.version } }
    $now = Get-HostTime
    if ($now -lt $Wait.Deadline) {
        $Wait.Until = $now.AddSeconds(1)
        return $Wait
    }
    $script:FailureData = $Wait.Failure
    if ($found.detected) { throw "ended well, but version $($found.version) is there, not $($detect.wanted)" }
    throw "$($Wait.Missing): $($found.rule)"
}

function Test-Detected {
    <# .SYNOPSIS Whether anything answers the manifest's rule, and with which version. #>
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
        if (-not (Test-HostFile -Path $path)) { return @{ detected = $false; version = ''; rule = "no file $path" } }
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

function Test-VersionRight {
    <# .SYNOPSIS Whether every clause of the manifest's range holds for a version (config/versions.py says the same for plans). #>
    [CmdletBinding()]
    param([string]$Version, $Right)
    $numbers = Get-VersionNumber -Version $Version
    foreach ($clause in $Right) {
        $wanted = @($clause.numbers)
        $order = Compare-VersionNumber -Left $numbers -Right $wanted
        $holds = switch ($clause.operator) {
            '!=' { $order -ne 0 }
            '>' { $order -gt 0 }
            '>=' { $order -ge 0 }
            '<' { $order -lt 0 }
            '<=' { $order -le 0 }
            # ~=3.7: 3.7 or a later 3.x
            '~=' { $order -ge 0 -and (Compare-VersionNumber -Left @($numbers | Select-Object -First ($wanted.Count - 1)) `
                    -Right @($wanted | Select-Object -First ($wanted.Count - 1))) -eq 0 }
            default { $order -eq 0 }
        }
        if (-not $holds) { return $false }
    }
    $true
}

function Get-VersionNumber {
    <# .SYNOPSIS The numbers of a version, whatever stands between them: 17.0.20+8 gives 17, 0, 20, 8. #>
    [CmdletBinding()]
    param([string]$Version)
    , @([regex]::Matches($Version, '\d+') | ForEach-Object { [long]$_.Value })
}

function Compare-VersionNumber {
    <# .SYNOPSIS -1, 0 or 1; numbers that are missing count as 0. #>
    [CmdletBinding()]
    param([long[]]$Left, [long[]]$Right)
    for ($i = 0; $i -lt [Math]::Max($Left.Count, $Right.Count); $i++) {
        $a = [long]0
        $b = [long]0
        if ($i -lt $Left.Count) { $a = $Left[$i] }
        if ($i -lt $Right.Count) { $b = $Right[$i] }
        if ($a -ne $b) { return [Math]::Sign($a - $b) }
    }
    0
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
