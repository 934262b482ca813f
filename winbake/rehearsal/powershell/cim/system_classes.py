"""The Win32 classes that scripts ask most, filled from the model (MicrosoftDocs/win32, CIMWin32Prov).

Integers have the types of the provider: sizes of the operating system in KB, uint64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.dotnet.io_items import capacity, drive_letters, local_time
from winbake.rehearsal.powershell.dotnet.time_zones import local_zone
from winbake.rehearsal.powershell.values import Byte, Int16, PSArray, UInt16, UInt32, UInt64

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

CLASSES: dict[str, tuple[str, Callable[[Session], Iterable[CimInstance]]]] = {}
"""Lower-case class name → (spelling, instances)."""
MEMORY_KB = 8 * 1024 * 1024  # m5.large
CURRENT_VERSION = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"

Properties = list[tuple[str, Any]]


def cim_class(
    name: str, keys: tuple[str, ...] = ("Name",), parents: tuple[str, ...] = ()
) -> Callable[[Callable[[Session], Iterable[Any]]], Callable[[Session], Iterable[Any]]]:
    """Registers the function that yields property lists (or pairs of a list and the model's object)."""

    def register(function: Callable[[Session], Iterable[Any]]) -> Callable[[Session], Iterable[Any]]:
        def instances(session: Session) -> Iterable[CimInstance]:
            for found in function(session):
                properties, model = found if isinstance(found, tuple) else (found, None)
                yield CimInstance(
                    name,
                    properties,
                    keys=keys,
                    computer=session.host.computer_name,
                    model=model,
                    parents=parents,
                )

        CLASSES[name.lower()] = (name, instances)
        return function

    return register


def _local(moment: datetime | None) -> Any:
    return None if moment is None else local_time(moment)


@cim_class("Win32_OperatingSystem", parents=("CIM_OperatingSystem", "CIM_LogicalElement", "CIM_ManagedSystemElement"))
def _operating_system(session: Session) -> Iterable[Properties]:
    host = session.host
    registry = host.registry
    product = str(registry.read(CURRENT_VERSION, "ProductName", "Windows Server 2022 Datacenter"))
    build = str(registry.read(CURRENT_VERSION, "CurrentBuild", "20348"))
    used = 2_100_000
    yield [
        ("Status", "OK"),
        ("Name", f"Microsoft {product}|C:\\Windows|\\Device\\Harddisk0\\Partition1"),
        ("FreePhysicalMemory", UInt64(MEMORY_KB - used)),
        ("FreeSpaceInPagingFiles", UInt64(1_376_256)),
        ("FreeVirtualMemory", UInt64(MEMORY_KB + 1_376_256 - used)),
        ("Caption", f"Microsoft {product}"),
        ("Description", ""),
        ("InstallDate", _local(_install_date(host))),
        ("CreationClassName", "Win32_OperatingSystem"),
        ("CSCreationClassName", "Win32_ComputerSystem"),
        ("CSName", host.computer_name),
        ("CurrentTimeZone", Int16(0)),
        ("Distributed", False),
        ("LastBootUpTime", _local(host.boot_time)),
        ("LocalDateTime", _local(host.clock.now())),
        ("MaxNumberOfProcesses", UInt32(4294967295)),
        ("MaxProcessMemorySize", UInt64(137438953344)),
        ("NumberOfLicensedUsers", UInt32(0)),
        ("NumberOfProcesses", UInt32(len(list(host.processes)))),
        ("NumberOfUsers", UInt32(1)),
        ("OSType", UInt16(18)),
        ("OtherTypeDescription", None),
        ("SizeStoredInPagingFiles", UInt64(1_376_256)),
        ("TotalSwapSpaceSize", None),
        ("TotalVirtualMemorySize", UInt64(MEMORY_KB + 1_376_256)),
        ("TotalVisibleMemorySize", UInt64(MEMORY_KB)),
        ("Version", f"10.0.{build}"),
        ("BootDevice", "\\Device\\HarddiskVolume1"),
        ("BuildNumber", build),
        ("BuildType", "Multiprocessor Free"),
        ("CodeSet", "1252"),
        ("CountryCode", "1"),
        ("CSDVersion", None),
        ("DataExecutionPrevention_Available", True),
        ("Debug", False),
        ("EncryptionLevel", UInt32(256)),
        ("ForegroundApplicationBoost", Byte(2)),
        ("Locale", "0409"),
        ("Manufacturer", "Microsoft Corporation"),
        ("MUILanguages", PSArray(["en-US"], "System.String")),
        ("OperatingSystemSKU", UInt32(8)),
        ("Organization", registry.read(CURRENT_VERSION, "RegisteredOrganization", "Amazon.com")),
        ("OSArchitecture", "64-bit"),
        ("OSLanguage", UInt32(1033)),
        ("OSProductSuite", UInt32(400)),
        ("PortableOperatingSystem", False),
        ("Primary", True),
        ("ProductType", UInt32(3)),
        ("RegisteredUser", registry.read(CURRENT_VERSION, "RegisteredOwner", "EC2")),
        ("SerialNumber", registry.read(CURRENT_VERSION, "ProductId", "00454-60000-00001-AA763")),
        ("ServicePackMajorVersion", UInt16(0)),
        ("ServicePackMinorVersion", UInt16(0)),
        ("SuiteMask", UInt32(400)),
        ("SystemDevice", "\\Device\\HarddiskVolume1"),
        ("SystemDirectory", "C:\\Windows\\system32"),
        ("SystemDrive", "C:"),
        ("WindowsDirectory", "C:\\Windows"),
    ]


def _install_date(host: WindowsHost) -> datetime | None:
    from datetime import UTC

    seconds = host.registry.read(CURRENT_VERSION, "InstallDate")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


@cim_class("Win32_ComputerSystem", parents=("CIM_UnitaryComputerSystem", "CIM_ComputerSystem", "CIM_System"))
def _computer_system(session: Session) -> Iterable[Properties]:
    host = session.host
    yield [
        ("AdminPasswordStatus", UInt16(3)),
        ("AutomaticManagedPagefile", True),
        ("AutomaticResetBootOption", True),
        ("BootupState", "Normal boot"),
        ("Caption", host.computer_name),
        ("CreationClassName", "Win32_ComputerSystem"),
        ("CurrentTimeZone", Int16(0)),
        ("DaylightInEffect", None),
        ("Description", "AT/AT COMPATIBLE"),
        ("DNSHostName", host.computer_name),
        ("Domain", "WORKGROUP"),
        ("DomainRole", UInt16(2)),
        ("HypervisorPresent", True),
        ("Manufacturer", "Amazon EC2"),
        ("Model", "m5.large"),
        ("Name", host.computer_name),
        ("NumberOfLogicalProcessors", UInt32(2)),
        ("NumberOfProcessors", UInt32(1)),
        ("PartOfDomain", False),
        ("PrimaryOwnerName", "EC2"),
        ("Roles", PSArray(["LM_Workstation", "LM_Server", "NT", "Server_NT"], "System.String")),
        ("Status", "OK"),
        ("SystemType", "x64-based PC"),
        ("TotalPhysicalMemory", UInt64(MEMORY_KB * 1024)),
        ("UserName", None),
        ("Workgroup", "WORKGROUP"),
    ]


@cim_class("Win32_LogicalDisk", ("DeviceID",), ("CIM_LogicalDisk", "CIM_StorageExtent", "CIM_LogicalDevice"))
def _logical_disk(session: Session) -> Iterable[Properties]:
    host = session.host
    for letter in drive_letters(host):
        yield [
            ("Access", UInt16(0)),
            ("Caption", f"{letter}:"),
            ("Compressed", False),
            ("CreationClassName", "Win32_LogicalDisk"),
            ("Description", "Local Fixed Disk"),
            ("DeviceID", f"{letter}:"),
            ("DriveType", UInt32(3)),
            ("FileSystem", "NTFS"),
            ("FreeSpace", UInt64(host.files.free_bytes(f"{letter}:"))),
            ("MaximumComponentLength", UInt32(255)),
            ("MediaType", UInt32(12)),
            ("Name", f"{letter}:"),
            ("ProviderName", None),
            ("Size", UInt64(capacity(host, letter))),
            ("SystemName", host.computer_name),
            ("VolumeDirty", False),
            ("VolumeName", ""),
            ("VolumeSerialNumber", "B2A9C1D4"),
        ]


_STATES = {
    1: "Stopped",
    2: "Start Pending",
    3: "Stop Pending",
    4: "Running",
    5: "Continue Pending",
    6: "Pause Pending",
    7: "Paused",
}
_START_MODES = {0: "Boot", 1: "System", 2: "Auto", 3: "Manual", 4: "Disabled"}
_SERVICE_TYPES = {1: "Kernel Driver", 2: "File System Driver", 16: "Own Process", 32: "Share Process"}
_ERROR_CONTROLS = {0: "Ignore", 1: "Normal", 2: "Severe", 3: "Critical"}


@cim_class("Win32_Service", parents=("Win32_BaseService", "CIM_Service", "CIM_LogicalElement"))
def _service(session: Session) -> Iterable[tuple[Properties, Any]]:
    for one in session.host.services:
        running = one.status == 4
        yield (
            [
                ("AcceptPause", running and one.can_pause),
                ("AcceptStop", running and one.can_stop),
                ("Caption", one.display_name),
                ("CheckPoint", UInt32(0)),
                ("CreationClassName", "Win32_Service"),
                ("DelayedAutoStart", one.delayed),
                ("Description", one.description or None),
                ("DesktopInteract", bool(one.service_type & 0x100)),
                ("DisplayName", one.display_name),
                ("ErrorControl", _ERROR_CONTROLS.get(one.error_control, "Unknown")),
                ("ExitCode", UInt32(one.exit_code)),
                ("InstallDate", None),
                ("Name", one.name),
                ("PathName", one.image_path),
                ("ProcessId", UInt32(one.process_id)),
                ("ServiceSpecificExitCode", UInt32(one.specific_exit_code)),
                ("ServiceType", _SERVICE_TYPES.get(one.service_type & 0x33, "Unknown")),
                ("Started", one.status not in (1,)),
                ("StartMode", _START_MODES[one.start_type]),
                ("StartName", one.account),
                ("State", _STATES[one.status]),
                ("Status", "OK"),
                ("SystemCreationClassName", "Win32_ComputerSystem"),
                ("SystemName", session.host.computer_name),
                ("TagId", UInt32(0)),
                ("WaitHint", UInt32(0)),
            ],
            one,
        )


@cim_class("Win32_Process", ("Handle",), ("CIM_Process", "CIM_LogicalElement"))
def _process(session: Session) -> Iterable[tuple[Properties, Any]]:
    for one in session.host.processes:
        yield (
            [
                ("Caption", one.image_name),
                ("CommandLine", one.command_line),
                ("CreationClassName", "Win32_Process"),
                ("CreationDate", _local(one.started)),
                ("CSName", session.host.computer_name),
                ("Description", one.image_name),
                ("ExecutablePath", one.path),
                ("Handle", str(one.id)),
                ("HandleCount", UInt32(180)),
                ("Name", one.image_name),
                ("OSName", None),
                ("ParentProcessId", UInt32(one.parent_id)),
                ("Priority", UInt32(8)),
                ("ProcessId", UInt32(one.id)),
                ("SessionId", UInt32(one.token.session)),
                ("ThreadCount", UInt32(8)),
                ("WorkingSetSize", UInt64(12_000_000)),
            ],
            one,
        )


@cim_class("Win32_BIOS")
def _bios(session: Session) -> Iterable[Properties]:
    yield [
        ("Caption", "1.0"),
        ("Manufacturer", "Amazon EC2"),
        ("Name", "1.0"),
        ("SerialNumber", "ec2" + session.host.machine_sid.replace("-", "").lower()[-29:]),
        ("SMBIOSBIOSVersion", "1.0"),
        ("SMBIOSMajorVersion", UInt16(2)),
        ("SMBIOSMinorVersion", UInt16(7)),
        ("Version", "AMAZON - 1"),
    ]


@cim_class("Win32_TimeZone", ("StandardName",))
def _time_zone(session: Session) -> Iterable[Properties]:
    zone = local_zone(session=session)
    yield [
        ("Bias", zone.base_offset.ticks // 600_000_000),  # minutes
        ("Caption", zone.display_name),
        ("Description", zone.display_name),
        ("DaylightName", zone.daylight_name),
        ("StandardName", zone.standard_name),
    ]


@cim_class("Win32_Processor", ("DeviceID",))
def _processor(session: Session) -> Iterable[Properties]:
    name = "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz"
    yield [
        ("AddressWidth", UInt16(64)),
        ("Architecture", UInt16(9)),
        ("Caption", "Intel64 Family 6 Model 85 Stepping 7"),
        ("DeviceID", "CPU0"),
        ("LoadPercentage", UInt16(3)),
        ("Manufacturer", "GenuineIntel"),
        ("MaxClockSpeed", UInt32(2500)),
        ("Name", name),
        ("NumberOfCores", UInt32(1)),
        ("NumberOfLogicalProcessors", UInt32(2)),
        ("SystemName", session.host.computer_name),
    ]


@cim_class("Win32_UserAccount", ("Domain", "Name"))
def _user_account(session: Session) -> Iterable[tuple[Properties, Any]]:
    for user in session.host.accounts.users.values():
        yield (
            [
                ("AccountType", UInt32(512)),
                ("Caption", f"{session.host.computer_name}\\{user.name}"),
                ("Description", user.description),
                ("Disabled", not user.enabled),
                ("Domain", session.host.computer_name),
                ("FullName", user.full_name),
                ("LocalAccount", True),
                ("Lockout", False),
                ("Name", user.name),
                ("PasswordChangeable", user.may_change_password),
                ("PasswordExpires", not user.password_never_expires),
                ("PasswordRequired", user.password_required),
                ("SID", user.sid),
                ("SIDType", Byte(1)),
                ("Status", "OK" if user.enabled else "Degraded"),
            ],
            user,
        )


@cim_class("Win32_QuickFixEngineering", ("HotFixID",))
def _quick_fix(session: Session) -> Iterable[Properties]:
    for number, kind, day in (("KB5044281", "Security Update", "10/30/2024"), ("KB5042349", "Update", "9/10/2024")):
        yield [
            ("Caption", f"http://support.microsoft.com/?kbid={number[2:]}"),
            ("CSName", session.host.computer_name),
            ("Description", kind),
            ("FixComments", ""),
            ("HotFixID", number),
            ("InstalledBy", "NT AUTHORITY\\SYSTEM"),
            ("InstalledOn", day),
            ("Name", None),
            ("ServicePackInEffect", ""),
            ("Status", None),
        ]
