"""Schedule.Service: what Task Scheduler 2.0's objects answer, and how they fail."""

from __future__ import annotations

import pytest
from cmdlet_runs import host, run

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.tasks import Action, Task, Trigger

_SERVICE = "$s = New-Object -ComObject Schedule.Service; $s.Connect(); $root = $s.GetFolder('\\'); "
_NEW = (
    _SERVICE + "$d = $s.NewTask(0); $d.Principal.UserId = 'SYSTEM'; $d.Principal.LogonType = 5; "
    "$a = $d.Actions.Create(0); $a.Path = 'cmd.exe'; $a.Arguments = '/c exit 7'; "
)
_WAIT = "for ($i = 0; $i -lt 300 -and ($t.State -eq 4 -or $t.LastTaskResult -eq 267009); $i++) { Start-Sleep 1 }; "
_NO_TASK = "System.IO.FileNotFoundException"

ANSWERS = [
    ("(New-Object -ComObject Schedule.Service).Connected", ["False"]),
    (_SERVICE + "$s.Connected; $root.Name; $root.Path", ["True", "\\", "\\"]),
    (_SERVICE + "$root.GetFolder('Microsoft\\windows').GetFolders(0) | ForEach-Object Name", ["Server Manager"]),
    (_NEW + "$d.Settings.ExecutionTimeLimit; $d.Settings.Enabled; $d.Settings.Priority; $d.Actions.Count; $d.Triggers.Count",
     ["PT72H", "True", "7", "1", "0"]),
    # a definition is a copy
    (_NEW + "$t = $root.RegisterTaskDefinition('copy', $d, 6, 'SYSTEM', $null, 5); $t.Definition.Actions.Clear(); "
     "$t.Definition.Actions.Count; $t.Path", ["1", "\\copy"]),
    # never run, then the exit code
    (_NEW + "$t = $root.RegisterTaskDefinition('once', $d, 6, 'SYSTEM', $null, 5); $t.LastTaskResult; $t.LastRunTime.Year; $t.State; "
     "$null = $t.Run($null); " + _WAIT + "$t.LastTaskResult; $t.State", ["267011", "1999", "3", "7", "3"]),
    # a running one, stopped
    (_NEW + "$a.Path = 'powershell.exe'; $a.Arguments = '-Command Start-Sleep 9999'; $t = $root.RegisterTaskDefinition('long', $d, 6, 'SYSTEM', $null, 5); "
     "$null = $t.Run($null); for ($i = 0; $i -lt 300 -and $t.State -ne 4; $i++) { Start-Sleep 1 }; $t.LastTaskResult; $t.Stop(0); $t.State; $t.LastTaskResult",
     ["267009", "3", "267014"]),
    # the time limit ends it
    (_NEW + "$a.Path = 'powershell.exe'; $a.Arguments = '-Command Start-Sleep 9999'; $d.Settings.ExecutionTimeLimit = 'PT20S'; "
     "$t = $root.RegisterTaskDefinition('limit', $d, 6, 'SYSTEM', $null, 5); $null = $t.Run($null); " + _WAIT + "$t.LastTaskResult",
     ["267014"]),
    # a program that is not there
    (_NEW + "$a.Path = 'nosuch.exe'; $t = $root.RegisterTaskDefinition('nosuch', $d, 6, 'SYSTEM', $null, 5); $null = $t.Run($null); "
     + _WAIT + "'{0:X8}' -f $t.LastTaskResult", ["80070002"]),
    # folders, hidden tasks, deletion
    (_NEW + "$d.Settings.Hidden = $true; $f = $root.CreateFolder('Deep\\er'); $null = $f.RegisterTaskDefinition('h', $d, 6, 'SYSTEM', $null, 5); "
     "$f.GetTasks(0).Count; $f.GetTasks(1).Item(1).Name; $f.DeleteTask('h', 0); $f.GetTasks(1).Count; $root.DeleteFolder('Deep\\er', 0); "
     "@($root.GetFolder('Deep').GetFolders(0)).Count", ["0", "h", "0", "0"]),
    (_NEW + "$x = $d.Triggers.Create(8); $x.Delay = 'PT1M'; $d.Principal.RunLevel = 1; $d.RegistrationInfo.Description = 'D'; "
     "$d.Settings.StartWhenAvailable = $true; $t = $root.RegisterTaskDefinition('trig', $d, 6, 'SYSTEM', $null, 5); "
     "$e = $t.Definition; $e.Triggers.Item(1).Type; $e.Triggers.Item(1).Delay; $e.Principal.RunLevel; $e.RegistrationInfo.Description; "
     "$e.Principal.UserId; $e.Principal.LogonType; $e.Settings.StartWhenAvailable",
     ["8", "PT60S", "1", "D", "SYSTEM", "5", "True"]),
    (_SERVICE + "$root.GetFolder('Microsoft\\Windows\\Server Manager').GetTask('ServerManager').Definition.Principal.GroupId", ["Administrators"]),
]  # fmt: skip

