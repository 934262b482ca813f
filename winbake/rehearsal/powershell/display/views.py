"""The built-in views of Windows PowerShell 5.1: how objects of certain types are shown by default.

Headings, widths and properties are those of its format files (DotNetTypes, FileSystem, PowerShellCore, Registry
…). A type that is not here is shown by its properties.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from winbake.rehearsal.powershell import convert, formatting
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.display import network_views
from winbake.rehearsal.powershell.display.view import Column, Getter, Grouping, View, read


def _prop(session: Any, target: Any, name: str) -> Any:
    return v.unwrap(read(session, target, name))


def _table(types: str, *columns: Column, **options: Any) -> View:
    return View(tuple(types.split()), "table", columns, **options)


def _list(types: str, names: str, **options: Any) -> View:
    return View(tuple(types.split()), "list", tuple(Column(name) for name in names.split()), **options)


def _kilobytes(name: str) -> Getter:
    def read_kilobytes(session: Any, target: Any) -> Any:
        size = _prop(session, target, name)
        return None if size is None else v.Int64(round(size / 1024))

    return read_kilobytes


def _cpu(session: Any, target: Any) -> Any:
    seconds = _prop(session, target, "CPU")
    return None if seconds is None else formatting.format_value(seconds, "N")


def _written(session: Any, target: Any) -> str:
    when = _prop(session, target, "LastWriteTime")
    if when is None:
        return ""
    return f"{formatting.format_value(when, 'd'):>10}  {formatting.format_value(when, 't'):>8}"


def _command_name(session: Any, target: Any) -> Any:
    kind = objects.text(session, _prop(session, target, "CommandType"))
    return _prop(session, target, "DisplayName" if kind == "Alias" else "Name")


def _gigabytes(name: str) -> Getter:
    def read_gigabytes(session: Any, target: Any) -> Any:
        if not _prop(session, target, "Used") and not _prop(session, target, "Free"):
            return None
        return formatting.format_value(float(_prop(session, target, name) or 0) / 2**30, "###0.00")

    return read_gigabytes


def _drive_provider(session: Any, target: Any) -> Any:
    provider = read(session, target, "Provider")
    return None if provider is None else read(session, provider, "Name")


def _drive_root(session: Any, target: Any) -> Any:
    root = _prop(session, target, "DisplayRoot")
    return _prop(session, target, "Root") if root is None else root


def _match(session: Any, target: Any) -> str:
    from winbake.rehearsal.powershell import members

    where = session.location.path if hasattr(session.location, "path") else str(session.location)
    return str(members.invoke_method(session, target, "ToString", [where]))


def _help_page(session: Any, target: Any) -> str:
    from winbake.rehearsal.powershell.commands.help import page_lines
    from winbake.rehearsal.powershell.display.error_view import buffer_width

    return page_lines(objects.text(session, _prop(session, target, "Details")), buffer_width(session) - 1)


def _message(session: Any, target: Any) -> str:
    return convert.to_text(_prop(session, target, "Message"), session)


def _own_text(session: Any, target: Any) -> str:
    return objects.text(session, target)


def _feature_name(session: Any, target: Any) -> str:
    """`[X] Telnet Client`, a part further to the right than its whole."""
    mark = "X" if convert.to_bool(_prop(session, target, "Installed")) else " "
    depth = int(_prop(session, target, "Depth") or 1)
    return f"{'    ' * (depth - 1)}[{mark}] {_prop(session, target, 'DisplayName')}"


def _date(session: Any, target: Any) -> str:
    return convert.to_text(_prop(session, target, "DateTime"), session)


def _directory(path: str) -> list[str]:
    return [f"    Directory: {_without_provider(path)}", ""]


def _hive(path: str) -> list[str]:
    return [f"    Hive: {_without_provider(path)}", ""]


def _without_provider(path: str) -> str:
    return path.partition("::")[2] or path


def _registry_values(session: Any, target: Any) -> str:
    """`name : value` lines of a key's values, as a table without headings."""
    from winbake.rehearsal.powershell.display import lines_of_list

    names = [str(name) for name in convert.enumerate_items(_prop(session, target, "Property")) or ()]
    if not names:
        return ""
    from winbake.rehearsal.powershell import members

    fields = [
        (name or "(default)", members.invoke_method(session, target, "GetValue", [name])) for name in names
    ]
    return "\n".join(lines_of_list(session, fields, 120))


