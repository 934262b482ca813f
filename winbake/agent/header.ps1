param([string]$Request, [string]$Source, [string]$TaskFolder)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