FAILURES = [
    (_SERVICE + "$root.GetFolder('nope')", _NO_TASK, 0x80070002),
    (_SERVICE + "$root.GetTask('nope')", _NO_TASK, 0x80070002),
    (_SERVICE + "$root.DeleteTask('nope', 0)", _NO_TASK, 0x80070002),
    (_NEW + "$root.RegisterTaskDefinition('upd', $d, 4, 'SYSTEM', $null, 5)", _NO_TASK, 0x80070002),
    (_SERVICE + "$root.DeleteFolder('nope', 0)", _NO_TASK, 0x80070002),
    (_SERVICE + "$root.CreateFolder('Microsoft')", "System.Runtime.InteropServices.COMException", 0x800700B7),
    (_SERVICE + "$root.DeleteFolder('Microsoft', 0)", "System.Runtime.InteropServices.COMException", 0x80070091),
    (_SERVICE + "$root.GetTasks(0).Item(0)", "System.ArgumentException", 0x80070057),
    (_NEW + "$null = $root.RegisterTaskDefinition('twice', $d, 6, 'SYSTEM', $null, 5); $root.RegisterTaskDefinition('twice', $d, 2, 'SYSTEM', $null, 5)",
     "System.Runtime.InteropServices.COMException", 0x800700B7),
    (_NEW + "$root.RegisterTaskDefinition('who', $d, 6, 'Nobody', $null, 2)", "System.Runtime.InteropServices.COMException", 0x80070534),
    (_SERVICE + "$root.RegisterTaskDefinition('empty', $s.NewTask(0), 6, 'SYSTEM', $null, 5)",
     "System.Runtime.InteropServices.COMException", 0x80041319),
    (_NEW + "$d.Settings.ExecutionTimeLimit = '2h'; $root.RegisterTaskDefinition('badlimit', $d, 6, 'SYSTEM', $null, 5)",
     "System.Runtime.InteropServices.COMException", 0x80041318),
    (_NEW + "$t = $root.RegisterTaskDefinition('off', $d, 6, 'SYSTEM', $null, 5); $t.Enabled = $false; if ($t.State -eq 1) { $t.Run($null) }",
     "System.Runtime.InteropServices.COMException", 0x80041326),
]  # fmt: skip

REFUSED = [
    "(New-Object -ComObject Schedule.Service).GetFolder('\\')",
    "(New-Object -ComObject Schedule.Service).Connect('other')",
    _SERVICE + "$s.GetRunningTasks(0)",
    _NEW + "$d.Triggers.Create(3)",
    _NEW + "$d.Actions.Create(5)",
    _NEW + "$d.Settings.MultipleInstances = 1",
    _NEW + "$root.RegisterTaskDefinition('flags', $d, 1, 'SYSTEM', $null, 5)",
]


@pytest.mark.parametrize(("script", "out"), ANSWERS)
def test_answers(script: str, out: list[str]) -> None:
    ran = run(script)
    assert (ran.refused, ran.errors, ran.threw) == (None, [], None)
    assert ran.out == out


@pytest.mark.parametrize(("script", "kind", "code"), FAILURES)
def test_failures(script: str, kind: str, code: int) -> None:
    caught = "catch { $e = $_.Exception.GetBaseException(); $e.GetType().FullName; $e.Message }"
    ran = run("try { " + script + " } " + caught)
    assert ran.out[0] == kind
    assert ran.out[1].endswith(f"xception from HRESULT: 0x{code:08X}" + (")" if code >> 16 == 0x8007 else ""))


@pytest.mark.parametrize("script", REFUSED)
def test_what_is_not_modelled_is_refused(script: str) -> None:
    assert run(script).refused


def test_a_task_runs_as_system_and_not_over_the_network() -> None:
    run(_NEW + "$a.Arguments = '/c whoami > C:\\T\\who.txt'; $t = $root.RegisterTaskDefinition('who', $d, 6, 'SYSTEM', $null, 5); "
        "$null = $t.Run($null); " + _WAIT)  # fmt: skip
    assert host().files.read(r"C:\T\who.txt").strip() == rb"nt authority\system"


def test_tasks_and_empty_folders_survive_a_shutdown() -> None:
    first = WindowsHost("A", speed=1000.0)
    first.tasks.create_folder(r"\Empty\Inner")
    first.tasks.register(Task("T", r"\Own", [Action("a.exe")], [Trigger("boot", delay=5, enabled=False)], last_result=3))
    clone = WindowsHost.from_state(first.state(), "B", 1000.0, first.files.blobs)
    task = clone.tasks.get("T", r"\own")
    assert task is not None and (task.triggers, task.last_result) == ([Trigger("boot", delay=5, enabled=False)], 3)
    assert clone.tasks.folders_in(r"\Empty") == [r"\Empty\Inner"]
    for one in (first, clone):
        one.power.stop_now()
