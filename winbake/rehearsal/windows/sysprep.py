r"""sysprep.exe, which Amazon's launch agents run: generalizes the machine, or says in its log why not.

Sources: Microsoft, "Sysprep command-line options" (/generalize, /oobe, /quit, /shutdown, /unattend, /quiet) and
"Windows Setup states" (ImageState); its logs in %SystemRoot%\System32\Sysprep\Panther; the package that stops it, with
the words of its log: Microsoft 2769827, and reports of Server 2025 with winget's source; as SYSTEM: Microsoft, "Fix
black screen after running Sysprep as system" (noted as an event of ours, the damage itself is not modelled). Assumed:
how long it takes, and its exit code of 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.programs import program

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost
    from winbake.rehearsal.windows.process import Process

PROGRAM = r"C:\Windows\System32\Sysprep\sysprep.exe"
LOG = r"C:\Windows\System32\Sysprep\Panther\setupact.log"
ERRORS = r"C:\Windows\System32\Sysprep\Panther\setuperr.log"
SETUP_STATE = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State"
COMPLETE, GENERALIZED = "IMAGE_STATE_COMPLETE", "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
SECONDS = 60.0
SYSTEM_SID = "S-1-5-18"
AS_SYSTEM = "sysprep was run as SYSTEM, which Microsoft does not support: clones may show a black screen"
_KNOWN = {"/generalize", "/oobe", "/quit", "/shutdown", "/quiet"}


def generalize(process: Process) -> bool:
    """Whether it did."""
    host = process.host
    if process.token.sid == SYSTEM_SID:
        host.log_event("Sysprep", AS_SYSTEM)
    host.clock.sleep(SECONDS, process)
    fault = host.faults.take("sysprep_fails")
    if fault is not None:
        package = fault.get("package", "Microsoft.Winget.Source_2024.1128.1102.50_neutral__8wekyb3d8bbwe")
        for path in (LOG, ERRORS):
            _write(
                host,
                path,
                f"Error SYSPRP Package {package} was installed for a user, but not provisioned for all users. "
                "This package will not function properly in the sysprep image.",
            )
        return False
    host.registry.write(SETUP_STATE, "ImageState", GENERALIZED)
    host.event_log.clear()
    _write(host, LOG, "Info SYSPRP RunExternalDlls: Successfully executed the generalize phase")
    return True


def is_generalized(host: WindowsHost) -> bool:
    return bool(host.registry.read(SETUP_STATE, "ImageState", COMPLETE) == GENERALIZED)


@program(PROGRAM)
def sysprep(process: Process) -> int:
    options = [one.lower() for one in process.arguments[1:]]
    unknown = [one for one in options if one not in _KNOWN and not one.startswith("/unattend:")]
    if unknown or "/generalize" not in options or "/oobe" not in options:
        raise NotModelled(f"sysprep {' '.join(options)}")
    if not process.token.elevated or not generalize(process):
        return 1
    if "/shutdown" in options:
        process.host.shutdown()
    return 0


def _write(host: WindowsHost, path: str, line: str) -> None:
    stamp = host.clock.now().strftime("%Y-%m-%d %H:%M:%S")
    host.files.write(path, f"{stamp}, {line}\r\n".encode(), append=True)
