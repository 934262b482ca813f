$script:AgentSource = $Source
if ($TaskFolder) { Invoke-TaskScript -Folder $TaskFolder }
else { Invoke-Agent -Text $Request }
