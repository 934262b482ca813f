# Registry and environment: wrappers of a few lines, no decisions. Only this folder touches Windows.

function Open-HostRegistryKey {
    <# .SYNOPSIS Opens a key such as HKLM\SOFTWARE\X in the 64- or 32-bit view; $null if it is not there. #>
    [CmdletBinding()]
    param([string]$Key, [int]$View = 64, [switch]$Create, [switch]$Write)
    $hiveName, $path = $Key.Split([char[]]'\', 2)
    $hives = @{ HKLM = 'LocalMachine'; HKCU = 'CurrentUser'; HKCR = 'ClassesRoot'; HKU = 'Users'; HKCC = 'CurrentConfig' }
    $registryView = [Microsoft.Win32.RegistryView]"Registry$View"
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]$hives[$hiveName], $registryView)
    if ($Create) { return $root.CreateSubKey($path) }
    $root.OpenSubKey($path, [bool]$Write)
}

function Get-HostRegistryData {
    <# .SYNOPSIS The data of a value as it lies there: %...% unexpanded. #>
    [CmdletBinding()]
    param($RegistryKey, [string]$Name)
    , $RegistryKey.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
}

function Remove-HostRegistryValue {
    <# .SYNOPSIS Deletes a value; silent if it is not there. #>
    [CmdletBinding()]
    param([string]$Key, [string]$Name, [int]$View = 64)
    $registryKey = Open-HostRegistryKey -Key $Key -View $View -Write
    if ($null -ne $registryKey) {
        $registryKey.DeleteValue($Name, $false)
        $registryKey.Close()
    }
}

function Send-HostEnvironmentChange {
    <# .SYNOPSIS Tells running programs that the environment changed: .NET broadcasts after any such call. #>
    [CmdletBinding()]
    param()
    [Environment]::SetEnvironmentVariable('winbake', $null, 'Machine')
}

function Expand-HostVariable {
    <# .SYNOPSIS Fills in %...% from this process's environment. #>
    [CmdletBinding()]
    param([string]$Text)
    [Environment]::ExpandEnvironmentVariables($Text)
}
