# Server roles and features.

function Get-FeatureListFact {
    <# .SYNOPSIS The answer to the query `features`: every role and feature with its state and parent. #>
    [CmdletBinding()]
    param($Query)
    $found = foreach ($feature in (Get-HostFeature)) {
        @{ name = [string]$feature.Name; state = [string]$feature.InstallState; parent = [string]$feature.Parent }
    }
    , @($found)
}

$script:QueryTable['features'] = 'Get-FeatureListFact'
