# Takes a file from standard input: a line of JSON, then lines of base64. With "look" it only tells what is there.
begin {
    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $stream = $null
    function Get-Digest {
        <# .SYNOPSIS SHA-256 of a file, lower-case hex; empty if it is not there. #>
        [CmdletBinding()]
        param([string]$Path)
        if (-not [IO.File]::Exists($Path)) { return '' }
        $file = [IO.File]::OpenRead($Path)
        try { [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($file)).Replace('-', '').ToLowerInvariant() }
        finally { $file.Close() }
    }
    function Write-Answer {
        <# .SYNOPSIS One line of JSON, in UTF-8. #>
        [CmdletBinding()]
        param([hashtable]$Data)
        [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
        [Console]::Out.WriteLine((ConvertTo-Json -Compress -InputObject $Data))
    }
}
process {
    try {
        $line = [string]@($input)[0]
        if ($null -ne $stream) {
            $bytes = [Convert]::FromBase64String($line)
            $stream.Write($bytes, 0, $bytes.Length)
            $stream.Flush()
            return
        }
        $order = ConvertFrom-Json -InputObject $line
        $part = $order.path + '.part'
        if ($order.look) {
            $size = 0
            if ([IO.File]::Exists($part)) { $size = (New-Object IO.FileInfo $part).Length }
            $drive = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot($part))
            Write-Answer -Data @{ sha256 = Get-Digest -Path $order.path; part = $size; part_sha256 = Get-Digest -Path $part; free = $drive.AvailableFreeSpace }
            exit 0
        }
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($part))
        $stream = [IO.File]::Open($part, @('Create', 'Append')[[int]($order.offset -gt 0)], 'Write', 'Read')
        if ($stream.Position -ne $order.offset) { throw "$part has $($stream.Position) bytes, not $($order.offset): another run writes to it" }
    }
    catch {
        Write-Answer -Data @{ error = $_.Exception.GetBaseException().Message }
        exit 1
    }
}
end {
    try {
        $size = $stream.Position
        $stream.Close()
        if ($size -ne $order.size) { throw "only $size of $($order.size) bytes came" }
        $digest = Get-Digest -Path $part
        if ($digest -ne $order.sha256) {
            [IO.File]::Delete($part)
            throw "it arrived with sha256 $digest, wanted $($order.sha256), and was deleted"
        }
        [IO.File]::Delete($order.path)
        [IO.File]::Move($part, $order.path)
        Write-Answer -Data @{ sha256 = $digest }
    }
    catch {
        Write-Answer -Data @{ error = $_.Exception.GetBaseException().Message }
        exit 1
    }
}
