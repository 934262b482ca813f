# The idle guard: a forgotten classroom stops by itself. The instance's shutdown behavior is `stop`, so its disk stays.
function Set-IdleGuard {
    <# .SYNOPSIS A task of SYSTEM shuts this machine down at a moment (ISO 8601 with its offset); an earlier one is replaced. #>
    [CmdletBinding()]
    param([string]$At)
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    $task = $service.NewTask(0)
    $task.RegistrationInfo.Description = 'The classroom ends: this machine is shut down (winbake, --until).'
    $task.Settings.DisallowStartIfOnBatteries = $false
    # A moment that passed while the machine was off must not stop it at its next start.
    $task.Settings.StartWhenAvailable = $false
    $trigger = $task.Triggers.Create(1)
    $trigger.StartBoundary = $At
    $action = $task.Actions.Create(0)
    $action.Path = "$env:SystemRoot\System32\shutdown.exe"
    $action.Arguments = '/s /f /t 60 /c "The classroom ends: this machine is shut down in one minute."'
    # 6: create or update. 5: a service account, which has no password.
    $null = $service.GetFolder('\').RegisterTaskDefinition('winbake idle guard', $task, 6, 'SYSTEM', $null, 5)
}