_SM = "System.Management.Automation"
_MPC = "Microsoft.PowerShell.Commands"
_FILES = "System.IO.DirectoryInfo System.IO.FileInfo"
_IN_FOLDER = Grouping("PSParentPath", "Directory", _directory)
_COMMANDS = " ".join(
    f"{_SM}.{kind}Info"
    for kind in ("Alias", "Application", "Cmdlet", "ExternalScript", "Filter", "Function", "Script", "Workflow")
)
_COUNT = Column("Count", "Count", 5, "right")

VIEWS: tuple[View, ...] = (
    # DotNetTypes
    _table(
        "System.Version", Column("Major", width=6), Column("Minor", width=6), Column("Build", width=6),
        Column("Revision", width=8),
    ),
    _table("System.Collections.DictionaryEntry", Column("Name", width=30), Column("Value")),
    _list("System.Collections.DictionaryEntry", "Name Value"),
    _table(
        "System.Diagnostics.Process",
        Column("HandleCount", "Handles", 7, "right"),
        Column(_kilobytes("NPM"), "NPM(K)", 7, "right"),
        Column(_kilobytes("PM"), "PM(K)", 8, "right"),
        Column(_kilobytes("WS"), "WS(K)", 10, "right"),
        Column(_cpu, "CPU(s)", 10, "right"),
        Column("Id", width=6, alignment="right"),
        Column("SI", width=3, alignment="right"),
        Column("ProcessName"),
    ),
    View(("System.Diagnostics.Process",), "wide", (Column("ProcessName"),)),
    _table(
        "System.ServiceProcess.ServiceController",
        Column("Status", width=8), Column("Name", width=18), Column("DisplayName", width=38),
    ),
    _list(
        "System.ServiceProcess.ServiceController",
        "Name DisplayName Status DependentServices ServicesDependedOn CanPauseAndContinue CanShutdown CanStop"
        " ServiceType",
    ),
    _list(
        "System.TimeSpan",
        "Days Hours Minutes Seconds Milliseconds Ticks TotalDays TotalHours TotalMinutes TotalSeconds"
        " TotalMilliseconds",
    ),
    _table("System.TimeSpan", *map(Column, ("Days", "Hours", "Minutes", "Seconds", "Milliseconds"))),
    View(("System.TimeSpan",), "wide", (Column("TotalMilliseconds"),)),
    View(("System.DateTime",), "custom", text=_date),
    _table("System.Guid", Column("Guid")),
    _table(
        "System.Globalization.CultureInfo",
        Column("LCID", width=16), Column("Name", width=16), Column("DisplayName"),
    ),
    _table(
        "System.Diagnostics.FileVersionInfo",
        Column("ProductVersion", width=16), Column("FileVersion", width=16), Column("FileName"),
    ),
    _list(
        "System.Diagnostics.FileVersionInfo",
        "OriginalFileName FileDescription ProductName Comments CompanyName FileName FileVersion ProductVersion"
        " IsDebug IsPatched IsPreRelease IsPrivateBuild IsSpecialBuild Language LegalCopyright LegalTrademarks"
        " PrivateBuild SpecialBuild FileVersionRaw ProductVersionRaw",
    ),
    _table(
        "System.Diagnostics.EventLogEntry",
        Column("Index", width=8, alignment="right"),
        Column("TimeGenerated", "Time", 13, format="{0:MMM} {0:dd} {0:HH}:{0:mm}"),
        Column("EntryType", width=11),
        Column("Source", width=20),
        Column("InstanceID", width=12, alignment="right"),
        Column("Message"),
    ),
    _table(
        "System.Reflection.Assembly",
        Column("GlobalAssemblyCache", "GAC", 6), Column("ImageRuntimeVersion", "Version", 14), Column("Location"),
    ),
    _table(
        "System.Security.AccessControl.FileSystemSecurity",
        Column(lambda s, t: _without_provider(str(_prop(s, t, "Path") or "")).rpartition("\\")[2], "Path"),
        Column("Owner"),
        Column("AccessToString", "Access"),
        grouping=_IN_FOLDER,
    ),
    _table(
        "System.Security.AccessControl.ObjectSecurity",
        Column("Path"), Column("Owner"), Column("AccessToString", "Access"),
    ),
    View(
        ("System.Security.AccessControl.ObjectSecurity",), "list",
        (
            Column("Path"), Column("Owner"), Column("Group"), Column("AccessToString", "Access"),
            Column("AuditToString", "Audit"), Column("Sddl"),
        ),
    ),
    _table(
        "Microsoft.Management.Infrastructure.CimInstance#root/cimv2/Win32_QuickFixEngineering"
        r" System.Management.ManagementObject#root\cimv2\Win32_QuickFixEngineering",
        Column(lambda s, t: _prop(s, t, "PSComputerName") or _prop(s, t, "CSName"), "Source", 13),
        Column("Description", width=16),
        Column("HotFixID", width=13),
        Column("InstalledBy", width=20),
        Column("InstalledOn", width=25),
    ),
    # FileSystem, Registry
    _table(
        _FILES,
        Column("Mode", width=7, alignment="left"),
        Column(_written, "LastWriteTime", 25, "right"),
        Column("Length", width=14, alignment="right"),
        Column("Name"),
        grouping=_IN_FOLDER, wrap=True, name="children",
    ),
    _list(
        "System.IO.FileInfo",
        "Name Length CreationTime LastWriteTime LastAccessTime Mode LinkType Target VersionInfo",
        grouping=_IN_FOLDER,
    ),
    _list(
        "System.IO.DirectoryInfo",
        "Name CreationTime LastWriteTime LastAccessTime Mode LinkType Target",
        grouping=_IN_FOLDER,
    ),
    View(("System.IO.FileInfo",), "wide", (Column("Name"),), _IN_FOLDER),
    View(("System.IO.DirectoryInfo",), "wide", (Column("Name", format="[{0}]"),), _IN_FOLDER),
    _table(
        f"{_MPC}.AlternateStreamData",
        Column("Stream", width=20, alignment="left"), Column("Length", width=10, alignment="right"),
        grouping=Grouping("Filename", "FileName"),
    ),
    _table(
        "Microsoft.Win32.RegistryKey",
        Column("PSChildName", "Name", 30), Column(_registry_values, "Property"),
        grouping=Grouping("PSParentPath", "Hive", _hive), wrap=True,
    ),
    # PowerShellCore
    _table(
        "System.RuntimeType",
        Column("IsPublic", width=8), Column("IsSerializable", "IsSerial", 8), Column("Name", width=40),
        Column("BaseType"),
    ),
    _table(
        f"{_MPC}.MemberDefinition",
        Column("Name"), Column("MemberType"), Column("Definition"),
        grouping=Grouping("TypeName", "TypeName"), autosize=True,
    ),
    _table(f"{_MPC}.GroupInfo", _COUNT, Column("Name", width=25), Column("Group")),
    _list(f"{_MPC}.GroupInfo", "Name Count Group Values"),
    _table(f"{_MPC}.GroupInfoNoElement", _COUNT, Column("Name", width=25)),
    _list(f"{_MPC}.GroupInfoNoElement", "Name Count Values"),
    _table(f"{_MPC}.HistoryInfo", Column("Id", width=4, alignment="right"), Column("CommandLine")),
    View((f"{_MPC}.MatchInfo",), "custom", text=_match),
    View(("ExtendedCmdletHelpInfo",), "custom", text=_help_page),
    _table("HelpInfoShort", Column("Name", width=33), Column("Category", width=9), Column("ModuleName", "Module", 25),
           Column("Synopsis")),
    _table(f"{_SM}.PSVariable", Column("Name", width=30), Column("Value")),
    _table(f"{_SM}.PathInfo", Column("Path")),
    _table(
        _COMMANDS,
        Column("CommandType", width=15), Column(_command_name, "Name", 50), Column("Version", width=10),
        Column("Source"),
    ),
    _list(f"{_SM}.AliasInfo", "DisplayName CommandType Definition ReferencedCommand ResolvedCommand"),
    _list(f"{_SM}.CmdletInfo", "Name CommandType Definition Path AssemblyInfo DLL HelpFile ParameterSets"
                               " ImplementingType Verb Noun"),
    _list(f"{_SM}.FunctionInfo {_SM}.FilterInfo", "Name CommandType Definition"),
    _list(f"{_SM}.ApplicationInfo", "Name CommandType Definition Extension Path FileVersionInfo"),
    _list(f"{_SM}.ExternalScriptInfo", "Name CommandType Definition Path"),
    _table(
        f"{_SM}.PSDriveInfo",
        Column("Name", width=10),
        Column(_gigabytes("Used"), "Used (GB)", 13, cell_alignment="right"),
        Column(_gigabytes("Free"), "Free (GB)", 13, cell_alignment="right"),
        Column(_drive_provider, "Provider", 13),
        Column(_drive_root, "Root", 35),
        Column("CurrentLocation", cell_alignment="right"),
    ),
    _list(f"{_SM}.PSDriveInfo", "Name Description Provider Root CurrentLocation"),
    _table(f"{_SM}.ProviderInfo", Column("Name", width=20), Column("Capabilities"), Column("Drives")),
    _table(
        f"{_SM}.Job",
        Column("Id", width=6), Column("Name", width=15), Column("PSJobTypeName", width=15),
        Column("State", width=13), Column("HasMoreData", width=15), Column("Location", width=20),
        Column("Command", width=25),
    ),
    _table(f"{_SM}.CallStackFrame", Column("Command"), Column("Arguments"), Column("Location")),
    _table(
        f"{_MPC}.ComputerChangeInfo",
        Column("HasSucceeded", width=12), Column("ComputerName", width=25),
    ),
    _table(
        f"{_MPC}.RenameComputerChangeInfo",
        Column("HasSucceeded", width=12), Column("OldComputerName", width=25), Column("NewComputerName", width=25),
    ),
    _table(
        f"{_SM}.PSModuleInfo",
        Column("ModuleType", width=10), Column("Version", width=10), Column("Name", width=35),
        Column(lambda s, t: _prop(s, _prop(s, t, "ExportedCommands"), "Keys"), "ExportedCommands"),
    ),
    _table(
        "Microsoft.Powershell.Utility.FileHash",
        Column("Algorithm", width=15), Column("Hash", width=70), Column("Path"),
    ),
    # Event
    _table(
        "System.Diagnostics.Eventing.Reader.EventLogRecord",
        Column("TimeCreated", width=26, alignment="left"),
        Column("Id", width=8, alignment="right"),
        Column("LevelDisplayName", width=16),
        Column("Message"),
        grouping=Grouping("ProviderName", "ProviderName"),
    ),
    # Certificate
    _table(
        "System.Security.Cryptography.X509Certificates.X509Certificate2",
        Column("Thumbprint", width=41), Column("Subject"),
        grouping=Grouping("PSParentPath", "PSParentPath"),
    ),
    _list(
        "System.Security.Cryptography.X509Certificates.X509Certificate2",
        "Subject Issuer Thumbprint FriendlyName NotBefore NotAfter Extensions",
    ),
    # ServerManager
    _table(
        "Microsoft.Windows.ServerManager.Commands.Feature",
        Column(_feature_name, "Display Name", 55),
        Column("Name", width=23),
        Column("InstallState", "Install State", 14, "right"),
    ),
    # LocalAccounts, NetSecurity
    _table(f"{_MPC}.LocalUser", Column("Name"), Column("Enabled"), Column("Description")),
    _table(f"{_MPC}.LocalGroup", Column("Name"), Column("Description")),
    _table(f"{_MPC}.LocalPrincipal", Column("ObjectClass"), Column("Name"), Column("PrincipalSource")),
    _list(
        "Microsoft.Management.Infrastructure.CimInstance#root/standardcimv2/MSFT_NetFirewallRule",
        "Name DisplayName Description DisplayGroup Group Enabled Profile Platform Direction Action EdgeTraversalPolicy"
        " LooseSourceMapping LocalOnlyMapping Owner PrimaryStatus Status EnforcementStatus PolicyStoreSource"
        " PolicyStoreSourceType",
    ),
    # out of band: texts that stand by themselves
    View((f"{_SM}.ScriptBlock",), "out of band", text=_own_text),
    View((f"{_SM}.WarningRecord", f"{_SM}.VerboseRecord", f"{_SM}.DebugRecord"), "out of band", text=_message),
    View((f"{_SM}.InformationRecord",), "out of band", text=_own_text),
    View(("System.Exception",), "out of band", text=_message),
)



