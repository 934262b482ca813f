# Reads what the checks of one host ask for. Nothing here is shared with the agent: two readers that go wrong in the same
# way would prove nothing. Answers are lines of JSON, each with the nonce of the run; the last one says `end`.

$script:Readers = @{}
$script:Account = ''
$script:Nonce = ''
$script:Waiting = New-Object Text.StringBuilder
$script:Sent = [datetime]::UtcNow

function Send-Answer {
    <# .SYNOPSIS Writes one line. Lines wait for each other up to twenty seconds: each piece of output is a request of its own. #>
    [CmdletBinding()]
    param([hashtable]$Answer, [switch]$Now)
    $Answer['nonce'] = $script:Nonce
    $null = $script:Waiting.AppendLine((ConvertTo-Json -InputObject $Answer -Compress -Depth 6))
    $seconds = ([datetime]::UtcNow - $script:Sent).TotalSeconds
    if (-not $Now -and $seconds -lt 20 -and $script:Waiting.Length -lt 65536) { return }
    [Console]::Out.Write($script:Waiting.ToString())
    [Console]::Out.Flush()
    $null = $script:Waiting.Clear()
    $script:Sent = [datetime]::UtcNow
}

function Get-Cause {
    <# .SYNOPSIS The message of the exception at the bottom. #>
    [CmdletBinding()]
    param($Problem)
    $cause = $Problem.Exception
    while ($cause.InnerException) { $cause = $cause.InnerException }
    [string]$cause.Message
}

function Test-Asked {
    <# .SYNOPSIS Whether a question has this switch, and it is on. #>
    [CmdletBinding()]
    param($Question, [string]$Name)
    $property = $Question.PSObject.Properties[$Name]
    $null -ne $property -and [bool]$property.Value
}

function Invoke-Reading {
    <# .SYNOPSIS Answers every question of the request, in its order. What cannot be read is an answer too. #>
    [CmdletBinding()]
    param([string]$Text)
    $request = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Text)))
    $script:Nonce = [string]$request.nonce
    $script:Account = [string]$request.account
    [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
    foreach ($question in @($request.questions)) {
        $line = @{ id = [string]$question.id }
        try {
            $reader = $script:Readers[[string]$question.kind]
            if ($null -eq $reader) { throw "nothing here reads '$($question.kind)'" }
            $line['answer'] = & $reader -Question $question
        }
        catch { $line['error'] = Get-Cause -Problem $_ }
        Send-Answer -Answer $line
    }
    Send-Answer -Answer @{ end = $true } -Now
}
