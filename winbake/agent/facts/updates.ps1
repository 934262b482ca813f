# Windows updates that are not installed.

function Get-UpdateFact {
    <# .SYNOPSIS The answer to the query `updates`: those of the named categories, and whether a restart is owed. Takes minutes.
    Where a network logon may not search (Server 2025) SYSTEM does; a search by this process leaves nothing on the host. #>
    [CmdletBinding()]
    param($Query)
    $arguments = @{ server = [int]$Query.server; categories = [string[]]@($Query.categories) }
    try { $found = Search-PendingUpdate -Arguments $arguments }
    catch {
        if ((Get-ErrorCode -ErrorRecord $_) -ne '0x80070005') { throw }
        $found = Invoke-SystemTask -Kind 'search_updates' -Arguments $arguments -LimitSeconds $Query.limit_seconds
    }
    @{ restart = [bool]$found.restart; updates = [object[]]@($found.updates) }
}

$script:QueryTable['updates'] = 'Get-UpdateFact'
