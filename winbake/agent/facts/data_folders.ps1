# Folders of sample data, known by the mark that winbake leaves in them.

function Get-DataFolderFact {
    <# .SYNOPSIS The answer to the query `data_folder`: what is there (absent, file, empty, folder), and the text of its mark. #>
    [CmdletBinding()]
    param($Query)
    $path = Expand-HostVariable -Text $Query.path
    if (Test-HostFile -Path $path) { return @{ there = 'file'; mark = '' } }
    if (-not (Test-HostFolder -Path $path)) { return @{ there = 'absent'; mark = '' } }
    if (@(Get-HostFolderEntry -Path $path).Count -eq 0) { return @{ there = 'empty'; mark = '' } }
    $mark = Join-HostPath -Path $path -Child '.winbake.json'
    if (-not (Test-HostFile -Path $mark)) { return @{ there = 'folder'; mark = '' } }
    @{ there = 'folder'; mark = [string](Limit-Text -Text (Get-HostFileText -Path $mark)) }
}

$script:QueryTable['data_folder'] = 'Get-DataFolderFact'
