"""System.Environment: variables of the process and of the stores, folders, and what the process runs on.

Setting a Machine or User variable always writes REG_SZ, as the Framework does: a Path that was REG_EXPAND_SZ loses
its kind (referencesource, environment.cs: SetValue without a kind).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import win32_registry
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Version
from winbake.rehearsal.powershell.dotnet.io_items import drive_letters
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static, static_getter, static_setter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.errors import ExitFlow, NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray
from winbake.rehearsal.windows.environment import MACHINE_KEY, USER_KEY
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

ENVIRONMENT = "System.Environment"
PROCESS, USER, MACHINE = 0, 1, 2
"""System.EnvironmentVariableTarget."""
MAX_MACHINE_NAME, MAX_USER_NAME = 1024, 255  # characters, environment.cs

_FOLDERS = {
    "AdminTools": r"{APPDATA}\Microsoft\Windows\Start Menu\Programs\Administrative Tools",
    "ApplicationData": "{APPDATA}",
    "CommonAdminTools": r"{ProgramData}\Microsoft\Windows\Start Menu\Programs\Administrative Tools",
    "CommonApplicationData": "{ProgramData}",
    "CommonDesktopDirectory": r"{PUBLIC}\Desktop",
    "CommonDocuments": r"{PUBLIC}\Documents",
    "CommonMusic": r"{PUBLIC}\Music",
    "CommonPictures": r"{PUBLIC}\Pictures",
    "CommonProgramFiles": r"C:\Program Files\Common Files",
    "CommonProgramFilesX86": r"C:\Program Files (x86)\Common Files",
    "CommonPrograms": r"{ProgramData}\Microsoft\Windows\Start Menu\Programs",
    "CommonStartMenu": r"{ProgramData}\Microsoft\Windows\Start Menu",
    "CommonStartup": r"{ProgramData}\Microsoft\Windows\Start Menu\Programs\StartUp",
    "CommonTemplates": r"{ProgramData}\Microsoft\Windows\Templates",
    "CommonVideos": r"{PUBLIC}\Videos",
    "Cookies": r"{LOCALAPPDATA}\Microsoft\Windows\INetCookies",
    "Desktop": r"{USERPROFILE}\Desktop",
    "DesktopDirectory": r"{USERPROFILE}\Desktop",
    "Favorites": r"{USERPROFILE}\Favorites",
    "Fonts": r"C:\Windows\Fonts",
    "History": r"{LOCALAPPDATA}\Microsoft\Windows\History",
    "InternetCache": r"{LOCALAPPDATA}\Microsoft\Windows\INetCache",
    "LocalApplicationData": "{LOCALAPPDATA}",
    "MyComputer": "",
    "MyDocuments": r"{USERPROFILE}\Documents",
    "Personal": r"{USERPROFILE}\Documents",
    "MyMusic": r"{USERPROFILE}\Music",
    "MyPictures": r"{USERPROFILE}\Pictures",
    "MyVideos": r"{USERPROFILE}\Videos",
    "ProgramFiles": r"C:\Program Files",
    "ProgramFilesX86": r"C:\Program Files (x86)",
    "Programs": r"{APPDATA}\Microsoft\Windows\Start Menu\Programs",
    "Recent": r"{APPDATA}\Microsoft\Windows\Recent",
    "SendTo": r"{APPDATA}\Microsoft\Windows\SendTo",
    "StartMenu": r"{APPDATA}\Microsoft\Windows\Start Menu",
    "Startup": r"{APPDATA}\Microsoft\Windows\Start Menu\Programs\Startup",
    "System": r"C:\Windows\System32",
    "SystemX86": r"C:\Windows\SysWOW64",
    "Templates": r"{APPDATA}\Microsoft\Windows\Templates",
    "UserProfile": "{USERPROFILE}",
    "Windows": r"C:\Windows",
}


def build_number(session: Session) -> int:
    """CurrentBuild of the host, e.g. 20348."""
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    return int(session.host.registry.read(key, "CurrentBuild", "20348"))


def _check_name(name: str | None) -> str:
    if name is None:
        raise argument_null("variable")
    if name == "":
        raise argument("String cannot be of zero length.", "variable")
    if name[0] == "\0":
        raise argument("The first char in the string is the null character.", "variable")
    if "=" in name:
        raise argument("Environment variable name cannot contain equal character.", "variable")
    return name


def _store(session: Session, target: int, writable: bool = False) -> win32_registry.RegistryKey | None:
    try:
        return win32_registry.open_key(session, MACHINE_KEY if target == MACHINE else USER_KEY, 0, writable)
    except Win32Failure as failure:
        raise NetError("System.Security.SecurityException", "Requested registry access is not allowed.") from failure


@static(ENVIRONMENT, "GetEnvironmentVariable")
def _get(name: str | None, target: EnumValue | None = None, *, session: Session) -> str | None:
    if name is None:
        raise argument_null("variable")
    if target is None or target.value == PROCESS:
        found: str | None = session.process.environment.get(name)
        return found
    key = _store(session, target.value)
    value = key.key.get(name) if key is not None else None
    if value is None:
        return None
    read = win32_registry.net_value(value, session.process.environment)
    return read if isinstance(read, str) else None


@static(ENVIRONMENT, "SetEnvironmentVariable")
def _set(name: str | None, value: str | None, target: EnumValue | None = None, *, session: Session) -> None:
    variable = _check_name(name)
    if len(variable) >= 32767:
        raise argument("Environment variable name or value is too long.")
    gone = not value or value[0] == "\0"
    if target is None or target.value == PROCESS:
        if not gone:
            session.process.environment[variable] = value
        elif variable in session.process.environment:
            del session.process.environment[variable]
        return
    limit = MAX_MACHINE_NAME if target.value == MACHINE else MAX_USER_NAME
    if len(variable) >= limit:
        raise argument(f"Environment variable name cannot contain more than {limit} characters.", "variable")
    key = _store(session, target.value, writable=True)
    if key is None:
        return
    if gone:
        if key.key.get(variable) is not None:
            key.key.delete(variable)
    else:
        win32_registry.set_value(key, variable, value)


@static(ENVIRONMENT, "GetEnvironmentVariables")
def _get_all(target: EnumValue | None = None, *, session: Session) -> Hashtable:
    table = Hashtable()
    if target is None or target.value == PROCESS:
        for name, value in session.process.environment.items():
            table.set(name, value)
        return table
    key = _store(session, target.value)
    for name in key.key.values() if key is not None else []:
        assert key is not None
        found = key.key.get(name)
        value = win32_registry.net_value(found, session.process.environment) if found is not None else None
        table.set(name, value if isinstance(value, str) else "")
    return table


@static(ENVIRONMENT, "ExpandEnvironmentVariables")
def _expand(text: str | None, *, session: Session) -> str:
    if text is None:
        raise argument_null("name")
    return win32_registry.expand_variables(text, session.process.environment)


# ---- what the process runs on and as ------------------------------------------------------------------------


@static(ENVIRONMENT, "GetFolderPath")
def _get_folder_path(folder: EnumValue, option: Any = None, *, session: Session) -> str:
    name = folder.name
    if name not in _FOLDERS:
        raise NotModelled(f"[Environment]::GetFolderPath('{name}')")
    path = _FOLDERS[name]
    for variable in ("APPDATA", "LOCALAPPDATA", "USERPROFILE", "ProgramData", "PUBLIC"):
        path = path.replace("{" + variable + "}", session.process.environment.get(variable, ""))
    if option is None or option.value == 0:
        return path if session.host.files.is_directory(path) else ""
    if option.value == 32768 and path and not session.host.files.is_directory(path):
        session.host.files.make_directory(path)
    return path


@static_getter(ENVIRONMENT, "MachineName")
def _machine_name(*, session: Session) -> str:
    return str(session.host.computer_name)[:15].upper()


@static_getter(ENVIRONMENT, "UserName")
def _user_name(*, session: Session) -> str:
    return str(session.process.token.user)


@static_getter(ENVIRONMENT, "UserDomainName")
def _user_domain_name(*, session: Session) -> str:
    token = session.process.token
    if token.is_system or token.sid in ("S-1-5-19", "S-1-5-20"):
        return "NT AUTHORITY"
    return _machine_name(session=session)


@static_getter(ENVIRONMENT, "UserInteractive")
def _user_interactive(*, session: Session) -> bool:
    return bool(session.process.token.session > 0)


@static_getter(ENVIRONMENT, "Is64BitOperatingSystem")
def _is_64_bit_system() -> bool:
    return True


@static_getter(ENVIRONMENT, "Is64BitProcess")
def _is_64_bit_process(*, session: Session) -> bool:
    return not session.process.is_32_bit


@static_getter(ENVIRONMENT, "ProcessorCount")
def _processor_count(*, session: Session) -> int:
    return int(session.process.environment.get("NUMBER_OF_PROCESSORS", "2"))


@static_getter(ENVIRONMENT, "SystemDirectory")
def _system_directory() -> str:
    return r"C:\Windows\system32"


@static_getter(ENVIRONMENT, "SystemPageSize")
def _system_page_size() -> int:
    return 4096


@static_getter(ENVIRONMENT, "NewLine")
def _new_line() -> str:
    return "\r\n"


@static_getter(ENVIRONMENT, "TickCount")
def _tick_count(*, session: Session) -> int:
    """Milliseconds since boot, as a signed 32-bit number that runs over."""
    passed = int((session.host.clock.now() - session.host.boot_time).total_seconds() * 1000)
    return (passed + 2**31) % 2**32 - 2**31


@static_getter(ENVIRONMENT, "CommandLine")
def _command_line(*, session: Session) -> str:
    return str(session.process.command_line)


@static(ENVIRONMENT, "GetCommandLineArgs")
def _get_command_line_args(*, session: Session) -> PSArray:
    return PSArray(session.process.arguments, "System.String")


@static(ENVIRONMENT, "GetLogicalDrives")
def _get_logical_drives(*, session: Session) -> PSArray:
    return PSArray((f"{letter}:\\" for letter in drive_letters(session.host)), "System.String")


@static_getter(ENVIRONMENT, "CurrentDirectory")
def _current_directory(*, session: Session) -> str:
    return str(session.process.directory)


@static_setter(ENVIRONMENT, "CurrentDirectory")
def _set_current_directory(path: str, *, session: Session) -> None:
    from winbake.rehearsal.powershell.dotnet.io_files import change_directory

    change_directory(session, path)


@static_getter(ENVIRONMENT, "WorkingSet")
def _working_set() -> Int64:
    return Int64(72_000_000)


@static_getter(ENVIRONMENT, "CurrentManagedThreadId")
def _current_managed_thread_id() -> int:
    return 1


@static_getter(ENVIRONMENT, "HasShutdownStarted")
def _has_shutdown_started() -> bool:
    return False


@static_getter(ENVIRONMENT, "ExitCode")
def _exit_code() -> int:
    return 0


@static_getter(ENVIRONMENT, "Version")
def _version() -> Version:
    return Version(4, 0, 30319, 42000)


@static(ENVIRONMENT, "Exit")
def _exit(code: int) -> None:
    raise ExitFlow(code)


class OperatingSystem(NetObject):
    net_type_name = "System.OperatingSystem"

    def __init__(self, version: Version) -> None:
        self.version = version


@static_getter(ENVIRONMENT, "OSVersion")
def _os_version(*, session: Session) -> OperatingSystem:
    return OperatingSystem(Version(10, 0, build_number(session), 0))


OPERATING_SYSTEM = "System.OperatingSystem"


@getter(OPERATING_SYSTEM, "Version")
def _os_version_number(value: OperatingSystem) -> Version:
    return value.version


@getter(OPERATING_SYSTEM, "Platform")
def _platform(value: OperatingSystem) -> EnumValue:
    return enum_value(get_type("System.PlatformID"), 2)


@getter(OPERATING_SYSTEM, "ServicePack")
def _service_pack(value: OperatingSystem) -> str:
    return ""


@getter(OPERATING_SYSTEM, "VersionString")
@method(OPERATING_SYSTEM, "ToString")
def _version_string(value: OperatingSystem) -> str:
    parts = value.version
    return f"Microsoft Windows NT {parts.major}.{parts.minor}.{parts.build}.0"
