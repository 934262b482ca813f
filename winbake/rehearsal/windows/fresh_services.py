"""The services of a fresh server: real names, start types and accounts of Windows Server 2019 to 2025, in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows.registry import REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ
from winbake.rehearsal.windows.services import SERVICES_KEY

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

AUTO, MANUAL, DISABLED = 2, 3, 4
SVCHOST = r"%SystemRoot%\system32\svchost.exe -k "
SYSTEM = "LocalSystem"
LOCAL, NETWORK = r"NT AUTHORITY\LocalService", r"NT AUTHORITY\NetworkService"
# name, display name, start, delayed, program, account, depends on
Row = tuple[str, str, int, bool, str, str, tuple[str, ...]]
SERVICES: list[Row] = [
    (
        "AppIDSvc",
        "Application Identity",
        MANUAL,
        False,
        SVCHOST + "LocalServiceNetworkRestricted -p",
        LOCAL,
        ("RpcSs",),
    ),
    ("Appinfo", "Application Information", MANUAL, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    ("AudioSrv", "Windows Audio", MANUAL, False, SVCHOST + "LocalServiceNetworkRestricted -p", LOCAL, ("RpcSs",)),
    ("BFE", "Base Filtering Engine", AUTO, False, SVCHOST + "LocalServiceNoNetworkFirewall -p", LOCAL, ("RpcSs",)),
    ("BITS", "Background Intelligent Transfer Service", MANUAL, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    (
        "BrokerInfrastructure",
        "Background Tasks Infrastructure Service",
        AUTO,
        False,
        SVCHOST + "DcomLaunch -p",
        SYSTEM,
        ("RpcSs",),
    ),
    ("CryptSvc", "Cryptographic Services", AUTO, False, SVCHOST + "NetworkService -p", NETWORK, ("RpcSs",)),
    ("DcomLaunch", "DCOM Server Process Launcher", AUTO, False, SVCHOST + "DcomLaunch -p", SYSTEM, ()),
    ("Dhcp", "DHCP Client", AUTO, False, SVCHOST + "LocalServiceNetworkRestricted -p", LOCAL, ()),
    ("DiagTrack", "Connected User Experiences and Telemetry", AUTO, False, SVCHOST + "utcsvc -p", SYSTEM, ("RpcSs",)),
    (
        "dmwappushservice",
        "Device Management Wireless Application Protocol (WAP) Push message Routing Service",
        DISABLED,
        False,
        SVCHOST + "netsvcs -p",
        SYSTEM,
        ("RpcSs",),
    ),
    ("Dnscache", "DNS Client", AUTO, False, SVCHOST + "NetworkService -p", NETWORK, ()),
    ("EventLog", "Windows Event Log", AUTO, False, SVCHOST + "LocalServiceNetworkRestricted -p", LOCAL, ()),
    ("gpsvc", "Group Policy Client", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    ("iphlpsvc", "IP Helper", AUTO, False, SVCHOST + "NetSvcs -p", SYSTEM, ("RpcSs",)),
    ("LanmanServer", "Server", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ("SamSS",)),
    ("LanmanWorkstation", "Workstation", AUTO, False, SVCHOST + "NetworkService -p", NETWORK, ()),
    ("LSM", "Local Session Manager", AUTO, False, SVCHOST + "DcomLaunch -p", SYSTEM, ("RpcSs",)),
    ("mpssvc", "Windows Defender Firewall", AUTO, False, SVCHOST + "LocalServiceNoNetworkFirewall -p", LOCAL, ("BFE",)),
    ("msiserver", "Windows Installer", MANUAL, False, r"%systemroot%\system32\msiexec.exe /V", SYSTEM, ("RpcSs",)),
    ("Netlogon", "Netlogon", MANUAL, False, r"%systemroot%\system32\lsass.exe", SYSTEM, ("LanmanWorkstation",)),
    ("netprofm", "Network List Service", MANUAL, False, SVCHOST + "LocalService -p", LOCAL, ("RpcSs",)),
    ("NlaSvc", "Network Location Awareness", AUTO, False, SVCHOST + "NetworkService -p", NETWORK, ("RpcSs", "Dhcp")),
    ("nsi", "Network Store Interface Service", AUTO, False, SVCHOST + "LocalService -p", LOCAL, ("RpcSs",)),
    ("PlugPlay", "Plug and Play", MANUAL, False, SVCHOST + "DcomLaunch -p", SYSTEM, ()),
    ("Power", "Power", AUTO, False, SVCHOST + "DcomLaunch -p", SYSTEM, ()),
    ("ProfSvc", "User Profile Service", AUTO, False, SVCHOST + "UserProfileService -p", SYSTEM, ("RpcSs",)),
    ("RemoteRegistry", "Remote Registry", AUTO, False, SVCHOST + "localService -p", LOCAL, ("RpcSs",)),
    ("RpcEptMapper", "RPC Endpoint Mapper", AUTO, False, SVCHOST + "RPCSS -p", NETWORK, ()),
    (
        "RpcSs",
        "Remote Procedure Call (RPC)",
        AUTO,
        False,
        SVCHOST + "rpcss -p",
        NETWORK,
        ("RpcEptMapper", "DcomLaunch"),
    ),
    ("SamSs", "Security Accounts Manager", AUTO, False, r"%SystemRoot%\system32\lsass.exe", SYSTEM, ("RpcSs",)),
    ("Schedule", "Task Scheduler", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    ("SENS", "System Event Notification Service", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ()),
    ("Spooler", "Print Spooler", AUTO, False, r"%SystemRoot%\System32\spoolsv.exe", SYSTEM, ("RpcSs",)),
    ("SysMain", "SysMain", DISABLED, False, SVCHOST + "LocalSystemNetworkRestricted -p", SYSTEM, ("RpcSs",)),
    (
        "TermService",
        "Remote Desktop Services",
        MANUAL,
        False,
        SVCHOST + "NetworkService -s TermService",
        NETWORK,
        ("RpcSs",),
    ),
    ("Themes", "Themes", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ()),
    (
        "TrustedInstaller",
        "Windows Modules Installer",
        MANUAL,
        False,
        r"%SystemRoot%\servicing\TrustedInstaller.exe",
        SYSTEM,
        (),
    ),
    (
        "UmRdpService",
        "Remote Desktop Services UserMode Port Redirector",
        MANUAL,
        False,
        SVCHOST + "LocalSystemNetworkRestricted -p",
        SYSTEM,
        ("TermService",),
    ),
    ("W32Time", "Windows Time", AUTO, False, SVCHOST + "LocalService", LOCAL, ()),
    ("WaaSMedicSvc", "Windows Update Medic Service", MANUAL, False, SVCHOST + "wusvcs -p", SYSTEM, ("RpcSs",)),
    ("WerSvc", "Windows Error Reporting Service", MANUAL, False, SVCHOST + "WerSvcGroup", SYSTEM, ()),
    (
        "WinDefend",
        "Microsoft Defender Antivirus Service",
        AUTO,
        False,
        r'"C:\Program Files\Windows Defender\MsMpEng.exe"',
        SYSTEM,
        ("RpcSs",),
    ),
    ("Winmgmt", "Windows Management Instrumentation", AUTO, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    (
        "WinRM",
        "Windows Remote Management (WS-Management)",
        AUTO,
        False,
        SVCHOST + "NetworkService -p",
        NETWORK,
        ("RpcSs",),
    ),
    ("wuauserv", "Windows Update", MANUAL, False, SVCHOST + "netsvcs -p", SYSTEM, ("RpcSs",)),
    (
        "AmazonSSMAgent",
        "Amazon SSM Agent",
        AUTO,
        False,
        r'"C:\Program Files\Amazon\SSM\amazon-ssm-agent.exe"',
        SYSTEM,
        (),
    ),
]
LAUNCH_V2: Row = (
    "Amazon EC2Launch",
    "Amazon EC2Launch",
    AUTO,
    False,
    r'"C:\Program Files\Amazon\EC2Launch\service\EC2LaunchService.exe"',
    SYSTEM,
    (),
)


def install(host: WindowsHost) -> None:
    """Write the services' keys."""
    rows = SERVICES + ([LAUNCH_V2] if host.release.agent == "EC2Launch v2" else [])
    for name, display_name, start, delayed, program, account, needs in rows:
        key = host.registry.create(rf"{SERVICES_KEY}\{name}")
        key.set("DisplayName", REG_SZ, display_name)
        key.set("ErrorControl", REG_DWORD, 1)
        key.set("ImagePath", REG_EXPAND_SZ, program)
        key.set("ObjectName", REG_SZ, account)
        key.set("Start", REG_DWORD, start)
        key.set("Type", REG_DWORD, 0x20 if "svchost" in program or "lsass" in program else 0x10)
        if delayed:
            key.set("DelayedAutostart", REG_DWORD, 1)
        if needs:
            key.set("DependOnService", REG_MULTI_SZ, list(needs))
    # Drivers and kept settings that scripts look at; they are no services of the control manager here.
    host.registry.write(
        rf"{SERVICES_KEY}\WinRM\Parameters", "ServiceDll", r"%SystemRoot%\system32\WsmSvc.dll", REG_EXPAND_SZ
    )
    host.registry.write(rf"{SERVICES_KEY}\Tcpip\Parameters", "IPEnableRouter", 0)
