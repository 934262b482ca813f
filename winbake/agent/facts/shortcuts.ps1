# What a shortcut on the host points to.

function Get-ShortcutFact {
    <# .SYNOPSIS The answer to the query `shortcut`. #>
    [CmdletBinding()]
    param($Query)
    $path = Expand-HostVariable -Text $Query.path
    if (-not (Test-HostFile -Path $path)) {
        return @{ exists = $false; target = ''; arguments = ''; directory = ''; icon = ''; description = '' }
    }
    @{ exists = $true } + (Read-HostShortcut -Path $path)
}

$script:QueryTable['shortcut'] = 'Get-ShortcutFact'
