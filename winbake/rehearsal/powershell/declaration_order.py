"""The order in which some types declare their properties, which the reflection table (alphabetical) has lost.

It shows in Select-Object *, Format-List, ConvertTo-Csv and ConvertTo-Json. Sources: .NET Framework's referencesource.
"""

from __future__ import annotations

ORDERS: dict[str, tuple[str, ...]] = {
    "System.TimeSpan": tuple(
        [
            "Ticks",
            "Days",
            "Hours",
            "Milliseconds",
            "Minutes",
            "Seconds",
            "TotalDays",
            "TotalHours",
            "TotalMilliseconds",
            "TotalMinutes",
            "TotalSeconds",
        ]
    ),
    "System.DateTime": tuple(
        [
            "Date",
            "Day",
            "DayOfWeek",
            "DayOfYear",
            "Hour",
            "Kind",
            "Millisecond",
            "Minute",
            "Month",
            "Now",
            "UtcNow",
            "Second",
            "Ticks",
            "TimeOfDay",
            "Today",
            "Year",
        ]
    ),
    "System.DateTimeOffset": tuple(
        [
            "DateTime",
            "UtcDateTime",
            "LocalDateTime",
            "Date",
            "Day",
            "DayOfWeek",
            "DayOfYear",
            "Hour",
            "Millisecond",
            "Minute",
            "Month",
            "Offset",
            "Second",
            "Ticks",
            "UtcTicks",
            "TimeOfDay",
            "Year",
        ]
    ),
    "System.Version": ("Major", "Minor", "Build", "Revision", "MajorRevision", "MinorRevision"),
    "System.Uri": tuple(
        [
            "AbsolutePath",
            "AbsoluteUri",
            "LocalPath",
            "Authority",
            "HostNameType",
            "IsDefaultPort",
            "IsFile",
            "IsLoopback",
            "PathAndQuery",
            "Segments",
            "IsUnc",
            "Host",
            "Port",
            "Query",
            "Fragment",
            "Scheme",
            "OriginalString",
            "DnsSafeHost",
            "IdnHost",
            "IsAbsoluteUri",
            "UserEscaped",
            "UserInfo",
        ]
    ),
    "System.IO.FileInfo": ("Name", "Length", "DirectoryName", "Directory", "IsReadOnly", "Exists"),
    "System.IO.DirectoryInfo": ("Name", "Parent", "Exists", "Root"),
    "System.IO.FileSystemInfo": tuple(
        [
            "FullName",
            "Extension",
            "CreationTime",
            "CreationTimeUtc",
            "LastAccessTime",
            "LastAccessTimeUtc",
            "LastWriteTime",
            "LastWriteTimeUtc",
            "Attributes",
        ]
    ),
    "System.IO.DriveInfo": tuple(
        [
            "Name",
            "DriveType",
            "DriveFormat",
            "IsReady",
            "AvailableFreeSpace",
            "TotalFreeSpace",
            "TotalSize",
            "RootDirectory",
            "VolumeLabel",
        ]
    ),
    "System.Collections.DictionaryEntry": ("Key", "Value"),
    "System.Collections.Generic.KeyValuePair`2": ("Key", "Value"),
    "System.Net.IPAddress": tuple(
        [
            "Address",
            "AddressFamily",
            "ScopeId",
            "IsIPv6Multicast",
            "IsIPv6LinkLocal",
            "IsIPv6SiteLocal",
            "IsIPv6Teredo",
            "IsIPv4MappedToIPv6",
        ]
    ),
    "System.Net.IPEndPoint": ("AddressFamily", "Address", "Port"),
    "System.Exception": tuple(
        ["Message", "Data", "InnerException", "TargetSite", "StackTrace", "HelpLink", "Source", "HResult"]
    ),
    "System.Text.RegularExpressions.Match": ("Groups",),
    "System.Text.RegularExpressions.Group": ("Success", "Name", "Captures"),
    "System.Text.RegularExpressions.Capture": ("Index", "Length", "Value"),
    "System.Security.Principal.WindowsIdentity": tuple(
        [
            "AuthenticationType",
            "ImpersonationLevel",
            "IsAuthenticated",
            "IsGuest",
            "IsSystem",
            "IsAnonymous",
            "Name",
            "Owner",
            "User",
            "Groups",
            "Token",
            "AccessToken",
            "UserClaims",
            "DeviceClaims",
            "Claims",
            "Actor",
            "BootstrapContext",
            "Label",
            "NameClaimType",
            "RoleClaimType",
        ]
    ),
    "System.ServiceProcess.ServiceController": tuple(
        [
            "CanPauseAndContinue",
            "CanShutdown",
            "CanStop",
            "DisplayName",
            "DependentServices",
            "MachineName",
            "ServiceName",
            "ServicesDependedOn",
            "ServiceHandle",
            "Status",
            "ServiceType",
            "StartType",
        ]
    ),
}
"""Type → its own properties, first to last. What is not named stands behind, in the table's order."""


def in_declared_order(type_name: str, names: list[str]) -> list[str]:
    """The names of one type's own properties, sorted as they are declared."""
    order = ORDERS.get(type_name)
    if order is None:
        return names
    places = {name.lower(): place for place, name in enumerate(order)}
    return sorted(names, key=lambda name: places.get(name.lower(), len(places)))
