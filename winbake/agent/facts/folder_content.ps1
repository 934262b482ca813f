# What lies in temporary folders and could be deleted.

function Get-FolderContentFact {
    <# .SYNOPSIS The answer to the query `folder_content`, over all folders that the wildcards find. #>
    [CmdletBinding()]
    param($Query)
    $answer = @{ files = 0; folders = 0; size = [long]0; in_use = 0 }
    foreach ($folder in @(Resolve-HostFolder -Path (Expand-HostVariable -Text $Query.path))) {
        $held = @{}
        foreach ($file in @(Get-HostFolderItem -Folder $folder -File)) {
            if (Test-HostFileInUse -Path $file.FullName) {
                $answer.in_use++
                for ($at = $file.DirectoryName; $at.Length -gt $folder.Length; $at = Get-HostPathParent -Path $at) { $held[$at] = $true }
                continue
            }
            $answer.files++
            $answer.size += [long]$file.Length
        }
        # A folder with a file in use somewhere below it stays.
        $answer.folders += @(Get-HostFolderItem -Folder $folder -Directory | Where-Object { -not $held.ContainsKey($_.FullName) }).Count
    }
    $answer
}

$script:QueryTable['folder_content'] = 'Get-FolderContentFact'