@cache
def _by_type() -> dict[str, list[View]]:
    """The views above and those of CIM classes, which are plain tables of properties
    (`data/display-views.jsonl`), by type name in lower case."""
    text = (resources.files("winbake.rehearsal.powershell") / "data" / "display-views.jsonl").read_text("utf-8")
    found: dict[str, list[View]] = {}
    views = [*VIEWS, *network_views.VIEWS]
    for row in map(json.loads, text.splitlines()):
        views.append(View((row["type"],), row["shape"], tuple(Column(**column) for column in row["columns"])))
    for view in views:
        for name in view.types:
            found.setdefault(name.lower(), []).append(view)
    return found


def find_view(type_names: list[str], shape: str | None) -> View | None:
    """The view of the nearest type in the hierarchy; without a shape the first one that is defined for it."""
    for name in type_names:
        for view in _by_type().get(name.lower().removeprefix("deserialized."), ()):
            if view.shape != "out of band" and (shape is None or view.shape == shape):
                return view
    return None


def out_of_band_view(type_names: list[str]) -> View | None:
    for name in type_names:
        for view in _by_type().get(name.lower(), ()):
            if view.shape == "out of band":
                return view
    return None


def applies(view: View, type_names: list[str]) -> bool:
    wanted = {name.lower() for name in view.types}
    return any(name.lower().removeprefix("deserialized.") in wanted for name in type_names)
