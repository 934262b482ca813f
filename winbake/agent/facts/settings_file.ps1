# The settings file of a service that must be seen to run with it.

function Get-SettingsFileFact {
    <# .SYNOPSIS The answer to the query `settings_file`. `proved`: the service was seen to run with it since it was written. #>
    [CmdletBinding()]
    param($Query)
    $path = Expand-HostVariable -Text $Query.path
    $answer = @{ exists = [bool](Test-HostFile -Path $path); sha256 = ''; text = ''; proved = $true; others = @() }
    if ($answer.exists) {
        $answer.sha256 = [string](Get-HostFileHash -Path $path)
        $answer.text = [string](Get-HostFileText -Path $path)
    }
    if (Test-HostFile -Path ($path + '.winbake-old')) { $answer.proved = $false }
    $answer
}

$script:QueryTable['settings_file'] = 'Get-SettingsFileFact'
