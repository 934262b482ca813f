<#
.SYNOPSIS
Runs the agent's own source with the answers of recorded runs, and compares the events that come out.
.DESCRIPTION
Needs nothing but a PowerShell: Windows PowerShell 5.1 or PowerShell 7, on any system. It takes the source from
winbake/agent beside this folder, all of it but the wrappers in its folder windows: these answer from the recording, so
nothing of this machine is read or changed. A call that the recording does not hold, one that is never made, and an event
that differs are differences. recorder.py says what a recording holds.
.PARAMETER File
Recordings, or patterns such as tests/agent/recordings/*.json.
.EXAMPLE
pwsh tests/agent/replay.ps1 tests/agent/recordings/*.json
#>
[CmdletBinding()]
param([Parameter(Mandatory = $true, ValueFromRemainingArguments = $true)][string[]]$File)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Get-AgentPart {
    <# .SYNOPSIS The text of the files of one of the agent's folders, in their order. #>
    [CmdletBinding()]
    param([string]$Folder)
    $files = @{}
    foreach ($item in Get-ChildItem -LiteralPath $Folder -Filter '*.ps1') { $files[$item.Name] = $item.FullName }
    $names = [string[]]@($files.Keys)
    [Array]::Sort($names, [StringComparer]::Ordinal)
    foreach ($name in $names) { [IO.File]::ReadAllText($files[$name]) }
}

function Get-WrapperStub {
    <# .SYNOPSIS The wrappers of a file with their own parameters, each answering from the recording. #>
    [CmdletBinding()]
    param([string]$Text)
    $wrappers = [regex]::Matches($Text, '(?ms)^function ([\w-]+) \{.*?^    param\((.*?)\)\r?$')
    if ($wrappers.Count -ne [regex]::Matches($Text, '(?m)^function ').Count) { throw 'a wrapper has no param line of the usual form' }
    foreach ($wrapper in $wrappers) {
        # A type that only Windows has must not stand in the way of a recorded object.
        $parameters = $wrapper.Groups[2].Value -replace '\[(?!(?:string|int|bool|switch|hashtable)(?:\[\])?\])[\w.]+(?:\[\])?\]\$', '$'
        $name = $wrapper.Groups[1].Value
        "function $name {`n[CmdletBinding()]`nparam($parameters)`n" +
        "foreach (`$one in (Get-ReplayAnswer -Name '$name' -Arguments `$PSBoundParameters)) { `$PSCmdlet.WriteObject(`$one, `$false) }`n}"
    }
}

function Get-ReplaySource {
    <# .SYNOPSIS The agent's script with stubs in the place of its wrappers. #>
    [CmdletBinding()]
    param([string]$Folder)
    $parts = @([IO.File]::ReadAllText("$Folder/header.ps1"), [IO.File]::ReadAllText("$Folder/core.ps1"))
    $parts += @(Get-AgentPart -Folder "$Folder/windows" | ForEach-Object { Get-WrapperStub -Text $_ })
    $parts += @(Get-AgentPart -Folder "$Folder/facts")
    $parts += @(Get-AgentPart -Folder "$Folder/operations")
    foreach ($name in 'schedule.ps1', 'main.ps1', 'footer.ps1') { $parts += [IO.File]::ReadAllText("$Folder/$name") }
    $parts -join "`n"
}

function ConvertFrom-ReplayValue {
    <# .SYNOPSIS The value that a recording writes as JSON. #>
    [CmdletBinding()]
    param($Value)
    if ($Value -is [array]) {
        $items = New-Object Collections.ArrayList
        foreach ($one in $Value) { $null = $items.Add((ConvertFrom-ReplayValue -Value $one)) }
        $PSCmdlet.WriteObject($items.ToArray(), $false)
        return
    }
    if ($Value -isnot [Management.Automation.PSCustomObject]) {
        # Numbers come as Int32 from 5.1's JSON and as Int64 from 7's.
        if ($Value -is [long] -and $Value -ge [int]::MinValue -and $Value -le [int]::MaxValue) { return [int]$Value }
        return $Value
    }
    $kind = @($Value.PSObject.Properties)[0].Name
    $held = $Value.$kind
    switch ($kind) {
        'o' { return Get-ReplayObject -Number $held }
        'map' {
            $table = @{}
            foreach ($pair in $held) { $table[[string]$pair[0]] = ConvertFrom-ReplayValue -Value $pair[1] }
            return $table
        }
        'object' {
            $made = New-Object PSObject
            foreach ($pair in $held) {
                Add-Member -InputObject $made -MemberType NoteProperty -Name $pair[0] -Value (ConvertFrom-ReplayValue -Value $pair[1])
            }
            return $made
        }
        'enum' {
            $type = $held[0] -as [type]
            if ($null -ne $type) { return [Enum]::Parse($type, $held[1]) }
            return $held[1]
        }
        'time' { return (New-Object DateTime ([long]$held, [DateTimeKind]::Utc)) }
        'bytes' {
            $bytes = New-Object byte[] ($held.Length / 2)
            for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($held.Substring($i * 2, 2), 16) }
            $PSCmdlet.WriteObject($bytes, $false)
        }
        'double' { return [double]::Parse($held, [Globalization.CultureInfo]::InvariantCulture) }
        'text' { return $held -join '' }
        default { throw "a recording holds a value of an unknown kind: $kind" }
    }
}

function Get-ReplayObject {
    <# .SYNOPSIS What stands for an object of the recorded host: each of its recorded members asks the recording. #>
    [CmdletBinding()]
    param([int]$Number)
    if ($script:ReplayObjects.ContainsKey($Number)) { return $script:ReplayObjects[$Number] }
    $made = New-Object PSObject
    Add-Member -InputObject $made -MemberType NoteProperty -Name 'ReplayNumber' -Value $Number
    $names = @{}
    foreach ($member in @($script:ReplayMembers[$Number] | Where-Object { $_ })) {
        $kind, $name = $member.Split(' ', 2)
        if ($names.ContainsKey($name)) { continue }
        $names[$name] = $true
        $ask = "Get-ReplayMember -Name '$Number.{0} $name' -Arguments `$args"
        if ($kind -eq 'call') {
            Add-Member -InputObject $made -MemberType ScriptMethod -Name $name -Value ([scriptblock]::Create(($ask -f 'call')))
        }
        else {
            $get = [scriptblock]::Create("Get-ReplayMember -Name '$Number.get $name'")
            $set = [scriptblock]::Create(($ask -f 'set'))
            Add-Member -InputObject $made -MemberType ScriptProperty -Name $name -Value $get -SecondValue $set
        }
    }
    $script:ReplayObjects[$Number] = $made
    $made
}

function Get-ReplayMember {
    <# .SYNOPSIS What a member of a recorded object gives; nothing for a method without a result. #>
    [CmdletBinding()]
    param([string]$Name, [object[]]$Arguments = @())
    $outputs = Get-ReplayAnswer -Name $Name -Arguments $Arguments
    if ($outputs.Count -gt 0) { $PSCmdlet.WriteObject($outputs[0], $false) }
}

function Get-ReplayAnswer {
    <# .SYNOPSIS What the recording answers to a call: its outputs, as one array; or it throws what was thrown. #>
    [CmdletBinding()]
    param([string]$Name, $Arguments)
    $key = "$Name $(ConvertTo-PlainText -Value $Arguments)"
    $queue = $null
    if (-not $script:ReplayCalls.TryGetValue($key, [ref]$queue)) {
        $script:ReplayProblems.Add("a call that the recording does not hold: $key")
        throw "the recording holds no call $key"
    }
    if ($queue.Left -eq 0) {
        if ($queue.At -ge $queue.Answers.Count) {
            $script:ReplayProblems.Add("more calls than the recording holds: $key")
            throw "the recording holds no further call $key"
        }
        $queue.Answer = $queue.Answers[$queue.At]
        $queue.At++
        $queue.Left = 1
        if ($null -ne $queue.Answer.PSObject.Properties['n']) { $queue.Left = $queue.Answer.n }
    }
    $queue.Left--
    if ($null -ne $queue.Answer.PSObject.Properties['e']) {
        $failure = $queue.Answer.e
        $text = [string](ConvertFrom-ReplayValue -Value $failure.message)
        if ($null -ne $failure.PSObject.Properties['code']) { throw (New-Object Runtime.InteropServices.COMException ($text, [int]$failure.code)) }
        throw (New-Object Exception ($text))
    }
    $PSCmdlet.WriteObject((ConvertFrom-ReplayValue -Value $queue.Answer.o), $false)
}

function ConvertTo-PlainText {
    <# .SYNOPSIS A value as a text that is the same on every PowerShell: keys sorted, numbers without a type, JSON read as what it says. #>
    [CmdletBinding()]
    param($Value)
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [bool] -or $Value -is [switch]) { return ([string][bool]$Value).ToLowerInvariant() }
    if ($Value -is [string]) {
        if ($Value -match '^\{.*\}\s*$') {
            try { return ConvertTo-PlainText -Value (ConvertFrom-Json -InputObject $Value) }
            catch [ArgumentException] { return "'$Value'" }
        }
        return "'$Value'"
    }
    if ($Value -is [datetime]) { return 'time ' + $Value.ToUniversalTime().Ticks }
    if ($Value -is [Collections.IDictionary]) {
        $keys = [string[]]@($Value.Keys)
        [Array]::Sort($keys, [StringComparer]::Ordinal)
        return '{' + (@($keys | ForEach-Object { "${_}: " + (ConvertTo-PlainText -Value $Value[$_]) }) -join ', ') + '}'
    }
    if ($Value -is [Management.Automation.PSCustomObject]) {
        if ($null -ne $Value.PSObject.Properties['ReplayNumber']) { return "object $($Value.ReplayNumber)" }
        $table = @{}
        foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = $property.Value }
        return ConvertTo-PlainText -Value $table
    }
    if ($Value -is [Collections.IEnumerable]) {
        return '[' + (@($Value | ForEach-Object { ConvertTo-PlainText -Value $_ }) -join ', ') + ']'
    }
    if ($Value -is [Enum]) { return "'$Value'" }
    ([double]$Value).ToString('R', [Globalization.CultureInfo]::InvariantCulture)
}

function Initialize-Replay {
    <# .SYNOPSIS Takes up a recording: its calls by name and arguments, its objects by number. #>
    [CmdletBinding()]
    param($Recording)
    $script:ReplayObjects = @{}
    $script:ReplayMembers = @{}
    $script:ReplayProblems = New-Object 'Collections.Generic.List[string]'
    $script:ReplayCalls = New-Object 'Collections.Generic.Dictionary[string,object]'
    foreach ($call in $Recording.calls) {
        if ($call[0] -match '^(\d+)\.(.+)$') {
            $number = [int]$Matches[1]
            $script:ReplayMembers[$number] = @($script:ReplayMembers[$number]) + $Matches[2]
        }
    }
    foreach ($call in $Recording.calls) {
        $key = "$($call[0]) $(ConvertTo-PlainText -Value (ConvertFrom-ReplayValue -Value $call[1]))"
        $script:ReplayCalls[$key] = @{ Answers = @($call[2]); At = 0; Left = 0; Answer = $null }
    }
}

function Get-ReplayDifference {
    <# .SYNOPSIS What differs between a recording and the agent's run with its answers; nothing if nothing does. #>
    [CmdletBinding()]
    param([string]$Path, [scriptblock]$Agent)
    $recording = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($Path))
    Initialize-Replay -Recording $recording
    $before = @{}
    foreach ($variable in $recording.environment.PSObject.Properties) {
        $before[$variable.Name] = [Environment]::GetEnvironmentVariable($variable.Name)
        [Environment]::SetEnvironmentVariable($variable.Name, $variable.Value)
    }
    $console = [Console]::Out
    $encoding = [Console]::OutputEncoding
    $said = New-Object IO.StringWriter
    [Console]::SetOut($said)
    try { $null = & $Agent $recording.request "<the agent's source>" $recording.folder }
    catch { $script:ReplayProblems.Add("the agent ended with an error: $($_.Exception.Message)") }
    finally {
        [Console]::OutputEncoding = $encoding
        [Console]::SetOut($console)
        foreach ($name in @($before.Keys)) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
    }
    $script:ReplayProblems
    $events = @($said.ToString() -split "`r?`n" | Where-Object { $_ } | ForEach-Object { ConvertTo-PlainText -Value $_ })
    $wanted = @($recording.events | ForEach-Object { ConvertTo-PlainText -Value $_ })
    for ($i = 0; $i -lt [Math]::Max($events.Count, $wanted.Count); $i++) {
        $now = $was = 'none'
        if ($i -lt $events.Count) { $now = $events[$i] }
        if ($i -lt $wanted.Count) { $was = $wanted[$i] }
        if ($now -cne $was) { "event $($i + 1) is $now, recorded was $was" }
    }
    foreach ($pair in $script:ReplayCalls.GetEnumerator()) {
        if ($pair.Value.Left -ne 0 -or $pair.Value.At -lt $pair.Value.Answers.Count) { "fewer calls than the recording holds: $($pair.Key)" }
    }
}

function Invoke-Replay {
    <# .SYNOPSIS Plays the recordings, tells what differs, and gives the number that differ. Its variables are its own: the agent
    keeps some of its own in the scope of this script. #>
    [CmdletBinding()]
    param([string[]]$Pattern)
    $agent = [scriptblock]::Create((Get-ReplaySource -Folder "$PSScriptRoot/../../winbake/agent"))
    $passed = 0
    $failed = 0
    $items = @(Get-Item -Path $Pattern)
    if ($items.Count -eq 0) { throw "there is no recording at $Pattern" }
    foreach ($item in $items) {
        $differences = @(Get-ReplayDifference -Path $item.FullName -Agent $agent)
        if ($differences.Count -eq 0) {
            $passed++
            continue
        }
        $failed++
        [Console]::WriteLine("FAILED $($item.Name)")
        foreach ($difference in $differences) { [Console]::WriteLine("  $difference") }
    }
    [Console]::WriteLine("$passed passed, $failed failed")
    $failed
}

if ((Invoke-Replay -Pattern $File) -gt 0) { exit 1 }
