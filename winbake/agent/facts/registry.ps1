# What lies in the registry: single values, the machine's environment, uninstall entries, firewall rules.

function Get-RegistryValueFact {
    <# .SYNOPSIS The answer to the query `registry_value`. Binary data comes as hex. #>
    [CmdletBinding()]
    param($Query)
    $key = Open-HostRegistryKey -Key $Query.key -View $Query.view
    if ($null -eq $key) { return @{ exists = $false } }
    if (@($key.GetValueNames()) -notcontains [string]$Query.name) { return @{ exists = $false } }
    $kind = [string]$key.GetValueKind($Query.name)
    $data = Get-HostRegistryData -RegistryKey $key -Name $Query.name
    switch ($kind) {
        'Binary' { $plain = [BitConverter]::ToString([byte[]]$data).Replace('-', '').ToLowerInvariant() }
        'MultiString' { $plain = @($data | ForEach-Object { [string]$_ }) }
        'DWord' { $plain = [int]$data }
        'QWord' { $plain = [long]$data }
        default { $plain = [string]$data }
    }
    @{ exists = $true; kind = $kind; data = $plain }
}

function Get-EnvironmentFact {
    <# .SYNOPSIS The answer to the query `environment`: machine variables as they lie there, and which PATH folders exist. #>
    [CmdletBinding()]
    param($Query)
    $key = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    $path = ''
    $variables = foreach ($name in $key.GetValueNames()) {
        $data = [string](Get-HostRegistryData -RegistryKey $key -Name $name)
        if ($name -eq 'Path') { $path = $data }
        @{ name = [string]$name; kind = [string]$key.GetValueKind($name); data = $data }
    }
    $entries = foreach ($entry in (Split-PathText -Text $path)) {
        $folder = Expand-HostVariable -Text $entry.Trim('"')
        @{ entry = [string]$entry; exists = [bool](Test-HostFolder -Path $folder) }
    }
    @{ variables = @($variables); path = @($entries) }
}

function Split-PathText {
    <# .SYNOPSIS The entries of a PATH; a quoted one may hold a semicolon. #>
    [CmdletBinding()]
    param([string]$Text)
    foreach ($found in [regex]::Matches($Text, '(?:[^;"]|"[^"]*"?)+')) {
        $entry = $found.Value.Trim()
        if ($entry) { $entry }
    }
}

function Get-UninstallFact {
    <# .SYNOPSIS The answer to the query `uninstall`: every entry of installed software, both views and the user's. #>
    [CmdletBinding()]
    param($Query)
    $path = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
    $places = @(
        @{ Key = "HKLM\$path"; View = 64; Label = '64' }
        @{ Key = "HKLM\$path"; View = 32; Label = '32' }
        @{ Key = "HKCU\$path"; View = 64; Label = 'user' }
    )
    $entries = foreach ($place in $places) {
        $parent = Open-HostRegistryKey -Key $place.Key -View $place.View
        if ($null -eq $parent) { continue }
        foreach ($name in $parent.GetSubKeyNames()) {
            $key = $parent.OpenSubKey($name)
            $display = [string]$key.GetValue('DisplayName')
            if (-not $display) { continue }
            @{
                key             = [string]$name
                view            = $place.Label
                name            = $display
                version         = [string]$key.GetValue('DisplayVersion')
                publisher       = [string]$key.GetValue('Publisher')
                location        = [string]$key.GetValue('InstallLocation')
                uninstall       = [string]$key.GetValue('UninstallString')
                quiet_uninstall = [string]$key.GetValue('QuietUninstallString')
                msi             = [bool]($key.GetValue('WindowsInstaller') -eq 1)
            }
        }
    }
    , @($entries)
}

function Get-FirewallFact {
    <# .SYNOPSIS The answer to the query `firewall`: the rules of the local store as the registry holds them.
    Windows' own rules, whose names are resource strings, are left out. #>
    [CmdletBinding()]
    param($Query)
    $key = Open-HostRegistryKey -Key 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
    $rules = @()
    if ($null -ne $key) {
        $rules = foreach ($id in $key.GetValueNames()) {
            $rule = [string]$key.GetValue($id)
            if ($rule.IndexOf('|Name=@') -lt 0) { @{ id = [string]$id; rule = $rule } }
        }
    }
    , @($rules)
}

$script:QueryTable['registry_value'] = 'Get-RegistryValueFact'
$script:QueryTable['environment'] = 'Get-EnvironmentFact'
$script:QueryTable['uninstall'] = 'Get-UninstallFact'
$script:QueryTable['firewall'] = 'Get-FirewallFact'
