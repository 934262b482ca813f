# Folders of sample data, known by the mark that winbake leaves in them.

function Get-DataFolderFact {
    <# .SYNOPSIS The answer to the query `data_folder`: what is there (absent, file, empty, folder), and the text of its mark. #>
    [CmdletBinding()]
    param($Query)
    $path = Expand-HostVariable -Text $Query.path
    if ([IO.File]::Exists($path)) { return @{ there = 'file'; mark = '' } }
    if (-not [IO.Directory]::Exists($path)) { return @{ there = 'absent'; mark = '' } }
    if (@([IO.Directory]::GetFileSystemEntries($path)).Count -eq 0) { return @{ there = 'empty'; mark = '' } }
    $mark = [IO.Path]::Combine($path, '.winbake.json')
    if (-not [IO.File]::Exists($mark)) { return @{ there = 'folder'; mark = '' } }
    @{ there = 'folder'; mark = [string](Limit-Text -Text (Get-HostFileText -Path $mark)) }
}

$script:QueryTable['data_folder'] = 'Get-DataFolderFact'
