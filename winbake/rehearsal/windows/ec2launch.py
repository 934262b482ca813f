"""EC2Launch v2, Amazon's agent on its Windows images: first start of an instance, user data, sysprep.

Sources: EC2 guide ec2launch-v2.md and ec2launch-v2-settings.md (commands, tasks, files), ec2-windows-user-data.md
(tags, once an instance). sysprep itself is in sysprep.py, Server 2019's EC2Launch v1 in ec2launch_v1.py. The agent
knows an instance that it has seen by the file `.run-once`: an image made without `reset` or `sysprep` gives clones
without a new password and without user data. Assumed: what it writes to its log, and that a sysprep that fails gives 1.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.windows import ec2launch_v1, sysprep
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.programs import stand_in_program

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost
    from winbake.rehearsal.windows.process import Process

FOLDER = r"C:\ProgramData\Amazon\EC2Launch"
RUN_ONCE = FOLDER + r"\state\.run-once"
LOG = FOLDER + r"\log\agent.log"
TERMINAL_SERVER = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server"
COMPUTER_NAME = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
TCPIP = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
_SCRIPT = r"C:\Windows\System32\config\systemprofile\AppData\Local\Temp\EC2Launch\UserScript.ps1"
_PASSWORD_LENGTH = 32


def first_boot(host: WindowsHost, user_data: str) -> str | None:
    """What the agent does when an instance starts: a new Administrator's password, which is given, and the user data.

    None when it has been here before (`.run-once` is there): then it does neither, unless the data ask to persist.
    """
    here_before = not ec2launch_v1.takes_its_turn(host) if ec2launch_v1.is_there(host) else host.files.is_file(RUN_ONCE)
    if here_before:
        if "<persist>true</persist>" in user_data.replace(" ", "").lower():
            _run_user_data(host, user_data)
        return None
    password = _new_password()
    host.accounts.set_password("Administrator", password)
    _log(host, "Console: RDPCERTIFICATE ready; Administrator's password set by setAdminAccount (random)")
    if not ec2launch_v1.is_there(host):
        _write(host, RUN_ONCE, b"")
    _run_user_data(host, user_data)
    _log(host, "Console: Windows is ready to use")
    return password


def _new_password() -> str:
    """Random, of all kinds that Windows asks for."""
    letters = string.ascii_letters + string.digits + "!?%*&()-=_."
    return "Aa1!" + "".join(secrets.choice(letters) for _ in range(_PASSWORD_LENGTH - 4))


def _run_user_data(host: WindowsHost, user_data: str) -> None:
    """<powershell>…</powershell>, in lower case as the guide asks; as Administrator, elevated, and waited for."""
    found = re.search(r"<powershell>(.*?)</powershell>", user_data, re.DOTALL)
    if found is None:
        if user_data.strip():
            _log(host, "Warning: the user data hold no <powershell> element; nothing was run")
        return
    _write(host, _SCRIPT, b"\xef\xbb\xbf" + found[1].strip().encode("utf-8"))
    token = replace(host.accounts.token("Administrator", "batch"), elevated=True)
    process = host.start(
        f'powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -File "{_SCRIPT}"', token=token
    )
    process.wait(1800)
    _log(host, f"Info: user data script ended with exit code {process.exit_code}")
    for stream in (process.stdout, process.stderr):
        for line in stream.getvalue().decode("utf-8", "replace").splitlines():
            _log(host, f"Info: user data: {line}")
    host.files.delete(_SCRIPT)


@stand_in_program("ec2launch")
def ec2launch(process: Process) -> int:
    command = process.arguments[1].lower() if len(process.arguments) > 1 else ""
    if command == "version":
        out(process, "2.0.2046")
        return 0
    if not process.token.elevated:
        err(process, "Error: you must run this command as an administrator")
        return 1
    options = [one.lower() for one in process.arguments[2:]]
    if command == "reset":
        _reset(process.host, clean=any(one in ("-c", "--clean") for one in options))
        return 0
    if command == "sysprep":
        return _sysprep(process, options)
    if command == "status":
        return 0 if process.host.files.is_file(RUN_ONCE) else 1
    err(process, f"Error: unknown command \"{command}\" for \"ec2launch\"")
    return 1


def _reset(host: WindowsHost, clean: bool) -> None:
    for path in (RUN_ONCE, *([LOG] if clean else [])):
        if host.files.is_file(path):
            host.files.delete(path)


def _sysprep(process: Process, options: list[str]) -> int:
    """Resets the agent, turns Remote Desktop off until the next start (BeforeSysprep.cmd), generalizes."""
    host = process.host
    _reset(host, clean=any(one in ("-c", "--clean") for one in options))
    host.registry.write(TERMINAL_SERVER, "fDenyTSConnections", 1)
    if not sysprep.generalize(process):
        return 1
    if any(one in ("-s", "--shutdown", "--shutdown=true", "-s=true") for one in options):
        host.shutdown()
    return 0


def is_generalized(host: WindowsHost) -> bool:
    return sysprep.is_generalized(host)


def specialized(saved: dict[str, Any]) -> dict[str, Any]:
    """A saved state of a generalized host with a new machine SID, as its next start gives it."""
    old = saved["machine_sid"]
    new = "S-1-5-21-" + "-".join(str(10**8 + secrets.randbelow(39 * 10**8)) for _ in range(3))
    changed: dict[str, Any] = json.loads(json.dumps(saved).replace(old, new))
    return changed


def specialize(host: WindowsHost) -> None:
    """The rest of that start: a made-up computer name, Remote Desktop as before, setup complete."""
    letters = string.ascii_uppercase + string.digits
    name = "EC2AMAZ-" + "".join(secrets.choice(letters) for _ in range(7))
    host.registry.write(COMPUTER_NAME, "ComputerName", name)
    host.registry.write(TCPIP, "NV Hostname", name)
    host.registry.write(TERMINAL_SERVER, "fDenyTSConnections", 0)
    host.registry.write(sysprep.SETUP_STATE, "ImageState", sysprep.COMPLETE)
    host.power.apply_computer_name()


def _write(host: WindowsHost, path: str, data: bytes) -> None:
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.write(path, data)


def _log(host: WindowsHost, text: str) -> None:
    stamp = host.clock.now().strftime("%Y-%m-%d %H:%M:%S")
    try:
        host.files.make_directory(LOG.rpartition("\\")[0])
        host.files.write(LOG, f"{stamp} {text}\r\n".encode(), append=True)
    except Win32Failure as refused:
        host.log_event("EC2Launch", f"its log cannot be written: {refused}")
