"""The program files of a fresh machine: every built-in program of the model, and Windows programs it has no
model of (they are there to be seen; running one says so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows import images, paths, programs
from winbake.rehearsal.windows.images import Image, Output, ServiceBehaviour

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

MICROSOFT = "CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
AMAZON = "CN=Amazon Web Services, Inc., O=Amazon Web Services, Inc., L=Seattle, S=Washington, C=US"
SYSTEM32 = r"C:\Windows\System32"
# On every Windows Server of these releases; what they do is the model's `programs` or not modelled.
SEEN = """
    attrib appverif auditpol bcdedit bitsadmin certutil chkdsk choice cipher cleanmgr clip cmd cmdkey comp
    compact conhost control csrss curl diskpart diskperf doskey driverquery dwm eventvwr expand fc find
    findstr finger fltMC forfiles fsutil ftp gpresult gpupdate help hostname icacls ipconfig klist label
    LogonUI logman lsass makecab manage-bde mmc mountvol msiexec mstsc net net1 netcfg netsh netstat notepad
    nslookup openfiles pathping ping pnputil powercfg print qprocess query quser qwinsta recover reg regsvr32
    replace robocopy route runas rundll32 sc schtasks services setspn setx shutdown smss sort spoolsv subst
    svchost systeminfo takeown tar tasklist taskkill taskmgr timeout tracert tree tzutil userinit vssadmin
    w32tm waitfor wevtutil where whoami winlogon wininit winrs wusa xcopy wscript cscript dism
"""
SERVICE_PROGRAMS = ("svchost", "spoolsv", "lsass", "msiexec")
LIBRARIES = ("kernel32", "user32", "advapi32", "ntdll", "shell32", "msi", "crypt32", "wininet")


def install(host: WindowsHost) -> None:
    """Write the program files. Windows' own are protected: administrators may not change them."""
    version = host.release.file_version

    def windows_file(path: str, image: Image) -> None:
        host.files.make_directory(paths.parent(path))
        host.files.write(path, images.build_executable(image))
        host.files.protect(path)

    def image_of(path: str, **more: object) -> Image:
        return Image.model_validate(
            {
                "file_version": f"{version} (WinBuild.160101.0800)",
                "product_version": version,
                "product_name": "Microsoft® Windows® Operating System",
                "company": "Microsoft Corporation",
                "description": paths.name_of(path).rpartition(".")[0],
                "original_name": paths.name_of(path),
                "signer": MICROSOFT,
                "catalog_signed": True,
                **more,
            }
        )

    modelled = {path.lower() for path in programs.paths_of_programs()}
    for name in SEEN.split():
        path = paths.join(SYSTEM32, name + ".exe")
        if path.lower() in modelled:
            continue
        service = ServiceBehaviour(start_seconds=0.4, stop_seconds=0.4) if name in SERVICE_PROGRAMS else None
        windows_file(path, image_of(path, program=path, service=service))
    for path in programs.paths_of_programs():
        name = paths.name_of(path).lower()
        if name == "wmic.exe" and not host.release.has_wmic:
            continue
        service = ServiceBehaviour(start_seconds=0.4, stop_seconds=0.4) if name[:-4] in SERVICE_PROGRAMS else None
        windows_file(path, image_of(path, program=path, service=service))
    for path in (
        r"C:\Windows\explorer.exe",
        r"C:\Windows\regedit.exe",
        r"C:\Windows\notepad.exe",
        r"C:\Windows\System32\Sysprep\sysprep.exe",
        r"C:\Windows\System32\OpenSSH\ssh.exe",
        r"C:\Windows\System32\OpenSSH\scp.exe",
        r"C:\Windows\System32\OpenSSH\ssh-keygen.exe",
    ):
        if path.lower() not in modelled:
            windows_file(path, image_of(path, program=path))
    for name in LIBRARIES:
        path = paths.join(SYSTEM32, name + ".dll")
        windows_file(path, image_of(path))
    for path in (
        r"C:\Windows\servicing\TrustedInstaller.exe",
        r"C:\Program Files\Windows Defender\MsMpEng.exe",
    ):
        windows_file(path, image_of(path, service=ServiceBehaviour()))
    _amazon(host)
    if host.release.has_edge:
        edge = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"
        host.files.make_directory(paths.parent(edge))
        host.files.write(
            edge,
            images.build_executable(
                Image(
                    file_version="131.0.2903.51",
                    product_version="131.0.2903.51",
                    product_name="Microsoft Edge",
                    company="Microsoft Corporation",
                    original_name="msedge.exe",
                    signer=MICROSOFT.replace("Microsoft Windows", "Microsoft Corporation"),
                    gui=True,
                )
            ),
        )


def _amazon(host: WindowsHost) -> None:
    def amazon_file(path: str, version: str, product: str, program: str = "") -> None:
        host.files.make_directory(paths.parent(path))
        image = Image(
            file_version=version,
            product_version=version,
            product_name=product,
            company="Amazon.com, Inc.",
            original_name=paths.name_of(path),
            signer=AMAZON,
            behaviour=[Output(program=program)] if program else [],
            service=None if program else ServiceBehaviour(),
        )
        host.files.write(path, images.build_executable(image))

    amazon_file(r"C:\Program Files\Amazon\SSM\amazon-ssm-agent.exe", "3.3.987.0", "Amazon SSM Agent")
    if host.release.agent == "EC2Launch v2":
        amazon_file(r"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe", "2.0.2046.0", "Amazon EC2Launch", "ec2launch")
        amazon_file(r"C:\Program Files\Amazon\EC2Launch\service\EC2LaunchService.exe", "2.0.2046.0", "Amazon EC2Launch")
        host.files.make_directory(r"C:\ProgramData\Amazon\EC2Launch\log")
        host.files.make_directory(r"C:\ProgramData\Amazon\EC2Launch\config")
        host.files.make_directory(r"C:\ProgramData\Amazon\EC2Launch\sysprep")
