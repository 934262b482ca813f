"""Server roles and features: names, states, and what installing or removing one asks for.

A small part of the real list; a name that is on no Windows Server is unknown, as there.
"""

from __future__ import annotations

from dataclasses import dataclass

from winbake.rehearsal.windows.failures import Win32Failure

AVAILABLE, INSTALLED, REMOVED = 0, 1, 5  # InstallState
INSTALL_PENDING, UNINSTALL_PENDING = 2, 3  # numbers assumed: no source gives them


@dataclass(eq=False)
class Feature:
    """One role or feature. `kind`: Role, Role Service or Feature."""

    name: str
    display_name: str
    kind: str = "Feature"
    parent: str = ""
    depth: int = 1
    state: int = AVAILABLE
    restart: bool = False
    depends_on: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        return self.state == INSTALLED


# name, display name, kind, parent, depth, installed on a fresh server, restart needed
_LIST: list[tuple[str, str, str, str, int, int, bool]] = [
    ("AD-Domain-Services", "Active Directory Domain Services", "Role", "", 1, 0, False),
    ("DHCP", "DHCP Server", "Role", "", 1, 0, False),
    ("DNS", "DNS Server", "Role", "", 1, 0, False),
    ("FileAndStorage-Services", "File and Storage Services", "Role", "", 1, 1, False),
    ("File-Services", "File and iSCSI Services", "Role Service", "FileAndStorage-Services", 2, 0, False),
    ("FS-FileServer", "File Server", "Role Service", "File-Services", 3, 0, False),
    ("Storage-Services", "Storage Services", "Role Service", "FileAndStorage-Services", 2, 1, False),
    ("Hyper-V", "Hyper-V", "Role", "", 1, 0, True),
    ("Web-Server", "Web Server (IIS)", "Role", "", 1, 0, False),
    ("Web-WebServer", "Web Server", "Role Service", "Web-Server", 2, 0, False),
    ("Web-Common-Http", "Common HTTP Features", "Role Service", "Web-WebServer", 3, 0, False),
    ("Web-Default-Doc", "Default Document", "Role Service", "Web-Common-Http", 4, 0, False),
    ("Web-Static-Content", "Static Content", "Role Service", "Web-Common-Http", 4, 0, False),
    ("Web-Mgmt-Tools", "Management Tools", "Role Service", "Web-Server", 2, 0, False),
    ("Web-Mgmt-Console", "IIS Management Console", "Role Service", "Web-Mgmt-Tools", 3, 0, False),
    ("NET-Framework-Features", ".NET Framework 3.5 Features", "Feature", "", 1, 0, False),
    (
        "NET-Framework-Core",
        ".NET Framework 3.5 (includes .NET 2.0 and 3.0)",
        "Feature",
        "NET-Framework-Features",
        2,
        5,
        False,
    ),
    ("NET-Framework-45-Features", ".NET Framework 4.8 Features", "Feature", "", 1, 1, False),
    ("NET-Framework-45-Core", ".NET Framework 4.8", "Feature", "NET-Framework-45-Features", 2, 1, False),
    ("BitLocker", "BitLocker Drive Encryption", "Feature", "", 1, 0, True),
    ("Failover-Clustering", "Failover Clustering", "Feature", "", 1, 0, True),
    ("Multipath-IO", "Multipath I/O", "Feature", "", 1, 0, True),
    ("RSAT", "Remote Server Administration Tools", "Feature", "", 1, 0, False),
    ("FS-SMB1", "SMB 1.0/CIFS File Sharing Support", "Feature", "", 1, 0, True),
    ("SNMP-Service", "SNMP Service", "Feature", "", 1, 0, False),
    ("Telnet-Client", "Telnet Client", "Feature", "", 1, 0, False),
    ("TFTP-Client", "TFTP Client", "Feature", "", 1, 0, False),
    ("Windows-Defender", "Windows Defender Antivirus", "Feature", "", 1, 1, True),
    ("PowerShellRoot", "Windows PowerShell", "Feature", "", 1, 1, False),
    ("PowerShell", "Windows PowerShell 5.1", "Feature", "PowerShellRoot", 2, 1, False),
    ("PowerShell-V2", "Windows PowerShell 2.0 Engine", "Feature", "PowerShellRoot", 2, 5, False),
    ("Microsoft-Windows-Subsystem-Linux", "Windows Subsystem for Linux", "Feature", "", 1, 0, True),
    ("Wireless-Networking", "Wireless LAN Service", "Feature", "", 1, 0, True),
    ("WoW64-Support", "WoW64 Support", "Feature", "", 1, 1, True),
    ("XPS-Viewer", "XPS Viewer", "Feature", "", 1, 1, False),
]


