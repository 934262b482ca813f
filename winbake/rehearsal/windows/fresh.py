"""What a freshly launched EC2 Windows Server holds: names, registry, folders, programs, services, firewall, software.

Sources: windows_facts.md sections 2, 9, 10, 14 (each row names its own); Amazon's packages as the AWS guides name
them. Names of folders and keys are Windows' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows import (
    ec2launch_v1,
    fresh_firewall,
    fresh_programs,
    fresh_services,
    fresh_tasks,
    fresh_updates,
    profiles,
)
from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN
from winbake.rehearsal.windows.environment import MACHINE_KEY, PROFILE_LIST
from winbake.rehearsal.windows.files import HIDDEN, SYSTEM
from winbake.rehearsal.windows.listeners import Listener
from winbake.rehearsal.windows.registry import REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

HKLM = "HKEY_LOCAL_MACHINE"
CONTROL = HKLM + r"\SYSTEM\CurrentControlSet\Control"
CURRENT_VERSION = HKLM + r"\SOFTWARE\Microsoft\Windows\CurrentVersion"
NT_VERSION = HKLM + r"\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
# windows_facts.md section 2; OpenSSH's client is in the image, its folder on the Path.
MACHINE_PATH = (
    r"%SystemRoot%\system32;%SystemRoot%;%SystemRoot%\System32\Wbem;"
    r"%SYSTEMROOT%\System32\WindowsPowerShell\v1.0" + "\\;" + r"%SYSTEMROOT%\System32\OpenSSH" + "\\"
)
FOLDERS = (
    r"C:\PerfLogs",
    r"C:\Program Files\Common Files",
    r"C:\Program Files\Windows Defender",
    r"C:\Program Files\Windows NT",
    r"C:\Program Files\WindowsPowerShell\Modules",
    r"C:\Program Files (x86)\Common Files",
    r"C:\Program Files (x86)\WindowsPowerShell\Modules",
    r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp",
    r"C:\ProgramData\ssh",
    r"C:\Users\Default\Desktop",
    r"C:\Users\Default\AppData\Local\Temp",
    r"C:\Users\Default\AppData\Roaming\Microsoft\Windows\Start Menu\Programs",
    r"C:\Users\Public\Desktop",
    r"C:\Users\Public\Documents",
    r"C:\Users\Public\Downloads",
    r"C:\Windows\Installer",
    r"C:\Windows\Fonts",
    r"C:\Windows\INF",
    r"C:\Windows\Logs\CBS",
    r"C:\Windows\Panther",
    r"C:\Windows\System",
    r"C:\Windows\System32\config\systemprofile\AppData\Local",
    r"C:\Windows\System32\config\systemprofile\AppData\Roaming",
    r"C:\Windows\System32\drivers\etc",
    r"C:\Windows\System32\LogFiles\Firewall",
    r"C:\Windows\System32\OpenSSH",
    r"C:\Windows\System32\Sysprep\Panther",
    r"C:\Windows\System32\Tasks",
    r"C:\Windows\System32\Wbem",
    r"C:\Windows\System32\WindowsPowerShell\v1.0\Modules",
    r"C:\Windows\SysWOW64\WindowsPowerShell\v1.0",
    r"C:\Windows\Temp",
)


def install(host: WindowsHost) -> None:
    """Make `host` a fresh machine, not yet started."""
    from winbake.rehearsal.windows.host import CAPACITY, WINDOWS_ITSELF

    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    name = "EC2AMAZ-" + "".join(host.random.choice(alphabet) for _ in range(7))
    host.files.add_volume("C:", CAPACITY, WINDOWS_ITSELF)
    for folder in FOLDERS:
        host.files.make_directory(folder)
    for folder, attributes in [
        (r"C:\ProgramData", HIDDEN),
        (r"C:\Users\Default", HIDDEN),
        (r"C:\Users\Public\Desktop", HIDDEN),
        (r"C:\Windows\Installer", HIDDEN | SYSTEM),
    ]:
        host.files.set_attributes(folder, attributes)
    host.files.write(
        r"C:\Windows\System32\drivers\etc\hosts",
        b"# Names of this machine's own; localhost is resolved by DNS itself.\r\n#\t127.0.0.1       localhost\r\n",
    )
    for hive in ("SOFTWARE", "SYSTEM", "SAM", "SECURITY", "HARDWARE"):
        host.registry.load_hive(rf"{HKLM}\{hive}")
    _names(host, name)
    _versions(host)
    _environment(host)
    _control(host)
    _settings(host)
    _profiles(host)
    fresh_programs.install(host)
    fresh_services.install(host)
    fresh_firewall.install(host)
    fresh_tasks.install(host)
    if host.release.agent == "EC2Launch":
        ec2launch_v1.install(host)
    fresh_updates.install(host)
    host.listeners.put(Listener("HTTP"))
    _software(host)


def _names(host: WindowsHost, name: str) -> None:
    write = host.registry.write
    write(CONTROL + r"\ComputerName\ComputerName", "ComputerName", name)
    host.registry.create(CONTROL + r"\ComputerName\ActiveComputerName", volatile=True)
    write(CONTROL + r"\ComputerName\ActiveComputerName", "ComputerName", name)
    tcpip = HKLM + r"\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
    write(tcpip, "Hostname", name)
    write(tcpip, "NV Hostname", name)
    write(tcpip, "Domain", "")
    host.environment.computer_name = name


def _versions(host: WindowsHost) -> None:
    release, write = host.release, host.registry.write
    for view in (64, 32):
        values: list[tuple[str, str | int]] = [
            ("ProductName", release.product_name),
            ("CurrentBuild", str(release.build)),
            ("CurrentBuildNumber", str(release.build)),
            ("CurrentVersion", "6.3"),
            ("CurrentMajorVersionNumber", 10),
            ("CurrentMinorVersionNumber", 0),
            ("UBR", release.ubr),
            ("EditionID", "ServerDatacenter"),
            ("InstallationType", "Server"),
            ("ReleaseId", release.release_id),
            ("BuildLab", release.build_lab),
            ("BuildLabEx", release.build_lab.replace(".", ".1.amd64fre.", 1)),
            ("RegisteredOwner", "EC2"),
            ("RegisteredOrganization", "Amazon.com"),
            ("SystemRoot", r"C:\Windows"),
            ("PathName", r"C:\Windows"),
            ("InstallDate", int(host.clock.now().timestamp()) - 86_400),
        ]
        for value, data in values:
            write(NT_VERSION, value, data, view=view)
        if release.display_version:
            write(NT_VERSION, "DisplayVersion", release.display_version, view=view)
    write(HKLM + r"\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full", "Release", 528_449)
    write(HKLM + r"\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full", "Version", "4.8.04161")
    write(
        HKLM + r"\SOFTWARE\Microsoft\PowerShell\3\PowerShellEngine",
        "PowerShellVersion",
        f"5.1.{release.build}.{release.ubr}",
    )
    write(HKLM + r"\SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell", "ExecutionPolicy", "RemoteSigned")
    write(
        HKLM + r"\SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell",
        "Path",
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    )


def _environment(host: WindowsHost) -> None:
    for name, kind, text in [
        ("ComSpec", REG_EXPAND_SZ, r"%SystemRoot%\system32\cmd.exe"),
        ("DriverData", REG_SZ, r"C:\Windows\System32\Drivers\DriverData"),
        ("OS", REG_SZ, "Windows_NT"),
        ("Path", REG_EXPAND_SZ, MACHINE_PATH),
        ("PATHEXT", REG_SZ, ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"),
        ("PROCESSOR_ARCHITECTURE", REG_SZ, "AMD64"),
        (
            "PSModulePath",
            REG_EXPAND_SZ,
            r"%ProgramFiles%\WindowsPowerShell\Modules;%SystemRoot%\system32\WindowsPowerShell\v1.0\Modules",
        ),
        ("TEMP", REG_EXPAND_SZ, r"%SystemRoot%\TEMP"),
        ("TMP", REG_EXPAND_SZ, r"%SystemRoot%\TEMP"),
        ("USERNAME", REG_SZ, "SYSTEM"),
        ("windir", REG_EXPAND_SZ, "%SystemRoot%"),
        ("NUMBER_OF_PROCESSORS", REG_SZ, "2"),
        ("PROCESSOR_LEVEL", REG_SZ, "6"),
        ("PROCESSOR_IDENTIFIER", REG_SZ, "Intel64 Family 6 Model 85 Stepping 7, GenuineIntel"),
        ("PROCESSOR_REVISION", REG_SZ, "5507"),
    ]:
        host.registry.write(MACHINE_KEY, name, text, kind)


def _control(host: WindowsHost) -> None:
    write = host.registry.write
    write(CONTROL + r"\Session Manager", "BootExecute", ["autocheck autochk *"], REG_MULTI_SZ)
    write(CONTROL + r"\FileSystem", "LongPathsEnabled", 0)
    write(CONTROL + r"\FileSystem", "NtfsDisable8dot3NameCreation", 2)
    write(CONTROL + r"\ProductOptions", "ProductType", "ServerNT")
    write(CONTROL + r"\TimeZoneInformation", "TimeZoneKeyName", "UTC")
    write(CONTROL + r"\Nls\CodePage", "ACP", "1252")
    write(CONTROL + r"\Nls\CodePage", "OEMCP", "437")
    write(CONTROL + r"\Nls\Language", "Default", "0409")
    write(CONTROL + r"\Terminal Server", "fDenyTSConnections", 0)
    write(CONTROL + r"\Terminal Server", "fSingleSessionPerUser", 1)
    write(CONTROL + r"\Terminal Server\WinStations\RDP-Tcp", "PortNumber", 3389)
    write(CONTROL + r"\Terminal Server\WinStations\RDP-Tcp", "UserAuthentication", 1)
    write(CONTROL + r"\Lsa", "LimitBlankPasswordUse", 1)
    write(HKLM + r"\SYSTEM\Setup", "SystemSetupInProgress", 0)
    write(HKLM + r"\SYSTEM\Setup\Status\SysprepStatus", "GeneralizationState", 7)
    write(HKLM + r"\SYSTEM\Setup\Status\SysprepStatus", "CleanupState", 2)
    write(
        HKLM + r"\HARDWARE\DESCRIPTION\System\CentralProcessor\0",
        "ProcessorNameString",
        "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz",
    )
    write(HKLM + r"\HARDWARE\DESCRIPTION\System\BIOS", "SystemManufacturer", "Amazon EC2")
    write(HKLM + r"\HARDWARE\DESCRIPTION\System\BIOS", "SystemProductName", "m5.large")


def _settings(host: WindowsHost) -> None:
    """Keys that setup scripts look for and change (windows_facts.md sections 6, 10 and 14)."""
    write, create = host.registry.write, host.registry.create
    for view in (64, 32):
        for name, text in [
            ("ProgramFilesDir", r"C:\Program Files" if view == 64 else r"C:\Program Files (x86)"),
            (
                "CommonFilesDir",
                r"C:\Program Files\Common Files" if view == 64 else r"C:\Program Files (x86)\Common Files",
            ),
            ("ProgramFilesDir (x86)", r"C:\Program Files (x86)"),
            ("CommonFilesDir (x86)", r"C:\Program Files (x86)\Common Files"),
            ("ProgramW6432Dir", r"C:\Program Files"),
        ]:
            write(CURRENT_VERSION, name, text, view=view)
        create(CURRENT_VERSION + r"\Uninstall", view)
        create(CURRENT_VERSION + r"\Run", view)
        create(CURRENT_VERSION + r"\RunOnce", view)
    write(CURRENT_VERSION + r"\Setup\State", "ImageState", "IMAGE_STATE_COMPLETE")
    create(CURRENT_VERSION + r"\Component Based Servicing\SessionsPending")
    write(CURRENT_VERSION + r"\Component Based Servicing\SessionsPending", "Exclusive", 0)
    create(CURRENT_VERSION + r"\WindowsUpdate\Auto Update")
    create(CURRENT_VERSION + r"\App Paths")
    policies = CURRENT_VERSION + r"\Policies\System"
    for name, data in [
        ("EnableLUA", 1),
        ("ConsentPromptBehaviorAdmin", 5),
        ("ConsentPromptBehaviorUser", 3),
        ("PromptOnSecureDesktop", 1),
        ("EnableInstallerDetection", 1),
        ("FilterAdministratorToken", 0),
    ]:
        write(policies, name, data)
    write(NT_VERSION + r"\Winlogon", "AutoAdminLogon", "0")
    write(NT_VERSION + r"\Winlogon", "Shell", "explorer.exe")
    write(NT_VERSION + r"\Winlogon", "Userinit", r"C:\Windows\system32\userinit.exe,")
    components = HKLM + r"\SOFTWARE\Microsoft\Active Setup\Installed Components"
    write(components + r"\{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}", "IsInstalled", 1)
    write(components + r"\{A509B1A8-37EF-4b3f-8CFC-4F3A74704073}", "IsInstalled", 1)
    create(HKLM + r"\SOFTWARE\Policies\Microsoft\Windows")
    create(HKLM + r"\SOFTWARE\Microsoft\ServerManager")
    write(HKLM + r"\SOFTWARE\Microsoft\ServerManager\ServicingStorage\ServerComponentCache", "RestartRequired", 0)
    shell = CURRENT_VERSION + r"\Explorer\User Shell Folders"
    for name, text in [
        ("Common Desktop", r"%PUBLIC%\Desktop"),
        ("Common Documents", r"%PUBLIC%\Documents"),
        ("Common Programs", r"%ProgramData%\Microsoft\Windows\Start Menu\Programs"),
        ("Common Start Menu", r"%ProgramData%\Microsoft\Windows\Start Menu"),
        ("Common AppData", "%ProgramData%"),
    ]:
        write(shell, name, text, REG_EXPAND_SZ)
    for view in (64, 32):
        framework = HKLM + r"\SOFTWARE\Microsoft\.NETFramework"
        write(
            framework,
            "InstallRoot",
            r"C:\Windows\Microsoft.NET\Framework" + ("64\\" if view == 64 else "\\"),
            view=view,
        )
        create(framework + r"\v4.0.30319", view)


def _profiles(host: WindowsHost) -> None:
    registry = host.registry
    registry.write(PROFILE_LIST, "ProfilesDirectory", r"%SystemDrive%\Users", REG_EXPAND_SZ)
    registry.write(PROFILE_LIST, "Default", r"%SystemDrive%\Users\Default", REG_EXPAND_SZ)
    registry.write(PROFILE_LIST, "Public", r"%SystemDrive%\Users\Public", REG_EXPAND_SZ)
    registry.write(PROFILE_LIST, "ProgramData", r"%SystemDrive%\ProgramData", REG_EXPAND_SZ)
    for sid, folder in [
        ("S-1-5-18", r"%systemroot%\system32\config\systemprofile"),
        ("S-1-5-19", r"%systemroot%\ServiceProfiles\LocalService"),
        ("S-1-5-20", r"%systemroot%\ServiceProfiles\NetworkService"),
    ]:
        registry.write(rf"{PROFILE_LIST}\{sid}", "ProfileImagePath", folder, REG_EXPAND_SZ)
        registry.write(rf"{PROFILE_LIST}\{sid}", "Flags", 12, REG_DWORD)
    for sid in (".DEFAULT", "S-1-5-18", "S-1-5-19", "S-1-5-20"):
        registry.load_hive(rf"HKEY_USERS\{sid}")
        for name in ("TEMP", "TMP"):
            registry.write(rf"HKEY_USERS\{sid}\Environment", name, r"%USERPROFILE%\AppData\Local\Temp", REG_EXPAND_SZ)
    profiles.load(host, host.accounts.token("Administrator"))


def _software(host: WindowsHost) -> None:
    """What Amazon's image has in Programs and Features."""
    date = host.clock.now().strftime("%Y%m%d")
    entries: list[tuple[str, int, dict[str, str | int]]] = [
        (
            "{5CC0C0E5-7D67-4C35-96E7-51F0FB3E2C0C}",
            64,
            {
                "DisplayName": "Amazon SSM Agent",
                "DisplayVersion": "3.3.987.0",
                "Publisher": "Amazon Web Services",
                "WindowsInstaller": 1,
                "UninstallString": "MsiExec.exe /X{5CC0C0E5-7D67-4C35-96E7-51F0FB3E2C0C}",
            },
        ),
        (
            "{7F2C7C3E-3F4D-4C8B-8D17-5E0B8B8E6A11}",
            64,
            {
                "DisplayName": "aws-cfn-bootstrap",
                "DisplayVersion": "2.0.30",
                "Publisher": "Amazon Web Services",
                "WindowsInstaller": 1,
                "UninstallString": "MsiExec.exe /X{7F2C7C3E-3F4D-4C8B-8D17-5E0B8B8E6A11}",
            },
        ),
        (
            "{A32F4F6F-8F0A-4F57-9D38-5F8B6C2E0B55}",
            64,
            {
                "DisplayName": "AWS PV Drivers",
                "DisplayVersion": "8.5.0",
                "Publisher": "Amazon Web Services",
                "WindowsInstaller": 1,
                "UninstallString": "MsiExec.exe /X{A32F4F6F-8F0A-4F57-9D38-5F8B6C2E0B55}",
            },
        ),
        (
            "{3B8F5E0D-92E5-4F1A-A5B6-2A5A8F1D9C03}",
            32,
            {
                "DisplayName": "AWS Tools for Windows",
                "DisplayVersion": "3.15.2680",
                "WindowsInstaller": 1,
                "Publisher": "Amazon Web Services Developer Relations",
                "UninstallString": "MsiExec.exe /I{3B8F5E0D-92E5-4F1A-A5B6-2A5A8F1D9C03}",
            },
        ),
    ]
    if host.release.agent == "EC2Launch v2":
        entries.append(
            (
                "{2C8B3F7A-0E56-4D7B-9A41-6B1C3E5D7F22}",
                64,
                {
                    "DisplayName": "Amazon EC2Launch",
                    "DisplayVersion": "2.0.2046",
                    "WindowsInstaller": 1,
                    "Publisher": "Amazon Web Services",
                    "UninstallString": "MsiExec.exe /X{2C8B3F7A-0E56-4D7B-9A41-6B1C3E5D7F22}",
                },
            )
        )
    if host.release.has_edge:
        entries.append(
            (
                "Microsoft Edge",
                32,
                {
                    "DisplayName": "Microsoft Edge",
                    "DisplayVersion": "131.0.2903.51",
                    "Publisher": "Microsoft Corporation",
                    "InstallLocation": r"C:\Program Files (x86)\Microsoft\Edge\Application",
                    "NoRemove": 1,
                },
            )
        )
    for key, view, values in entries:
        host.packages.write_entry(key, view, {**values, "InstallDate": date})
    host.registry.write(
        HKLM + r"\SOFTWARE\Amazon\MachineImage",
        "AMIName",
        f"Windows_Server-{host.release.year}-English-Full-Base-2024.11.13",
    )
    host.registry.write(HKLM + r"\SYSTEM\Setup", "OOBEInProgress", 0)
    host.registry.write(
        HKLM + r"\SOFTWARE\Microsoft\Windows Defender", "InstallTime", int(host.clock.now().timestamp()), REG_QWORD
    )


def start_system_processes(host: WindowsHost) -> None:
    """The processes that every Windows has from its start."""
    kernel = host.add_resident("System", 0)
    host.add_resident("Registry", kernel.id)
    smss = host.add_resident(r"C:\Windows\System32\smss.exe", kernel.id)
    host.add_resident(r"C:\Windows\System32\csrss.exe", smss.id)
    wininit = host.add_resident(r"C:\Windows\System32\wininit.exe", smss.id)
    host.add_resident(r"C:\Windows\System32\csrss.exe", smss.id)
    winlogon = host.add_resident(r"C:\Windows\System32\winlogon.exe", smss.id)
    host.add_resident(r"C:\Windows\System32\services.exe", wininit.id)
    host.add_resident(r"C:\Windows\System32\lsass.exe", wininit.id)
    host.add_resident(r"C:\Windows\System32\LogonUI.exe", winlogon.id, SYSTEM_TOKEN)
    host.add_resident(r"C:\Windows\System32\dwm.exe", winlogon.id, SYSTEM_TOKEN)
