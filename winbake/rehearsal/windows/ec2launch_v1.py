r"""EC2Launch v1, the scripts on Amazon's images of Server 2016 and 2019, and EC2Config's -sysprep (2012).

Sources: EC2 guide Creating_EBSbacked_WinAMI.md (InitializeInstance.ps1 -Schedule, SysprepInstance.ps1 -NoShutdown,
their folder; ec2config.exe -sysprep, which ends in /oobe /generalize /shutdown); the task "Amazon Ec2 Launch - Instance
Initialization", of SYSTEM, which runs InitializeInstance.ps1, as listings of such machines show it, disabled once it
has run. The scripts are stand-ins of ours: what they call is modelled, their text is not Amazon's. Assumed: that the
instance is initialized anew if and only if that task is enabled, and that the sysprep script turns Remote Desktop off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows import sysprep
from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.programs import stand_in_program
from winbake.rehearsal.windows.tasks import Action, Task

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost
    from winbake.rehearsal.windows.process import Process

SCRIPTS = r"C:\ProgramData\Amazon\EC2-Windows\Launch\Scripts"
CONFIG = r"C:\ProgramData\Amazon\EC2-Windows\Launch\Config"
LOG = r"C:\ProgramData\Amazon\EC2-Windows\Launch\Log\Ec2Launch.log"
TASK = "Amazon Ec2 Launch - Instance Initialization"
_INITIALIZE = f"""# Stand-in of the rehearsal.
param([switch]$Schedule)
if (-not $Schedule) {{ throw 'the rehearsal starts instances itself' }}
$service = New-Object -ComObject Schedule.Service
$service.Connect()
$service.GetFolder('\\').GetTask('{TASK}').Enabled = $true
"""
_SYSPREP = f"""# Stand-in of the rehearsal.
param([switch]$NoShutdown)
$terminal = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server'
Set-ItemProperty -LiteralPath $terminal -Name 'fDenyTSConnections' -Value 1
$end = '/shutdown'
if ($NoShutdown) {{ $end = '/quit' }}
& '{sysprep.PROGRAM}' /oobe /generalize $end
exit $LASTEXITCODE
"""


def install(host: WindowsHost) -> None:
    """The agent of a fresh image: it has not initialized this instance yet."""
    for folder in (SCRIPTS, CONFIG, LOG.rpartition("\\")[0]):
        host.files.make_directory(folder)
    host.files.write(rf"{SCRIPTS}\InitializeInstance.ps1", _INITIALIZE.replace("\n", "\r\n").encode())
    host.files.write(rf"{SCRIPTS}\SysprepInstance.ps1", _SYSPREP.replace("\n", "\r\n").encode())
    arguments = rf'/C powershell.exe -NoProfile -NonInteractive -File "{SCRIPTS}\InitializeInstance.ps1"'
    host.tasks.register(Task(TASK, actions=[Action(r"C:\Windows\System32\cmd.exe", arguments)]))


def is_there(host: WindowsHost) -> bool:
    return host.tasks.get(TASK) is not None


def takes_its_turn(host: WindowsHost) -> bool:
    """Whether this start initializes the instance; the next one does not."""
    task = host.tasks.get(TASK)
    assert task is not None
    turn, task.enabled = task.enabled, False
    return turn


@stand_in_program("ec2config")
def ec2config(process: Process) -> int:
    if [one.lower() for one in process.arguments[1:]] != ["-sysprep"]:
        raise NotModelled(f"ec2config {' '.join(process.arguments[1:])}")
    if not process.token.elevated or not sysprep.generalize(process):
        return 1
    process.host.shutdown()
    return 0