OPTIONAL_NAMES: dict[str, str] = {
    "IIS-WebServerRole": "Web-Server",
    "IIS-WebServer": "Web-WebServer",
    "IIS-CommonHttpFeatures": "Web-Common-Http",
    "IIS-DefaultDocument": "Web-Default-Doc",
    "IIS-StaticContent": "Web-Static-Content",
    "IIS-WebServerManagementTools": "Web-Mgmt-Tools",
    "IIS-ManagementConsole": "Web-Mgmt-Console",
    "Microsoft-Hyper-V": "Hyper-V",
    "Microsoft-Windows-Subsystem-Linux": "Microsoft-Windows-Subsystem-Linux",
    "NetFx3": "NET-Framework-Core",
    "SMB1Protocol": "FS-SMB1",
    "TelnetClient": "Telnet-Client",
    "TFTP": "TFTP-Client",
}
"""DISM's name → the server's name of the same feature. Assumed where they differ: no one source has the pairs."""


@dataclass(frozen=True)
class FeatureResult:
    """What an install or removal did: the features it changed; no change is ExitCode NoChangeNeeded."""

    changed: tuple[Feature, ...]
    restart_needed: bool


class Features:
    """Roles and features of one host."""

    def __init__(self) -> None:
        self._features = {
            row[0].lower(): Feature(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for row in _LIST
        }

    def all(self) -> list[Feature]:
        return list(self._features.values())

    def get(self, name: str) -> Feature | None:
        return self._features.get(name.lower())

    def children(self, name: str) -> list[Feature]:
        return [one for one in self._features.values() if one.parent.lower() == name.lower()]

    def optional(self, name: str) -> Feature | None:
        """A feature by DISM's name."""
        known = {one.lower(): server for one, server in OPTIONAL_NAMES.items()}
        return self.get(known[name.lower()]) if name.lower() in known else None

    def closed_above(self, feature: Feature) -> list[Feature]:
        """What it is a part of and is not installed."""
        return [one for one in self._above(feature) if one.state not in (INSTALLED, INSTALL_PENDING)]

    def install(self, names: list[str], all_below: bool = False) -> FeatureResult:
        """Install with parents (and all below). Raises Win32Failure 87 (unknown name), 0x800F081F as 2 when a removed
        payload has no source."""
        wanted: list[Feature] = []
        for name in names:
            feature = self._must(name)
            wanted += [*self._above(feature), feature, *(self._below(feature) if all_below else [])]
        for feature in wanted:
            if feature.state == REMOVED:
                raise Win32Failure(2, feature.name, "The source files could not be found.")
        changed = [feature for feature in dict.fromkeys(wanted) if feature.state in (AVAILABLE, UNINSTALL_PENDING)]
        for feature in changed:
            feature.state = INSTALL_PENDING if feature.restart else INSTALLED
        return FeatureResult(tuple(changed), any(feature.state == INSTALL_PENDING for feature in wanted))

    def remove(self, names: list[str]) -> FeatureResult:
        """Remove with all below. Raises Win32Failure 87."""
        wanted: list[Feature] = []
        for name in names:
            feature = self._must(name)
            wanted += [feature, *self._below(feature)]
        changed = [feature for feature in wanted if feature.state in (INSTALLED, INSTALL_PENDING)]
        for feature in changed:
            feature.state = UNINSTALL_PENDING if feature.restart else AVAILABLE
        return FeatureResult(tuple(changed), any(feature.state == UNINSTALL_PENDING for feature in wanted))

    def finish(self) -> bool:
        """What waited for a restart is done at boot. True when there was any."""
        ends = {INSTALL_PENDING: INSTALLED, UNINSTALL_PENDING: AVAILABLE}
        waiting = [feature for feature in self._features.values() if feature.state in ends]
        for feature in waiting:
            feature.state = ends[feature.state]
        return bool(waiting)

    def dump(self) -> dict[str, int]:
        return {feature.name: feature.state for feature in self._features.values()}

    def load(self, states: dict[str, int]) -> None:
        for name, state in states.items():
            self._must(name).state = state

    def _must(self, name: str) -> Feature:
        feature = self.get(name)
        if feature is None:
            raise Win32Failure(87, name)
        return feature

    def _above(self, feature: Feature) -> list[Feature]:
        parent = self.get(feature.parent) if feature.parent else None
        return [*self._above(parent), parent] if parent else []

    def _below(self, feature: Feature) -> list[Feature]:
        below: list[Feature] = []
        for child in self.children(feature.name):
            below += [child, *self._below(child)]
        return below
