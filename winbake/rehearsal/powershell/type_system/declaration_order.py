"""The order in which some types declare their properties, which the reflection table (alphabetical) has lost.

It shows in Select-Object *, Format-List, ConvertTo-Csv and ConvertTo-Json. Source: .NET Framework's referencesource.
"""

from __future__ import annotations

from functools import cache

_ORDERS = """
System.TimeSpan:
  Ticks Days Hours Milliseconds Minutes Seconds TotalDays TotalHours TotalMilliseconds TotalMinutes
  TotalSeconds
System.DateTime:
  Date Day DayOfWeek DayOfYear Hour Kind Millisecond Minute Month Now UtcNow Second Ticks TimeOfDay
  Today Year
System.DateTimeOffset:
  DateTime UtcDateTime LocalDateTime Date Day DayOfWeek DayOfYear Hour Millisecond Minute Month Offset
  Second Ticks UtcTicks TimeOfDay Year
System.Version:
  Major Minor Build Revision MajorRevision MinorRevision
System.Uri:
  AbsolutePath AbsoluteUri LocalPath Authority HostNameType IsDefaultPort IsFile IsLoopback PathAndQuery
  Segments IsUnc Host Port Query Fragment Scheme OriginalString DnsSafeHost IdnHost IsAbsoluteUri
  UserEscaped UserInfo
System.IO.FileInfo:
  Name Length DirectoryName Directory IsReadOnly Exists
System.IO.DirectoryInfo:
  Name Parent Exists Root
System.IO.FileSystemInfo:
  FullName Extension CreationTime CreationTimeUtc LastAccessTime LastAccessTimeUtc LastWriteTime
  LastWriteTimeUtc Attributes
System.IO.DriveInfo:
  Name DriveType DriveFormat IsReady AvailableFreeSpace TotalFreeSpace TotalSize RootDirectory
  VolumeLabel
System.Collections.DictionaryEntry:
  Key Value
System.Collections.Generic.KeyValuePair`2:
  Key Value
System.Net.IPAddress:
  Address AddressFamily ScopeId IsIPv6Multicast IsIPv6LinkLocal IsIPv6SiteLocal IsIPv6Teredo
  IsIPv4MappedToIPv6
System.Net.IPEndPoint:
  AddressFamily Address Port
System.Exception:
  Message Data InnerException TargetSite StackTrace HelpLink Source HResult
System.Text.RegularExpressions.Match:
  Groups
System.Text.RegularExpressions.Group:
  Success Name Captures
System.Text.RegularExpressions.Capture:
  Index Length Value
System.Security.Principal.WindowsIdentity:
  AuthenticationType ImpersonationLevel IsAuthenticated IsGuest IsSystem IsAnonymous Name Owner User
  Groups Token AccessToken UserClaims DeviceClaims Claims Actor BootstrapContext Label NameClaimType
  RoleClaimType
System.ServiceProcess.ServiceController:
  CanPauseAndContinue CanShutdown CanStop DisplayName DependentServices MachineName ServiceName
  ServicesDependedOn ServiceHandle Status ServiceType StartType
"""
"""A type, then its own properties, first to last. What is not named stands behind, in the table's order."""


@cache
def _orders() -> dict[str, dict[str, int]]:
    """Type → lower-case property → place."""
    orders: dict[str, dict[str, int]] = {}
    places: dict[str, int] = {}
    for line in _ORDERS.strip().splitlines():
        if line.endswith(":"):
            places = orders.setdefault(line[:-1], {})
        else:
            for name in line.split():
                places[name.lower()] = len(places)
    return orders


def in_declared_order(type_name: str, names: list[str]) -> list[str]:
    """The names of one type's own properties, sorted as they are declared."""
    places = _orders().get(type_name)
    if places is None:
        return names
    return sorted(names, key=lambda name: places.get(name.lower(), len(places)))
