# Optional features of DISM.

function Get-OptionalFeatureFact {
    <# .SYNOPSIS The answer to the query `optional_feature`: its state, empty for a feature that this Windows does not have. #>
    [CmdletBinding()]
    param($Query)
    $feature = Get-HostOptionalFeature -Name $Query.name
    if ($null -eq $feature) { return @{ state = '' } }
    @{ state = [string]$feature.State }
}

$script:QueryTable['optional_feature'] = 'Get-OptionalFeatureFact'
