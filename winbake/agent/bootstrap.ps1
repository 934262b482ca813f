$lines = @($input)
$packed = New-Object IO.MemoryStream (, [Convert]::FromBase64String($lines[0]))
$plain = New-Object IO.Compression.GZipStream ($packed, [IO.Compression.CompressionMode]::Decompress)
$source = (New-Object IO.StreamReader ($plain, [Text.Encoding]::UTF8)).ReadToEnd()
& ([ScriptBlock]::Create($source)) $lines[1] $source
