# The agent's run: read the request, answer the queries, carry out the operations, close with the envelope.

function Invoke-Query {
    <# .SYNOPSIS Answers one query as an event `fact`, or says why it could not. #>
    [CmdletBinding()]
    param($Query)
    try {
        $function = $script:QueryTable[[string]$Query.kind]
        if ($null -eq $function) { throw "the agent knows no query '$($Query.kind)'" }
        $answer = & $function -Query $Query.arguments
        # An array that a command gave whole would go into JSON as {"value":[...],"Count":n}; the cast takes it bare.
        if ($answer -is [array]) { $answer = [object[]]$answer }
        Write-AgentEvent -Name 'fact' -Data @{ id = $Query.id; answer = $answer } -Hold
    }
    catch { Write-AgentEvent -Name 'fact_failed' -Data @{ id = $Query.id; message = Get-ErrorText -ErrorRecord $_ } }
}

function Clear-WorkFolder {
    <# .SYNOPSIS Downloads go at the end of every run, logs after one that went well; files sent for a later run stay. #>
    [CmdletBinding()]
    param([bool]$WithLogs)
    $folder = "$env:ProgramData\winbake"
    try {
        Remove-HostItem -Path "$folder\cache"
        if ($WithLogs) { Remove-HostItem -Path "$folder\logs" }
        if ($WithLogs -and -not (Test-HostFolderContent -Path "$folder\media")) { Remove-HostItem -Path $folder }
    }
    catch { Write-AgentEvent -Name 'note' -Data @{ text = "something stays in ${folder}: $(Get-ErrorText -ErrorRecord $_)" } }
}

function Invoke-Agent {
    <# .SYNOPSIS One run, from the request's text to the envelope. #>
    [CmdletBinding()]
    param([string]$Text)
    $started = Get-HostTime
    $request = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Text)))
    $script:Nonce = [string]$request.nonce
    [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
    $lock = Enter-HostLock -Name 'Global\winbake'
    if ($null -eq $lock) {
        Write-AgentEvent -Name 'envelope' -Data @{ ok = $false; reason = 'locked' }
        return
    }
    try {
        Set-HostTls
        Initialize-ServiceFact -Queries $request.queries
        foreach ($query in @($request.queries)) { Invoke-Query -Query $query }
        $ok = $true
        if (@($request.operations).Count) {
            $ok = Invoke-OperationList -Operations $request.operations
            Clear-WorkFolder -WithLogs $ok
        }
        $seconds = [Math]::Round(((Get-HostTime) - $started).TotalSeconds, 2)
        Write-AgentEvent -Name 'envelope' -Data @{ ok = [bool]$ok; seconds = $seconds }
    }
    catch { Write-AgentEvent -Name 'envelope' -Data @{ ok = $false; reason = 'error'; message = Get-ErrorText -ErrorRecord $_ } }
    finally {
        $lock.ReleaseMutex()
        $lock.Close()
    }
}
